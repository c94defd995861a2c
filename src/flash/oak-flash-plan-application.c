/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-app-package.h"
#include "oak-app-verdict.h"
#include "oak-bootloader-message.h"
#include "oak-config.h"
#include "oak-device-facts.h"
#include "oak-error.h"
#include "oak-flash-map.h"
#include "oak-flash-plan-private.h"
#include "oak-sbr.h"
#include "oak-text.h"

/* Plans that put an application into a camera or take it out (bootloader.md §5.1, §5.2). Pure
 * functions, any thread.
 *
 * An application whose table is whole while its firmware is not starts, and a camera that runs half
 * a program answers to nobody. So the old table is erased first, the first block with the new table
 * is written last, and what lies behind it is read back before. Where the camera keeps the bytes
 * beside a table that is erased, the table is even written alone, after all the rest was read back.
 * Only a loss of power inside that last block can still leave a torn application. */

/* A camera that waits longer than this for a host is not watched until its application starts. */
#define LONGEST_WATCHED_WAIT_MS (10 * 60 * 1000)

static const OakVersion network_application_since = { 0, 0, 14 }; /* hazard H4 */
static const OakVersion memory_choice_since = { 0, 0, 12 };
static const OakVersion config_since = { 0, 0, 14 };

static gboolean
check_bootloader (const OakFlashPlan *self, GError **error)
{
  g_autofree char *version = oak_version_to_string (self->facts->version);

  if (self->facts->type != OAK_BOOTLOADER_TYPE_NETWORK ||
      oak_version_compare (self->facts->version, network_application_since) >= 0)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_UNSUPPORTED,
               "network bootloader %s can make the camera unusable when it is given an "
               "application: update the factory bootloader to 0.0.14 or newer first",
               version);
  return FALSE;
}

static OakMemory
choose_memory (const OakDeviceFacts *facts)
{
  if (facts->type == OAK_BOOTLOADER_TYPE_NETWORK && facts->emmc.known && facts->emmc.available)
    return OAK_MEMORY_EMMC;
  return OAK_MEMORY_FLASH;
}

/* AUTO stays AUTO, the bootloader's own choice, where the camera cannot tell what memories it has.
 */
static gboolean
resolve_memory (OakFlashPlan *self, GError **error)
{
  OakMemory memory = self->wish.memory;

  if (memory == OAK_MEMORY_AUTO) {
    OakMemory chosen = choose_memory (self->facts);

    if (!self->can_read_back || !oak_device_facts_get_memory (self->facts, chosen)->known)
      return TRUE;
    memory = chosen;
  } else if (!oak_flash_plan_check_version (self,
                                            memory_choice_since,
                                            "choosing the memory",
                                            error)) {
    return FALSE;
  }
  if (!oak_flash_plan_check_memory (self, memory, error))
    return FALSE;
  self->memory = memory;
  return TRUE;
}

static gboolean
agree_to_unknown_size (const OakFlashPlan *self, gsize size, GError **error)
{
  g_autofree char *version = oak_version_to_string (self->facts->version);
  g_autofree char *size_text = oak_text_size (size);

  if (self->wish.size_unknown_ok)
    return TRUE;
  g_set_error (
      error,
      OAK_ERROR,
      OAK_ERROR_NEEDS_CONSENT,
      "bootloader %s does not tell how large the camera's memory is: whether %s fit is not "
      "known, and a package that does not fit can make the camera unusable; agree to an "
      "unknown size to go on",
      version,
      size_text);
  return FALSE;
}

/* Returns: (transfer full): "13.2 MiB (13841203 bytes)": what one can picture, and what one can
 * check. */
static char *
describe_exactly (guint64 size)
{
  g_autofree char *text = oak_text_size (size);

  if (size < OAK_KIB)
    return g_steal_pointer (&text);
  return g_strdup_printf ("%s (%" G_GUINT64_FORMAT " bytes)", text, size);
}

static void
refuse_size (const OakFlashPlan *self, guint64 size, GError **error)
{
  g_autofree char *size_text = describe_exactly (size);
  g_autofree char *room_text = describe_exactly (self->room);
  g_autofree char *excess_text = describe_exactly (size - self->room);

  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_TOO_LARGE,
               "the package has %s, and the camera's %s memory has room for %s: %s too much",
               size_text,
               self->memory == OAK_MEMORY_EMMC ? "eMMC" : "flash",
               room_text,
               excess_text);
}

static gboolean
check_size (OakFlashPlan *self, gsize size, GError **error)
{
  const OakMemoryFacts *memory;

  if (self->memory == OAK_MEMORY_AUTO)
    return agree_to_unknown_size (self, size, error);
  memory = oak_device_facts_get_memory (self->facts, self->memory);
  if (!memory->known || memory->size == 0)
    return agree_to_unknown_size (self, size, error);
  self->room = oak_flash_map_get_application_room (self->facts->type, memory->size);
  if (size <= self->room)
    return TRUE;
  refuse_size (self, size, error);
  return FALSE;
}

/* Everything that can be said against the package on this camera. Most of it has been said above or
 * before the camera was touched; this is the one place that nothing gets past. */
static gboolean
judge_for_camera (OakFlashPlan *self, GError **error)
{
  OakAppTarget target = {
    .bootloader_type = self->facts->type,
    .version_known = TRUE,
    .bootloader_version = self->facts->version,
    .room_known = self->room != 0,
    .room = self->room,
  };

  self->verdict = oak_app_verdict_new (self->wish.contents, &target, self->wish.allow_host_streams);
  return oak_app_verdict_check (self->verdict, error);
}

static OakFlashStep *
add_region (OakFlashPlan *self,
            OakStepKind kind,
            OakMemory memory,
            guint32 offset,
            GBytes *bytes,
            OakRemains remains)
{
  OakFlashStep *step = oak_flash_plan_add_step (self, kind, OAK_CANCEL_BOUNDARY, remains);

  step->memory = memory;
  step->offset = offset;
  step->size = (guint32) g_bytes_get_size (bytes);
  step->bytes = g_bytes_ref (bytes);
  return step;
}

/* What follows is only done where something differs. */
static void
add_comparison (OakFlashPlan *self, guint32 offset, GBytes *bytes)
{
  OakFlashStep *step =
      add_region (self, OAK_STEP_COMPARE, self->memory, offset, bytes, OAK_REMAINS_UNCHANGED);

  step->cancel = OAK_CANCEL_CLEAN;
}

static GBytes *
make_blank_table (void)
{
  guint8 *table = g_malloc (OAK_PLAN_TABLE_SIZE);

  memset (table, 0xff, OAK_PLAN_TABLE_SIZE);
  return g_bytes_new_take (table, OAK_PLAN_TABLE_SIZE);
}

static GBytes *
slice (GBytes *bytes, gsize start, gsize end)
{
  return g_bytes_new_from_bytes (bytes, start, end - start);
}

/* The bytes around an erased table, as far as the memory goes. */
static void
add_erase_check (OakFlashPlan *self, guint32 offset)
{
  OakFlashStep *step = oak_flash_plan_add_step (self,
                                                OAK_STEP_CHECK_ERASE,
                                                OAK_CANCEL_BOUNDARY,
                                                OAK_REMAINS_NO_APPLICATION);

  step->memory = self->memory;
  step->offset = offset;
  step->size = OAK_PLAN_SAFE_BLOCK;
  if (self->room > 0 && self->room < OAK_PLAN_SAFE_BLOCK)
    step->size = (guint32) self->room;
}

static void
add_body (OakFlashPlan *self, guint32 offset, GBytes *body)
{
  OakFlashStep *step;

  step = add_region (self,
                     OAK_STEP_WRITE_REGION,
                     self->memory,
                     offset,
                     body,
                     OAK_REMAINS_NO_APPLICATION);
  step->only_what_differs = !self->wish.full;
  step =
      add_region (self, OAK_STEP_READ_BACK, self->memory, offset, body, OAK_REMAINS_NO_APPLICATION);
  step->only_what_differs = !self->wish.full;
}

/* The last reading goes one block beyond the last writing: a chip that erases more at once than any
 * known one would show there. */
static void
add_safe_writes (OakFlashPlan *self, guint32 offset, GBytes *bytes)
{
  gsize size = g_bytes_get_size (bytes);
  gsize first = MIN (size, OAK_PLAN_SAFE_BLOCK);
  g_autoptr (GBytes) blank = make_blank_table ();
  g_autoptr (GBytes) head = slice (bytes, 0, first);
  g_autoptr (GBytes) body = slice (bytes, first, size);
  g_autoptr (GBytes) proof = slice (bytes, 0, MIN (size, 2 * OAK_PLAN_SAFE_BLOCK));
  guint first_write;

  if (!self->wish.full)
    add_comparison (self, offset, bytes);
  first_write = self->steps->len;
  add_region (self, OAK_STEP_WRITE_REGION, self->memory, offset, blank, OAK_REMAINS_NO_APPLICATION);
  add_erase_check (self, offset);
  if (size > first)
    add_body (self, offset + (guint32) first, body);
  add_region (self, OAK_STEP_WRITE_REGION, self->memory, offset, head, OAK_REMAINS_NO_APPLICATION)
      ->table_last = TRUE;
  add_region (self, OAK_STEP_READ_BACK, self->memory, offset, proof, OAK_REMAINS_WRITTEN);
  for (guint i = first_write; i < self->steps->len; i++)
    g_array_index (self->steps, OakFlashStep, i).if_differs = !self->wish.full;
  self->safe_order = TRUE;
}

/* The vendor's own request: old bootloaders choose the place themselves, and which erase blocks
 * they can keep is not known. */
static void
add_single_write (OakFlashPlan *self, guint32 offset, GBytes *bytes)
{
  OakFlashStep *step =
      add_region (self,
                  self->memory == OAK_MEMORY_AUTO ? OAK_STEP_WRITE_STORAGE : OAK_STEP_WRITE_REGION,
                  self->memory,
                  offset,
                  bytes,
                  OAK_REMAINS_NO_APPLICATION);

  step->storage = OAK_STORAGE_SBR;
  step->cancel = OAK_CANCEL_DROPS_LINK;
}

/* Where the bootloader chose the memory itself, its own setting made it choose so: leave that
 * alone. */
static void
add_app_memory (OakFlashPlan *self)
{
  OakMemory configured = OAK_MEMORY_AUTO;
  OakFlashStep *step;

  if (self->memory == OAK_MEMORY_AUTO ||
      oak_version_compare (self->facts->version, config_since) < 0)
    return;
  if (self->facts->config != NULL)
    configured = oak_config_get_app_memory (self->facts->config);
  if (configured == self->memory)
    return;
  step = oak_flash_plan_add_step (self,
                                  OAK_STEP_SET_APP_MEMORY,
                                  OAK_CANCEL_BOUNDARY,
                                  OAK_REMAINS_NOT_SELECTED);
  step->memory = self->memory;
  step->app_memory = self->memory;
}

static void
add_start (OakFlashPlan *self)
{
  int wait_ms = oak_flash_plan_get_boot_wait_ms (self);

  oak_flash_plan_add_restart (self);
  self->waits_too_long = wait_ms < 0 || wait_ms > LONGEST_WATCHED_WAIT_MS;
  if (!self->waits_too_long)
    oak_flash_plan_add_wait (self, OAK_DEVICE_STATE_FLASH_BOOTED, (guint) wait_ms);
}

static gboolean
check_package (const OakFlashPlan *self, GError **error)
{
  if (self->wish.package != NULL)
    return TRUE;
  g_set_error_literal (error, OAK_ERROR, OAK_ERROR_BAD_FILE, "no application package was chosen");
  return FALSE;
}

gboolean
oak_flash_plan_build_application (OakFlashPlan *self, GError **error)
{
  guint32 offset = oak_flash_map_get_application_offset (self->facts->type);
  GBytes *bytes;

  if (!check_package (self, error))
    return FALSE;
  bytes = oak_app_package_get_bytes (self->wish.package);
  if (!oak_flash_wish_judge (&self->wish, NULL, error) ||
      !oak_flash_plan_check_type (self, error) || !check_bootloader (self, error) ||
      !resolve_memory (self, error) || !check_size (self, g_bytes_get_size (bytes), error) ||
      !judge_for_camera (self, error))
    return FALSE;
  if (self->can_read_back && self->memory != OAK_MEMORY_AUTO)
    add_safe_writes (self, offset, bytes);
  else
    add_single_write (self, offset, bytes);
  add_app_memory (self);
  add_start (self);
  return TRUE;
}

/* A file that begins with no table was never on any camera: a wrong one was chosen. */
static gboolean
check_table (const OakFlashPlan *self, GError **error)
{
  GBytes *bytes = oak_app_package_get_bytes (self->wish.package);
  g_autoptr (GError) local_error = NULL;
  OakSbr table;

  if (oak_sbr_decode (&table,
                      g_bytes_get_data (bytes, NULL),
                      g_bytes_get_size (bytes),
                      &local_error))
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_BAD_FILE,
               "\"%s\" is no application package: %s",
               oak_app_package_get_file_name (self->wish.package),
               local_error->message);
  return FALSE;
}

/* Where the camera starts an application from, as far as is known. */
static OakMemory
find_start_memory (const OakDeviceFacts *facts)
{
  OakMemory configured = OAK_MEMORY_AUTO;

  if (facts->config != NULL)
    configured = oak_config_get_app_memory (facts->config);
  return configured != OAK_MEMORY_AUTO ? configured : choose_memory (facts);
}

gboolean
oak_flash_plan_build_verify (OakFlashPlan *self, GError **error)
{
  guint32 offset = oak_flash_map_get_application_offset (self->facts->type);
  GBytes *bytes;

  if (!check_package (self, error) || !check_table (self, error) ||
      !oak_flash_plan_check_type (self, error) ||
      !oak_flash_plan_check_version (self, OAK_PLAN_READ_SINCE, "comparing", error))
    return FALSE;
  self->memory = self->wish.memory;
  if (self->memory == OAK_MEMORY_AUTO)
    self->memory = find_start_memory (self->facts);
  bytes = oak_app_package_get_bytes (self->wish.package);
  self->wish.size_unknown_ok = TRUE; /* nothing is written */
  if (!oak_flash_plan_check_memory (self, self->memory, error) ||
      !check_size (self, g_bytes_get_size (bytes), error))
    return FALSE;
  add_comparison (self, offset, bytes);
  oak_flash_plan_add_restart (self);
  return TRUE;
}

static gboolean
is_missing (const OakMemoryFacts *memory)
{
  return memory->known && !memory->available;
}

static void
add_clear (OakFlashPlan *self, OakMemory memory)
{
  guint32 offset = oak_flash_map_get_application_offset (self->facts->type);
  g_autoptr (GBytes) blank = make_blank_table ();

  add_region (self, OAK_STEP_WRITE_REGION, memory, offset, blank, OAK_REMAINS_NO_APPLICATION);
  if (self->can_read_back)
    add_region (self, OAK_STEP_READ_BACK, memory, offset, blank, OAK_REMAINS_NO_APPLICATION);
}

gboolean
oak_flash_plan_build_clear (OakFlashPlan *self, GError **error)
{
  const OakDeviceFacts *facts = self->facts;
  OakMemory memory = self->wish.memory;
  gboolean emmc_too = memory == OAK_MEMORY_AUTO && facts->emmc.known && facts->emmc.available;

  if (!oak_flash_plan_check_type (self, error) ||
      !oak_flash_plan_check_version (self, memory_choice_since, "removing an application", error))
    return FALSE;
  if (memory == OAK_MEMORY_AUTO && !(emmc_too && is_missing (&facts->flash)))
    memory = OAK_MEMORY_FLASH;
  if (memory != OAK_MEMORY_AUTO) {
    if (!oak_flash_plan_check_memory (self, memory, error))
      return FALSE;
    add_clear (self, memory);
  }
  if (emmc_too)
    add_clear (self, OAK_MEMORY_EMMC);
  oak_flash_plan_add_restart (self);
  oak_flash_plan_add_wait (self, OAK_DEVICE_STATE_BOOTLOADER, 0);
  return TRUE;
}
