/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _OakLog OakLog;

/**
 * FlasherLogView:
 *
 * What happened, line by line, at the bottom of the window: folded to one row that counts warnings
 * and errors, or unfolded with all lines as read-only text. Copies and saves. Actions "log.toggle",
 * "log.copy", "log.save". Main thread.
 */
#define FLASHER_TYPE_LOG_VIEW (flasher_log_view_get_type ())
G_DECLARE_FINAL_TYPE (FlasherLogView, flasher_log_view, FLASHER, LOG_VIEW, GtkWidget)

/* Once only; the view keeps a reference. */
void
flasher_log_view_set_log (FlasherLogView *self, OakLog *log);
void
flasher_log_view_toggle (FlasherLogView *self);
void
flasher_log_view_save (FlasherLogView *self);
/* Returns: (transfer none): "Log (2 warnings)". */
const char *
flasher_log_view_get_title (FlasherLogView *self);

G_END_DECLS
