/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-job.h"

#include "oak-device-info.h"
#include "oak-flash-job-private.h"
#include "oak-flash-plan.h"

/* The job as the main thread sees it: its state and properties, made of the news that a worker
 * sends. What crosses to the worker is in oak-flash-job-tasks.c, the work itself in
 * oak-flash-work.c. */

G_DEFINE_FINAL_TYPE (OakFlashJob, oak_flash_job, G_TYPE_OBJECT)

enum {
  PROP_STATE = 1,
  PROP_STAGE,
  PROP_FRACTION,
  PROP_STAGE_FRACTION,
  PROP_BYTES_DONE,
  PROP_BYTES_TOTAL,
  PROP_BYTES_PER_SECOND,
  PROP_SECONDS_LEFT,
  PROP_CANCEL_POLICY,
  PROP_LOG,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static void
notify (OakFlashJob *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
oak_flash_job_set_state (OakFlashJob *self, OakJobState state)
{
  if (self->state == state)
    return;
  self->state = state;
  notify (self, PROP_STATE);
}

void
oak_flash_job_set_cancel_policy (OakFlashJob *self, int cancel_policy)
{
  if (self->cancel_policy == cancel_policy)
    return;
  self->cancel_policy = cancel_policy;
  notify (self, PROP_CANCEL_POLICY);
}

static gboolean
counts_bytes (const OakProgress *progress)
{
  return progress->bytes_total > 0;
}

/* A wait says itself how long it can take at most; for bytes it is what the last seconds suggest.
 */
static void
estimate (OakFlashJob *self, const OakProgress *news, OakProgress *progress)
{
  if (news->stage != self->progress.stage || !counts_bytes (news))
    oak_flash_rate_reset (&self->rate);
  self->bytes_per_second = 0;
  progress->seconds_left = news->seconds_left < 0 ? -1 : MAX (news->seconds_left, 1);
  if (!counts_bytes (news))
    return;
  oak_flash_rate_add (&self->rate, g_get_monotonic_time (), news->bytes_done);
  self->bytes_per_second = oak_flash_rate_get_speed (&self->rate);
  progress->seconds_left =
      oak_flash_rate_get_seconds_left (&self->rate, news->bytes_total - news->bytes_done);
}

static void
notify_changes (OakFlashJob *self, const OakProgress *old, double old_speed)
{
  const OakProgress *new = &self->progress;

  if (old->stage != new->stage)
    notify (self, PROP_STAGE);
  if (old->fraction != new->fraction)
    notify (self, PROP_FRACTION);
  if (old->stage_fraction != new->stage_fraction)
    notify (self, PROP_STAGE_FRACTION);
  if (old->bytes_done != new->bytes_done)
    notify (self, PROP_BYTES_DONE);
  if (old->bytes_total != new->bytes_total)
    notify (self, PROP_BYTES_TOTAL);
  if (old->seconds_left != new->seconds_left)
    notify (self, PROP_SECONDS_LEFT);
  if (old_speed != self->bytes_per_second)
    notify (self, PROP_BYTES_PER_SECOND);
}

static void
take_progress (OakFlashJob *self, const OakProgress *news)
{
  OakProgress old = self->progress;
  OakProgress progress = *news;
  double old_speed = self->bytes_per_second;

  estimate (self, news, &progress);
  progress.fraction = MAX (progress.fraction, old.fraction);
  self->progress = progress;
  notify_changes (self, &old, old_speed);
}

/* In this thread, before the result of the task that sent it. */
static void
take_news (const OakNews *news, gpointer user_data)
{
  g_autoptr (OakFlashJob) self = g_object_ref (user_data);

  g_object_freeze_notify (G_OBJECT (self));
  if (news->has_step) {
    self->step = news->step;
    oak_flash_job_set_cancel_policy (self, news->cancel_policy);
  }
  if (news->has_progress)
    take_progress (self, &news->progress);
  if (news->has_step || news->has_progress)
    oak_flash_job_restart_patience (self);
  if (news->entries != NULL)
    oak_log_append_entries (self->log, news->entries);
  g_object_thaw_notify (G_OBJECT (self));
}

void
oak_flash_job_end (OakFlashJob *self)
{
  OakProgress old = self->progress;
  double old_speed = self->bytes_per_second;

  oak_flash_job_stop_patience (self);
  self->progress.seconds_left = -1;
  self->bytes_per_second = 0;
  self->step = -1;
  g_object_freeze_notify (G_OBJECT (self));
  notify_changes (self, &old, old_speed);
  oak_flash_job_set_cancel_policy (self, OAK_CANCEL_CLEAN);
  oak_flash_job_set_state (self, OAK_JOB_STATE_FINISHED);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
oak_flash_job_dispose (GObject *object)
{
  OakFlashJob *self = OAK_FLASH_JOB (object);

  if (self->outbox != NULL)
    oak_outbox_close (self->outbox);
  oak_flash_job_stop_patience (self);
  oak_flash_job_let_go (self);
  G_OBJECT_CLASS (oak_flash_job_parent_class)->dispose (object);
}

static void
oak_flash_job_finalize (GObject *object)
{
  OakFlashJob *self = OAK_FLASH_JOB (object);

  g_clear_pointer (&self->info, oak_device_info_unref);
  g_clear_pointer (&self->work, oak_flash_work_unref);
  g_clear_pointer (&self->outbox, oak_outbox_unref);
  g_clear_pointer (&self->abandons, g_ptr_array_unref);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->log);
  G_OBJECT_CLASS (oak_flash_job_parent_class)->finalize (object);
}

static void
oak_flash_job_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OakFlashJob *self = OAK_FLASH_JOB (object);

  switch (id) {
  case PROP_STATE:
    g_value_set_int (value, (int) self->state);
    break;
  case PROP_STAGE:
    g_value_set_int (value, (int) self->progress.stage);
    break;
  case PROP_FRACTION:
    g_value_set_double (value, self->progress.fraction);
    break;
  case PROP_STAGE_FRACTION:
    g_value_set_double (value, self->progress.stage_fraction);
    break;
  case PROP_BYTES_DONE:
    g_value_set_uint64 (value, self->progress.bytes_done);
    break;
  case PROP_BYTES_TOTAL:
    g_value_set_uint64 (value, self->progress.bytes_total);
    break;
  case PROP_BYTES_PER_SECOND:
    g_value_set_double (value, self->bytes_per_second);
    break;
  case PROP_SECONDS_LEFT:
    g_value_set_int (value, self->progress.seconds_left);
    break;
  case PROP_CANCEL_POLICY:
    g_value_set_int (value, self->cancel_policy);
    break;
  case PROP_LOG:
    g_value_set_object (value, self->log);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    break;
  }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS)

static GParamSpec *
int_property (const char *name, int minimum)
{
  return g_param_spec_int (name, NULL, NULL, minimum, G_MAXINT, minimum, READABLE);
}

static GParamSpec *
double_property (const char *name, double minimum)
{
  return g_param_spec_double (name, NULL, NULL, minimum, G_MAXDOUBLE, minimum, READABLE);
}

static GParamSpec *
bytes_property (const char *name)
{
  return g_param_spec_uint64 (name, NULL, NULL, 0, G_MAXUINT64, 0, READABLE);
}

static void
oak_flash_job_class_init (OakFlashJobClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = oak_flash_job_dispose;
  object_class->finalize = oak_flash_job_finalize;
  object_class->get_property = oak_flash_job_get_property;

  properties[PROP_STATE] = int_property ("state", 0);
  properties[PROP_STAGE] = int_property ("stage", 0);
  properties[PROP_FRACTION] = double_property ("fraction", 0);
  properties[PROP_STAGE_FRACTION] = double_property ("stage-fraction", -1);
  properties[PROP_BYTES_DONE] = bytes_property ("bytes-done");
  properties[PROP_BYTES_TOTAL] = bytes_property ("bytes-total");
  properties[PROP_BYTES_PER_SECOND] = double_property ("bytes-per-second", 0);
  properties[PROP_SECONDS_LEFT] = int_property ("seconds-left", -1);
  properties[PROP_CANCEL_POLICY] = int_property ("cancel-policy", 0);
  properties[PROP_LOG] = g_param_spec_object ("log", NULL, NULL, OAK_TYPE_LOG, READABLE);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
oak_flash_job_init (OakFlashJob *self)
{
  self->cancellable = g_cancellable_new ();
  self->log = oak_log_new ();
  self->outbox = oak_outbox_new (take_news, self);
  self->abandons = g_ptr_array_new_with_free_func (g_object_unref);
  self->progress = (OakProgress){ .stage_fraction = -1, .seconds_left = -1 };
  self->step = -1;
  self->cancel_policy = OAK_CANCEL_CLEAN;
}

OakFlashJob *
oak_flash_job_new (OakDeviceInfo *info,
                   const OakFlashWish *wish,
                   OakNetworkScope scope,
                   const OakTimeouts *timeouts)
{
  OakFlashJob *self;
  OakTimeouts used;

  g_return_val_if_fail (info != NULL, NULL);
  g_return_val_if_fail (wish != NULL, NULL);

  oak_timeouts_init (&used);
  if (timeouts != NULL)
    used = *timeouts;
  self = g_object_new (OAK_TYPE_FLASH_JOB, NULL);
  self->info = oak_device_info_ref (info);
  self->confirm_ms = used.confirm_ms;
  self->give_up_offer_ms = used.give_up_offer_ms;
  self->work = oak_flash_work_new (info, wish, scope, &used, self->outbox, self->cancellable);
  return self;
}

/* What the worker finds out while it is busy is looked at when it has come back. */
static gboolean
is_busy (OakFlashJob *self)
{
  return self->state == OAK_JOB_STATE_PREPARING;
}

OakDeviceInfo *
oak_flash_job_get_info (OakFlashJob *self)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), NULL);

  return is_busy (self) ? self->info : oak_flash_work_get_info (self->work);
}

const OakFlashWish *
oak_flash_job_get_wish (OakFlashJob *self)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), NULL);

  return oak_flash_work_get_wish (self->work);
}

OakDeviceFacts *
oak_flash_job_get_facts (OakFlashJob *self)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), NULL);

  return is_busy (self) ? NULL : oak_flash_work_get_facts (self->work);
}

OakFlashPlan *
oak_flash_job_get_plan (OakFlashJob *self)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), NULL);

  return is_busy (self) ? NULL : oak_flash_work_get_plan (self->work);
}

OakJobState
oak_flash_job_get_state (OakFlashJob *self)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), OAK_JOB_STATE_FINISHED);

  return self->state;
}

OakLog *
oak_flash_job_get_log (OakFlashJob *self)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), NULL);

  return self->log;
}

OakProgress
oak_flash_job_get_progress (OakFlashJob *self)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), (OakProgress){ 0 });

  return self->progress;
}

int
oak_flash_job_get_step (OakFlashJob *self)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), -1);

  return self->step;
}

gboolean
oak_flash_job_has_written (OakFlashJob *self)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), FALSE);

  return oak_flash_work_has_written (self->work);
}

int
oak_flash_job_get_remains (OakFlashJob *self)
{
  g_return_val_if_fail (OAK_IS_FLASH_JOB (self), OAK_REMAINS_UNCHANGED);

  return (int) oak_flash_work_get_remains (self->work);
}
