/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fault-case.h"

#include <string.h>

#include "oak-error.h"
#include "oak-xlink-event.h"
#include "sim-faults.h"
#include "test-support.h"

/* Deadlines are short here, so that a machine that is busy may miss one of its own accord: an
 * undisturbed run has its time, and a disturbed one may fail. What must never be is a success that
 * is none, another error than ours, a wait without an end, or a camera that the next try does not
 * find. */

#define SHORT_MS 50
/* Longer than every deadline of a disturbed run. */
#define DELAY_MS  250
#define BOOT_MS   2000
#define REBOOT_MS 200
/* So long a person waits for a camera that is silent below the application. */
#define PATIENCE_MS 500
/* No case takes a tenth of it. */
#define LONGEST_MS 30000

static void G_GNUC_NORETURN
fail (FaultScene *self, const char *what)
{
  g_error ("%s, %s: %s", self->stage.plan->name, self->name, what);
}

static void
init_short_timeouts (OakTimeouts *timeouts)
{
  oak_timeouts_init (timeouts);
  timeouts->connect_ms = SHORT_MS;
  timeouts->ping_ms = SHORT_MS;
  timeouts->open_stream_ms = SHORT_MS;
  timeouts->query_ms = SHORT_MS;
  timeouts->packet_ms = 2 * SHORT_MS;
  timeouts->progress_silence_ms = 2 * SHORT_MS;
  timeouts->reset_ms = SHORT_MS;
  timeouts->reboot_ms = REBOOT_MS;
}

/* --- somebody who watches --------------------------------------------------------------------- */

typedef struct {
  FaultScene *scene;
  OakFlashWork *work; /* (unowned) */
  GMutex lock;
  GCond changed;
  gboolean done;
} Watch;

/* A wait below the application has no deadline of its own, and is ended by a person. */
static gpointer
watch (gpointer data)
{
  Watch *self = data;
  gint64 deadline_us = test_deadline (LONGEST_MS);
  gint64 next_us = g_get_monotonic_time () + PATIENCE_MS * 1000;

  g_mutex_lock (&self->lock);
  while (!self->done) {
    if (g_cond_wait_until (&self->changed, &self->lock, next_us) || self->done)
      continue;
    oak_flash_work_give_up (self->work);
    if (g_get_monotonic_time () > deadline_us)
      fail (self->scene, "it does not end");
    next_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

static OakFlashResult *
run_watched (FaultScene *self, OakFlashWork *work, gboolean swap, GError **error)
{
  Watch watching = { .scene = self, .work = work };
  gint64 start_us = g_get_monotonic_time ();
  OakFlashResult *result = NULL;
  GThread *thread;

  g_mutex_init (&watching.lock);
  g_cond_init (&watching.changed);
  thread = g_thread_new ("watch", watch, &watching);
  if (oak_flash_work_prepare (work, error)) {
    if (swap)
      cuts_connector_swap_camera ("18443010000000FF00");
    result = oak_flash_work_run (work, error);
  }
  g_mutex_lock (&watching.lock);
  watching.done = TRUE;
  g_cond_signal (&watching.changed);
  g_mutex_unlock (&watching.lock);
  g_thread_join (thread);
  g_mutex_clear (&watching.lock);
  g_cond_clear (&watching.changed);
  self->count.longest_us = MAX (self->count.longest_us, g_get_monotonic_time () - start_us);
  return result;
}

/* --- judging ---------------------------------------------------------------------------------- */

static gboolean
is_unchanged (const CutsChip *chip)
{
  return chip->flash == NULL || memcmp (sim_flash_get_data (chip->flash),
                                        chip->content,
                                        sim_flash_get_size (chip->flash)) == 0;
}

static void
check_result (FaultScene *self, const OakFlashResult *result)
{
  const char *missing = cuts_stage_find_missing (&self->stage, self->stage.plan->operation);

  switch (result->outcome) {
  case OAK_OUTCOME_CONFIRMED:
  case OAK_OUTCOME_START_NOT_OBSERVED:
    self->count.n_done++;
    if (missing != NULL)
      fail (self, missing);
    break;
  case OAK_OUTCOME_NOT_CONFIRMED:
  case OAK_OUTCOME_DIFFERENT:
    self->count.n_unconfirmed++;
    if (result->outcome == OAK_OUTCOME_DIFFERENT &&
        self->stage.plan->operation != OAK_OPERATION_VERIFY_APPLICATION)
      fail (self, "it was not to compare");
    break;
  default:
    fail (self, "there is no such outcome");
  }
}

static void
check_error (FaultScene *self, const GError *error)
{
  if (error == NULL)
    fail (self, "neither a result nor an error");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
      self->stage.plan->operation == OAK_OPERATION_FACTORY_RESET) {
    self->count.n_stopped++;
    return;
  }
  if (error->domain != OAK_ERROR)
    fail (self, error->message);
  self->count.n_failed++;
}

/* Who is told that nothing has changed must find nothing changed. */
static void
check_remains (FaultScene *self, OakFlashWork *work)
{
  if (oak_flash_work_get_remains (work) != OAK_REMAINS_UNCHANGED &&
      oak_flash_work_has_written (work))
    return;
  if (!is_unchanged (&self->stage.nor) || !is_unchanged (&self->stage.emmc))
    fail (self, "it says that nothing has changed, and something has");
}

/* Returns: FALSE when there is no next try by this way: its bootloader is incomplete, and that was
 * said. */
static gboolean
find_camera (FaultScene *self, OakFlashWork *work, gboolean may_be_off)
{
  CutsCamera *camera = self->stage.camera;
  gboolean resets = self->stage.plan->operation == OAK_OPERATION_FACTORY_RESET;
  guint mask = 1u << OAK_DEVICE_STATE_BOOTLOADER | 1u << OAK_DEVICE_STATE_FLASH_BOOTED;

  if ((mask & 1u << cuts_camera_wait (camera, mask, BOOT_MS)) != 0)
    return TRUE;
  if (resets && oak_flash_work_get_remains (work) == OAK_REMAINS_BOOTLOADER_AT_RISK &&
      !cuts_stage_power_cycle (&self->stage)) {
    self->count.n_at_risk++;
    return FALSE;
  }
  /* A damaged image was started in its memory, and nothing in its flash has changed. */
  if (!may_be_off && !(resets && !oak_flash_work_has_written (work)))
    fail (self, "the camera does not come back");
  if (!cuts_stage_power_cycle (&self->stage))
    fail (self, "the camera does not boot");
  self->count.n_power_cycles++;
  return TRUE;
}

static void
check_next (FaultScene *self)
{
  OakOperation operation = self->stage.next.operation;
  g_autoptr (GError) error = NULL;
  g_autoptr (OakFlashResult) result = NULL;
  const char *missing;

  result = cuts_stage_run (&self->stage, &self->stage.next, &error);
  if (result == NULL)
    fail (self, error->message);
  if (operation == self->stage.plan->operation && result->outcome != self->usual)
    fail (self, "the next try ends otherwise than the first");
  missing = cuts_stage_find_missing (&self->stage, operation);
  if (missing != NULL && operation != OAK_OPERATION_VERIFY_APPLICATION)
    fail (self, missing);
}

static void
set_name (FaultScene *self, char *name)
{
  g_free (self->name);
  self->name = name;
}

/* From here on the camera is prepared, and what goes wrong is chosen. */
static void
run_case (FaultScene *self, gboolean swap, gboolean may_be_off)
{
  g_autoptr (OakFlashWork) work = NULL;
  g_autoptr (OakFlashResult) result = NULL;
  g_autoptr (GError) error = NULL;
  OakTimeouts timeouts;

  init_short_timeouts (&timeouts);
  work = cuts_stage_make_work (&self->stage, &self->stage.wish, &timeouts);
  result = run_watched (self, work, swap, &error);
  cuts_camera_set_relay (self->stage.camera, NULL, NULL);
  cuts_connector_swap_camera (NULL);
  self->count.n_cases++;
  if (result != NULL)
    check_result (self, result);
  else
    check_error (self, error);
  if (swap && (oak_flash_work_has_written (work) ||
               !g_error_matches (error, OAK_ERROR, OAK_ERROR_WRONG_DEVICE)))
    fail (self, "it goes on with another camera");
  check_remains (self, work);
  sim_faults_free (self->stage.board->faults);
  self->stage.board->faults = sim_faults_new ();
  /* Without reading back nobody can know that the bytes are wrong, and nobody says that they are
   * right. */
  may_be_off |= self->stage.plan->bootloader < 19 && result != NULL &&
                result->outcome == OAK_OUTCOME_NOT_CONFIRMED;
  if (find_camera (self, work, may_be_off))
    check_next (self);
}

void
fault_scene_spoil (FaultScene *self, const FaultPoint *point, FaultKind kind)
{
  g_autofree char *place = fault_point_describe (point);

  set_name (self, g_strdup_printf ("%s, %s", fault_kind_to_string (kind), place));
  cuts_stage_restore (&self->stage, NULL);
  fault_relay_start (&self->relay, point, kind, DELAY_MS);
  cuts_camera_set_relay (self->stage.camera, fault_relay_pass, &self->relay);
  run_case (self, FALSE, FALSE);
  self->count.n_missed += !self->relay.met;
}

void
fault_scene_misbehave (FaultScene *self, const char *fault)
{
  g_autoptr (GError) error = NULL;

  set_name (self, g_strdup (fault));
  cuts_stage_restore (&self->stage, NULL);
  sim_faults_add (self->stage.board->faults, fault, &error);
  g_assert_no_error (error);
  run_case (self, FALSE, g_str_has_prefix (fault, "never-reboots"));
}

void
fault_scene_swap (FaultScene *self)
{
  set_name (self, g_strdup ("another camera answers before the first write"));
  cuts_stage_restore (&self->stage, NULL);
  run_case (self, TRUE, FALSE);
}

static void
undo_before_restart (CutsCamera *camera, gboolean to_host, GBytes *bytes, gpointer user_data)
{
  FaultScene *self = user_data;
  CutsChip *nor = &self->stage.nor;
  OakXlinkEvent event;

  g_assert_true (oak_xlink_event_decode (&event,
                                         g_bytes_get_data (bytes, NULL),
                                         g_bytes_get_size (bytes),
                                         NULL));
  if (!to_host && event.type == OAK_XLINK_EVENT_RESET_REQ)
    sim_flash_put (nor->flash, 0, nor->content, sim_flash_get_size (nor->flash));
  cuts_camera_forward (camera, to_host, bytes, 0);
}

void
fault_scene_undo (FaultScene *self)
{
  set_name (self, g_strdup ("the old version starts after the restart"));
  cuts_stage_restore (&self->stage, NULL);
  cuts_camera_set_relay (self->stage.camera, undo_before_restart, self);
  run_case (self, FALSE, FALSE);
}

/* Undisturbed, and with time for everything. */
static void
record (FaultScene *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakFlashResult) result = NULL;

  set_name (self, g_strdup ("undisturbed"));
  cuts_stage_restore (&self->stage, NULL);
  fault_relay_start (&self->relay, NULL, FAULT_NONE, 0);
  cuts_camera_set_relay (self->stage.camera, fault_relay_pass, &self->relay);
  result = cuts_stage_run (&self->stage, &self->stage.wish, &error);
  cuts_camera_set_relay (self->stage.camera, NULL, NULL);
  g_assert_no_error (error);
  self->usual = result->outcome;
  check_result (self, result);
  self->count = (FaultCount){ 0 };
  g_array_append_vals (self->points, self->relay.points->data, self->relay.points->len);
}

void
fault_scene_init (FaultScene *self, const CutsPlan *plan, const CutsModel *model)
{
  *self = (FaultScene){ .points = g_array_new (FALSE, FALSE, sizeof (FaultPoint)) };
  fault_relay_init (&self->relay);
  cuts_stage_init (&self->stage, plan, model);
  record (self);
}

void
fault_scene_clear (FaultScene *self)
{
  cuts_stage_clear (&self->stage);
  fault_relay_clear (&self->relay);
  g_array_unref (self->points);
  g_free (self->name);
}
