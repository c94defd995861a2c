/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "oak-report.h"

G_BEGIN_DECLS

typedef struct _OakFlashPlan OakFlashPlan;

typedef enum {
  FLASHER_MARK_PENDING,
  FLASHER_MARK_ACTIVE,
  FLASHER_MARK_DONE,
} FlasherMark;

/* The phases a plan goes through, each with a mark and a word: a row where there is room, a column
 * when "narrow". Main thread. */
#define FLASHER_TYPE_PHASES (flasher_phases_get_type ())
G_DECLARE_FINAL_TYPE (FlasherPhases, flasher_phases, FLASHER, PHASES, GtkBox)

void
flasher_phases_set_plan (FlasherPhases *self, OakFlashPlan *plan);
/* @step: index of the plan's running step; -1 before the first. */
void
flasher_phases_update (FlasherPhases *self, OakStage stage, int step);
/* Returns: PENDING also for a stage the plan does not have. */
FlasherMark
flasher_phases_get_mark (FlasherPhases *self, OakStage stage);

/* The stages of @plan in the order in which they first occur, Connect first. @stages holds
 * OAK_STAGE_N. @last_step: (nullable): the last step of the plan that belongs to each stage,
 * indexed by stage. Returns: how many. Pure. */
guint
flasher_phases_list_stages (const OakFlashPlan *plan, OakStage *stages, int *last_step);

G_END_DECLS
