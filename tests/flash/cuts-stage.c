/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuts-stage.h"

#include <string.h>

#include "oak-app-package.h"
#include "oak-config.h"
#include "oak-device-info.h"
#include "oak-flash-map.h"
#include "sim-faults.h"
#include "sim-image.h"

#define HEADER_SIZE 512
#define CONFIG_SIZE (16 * 1024)
#define IMAGE_SIZE  (80 * 1024)
#define BOOT_MS     1000

static void
discard_news (const OakNews *news, gpointer user_data)
{
}

OakFlashWork *
cuts_stage_make_work (CutsStage *self, const OakFlashWish *wish, const OakTimeouts *timeouts)
{
  g_autoptr (OakDeviceInfo) info =
      oak_device_info_new_network (CUTS_MXID, CUTS_ADDRESS, OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakOutbox) outbox = oak_outbox_new (discard_news, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  OakFlashWork *work =
      oak_flash_work_new (info, wish, OAK_NETWORK_SCOPE_LOOPBACK, timeouts, outbox, cancellable);

  oak_outbox_close (outbox);
  return work;
}

OakFlashResult *
cuts_stage_run (CutsStage *self, const OakFlashWish *wish, GError **error)
{
  g_autoptr (OakFlashWork) work = NULL;
  OakTimeouts timeouts;

  oak_timeouts_init (&timeouts);
  work = cuts_stage_make_work (self, wish, &timeouts);
  return oak_flash_work_prepare (work, error) ? oak_flash_work_run (work, error) : NULL;
}

static void
restore_chip (CutsChip *self, SimFlashStepFunc step_func)
{
  if (self->flash == NULL)
    return;
  sim_flash_set_step_func (self->flash, step_func, self);
  sim_flash_put (self->flash, 0, self->content, sim_flash_get_size (self->flash));
}

static void
unwatch_chip (CutsChip *self)
{
  if (self->flash != NULL)
    sim_flash_set_step_func (self->flash, NULL, NULL);
}

static gboolean
power_cycle (CutsStage *self)
{
  cuts_camera_power_cycle (self->camera);
  return cuts_camera_wait (self->camera, 1u << OAK_DEVICE_STATE_BOOTLOADER, BOOT_MS) ==
         OAK_DEVICE_STATE_BOOTLOADER;
}

gboolean
cuts_stage_power_cycle (CutsStage *self)
{
  unwatch_chip (&self->nor);
  unwatch_chip (&self->emmc);
  return power_cycle (self);
}

void
cuts_stage_restore (CutsStage *self, SimFlashStepFunc step_func)
{
  restore_chip (&self->nor, step_func);
  restore_chip (&self->emmc, step_func);
  self->board->factory_write_open = FALSE;
  g_array_set_size (self->board->stats.regions, 0);
  sim_faults_free (self->board->faults);
  self->board->faults = sim_faults_new ();
  cuts_pace_set (self->plan->n_compared > 0 ? self->plan->n_compared : G_MAXUINT);
  g_assert_true (power_cycle (self));
}

/* --- judging ---------------------------------------------------------------------------------- */

/* The memory that the configuration in the flash says to start from, AUTO without a whole one. */
static OakMemory
read_application_memory (CutsStage *self)
{
  const guint8 *data = sim_flash_get_data (self->nor.flash) + self->application - CONFIG_SIZE;
  guint32 size = data[0] | data[1] << 8 | data[2] << 16 | (guint32) data[3] << 24;
  g_autoptr (OakConfig) config = NULL;

  if (size >= 5 && size <= CONFIG_SIZE)
    config = oak_config_new_from_bson (data, size, NULL);
  return config == NULL ? OAK_MEMORY_AUTO : oak_config_get_app_memory (config);
}

static CutsFound
find_in (CutsStage *self, const CutsChip *chip)
{
  gsize size = sim_flash_get_size (chip->flash);

  return cuts_package_find (sim_flash_get_data (chip->flash) + self->application,
                            size - self->application,
                            self->old,
                            self->new);
}

CutsFound
cuts_stage_find_application (CutsStage *self)
{
  OakMemory memory = read_application_memory (self);
  CutsFound found = CUTS_FOUND_NONE;

  if (self->emmc.flash != NULL && memory != OAK_MEMORY_FLASH) {
    found = find_in (self, &self->emmc);
    if (memory == OAK_MEMORY_EMMC || found != CUTS_FOUND_NONE)
      return found;
  }
  return find_in (self, &self->nor);
}

/* Returns: whether the whole new package is where it was to go. */
static gboolean
is_written (CutsStage *self)
{
  const CutsChip *chip = self->plan->memory == OAK_MEMORY_EMMC ? &self->emmc : &self->nor;

  return cuts_package_is_equal (sim_flash_get_data (chip->flash) + self->application,
                                sim_flash_get_size (chip->flash) - self->application,
                                self->new);
}

static gboolean
is_image_there (CutsStage *self)
{
  gsize size;
  const void *data = g_bytes_get_data (self->image, &size);

  return memcmp (sim_flash_get_data (self->nor.flash) + HEADER_SIZE, data, size) == 0;
}

const char *
cuts_stage_find_missing (CutsStage *self, OakOperation operation)
{
  CutsFound found = cuts_stage_find_application (self);

  switch (operation) {
  case OAK_OPERATION_FLASH_APPLICATION:
    if (!is_written (self))
      return "the application is not there";
    return found == CUTS_FOUND_NEW ? NULL : "it is not the application that starts";
  case OAK_OPERATION_FACTORY_RESET:
    if (!is_image_there (self))
      return "the bootloader is not there";
    return found == CUTS_FOUND_NONE ? NULL : "there is an application left";
  case OAK_OPERATION_CLEAR_APPLICATION:
    return found == CUTS_FOUND_NONE ? NULL : "there is an application left";
  case OAK_OPERATION_VERIFY_APPLICATION:
    return is_written (self) ? NULL : "something else is there";
  case OAK_OPERATION_READ_DETAILS:
  default:
    return NULL;
  }
}

/* A bootloader that cannot read its memory back leaves the result without proof. */
const char *
cuts_stage_check_success (CutsStage *self, OakOperation operation, const OakFlashResult *result)
{
  gboolean can_prove = self->plan->bootloader >= 19 || operation == OAK_OPERATION_FACTORY_RESET;

  if (result->outcome != OAK_OUTCOME_CONFIRMED &&
      (can_prove || result->outcome != OAK_OUTCOME_NOT_CONFIRMED))
    return "it is not confirmed";
  return cuts_stage_find_missing (self, operation);
}

/* --- making ----------------------------------------------------------------------------------- */

static void
remember_chip (CutsChip *self)
{
  if (self->flash != NULL)
    self->content = g_memdup2 (sim_flash_get_data (self->flash), sim_flash_get_size (self->flash));
}

/* A few bytes that belong to nobody, where a careless write would hit them. */
static void
put_strangers (CutsStage *self)
{
  guint8 bytes[1024];
  gsize end = sim_flash_get_size (self->nor.flash);

  for (gsize i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) (i * 7 + 1);
  sim_flash_put (self->nor.flash, self->application - CONFIG_SIZE - sizeof bytes, bytes, 1024);
  sim_flash_put (self->nor.flash, self->application + 400 * OAK_KIB, bytes, sizeof bytes);
  sim_flash_put (self->nor.flash, end - sizeof bytes, bytes, sizeof bytes);
}

static void
put_content (CutsStage *self)
{
  const CutsChip *chip = self->plan->before_memory == OAK_MEMORY_EMMC ? &self->emmc : &self->nor;
  g_autoptr (OakConfig) config = NULL;
  g_autoptr (GBytes) document = NULL;

  put_strangers (self);
  if (self->old != NULL)
    sim_flash_put (chip->flash,
                   self->application,
                   g_bytes_get_data (self->old, NULL),
                   g_bytes_get_size (self->old));
  if (self->plan->config == NULL)
    return;
  config = oak_config_new_from_text (self->plan->config, NULL);
  document = oak_config_to_bson (config, NULL);
  sim_flash_put (self->nor.flash,
                 self->application - CONFIG_SIZE,
                 g_bytes_get_data (document, NULL),
                 g_bytes_get_size (document));
}

static void
init_wish (CutsStage *self, OakFlashWish *wish, OakOperation operation)
{
  oak_flash_wish_init (wish, operation);
  wish->memory = self->plan->memory;
  wish->stop_application = TRUE;
  wish->size_unknown_ok = TRUE;
  wish->allow_host_streams = TRUE;
  wish->full = self->plan->full;
  if (operation == OAK_OPERATION_FLASH_APPLICATION ||
      operation == OAK_OPERATION_VERIFY_APPLICATION) {
    wish->package = oak_app_package_ref (self->after);
    g_assert_true (oak_flash_wish_judge (wish, NULL, NULL));
  } else if (operation == OAK_OPERATION_FACTORY_RESET) {
    wish->bootloader_image = g_bytes_ref (self->image);
    wish->bootloader_name = g_strdup ("made-up");
  }
}

static void
init_camera (CutsStage *self)
{
  const CutsPlan *plan = self->plan;
  SimBoardOptions options;

  sim_board_options_init (&options);
  options.type = plan->type;
  options.version = OAK_VERSION (0, 0, plan->bootloader);
  options.flash_size = plan->nor_mib * OAK_MIB;
  options.emmc_size = plan->emmc_mib * OAK_MIB;
  options.erase_size = self->model->erase_kib * OAK_KIB;
  options.preserve = self->model->preserve;
  options.datasheet_timing = TRUE;
  self->camera = cuts_camera_new (&options);
  self->board = cuts_camera_get_board (self->camera);
  self->nor = (CutsChip){ .memory = OAK_MEMORY_FLASH, .flash = self->board->nor };
  self->emmc = (CutsChip){ .memory = OAK_MEMORY_EMMC, .flash = self->board->emmc };
}

void
cuts_stage_init (CutsStage *self, const CutsPlan *plan, const CutsModel *model)
{
  gboolean clears = plan->operation == OAK_OPERATION_CLEAR_APPLICATION;

  *self = (CutsStage){ .plan = plan, .model = model };
  init_camera (self);
  self->application = oak_flash_map_get_application_offset (plan->type);
  self->image_end = HEADER_SIZE + IMAGE_SIZE;
  self->before = cuts_package_make (plan->before);
  self->after = cuts_package_make (plan->after);
  self->old = self->before == NULL ? NULL : oak_app_package_get_bytes (self->before);
  self->new = self->after == NULL ? NULL : oak_app_package_get_bytes (self->after);
  self->image = sim_image_make (plan->type, OAK_VERSION (0, 0, 29), IMAGE_SIZE);
  put_content (self);
  remember_chip (&self->nor);
  remember_chip (&self->emmc);
  init_wish (self, &self->wish, plan->operation);
  init_wish (self, &self->next, clears ? OAK_OPERATION_FLASH_APPLICATION : plan->operation);
  cuts_connector_set_camera (self->camera);
}

void
cuts_stage_clear (CutsStage *self)
{
  cuts_connector_set_camera (NULL);
  oak_flash_wish_clear (&self->wish);
  oak_flash_wish_clear (&self->next);
  g_clear_pointer (&self->before, oak_app_package_unref);
  g_clear_pointer (&self->after, oak_app_package_unref);
  g_bytes_unref (self->image);
  g_free (self->nor.content);
  g_free (self->emmc.content);
  cuts_camera_free (self->camera);
}
