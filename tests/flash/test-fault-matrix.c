/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fault-case.h"

/* The fault matrix: every event of every operation, in both directions, spoiled in every way, and a
 * camera that misbehaves in every way it knows. As a test it takes a sample; `./dev cuts`
 * (OAK_CUTS=all in the environment) takes everything. No sockets; deadlines are real, and short. */

#define SAMPLE 12

static const CutsPackage old_one = { .size = 330 * 1024, .dense = 10 * 1024, .seed = 3 };
static const CutsPackage new_one = { .size = 300 * 1024, .dense = 12 * 1024, .seed = 77 };

#define NETWORK  OAK_BOOTLOADER_TYPE_NETWORK
#define USB      OAK_BOOTLOADER_TYPE_USB
#define NOR      OAK_MEMORY_FLASH
#define FROM_NOR "{\"appMem\":0}"

/* The columns are those of the power-cut matrix. */
/* clang-format off */
static const CutsPlan plans[] = {
  { "details", OAK_OPERATION_READ_DETAILS, NETWORK, 28, 9, 0, NOR, &old_one, NOR, NULL, FROM_NOR },
  { "flash", OAK_OPERATION_FLASH_APPLICATION, NETWORK, 28, 9, 0, NOR, &old_one, NOR, &new_one, NULL },
  { "flash-in-full", OAK_OPERATION_FLASH_APPLICATION, USB, 28, 2, 0, NOR, &old_one, NOR, &new_one, FROM_NOR, .full = TRUE },
  { "flash-by-0.0.18", OAK_OPERATION_FLASH_APPLICATION, NETWORK, 18, 9, 0, NOR, &old_one, NOR, &new_one, FROM_NOR },
  { "clear", OAK_OPERATION_CLEAR_APPLICATION, NETWORK, 28, 9, 0, NOR, &old_one, NOR, &new_one, FROM_NOR },
  { "reset", OAK_OPERATION_FACTORY_RESET, USB, 28, 2, 0, NOR, &old_one, NOR, NULL, FROM_NOR },
  { "reset-by-0.0.17", OAK_OPERATION_FACTORY_RESET, USB, 17, 2, 0, NOR, &old_one, NOR, NULL, FROM_NOR },
  { "verify-other", OAK_OPERATION_VERIFY_APPLICATION, NETWORK, 28, 9, 0, NOR, &old_one, NOR, &new_one, FROM_NOR },
  { "verify-equal", OAK_OPERATION_VERIFY_APPLICATION, NETWORK, 28, 9, 0, NOR, &new_one, NOR, &new_one, FROM_NOR },
};
/* clang-format on */

static const CutsModel model = { "64-KiB-kept", 64, TRUE };

/* Once, where the camera is to be a good one again when the job asks a second time. The first ones
 * are lies about writing, and never left out. */
#define N_LIES 4
static const char *const faults[] = {
  "lie-success",
  "lie-success:once",
  "lie-read",
  "flash-error-at=50:once",
  "silent-discovery:once",
  "discovery-garbage:once",
  "change-id=18443010000000FF00@1",
  "refuse-connect",
  "close-on-accept:once",
  "reset-tcp:once",
  "reset-tcp=1000:once",
  "drop-at-byte=1:once",
  "drop-at-byte=85:once",
  "drop-at-byte=700:once",
  "drop-at-byte=2000:once",
  "drop-at-byte=30000:once",
  "drop-at-byte=290000:once",
  "drop-in-data=0:once",
  "drop-in-data=50:once",
  "drop-in-data=100:once",
  "drop-at-progress=0:once",
  "drop-at-progress=50:once",
  "drop-at-progress=100:once",
  "no-ping",
  "no-create",
  "huge-size:once",
  "bad-event-type:once",
  "unknown-stream-write:once",
  "no-release",
  "no-watchdog-release",
  "flash-error=No space left:once",
  "flash-error=No space left",
  "flash-error-at=0:once",
  "flash-error-at=99:once",
  "lie-read:once",
  "lie-size=0",
  "lie-size=9437185",
  "no-memory-details",
  "progress-silence",
  "progress-silence:once",
  "config-error=locked",
  "never-reboots:once",
  "no-start",
};

/* With each request there is. */
static const char *const request_faults[] = {
  "no-response", "short-response", "garbage-response", "wrong-response", "drop-after-request",
};

#define N_REQUESTS 17

typedef struct {
  const CutsPlan *plan;
  gboolean misbehaves;
  FaultCount count;
} Row;

static Row rows[2 * G_N_ELEMENTS (plans)];

static gboolean
wants_all (void)
{
  return g_strcmp0 (g_getenv ("OAK_CUTS"), "all") == 0;
}

/* All of @n, or some. */
static gboolean
wants (guint n)
{
  return wants_all () || (guint) g_test_rand_int_range (0, (gint32) n) < SAMPLE;
}

static void
spoil_all (FaultScene *scene)
{
  const guint n = scene->points->len * (FAULT_N - 1);

  for (guint i = 0; i < scene->points->len; i++) {
    const FaultPoint *point = &g_array_index (scene->points, FaultPoint, i);

    for (guint kind = FAULT_NONE + 1; kind < FAULT_N; kind++)
      if (fault_kind_fits ((FaultKind) kind, point) && wants (n))
        fault_scene_spoil (scene, point, (FaultKind) kind);
  }
}

static gboolean
asks (const FaultScene *scene, guint request)
{
  for (guint i = 0; i < scene->points->len; i++) {
    const FaultPoint *point = &g_array_index (scene->points, FaultPoint, i);

    if (!point->to_host && point->size >= 4 && point->command == request)
      return TRUE;
  }
  return FALSE;
}

static gboolean
writes (OakOperation operation)
{
  return operation != OAK_OPERATION_READ_DETAILS && operation != OAK_OPERATION_VERIFY_APPLICATION;
}

static void
misbehave_all (FaultScene *scene)
{
  const guint n = G_N_ELEMENTS (faults) + 10 * G_N_ELEMENTS (request_faults);

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    if (i < N_LIES || wants (n))
      fault_scene_misbehave (scene, faults[i]);
  for (guint i = 0; i < N_REQUESTS; i++)
    for (guint j = 0; asks (scene, i) && j < G_N_ELEMENTS (request_faults); j++) {
      g_autofree char *fault = g_strdup_printf ("%s=%u:once", request_faults[j], i);

      if (wants (n))
        fault_scene_misbehave (scene, fault);
    }
  if (writes (scene->stage.plan->operation))
    fault_scene_swap (scene);
  if (scene->stage.plan->operation == OAK_OPERATION_FACTORY_RESET)
    fault_scene_undo (scene);
}

static void
test_row (gconstpointer data)
{
  Row *row = (Row *) data;
  FaultScene scene;

  fault_scene_init (&scene, row->plan, &model);
  if (row->misbehaves)
    misbehave_all (&scene);
  else
    spoil_all (&scene);
  row->count = scene.count;
  fault_scene_clear (&scene);
}

static void
print_count (const char *name, const char *what, const FaultCount *count)
{
  g_print ("# %-18s %-12s %6u %6u %6u %6u %6u %6u %6u %6u  %.2f s\n",
           name,
           what,
           count->n_cases,
           count->n_done,
           count->n_unconfirmed,
           count->n_failed,
           count->n_stopped,
           count->n_power_cycles,
           count->n_at_risk,
           count->n_missed,
           (double) count->longest_us / G_USEC_PER_SEC);
}

static void
print_summary (guint n)
{
  FaultCount sum = { 0 };

  g_print ("# %-18s %-12s %6s %6s %6s %6s %6s %6s %6s %6s  %s\n",
           "operation",
           "faults",
           "cases",
           "done",
           "unsure",
           "failed",
           "ended",
           "cycled",
           "risk",
           "missed",
           "longest");
  for (guint i = 0; i < n; i++) {
    const FaultCount *count = &rows[i].count;

    if (count->n_cases == 0)
      continue;
    print_count (rows[i].plan->name, rows[i].misbehaves ? "of the camera" : "on the wire", count);
    sum.n_cases += count->n_cases;
    sum.n_done += count->n_done;
    sum.n_unconfirmed += count->n_unconfirmed;
    sum.n_failed += count->n_failed;
    sum.n_stopped += count->n_stopped;
    sum.n_power_cycles += count->n_power_cycles;
    sum.n_at_risk += count->n_at_risk;
    sum.n_missed += count->n_missed;
    sum.longest_us = MAX (sum.longest_us, count->longest_us);
  }
  print_count ("all", "", &sum);
}

/* What the simulator says of itself would be a line for every state of every camera. */
static void
ignore_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
}

int
main (int argc, char **argv)
{
  int result;
  guint n = 0;

  g_test_init (&argc, &argv, NULL);
  g_log_set_handler (NULL, G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG, ignore_log, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    for (guint misbehaves = 0; misbehaves < 2; misbehaves++) {
      g_autofree char *path =
          g_strdup_printf ("/flash/faults/%s/%s",
                           plans[i].name,
                           misbehaves ? "a-camera-that-misbehaves" : "every-event-spoiled");

      rows[n] = (Row){ &plans[i], misbehaves, { 0 } };
      g_test_add_data_func (path, &rows[n++], test_row);
    }
  result = g_test_run ();
  print_summary (n);
  return result;
}
