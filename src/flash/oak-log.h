/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-report.h"

G_BEGIN_DECLS

/* One line of a log; immutable. */
#define OAK_TYPE_LOG_ENTRY (oak_log_entry_get_type ())
G_DECLARE_FINAL_TYPE (OakLogEntry, oak_log_entry, OAK, LOG_ENTRY, GObject)

OakLogLevel
oak_log_entry_get_level (OakLogEntry *self);
gint64
oak_log_entry_get_time_us (OakLogEntry *self); /* wall clock, microseconds since 1970 */
const char *
oak_log_entry_get_text (OakLogEntry *self);
/* Returns: (transfer full): "14:02:31.250  warning  text" in local time. */
char *
oak_log_entry_format (OakLogEntry *self);

/**
 * OakLog:
 *
 * A growing GListModel of OakLogEntry; one items-changed a batch. The same model for window and
 * terminal. Main thread only. Keeps the newest 10000 lines.
 */
#define OAK_TYPE_LOG (oak_log_get_type ())
G_DECLARE_FINAL_TYPE (OakLog, oak_log, OAK, LOG, GObject)

OakLog *
oak_log_new (void);
void
oak_log_append (OakLog *self, OakLogLevel level, const char *text);
void
oak_log_append_entries (OakLog *self, GPtrArray *entries);
guint
oak_log_count_level (OakLog *self, OakLogLevel level);
/* Returns: (transfer full): all lines, each with a line feed. */
char *
oak_log_to_text (OakLog *self);

G_END_DECLS
