/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-support.h"

#include <string.h>

/* Helpers of the session tests; the test's thread, unless said otherwise. */

static LogCounter *
log_counter_from_report (OakReport *report)
{
  return (LogCounter *) (gpointer) ((char *) report - G_STRUCT_OFFSET (LogCounter, report));
}

/* Any thread. */
static void
log_counter_log (OakReport *report, OakLogLevel level, const char *text)
{
  LogCounter *self = log_counter_from_report (report);

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->lines, g_strdup_printf ("%s: %s", oak_log_level_to_string (level), text));
  g_mutex_unlock (&self->lock);
}

void
log_counter_init (LogCounter *self)
{
  *self = (LogCounter){ .report = { .log = log_counter_log } };
  g_mutex_init (&self->lock);
  self->lines = g_ptr_array_new_with_free_func (g_free);
}

void
log_counter_clear (LogCounter *self)
{
  g_ptr_array_unref (self->lines);
  g_mutex_clear (&self->lock);
}

guint
log_counter_count (LogCounter *self, const char *prefix, const char *word)
{
  guint count = 0;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->lines->len; i++) {
    const char *line = g_ptr_array_index (self->lines, i);

    count += g_str_has_prefix (line, prefix) && strstr (line, word) != NULL;
  }
  g_mutex_unlock (&self->lock);
  return count;
}

void
patient_timeouts_init (OakTimeouts *timeouts)
{
  oak_timeouts_init (timeouts);
  timeouts->ping_ms = timeouts->open_stream_ms = timeouts->reset_ms =
      (guint) (LONG_MS * test_slowdown ());
}

void
conversation_start_full (Conversation *self,
                         FakeDeviceScript script,
                         gpointer user_data,
                         const OakTimeouts *timeouts,
                         OakReport *report)
{
  g_autoptr (GError) error = NULL;

  self->device = fake_device_start (script, user_data);
  self->session =
      oak_xlink_session_open (fake_device_get_link (self->device), timeouts, report, NULL, &error);
  g_assert_no_error (error);
  self->stream = oak_xlink_session_open_stream (self->session, "s", STREAM_SIZE, NULL, &error);
  g_assert_no_error (error);
}

void
conversation_start (Conversation *self, FakeDeviceScript script, gpointer user_data)
{
  OakTimeouts timeouts;

  patient_timeouts_init (&timeouts);
  conversation_start_full (self, script, user_data, &timeouts, NULL);
}

void
conversation_finish (Conversation *self)
{
  g_clear_pointer (&self->session, oak_xlink_session_free);
  g_clear_pointer (&self->device, fake_device_finish);
}

void
accept_session (FakeDevice *device)
{
  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_PING_REQ);
  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ);
}

GBytes *
make_packet (gsize size, guint seed)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (seed * 89 + i * 13 + i / 256);

  return g_bytes_new_take (bytes, size);
}

void
write_packet (OakXlinkStream *stream, gsize size, guint seed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packet = make_packet (size, seed);

  oak_xlink_stream_write (stream, packet, test_deadline (LONG_MS), NULL, &error);
  g_assert_no_error (error);
}

void
read_packet (OakXlinkStream *stream, gsize size, guint seed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) expected = make_packet (size, seed);
  g_autoptr (GBytes) packet = oak_xlink_stream_read (stream, test_deadline (LONG_MS), NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (packet), ==, size);
  g_assert_true (g_bytes_equal (packet, expected));
}

void
read_error (OakXlinkStream *stream, OakError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_xlink_stream_read (stream, test_deadline (LONG_MS), NULL, &error));
  g_assert_error (error, OAK_ERROR, (gint) code);
}
