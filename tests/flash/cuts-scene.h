/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cuts-stage.h"

G_BEGIN_DECLS

/* One plan on one camera, and what becomes of both when the power goes on the way. One thread. */

/* What was counted for one plan on one model. */
typedef struct {
  guint n_steps;
  guint n_messages;
  guint n_cuts;
  guint n_booted;
  guint n_none;
  guint n_old;
  guint n_new;
  guint n_dangerous;
  guint first_dangerous; /* steps */
  guint last_dangerous;
  guint64 danger_ns; /* from the first to the end of the last of them, by the datasheet */
  guint64 total_ns;
} CutsCount;

typedef struct _CutsScene CutsScene;

/* Runs the plan once, undisturbed, and remembers its steps. */
CutsScene *
cuts_scene_new (const CutsPlan *plan, const CutsModel *model);
void
cuts_scene_free (CutsScene *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CutsScene, cuts_scene_free)

guint
cuts_scene_get_n_steps (const CutsScene *self);
guint
cuts_scene_get_n_messages (const CutsScene *self);
/* The steps during which the plan may be dangerous; FALSE: none. */
gboolean
cuts_scene_get_window (const CutsScene *self, guint *first, guint *last);

/* From the beginning: cuts the power in step @step, looks what is left, and flashes once more.
 * Whatever is not as it must be ends the program. */
void
cuts_scene_cut_step (CutsScene *self, guint step, guint32 seed);
/* The same instead of delivering the message @message. */
void
cuts_scene_cut_message (CutsScene *self, guint message);

/* Returns: (transfer none). */
const CutsCount *
cuts_scene_get_count (CutsScene *self);

G_END_DECLS
