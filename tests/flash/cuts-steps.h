/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cuts-scene.h"

G_BEGIN_DECLS

/* What a plan did to a camera's chips, step by step. Pure functions. */

typedef struct {
  OakMemory memory;
  SimFlashStepKind kind;
  gsize offset;
  gsize size;
  guint64 start_ns; /* on the NOR's own clock */
} CutsStep;

/* Where an application lies, and the bootloader's image below it. */
typedef struct {
  const GArray *steps; /* (unowned) of CutsStep */
  OakMemory memory;
  guint32 application;
  guint32 image_end; /* of the factory bootloader's new image */
} CutsTrack;

/* Returns: FALSE when there is no such time; else the first and the last step during which a plan
 * of that danger may leave a camera that needs help. */
gboolean
cuts_track_get_window (const CutsTrack *self, CutsDanger danger, guint *first, guint *last);
/* No step goes beyond [@from, @to). */
gboolean
cuts_track_is_inside (const CutsTrack *self, gsize from, gsize to);
/* Every step of @run is that of @self at the same place. */
gboolean
cuts_track_begins_with (const CutsTrack *self, const GArray *run);
/* From the beginning of step @first to the end of step @last; @end_ns: that of all. */
guint64
cuts_track_get_time_ns (const CutsTrack *self, guint first, guint last, guint64 end_ns);

G_END_DECLS
