/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _OakAppContents OakAppContents;

/* Replaces what is in @box by an expander for each script in @contents (nullable), in which its
 * text can be read but not changed. A text is brought in when it is first looked at. Main thread.
 *
 * Returns: the number of scripts. */
guint
flasher_package_scripts_fill (GtkBox *box, OakAppContents *contents);

G_END_DECLS
