/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-error.h"
#include "oak-flash-job-private.h"
#include "oak-flash-plan.h"

/* The crossings between the main thread and the worker: the two halves of a job, and its ends.
 *
 * A threaded task may drop the last reference to its source object on the worker thread, so the
 * threaded tasks here have none. What keeps a job alive while a worker is busy is the callback
 * data, which is handed back in this thread: the caller's own task, or the job. A worker never sees
 * the job, only the work. */

static void
stop_confirm_timer (OakFlashJob *self)
{
  if (self->confirm_timer == NULL)
    return;
  g_source_destroy (self->confirm_timer);
  g_clear_pointer (&self->confirm_timer, g_source_unref);
}

static void
unref_work (gpointer data)
{
  oak_flash_work_unref (data);
}

/* @user_data: (transfer full) to @done; keeps the job alive until then. */
static void
start_worker (OakFlashJob *self,
              GTaskThreadFunc function,
              GAsyncReadyCallback done,
              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, done, user_data);

  g_task_set_source_tag (task, start_worker);
  g_task_set_task_data (task, oak_flash_work_ref (self->work), unref_work);
  g_task_run_in_thread (task, function);
}

/* worker thread */
static void
prepare_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (oak_flash_work_prepare (task_data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
free_result (gpointer data)
{
  oak_flash_result_free (data);
}

/* worker thread */
static void
run_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  OakFlashResult *result = oak_flash_work_run (task_data, &error);

  if (result != NULL)
    g_task_return_pointer (task, result, free_result);
  else
    g_task_return_error (task, error);
}

/* worker thread */
static void
close_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  oak_flash_work_close (task_data);
  g_task_return_boolean (task, TRUE);
}

static void
finish (OakFlashJob *self)
{
  g_autoptr (GPtrArray) abandons = g_steal_pointer (&self->abandons);

  self->abandons = g_ptr_array_new_with_free_func (g_object_unref);
  oak_flash_job_end (self);
  for (guint i = 0; i < abandons->len; i++)
    g_task_return_boolean (g_ptr_array_index (abandons, i), TRUE);
}

static void
close_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OakFlashJob) self = user_data;

  finish (self);
}

static void
begin_closing (OakFlashJob *self)
{
  stop_confirm_timer (self);
  oak_flash_job_set_state (self, OAK_JOB_STATE_CLOSING);
  start_worker (self, close_in_thread, close_done, g_object_ref (self));
}

static gboolean
confirm_expired (gpointer user_data)
{
  OakFlashJob *self = user_data;

  self->expired = TRUE;
  oak_log_append (self->log,
                  OAK_LOG_LEVEL_WARNING,
                  "nobody decided in time: the camera is restarted");
  begin_closing (self);
  return G_SOURCE_REMOVE;
}

/* Without a reference on the job: dispose stops it. */
static void
start_confirm_timer (OakFlashJob *self)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  self->confirm_timer = g_timeout_source_new (self->confirm_ms);
  g_source_set_static_name (self->confirm_timer, "oak-flash-job confirm");
  g_source_set_callback (self->confirm_timer, confirm_expired, self, NULL);
  g_source_attach (self->confirm_timer, context);
}

static void
prepare_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OakFlashJob *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error)) {
    finish (self);
    g_task_return_error (task, error);
    return;
  }
  if (self->abandons->len > 0 || g_cancellable_set_error_if_cancelled (self->cancellable, &error)) {
    begin_closing (self);
    g_clear_error (&error);
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
    return;
  }
  oak_flash_job_set_state (self, OAK_JOB_STATE_READY);
  start_confirm_timer (self);
  g_task_return_boolean (task, TRUE);
}

static void
run_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OakFlashJob *self = g_task_get_source_object (task);
  GError *error = NULL;
  OakFlashResult *flash_result = g_task_propagate_pointer (G_TASK (result), &error);

  finish (self);
  if (flash_result != NULL)
    g_task_return_pointer (task, flash_result, free_result);
  else
    g_task_return_error (task, error);
}

void
oak_flash_job_prepare_async (OakFlashJob *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (OAK_IS_FLASH_JOB (self));
  g_return_if_fail (self->state == OAK_JOB_STATE_NEW || self->state == OAK_JOB_STATE_FINISHED);

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, oak_flash_job_prepare_async);
  if (self->state == OAK_JOB_STATE_FINISHED) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped before it began");
    return;
  }
  oak_flash_job_set_state (self, OAK_JOB_STATE_PREPARING);
  start_worker (self, prepare_in_thread, prepare_done, g_steal_pointer (&task));
}

OakFlashPlan *
oak_flash_job_prepare_finish (OakFlashJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return oak_flash_work_get_plan (self->work);
}

static void
return_too_late (OakFlashJob *self, GTask *task)
{
  if (self->expired)
    g_task_return_new_error (task,
                             OAK_ERROR,
                             OAK_ERROR_TIMED_OUT,
                             "the decision took longer than %u s: the camera was restarted, and "
                             "nothing was written",
                             self->confirm_ms / 1000);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped before it began");
}

void
oak_flash_job_run_async (OakFlashJob *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (OAK_IS_FLASH_JOB (self));
  g_return_if_fail (self->state >= OAK_JOB_STATE_READY && self->state != OAK_JOB_STATE_RUNNING);

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, oak_flash_job_run_async);
  if (self->state != OAK_JOB_STATE_READY) {
    return_too_late (self, task);
    return;
  }
  stop_confirm_timer (self);
  oak_flash_job_set_state (self, OAK_JOB_STATE_RUNNING);
  start_worker (self, run_in_thread, run_done, g_steal_pointer (&task));
}

OakFlashResult *
oak_flash_job_run_finish (OakFlashJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
oak_flash_job_abandon_async (OakFlashJob *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (OAK_IS_FLASH_JOB (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, oak_flash_job_abandon_async);
  if (self->state == OAK_JOB_STATE_NEW)
    oak_flash_job_set_state (self, OAK_JOB_STATE_FINISHED);
  if (self->state == OAK_JOB_STATE_FINISHED) {
    g_task_return_boolean (task, TRUE);
    return;
  }
  g_ptr_array_add (self->abandons, g_steal_pointer (&task));
  oak_flash_job_cancel (self);
}

gboolean
oak_flash_job_abandon_finish (OakFlashJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* The camera may have answered before the person did. */
static void
give_up (OakFlashJob *self)
{
  if (oak_flash_work_give_up (self->work)) {
    oak_log_append (self->log, OAK_LOG_LEVEL_WARNING, "asked to wait no longer: the link is cut");
    g_cancellable_cancel (self->cancellable);
  } else {
    oak_log_append (self->log,
                    OAK_LOG_LEVEL_INFO,
                    "asked to wait no longer, but the camera has answered meanwhile");
  }
}

static void
cancel_run (OakFlashJob *self)
{
  if (self->cancel_policy == OAK_CANCEL_AFTER_PATIENCE) {
    give_up (self);
    return;
  }
  if (self->cancel_policy == OAK_CANCEL_NEVER) {
    oak_log_append (self->log,
                    OAK_LOG_LEVEL_WARNING,
                    "this cannot be cancelled: the camera's bootloader is being written");
    return;
  }
  oak_log_append (self->log, OAK_LOG_LEVEL_INFO, "asked to stop");
  g_cancellable_cancel (self->cancellable);
}

void
oak_flash_job_cancel (OakFlashJob *self)
{
  g_return_if_fail (OAK_IS_FLASH_JOB (self));

  switch (self->state) {
  case OAK_JOB_STATE_NEW:
  case OAK_JOB_STATE_PREPARING:
    g_cancellable_cancel (self->cancellable);
    break;
  case OAK_JOB_STATE_READY:
    begin_closing (self);
    break;
  case OAK_JOB_STATE_RUNNING:
    cancel_run (self);
    break;
  case OAK_JOB_STATE_CLOSING:
  case OAK_JOB_STATE_FINISHED:
  default:
    break;
  }
}

/* Only a job that waits for a decision can be dropped with an open session: a busy one is kept by
 * its callback data. The camera is told to restart in a worker, which needs nothing of the job. */
void
oak_flash_job_let_go (OakFlashJob *self)
{
  stop_confirm_timer (self);
  if (self->state != OAK_JOB_STATE_READY)
    return;
  self->state = OAK_JOB_STATE_FINISHED;
  start_worker (self, close_in_thread, NULL, NULL);
}
