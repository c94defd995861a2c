/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "oak-bootloader-message.h"
#include "oak-flash-plan-private.h"
#include "oak-text.h"

/* The steps of a plan in words, and what ending in the middle of one means. Pure functions, any
 * thread. */

/* A table of erased bytes is what a start record becomes. */
static gboolean
is_blank (const OakFlashStep *step)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (step->bytes, &size);

  for (gsize i = 0; i < size; i++)
    if (data[i] != 0xff)
      return FALSE;
  return size == OAK_PLAN_TABLE_SIZE;
}

static char *
describe_region_write (const OakFlashStep *step, const char *size)
{
  const char *memory = oak_flash_plan_name_memory (step->memory);

  if (is_blank (step))
    return g_strdup_printf (_ ("Erase the start record in %s at 0x%x"), memory, step->offset);
  if (step->only_what_differs)
    return g_strdup_printf (_ ("Write what differs of %s to %s at 0x%x"),
                            size,
                            memory,
                            step->offset);
  if (step->table_last)
    return g_strdup_printf (_ ("Write %s to %s at 0x%x, the start record last"),
                            size,
                            memory,
                            step->offset);
  return g_strdup_printf (_ ("Write %s to %s at 0x%x"), size, memory, step->offset);
}

/* Without a package's plan to go on, the comparison is all there is. */
static char *
describe_comparison (const OakFlashPlan *self, const OakFlashStep *step, const char *size)
{
  const char *memory = oak_flash_plan_name_memory (step->memory);

  if (!oak_flash_plan_writes (self))
    return g_strdup_printf (_ ("Read %s from %s at 0x%x and compare with the package"),
                            size,
                            memory,
                            step->offset);
  return g_strdup_printf (_ ("Compare %s in %s at 0x%x with the package; nothing is written if "
                             "nothing differs"),
                          size,
                          memory,
                          step->offset);
}

static char *
describe_read_back (const OakFlashStep *step, const char *size)
{
  const char *memory = oak_flash_plan_name_memory (step->memory);

  if (step->only_what_differs)
    return g_strdup_printf (
        _ ("Read back what was written, and what lies around it, of %s in %s at "
           "0x%x and compare"),
        size,
        memory,
        step->offset);
  return g_strdup_printf (_ ("Read back %s from %s at 0x%x and compare"),
                          size,
                          memory,
                          step->offset);
}

static char *
describe_wait (const OakFlashStep *step)
{
  g_autofree char *wait = oak_flash_plan_describe_seconds (step->timeout_ms);

  if (step->state_mask == 1u << OAK_DEVICE_STATE_BOOTLOADER)
    return g_strdup (_ ("Wait until the camera is back in its bootloader"));
  if (step->timeout_ms == 0)
    return g_strdup (_ ("Wait until the application runs"));
  return g_strdup_printf (_ ("Wait until the application runs (the camera first waits %s for a "
                             "computer)"),
                          wait);
}

char *
oak_flash_plan_describe_step (const OakFlashPlan *self, guint index)
{
  const OakFlashStep *step = oak_flash_plan_get_step (self, index);
  g_autofree char *size = NULL;

  g_return_val_if_fail (step != NULL, NULL);

  size = oak_text_size (step->size);
  switch (step->kind) {
  case OAK_STEP_BOOT_MEMORY:
    return g_strdup_printf (
        _ ("Start the bootloader image of %s in the camera’s working memory, to "
           "prove it before anything is written"),
        size);
  case OAK_STEP_WRITE_STORAGE:
    if (step->storage == OAK_STORAGE_BOOTLOADER)
      return g_strdup_printf (_ ("Write %s as factory bootloader and everything up to the "
                                 "application, in one request"),
                              size);
    return g_strdup_printf (_ ("Write %s as application, in one request"), size);
  case OAK_STEP_WRITE_REGION:
    return describe_region_write (step, size);
  case OAK_STEP_READ_BACK:
    return describe_read_back (step, size);
  case OAK_STEP_COMPARE:
    return describe_comparison (self, step, size);
  case OAK_STEP_CHECK_ERASE:
    return g_strdup_printf (_ ("Read back %s from %s at 0x%x, to see what was erased"),
                            size,
                            oak_flash_plan_name_memory (step->memory),
                            step->offset);
  case OAK_STEP_SET_APP_MEMORY:
    return g_strdup_printf (_ ("Set the configuration to start applications from %s"),
                            oak_flash_plan_name_memory (step->app_memory));
  case OAK_STEP_RESTART:
    return g_strdup (_ ("Restart the camera"));
  case OAK_STEP_CHECK_VERSION:
    return g_strdup (_ ("Ask the camera which bootloader it started, and restart it"));
  case OAK_STEP_WAIT_FOR_STATE:
  default:
    return describe_wait (step);
  }
}

char *
oak_cancel_policy_describe (OakCancelPolicy policy)
{
  switch (policy) {
  case OAK_CANCEL_CLEAN:
    return g_strdup (_ ("Nothing has been written yet: cancelling leaves the camera as it was."));
  case OAK_CANCEL_BOUNDARY:
    return g_strdup (_ ("Cancelling stops at the next safe point. An application that is not "
                        "complete by then is not started, and the camera can be flashed again."));
  case OAK_CANCEL_DROPS_LINK:
    return g_strdup (_ ("Cancelling drops the connection: the application may be incomplete. The "
                        "bootloader is not being written."));
  case OAK_CANCEL_NEVER:
    return g_strdup (_ ("This cannot be cancelled: the camera’s bootloader is being written, and "
                        "stopping now could make the camera unable to start."));
  case OAK_CANCEL_AFTER_PATIENCE:
    return g_strdup (_ ("The camera has been silent for a long time, and you need not wait any "
                        "longer. If you stop waiting, its bootloader may be incomplete, and it may "
                        "have to be recovered by USB."));
  case OAK_CANCEL_STOP_WATCHING:
  default:
    return g_strdup (_ ("Everything is written: cancelling only stops waiting for proof."));
  }
}

char *
oak_remains_describe (OakRemains remains)
{
  switch (remains) {
  case OAK_REMAINS_UNCHANGED:
    return g_strdup (_ ("Nothing was written: the camera is as it was, though it may have been "
                        "restarted."));
  case OAK_REMAINS_NO_APPLICATION:
    return g_strdup (_ ("The camera has no application, or an incomplete one. Its bootloader is "
                        "intact: it can be flashed again."));
  case OAK_REMAINS_BOOTLOADER_AT_RISK:
    return g_strdup (_ ("The camera’s bootloader may be damaged. Leave the camera powered and try "
                        "again at once; if it no longer answers, it can be recovered by USB."));
  case OAK_REMAINS_NOT_SELECTED:
    return g_strdup (_ ("The application is written, but the setting from which memory the camera "
                        "starts may not be: it may start another application, or none."));
  case OAK_REMAINS_WRITTEN:
  default:
    return g_strdup (_ ("Everything was written; only the proof is missing."));
  }
}
