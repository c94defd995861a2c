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
  g_test_add_func ("/flash/job/reset-image-of-the-other-type-is-vetoed",
                   test_image_of_the_other_type);
  g_test_add_func ("/flash/job/reset-image-without-read-back-is-not-confirmed",
                   test_image_without_read_back);
  return job_test_run ();
}
