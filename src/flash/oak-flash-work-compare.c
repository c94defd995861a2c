/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-app-package.h"
#include "oak-error.h"
#include "oak-flash-plan-private.h"
#include "oak-flash-work-private.h"
#include "oak-text.h"

/* Writing only what differs. First is read until something differs; if nothing does, nothing is
 * written. Otherwise the table is erased, and how the camera does that tells what it does to the
 * bytes around a write. Then the rest is compared and written piece by piece, for as long as that
 * is quicker than just writing. A block counts as there only if it was read and equal, and what
 * lies around a written one is read again. Worker thread.
 *
 * The smallest erase block of the chips in these cameras is 4 KiB, the largest known 256 KiB. */

#define SMALLEST_ERASE_BLOCK 4096u
#define MAX_WINDOW           (1024u * 1024u)

static gboolean
collect_piece (guint32 offset, const guint8 *data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

/* Returns: (transfer full): NULL with @error. */
static GByteArray *
read_bytes (OakFlashWork *self,
            const OakFlashStep *step,
            guint32 offset,
            gsize size,
            GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new ((guint) size);
  gint64 start_us = g_get_monotonic_time ();
  gboolean read = oak_bootloader_read_region (self->bootloader,
                                              step->memory,
                                              offset,
                                              (guint32) size,
                                              collect_piece,
                                              bytes,
                                              self->cancellable,
                                              error);

  self->pace.read_us += g_get_monotonic_time () - start_us;
  self->pace.read_bytes += bytes->len;
  self->read_us += g_get_monotonic_time () - start_us;
  if (read)
    return g_steal_pointer (&bytes);
  g_prefix_error (error, "reading from %s: ", oak_memory_to_string (step->memory));
  return NULL;
}

/* TRUE when nothing lies beside the table, in the smallest erase block, that could be lost. */
static gboolean
is_erased_beside_table (const GByteArray *head)
{
  gsize end = MIN ((gsize) head->len, (gsize) SMALLEST_ERASE_BLOCK);

  for (gsize i = OAK_PLAN_TABLE_SIZE; i < end; i++)
    if (head->data[i] != 0xff)
      return FALSE;
  return TRUE;
}

/* TRUE when the first block is right but for the table. */
static gboolean
differs_in_table_only (const OakFlashBlocks *blocks, const GByteArray *head)
{
  gsize size = 0;
  const guint8 *wanted = g_bytes_get_data (oak_flash_blocks_get_wanted (blocks), &size);
  gsize end = MIN (MIN (size, (gsize) head->len), (gsize) OAK_FLASH_BLOCK_SIZE);

  return end > OAK_PLAN_TABLE_SIZE && memcmp (wanted + OAK_PLAN_TABLE_SIZE,
                                              head->data + OAK_PLAN_TABLE_SIZE,
                                              end - OAK_PLAN_TABLE_SIZE) == 0;
}

/* From here on everything that was not found equal before is written, without looking. */
static void
write_everything (OakFlashWork *self)
{
  self->comparing = FALSE;
  self->only_table = FALSE;
  oak_flash_blocks_set (self->blocks, 0, G_MAXSIZE / 2, OAK_BLOCK_DIFFERENT);
}

/* Returns: FALSE with @error; @differs_at: the end of the piece when nothing differs. */
static gboolean
compare_next (OakFlashWork *self,
              const OakFlashStep *step,
              gsize at,
              gsize size,
              gsize *differs_at,
              GError **error)
{
  g_autoptr (GByteArray) bytes = read_bytes (self, step, step->offset + (guint32) at, size, error);

  if (bytes == NULL)
    return FALSE;
  *differs_at = oak_flash_blocks_compare (self->blocks, at, bytes->data, bytes->len);
  if (at == 0) {
    self->only_table = differs_in_table_only (self->blocks, bytes);
    self->was_empty = is_erased_beside_table (bytes);
  }
  return TRUE;
}

static gboolean
find_difference (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  gsize piece = OAK_PLAN_SAFE_BLOCK;

  for (gsize at = 0; at < step->size; at += piece, piece = MAX_WINDOW) {
    gsize differs_at = 0;

    piece = MIN (piece, step->size - at);
    if (!compare_next (self, step, at, piece, &differs_at, error))
      return FALSE;
    if (differs_at < at + piece) {
      self->differs_at = step->offset + differs_at;
      return TRUE;
    }
    oak_flash_tracker_set_transfer (&self->tracker, at + piece, at + piece, step->size);
  }
  self->nothing_differs = TRUE;
  self->read_back = TRUE;
  self->bytes_verified += step->size;
  return TRUE;
}

gboolean
oak_flash_work_run_compare (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  GError *local_error = NULL;

  self->blocks = oak_flash_blocks_new (step->bytes);
  self->comparing = TRUE;
  if (find_difference (self, step, &local_error)) {
    if (self->nothing_differs)
      oak_report_log (&self->tracker.report, OAK_LOG_LEVEL_INFO, "nothing differs");
    else
      oak_report_log (&self->tracker.report,
                      OAK_LOG_LEVEL_INFO,
                      "something differs, first at 0x%" G_GSIZE_MODIFIER "x",
                      self->differs_at);
    return TRUE;
  }
  if (!oak_flash_plan_writes (self->plan)) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  write_everything (self);
  return oak_flash_work_forgive_reading (self, local_error, error);
}

static gboolean
check_table_is_gone (const OakFlashStep *step, const GByteArray *bytes, GError **error)
{
  guint size = MIN (bytes->len, OAK_PLAN_TABLE_SIZE);
  guint i = 0;

  while (i < size && bytes->data[i] == 0xff)
    i++;
  if (i == size)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_VERIFY_FAILED,
               "the camera reported that it erased the start record, and it is still there, first "
               "at 0x%x: 0x%02x instead of 0xff",
               step->offset + i,
               bytes->data[i]);
  return FALSE;
}

/* A block that was equal, or right but for the table, may have lost what the erasing took with it.
 * Returns: FALSE when a whole other block has changed. */
static gboolean
compare_kept_blocks (OakFlashWork *self, const GByteArray *bytes)
{
  gsize size = 0;
  const guint8 *wanted = g_bytes_get_data (oak_flash_blocks_get_wanted (self->blocks), &size);
  gsize end = MIN (size, (gsize) bytes->len);

  self->only_table = self->only_table && differs_in_table_only (self->blocks, bytes);
  for (gsize at = OAK_FLASH_BLOCK_SIZE; at < end; at += OAK_FLASH_BLOCK_SIZE) {
    gsize block_size = MIN (end - at, (gsize) OAK_FLASH_BLOCK_SIZE);

    if (oak_flash_blocks_get (self->blocks, at) == OAK_BLOCK_EQUAL &&
        memcmp (wanted + at, bytes->data + at, block_size) != 0)
      return FALSE;
  }
  return TRUE;
}

static void
judge_erase (OakFlashWork *self, const GByteArray *bytes)
{
  gboolean had_rest = self->only_table;
  gboolean others_kept = compare_kept_blocks (self, bytes);
  gboolean is_empty = is_erased_beside_table (bytes);

  /* Erased bytes there could have been erased before: only others prove anything. */
  self->keeps_neighbours = others_kept && had_rest == self->only_table && !is_empty;
  self->may_keep_neighbours = others_kept && is_empty && self->was_empty;
  oak_report_log (&self->tracker.report,
                  OAK_LOG_LEVEL_INFO,
                  self->keeps_neighbours
                      ? "the camera kept the bytes beside the erased start record: the start "
                        "record is written last and alone"
                      : "the bytes beside the start record were erased with it, or nothing tells "
                        "that they were not");
  if (others_kept)
    return;
  oak_report_log (&self->tracker.report,
                  OAK_LOG_LEVEL_WARNING,
                  "the camera erases more than 64 KiB at a time: everything is written");
  write_everything (self);
}

/* Without a comparison before, nothing is known, and everything is written. */
static void
begin_blocks (OakFlashWork *self)
{
  if (self->blocks == NULL) {
    self->blocks = oak_flash_blocks_new (oak_app_package_get_bytes (self->plan->wish.package));
    write_everything (self);
  }
  oak_flash_blocks_set (self->blocks, 0, 1, OAK_BLOCK_DIFFERENT);
}

gboolean
oak_flash_work_run_check_erase (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  GError *local_error = NULL;
  g_autoptr (GByteArray) bytes = NULL;

  begin_blocks (self);
  bytes = read_bytes (self, step, step->offset, step->size, &local_error);
  if (bytes == NULL) {
    write_everything (self);
    return oak_flash_work_forgive_reading (self, local_error, error);
  }
  if (!check_table_is_gone (step, bytes, error))
    return FALSE;
  judge_erase (self, bytes);
  return TRUE;
}

static OakReading
reading_for (OakFlashWork *self, const OakFlashStep *step, guint32 offset)
{
  return (OakReading){ step->memory, offset, NULL, self->cancellable };
}

/* Where the region that is compared begins in the memory. */
static guint32
get_region_offset (const OakFlashWork *self, const OakFlashStep *step)
{
  gsize body = oak_flash_blocks_get_size (self->blocks) - step->size;

  return step->offset - (guint32) body;
}

/* Blocks in @state among [@start, @end) are read again. @changed: that they are not what they were.
 */
static gboolean
read_again (OakFlashWork *self,
            const OakFlashStep *step,
            OakBlockState state,
            gsize start,
            gsize end,
            gboolean *changed,
            GError **error)
{
  OakReading reading = reading_for (self, step, get_region_offset (self, step));
  gsize run_start = 0;
  gsize run_end = start;

  while (oak_flash_blocks_find_run (self->blocks, state, run_end, end, &run_start, &run_end)) {
    GBytes *wanted = oak_flash_blocks_get_wanted (self->blocks);
    GError *local_error = NULL;

    if (oak_flash_work_read_equal (self, &reading, wanted, run_start, run_end, NULL, &local_error))
      continue;
    *changed = g_error_matches (local_error, OAK_ERROR, OAK_ERROR_VERIFY_FAILED);
    g_propagate_error (error, local_error);
    return FALSE;
  }
  return TRUE;
}

/* After the first write that leaves blocks of the same 256 KiB alone: these must be what they were,
 * or the chip erases more than is written and the bootloader does not put it back. */
static gboolean
check_neighbours (OakFlashWork *self,
                  const OakFlashStep *step,
                  gsize run_start,
                  gsize run_end,
                  GError **error)
{
  gsize size = oak_flash_blocks_get_size (self->blocks);
  gsize start = run_start / OAK_PLAN_SAFE_BLOCK * OAK_PLAN_SAFE_BLOCK;
  gsize end = (run_end + OAK_PLAN_SAFE_BLOCK - 1) / OAK_PLAN_SAFE_BLOCK * OAK_PLAN_SAFE_BLOCK;
  GError *local_error = NULL;
  gboolean changed = FALSE;

  end = MIN (end, size);
  if (self->neighbours_checked ||
      oak_flash_blocks_count (self->blocks, start, end, OAK_BLOCK_EQUAL) == 0)
    return TRUE;
  self->neighbours_checked = TRUE;
  if (read_again (self, step, OAK_BLOCK_EQUAL, start, end, &changed, &local_error))
    return read_again (self, step, OAK_BLOCK_WRITTEN, start, end, &changed, error);
  if (!changed) {
    write_everything (self);
    return oak_flash_work_forgive_reading (self, local_error, error);
  }
  oak_report_log (&self->tracker.report,
                  OAK_LOG_LEVEL_WARNING,
                  "writing changed what lies beside it (%s): everything is written",
                  local_error->message);
  g_error_free (local_error);
  self->may_keep_neighbours = FALSE;
  write_everything (self);
  return TRUE;
}

/* What differs in [@start, @end). */
static gboolean
write_runs (OakFlashWork *self,
            const OakFlashStep *step,
            gsize start,
            gsize end,
            OakStepTransfer *transfer,
            GError **error)
{
  guint32 offset = get_region_offset (self, step);
  gsize body = step->offset - offset;
  gsize run_start = 0;
  gsize run_end = start;

  while (oak_flash_blocks_find_run (self->blocks,
                                    OAK_BLOCK_DIFFERENT,
                                    run_end,
                                    end,
                                    &run_start,
                                    &run_end)) {
    g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (oak_flash_blocks_get_wanted (self->blocks),
                                                       run_start,
                                                       run_end - run_start);
    gboolean was_comparing = self->comparing;

    transfer->done = run_start - body;
    if (!oak_flash_work_write_bytes (self,
                                     step,
                                     offset + (guint32) run_start,
                                     bytes,
                                     transfer,
                                     error))
      return FALSE;
    oak_flash_blocks_set (self->blocks, run_start, run_end, OAK_BLOCK_WRITTEN);
    if (!check_neighbours (self, step, run_start, run_end, error))
      return FALSE;
    if (was_comparing && !self->comparing)
      return TRUE;
  }
  return TRUE;
}

/* Reads [@start, @end) if nobody has yet and it is still worth it. */
static gboolean
look_at (OakFlashWork *self, const OakFlashStep *step, gsize start, gsize end, GError **error)
{
  guint32 offset = get_region_offset (self, step);
  g_autoptr (GByteArray) bytes = NULL;
  GError *local_error = NULL;

  if (oak_flash_blocks_count (self->blocks, start, end, OAK_BLOCK_UNKNOWN) == 0)
    return TRUE;
  bytes = read_bytes (self, step, offset + (guint32) start, end - start, &local_error);
  if (bytes == NULL) {
    write_everything (self);
    return oak_flash_work_forgive_reading (self, local_error, error);
  }
  oak_flash_blocks_compare (self->blocks, start, bytes->data, bytes->len);
  self->pace.n_seen += (guint) ((end - start) / OAK_FLASH_BLOCK_SIZE);
  self->pace.n_differing +=
      (guint) oak_flash_blocks_count (self->blocks, start, end, OAK_BLOCK_DIFFERENT);
  self->pace.n_seen = MAX (self->pace.n_seen, self->pace.n_differing);
  return TRUE;
}

static void
stop_comparing_in_time (OakFlashWork *self, gsize start, gsize end)
{
  if (!self->comparing || oak_flash_pace_is_worth_comparing (&self->pace))
    return;
  self->comparing = FALSE;
  oak_flash_blocks_change (self->blocks, start, end, OAK_BLOCK_UNKNOWN, OAK_BLOCK_DIFFERENT);
  oak_report_log (&self->tracker.report,
                  OAK_LOG_LEVEL_INFO,
                  "%u of %u blocks differ: from here on everything is written, which is quicker "
                  "than reading it first",
                  self->pace.n_differing,
                  self->pace.n_seen);
}

static gboolean
write_window (OakFlashWork *self,
              const OakFlashStep *step,
              gsize start,
              gsize end,
              OakStepTransfer *transfer,
              GError **error)
{
  if (self->comparing && !look_at (self, step, start, end, error))
    return FALSE;
  return write_runs (self, step, start, end, transfer, error);
}

gboolean
oak_flash_work_write_differing (OakFlashWork *self,
                                const OakFlashStep *step,
                                OakStepTransfer *transfer,
                                GError **error)
{
  gsize end = oak_flash_blocks_get_size (self->blocks);
  gsize body = end - step->size;
  gsize window = OAK_PLAN_SAFE_BLOCK;

  for (gsize at = body; at < end;) {
    gboolean was_comparing;

    stop_comparing_in_time (self, at, end);
    was_comparing = self->comparing;
    window = was_comparing ? MIN (window, end - at) : end - at;
    if (!write_window (self, step, at, at + window, transfer, error))
      return FALSE;
    at = was_comparing && !self->comparing ? body : at + window;
    window = MIN (2 * window, MAX_WINDOW);
    transfer->done = at - body;
    oak_flash_work_forward_transfer (0, 0, 0, transfer);
  }
  return TRUE;
}

/* 256 KiB around everything that was written, as few readings as possible. Returns: FALSE when
 * there is no more. */
static gboolean
find_written (const OakFlashWork *self, gsize from, gsize *start, gsize *end)
{
  gsize size = oak_flash_blocks_get_size (self->blocks);
  gsize run_start = 0;
  gsize run_end = 0;

  if (!oak_flash_blocks_find_run (self->blocks,
                                  OAK_BLOCK_WRITTEN,
                                  from,
                                  size,
                                  &run_start,
                                  &run_end))
    return FALSE;
  *start = run_start / OAK_PLAN_SAFE_BLOCK * OAK_PLAN_SAFE_BLOCK;
  *end = (run_end + OAK_PLAN_SAFE_BLOCK - 1) / OAK_PLAN_SAFE_BLOCK * OAK_PLAN_SAFE_BLOCK;
  *end = MIN (*end, size);
  return TRUE;
}

gboolean
oak_flash_work_read_written (OakFlashWork *self,
                             const OakFlashStep *step,
                             const OakReading *reading,
                             GError **error)
{
  gsize body = oak_flash_blocks_get_size (self->blocks) - step->size;
  gsize start = 0;
  gsize end = body;

  while (find_written (self, end, &start, &end)) {
    gsize differs_at = 0;

    if (oak_flash_work_read_equal (self,
                                   reading,
                                   step->bytes,
                                   start - body,
                                   end - body,
                                   &differs_at,
                                   error))
      continue;
    if (g_error_matches (*error, OAK_ERROR, OAK_ERROR_VERIFY_FAILED) &&
        oak_flash_blocks_get (self->blocks, body + differs_at) == OAK_BLOCK_EQUAL) {
      write_everything (self);
      self->rewrite = TRUE;
    }
    return FALSE;
  }
  return TRUE;
}
