/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-plan.h"

#include "oak-app-verdict.h"
#include "oak-config.h"
#include "oak-device-facts.h"
#include "oak-error.h"
#include "oak-flash-plan-private.h"

/* What all plans have in common: steps, weights, and the refusals that do not depend on the
 * operation. Pure functions of what the camera said and what the person wants; immutable once made.
 * Any thread. */

/* Shares of the whole that do not depend on sizes. */
#define RESTART_SHARE 0.03
#define WAIT_SHARE    0.12

static void
step_clear (gpointer data)
{
  OakFlashStep *step = data;

  g_clear_pointer (&step->bytes, g_bytes_unref);
}

static void
plan_clear (gpointer data)
{
  OakFlashPlan *self = data;

  g_clear_pointer (&self->facts, oak_device_facts_unref);
  g_clear_pointer (&self->steps, g_array_unref);
  g_clear_pointer (&self->verdict, oak_app_verdict_unref);
  oak_flash_wish_clear (&self->wish);
}

OakFlashStep *
oak_flash_plan_add_step (OakFlashPlan *self,
                         OakStepKind kind,
                         OakCancelPolicy cancel,
                         OakRemains remains)
{
  OakFlashStep step = {
    .kind = kind,
    .memory = OAK_MEMORY_FLASH,
    .app_memory = OAK_MEMORY_AUTO,
    .cancel = cancel,
    .remains = remains,
  };

  g_array_append_val (self->steps, step);
  return &g_array_index (self->steps, OakFlashStep, self->steps->len - 1);
}

void
oak_flash_plan_add_restart (OakFlashPlan *self)
{
  if (oak_flash_plan_writes (self))
    oak_flash_plan_add_step (self, OAK_STEP_RESTART, OAK_CANCEL_STOP_WATCHING, OAK_REMAINS_WRITTEN);
  else
    oak_flash_plan_add_step (self, OAK_STEP_RESTART, OAK_CANCEL_CLEAN, OAK_REMAINS_UNCHANGED);
}

void
oak_flash_plan_add_wait (OakFlashPlan *self, OakDeviceState state, guint timeout_ms)
{
  OakFlashStep *step;

  if (self->wish.no_wait)
    return;
  step = oak_flash_plan_add_step (self,
                                  OAK_STEP_WAIT_FOR_STATE,
                                  OAK_CANCEL_STOP_WATCHING,
                                  OAK_REMAINS_WRITTEN);
  step->state_mask = 1u << state;
  step->timeout_ms = timeout_ms;
}

gboolean
oak_flash_plan_check_type (const OakFlashPlan *self, GError **error)
{
  OakBootloaderType type = self->facts->type;

  if (type != OAK_BOOTLOADER_TYPE_USB && type != OAK_BOOTLOADER_TYPE_NETWORK) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_UNSUPPORTED,
                         "the camera does not say of which type its bootloader is, so the layout "
                         "of its memory is not known");
    return FALSE;
  }
  if (self->wish.bootloader_type != OAK_BOOTLOADER_TYPE_AUTO &&
      self->wish.bootloader_type != type) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_UNSUPPORTED,
                 "the bootloader that runs in the camera is of type %s, and %s was chosen",
                 oak_bootloader_type_to_string (type),
                 oak_bootloader_type_to_string (self->wish.bootloader_type));
    return FALSE;
  }
  if (self->facts->type_trusted || self->wish.bootloader_type != OAK_BOOTLOADER_TYPE_AUTO)
    return TRUE;
  g_set_error_literal (error,
                       OAK_ERROR,
                       OAK_ERROR_UNSUPPORTED,
                       "the type of the camera is known only from a bootloader that was started in "
                       "its memory, and that must not decide what is written: the type has to be "
                       "chosen");
  return FALSE;
}

gboolean
oak_flash_plan_check_version (const OakFlashPlan *self,
                              OakVersion since,
                              const char *what,
                              GError **error)
{
  g_autofree char *needed = oak_version_to_string (since);
  g_autofree char *running = oak_version_to_string (self->facts->version);

  if (oak_version_compare (self->facts->version, since) >= 0)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_UNSUPPORTED,
               "%s needs bootloader %s or newer, and this camera runs %s: update its bootloader "
               "first",
               what,
               needed,
               running);
  return FALSE;
}

gboolean
oak_flash_plan_check_memory (const OakFlashPlan *self, OakMemory memory, GError **error)
{
  const OakMemoryFacts *facts = oak_device_facts_get_memory (self->facts, memory);

  if (!facts->known || facts->available)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_UNSUPPORTED,
               "the camera has no %s memory",
               memory == OAK_MEMORY_EMMC ? "eMMC" : "flash");
  return FALSE;
}

int
oak_flash_plan_get_boot_wait_ms (const OakFlashPlan *self)
{
  g_autoptr (OakConfig) defaults = NULL;

  if (self->facts->config != NULL)
    return oak_config_get_timeout_ms (self->facts->config, self->facts->type);
  defaults = oak_config_new ();
  return oak_config_get_timeout_ms (defaults, self->facts->type);
}

static gboolean
build (OakFlashPlan *self, GError **error)
{
  switch (self->wish.operation) {
  case OAK_OPERATION_READ_DETAILS:
    oak_flash_plan_add_restart (self);
    return TRUE;
  case OAK_OPERATION_FLASH_APPLICATION:
    return oak_flash_plan_build_application (self, error);
  case OAK_OPERATION_CLEAR_APPLICATION:
    return oak_flash_plan_build_clear (self, error);
  case OAK_OPERATION_FACTORY_RESET:
    return oak_flash_plan_build_reset (self, error);
  case OAK_OPERATION_VERIFY_APPLICATION:
    return oak_flash_plan_build_verify (self, error);
  default:
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED, "there is no such operation");
    return FALSE;
  }
}

OakFlashPlan *
oak_flash_plan_new (const OakDeviceFacts *facts, const OakFlashWish *wish, GError **error)
{
  g_autoptr (OakFlashPlan) self = NULL;

  g_return_val_if_fail (facts != NULL, NULL);
  g_return_val_if_fail (wish != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_atomic_rc_box_new0 (OakFlashPlan);
  self->facts = oak_device_facts_ref ((OakDeviceFacts *) facts);
  self->steps = g_array_new (FALSE, FALSE, sizeof (OakFlashStep));
  g_array_set_clear_func (self->steps, step_clear);
  self->memory = OAK_MEMORY_AUTO;
  self->can_read_back = oak_version_compare (facts->version, OAK_PLAN_READ_SINCE) >= 0;
  oak_flash_wish_copy (&self->wish, wish);
  if (!build (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

OakFlashPlan *
oak_flash_plan_ref (OakFlashPlan *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
oak_flash_plan_unref (OakFlashPlan *self)
{
  g_atomic_rc_box_release_full (self, plan_clear);
}

guint
oak_flash_plan_get_n_steps (const OakFlashPlan *self)
{
  return self->steps->len;
}

const OakFlashStep *
oak_flash_plan_get_step (const OakFlashPlan *self, guint index)
{
  g_return_val_if_fail (index < self->steps->len, NULL);

  return &g_array_index (self->steps, OakFlashStep, index);
}

static gboolean
step_writes (const OakFlashStep *step)
{
  return step->kind == OAK_STEP_WRITE_STORAGE || step->kind == OAK_STEP_WRITE_REGION ||
         step->kind == OAK_STEP_SET_APP_MEMORY;
}

gboolean
oak_flash_plan_writes (const OakFlashPlan *self)
{
  for (guint i = 0; i < self->steps->len; i++)
    if (step_writes (&g_array_index (self->steps, OakFlashStep, i)))
      return TRUE;
  return FALSE;
}

gboolean
oak_flash_plan_needs_typed_id (const OakFlashPlan *self)
{
  for (guint i = 0; i < self->steps->len; i++)
    if (g_array_index (self->steps, OakFlashStep, i).remains == OAK_REMAINS_BOOTLOADER_AT_RISK)
      return TRUE;
  return FALSE;
}

/* In units of one MiB written. Memory is written slowly and read quickly; each request costs a
 * little of its own. */
static double
get_data_effort (const OakFlashStep *step)
{
  double mebibytes = (double) step->size / (double) OAK_MIB;

  switch (step->kind) {
  case OAK_STEP_BOOT_MEMORY:
    return 1.0 + 0.3 * mebibytes;
  case OAK_STEP_WRITE_STORAGE:
  case OAK_STEP_WRITE_REGION:
    return 0.05 + mebibytes;
  case OAK_STEP_READ_BACK:
    return 0.05 + 0.3 * mebibytes;
  case OAK_STEP_COMPARE: /* mostly ends soon */
    return 0.05 + 0.1 * mebibytes;
  case OAK_STEP_CHECK_ERASE:
    return 0.05;
  case OAK_STEP_SET_APP_MEMORY:
    return 0.1;
  case OAK_STEP_RESTART:
  case OAK_STEP_WAIT_FOR_STATE:
  case OAK_STEP_CHECK_VERSION:
  default:
    return 0;
  }
}

static double
get_fixed_share (const OakFlashStep *step)
{
  if (step->kind == OAK_STEP_RESTART || step->kind == OAK_STEP_CHECK_VERSION)
    return RESTART_SHARE;
  return step->kind == OAK_STEP_WAIT_FOR_STATE ? WAIT_SHARE : 0;
}

double
oak_flash_plan_get_step_weight (const OakFlashPlan *self, guint index)
{
  const OakFlashStep *step = oak_flash_plan_get_step (self, index);
  double effort = 0;
  double fixed = 0;

  g_return_val_if_fail (step != NULL, 0);

  for (guint i = 0; i < self->steps->len; i++) {
    effort += get_data_effort (oak_flash_plan_get_step (self, i));
    fixed += get_fixed_share (oak_flash_plan_get_step (self, i));
  }
  if (effort <= 0)
    return get_fixed_share (step) / fixed;
  return get_fixed_share (step) + (1.0 - fixed) * get_data_effort (step) / effort;
}
