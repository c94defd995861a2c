/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuts-steps.h"

#define TABLE_SIZE 512
#define HEAD_SIZE  (256 * 1024)

static const CutsStep *
get_step (const GArray *steps, guint index)
{
  return &g_array_index (steps, CutsStep, index);
}

/* Returns: whether something of [@from, @to) is changed; erasing changes whole blocks. */
static gboolean
touches (const CutsStep *step, OakMemory memory, gsize from, gsize to)
{
  return step->memory == memory && step->offset < to && step->offset + step->size > from;
}

/* The last erasure of the block where the application begins; in an eMMC its last overwriting. */
static guint
find_last_beginning (const CutsTrack *self)
{
  SimFlashStepKind kind =
      self->memory == OAK_MEMORY_EMMC ? SIM_FLASH_STEP_PROGRAM : SIM_FLASH_STEP_ERASE;

  for (guint i = self->steps->len; i > 0; i--) {
    const CutsStep *step = get_step (self->steps, i - 1);

    if (step->kind == kind &&
        touches (step, self->memory, self->application, self->application + 1))
      return i - 1;
  }
  return 0;
}

/* From step @from on, those that touch that range. */
static gboolean
find_range (const CutsTrack *self,
            guint from,
            OakMemory memory,
            gsize start,
            gsize end,
            guint *first,
            guint *last)
{
  gboolean found = FALSE;

  for (guint i = from; i < self->steps->len; i++) {
    if (!touches (get_step (self->steps, i), memory, start, end))
      continue;
    if (!found)
      *first = i;
    *last = i;
    found = TRUE;
  }
  return found;
}

gboolean
cuts_track_get_window (const CutsTrack *self, CutsDanger danger, guint *first, guint *last)
{
  guint32 start = self->application;
  guint beginning = find_last_beginning (self);

  switch (danger) {
  case CUTS_DANGER_TABLE:
    return find_range (self, beginning, self->memory, start, start + TABLE_SIZE, first, last);
  case CUTS_DANGER_HEAD:
    return find_range (self, beginning, self->memory, start, start + HEAD_SIZE, first, last);
  case CUTS_DANGER_WRITE:
    *first = 0;
    *last = self->steps->len - 1;
    return TRUE;
  case CUTS_DANGER_FACTORY:
    return find_range (self, 0, OAK_MEMORY_FLASH, 0, self->image_end, first, last);
  case CUTS_DANGER_NONE:
  default:
    return FALSE;
  }
}

gboolean
cuts_track_is_inside (const CutsTrack *self, gsize from, gsize to)
{
  for (guint i = 0; i < self->steps->len; i++) {
    const CutsStep *step = get_step (self->steps, i);

    if (step->offset < from || step->offset + step->size > to)
      return FALSE;
  }
  return TRUE;
}

gboolean
cuts_track_begins_with (const CutsTrack *self, const GArray *run)
{
  if (run->len > self->steps->len)
    return FALSE;
  for (guint i = 0; i < run->len; i++) {
    const CutsStep *a = get_step (self->steps, i);
    const CutsStep *b = get_step (run, i);

    if (a->memory != b->memory || a->kind != b->kind || a->offset != b->offset ||
        a->size != b->size)
      return FALSE;
  }
  return TRUE;
}

guint64
cuts_track_get_time_ns (const CutsTrack *self, guint first, guint last, guint64 end_ns)
{
  guint64 to_ns = last + 1 < self->steps->len ? get_step (self->steps, last + 1)->start_ns : end_ns;

  return to_ns - get_step (self->steps, first)->start_ns;
}
