/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakDeviceInfo OakDeviceInfo;
typedef struct _OakFlashJob OakFlashJob;
typedef struct _OakFlashPlan OakFlashPlan;
typedef struct _OakFlashWish OakFlashWish;

/**
 * FlasherConfirmDialog:
 *
 * The way from a wish to an agreed plan: asks before a running application is stopped, and of which
 * type a camera is that cannot say it, connects and reads the camera (the job's first half), shows
 * the plan with its effects, warnings and steps, and waits for the decision. Cancel is the default
 * and what Escape means; a plan that reaches below the application needs the camera's id typed. It
 * never writes anything. Main thread.
 *
 * Signals: "job-created" (OakFlashJob) before a job begins, so that its log can be followed;
 * "prepared" when the camera was read (a wish that only looks ends there by itself); "confirmed"
 * when the plan was agreed to; "failed" (GError) when no plan could be made; "dismissed" when it
 * ended without a decision for the plan, after the camera was told to restart. The last three come
 * once, and the dialog then closes.
 */
#define FLASHER_TYPE_CONFIRM_DIALOG (flasher_confirm_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FlasherConfirmDialog,
                      flasher_confirm_dialog,
                      FLASHER,
                      CONFIRM_DIALOG,
                      GtkWindow)

/* @name: the camera in words; @short_id: (nullable): the id as the list shows it; @info: whom to
 * ask; @wish is copied. Shows nothing yet. */
FlasherConfirmDialog *
flasher_confirm_dialog_new (GtkWindow *parent,
                            const char *name,
                            const char *short_id,
                            OakDeviceInfo *info,
                            const OakFlashWish *wish,
                            OakNetworkScope scope);
/* Presents itself and begins; asks for consent first when @running: an application runs on the
 * camera. */
void
flasher_confirm_dialog_begin (FlasherConfirmDialog *self, gboolean running);
/* Shows @plan for the camera @mxid, as after the first half. */
void
flasher_confirm_dialog_show_plan (FlasherConfirmDialog *self, OakFlashPlan *plan, const char *mxid);
/* Returns: (transfer none) (nullable): the job, once it exists. It changes when a question is
 * answered. */
OakFlashJob *
flasher_confirm_dialog_get_job (FlasherConfirmDialog *self);

G_END_DECLS
