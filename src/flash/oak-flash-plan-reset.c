/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bootloader-message.h"
#include "oak-device-facts.h"
#include "oak-device-info.h"
#include "oak-error.h"
#include "oak-flash-map.h"
#include "oak-flash-plan-private.h"
#include "oak-text.h"

/* The factory reset as the vendor's own tool does it: a bootloader image, padded with erased bytes
 * until it covers everything below the application and the table the application begins with
 * (bootloader.md §6.3). Pure functions, any thread.
 *
 * The image is started in the camera's memory first: one that does not start, or starts as another
 * type, never reaches the flash. */

static const OakVersion boot_memory_since = { 0, 0, 12 };

static void
refuse_image (const OakFlashPlan *self, GError **error, OakError code, const char *reason)
{
  const char *name = self->wish.bootloader_name;

  g_set_error (error,
               OAK_ERROR,
               (int) code,
               "the bootloader image \"%s\" %s",
               name != NULL ? name : "?",
               reason);
}

static gboolean
check_image (const OakFlashPlan *self, const OakFlashRange *section, GError **error)
{
  g_autofree char *reason = NULL;
  gsize size;

  if (self->wish.bootloader_image == NULL) {
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_BAD_FILE, "no bootloader image was chosen");
    return FALSE;
  }
  if (!oak_flash_wish_check_image (self->wish.bootloader_image,
                                   self->wish.bootloader_name,
                                   self->wish.made_up_image_ok ||
                                       oak_device_info_is_loopback (self->facts->info),
                                   error))
    return FALSE;
  size = g_bytes_get_size (self->wish.bootloader_image);
  if (size <= section->size)
    return TRUE;
  reason = g_strdup_printf ("has %" G_GSIZE_FORMAT
                            " bytes, and the bootloader's place in this camera's memory has %u: "
                            "%" G_GSIZE_FORMAT " bytes too much",
                            size,
                            section->size,
                            size - section->size);
  refuse_image (self, error, OAK_ERROR_TOO_LARGE, reason);
  return FALSE;
}

static gboolean
check_room (const OakFlashPlan *self, guint64 end, GError **error)
{
  const OakMemoryFacts *flash = &self->facts->flash;

  if (!oak_flash_plan_check_memory (self, OAK_MEMORY_FLASH, error))
    return FALSE;
  if (!flash->known || flash->size == 0 || flash->size >= end)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_TOO_LARGE,
               "a factory reset writes up to byte %" G_GUINT64_FORMAT
               ", and the camera's flash memory has %" G_GUINT64_FORMAT " bytes: %" G_GUINT64_FORMAT
               " bytes too much",
               end,
               flash->size,
               end - flash->size);
  return FALSE;
}

static GBytes *
pad_image (GBytes *image, gsize padded_size)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (image, &size);
  guint8 *padded = g_malloc (padded_size);

  memcpy (padded, data, size);
  memset (padded + size, 0xff, padded_size - size);
  return g_bytes_new_take (padded, padded_size);
}

static void
add_data_step (OakFlashPlan *self,
               OakStepKind kind,
               OakCancelPolicy cancel,
               OakRemains remains,
               guint32 offset,
               GBytes *bytes)
{
  OakFlashStep *step = oak_flash_plan_add_step (self, kind, cancel, remains);

  step->storage = OAK_STORAGE_BOOTLOADER;
  step->offset = offset;
  step->size = (guint32) g_bytes_get_size (bytes);
  step->bytes = g_bytes_ref (bytes);
  step->patient = remains == OAK_REMAINS_BOOTLOADER_AT_RISK;
}

/* A camera that was found unbooted runs it since it was prepared. */
static gboolean
image_runs_already (const OakFlashPlan *self)
{
  return oak_device_info_get_state (self->facts->info) == OAK_DEVICE_STATE_UNBOOTED &&
         self->wish.boot_image == NULL;
}

gboolean
oak_flash_plan_build_reset (OakFlashPlan *self, GError **error)
{
  g_autoptr (GBytes) padded = NULL;
  OakFlashRange section;
  guint32 padded_size;

  if (!oak_flash_plan_check_type (self, error) ||
      !oak_flash_plan_check_version (self, boot_memory_since, "a factory reset", error))
    return FALSE;
  padded_size = oak_flash_map_get_factory_reset_size (self->facts->type);
  if (!oak_flash_map_get (self->facts->type, OAK_SECTION_BOOTLOADER, &section) ||
      !check_image (self, &section, error) ||
      !check_room (self, (guint64) section.start + padded_size, error))
    return FALSE;

  padded = pad_image (self->wish.bootloader_image, padded_size);
  if (!image_runs_already (self))
    add_data_step (self,
                   OAK_STEP_BOOT_MEMORY,
                   OAK_CANCEL_CLEAN,
                   OAK_REMAINS_UNCHANGED,
                   0,
                   self->wish.bootloader_image);
  add_data_step (self,
                 OAK_STEP_WRITE_STORAGE,
                 OAK_CANCEL_NEVER,
                 OAK_REMAINS_BOOTLOADER_AT_RISK,
                 section.start,
                 padded);
  add_data_step (self,
                 OAK_STEP_READ_BACK,
                 OAK_CANCEL_NEVER,
                 OAK_REMAINS_BOOTLOADER_AT_RISK,
                 section.start,
                 padded);
  oak_flash_plan_add_restart (self);
  oak_flash_plan_add_wait (self, OAK_DEVICE_STATE_BOOTLOADER, 0);
  if (!self->wish.no_wait)
    oak_flash_plan_add_step (self,
                             OAK_STEP_CHECK_VERSION,
                             OAK_CANCEL_STOP_WATCHING,
                             OAK_REMAINS_WRITTEN);
  return TRUE;
}
