/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "device-support.h"

#include <glib/gstdio.h>

#include "network-guard.h"
#include "oak-device-info.h"
#include "test-support.h"

static char *runtime_folder;

static void
keep_line (OakReport *report, OakLogLevel level, const char *text)
{
  TestReport *self = (TestReport *) report;

  g_mutex_lock (&self->lock);
  g_string_append_printf (self->lines, "%s: %s\n", oak_log_level_to_string (level), text);
  if (level == OAK_LOG_LEVEL_WARNING)
    self->n_warnings++;
  g_mutex_unlock (&self->lock);
}

static void
ignore_progress (OakReport *report, const OakProgress *progress)
{
}

void
test_report_init (TestReport *self)
{
  self->report = (OakReport){ .progress = ignore_progress, .log = keep_line };
  g_mutex_init (&self->lock);
  self->lines = g_string_new (NULL);
  self->n_warnings = 0;
}

void
test_report_clear (TestReport *self)
{
  g_test_message ("%s", self->lines->str);
  g_string_free (self->lines, TRUE);
  g_mutex_clear (&self->lock);
}

guint
test_report_get_n_warnings (TestReport *self)
{
  guint n_warnings;

  g_mutex_lock (&self->lock);
  n_warnings = self->n_warnings;
  g_mutex_unlock (&self->lock);
  return n_warnings;
}

void
test_timeouts_init_long (OakTimeouts *self)
{
  oak_timeouts_init (self);
  oak_timeouts_scale (self, 4 * test_slowdown ());
}

void
test_timeouts_init_short (OakTimeouts *self)
{
  oak_timeouts_init (self);
  self->discovery_answer_ms = 300;
  self->connect_ms = 500;
  self->ping_ms = 500;
  self->open_stream_ms = 500;
  self->query_ms = 500;
  self->packet_ms = 500;
  self->progress_silence_ms = 500;
  self->reboot_ms = 1500;
  self->reset_ms = 500;
  oak_timeouts_scale (self, test_slowdown ());
}

OakConnector *
test_connector_new (const char *mxid,
                    const char *address,
                    const OakTimeouts *timeouts,
                    TestReport *report)
{
  g_autoptr (OakDeviceInfo) info =
      oak_device_info_new_network (mxid, address, OAK_DEVICE_STATE_UNKNOWN);

  return oak_connector_new (info, OAK_NETWORK_SCOPE_LOOPBACK, timeouts, &report->report);
}

void
test_device_main_begin (void)
{
  network_guard_check ();
  runtime_folder = g_dir_make_tmp ("oak-device-XXXXXX", NULL);
  g_assert_nonnull (runtime_folder);
  g_setenv ("XDG_RUNTIME_DIR", runtime_folder, TRUE);
}

void
test_device_main_end (void)
{
  g_autofree char *apps = g_build_filename (runtime_folder, "app", NULL);
  g_autofree char *locks = g_build_filename (apps, "io.github.oakflasher.OakFlasher", NULL);
  g_autoptr (GDir) dir = g_dir_open (locks, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (locks, name, NULL);

    g_unlink (path);
  }
  g_rmdir (locks);
  g_rmdir (apps);
  g_rmdir (runtime_folder);
  g_clear_pointer (&runtime_folder, g_free);
}
