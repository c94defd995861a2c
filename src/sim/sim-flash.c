/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-flash.h"

#include <string.h>

/* A memory chip made of an array. Knows nothing of what is stored in it. One owner, no threads. */

#define SIM_FLASH_EMMC_STEP_SIZE 4096

struct _SimFlash {
  SimFlashOptions options;
  guint8 *data;    /* (owned) */
  guint8 *scratch; /* (owned): one erase block, for what is to be preserved */
  guint64 n_changes;
  guint64 n_steps;
  guint64 busy_ns;
  gboolean powered;
  guint32 cut_seed;
  SimFlashStepFunc step_func; /* (nullable) */
  gpointer step_data;         /* (unowned) */
};

SimFlash *
sim_flash_new (const SimFlashOptions *options)
{
  SimFlash *self;

  g_return_val_if_fail (options->size > 0, NULL);
  g_return_val_if_fail (options->erase_size == 0 || options->size % options->erase_size == 0, NULL);

  self = g_new0 (SimFlash, 1);
  self->options = *options;
  self->data = g_malloc (options->size);
  memset (self->data, 0xff, options->size);
  self->scratch = g_malloc (MAX (options->erase_size, 1));
  self->powered = TRUE;
  return self;
}

void
sim_flash_free (SimFlash *self)
{
  g_free (self->data);
  g_free (self->scratch);
  g_free (self);
}

gsize
sim_flash_get_size (const SimFlash *self)
{
  return self->options.size;
}

gsize
sim_flash_get_erase_size (const SimFlash *self)
{
  return self->options.erase_size;
}

const guint8 *
sim_flash_get_data (const SimFlash *self)
{
  return self->data;
}

guint64
sim_flash_get_n_changes (const SimFlash *self)
{
  return self->n_changes;
}

gboolean
sim_flash_contains (const SimFlash *self, guint64 offset, guint64 size)
{
  return offset <= self->options.size && size <= self->options.size - offset;
}

static gboolean
sim_bytes_are_blank (const guint8 *data, gsize size)
{
  return size == 0 || (data[0] == 0xff && memcmp (data, data + 1, size - 1) == 0);
}

gboolean
sim_flash_is_blank (const SimFlash *self, guint64 offset, guint64 size)
{
  return sim_flash_contains (self, offset, size) && sim_bytes_are_blank (self->data + offset, size);
}

guint64
sim_flash_get_busy_ns (const SimFlash *self)
{
  return self->busy_ns;
}

guint64
sim_flash_get_n_steps (const SimFlash *self)
{
  return self->n_steps;
}

gboolean
sim_flash_is_powered (const SimFlash *self)
{
  return self->powered;
}

void
sim_flash_set_step_func (SimFlash *self, SimFlashStepFunc step_func, gpointer user_data)
{
  self->step_func = step_func;
  self->step_data = user_data;
}

void
sim_flash_restore_power (SimFlash *self)
{
  self->powered = TRUE;
}

void
sim_flash_set_cut_seed (SimFlash *self, guint32 seed)
{
  self->cut_seed = seed;
}

void
sim_flash_put (SimFlash *self, gsize offset, const void *data, gsize size)
{
  g_return_if_fail (sim_flash_contains (self, offset, size));
  self->n_changes++;
  if (size > 0)
    memcpy (self->data + offset, data, size);
}

/* Returns: TRUE to do the step, FALSE to leave it half done. */
static gboolean
sim_flash_begin_step (SimFlash *self, SimFlashStepKind kind, gsize offset, gsize size)
{
  SimFlashStep step = { kind, self->n_steps, offset, size };

  self->n_changes++;
  self->n_steps++;
  if (self->step_func == NULL || self->step_func (&step, self->step_data))
    return TRUE;
  self->powered = FALSE;
  return FALSE;
}

#define SIM_CUT_QUARTER       0 /* of the bits have moved */
#define SIM_CUT_HALF          1
#define SIM_CUT_THREE_QUARTER 2
#define SIM_CUT_NOTHING       3
#define SIM_CUT_FIRST_PART    4 /* of an erasure */
#define SIM_CUT_N             5

/* Which bits a dying supply still moved: a different, but always the same, noise for every step. */
typedef struct {
  guint32 state;
  guint
      progress; /* 0: a quarter of the bits; 1: half; 2: three quarters; 3: the step's first half */
} SimCut;

static SimCut
sim_flash_begin_cut (const SimFlash *self, gsize offset)
{
  guint32 step = self->cut_seed == 0 ? (guint32) self->n_steps : (guint32) offset ^ self->cut_seed;

  return (SimCut){ step * 2654435761u | 1u,
                   self->cut_seed == 0 ? SIM_CUT_HALF : self->cut_seed % SIM_CUT_N };
}

static guint8
sim_cut_next (SimCut *cut)
{
  guint32 *state = &cut->state;

  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  if (cut->progress == SIM_CUT_NOTHING)
    return 0;
  if (cut->progress == SIM_CUT_QUARTER)
    return (guint8) (*state & (*state >> 8));
  if (cut->progress == SIM_CUT_THREE_QUARTER)
    return (guint8) (*state | (*state >> 8));
  return (guint8) *state;
}

/* A NOR chip programs every bit of a block before it erases them all: cut in that first half, it is
 * zeros that have come. */
static void
sim_flash_erase_half (SimFlash *self, gsize offset)
{
  SimCut cut = sim_flash_begin_cut (self, offset);

  for (gsize i = 0; i < self->options.erase_size; i++)
    if (cut.progress == SIM_CUT_FIRST_PART)
      self->data[offset + i] &= sim_cut_next (&cut);
    else
      self->data[offset + i] |= sim_cut_next (&cut);
}

gboolean
sim_flash_erase_block (SimFlash *self, gsize offset)
{
  gsize block_size = self->options.erase_size;

  g_return_val_if_fail (block_size > 0 && offset % block_size == 0, FALSE);
  g_return_val_if_fail (sim_flash_contains (self, offset, block_size), FALSE);

  if (!self->powered)
    return FALSE;
  if (!sim_flash_begin_step (self, SIM_FLASH_STEP_ERASE, offset, block_size)) {
    sim_flash_erase_half (self, offset);
    return FALSE;
  }
  memset (self->data + offset, 0xff, block_size);
  self->busy_ns += self->options.erase_ns;
  return TRUE;
}

/* Programming NOR can only turn ones into zeros. */
static void
sim_bytes_and (guint8 *target, const guint8 *source, gsize size)
{
  gsize i = 0;

  for (; i + sizeof (guint64) <= size; i += sizeof (guint64)) {
    guint64 a;
    guint64 b;

    memcpy (&a, target + i, sizeof a);
    memcpy (&b, source + i, sizeof b);
    a &= b;
    memcpy (target + i, &a, sizeof a);
  }
  for (; i < size; i++)
    target[i] &= source[i];
}

static void
sim_flash_program_half (SimFlash *self, gsize offset, const guint8 *data, gsize size)
{
  SimCut cut = sim_flash_begin_cut (self, offset);

  for (gsize i = 0; i < size; i++) {
    guint8 unmoved = (guint8) ~sim_cut_next (&cut);

    if (self->options.erase_size > 0)
      self->data[offset + i] &= data[i] | unmoved;
    else if (i < size / 2)
      self->data[offset + i] = data[i];
  }
}

static gboolean
sim_flash_program_step (SimFlash *self, gsize offset, const guint8 *data, gsize size)
{
  gboolean is_nor = self->options.erase_size > 0;

  if (is_nor && sim_bytes_are_blank (data, size))
    return TRUE;
  if (!sim_flash_begin_step (self, SIM_FLASH_STEP_PROGRAM, offset, size)) {
    sim_flash_program_half (self, offset, data, size);
    return FALSE;
  }
  if (is_nor)
    sim_bytes_and (self->data + offset, data, size);
  else
    memcpy (self->data + offset, data, size);
  self->busy_ns += self->options.page_ns;
  return TRUE;
}

gboolean
sim_flash_program (SimFlash *self, gsize offset, const void *data, gsize size)
{
  const guint8 *bytes = data;
  gsize page_size = self->options.erase_size > 0 ? SIM_FLASH_PAGE_SIZE : SIM_FLASH_EMMC_STEP_SIZE;
  gsize done = 0;

  g_return_val_if_fail (sim_flash_contains (self, offset, size), FALSE);

  if (!self->powered)
    return FALSE;
  while (done < size) {
    gsize page_left = page_size - (offset + done) % page_size;
    gsize step_size = MIN (page_left, size - done);

    if (!sim_flash_program_step (self, offset + done, bytes + done, step_size))
      return FALSE;
    done += step_size;
  }
  self->busy_ns += self->options.byte_ns * size;
  return TRUE;
}

/* What erasing and programming a whole block come to when nobody watches the steps: the same
 * content, the same number of steps and the same time, without touching every byte twice. */
static void
sim_flash_replace_block (SimFlash *self, gsize block, const guint8 *data)
{
  gsize size = self->options.erase_size;

  guint64 n_pages = 0;

  for (gsize page = 0; page < size; page += SIM_FLASH_PAGE_SIZE)
    n_pages += sim_bytes_are_blank (data + page, SIM_FLASH_PAGE_SIZE) ? 0 : 1;
  memcpy (self->data + block, data, size);
  self->n_changes++;
  self->n_steps += 1 + n_pages;
  self->busy_ns += self->options.erase_ns + self->options.byte_ns * size;
  self->busy_ns += self->options.page_ns * n_pages;
}

/* Erases the block at @block and programs [@from, @to) inside it; @data NULL leaves that erased. */
static gboolean
sim_flash_rewrite_block (SimFlash *self, gsize block, gsize from, gsize to, const guint8 *data)
{
  gsize block_end = block + self->options.erase_size;
  gboolean keep = self->options.preserve && (from > block || to < block_end);

  if (self->step_func == NULL && data != NULL && from == block && to == block_end) {
    sim_flash_replace_block (self, block, data);
    return TRUE;
  }
  if (keep)
    memcpy (self->scratch, self->data + block, self->options.erase_size);
  if (!sim_flash_erase_block (self, block))
    return FALSE;
  if (keep && !sim_flash_program (self, block, self->scratch, from - block))
    return FALSE;
  if (data != NULL && !sim_flash_program (self, from, data, to - from))
    return FALSE;
  if (keep && !sim_flash_program (self, to, self->scratch + (to - block), block_end - to))
    return FALSE;
  return TRUE;
}

static gboolean
sim_flash_rewrite (SimFlash *self, gsize offset, const guint8 *data, gsize size)
{
  gsize erase_size = self->options.erase_size;
  gsize end = offset + size;

  for (gsize from = offset; from < end;) {
    gsize block = from - from % erase_size;
    gsize to = MIN (block + erase_size, end);

    if (!sim_flash_rewrite_block (self,
                                  block,
                                  from,
                                  to,
                                  data == NULL ? NULL : data + (from - offset)))
      return FALSE;
    from = to;
  }
  return TRUE;
}

gboolean
sim_flash_write (SimFlash *self, gsize offset, const void *data, gsize size)
{
  g_return_val_if_fail (sim_flash_contains (self, offset, size), FALSE);

  if (!self->powered)
    return FALSE;
  if (self->options.erase_size == 0)
    return sim_flash_program (self, offset, data, size);
  return sim_flash_rewrite (self, offset, data, size);
}

gboolean
sim_flash_clear (SimFlash *self, gsize offset, gsize size)
{
  g_return_val_if_fail (sim_flash_contains (self, offset, size), FALSE);

  if (!self->powered)
    return FALSE;
  if (self->options.erase_size == 0) {
    g_autofree guint8 *blank = g_malloc (size);

    memset (blank, 0xff, size);
    return sim_flash_program (self, offset, blank, size);
  }
  return sim_flash_rewrite (self, offset, NULL, size);
}
