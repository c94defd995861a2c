/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* One fact in a card: its name, its value as selectable plain text, and room for a button
 * ("suffix"). Turns into a column when "narrow". Properties: "title", "value", "suffix"
 * (GtkWidget), "monospace", "narrow". Main thread. */
#define FLASHER_TYPE_PROPERTY_ROW (flasher_property_row_get_type ())
G_DECLARE_FINAL_TYPE (FlasherPropertyRow, flasher_property_row, FLASHER, PROPERTY_ROW, GtkWidget)

void
flasher_property_row_set_value (FlasherPropertyRow *self, const char *value);

G_END_DECLS
