/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-error.h"
#include "oak-flash-plan-private.h"
#include "oak-flash-work-private.h"

/* Writing bytes to a place in a camera's memory, and reading them back. Which of them need to be
 * written is decided in oak-flash-work-compare.c. Worker thread. */

/* A cancelled write ends at the next request boundary: requests are made as large as can be written
 * within this time. */
#define REQUEST_TIME_US    (2 * G_USEC_PER_SEC)
#define FIRST_REQUEST_SIZE (1024u * 1024u)
#define MAX_REQUEST_SIZE   (5u * 1024u * 1024u) /* one packet */

void
oak_flash_work_forward_transfer (guint64 sent, guint64 confirmed, guint64 total, gpointer user_data)
{
  OakStepTransfer *self = user_data;

  oak_flash_tracker_set_transfer (self->tracker,
                                  self->done + sent,
                                  self->done + confirmed,
                                  self->total);
}

/* Requests end at multiples of the largest erase block. */
static gsize
choose_request (const OakFlashPace *pace, guint32 offset, gsize left)
{
  guint64 size = FIRST_REQUEST_SIZE;
  guint64 end;

  if (pace->written_bytes > 0)
    size = (guint64) ((double) pace->written_bytes * REQUEST_TIME_US /
                      (double) MAX (pace->write_us, 1));
  size = CLAMP (size, OAK_PLAN_SAFE_BLOCK, MAX_REQUEST_SIZE);
  if (size >= left)
    return left;
  end = (offset + size) / OAK_PLAN_SAFE_BLOCK * OAK_PLAN_SAFE_BLOCK;
  return end > offset ? (gsize) (end - offset) : (gsize) size;
}

/* A few bytes say nothing of the speed. */
static void
note_pace (OakFlashWork *self, gsize size, gint64 elapsed_us)
{
  self->write_us += elapsed_us;
  if (size < OAK_FLASH_BLOCK_SIZE)
    return;
  self->pace.written_bytes += size;
  self->pace.write_us += elapsed_us;
}

static gboolean
write_request (OakFlashWork *self,
               OakMemory memory,
               guint32 offset,
               GBytes *bytes,
               OakStepTransfer *transfer,
               GError **error)
{
  gint64 start_us = g_get_monotonic_time ();
  gboolean written = oak_bootloader_write_region (self->bootloader,
                                                  memory,
                                                  offset,
                                                  bytes,
                                                  OAK_WRITE_FLAGS_NONE,
                                                  oak_flash_work_forward_transfer,
                                                  transfer,
                                                  self->cancellable,
                                                  error);

  note_pace (self, g_bytes_get_size (bytes), g_get_monotonic_time () - start_us);
  if (!written)
    g_prefix_error (error, "writing to %s: ", oak_memory_to_string (memory));
  return written;
}

gboolean
oak_flash_work_write_bytes (OakFlashWork *self,
                            const OakFlashStep *step,
                            guint32 offset,
                            GBytes *bytes,
                            OakStepTransfer *transfer,
                            GError **error)
{
  gboolean whole = step->cancel == OAK_CANCEL_DROPS_LINK;
  gsize total = g_bytes_get_size (bytes);

  for (gsize done = 0; done < total;) {
    gsize left = total - done;
    guint32 at = offset + (guint32) done;
    gsize size = whole ? left : choose_request (&self->pace, at, left);
    g_autoptr (GBytes) piece = g_bytes_new_from_bytes (bytes, done, size);

    if (!write_request (self, step->memory, at, piece, transfer, error))
      return FALSE;
    transfer->done += size;
    done += size;
  }
  self->bytes_written += total;
  return TRUE;
}

gboolean
oak_flash_work_write_silently (OakFlashWork *self,
                               const OakFlashStep *step,
                               GBytes *bytes,
                               GError **error)
{
  gint64 start_us = g_get_monotonic_time ();
  gboolean written = oak_bootloader_write_region (self->bootloader,
                                                  step->memory,
                                                  step->offset,
                                                  bytes,
                                                  OAK_WRITE_FLAGS_NONE,
                                                  NULL,
                                                  NULL,
                                                  self->cancellable,
                                                  error);

  note_pace (self, g_bytes_get_size (bytes), g_get_monotonic_time () - start_us);
  if (!written) {
    g_prefix_error (error, "writing to %s: ", oak_memory_to_string (step->memory));
    return FALSE;
  }
  self->bytes_written += g_bytes_get_size (bytes);
  return TRUE;
}

gboolean
oak_flash_work_run_write_region (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  OakStepTransfer transfer = { &self->tracker, 0, step->size };

  if (!oak_flash_work_begin_writing (self, step, error))
    return FALSE;
  if (step->only_what_differs)
    return oak_flash_work_write_differing (self, step, &transfer, error);
  if (step->table_last)
    return oak_flash_work_write_head (self, step, &transfer, error);
  return oak_flash_work_write_bytes (self, step, step->offset, step->bytes, &transfer, error);
}

typedef struct {
  const OakReading *reading;
  GBytes *wanted;
  guint32 offset; /* of the first of @wanted */
  gsize differs_at;
} Comparison;

static gboolean
compare_piece (guint32 offset, const guint8 *data, gsize size, gpointer user_data, GError **error)
{
  Comparison *self = user_data;
  gsize wanted_size = 0;
  const guint8 *wanted = g_bytes_get_data (self->wanted, &wanted_size);
  gsize start = offset - self->offset;
  gsize i = 0;

  if (start > wanted_size || size > wanted_size - start) {
    g_set_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL, "the camera sent bytes nobody asked for");
    return FALSE;
  }
  if (memcmp (wanted + start, data, size) == 0) {
    if (self->reading->transfer != NULL)
      oak_flash_work_forward_transfer (start + size, start + size, 0, self->reading->transfer);
    return TRUE;
  }
  while (data[i] == wanted[start + i])
    i++;
  self->differs_at = start + i;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_VERIFY_FAILED,
               "what the camera holds differs from what was written, first at 0x%" G_GSIZE_MODIFIER
               "x: 0x%02x instead of 0x%02x",
               offset + i,
               data[i],
               wanted[start + i]);
  return FALSE;
}

gboolean
oak_flash_work_read_equal (OakFlashWork *self,
                           const OakReading *reading,
                           GBytes *wanted,
                           gsize start,
                           gsize end,
                           gsize *differs_at,
                           GError **error)
{
  Comparison comparison = { reading, wanted, reading->offset, 0 };
  gint64 start_us = g_get_monotonic_time ();
  gboolean equal = oak_bootloader_read_region (self->bootloader,
                                               reading->memory,
                                               reading->offset + (guint32) start,
                                               (guint32) (end - start),
                                               compare_piece,
                                               &comparison,
                                               reading->cancellable,
                                               error);

  self->read_us += g_get_monotonic_time () - start_us;
  if (equal)
    return TRUE;
  if (differs_at != NULL)
    *differs_at = comparison.differs_at;
  g_prefix_error (error, "reading back from %s: ", oak_memory_to_string (reading->memory));
  return FALSE;
}

gboolean
oak_flash_work_forgive_reading (OakFlashWork *self, GError *local_error, GError **error)
{
  if (!g_error_matches (local_error, OAK_ERROR, OAK_ERROR_REFUSED) &&
      !g_error_matches (local_error, OAK_ERROR, OAK_ERROR_UNSUPPORTED)) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  oak_report_log (&self->tracker.report,
                  OAK_LOG_LEVEL_WARNING,
                  "cannot be read back: %s",
                  local_error->message);
  if (self->unproven == NULL)
    self->unproven = g_strdup (local_error->message);
  g_error_free (local_error);
  return TRUE;
}

/* Bytes of @step that no reading back before it covered. */
static guint64
count_new_bytes (const OakFlashPlan *plan, const OakFlashStep *step)
{
  guint64 end = (guint64) step->offset + step->size;
  guint64 bytes = step->size;

  for (guint i = 0; oak_flash_plan_get_step (plan, i) != step; i++) {
    const OakFlashStep *before = oak_flash_plan_get_step (plan, i);
    guint64 from = MAX (before->offset, step->offset);
    guint64 to = MIN ((guint64) before->offset + before->size, end);

    if (before->kind == OAK_STEP_READ_BACK && before->memory == step->memory && from < to)
      bytes -= to - from;
  }
  return bytes;
}

gboolean
oak_flash_work_run_read_back (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  OakStepTransfer transfer = { &self->tracker, 0, step->size };
  OakReading reading = { step->memory,
                         step->offset,
                         &transfer,
                         oak_flash_work_get_cancellable (self, step) };
  GError *local_error = NULL;
  gboolean equal;

  if (step->only_what_differs)
    equal = oak_flash_work_read_written (self, step, &reading, &local_error);
  else
    equal =
        oak_flash_work_read_equal (self, &reading, step->bytes, 0, step->size, NULL, &local_error);
  if (!equal)
    return oak_flash_work_forgive_reading (self, local_error, error);
  self->read_back = TRUE;
  self->bytes_verified += count_new_bytes (self->plan, step);
  return TRUE;
}
