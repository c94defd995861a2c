/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuts-scene.h"

#include <string.h>

#include "cuts-package.h"
#include "cuts-steps.h"
#include "oak-app-package.h"
#include "oak-config.h"
#include "oak-device-info.h"
#include "oak-flash-map.h"
#include "oak-flash-work.h"
#include "oak-xlink-event.h"
#include "sim-image.h"

/* Every cut is a run of the real engine over a real session: plan, job, bootloader conversation, on
 * a camera whose chip fails in the chosen step. Nothing is replayed, so nothing has to be argued.
 * One thread of its own; those of the session come and go. */

#define NOBODY      G_MAXUINT
#define IMAGE_SIZE  (80 * 1024)
#define CONFIG_SIZE (16 * 1024)
#define BOOT_MS     1000
#define START_MS    120000

typedef struct {
  CutsScene *scene;
  OakMemory memory;
  SimFlash *flash; /* (unowned) (nullable) */
  guint8 *content; /* (owned) (nullable): at the beginning */
} Chip;

struct _CutsScene {
  const CutsPlan *plan;
  const CutsModel *model;
  CutsCamera *camera; /* (owned) */
  SimBoard *board;    /* (unowned) */
  Chip nor;
  Chip emmc;
  guint32 application; /* where it starts */
  OakFlashWish wish;
  OakFlashWish next;     /* what is done after a cut */
  OakAppPackage *before; /* (owned) (nullable) */
  OakAppPackage *after;  /* (owned) (nullable) */
  GBytes *old;           /* (unowned) (nullable) */
  GBytes *new;           /* (unowned) (nullable) */
  GBytes *image;         /* (owned): of a bootloader */
  GArray *steps;         /* (owned) of CutsStep: of the undisturbed run */
  CutsTrack track;       /* the same */
  guint n_messages;
  guint64 end_ns; /* of that run, on the NOR's own clock */

  /* Of the run under way. */
  GArray *run; /* (owned) of CutsStep */
  guint step;
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
           self->plan->name,
           self->model->name,
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
  Chip *chip = user_data;
  CutsScene *self = chip->scene;
  CutsStep step = { chip->memory, flash_step->kind, flash_step->offset, flash_step->size, 0 };

  step.start_ns = sim_flash_get_busy_ns (self->nor.flash);
  g_array_append_val (self->run, step);
  return self->step++ != self->cut_step;
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

static void
discard_news (const OakNews *news, gpointer user_data)
{
}

/* Returns: (transfer full). */
static OakFlashResult *
run_job (const OakFlashWish *wish, GError **error)
{
  g_autoptr (OakDeviceInfo) info =
      oak_device_info_new_network (CUTS_MXID, CUTS_ADDRESS, OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakOutbox) outbox = oak_outbox_new (discard_news, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (OakFlashWork) work = NULL;
  OakFlashResult *result = NULL;
  OakTimeouts timeouts;

  oak_timeouts_init (&timeouts);
  work =
      oak_flash_work_new (info, wish, OAK_NETWORK_SCOPE_LOOPBACK, &timeouts, outbox, cancellable);
  if (oak_flash_work_prepare (work, error))
    result = oak_flash_work_run (work, error);
  oak_outbox_close (outbox);
  return result;
}

static void
restore_chip (Chip *chip, gboolean watch)
{
  if (chip->flash == NULL)
    return;
  sim_flash_set_step_func (chip->flash, watch ? on_step : NULL, chip);
  if (watch)
    sim_flash_put (chip->flash, 0, chip->content, sim_flash_get_size (chip->flash));
}

/* The camera as it was before everything, switched on. */
static void
restore (CutsScene *self)
{
  restore_chip (&self->nor, TRUE);
  restore_chip (&self->emmc, TRUE);
  self->board->factory_write_open = FALSE;
  g_array_set_size (self->board->stats.regions, 0);
  cuts_pace_set (self->plan->n_compared > 0 ? self->plan->n_compared : G_MAXUINT);
  g_array_set_size (self->run, 0);
  self->step = 0;
  self->message = 0;
  self->stream_id = G_MAXUINT32;
  cuts_camera_power_cycle (self->camera);
  g_assert_cmpint (cuts_camera_wait (self->camera, 1u << OAK_DEVICE_STATE_BOOTLOADER, BOOT_MS),
                   ==,
                   OAK_DEVICE_STATE_BOOTLOADER);
}

/* --- judging ---------------------------------------------------------------------------------- */

/* The memory that the configuration in the flash says to start from, AUTO without a whole one. */
static OakMemory
read_application_memory (CutsScene *self)
{
  const guint8 *data = sim_flash_get_data (self->nor.flash) + self->application - CONFIG_SIZE;
  guint32 size = data[0] | data[1] << 8 | data[2] << 16 | (guint32) data[3] << 24;
  g_autoptr (OakConfig) config = NULL;

  if (size >= 5 && size <= CONFIG_SIZE)
    config = oak_config_new_from_bson (data, size, NULL);
  return config == NULL ? OAK_MEMORY_AUTO : oak_config_get_app_memory (config);
}

static CutsFound
find_in (CutsScene *self, const Chip *chip)
{
  gsize size = sim_flash_get_size (chip->flash);

  return cuts_package_find (sim_flash_get_data (chip->flash) + self->application,
                            size - self->application,
                            self->old,
                            self->new);
}

/* Returns: whether the whole new package is where it was to go. */
static gboolean
is_written (CutsScene *self)
{
  const Chip *chip = self->plan->memory == OAK_MEMORY_EMMC ? &self->emmc : &self->nor;

  return cuts_package_is_equal (sim_flash_get_data (chip->flash) + self->application,
                                sim_flash_get_size (chip->flash) - self->application,
                                self->new);
}

static CutsFound
find_application (CutsScene *self)
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

static gboolean
is_image_there (CutsScene *self)
{
  gsize size;
  const void *data = g_bytes_get_data (self->image, &size);

  return memcmp (sim_flash_get_data (self->nor.flash) + 512, data, size) == 0;
}

/* What the chip does must be what the bytes say it would. */
static void
check_start (CutsScene *self, CutsFound found)
{
  OakDeviceState state =
      cuts_camera_wait (self->camera, 1u << OAK_DEVICE_STATE_FLASH_BOOTED, START_MS);
  gboolean lost = cuts_camera_is_lost (self->camera);

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
  g_autoptr (GError) error = NULL;
  g_autoptr (OakFlashResult) result = NULL;
  gboolean can_prove = self->plan->bootloader >= 19;

  restore_chip (&self->nor, FALSE);
  restore_chip (&self->emmc, FALSE);
  cuts_camera_power_cycle (self->camera);
  cuts_camera_wait (self->camera, 1u << OAK_DEVICE_STATE_BOOTLOADER, BOOT_MS);
  result = run_job (&self->next, &error);
  if (result == NULL)
    fail (self, error->message);
  if (result->outcome != OAK_OUTCOME_CONFIRMED &&
      (can_prove || result->outcome != OAK_OUTCOME_NOT_CONFIRMED))
    fail (self, "the next try is not confirmed");
  if (self->next.operation == OAK_OPERATION_FACTORY_RESET) {
    if (!is_image_there (self) || find_application (self) != CUTS_FOUND_NONE)
      fail (self, "the next reset leaves something else");
  } else if (!is_written (self) || find_application (self) != CUTS_FOUND_NEW) {
    fail (self, "the next try leaves another application");
  }
}

/* Between two messages nothing is under way, but something may be unfinished. */
static void
count_danger (CutsScene *self)
{
  guint step = self->step == 0 ? 0 : self->step - 1;
  guint first;
  guint last;

  if (self->step == 0 || !cuts_scene_get_window (self, &first, &last) || step < first ||
      step > last)
    fail (self, "it needs help, and the plan does not say so");
  if (self->count.n_dangerous++ == 0)
    self->count.first_dangerous = step;
  self->count.first_dangerous = MIN (self->count.first_dangerous, step);
  self->count.last_dangerous = MAX (self->count.last_dangerous, step);
}

/* Nothing may be called done that is not. */
static void
check_claim (CutsScene *self, const OakFlashResult *result, CutsFound found)
{
  if (result == NULL)
    return;
  if (self->cut_step != NOBODY)
    fail (self, "a cut write is called a success");
  if (self->plan->operation == OAK_OPERATION_FLASH_APPLICATION &&
      (!is_written (self) || found != CUTS_FOUND_NEW))
    fail (self, "success without the application");
  if (self->plan->operation != OAK_OPERATION_FLASH_APPLICATION && found != CUTS_FOUND_NONE)
    fail (self, "success with an application");
  if (self->plan->operation == OAK_OPERATION_FACTORY_RESET && !is_image_there (self))
    fail (self, "success without the bootloader");
}

static void
judge (CutsScene *self, const OakFlashResult *result)
{
  gboolean booted = cuts_camera_wait (self->camera, 1u << OAK_DEVICE_STATE_BOOTLOADER, BOOT_MS) ==
                    OAK_DEVICE_STATE_BOOTLOADER;
  CutsFound found = find_application (self);

  self->count.n_cuts++;
  check_claim (self, result, found);
  if (!booted) {
    if (!cuts_camera_is_lost (self->camera))
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
check_run (CutsScene *self, guint step, guint message, const GError *error)
{
  if ((step != NOBODY && self->step <= step) || (message != NOBODY && self->message <= message))
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
  sim_flash_set_cut_seed (self->nor.flash, seed);
  restore (self);
  cuts_camera_set_relay (self->camera, message != NOBODY ? on_event : NULL, self);
  result = run_job (&self->wish, &error);
  cuts_camera_set_relay (self->camera, NULL, NULL);
  check_run (self, step, message, error);
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
  gsize block = self->model->erase_kib * OAK_KIB;
  gsize config = self->application - CONFIG_SIZE;
  gsize from = self->plan->operation == OAK_OPERATION_FACTORY_RESET ? 0 : config - config % block;
  gsize size = self->new == NULL ? 512 : g_bytes_get_size (self->new);
  gsize to = (self->application + MAX (size, 512) + block - 1) / block * block;

  if (self->plan->operation != OAK_OPERATION_FLASH_APPLICATION)
    to = self->application + block;
  g_assert_cmpuint (self->steps->len, >, 0);
  g_assert_true (cuts_track_is_inside (&self->track, from, to));
}

static void
record (CutsScene *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakFlashResult) result = NULL;
  guint64 start_ns;

  self->cut_step = self->cut_message = NOBODY;
  restore (self);
  start_ns = sim_flash_get_busy_ns (self->nor.flash);
  cuts_camera_set_relay (self->camera, on_event, self);
  result = run_job (&self->wish, &error);
  cuts_camera_set_relay (self->camera, NULL, NULL);
  g_array_append_vals (self->steps, self->run->data, self->run->len);
  g_assert_no_error (error);
  self->n_messages = self->message;
  self->count.n_steps = self->steps->len;
  self->count.n_messages = self->n_messages;
  self->end_ns = sim_flash_get_busy_ns (self->nor.flash);
  self->count.total_ns = self->end_ns - start_ns;
  check_claim (self, result, find_application (self));
  check_steps (self);
}

/* --- making ----------------------------------------------------------------------------------- */

static void
init_chip (CutsScene *self, Chip *chip, OakMemory memory, SimFlash *flash)
{
  *chip = (Chip){ self, memory, flash, NULL };
}

static void
remember_chip (Chip *chip)
{
  if (chip->flash != NULL)
    chip->content = g_memdup2 (sim_flash_get_data (chip->flash), sim_flash_get_size (chip->flash));
}

/* A few bytes that belong to nobody, where a careless write would hit them. */
static void
put_strangers (CutsScene *self)
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
put_content (CutsScene *self)
{
  const Chip *chip = self->plan->before_memory == OAK_MEMORY_EMMC ? &self->emmc : &self->nor;
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
init_wish (CutsScene *self, OakFlashWish *wish, OakOperation operation)
{
  oak_flash_wish_init (wish, operation);
  wish->memory = self->plan->memory;
  wish->stop_application = TRUE;
  wish->size_unknown_ok = TRUE;
  wish->allow_host_streams = TRUE;
  wish->full = self->plan->full;
  if (operation == OAK_OPERATION_FLASH_APPLICATION) {
    wish->package = oak_app_package_ref (self->after);
    g_assert_true (oak_flash_wish_judge (wish, NULL, NULL));
  } else if (operation == OAK_OPERATION_FACTORY_RESET) {
    wish->bootloader_image = g_bytes_ref (self->image);
    wish->bootloader_name = g_strdup ("made-up");
  }
}

CutsScene *
cuts_scene_new (const CutsPlan *plan, const CutsModel *model)
{
  CutsScene *self = g_new0 (CutsScene, 1);
  SimBoardOptions options;

  self->plan = plan;
  self->model = model;
  sim_board_options_init (&options);
  options.type = plan->type;
  options.version = OAK_VERSION (0, 0, plan->bootloader);
  options.flash_size = plan->nor_mib * OAK_MIB;
  options.emmc_size = plan->emmc_mib * OAK_MIB;
  options.erase_size = model->erase_kib * OAK_KIB;
  options.preserve = model->preserve;
  options.datasheet_timing = TRUE;
  self->steps = g_array_new (FALSE, FALSE, sizeof (CutsStep));
  self->run = g_array_new (FALSE, FALSE, sizeof (CutsStep));
  self->camera = cuts_camera_new (&options, NULL);
  self->board = cuts_camera_get_board (self->camera);
  self->application = oak_flash_map_get_application_offset (plan->type);
  init_chip (self, &self->nor, OAK_MEMORY_FLASH, self->board->nor);
  self->track = (CutsTrack){ self->steps, plan->memory, self->application, 512 + IMAGE_SIZE };
  init_chip (self, &self->emmc, OAK_MEMORY_EMMC, self->board->emmc);
  self->before = cuts_package_make (plan->before);
  self->after = cuts_package_make (plan->after);
  self->old = self->before == NULL ? NULL : oak_app_package_get_bytes (self->before);
  self->new = self->after == NULL ? NULL : oak_app_package_get_bytes (self->after);
  self->image = sim_image_make (plan->type, OAK_VERSION (0, 0, 29), IMAGE_SIZE);
  put_content (self);
  remember_chip (&self->nor);
  remember_chip (&self->emmc);
  init_wish (self, &self->wish, plan->operation);
  init_wish (self,
             &self->next,
             plan->operation == OAK_OPERATION_CLEAR_APPLICATION ? OAK_OPERATION_FLASH_APPLICATION
                                                                : plan->operation);
  cuts_connector_set_camera (self->camera);
  record (self);
  return self;
}

void
cuts_scene_free (CutsScene *self)
{
  cuts_connector_set_camera (NULL);
  oak_flash_wish_clear (&self->wish);
  oak_flash_wish_clear (&self->next);
  g_clear_pointer (&self->before, oak_app_package_unref);
  g_clear_pointer (&self->after, oak_app_package_unref);
  g_bytes_unref (self->image);
  g_array_unref (self->steps);
  g_array_unref (self->run);
  g_free (self->nor.content);
  g_free (self->emmc.content);
  cuts_camera_free (self->camera);
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
  return cuts_track_get_window (&self->track, self->plan->danger, first, last);
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
