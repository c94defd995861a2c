/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-error.h"
#include "oak-flash-plan-private.h"
#include "oak-flash-work-private.h"

/* The last write of an application: its first block, with the table that makes a bootloader start
 * it. The less is written together with the table, the shorter is the time in which a loss of power
 * leaves a table over unfinished firmware. Worker thread. */

/* The first block with an erased table in it. */
static GBytes *
make_tableless_head (GBytes *head)
{
  gsize size = 0;
  gconstpointer data = g_bytes_get_data (head, &size);
  guint8 *copy = g_memdup2 (data, size);

  memset (copy, 0xff, MIN (size, OAK_PLAN_TABLE_SIZE));
  return g_bytes_new_take (copy, size);
}

static gboolean
prove_tableless_head (OakFlashWork *self, const OakFlashStep *step, GBytes *head, GError **error)
{
  OakReading reading = { step->memory, step->offset, NULL, self->cancellable };
  GError *local_error = NULL;

  if (oak_flash_work_read_equal (self, &reading, head, 0, step->size, NULL, &local_error))
    return TRUE;
  return oak_flash_work_forgive_reading (self, local_error, error);
}

/* Everything but the table. */
static gboolean
write_tableless_head (OakFlashWork *self,
                      const OakFlashStep *step,
                      OakStepTransfer *transfer,
                      GError **error)
{
  g_autoptr (GBytes) head = make_tableless_head (step->bytes);
  gsize start = self->only_table ? OAK_FLASH_BLOCK_SIZE : 0;
  gsize run_start = 0;
  gsize run_end = start;

  while (oak_flash_blocks_find_run (self->blocks,
                                    OAK_BLOCK_DIFFERENT,
                                    run_end,
                                    step->size,
                                    &run_start,
                                    &run_end)) {
    g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (head, run_start, run_end - run_start);

    transfer->done = run_start;
    if (!oak_flash_work_write_bytes (self,
                                     step,
                                     step->offset + (guint32) run_start,
                                     bytes,
                                     transfer,
                                     error))
      return FALSE;
    oak_flash_blocks_set (self->blocks, run_start, run_end, OAK_BLOCK_WRITTEN);
  }
  if (oak_flash_blocks_count (self->blocks, start, step->size, OAK_BLOCK_WRITTEN) == 0)
    return TRUE;
  return prove_tableless_head (self, step, head, error);
}

/* Now something lies beside the table that tells: it is erased once more. Meanwhile there is no
 * table over anything. */
static gboolean
erase_again (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  g_autoptr (GBytes) head = make_tableless_head (step->bytes);
  g_autoptr (GBytes) blank =
      g_bytes_new_from_bytes (head, 0, MIN (step->size, OAK_PLAN_TABLE_SIZE));
  OakReading reading = { step->memory, step->offset, NULL, self->cancellable };
  GError *local_error = NULL;

  if (!oak_flash_work_write_silently (self, step, blank, error))
    return FALSE;
  self->keeps_neighbours =
      oak_flash_work_read_equal (self, &reading, head, 0, step->size, NULL, &local_error);
  oak_report_log (
      &self->tracker.report,
      OAK_LOG_LEVEL_INFO,
      self->keeps_neighbours
          ? "the camera keeps the bytes beside an erased start record: the start record "
            "is written last and alone"
          : "the bytes beside the start record are erased with it: the whole first "
            "block is written last");
  if (self->keeps_neighbours || g_error_matches (local_error, OAK_ERROR, OAK_ERROR_VERIFY_FAILED)) {
    g_clear_error (&local_error);
    return TRUE;
  }
  return oak_flash_work_forgive_reading (self, local_error, error);
}

gboolean
oak_flash_work_write_head (OakFlashWork *self,
                           const OakFlashStep *step,
                           OakStepTransfer *transfer,
                           GError **error)
{
  g_autoptr (GBytes) table = NULL;
  gboolean tries = self->may_keep_neighbours;

  if (!self->keeps_neighbours && !tries) {
    oak_flash_blocks_set (self->blocks, 0, step->size, OAK_BLOCK_WRITTEN);
    return oak_flash_work_write_bytes (self, step, step->offset, step->bytes, transfer, error);
  }
  if (!write_tableless_head (self, step, transfer, error) ||
      (tries && !erase_again (self, step, error)))
    return FALSE;
  if (!self->keeps_neighbours) {
    oak_flash_blocks_set (self->blocks, 0, step->size, OAK_BLOCK_WRITTEN);
    return oak_flash_work_write_silently (self, step, step->bytes, error);
  }
  table = g_bytes_new_from_bytes (step->bytes, 0, MIN (step->size, OAK_PLAN_TABLE_SIZE));
  transfer->done = step->size - g_bytes_get_size (table);
  oak_flash_blocks_set (self->blocks, 0, 1, OAK_BLOCK_WRITTEN);
  return oak_flash_work_write_bytes (self, step, step->offset, table, transfer, error);
}
