/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _OakFlashJob OakFlashJob;

/* A running job: phases, bar, figures, what Cancel means now and the button for it, and whether the
 * camera may lose power. Follows its job's properties. Main thread. */
#define FLASHER_TYPE_PROGRESS_PAGE (flasher_progress_page_get_type ())
G_DECLARE_FINAL_TYPE (FlasherProgressPage, flasher_progress_page, FLASHER, PROGRESS_PAGE, GtkWidget)

/* @job: (nullable): NULL lets go of it; @name: the camera in words. */
void
flasher_progress_page_set_job (FlasherProgressPage *self, OakFlashJob *job, const char *name);

G_END_DECLS
