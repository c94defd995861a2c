/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "job-cases.h"
#include "oak-error.h"

/* Factory resets that go wrong: what lies below the application is tried again as long as the
 * camera still runs, and nothing is claimed that was not seen. */

static void
wish_reset (OakFlashWish *wish, GBytes *image)
{
  oak_flash_wish_init (wish, OAK_OPERATION_FACTORY_RESET);
  wish->bootloader_image = image;
  wish->bootloader_name = g_strdup ("image.cmd");
}

static const Case reset_cases[] = {
  { "refused-every-time",
    { "--fault=flash-error=worn out" },
    OAK_ERROR_REFUSED,
    FALSE,
    OAK_REMAINS_BOOTLOADER_AT_RISK,
    "worn out" },
  { "refused-once",
    { "--fault=flash-error=worn out:once" },
    OUTCOME (OAK_OUTCOME_CONFIRMED),
    FALSE,
    0,
    "read back and are equal" },
  { "lie-once",
    { "--fault=lie-success:once" },
    OUTCOME (OAK_OUTCOME_CONFIRMED),
    FALSE,
    0,
    "read back and are equal" },
  { "lie-every-time",
    { "--fault=lie-success" },
    OAK_ERROR_VERIFY_FAILED,
    FALSE,
    OAK_REMAINS_BOOTLOADER_AT_RISK,
    "first at 0x" },
  { "link-lost-while-programming",
    { "--fault=drop-at-progress=1:once" },
    OAK_ERROR_DISCONNECTED,
    FALSE,
    OAK_REMAINS_BOOTLOADER_AT_RISK,
    "has not answered again" },
  { "answers-late-but-answers",
    { "--fault=progress-silence=3000:once" },
    OUTCOME (OAK_OUTCOME_CONFIRMED),
    FALSE,
    0,
    "read back and are equal" },
  { "never-comes-back",
    { "--fault=never-reboots" },
    OAK_ERROR_TIMED_OUT,
    FALSE,
    OAK_REMAINS_UNCHANGED,
    "does not start as a bootloader" },
};

static void
test_reset (gconstpointer data)
{
  const Case *test = data;
  g_auto (OakFlashWish) wish = { 0 };
  OakTimeouts timeouts;
  Camera camera;
  Run run;

  wish_reset (&wish, make_image ("network", "0.0.29", 300000));
  impatient_timeouts (&timeouts);
  timeouts.reboot_ms = 3000;
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 0, 64, TRUE);
  start_camera (&camera, test->options);
  run_init (&run, &wish, &timeouts);
  run_prepare (&run);
  g_assert_no_error (run.error);
  run_run (&run);
  if (test->code >= 0 && test->remains == OAK_REMAINS_UNCHANGED) {
    run_assert_error (&run, OAK_ERROR, test->code, test->words);
    g_assert_false (oak_flash_job_has_written (run.job));
  } else {
    assert_case (&run, test);
  }
  if (strstr (test->options[0], "once") != NULL && test->code < 0 &&
      strstr (test->name, "late") == NULL)
    g_assert_true (run_log_has (&run, "once more"));
  run_clear (&run);
  camera_clear (&camera);
}

static int
get_cancel_policy (OakFlashJob *job)
{
  int policy = -1;

  g_object_get (job, "cancel-policy", &policy, NULL);
  return policy;
}

static void
stop_waiting_when_allowed (OakFlashJob *job, GParamSpec *pspec, gpointer n_offers)
{
  /* What is always refused changes nothing. */
  if (get_cancel_policy (job) == OAK_CANCEL_NEVER)
    oak_flash_job_cancel (job);
  if (get_cancel_policy (job) != OAK_CANCEL_AFTER_PATIENCE)
    return;
  (*(guint *) n_offers)++;
  oak_flash_job_cancel (job);
}

static void
count_offers (OakFlashJob *job, GParamSpec *pspec, gpointer n_offers)
{
  if (get_cancel_policy (job) == OAK_CANCEL_AFTER_PATIENCE)
    (*(guint *) n_offers)++;
}

static void
run_silent_reset (Run *run,
                  Camera *camera,
                  const char *fault,
                  guint give_up_offer_ms,
                  GCallback on_policy,
                  guint *n_offers)
{
  const char *options[] = { fault, NULL };
  g_auto (OakFlashWish) wish = { 0 };
  OakTimeouts timeouts;

  wish_reset (&wish, make_image ("network", "0.0.29", 300000));
  impatient_timeouts (&timeouts);
  timeouts.give_up_offer_ms = give_up_offer_ms;
  camera_init (camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 0, 64, TRUE);
  start_camera (camera, options);
  run_init (run, &wish, &timeouts);
  g_signal_connect (run->job, "notify::cancel-policy", on_policy, n_offers);
  run_both (run);
  g_signal_handlers_disconnect_by_data (run->job, n_offers);
}

/* A camera that never answers again is waited for until a person decides otherwise. */
static void
test_waiting_may_be_ended_after_a_long_silence (void)
{
  guint n_offers = 0;
  Camera camera;
  Run run;

  run_silent_reset (&run,
                    &camera,
                    "--fault=progress-silence",
                    1500,
                    G_CALLBACK (stop_waiting_when_allowed),
                    &n_offers);
  run_assert_error (&run, G_IO_ERROR, G_IO_ERROR_CANCELLED, "may be incomplete");
  g_assert_cmpuint (n_offers, ==, 1);
  g_assert_true (oak_flash_job_has_written (run.job));
  g_assert_cmpint (oak_flash_job_get_remains (run.job), ==, OAK_REMAINS_BOOTLOADER_AT_RISK);
  g_assert_true (run_log_has (&run, "the wait may be ended"));
  g_assert_true (run_log_has (&run, "cannot be cancelled"));
  g_assert_false (run_log_has (&run, "once more"));
  run_clear (&run);
  camera_clear (&camera);
}

/* The offer is taken back when the camera speaks again, and nobody has to take it. */
static void
test_nobody_has_to_end_the_wait (void)
{
  guint n_offers = 0;
  Camera camera;
  Run run;

  run_silent_reset (&run,
                    &camera,
                    "--fault=progress-silence=4000:once",
                    500,
                    G_CALLBACK (count_offers),
                    &n_offers);
  g_assert_no_error (run.error);
  g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_CONFIRMED);
  g_assert_cmpuint (n_offers, >=, 1);
  run_clear (&run);
  camera_clear (&camera);
}

/* An image of the other type proves itself wrong in the camera's memory, before anything is
 * written. */
static void
test_image_of_the_other_type (void)
{
  g_auto (OakFlashWish) wish = { 0 };
  Camera camera;
  Run run;

  wish_reset (&wish, make_image ("usb", "0.0.28", 300000));
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 0, 64, TRUE);
  start_camera (&camera, NULL);
  run_init (&run, &wish, NULL);
  run_both (&run);
  run_assert_error (&run, OAK_ERROR, OAK_ERROR_BAD_FILE, "type usb");
  g_assert_false (oak_flash_job_has_written (run.job));
  g_assert_cmpint (sim_process_get_int (camera.sim, 0, "writes"), ==, 0);
  camera_stop (&camera);
  camera_assert_content (&camera);
  run_clear (&run);
  camera_clear (&camera);
}

/* Written by an image too old to read back: a third result. */
static void
test_image_without_read_back (void)
{
  g_auto (OakFlashWish) wish = { 0 };
  Camera camera;
  Run run;

  wish_reset (&wish, make_image ("network", "0.0.17", 300000));
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 0, 64, TRUE);
  start_camera (&camera, NULL);
  run_init (&run, &wish, NULL);
  run_both (&run);
  g_assert_no_error (run.error);
  g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_NOT_CONFIRMED);
  g_assert_cmpint (run.result->state, ==, OAK_DEVICE_STATE_BOOTLOADER);
  run_clear (&run);
  camera_clear (&camera);
}

int
main (int argc, char **argv)
{
  job_test_init (&argc, &argv);
  add_cases ("reset", reset_cases, G_N_ELEMENTS (reset_cases), test_reset);
  g_test_add_func ("/flash/job/reset-waiting-may-be-ended-after-a-long-silence",
                   test_waiting_may_be_ended_after_a_long_silence);
  g_test_add_func ("/flash/job/reset-nobody-has-to-end-the-wait", test_nobody_has_to_end_the_wait);
  g_test_add_func ("/flash/job/reset-image-of-the-other-type-is-vetoed",
                   test_image_of_the_other_type);
  g_test_add_func ("/flash/job/reset-image-without-read-back-is-not-confirmed",
                   test_image_without_read_back);
  return job_test_run ();
}
