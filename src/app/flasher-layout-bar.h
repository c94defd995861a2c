/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _OakAppPackage OakAppPackage;

/* The parts of a package to scale, as a coloured bar. Its look is decided by style.css; the same
 * facts stand beside it in words, so it is hidden from assistive technology. Main thread. */
#define FLASHER_TYPE_LAYOUT_BAR (flasher_layout_bar_get_type ())
G_DECLARE_FINAL_TYPE (FlasherLayoutBar, flasher_layout_bar, FLASHER, LAYOUT_BAR, GtkWidget)

/* @package: (nullable): parts that are not inside the file are left out. @room: bytes the camera
 * has for an application, so that the free rest is drawn, too; 0: not known. */
void
flasher_layout_bar_set_package (FlasherLayoutBar *self, OakAppPackage *package, guint64 room);
/* Puts the same facts into @legend, as words beside the colours. */
void
flasher_layout_legend_fill (GtkFlowBox *legend, OakAppPackage *package, guint64 room);

/* What a section of a package is called: "Firmware". Returns: (transfer full): escaped when it is
 * not a known one. */
char *
flasher_section_name (const char *name);
/* Returns: (transfer none): the CSS class of a section. */
const char *
flasher_section_class (const char *name);

G_END_DECLS
