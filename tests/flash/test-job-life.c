/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "job-support.h"
#include "oak-device-info.h"
#include "oak-error.h"
#include "test-support.h"

/* Cancelling in each phase, deciding late or not at all, dropping a job at any time, and two jobs
 * on one camera. */

typedef struct {
  Camera camera;
  TestResources before;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_auto (GStrv) extra = g_strsplit (data != NULL ? data : "--cameras=1", " ", 2);
  const char *options[] = { "--reboot-ms=50", "--boot-wait-ms=200", extra[0], extra[1], NULL };

  camera_init (&self->camera,
               OAK_BOOTLOADER_TYPE_NETWORK,
               camera_find_version (options),
               12,
               0,
               64,
               TRUE);
  camera_start (&self->camera, options);
  test_resources_take (&self->before);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  /* A simulator that has ended already took its pipes along. */
  if (self->camera.sim != NULL)
    test_resources_assert_equal (&self->before);
  camera_clear (&self->camera);
}

static void
start_flash (Run *run)
{
  g_auto (OakFlashWish) wish = { 0 };

  wish_package (&wish, "script-spi.dap");
  run_init (run, &wish, NULL);
}

static void
start_reset (Run *run)
{
  g_auto (OakFlashWish) wish = { 0 };

  oak_flash_wish_init (&wish, OAK_OPERATION_FACTORY_RESET);
  wish.bootloader_image = make_image ("network", "0.0.28", 300000);
  run_init (run, &wish, NULL);
}

static void
assert_cancelled (Run *run, OakRemains remains)
{
  run_assert_error (run, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  g_assert_cmpint (oak_flash_job_get_remains (run->job), ==, remains);
  g_assert_true (oak_flash_job_has_written (run->job) == (remains != OAK_REMAINS_UNCHANGED));
}

static void
assert_flash_succeeds (void)
{
  Run run;

  start_flash (&run);
  run_both (&run);
  g_assert_no_error (run.error);
  g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_CONFIRMED);
  run_clear (&run);
}

static void
test_cancel_before_anything (Fixture *self, gconstpointer data)
{
  Run run;

  start_flash (&run);
  oak_flash_job_cancel (run.job);
  run_prepare (&run);
  assert_cancelled (&run, OAK_REMAINS_UNCHANGED);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "connections"), ==, 0);
  run_clear (&run);
}

static void
test_cancel_while_preparing (Fixture *self, gconstpointer data)
{
  Run run;

  start_flash (&run);
  run.cancel_at_stage = OAK_STAGE_CONNECTING;
  oak_flash_job_prepare_async (run.job, NULL, NULL);
  oak_flash_job_cancel (run.job);
  g_clear_object (&run.job);
  wait_ms (300);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "writes"), ==, 0);
}

static void
test_cancel_while_deciding (Fixture *self, gconstpointer data)
{
  Run run;

  start_flash (&run);
  run_prepare (&run);
  oak_flash_job_cancel (run.job);
  g_assert_cmpint (oak_flash_job_get_state (run.job), ==, OAK_JOB_STATE_CLOSING);
  run_run (&run);
  assert_cancelled (&run, OAK_REMAINS_UNCHANGED);
  run_abandon (&run);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "resets"), ==, 1);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "writes"), ==, 0);
  run_clear (&run);
}

/* With 400 kB a second writing takes three seconds; requests end sooner. */
static void
test_cancel_while_writing (Fixture *self, gconstpointer data)
{
  gint64 start_us;
  Run run;

  start_flash (&run);
  run.cancel_at_step = OAK_STEP_WRITE_REGION;
  run.cancel_at_bytes = 100000;
  run_prepare (&run);
  start_us = g_get_monotonic_time ();
  run_run (&run);
  assert_cancelled (&run, OAK_REMAINS_NO_APPLICATION);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "resets"), ==, 1);
  g_test_message ("ended after %.1f s",
                  (double) (g_get_monotonic_time () - start_us) / G_USEC_PER_SEC);
  run_clear (&run);
  assert_flash_succeeds ();
}

static void
test_cancel_while_reading_back (Fixture *self, gconstpointer data)
{
  Run run;

  start_flash (&run);
  run.cancel_at_step = OAK_STEP_READ_BACK;
  run_prepare (&run);
  run_run (&run);
  /* Reading is so fast that the job may be past the end of it. */
  if (run.error == NULL) {
    g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_START_NOT_OBSERVED);
  } else {
    run_assert_error (&run, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
    g_assert_cmpint (oak_flash_job_get_remains (run.job), !=, OAK_REMAINS_UNCHANGED);
  }
  run_clear (&run);
  assert_flash_succeeds ();
}

static void
test_cancel_while_watching (Fixture *self, gconstpointer data)
{
  Run run;

  start_flash (&run);
  run.cancel_at_step = OAK_STEP_WAIT_FOR_STATE;
  run_prepare (&run);
  run_run (&run);
  g_assert_no_error (run.error);
  g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_START_NOT_OBSERVED);
  g_assert_nonnull (run.result->next);
  run_clear (&run);
}

static void
test_cancel_while_booting_an_image (Fixture *self, gconstpointer data)
{
  Run run;

  start_reset (&run);
  run.cancel_at_step = OAK_STEP_BOOT_MEMORY;
  run_prepare (&run);
  run_run (&run);
  assert_cancelled (&run, OAK_REMAINS_UNCHANGED);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "writes"), ==, 0);
  run_clear (&run);
}

/* Below the application nobody stops anything. */
static void
test_no_cancel_below_the_application (Fixture *self, gconstpointer data)
{
  Run run;

  start_reset (&run);
  run.cancel_at_step = OAK_STEP_WRITE_STORAGE;
  run_prepare (&run);
  run_run (&run);
  g_assert_no_error (run.error);
  g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_CONFIRMED);
  g_assert_true (run_log_has (&run, "cannot be cancelled"));
  run_clear (&run);
}

/* One single request: only dropping the link ends it. */
static void
test_cancel_drops_the_link (Fixture *self, gconstpointer data)
{
  g_auto (OakFlashWish) wish = { 0 };
  Run run;

  wish_package (&wish, "script-spi.dap");
  wish.size_unknown_ok = TRUE;
  run_init (&run, &wish, NULL);
  run.cancel_at_stage = OAK_STAGE_WRITING;
  run_prepare (&run);
  g_assert_no_error (run.error);
  run_run (&run);
  assert_cancelled (&run, OAK_REMAINS_NO_APPLICATION);
  run_clear (&run);
}

/* Twice the time after which the camera would restart by itself. */
static void
test_session_is_fed_while_deciding (Fixture *self, gconstpointer data)
{
  Run run;

  start_flash (&run);
  run_prepare (&run);
  wait_ms (3000);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "resets"), ==, 0);
  run_run (&run);
  g_assert_no_error (run.error);
  g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_CONFIRMED);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "connections"), ==, 1);
  run_clear (&run);
}

/* The camera vanishes before the decision: that is no write that failed. */
static void
test_lost_while_deciding (Fixture *self, gconstpointer data)
{
  g_auto (OakFlashWish) wish = { 0 };
  OakTimeouts timeouts;
  Run run;

  wish_package (&wish, "fw-tiny.dap.gz");
  run_default_timeouts (&timeouts);
  timeouts.reboot_ms = 500;
  run_init (&run, &wish, &timeouts);
  run_prepare (&run);
  g_assert_no_error (run.error);
  camera_stop (&self->camera);
  run_run (&run);
  run_assert_error (&run, OAK_ERROR, OAK_ERROR_DISCONNECTED, "not answered again");
  g_assert_false (oak_flash_job_has_written (run.job));
  g_assert_cmpint (oak_flash_job_get_remains (run.job), ==, OAK_REMAINS_UNCHANGED);
  run_clear (&run);
}

static gboolean
is_finished (gpointer user_data)
{
  return oak_flash_job_get_state (((Run *) user_data)->job) == OAK_JOB_STATE_FINISHED;
}

static void
test_nobody_decides (Fixture *self, gconstpointer data)
{
  g_auto (OakFlashWish) wish = { 0 };
  OakTimeouts timeouts;
  Run run;

  wish_package (&wish, "fw-tiny.dap.gz");
  run_default_timeouts (&timeouts);
  timeouts.confirm_ms = 300;
  run_init (&run, &wish, &timeouts);
  run_prepare (&run);
  g_assert_no_error (run.error);
  wait_until (is_finished, &run, "the end of patience");
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "resets"), ==, 1);
  run_run (&run);
  run_assert_error (&run, OAK_ERROR, OAK_ERROR_TIMED_OUT, "nothing was written");
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "writes"), ==, 0);
  run_clear (&run);
}

static void
test_abandon_anywhere (Fixture *self, gconstpointer data)
{
  Run run;

  start_flash (&run);
  run_abandon (&run);
  run_prepare (&run);
  assert_cancelled (&run, OAK_REMAINS_UNCHANGED);
  run_abandon (&run);
  run_clear (&run);

  start_flash (&run);
  oak_flash_job_prepare_async (run.job, NULL, NULL);
  run_abandon (&run);
  run_clear (&run);

  start_flash (&run);
  run_prepare (&run);
  /* The camera may still be on its way back from the last one. */
  if (run.error == NULL)
    run_abandon (&run);
  run_clear (&run);

  start_flash (&run);
  run_prepare (&run);
  g_assert_no_error (run.error);
  oak_flash_job_run_async (run.job, NULL, NULL);
  run_abandon (&run);
  run_clear (&run);
}

static void
test_drop_new (Fixture *self, gconstpointer data)
{
  Run run;

  start_flash (&run);
  run_clear (&run);
}

static void
watch_end (gpointer data, GObject *where_the_object_was)
{
  *(gboolean *) data = TRUE;
}

static gboolean
is_set (gpointer user_data)
{
  return *(gboolean *) user_data;
}

/* The last reference goes while the decision is awaited: the camera is restarted all the same. */
static void
test_drop_ready (Fixture *self, gconstpointer data)
{
  gboolean gone = FALSE;
  Run run;

  start_flash (&run);
  run_prepare (&run);
  g_assert_no_error (run.error);
  g_object_weak_ref (G_OBJECT (run.job), watch_end, &gone);
  run_clear (&run);
  g_assert_true (gone);
  for (guint i = 0; i < 100 && sim_process_get_int (self->camera.sim, 0, "resets") == 0; i++)
    wait_ms (20);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "resets"), ==, 1);
}

/* The caller lets go while a worker is busy: work goes on to its end, and the job ends in the main
 * thread. */
static void
test_drop_while_preparing (Fixture *self, gconstpointer data)
{
  gboolean gone = FALSE;
  Run run;

  start_flash (&run);
  g_object_weak_ref (G_OBJECT (run.job), watch_end, &gone);
  oak_flash_job_prepare_async (run.job, NULL, NULL);
  run_clear (&run);
  g_assert_false (gone);
  wait_until (is_set, &gone, "the end of the job");
  for (guint i = 0; i < 100 && sim_process_get_int (self->camera.sim, 0, "resets") == 0; i++)
    wait_ms (20);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "resets"), ==, 1);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "writes"), ==, 0);
}

static void
test_drop_while_running (Fixture *self, gconstpointer data)
{
  gboolean gone = FALSE;
  g_autofree char *state = NULL;
  Run run;

  start_flash (&run);
  run_prepare (&run);
  g_assert_no_error (run.error);
  g_object_weak_ref (G_OBJECT (run.job), watch_end, &gone);
  oak_flash_job_run_async (run.job, NULL, NULL);
  run_clear (&run);
  wait_until (is_set, &gone, "the end of the job");
  state = sim_process_get_string (self->camera.sim, 0, "state");
  g_assert_cmpstr (state, ==, "flash-booted");
}

static void
test_two_jobs (Fixture *self, gconstpointer data)
{
  Run first;
  Run second;

  start_flash (&first);
  start_flash (&second);
  run_prepare (&first);
  g_assert_no_error (first.error);
  run_prepare (&second);
  run_assert_error (&second, OAK_ERROR, OAK_ERROR_BUSY, NULL);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "connections"), ==, 1);
  run_abandon (&first);
  run_clear (&first);
  run_clear (&second);
  wait_ms (300);
  assert_flash_succeeds ();
}

/* All that is known of a job's own state is in its properties. */
static void
test_properties (Fixture *self, gconstpointer data)
{
  int state = -1;
  int stage = -1;
  int policy = -1;
  int seconds = 0;
  double fraction = -1;
  guint64 total = 0;
  g_autoptr (OakLog) log = NULL;
  Run run;

  start_flash (&run);
  g_assert_cmpstr (oak_device_info_get_address (oak_flash_job_get_info (run.job)),
                   ==,
                   CAMERA_ADDRESS);
  g_assert_cmpint (oak_flash_job_get_step (run.job), ==, -1);
  run_both (&run);
  g_object_get (run.job,
                "state",
                &state,
                "stage",
                &stage,
                "cancel-policy",
                &policy,
                "seconds-left",
                &seconds,
                "fraction",
                &fraction,
                "bytes-total",
                &total,
                "log",
                &log,
                NULL);
  g_assert_cmpint (state, ==, OAK_JOB_STATE_FINISHED);
  g_assert_cmpint (stage, ==, OAK_STAGE_CHECKING);
  g_assert_cmpint (policy, ==, OAK_CANCEL_CLEAN);
  g_assert_cmpint (seconds, ==, -1);
  g_assert_cmpfloat (fraction, >, 0.999);
  g_assert_true (log == oak_flash_job_get_log (run.job));
  g_assert_true (run_log_has (&run, "step 1 of "));
  g_assert_true (run_log_has (&run, "plan: "));
  run_clear (&run);
}

/* The pool of threads that tasks run in keeps some for later: let it have them before anything is
 * counted. */
static void
do_nothing (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_usleep (20000);
  g_task_return_boolean (task, TRUE);
}

static void
fill_thread_pool (void)
{
  g_thread_pool_set_max_idle_time (0);
  g_thread_pool_set_max_unused_threads (1);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);

    g_task_run_in_thread (task, do_nothing);
  }
  wait_ms (200);
}

#define ADD(name, options, function)                                                               \
  g_test_add ("/flash/job/" name, Fixture, options, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  job_test_init (&argc, &argv);
  fill_thread_pool ();
  ADD ("cancel-before-anything-asks-nobody", NULL, test_cancel_before_anything);
  ADD ("cancel-while-preparing-ends-it", NULL, test_cancel_while_preparing);
  ADD ("cancel-while-deciding-restarts-the-camera", NULL, test_cancel_while_deciding);
  ADD ("cancel-while-writing-ends-at-a-request", "--write-kbps=400", test_cancel_while_writing);
  ADD ("cancel-while-reading-back", NULL, test_cancel_while_reading_back);
  ADD ("cancel-while-watching-keeps-the-result", "--boot-wait-ms=5000", test_cancel_while_watching);
  ADD ("cancel-while-booting-an-image-changes-nothing", NULL, test_cancel_while_booting_an_image);
  ADD ("no-cancel-below-the-application",
       "--write-kbps=20000",
       test_no_cancel_below_the_application);
  ADD ("cancel-of-a-single-request-drops-the-link",
       "--version=0.0.17 --write-kbps=400",
       test_cancel_drops_the_link);
  ADD ("session-is-fed-while-deciding", NULL, test_session_is_fed_while_deciding);
  ADD ("lost-while-deciding-is-no-failed-write", NULL, test_lost_while_deciding);
  ADD ("nobody-decides-in-time", NULL, test_nobody_decides);
  ADD ("abandon-is-harmless-anywhere", NULL, test_abandon_anywhere);
  ADD ("dropped-before-it-began", NULL, test_drop_new);
  ADD ("dropped-while-deciding-restarts-the-camera", NULL, test_drop_ready);
  ADD ("dropped-while-preparing-ends-by-itself", NULL, test_drop_while_preparing);
  ADD ("dropped-while-running-ends-by-itself", NULL, test_drop_while_running);
  ADD ("second-job-on-one-camera-is-busy", NULL, test_two_jobs);
  ADD ("properties-tell-the-end", NULL, test_properties);
  return job_test_run ();
}
