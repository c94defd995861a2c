/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-types.h"

G_BEGIN_DECLS

/**
 * SimFlash:
 *
 * One memory chip. A NOR is an array with erase blocks: erasing sets a whole block to 0xFF,
 * programming can only clear bits, page by page of 256 bytes. An eMMC (erase size 0) is overwritten
 * in place, 4096 bytes a step. Nothing here waits: what the chip would have taken is added up in a
 * clock of its own. Before every erase or program step a hook may cut the power: that step is left
 * half done, and everything fails until power is restored. One owner, no threads.
 */
typedef struct _SimFlash SimFlash;

#define SIM_FLASH_PAGE_SIZE 256

typedef enum {
  SIM_FLASH_STEP_ERASE,
  SIM_FLASH_STEP_PROGRAM,
} SimFlashStepKind;

typedef struct {
  SimFlashStepKind kind;
  guint64 index; /* steps of this chip before this one */
  gsize offset;
  gsize size;
} SimFlashStep;

/* Returns: FALSE to cut the power in the middle of @step. */
typedef gboolean (*SimFlashStepFunc) (const SimFlashStep *step, gpointer user_data);

typedef struct {
  gsize size;        /* bytes; a multiple of the erase size */
  gsize erase_size;  /* 4, 64 or 256 KiB; 0: eMMC */
  gboolean preserve; /* what else lies in a touched block is read before and written back after
                        erasing */
  guint64 erase_ns;  /* time of one erase step */
  guint64 byte_ns;   /* time of programming one byte */
  guint64 page_ns;   /* time of one program step, whatever is in it */
} SimFlashOptions;

/* Returns: (transfer full): a chip of nothing but 0xFF. */
SimFlash *
sim_flash_new (const SimFlashOptions *options);
void
sim_flash_free (SimFlash *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimFlash, sim_flash_free)

gsize
sim_flash_get_size (const SimFlash *self);
gsize
sim_flash_get_erase_size (const SimFlash *self);
/* Returns: (transfer none): the whole content, current for the life of the chip. */
const guint8 *
sim_flash_get_data (const SimFlash *self);
/* Returns: a number that grows with every change of the content. */
guint64
sim_flash_get_n_changes (const SimFlash *self);
/* Returns: TRUE when [@offset, @offset + @size) lies inside the chip. */
gboolean
sim_flash_contains (const SimFlash *self, guint64 offset, guint64 size);
/* Returns: TRUE when that range is erased; FALSE when it is not, or not inside the chip. */
gboolean
sim_flash_is_blank (const SimFlash *self, guint64 offset, guint64 size);
/* Returns: the time all steps so far would have taken, in nanoseconds. */
guint64
sim_flash_get_busy_ns (const SimFlash *self);
guint64
sim_flash_get_n_steps (const SimFlash *self);
gboolean
sim_flash_is_powered (const SimFlash *self);

void
sim_flash_set_step_func (SimFlash *self, SimFlashStepFunc step_func, gpointer user_data);
void
sim_flash_restore_power (SimFlash *self);
/* What a cut step leaves depends on @seed and the step: how far it had come, which bits had moved,
 * and whether the chip was still clearing the bits of a block that it was going to erase, as NOR
 * chips do first. 0, as at the beginning: half of the bits have moved. */
void
sim_flash_set_cut_seed (SimFlash *self, guint32 seed);

/* Puts content there without steps or rules, for preparing a chip. The range must lie inside the
 * chip. */
void
sim_flash_put (SimFlash *self, gsize offset, const void *data, gsize size);

/* The chip's own two operations. Return FALSE when the power is or goes away. The range must lie
 * inside the chip. */
gboolean
sim_flash_erase_block (SimFlash *self, gsize offset);
gboolean
sim_flash_program (SimFlash *self, gsize offset, const void *data, gsize size);

/* What a bootloader does with them: erases every block that is touched and programs @data, block
 * after block from the lowest, with the other bytes of partly touched blocks kept or lost by the
 * chip's options. Same results and demands as above. */
gboolean
sim_flash_write (SimFlash *self, gsize offset, const void *data, gsize size);
/* The same, leaving the range erased. */
gboolean
sim_flash_clear (SimFlash *self, gsize offset, gsize size);

G_END_DECLS
