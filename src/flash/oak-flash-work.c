/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-work.h"

#include "oak-advice.h"
#include "oak-bootloader-message.h"
#include "oak-device-info.h"
#include "oak-error.h"
#include "oak-flash-work-private.h"

/* The two halves of a job as straight-line code. Runs in the job's worker thread; everything in
 * here is immutable or the worker's. */

/* A bootloader that was refused or reads back wrong is written again in the same session, while the
 * one in the camera's working memory still runs: after a restart it could be too late
 * (bootloader.md, hazard H2). */
#define MAX_ATTEMPTS 3

/* After a lost link the bootloader misses its keep-alive for this long before it restarts, and a
 * little more. */
#define RESTART_BY_ITSELF_MS (OAK_BOOTLOADER_WATCHDOG_MS + 100)

OakFlashWork *
oak_flash_work_new (OakDeviceInfo *info,
                    const OakFlashWish *wish,
                    OakNetworkScope scope,
                    const OakTimeouts *timeouts,
                    OakOutbox *outbox,
                    GCancellable *cancellable)
{
  OakFlashWork *self = g_atomic_rc_box_new0 (OakFlashWork);

  self->info = oak_device_info_ref (info);
  oak_flash_wish_copy (&self->wish, wish);
  oak_flash_wish_copy (&self->judged, wish);
  self->scope = scope;
  self->timeouts = *timeouts;
  self->outbox = oak_outbox_ref (outbox);
  self->cancellable = g_object_ref (cancellable);
  self->state = OAK_DEVICE_STATE_UNKNOWN;
  oak_flash_tracker_init (&self->tracker, outbox);
  g_mutex_init (&self->patience_lock);
  return self;
}

static void
work_clear (gpointer data)
{
  OakFlashWork *self = data;

  g_clear_pointer (&self->bootloader, oak_bootloader_free);
  g_clear_pointer (&self->connector, oak_connector_free);
  g_clear_pointer (&self->blocks, oak_flash_blocks_free);
  g_clear_pointer (&self->plan, oak_flash_plan_unref);
  g_clear_pointer (&self->facts, oak_device_facts_unref);
  g_clear_pointer (&self->found, oak_device_info_unref);
  oak_flash_wish_clear (&self->judged);
  oak_flash_tracker_clear (&self->tracker);
  g_mutex_clear (&self->patience_lock);
  oak_outbox_unref (self->outbox);
  g_object_unref (self->cancellable);
  oak_flash_wish_clear (&self->wish);
  oak_device_info_unref (self->info);
  g_free (self->unproven);
  g_free (self->wait_problem);
  g_free (self->version_problem);
}

OakFlashWork *
oak_flash_work_ref (OakFlashWork *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
oak_flash_work_unref (OakFlashWork *self)
{
  g_atomic_rc_box_release_full (self, work_clear);
}

OakDeviceInfo *
oak_flash_work_get_info (const OakFlashWork *self)
{
  if (self->facts != NULL)
    return self->facts->info;
  return self->found != NULL ? self->found : self->info;
}

const OakFlashWish *
oak_flash_work_get_wish (const OakFlashWork *self)
{
  return &self->wish;
}

OakDeviceFacts *
oak_flash_work_get_facts (const OakFlashWork *self)
{
  return self->facts;
}

OakFlashPlan *
oak_flash_work_get_plan (const OakFlashWork *self)
{
  return self->plan;
}

gboolean
oak_flash_work_has_written (const OakFlashWork *self)
{
  return g_atomic_int_get (&self->has_written) != 0;
}

OakRemains
oak_flash_work_get_remains (const OakFlashWork *self)
{
  return (OakRemains) g_atomic_int_get (&self->remains);
}

void
oak_flash_work_restart (OakFlashWork *self)
{
  g_autoptr (GError) error = NULL;

  if (self->bootloader == NULL)
    return;
  self->restarted_us = g_get_monotonic_time ();
  if (!oak_bootloader_reset (&self->bootloader, &error))
    oak_report_log (&self->tracker.report,
                    OAK_LOG_LEVEL_WARNING,
                    "the camera could not be told to restart (%s); it does so by itself when "
                    "nobody speaks to it",
                    error->message);
}

void
oak_flash_work_close (OakFlashWork *self)
{
  if (self->bootloader != NULL)
    oak_flash_tracker_enter_stage (&self->tracker, OAK_STAGE_RESTARTING);
  oak_flash_work_restart (self);
  g_clear_pointer (&self->connector, oak_connector_free);
}

static void
log_facts (OakFlashWork *self)
{
  const OakDeviceFacts *facts = self->facts;
  g_autofree char *version = oak_version_to_string (facts->version);

  oak_report_log (&self->tracker.report,
                  OAK_LOG_LEVEL_INFO,
                  "connected to %s at %s, bootloader %s%s%s of type %s",
                  oak_device_info_get_mxid (facts->info),
                  oak_device_info_get_address (facts->info),
                  version,
                  facts->commit != NULL && facts->commit[0] != '\0' ? "+" : "",
                  facts->commit != NULL ? facts->commit : "",
                  oak_bootloader_type_to_string (facts->type));
}

static void
log_plan (OakFlashWork *self)
{
  guint n_steps = oak_flash_plan_get_n_steps (self->plan);
  g_autofree char *title = oak_flash_plan_get_title (self->plan);

  oak_report_log (&self->tracker.report, OAK_LOG_LEVEL_INFO, "plan: %s", title);
  for (guint i = 0; i < n_steps; i++) {
    g_autofree char *step = oak_flash_plan_describe_step (self->plan, i);

    oak_report_log (&self->tracker.report,
                    OAK_LOG_LEVEL_INFO,
                    "plan, step %u of %u: %s",
                    i + 1,
                    n_steps,
                    step);
  }
}

/* What is found out stays known, also when it is why nothing more can be done. */
static gboolean
identify (OakFlashWork *self, GError **error)
{
  gboolean identified = oak_connector_identify (self->connector, self->cancellable, error);

  g_clear_pointer (&self->found, oak_device_info_unref);
  self->found = oak_device_info_ref (oak_connector_get_info (self->connector));
  return identified;
}

/* The state in the facts is the one the camera was found in; the connection has changed it since.
 */
static OakDeviceInfo *
recall_info (OakFlashWork *self, OakDeviceState state_before)
{
  return oak_device_info_with_state (oak_connector_get_info (self->connector), state_before);
}

/* In its chip's ROM a camera can only be given an image to start. */
static gboolean
set_boot_image (OakFlashWork *self, GError **error)
{
  GBytes *image = oak_flash_wish_check_unbooted (&self->wish, error);

  if (image == NULL)
    return FALSE;
  oak_connector_set_boot_image (self->connector, image);
  return TRUE;
}

static gboolean
connect_and_read (OakFlashWork *self, GError **error)
{
  g_autoptr (OakDeviceInfo) info = NULL;
  OakDeviceState state_before;

  self->connector =
      oak_connector_new (self->info, self->scope, &self->timeouts, &self->tracker.report);
  if (!identify (self, error))
    return FALSE;
  state_before = oak_device_info_get_state (self->found);
  if (state_before == OAK_DEVICE_STATE_UNBOOTED && !set_boot_image (self, error))
    return FALSE;
  self->bootloader =
      oak_connector_open (self->connector, self->wish.stop_application, self->cancellable, error);
  if (self->bootloader == NULL)
    return FALSE;
  info = recall_info (self, state_before);
  self->facts = oak_device_facts_read (self->bootloader, info, self->cancellable, error);
  if (self->facts == NULL)
    return FALSE;
  self->facts->type_trusted = oak_connector_is_type_trusted (self->connector);
  self->version_written = self->facts->version;
  log_facts (self);
  return TRUE;
}

static gboolean
prepare (OakFlashWork *self, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
      !oak_flash_wish_judge (&self->judged, self->cancellable, error) ||
      !connect_and_read (self, error))
    return FALSE;
  self->plan = oak_flash_plan_new (self->facts, &self->judged, error);
  if (self->plan == NULL)
    return FALSE;
  log_plan (self);
  return TRUE;
}

static void
log_end (OakFlashWork *self, const GError *error)
{
  OakLogLevel level = OAK_LOG_LEVEL_ERROR;
  const char *prefix = "";

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    level = OAK_LOG_LEVEL_WARNING;
    prefix = "stopped: ";
  } else if (g_error_matches (error, OAK_ERROR, OAK_ERROR_NEEDS_CONSENT)) {
    /* A question, and no failure: somebody answers it or does not. */
    level = OAK_LOG_LEVEL_INFO;
    prefix = "needs agreement: ";
  }
  oak_report_log (&self->tracker.report, level, "%s%s", prefix, error->message);
}

gboolean
oak_flash_work_prepare (OakFlashWork *self, GError **error)
{
  gint64 start_us = g_get_monotonic_time ();
  g_autoptr (GError) local_error = NULL;
  gboolean prepared;

  oak_flash_tracker_enter_stage (&self->tracker, OAK_STAGE_CONNECTING);
  prepared = prepare (self, &local_error);
  self->prepare_us = g_get_monotonic_time () - start_us;
  if (prepared)
    return TRUE;
  log_end (self, local_error);
  oak_flash_work_close (self);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* Losing the link does not say what became of the camera. */
static gboolean
lost_link (const GError *error)
{
  return g_error_matches (error, OAK_ERROR, OAK_ERROR_DISCONNECTED) ||
         g_error_matches (error, OAK_ERROR, OAK_ERROR_TIMED_OUT) ||
         g_error_matches (error, OAK_ERROR, OAK_ERROR_UNREACHABLE) ||
         g_error_matches (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
}

static void
tick (int left_ms, gpointer user_data)
{
  OakFlashWork *self = user_data;

  oak_flash_tracker_set_wait (&self->tracker, left_ms, self->timeouts.reboot_ms);
}

/* Asks by discovery only. What it finds becomes part of the message. A camera whose link fell
 * answers as before until it restarts by itself (bootloader.md §2.2): only what it says after that
 * counts. */
static void
look_for_camera (OakFlashWork *self, GError **error)
{
  guint mask = 1u << OAK_DEVICE_STATE_BOOTLOADER | 1u << OAK_DEVICE_STATE_FLASH_BOOTED;
  guint before_ms = MIN (RESTART_BY_ITSELF_MS, self->timeouts.reboot_ms);
  OakDeviceState state = OAK_DEVICE_STATE_UNKNOWN;
  GError *found = NULL;

  oak_flash_tracker_enter_stage (&self->tracker, OAK_STAGE_CHECKING);
  oak_connector_wait_for_state (self->connector,
                                0,
                                before_ms,
                                NULL,
                                NULL,
                                NULL,
                                self->cancellable,
                                NULL);
  oak_connector_wait_for_state (self->connector,
                                mask,
                                self->timeouts.reboot_ms,
                                tick,
                                self,
                                &state,
                                self->cancellable,
                                NULL);
  found = g_error_new ((*error)->domain,
                       (*error)->code,
                       "%s; %s",
                       (*error)->message,
                       oak_advice_name_whereabouts (state));
  g_error_free (*error);
  *error = found;
}

static void
end_early (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  gboolean wrong_bytes = g_error_matches (*error, OAK_ERROR, OAK_ERROR_VERIFY_FAILED);

  log_end (self, *error);
  if (step != NULL && (wrong_bytes || g_error_matches (*error, OAK_ERROR, OAK_ERROR_REFUSED)) &&
      (step->kind == OAK_STEP_READ_BACK || step->kind == OAK_STEP_WRITE_REGION ||
       step->kind == OAK_STEP_CHECK_ERASE))
    oak_flash_work_disarm (self);
  if (step != NULL && wrong_bytes && step->remains == OAK_REMAINS_WRITTEN)
    g_atomic_int_set (&self->remains, OAK_REMAINS_NO_APPLICATION);
  if (self->bootloader != NULL)
    oak_flash_tracker_enter_stage (&self->tracker, OAK_STAGE_RESTARTING);
  oak_flash_work_restart (self);
  if (lost_link (*error) && !g_cancellable_is_cancelled (self->cancellable)) {
    look_for_camera (self, error);
    log_end (self, *error);
  }
}

/* Steps that are proof only go on to the end; below the application nothing stops a step. */
static gboolean
may_begin (OakFlashWork *self, const OakFlashStep *step, GError **error)
{
  switch (step->cancel) {
  case OAK_CANCEL_NEVER:
  case OAK_CANCEL_AFTER_PATIENCE:
  case OAK_CANCEL_STOP_WATCHING:
    return TRUE;
  case OAK_CANCEL_CLEAN:
  case OAK_CANCEL_BOUNDARY:
  case OAK_CANCEL_DROPS_LINK:
  default:
    return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
  }
}

static gboolean
run_step (OakFlashWork *self, guint index, GError **error)
{
  const OakFlashStep *step = oak_flash_plan_get_step (self->plan, index);
  g_autofree char *text = oak_flash_plan_describe_step (self->plan, index);

  oak_outbox_post_step (self->outbox, (int) index, step->cancel);
  oak_flash_tracker_enter_step (&self->tracker, index);
  oak_report_log (&self->tracker.report,
                  OAK_LOG_LEVEL_INFO,
                  "step %u of %u: %s",
                  index + 1,
                  oak_flash_plan_get_n_steps (self->plan),
                  text);
  if (!may_begin (self, step, error))
    return FALSE;
  if (oak_flash_work_has_written (self))
    g_atomic_int_set (&self->remains, (gint) step->remains);
  if (!oak_flash_work_run_step (self, step, error))
    return FALSE;
  oak_flash_tracker_leave_step (&self->tracker);
  return TRUE;
}

/* Blocks changed that nobody wrote: @index goes back to the step that writes, which now writes all.
 */
static gboolean
write_everything (OakFlashWork *self, guint *index, const GError *error)
{
  if (!self->rewrite)
    return FALSE;
  self->rewrite = FALSE;
  oak_report_log (&self->tracker.report,
                  OAK_LOG_LEVEL_WARNING,
                  "%s; it was equal before: everything is written",
                  error->message);
  while (!oak_flash_plan_get_step (self->plan, *index)->only_what_differs ||
         oak_flash_plan_get_step (self->plan, *index)->kind != OAK_STEP_WRITE_REGION)
    *index -= 1;
  oak_flash_tracker_start_over (&self->tracker, *index);
  return TRUE;
}

/* Returns: TRUE when the bootloader shall be written once more; @index is then where to go on. */
static gboolean
start_over (OakFlashWork *self, guint *index, const GError *error)
{
  const OakFlashStep *step = oak_flash_plan_get_step (self->plan, *index);

  if (step->remains != OAK_REMAINS_BOOTLOADER_AT_RISK || self->n_attempts + 1 >= MAX_ATTEMPTS)
    return FALSE;
  if (!g_error_matches (error, OAK_ERROR, OAK_ERROR_REFUSED) &&
      !g_error_matches (error, OAK_ERROR, OAK_ERROR_VERIFY_FAILED))
    return FALSE;
  self->n_attempts++;
  self->bytes_written = 0;
  self->bytes_verified = 0;
  oak_report_log (&self->tracker.report,
                  OAK_LOG_LEVEL_WARNING,
                  "%s; writing the bootloader once more, as long as the camera still runs",
                  error->message);
  while (oak_flash_plan_get_step (self->plan, *index)->kind != OAK_STEP_WRITE_STORAGE)
    *index -= 1;
  oak_flash_tracker_start_over (&self->tracker, *index);
  return TRUE;
}

static gboolean
run_steps (OakFlashWork *self, const OakFlashStep **failed, GError **error)
{
  guint n_steps = oak_flash_plan_get_n_steps (self->plan);
  guint index = 0;

  while (index < n_steps) {
    g_autoptr (GError) local_error = NULL;

    if (self->nothing_differs && oak_flash_plan_get_step (self->plan, index)->if_differs) {
      index++;
    } else if (run_step (self, index, &local_error)) {
      index++;
    } else if (!write_everything (self, &index, local_error) &&
               !start_over (self, &index, local_error)) {
      *failed = oak_flash_plan_get_step (self->plan, index);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  }
  return TRUE;
}

OakFlashResult *
oak_flash_work_run (OakFlashWork *self, GError **error)
{
  gint64 start_us = g_get_monotonic_time ();
  const OakFlashStep *failed = NULL;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (OakFlashResult) result = NULL;

  oak_flash_tracker_set_plan (&self->tracker, self->plan);
  if (run_steps (self, &failed, &local_error)) {
    self->run_us = g_get_monotonic_time () - start_us;
    result = oak_flash_work_make_result (self);
  } else {
    end_early (self, failed, &local_error);
    g_propagate_error (error, g_steal_pointer (&local_error));
  }
  oak_flash_work_close (self);
  oak_outbox_post_step (self->outbox, -1, OAK_CANCEL_CLEAN);
  return g_steal_pointer (&result);
}
