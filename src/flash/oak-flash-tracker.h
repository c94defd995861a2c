/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-flash-plan.h"
#include "oak-outbox.h"

G_BEGIN_DECLS

/**
 * OakFlashTracker:
 *
 * Turns what the steps of a plan say of themselves into one progress of the whole job: fractions
 * never fall, stages follow each other in the order people see them, and no more than ten pieces of
 * news a second are sent, but a new stage at once. Also the report that the layers below get: their
 * log lines pass, and only the plan knows how far the whole is. A plain struct inside the worker's
 * state; any thread may call it while the worker waits for that thread.
 */
typedef struct {
  OakReport report;   /* first member */
  OakOutbox *outbox;  /* (owned) */
  OakFlashPlan *plan; /* (owned) (nullable): before there is one */
  GMutex mutex;       /* guards what follows */
  guint step;
  OakStage highest_stage;
  double step_start; /* share of the whole that lies before this step */
  double step_weight;
  guint64 bytes_before; /* done in this stage before this step */
  gboolean counts_bytes;
  OakProgress progress;
  gint64 posted_us;
} OakFlashTracker;

void
oak_flash_tracker_init (OakFlashTracker *self, OakOutbox *outbox);
void
oak_flash_tracker_clear (OakFlashTracker *self);
/* Before the plan runs. */
void
oak_flash_tracker_set_plan (OakFlashTracker *self, OakFlashPlan *plan);

/* A stage that belongs to no step of the plan. */
void
oak_flash_tracker_enter_stage (OakFlashTracker *self, OakStage stage);
/* The stage is that of the step, or the one before when people have passed it already. */
void
oak_flash_tracker_enter_step (OakFlashTracker *self, guint index);
/* The step is tried once more: stages may go back. */
void
oak_flash_tracker_start_over (OakFlashTracker *self, guint index);
/* @sent, @confirmed and @total as in OakTransferFunc, of the current step. */
void
oak_flash_tracker_set_transfer (OakFlashTracker *self,
                                guint64 sent,
                                guint64 confirmed,
                                guint64 total);
/* @left_ms of a wait of @total_ms. */
void
oak_flash_tracker_set_wait (OakFlashTracker *self, int left_ms, guint total_ms);
void
oak_flash_tracker_leave_step (OakFlashTracker *self);

G_END_DECLS
