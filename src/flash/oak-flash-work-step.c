/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-config.h"
#include "oak-error.h"
#include "oak-flash-plan-private.h"
#include "oak-flash-work-private.h"
#include "oak-text.h"

/* What each kind of step does. Worker thread. */

/* Below this speed a packet that cannot be split may starve the keep-alive (bootloader.md §2.2). */
#define SLOW_LINK_SPEED 1e6

GCancellable *
oak_flash_work_get_cancellable (const OakFlashWork *self, const OakFlashStep *step)
{
  return step->cancel == OAK_CANCEL_NEVER ? NULL : self->cancellable;
}

/* Asked once before anything is started in the camera's memory, and once before the first write. */
static gboolean
confirm_identity (OakFlashWork *self, GError **error)
{
  if (self->confirmed)
    return TRUE;
  if (!oak_connector_confirm (self->connector, self->cancellable, error))
    return FALSE;
  self->confirmed = TRUE;
  return TRUE;
}

/* The session may have been lost while a person decided; then it is lost before the first write
 * request and not by it. What the camera answers is known already, only that it answers counts. */
static gboolean
check_alive (OakFlashWork *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (OakConfig) config = NULL;
  OakMemoryDetails details;

  if (oak_bootloader_read_memory_details (self->bootloader,
                                          OAK_MEMORY_FLASH,
                                          &details,
                                          self->cancellable,
                                          &local_error))
    return TRUE;
  if (g_error_matches (local_error, OAK_ERROR, OAK_ERROR_UNSUPPORTED)) {
    g_clear_error (&local_error);
    config = oak_bootloader_read_config (self->bootloader, self->cancellable, &local_error);
  }
  if (config != NULL || g_error_matches (local_error, OAK_ERROR, OAK_ERROR_UNSUPPORTED) ||
      g_error_matches (local_error, OAK_ERROR, OAK_ERROR_REFUSED))
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "before the first write: ");
  return FALSE;
}

/* From here on the camera may not be as it was. */
gboolean
oak_flash_work_begin_writing (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  if (!confirm_identity (self, error))
    return FALSE;
  if (!oak_flash_work_has_written (self) && !check_alive (self, error))
    return FALSE;
  g_atomic_int_set (&self->has_written, 1);
  g_atomic_int_set (&self->remains, (gint) step->remains);
  return TRUE;
}

static gboolean
boot_image (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  OakStepTransfer transfer = { &self->tracker, 0, step->size };
  double speed;

  if (!oak_bootloader_boot_memory (self->bootloader,
                                   step->bytes,
                                   oak_flash_work_forward_transfer,
                                   &transfer,
                                   self->cancellable,
                                   error)) {
    g_prefix_error (error, "sending the bootloader image: ");
    return FALSE;
  }
  speed = oak_bootloader_get_send_speed (self->bootloader);
  if (speed > 0 && speed < SLOW_LINK_SPEED)
    oak_report_log (&self->tracker.report,
                    OAK_LOG_LEVEL_WARNING,
                    "the link carries only %.0f KiB a second, and writing a bootloader cannot be "
                    "split into smaller requests: the camera may restart on the way",
                    speed / 1024);
  g_clear_pointer (&self->bootloader, oak_bootloader_free);
  self->bootloader = oak_connector_reopen (self->connector, self->cancellable, error);
  if (self->bootloader != NULL)
    return TRUE;
  g_prefix_error (error, "the image was sent, but does not start as a bootloader: ");
  return FALSE;
}

/* What the image says of itself may forbid, never decide: the type was read from the camera's own
 * bootloader before. */
static gboolean
run_boot_memory (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  g_autofree char *version = NULL;
  OakBootloaderType type;

  if (!confirm_identity (self, error) || !boot_image (self, step, error))
    return FALSE;
  self->confirmed = FALSE;
  type = oak_bootloader_get_type (self->bootloader);
  self->version_written = oak_bootloader_get_version (self->bootloader);
  version = oak_version_to_string (self->version_written);
  oak_report_log (&self->tracker.report,
                  OAK_LOG_LEVEL_INFO,
                  "the image runs: bootloader %s of type %s",
                  version,
                  oak_bootloader_type_to_string (type));
  if (type == self->facts->type)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_BAD_FILE,
               "the image is a bootloader of type %s, and this camera needs one of type %s",
               oak_bootloader_type_to_string (type),
               oak_bootloader_type_to_string (self->facts->type));
  return FALSE;
}

static void
set_awaited (OakFlashWork *self, OakBootloader *bootloader)
{
  g_mutex_lock (&self->patience_lock);
  self->awaited = bootloader;
  g_mutex_unlock (&self->patience_lock);
}

gboolean
oak_flash_work_give_up (OakFlashWork *self)
{
  gboolean waits;

  g_mutex_lock (&self->patience_lock);
  waits = self->awaited != NULL;
  self->given_up = self->given_up || waits;
  if (waits)
    oak_bootloader_cut (self->awaited);
  g_mutex_unlock (&self->patience_lock);
  return waits;
}

/* A wait that a person ended is no failure of the link, whose end was only the means. */
static void
take_given_up (OakFlashWork *self, GError **error)
{
  gboolean given_up;

  g_mutex_lock (&self->patience_lock);
  given_up = self->given_up;
  g_mutex_unlock (&self->patience_lock);
  if (!given_up)
    return;
  g_clear_error (error);
  g_set_error_literal (error,
                       G_IO_ERROR,
                       G_IO_ERROR_CANCELLED,
                       "nobody waits for the silent camera any longer; its bootloader may be "
                       "incomplete");
}

static gboolean
run_write_storage (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  OakStepTransfer transfer = { &self->tracker, 0, step->size };
  gint64 start_us;
  gboolean written;

  if (!oak_flash_work_begin_writing (self, step, error))
    return FALSE;
  start_us = g_get_monotonic_time ();
  set_awaited (self, step->patient ? self->bootloader : NULL);
  written =
      oak_bootloader_write_storage (self->bootloader,
                                    step->storage,
                                    step->bytes,
                                    step->patient ? OAK_WRITE_FLAGS_PATIENT : OAK_WRITE_FLAGS_NONE,
                                    oak_flash_work_forward_transfer,
                                    &transfer,
                                    oak_flash_work_get_cancellable (self, step),
                                    error);
  set_awaited (self, NULL);
  self->write_us += g_get_monotonic_time () - start_us;
  if (!written) {
    take_given_up (self, error);
    g_prefix_error (error, "writing %s: ", step->patient ? "the bootloader" : "the application");
    return FALSE;
  }
  self->bytes_written += step->size;
  return TRUE;
}

static gboolean
check_app_memory (OakFlashWork *self, OakMemory memory, GError **error)
{
  GError *local_error = NULL;
  g_autoptr (OakConfig) config =
      oak_bootloader_read_config (self->bootloader, self->cancellable, &local_error);

  if (config == NULL)
    return oak_flash_work_forgive_reading (self, local_error, error);
  if (oak_config_get_app_memory (config) == memory)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_VERIFY_FAILED,
               "the camera's configuration still says to start applications from %s",
               oak_memory_to_string (oak_config_get_app_memory (config)));
  return FALSE;
}

/* Exactly one key changes (bootloader.md §9.1). */
static gboolean
run_set_app_memory (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  g_autoptr (OakConfig) config =
      self->facts->config != NULL ? oak_config_copy (self->facts->config) : oak_config_new ();

  if (!oak_flash_work_begin_writing (self, step, error))
    return FALSE;
  oak_config_set_app_memory (config, step->app_memory);
  if (oak_bootloader_write_config (self->bootloader, config, self->cancellable, error) &&
      check_app_memory (self, step->app_memory, error))
    return TRUE;
  g_prefix_error (error,
                  "the application is written%s; setting the memory to start applications from: ",
                  self->read_back && self->unproven == NULL ? " and reads back equal" : "");
  return FALSE;
}

gboolean
oak_flash_work_run_step (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  switch (step->kind) {
  case OAK_STEP_BOOT_MEMORY:
    return run_boot_memory (self, step, error);
  case OAK_STEP_WRITE_STORAGE:
    return run_write_storage (self, step, error);
  case OAK_STEP_COMPARE:
    return oak_flash_work_run_compare (self, step, error);
  case OAK_STEP_WRITE_REGION:
    return oak_flash_work_run_write_region (self, step, error);
  case OAK_STEP_CHECK_ERASE:
    return oak_flash_work_run_check_erase (self, step, error);
  case OAK_STEP_READ_BACK:
    return oak_flash_work_run_read_back (self, step, error);
  case OAK_STEP_SET_APP_MEMORY:
    return run_set_app_memory (self, step, error);
  case OAK_STEP_RESTART:
    oak_flash_work_restart (self);
    return TRUE;
  case OAK_STEP_WAIT_FOR_STATE:
    oak_flash_work_wait (self, step);
    return TRUE;
  case OAK_STEP_CHECK_VERSION:
    oak_flash_work_check_version (self);
    return TRUE;
  default:
    g_set_error (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED, "there is no such step");
    return FALSE;
  }
}

/* In a safe order this erases the table. */
static const OakFlashStep *
find_first_write (const OakFlashPlan *plan)
{
  guint i = 0;

  while (oak_flash_plan_get_step (plan, i)->kind != OAK_STEP_WRITE_REGION)
    i++;
  return oak_flash_plan_get_step (plan, i);
}

/* Nobody may stop this: it is what keeps the camera from starting half an application. */
void
oak_flash_work_disarm (OakFlashWork *self)
{
  const OakFlashStep *blank;
  g_autoptr (GError) error = NULL;

  if (!self->plan->safe_order || self->bootloader == NULL || !oak_flash_work_has_written (self))
    return;
  blank = find_first_write (self->plan);
  if (oak_bootloader_write_region (self->bootloader,
                                   blank->memory,
                                   blank->offset,
                                   blank->bytes,
                                   OAK_WRITE_FLAGS_NONE,
                                   NULL,
                                   NULL,
                                   NULL,
                                   &error))
    oak_report_log (&self->tracker.report,
                    OAK_LOG_LEVEL_INFO,
                    "the start record was erased, so that a damaged application does not start");
  else
    oak_report_log (&self->tracker.report,
                    OAK_LOG_LEVEL_WARNING,
                    "the start record could not be erased: %s",
                    error->message);
}

typedef struct {
  OakFlashWork *work;
  guint total_ms;
} Wait;

static void
tick (int left_ms, gpointer user_data)
{
  Wait *self = user_data;

  oak_flash_tracker_set_wait (&self->work->tracker, left_ms, self->total_ms);
}

/* The step knows how long the camera waits by itself; how long it takes to restart and to start an
 * application is ours to guess. */
static guint
get_wait_ms (const OakFlashWork *self, const OakFlashStep *step)
{
  guint wait_ms = step->timeout_ms + self->timeouts.reboot_ms;

  if ((step->state_mask & 1u << OAK_DEVICE_STATE_FLASH_BOOTED) != 0)
    wait_ms += self->timeouts.start_margin_ms;
  return wait_ms;
}

void
oak_flash_work_wait (OakFlashWork *self, const OakFlashStep *step)
{
  Wait wait = { self, get_wait_ms (self, step) };
  g_autoptr (GError) error = NULL;

  self->seen = oak_connector_wait_for_state (self->connector,
                                             step->state_mask,
                                             wait.total_ms,
                                             tick,
                                             &wait,
                                             &self->state,
                                             self->cancellable,
                                             &error);
  self->seen_us = g_get_monotonic_time () - self->restarted_us;
  self->watched = !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (self->seen)
    return;
  self->wait_problem = g_strdup (error->message);
  oak_report_log (&self->tracker.report,
                  self->watched ? OAK_LOG_LEVEL_WARNING : OAK_LOG_LEVEL_INFO,
                  "%s",
                  self->watched ? error->message : "nobody waits for the start any more");
}

/* A session of its own, which is looked for as carefully as the first one: the address may have
 * another owner by now. */
void
oak_flash_work_check_version (OakFlashWork *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *version = NULL;

  if (!self->seen)
    return;
  self->bootloader = oak_connector_open (self->connector, FALSE, self->cancellable, &error);
  if (self->bootloader == NULL) {
    self->watched = !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    self->version_problem = g_strdup (error->message);
    oak_report_log (&self->tracker.report,
                    OAK_LOG_LEVEL_WARNING,
                    "which bootloader the camera started is not known: %s",
                    error->message);
    return;
  }
  self->version_checked = TRUE;
  self->version_started = oak_bootloader_get_version (self->bootloader);
  version = oak_version_to_string (self->version_started);
  oak_report_log (&self->tracker.report,
                  OAK_LOG_LEVEL_INFO,
                  "the camera started bootloader %s by itself",
                  version);
  oak_flash_work_restart (self);
}
