/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-report.h"

static const char *const stage_names[] = {
  [OAK_STAGE_CONNECTING] = "connecting",   [OAK_STAGE_BOOTING] = "booting",
  [OAK_STAGE_COMPARING] = "comparing",     [OAK_STAGE_SENDING] = "sending",
  [OAK_STAGE_WRITING] = "writing",         [OAK_STAGE_VERIFYING] = "verifying",
  [OAK_STAGE_CONFIGURING] = "configuring", [OAK_STAGE_RESTARTING] = "restarting",
  [OAK_STAGE_CHECKING] = "checking",
};

G_STATIC_ASSERT (G_N_ELEMENTS (stage_names) == OAK_STAGE_N);

void
oak_report_progress (OakReport *self, const OakProgress *progress)
{
  if (self != NULL && self->progress != NULL)
    self->progress (self, progress);
}

void
oak_report_log (OakReport *self, OakLogLevel level, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (self == NULL || self->log == NULL)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  self->log (self, level, text);
}

const char *
oak_stage_to_string (OakStage stage)
{
  if ((guint) stage >= G_N_ELEMENTS (stage_names))
    return "unknown";
  return stage_names[stage];
}

const char *
oak_log_level_to_string (OakLogLevel level)
{
  switch (level) {
  case OAK_LOG_LEVEL_DEBUG:
    return "debug";
  case OAK_LOG_LEVEL_INFO:
    return "info";
  case OAK_LOG_LEVEL_WARNING:
    return "warning";
  case OAK_LOG_LEVEL_ERROR:
    return "error";
  default:
    return "unknown";
  }
}
