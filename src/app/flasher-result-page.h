/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "oak-flash-job.h"

G_BEGIN_DECLS

/* How a job ended. "Not confirmed" is a third kind, not a success; "stopped" is none of a failure.
 */
typedef enum {
  FLASHER_ENDING_SUCCESS,
  FLASHER_ENDING_NOT_CONFIRMED,
  FLASHER_ENDING_STOPPED,
  FLASHER_ENDING_FAILURE,
} FlasherEnding;

/**
 * FlasherResultPage:
 *
 * The end of a job: what proves it, or what went wrong in four parts, and what can be done next.
 * Signals: "try-again", "show-device", "flash-another", "save-log". Main thread.
 */
#define FLASHER_TYPE_RESULT_PAGE (flasher_result_page_get_type ())
G_DECLARE_FINAL_TYPE (FlasherResultPage, flasher_result_page, FLASHER, RESULT_PAGE, GtkWidget)

/* @operation: OakOperation; @name: the camera in words. */
void
flasher_result_page_show_result (FlasherResultPage *self,
                                 int operation,
                                 const OakFlashResult *result,
                                 const char *name);
/* @remains: OakRemains; @written: whether a write request was sent. */
void
flasher_result_page_show_error (FlasherResultPage *self,
                                int operation,
                                const GError *error,
                                int remains,
                                gboolean written,
                                const char *name);

FlasherEnding
flasher_result_page_get_ending (FlasherResultPage *self);
const char *
flasher_result_page_get_title (FlasherResultPage *self);
/* Returns: (transfer full): all that is said, as plain text. */
char *
flasher_result_page_to_text (FlasherResultPage *self);
GtkWidget *
flasher_result_page_get_again_button (FlasherResultPage *self);

G_END_DECLS
