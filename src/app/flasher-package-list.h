/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Lines of plain text under a heading with their number; scrolls by itself when there are many, and
 * then only what is seen exists. Hidden while it has none. Main thread. */
#define FLASHER_TYPE_PACKAGE_LIST (flasher_package_list_get_type ())
G_DECLARE_FINAL_TYPE (FlasherPackageList, flasher_package_list, FLASHER, PACKAGE_LIST, GtkWidget)

/* @title: translated; assistive technology calls the list so, too. */
GtkWidget *
flasher_package_list_new (const char *title);
/* @lines: (transfer full): GtkStringList. */
void
flasher_package_list_take_lines (FlasherPackageList *self, GtkStringList *lines);
guint
flasher_package_list_get_n_lines (FlasherPackageList *self);

G_END_DECLS
