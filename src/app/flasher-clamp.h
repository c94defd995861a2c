/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * FlasherClamp:
 *
 * Holds one child and keeps it readable at every window width: never wider than "maximum-width",
 * centred when there is more room. It tells with "narrow" when it was given less than
 * "narrow-below", so that rows can turn into columns. With "minimum-width" it agrees to be narrower
 * than its child and clips it for the one frame until the child was rearranged. All widths are
 * pixels, 0 switches a rule off. Main thread.
 */
#define FLASHER_TYPE_CLAMP (flasher_clamp_get_type ())
G_DECLARE_FINAL_TYPE (FlasherClamp, flasher_clamp, FLASHER, CLAMP, GtkWidget)

GtkWidget *
flasher_clamp_get_child (FlasherClamp *self); /* (transfer none) (nullable) */
void
flasher_clamp_set_child (FlasherClamp *self, GtkWidget *child);
gboolean
flasher_clamp_get_narrow (FlasherClamp *self);

/* For bindings in .ui files: a row where there is room, a column where there is not. */
GtkOrientation
flasher_clamp_get_orientation (gpointer unused, gboolean narrow);

G_END_DECLS
