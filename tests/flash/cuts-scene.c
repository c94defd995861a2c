/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuts-scene.h"

#include <string.h>

#include "cuts-steps.h"
#include "oak-xlink-event.h"

/* Every cut is a run of the real engine over a real session: plan, job, bootloader conversation, on
 * a camera whose chip fails in the chosen step. Nothing is replayed, so nothing has to be argued.
 * One thread of its own; those of the session come and go. */

#define NOBODY      G_MAXUINT
#define CONFIG_SIZE (16 * 1024)
#define BOOT_MS     1000
#define START_MS    120000

struct _CutsScene {
  CutsStage stage;
  GArray *steps;   /* (owned) of CutsStep: of the undisturbed run */
  CutsTrack track; /* the same */
  guint n_messages;
  guint64 end_ns; /* of that run, on the NOR's own clock */

  /* Of the run under way. */
  GArray *run; /* (owned) of CutsStep */
  guint message;
  guint cut_step;
  guint cut_message;
  guint32 seed;
  guint32 stream_id; /* of `__bootloader`, as the host says */
  CutsCount count;
};

static void G_GNUC_NORETURN
fail (CutsScene *self, const char *what)
{
  g_error ("%s, %s: %s %u of %u, seed %u: %s",
           self->stage.plan->name,
           self->stage.model->name,
           self->cut_step != NOBODY ? "step" : "message",
           self->cut_step != NOBODY ? self->cut_step : self->cut_message,
           self->cut_step != NOBODY ? self->steps->len : self->n_messages,
           self->seed,
           what);
}

/* --- running ---------------------------------------------------------------------------------- */

static gboolean
on_step (const SimFlashStep *flash_step, gpointer user_data)
{
  CutsChip *chip = user_data;
  CutsScene *self = chip->owner;
  CutsStep step = { chip->memory, flash_step->kind, flash_step->offset, flash_step->size, 0 };

  step.start_ns = sim_flash_get_busy_ns (self->stage.nor.flash);
  g_array_append_val (self->run, step);
  return self->run->len - 1 != self->cut_step;
}

static void
on_event (CutsCamera *camera, gboolean to_host, GBytes *bytes, gpointer user_data)
{
  CutsScene *self = user_data;
  OakXlinkEvent event;

  g_assert_true (oak_xlink_event_decode (&event,
                                         g_bytes_get_data (bytes, NULL),
                                         g_bytes_get_size (bytes),
                                         NULL));
  if (!to_host && event.type == OAK_XLINK_EVENT_CREATE_STREAM_REQ &&
      strcmp (event.stream_name, "__bootloader") == 0)
    self->stream_id = event.stream_id;
  if (!to_host && event.type == OAK_XLINK_EVENT_WRITE_REQ && event.stream_id == self->stream_id &&
      self->message++ == self->cut_message)
    cuts_camera_cut_power (camera);
  cuts_camera_forward (camera, to_host, bytes, 0);
}

/* From the beginning, until it ends or is cut. */
static OakFlashResult *
run (CutsScene *self, CutsRelayFunc relay, GError **error)
{
  OakFlashResult *result;

  g_array_set_size (self->run, 0);
  self->message = 0;
  self->stream_id = G_MAXUINT32;
  cuts_stage_restore (&self->stage, on_step);
  cuts_camera_set_relay (self->stage.camera, relay, self);
  result = cuts_stage_run (&self->stage, &self->stage.wish, error);
  cuts_camera_set_relay (self->stage.camera, NULL, NULL);
  return result;
}

/* --- judging ---------------------------------------------------------------------------------- */

/* What the chip does must be what the bytes say it would. */
static void
check_start (CutsScene *self, CutsFound found)
{
  CutsCamera *camera = self->stage.camera;
  OakDeviceState state = cuts_camera_wait (camera, 1u << OAK_DEVICE_STATE_FLASH_BOOTED, START_MS);
  gboolean lost = cuts_camera_is_lost (camera);

  if ((found == CUTS_FOUND_OLD || found == CUTS_FOUND_NEW) &&
      state != OAK_DEVICE_STATE_FLASH_BOOTED)
    fail (self, "a whole application does not start");
  if (found == CUTS_FOUND_NONE && (state != OAK_DEVICE_STATE_BOOTLOADER || lost))
    fail (self, "without an application the bootloader does not go on waiting");
  if (found == CUTS_FOUND_TORN && !lost)
    fail (self, "something that is no whole application runs");
}

static void
check_next (CutsScene *self)
{
  const OakFlashWish *next = &self->stage.next;
  g_autoptr (GError) error = NULL;
  g_autoptr (OakFlashResult) result = NULL;
  const char *problem;

  if (!cuts_stage_power_cycle (&self->stage))
    fail (self, "it does not boot a second time");
  result = cuts_stage_run (&self->stage, next, &error);
  if (result == NULL)
    fail (self, error->message);
  problem = cuts_stage_check_success (&self->stage, next->operation, result);
  if (problem != NULL)
    fail (self, problem);
}

/* Between two messages nothing is under way, but something may be unfinished. */
static void
count_danger (CutsScene *self)
{
  guint n_done = self->run->len;
  guint first;
  guint last;

  if (n_done == 0 || !cuts_scene_get_window (self, &first, &last) || n_done - 1 < first ||
      n_done - 1 > last)
    fail (self, "it needs help, and the plan does not say so");
  if (self->count.n_dangerous++ == 0)
    self->count.first_dangerous = n_done - 1;
  self->count.first_dangerous = MIN (self->count.first_dangerous, n_done - 1);
  self->count.last_dangerous = MAX (self->count.last_dangerous, n_done - 1);
}

/* Nothing may be called done that is not. */
static void
check_claim (CutsScene *self, const OakFlashResult *result)
{
  const char *missing = cuts_stage_find_missing (&self->stage, self->stage.plan->operation);

  if (result != NULL && self->cut_step != NOBODY)
    fail (self, "a cut write is called a success");
  if (result != NULL && missing != NULL)
    fail (self, missing);
}

static void
judge (CutsScene *self, const OakFlashResult *result)
{
  CutsCamera *camera = self->stage.camera;
  gboolean booted = cuts_camera_wait (camera, 1u << OAK_DEVICE_STATE_BOOTLOADER, BOOT_MS) ==
                    OAK_DEVICE_STATE_BOOTLOADER;
  CutsFound found = cuts_stage_find_application (&self->stage);

  self->count.n_cuts++;
  check_claim (self, result);
  if (!booted) {
    if (!cuts_camera_is_lost (camera))
      fail (self, "the camera neither boots nor fails to");
    count_danger (self);
    return;
  }
  self->count.n_booted++;
  self->count.n_none += found == CUTS_FOUND_NONE;
  self->count.n_old += found == CUTS_FOUND_OLD;
  self->count.n_new += found == CUTS_FOUND_NEW;
  if (found == CUTS_FOUND_TORN)
    count_danger (self);
  check_start (self, found);
  check_next (self);
}

/* Every run takes the steps of the first one, up to its end. */
static void
check_run (CutsScene *self, const GError *error)
{
  if ((self->cut_step != NOBODY && self->run->len <= self->cut_step) ||
      (self->cut_message != NOBODY && self->message <= self->cut_message))
    fail (self, error != NULL ? error->message : "the run ended before it was cut");
  if (!cuts_track_begins_with (&self->track, self->run))
    fail (self, "the run takes other steps than the first one");
}

static void
cut (CutsScene *self, guint step, guint message, guint32 seed)
{
  g_autoptr (OakFlashResult) result = NULL;
  g_autoptr (GError) error = NULL;

  self->cut_step = step;
  self->cut_message = message;
  self->seed = seed;
  sim_flash_set_cut_seed (self->stage.nor.flash, seed);
  result = run (self, message != NOBODY ? on_event : NULL, &error);
  check_run (self, error);
  judge (self, result);
}

void
cuts_scene_cut_step (CutsScene *self, guint step, guint32 seed)
{
  cut (self, step, NOBODY, seed);
}

void
cuts_scene_cut_message (CutsScene *self, guint message)
{
  cut (self, NOBODY, message, 0);
}

/* --- the first, undisturbed run --------------------------------------------------------------- */

/* No step outside the regions that the operation is about, and the erase blocks they lie in. */
static void
check_steps (CutsScene *self)
{
  const CutsStage *stage = &self->stage;
  OakOperation operation = stage->plan->operation;
  gsize block = stage->model->erase_kib * OAK_KIB;
  gsize config = stage->application - CONFIG_SIZE;
  gsize from = operation == OAK_OPERATION_FACTORY_RESET ? 0 : config - config % block;
  gsize size = operation == OAK_OPERATION_FLASH_APPLICATION ? g_bytes_get_size (stage->new) : 512;

  g_assert_cmpuint (self->steps->len, >, 0);
  g_assert_true (cuts_track_is_inside (&self->track,
                                       from,
                                       stage->application + (size + block - 1) / block * block));
}

static void
record (CutsScene *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakFlashResult) result = NULL;
  guint64 start_ns = sim_flash_get_busy_ns (self->stage.nor.flash);

  self->cut_step = self->cut_message = NOBODY;
  result = run (self, on_event, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (cuts_stage_check_success (&self->stage, self->stage.plan->operation, result),
                   ==,
                   NULL);
  g_array_append_vals (self->steps, self->run->data, self->run->len);
  self->n_messages = self->message;
  self->count.n_steps = self->steps->len;
  self->count.n_messages = self->n_messages;
  self->end_ns = sim_flash_get_busy_ns (self->stage.nor.flash);
  self->count.total_ns = self->end_ns - start_ns;
  check_steps (self);
}

CutsScene *
cuts_scene_new (const CutsPlan *plan, const CutsModel *model)
{
  CutsScene *self = g_new0 (CutsScene, 1);

  cuts_stage_init (&self->stage, plan, model);
  self->stage.nor.owner = self->stage.emmc.owner = self;
  self->steps = g_array_new (FALSE, FALSE, sizeof (CutsStep));
  self->run = g_array_new (FALSE, FALSE, sizeof (CutsStep));
  self->track =
      (CutsTrack){ self->steps, plan->memory, self->stage.application, self->stage.image_end };
  record (self);
  return self;
}

void
cuts_scene_free (CutsScene *self)
{
  cuts_stage_clear (&self->stage);
  g_array_unref (self->steps);
  g_array_unref (self->run);
  g_free (self);
}

guint
cuts_scene_get_n_steps (const CutsScene *self)
{
  return self->steps->len;
}

guint
cuts_scene_get_n_messages (const CutsScene *self)
{
  return self->n_messages;
}

gboolean
cuts_scene_get_window (const CutsScene *self, guint *first, guint *last)
{
  return cuts_track_get_window (&self->track, self->stage.plan->danger, first, last);
}

const CutsCount *
cuts_scene_get_count (CutsScene *self)
{
  CutsCount *count = &self->count;

  if (count->n_dangerous > 0)
    count->danger_ns = cuts_track_get_time_ns (&self->track,
                                               count->first_dangerous,
                                               count->last_dangerous,
                                               self->end_ns);
  return count;
}
