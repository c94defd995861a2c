/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The packages that were used lately, as the desktop remembers them for this program. Main thread.
 */

/* Remembers @file, which was opened and is an undamaged package. */
void
flasher_recent_add (GFile *file);
/* Returns: (transfer full): the newest first, at most ten, only files on this computer that exist.
 * Each activates "win.open-recent" with its URI. */
GMenuModel *
flasher_recent_make_menu (void);
/* Makes @button show that menu, made anew each time it opens; it is hidden while there is none. */
void
flasher_recent_watch (GtkMenuButton *button);

G_END_DECLS
