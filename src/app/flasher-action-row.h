/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* One thing that can be done, in a card: what it is, what it does, and the button for it; when it
 * cannot be done now, the reason stands in place of the description and the button is insensitive.
 * Turns into a column when "narrow". Properties: "title", "description", "button-label" (with
 * mnemonic), "action-name", "destructive", "narrow". Main thread. */
#define FLASHER_TYPE_ACTION_ROW (flasher_action_row_get_type ())
G_DECLARE_FINAL_TYPE (FlasherActionRow, flasher_action_row, FLASHER, ACTION_ROW, GtkWidget)

/* @reason: (nullable): why it cannot be done now; NULL when it can. */
void
flasher_action_row_set_reason (FlasherActionRow *self, const char *reason);
/* Returns: (transfer none): what stands beside the button now. */
const char *
flasher_action_row_get_text (FlasherActionRow *self);
GtkWidget *
flasher_action_row_get_button (FlasherActionRow *self);

G_END_DECLS
