/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-tracker.h"

/* The arithmetic of progress. Cameras take most of the time after the last byte was sent, so
 * sending is a small part of a write's share. Locks guard data only: the outbox is a short lock of
 * its own. */

#define NEWS_SPACING_US (100 * 1000)
#define SENDING_SHARE   0.15

static void
tracker_log (OakReport *report, OakLogLevel level, const char *text)
{
  OakFlashTracker *self = (OakFlashTracker *) report;

  oak_report_log (oak_outbox_get_report (self->outbox), level, "%s", text);
}

void
oak_flash_tracker_init (OakFlashTracker *self, OakOutbox *outbox)
{
  *self = (OakFlashTracker){
    .report = { .log = tracker_log },
    .outbox = oak_outbox_ref (outbox),
    .progress = { .stage = OAK_STAGE_CONNECTING, .stage_fraction = -1, .seconds_left = -1 },
  };
  g_mutex_init (&self->mutex);
}

void
oak_flash_tracker_clear (OakFlashTracker *self)
{
  g_clear_pointer (&self->plan, oak_flash_plan_unref);
  g_clear_pointer (&self->outbox, oak_outbox_unref);
  g_mutex_clear (&self->mutex);
}

void
oak_flash_tracker_set_plan (OakFlashTracker *self, OakFlashPlan *plan)
{
  g_mutex_lock (&self->mutex);
  self->plan = oak_flash_plan_ref (plan);
  g_mutex_unlock (&self->mutex);
}

/* With the mutex held. */
static void
post (OakFlashTracker *self, gboolean at_once)
{
  gint64 now_us = g_get_monotonic_time ();

  if (!at_once && now_us - self->posted_us < NEWS_SPACING_US)
    return;
  self->posted_us = now_us;
  oak_report_progress (oak_outbox_get_report (self->outbox), &self->progress);
}

static void
set_fraction (OakFlashTracker *self, double step_fraction)
{
  double fraction = self->step_start + self->step_weight * CLAMP (step_fraction, 0.0, 1.0);

  self->progress.fraction = MAX (self->progress.fraction, MIN (fraction, 1.0));
}

static gboolean
is_write (OakStepKind kind)
{
  return kind == OAK_STEP_WRITE_STORAGE || kind == OAK_STEP_WRITE_REGION;
}

static OakStage
get_stage (const OakFlashStep *step)
{
  switch (step->kind) {
  case OAK_STEP_BOOT_MEMORY:
    return OAK_STAGE_BOOTING;
  case OAK_STEP_COMPARE:
    return OAK_STAGE_COMPARING;
  case OAK_STEP_WRITE_STORAGE:
    return OAK_STAGE_SENDING;
  case OAK_STEP_WRITE_REGION:
  case OAK_STEP_CHECK_ERASE:
    return OAK_STAGE_WRITING;
  case OAK_STEP_READ_BACK:
    return OAK_STAGE_VERIFYING;
  case OAK_STEP_SET_APP_MEMORY:
    return OAK_STAGE_CONFIGURING;
  case OAK_STEP_RESTART:
    return OAK_STAGE_RESTARTING;
  case OAK_STEP_WAIT_FOR_STATE:
  case OAK_STEP_CHECK_VERSION:
  default:
    return OAK_STAGE_CHECKING;
  }
}

/* Writes count until the first reading back, readings all count: that is what one looks at as
 * "Write" and as "Verify". */
static guint64
count_stage_bytes (const OakFlashPlan *plan, OakStage stage)
{
  gboolean has_read = FALSE;
  guint64 bytes = 0;

  for (guint i = 0; i < oak_flash_plan_get_n_steps (plan); i++) {
    const OakFlashStep *step = oak_flash_plan_get_step (plan, i);

    has_read = has_read || step->kind == OAK_STEP_READ_BACK;
    if (stage == OAK_STAGE_VERIFYING ? step->kind == OAK_STEP_READ_BACK
                                     : is_write (step->kind) && !has_read)
      bytes += step->size;
  }
  return bytes;
}

static guint64
get_stage_bytes (const OakFlashTracker *self, const OakFlashStep *step, OakStage stage)
{
  switch (stage) {
  case OAK_STAGE_BOOTING:
  case OAK_STAGE_COMPARING:
    return step->size;
  case OAK_STAGE_SENDING:
  case OAK_STAGE_WRITING:
  case OAK_STAGE_VERIFYING:
    return count_stage_bytes (self->plan, stage);
  case OAK_STAGE_CONNECTING:
  case OAK_STAGE_CONFIGURING:
  case OAK_STAGE_RESTARTING:
  case OAK_STAGE_CHECKING:
  default:
    return 0;
  }
}

/* With the mutex held. */
static void
begin_stage (OakFlashTracker *self, OakStage stage, guint64 bytes_total)
{
  self->bytes_before = 0;
  self->highest_stage = MAX (self->highest_stage, stage);
  self->progress.stage = stage;
  self->progress.stage_fraction = -1;
  self->progress.bytes_done = 0;
  self->progress.bytes_total = bytes_total;
  self->progress.seconds_left = -1;
}

static double
sum_weights (const OakFlashPlan *plan, guint n_steps)
{
  double sum = 0;

  for (guint i = 0; i < n_steps; i++)
    sum += oak_flash_plan_get_step_weight (plan, i);
  return sum;
}

/* With the mutex held. A step whose stage has passed, such as the last block that is written after
 * the rest was read back, moves the whole but no bytes. */
static void
begin_step (OakFlashTracker *self, guint index)
{
  const OakFlashStep *step = oak_flash_plan_get_step (self->plan, index);
  OakStage stage = get_stage (step);

  self->step = index;
  self->step_start = sum_weights (self->plan, index);
  self->step_weight = oak_flash_plan_get_step_weight (self->plan, index);
  self->counts_bytes = stage >= self->highest_stage;
  if (stage > self->highest_stage || self->progress.stage < stage)
    begin_stage (self, stage, get_stage_bytes (self, step, stage));
  set_fraction (self, 0);
  post (self, TRUE);
}

void
oak_flash_tracker_enter_stage (OakFlashTracker *self, OakStage stage)
{
  g_mutex_lock (&self->mutex);
  self->step_start = self->progress.fraction;
  self->step_weight = 0;
  begin_stage (self, stage, 0);
  post (self, TRUE);
  g_mutex_unlock (&self->mutex);
}

void
oak_flash_tracker_enter_step (OakFlashTracker *self, guint index)
{
  g_mutex_lock (&self->mutex);
  begin_step (self, index);
  g_mutex_unlock (&self->mutex);
}

void
oak_flash_tracker_start_over (OakFlashTracker *self, guint index)
{
  const OakFlashStep *step;

  g_mutex_lock (&self->mutex);
  step = oak_flash_plan_get_step (self->plan, index);
  self->highest_stage = get_stage (step);
  begin_stage (self, self->highest_stage, get_stage_bytes (self, step, self->highest_stage));
  g_mutex_unlock (&self->mutex);
}

/* With the mutex held. One single request is first sent as a whole and then written as a whole. */
static void
follow_single_request (OakFlashTracker *self, guint64 sent, guint64 total)
{
  if (self->progress.stage == OAK_STAGE_SENDING && sent >= total)
    begin_stage (self, OAK_STAGE_WRITING, total);
}

static guint64
get_step_bytes (const OakFlashTracker *self, guint64 sent, guint64 confirmed)
{
  gboolean sending =
      self->progress.stage == OAK_STAGE_SENDING || self->progress.stage == OAK_STAGE_BOOTING;

  return sending ? sent : confirmed;
}

void
oak_flash_tracker_set_transfer (OakFlashTracker *self,
                                guint64 sent,
                                guint64 confirmed,
                                guint64 total)
{
  double sent_share = total > 0 ? (double) sent / (double) total : 0;
  double confirmed_share = total > 0 ? (double) confirmed / (double) total : 0;
  const OakFlashStep *step;
  OakStage stage_before;

  g_mutex_lock (&self->mutex);
  step = oak_flash_plan_get_step (self->plan, self->step);
  stage_before = self->progress.stage;
  follow_single_request (self, sent, total);
  if (step->kind == OAK_STEP_BOOT_MEMORY)
    set_fraction (self, sent_share / 2); /* starting it takes as long again */
  else if (is_write (step->kind))
    set_fraction (self, SENDING_SHARE * sent_share + (1 - SENDING_SHARE) * confirmed_share);
  else
    set_fraction (self, confirmed_share);
  if (self->counts_bytes && self->progress.bytes_total > 0) {
    guint64 done = self->bytes_before + get_step_bytes (self, sent, confirmed);

    self->progress.bytes_done = MIN (done, self->progress.bytes_total);
    self->progress.stage_fraction =
        (double) self->progress.bytes_done / (double) self->progress.bytes_total;
  }
  post (self, self->progress.stage != stage_before);
  g_mutex_unlock (&self->mutex);
}

void
oak_flash_tracker_set_wait (OakFlashTracker *self, int left_ms, guint total_ms)
{
  g_mutex_lock (&self->mutex);
  self->progress.seconds_left = (left_ms + 999) / 1000;
  if (total_ms > 0) {
    self->progress.stage_fraction = CLAMP (1.0 - (double) left_ms / total_ms, 0.0, 1.0);
    set_fraction (self, self->progress.stage_fraction);
  }
  post (self, FALSE);
  g_mutex_unlock (&self->mutex);
}

void
oak_flash_tracker_leave_step (OakFlashTracker *self)
{
  g_mutex_lock (&self->mutex);
  if (self->counts_bytes)
    self->bytes_before = self->progress.bytes_done;
  set_fraction (self, 1);
  post (self, TRUE);
  g_mutex_unlock (&self->mutex);
}
