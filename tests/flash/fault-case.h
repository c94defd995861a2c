/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cuts-stage.h"
#include "fault-relay.h"

G_BEGIN_DECLS

/* One operation on one camera, with one thing going wrong: it has to end, in time, with the truth,
 * and the next try has to succeed. One thread, and one that watches it. */

/* What was counted for one operation. */
typedef struct {
  guint n_cases;
  guint n_done;        /* as if nothing had been */
  guint n_unconfirmed; /* it says that proof is missing */
  guint n_failed;
  guint n_stopped;      /* a person would not wait any longer for a silent camera */
  guint n_power_cycles; /* the camera had to be switched off and on, as it had been told */
  guint n_at_risk;      /* its bootloader is incomplete, as it had been told */
  guint n_missed;       /* what was to be spoiled did not come by */
  gint64 longest_us;
} FaultCount;

typedef struct {
  CutsStage stage;
  FaultRelay relay;
  GArray *points;   /* (owned) of FaultPoint: of the undisturbed run */
  OakOutcome usual; /* its outcome */
  char *name;       /* (owned): of the case under way */
  FaultCount count;
} FaultScene;

void
fault_scene_init (FaultScene *self, const CutsPlan *plan, const CutsModel *model);
void
fault_scene_clear (FaultScene *self);

/* Whatever is not as it must be ends the program. */
void
fault_scene_spoil (FaultScene *self, const FaultPoint *point, FaultKind kind);
/* The same with a fault of the simulator's own, sim_faults_add (). */
void
fault_scene_misbehave (FaultScene *self, const char *fault);
/* Another camera answers between the confirmation and the first write. */
void
fault_scene_swap (FaultScene *self);

/* Everything that was written is undone when the camera is told to restart: it starts as it was
 * before. */
void
fault_scene_undo (FaultScene *self);

G_END_DECLS
