/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _OakFlashPlan OakFlashPlan;

/* Puts @plan into words: its title, what it does, what is risky about it, and its steps. Replaces
 * what the boxes had; @warnings is hidden when there are none. Main thread. */
void
flasher_plan_lists_fill (const OakFlashPlan *plan,
                         GtkLabel *title,
                         GtkBox *effects,
                         GtkBox *warnings,
                         GtkBox *steps);

G_END_DECLS
