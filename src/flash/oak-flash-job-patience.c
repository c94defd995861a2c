/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-job-private.h"
#include "oak-flash-plan.h"

/* How long a silent camera must be waited for. While its bootloader is written no deadline of ours
 * ends the wait, because that could make it unable to start; but after a long silence the decision
 * is a person's. The job's own thread. */

static gboolean
must_be_waited_for (OakFlashJob *self)
{
  const OakFlashPlan *plan = oak_flash_work_get_plan (self->work);

  return self->state == OAK_JOB_STATE_RUNNING && self->step >= 0 &&
         oak_flash_plan_get_step (plan, (guint) self->step)->patient;
}

static gboolean
patience_ended (gpointer user_data)
{
  OakFlashJob *self = user_data;
  g_autofree char *text = g_strdup_printf (
      "the camera has said nothing for %u s; from now on the wait may be ended, at "
      "the risk of an incomplete bootloader",
      self->give_up_offer_ms / 1000);

  g_clear_pointer (&self->patience_timer, g_source_unref);
  oak_log_append (self->log, OAK_LOG_LEVEL_WARNING, text);
  oak_flash_job_set_cancel_policy (self, OAK_CANCEL_AFTER_PATIENCE);
  return G_SOURCE_REMOVE;
}

/* Without a reference on the job: dispose stops it. */
static void
start_patience (OakFlashJob *self)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  self->patience_timer = g_timeout_source_new (self->give_up_offer_ms);
  g_source_set_static_name (self->patience_timer, "oak-flash-job patience");
  g_source_set_callback (self->patience_timer, patience_ended, self, NULL);
  g_source_attach (self->patience_timer, context);
}

void
oak_flash_job_stop_patience (OakFlashJob *self)
{
  if (self->patience_timer == NULL)
    return;
  g_source_destroy (self->patience_timer);
  g_clear_pointer (&self->patience_timer, g_source_unref);
}

void
oak_flash_job_restart_patience (OakFlashJob *self)
{
  oak_flash_job_stop_patience (self);
  if (!must_be_waited_for (self))
    return;
  if (self->cancel_policy == OAK_CANCEL_AFTER_PATIENCE)
    oak_flash_job_set_cancel_policy (self, OAK_CANCEL_NEVER);
  start_patience (self);
}
