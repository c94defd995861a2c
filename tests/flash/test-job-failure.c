/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "job-cases.h"
#include "oak-advice.h"
#include "oak-device-facts.h"
#include "oak-device-info.h"
#include "oak-error.h"

/* Cameras that refuse, lie, vanish or are not the right one: each ends in its own error with the
 * truth about what is left, and none of them starts half an application. */

static const Case flash_cases[] = {
  { "refused-write",
    { "--fault=flash-error=No space left" },
    OAK_ERROR_REFUSED,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "No space left" },
  { "write-fails-half-way",
    { "--fault=flash-error-at=50" },
    OAK_ERROR_REFUSED,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "writing to flash: at 0x800000" },
  { "success-without-writing",
    { "--fault=lie-success" },
    OAK_ERROR_VERIFY_FAILED,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "still there, first at 0x800000" },
  { "wrong-bytes-read-back",
    { "--fault=lie-read" },
    OAK_ERROR_VERIFY_FAILED,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "first at 0x" },
  { "refused-configuration",
    { "--fault=config-error=locked" },
    OAK_ERROR_REFUSED,
    FALSE,
    OAK_REMAINS_NOT_SELECTED,
    "the application is written and reads back equal; setting the memory" },
  { "nonsense-when-read-back",
    { "--fault=garbage-response=ReadFlash" },
    OAK_ERROR_PROTOCOL,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "bootloader",
    .full = TRUE },
  { "nonsense-when-compared",
    { "--fault=garbage-response=ReadFlash" },
    OAK_ERROR_PROTOCOL,
    FALSE,
    OAK_REMAINS_UNCHANGED,
    "bootloader",
    .unwritten = TRUE },
  { "wrong-answer-when-read-back",
    { "--fault=wrong-response=ReadFlash" },
    OAK_ERROR_PROTOCOL,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "bootloader",
    .full = TRUE },
  { "wrong-answer-when-compared",
    { "--fault=wrong-response=ReadFlash" },
    OAK_ERROR_PROTOCOL,
    FALSE,
    OAK_REMAINS_UNCHANGED,
    "bootloader",
    .unwritten = TRUE },
  { "silence-when-read-back",
    { "--fault=no-response=ReadFlash" },
    OAK_ERROR_TIMED_OUT,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "bootloader",
    .full = TRUE },
  { "silence-when-compared",
    { "--fault=no-response=ReadFlash" },
    OAK_ERROR_TIMED_OUT,
    FALSE,
    OAK_REMAINS_UNCHANGED,
    "bootloader",
    .unwritten = TRUE },
  { "silence-while-writing",
    { "--fault=progress-silence" },
    OAK_ERROR_TIMED_OUT,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "waiting for the camera to finish writing" },
  { "never-comes-back",
    { "--fault=never-reboots", "--boot-wait-ms=100" },
    OUTCOME (OAK_OUTCOME_NOT_CONFIRMED),
    FALSE,
    0,
    "not seen as expected" },
  { "application-does-not-start",
    { "--fault=no-start" },
    OUTCOME (OAK_OUTCOME_NOT_CONFIRMED),
    FALSE,
    0,
    "did not start in time" },
  { "no-memory",
    { "--fault=no-memory-details" },
    OAK_ERROR_UNSUPPORTED,
    TRUE,
    OAK_REMAINS_UNCHANGED,
    "no flash memory" },
  /* 1 MiB of room for 1 310 723 bytes */
  { "too-large",
    { "--fault=lie-size=9437184" },
    OAK_ERROR_TOO_LARGE,
    TRUE,
    OAK_REMAINS_UNCHANGED,
    "262147 bytes) too much" },
  { "two-ids-at-the-address",
    { "--fault=second-id=18443010000000FF00" },
    OAK_ERROR_WRONG_DEVICE,
    TRUE,
    OAK_REMAINS_UNCHANGED,
    "18443010000000FF00" },
  { "another-id-at-the-address",
    { "--fault=change-id=18443010000000FF00@0" },
    OAK_ERROR_WRONG_DEVICE,
    TRUE,
    OAK_REMAINS_UNCHANGED,
    "18443010000000FF00" },
  { "silent-address",
    { "--fault=silent-discovery" },
    OAK_ERROR_UNREACHABLE,
    TRUE,
    OAK_REMAINS_UNCHANGED,
    CAMERA_ADDRESS },
  { "refused-connection",
    { "--fault=refuse-connect" },
    OAK_ERROR_UNREACHABLE,
    TRUE,
    OAK_REMAINS_UNCHANGED,
    CAMERA_ADDRESS },
  { "closed-connection",
    { "--fault=close-on-accept" },
    OAK_ERROR_DISCONNECTED,
    TRUE,
    OAK_REMAINS_UNCHANGED,
    NULL },
  { "no-ping", { "--fault=no-ping" }, OAK_ERROR_TIMED_OUT, TRUE, OAK_REMAINS_UNCHANGED, NULL },
  { "link-lost-while-asking",
    { "--fault=drop-after-request=GetMemoryDetails" },
    OAK_ERROR_DISCONNECTED,
    TRUE,
    OAK_REMAINS_UNCHANGED,
    NULL },
  { "running-application",
    { "--state=flash-booted" },
    OAK_ERROR_NEEDS_CONSENT,
    TRUE,
    OAK_REMAINS_UNCHANGED,
    "stopped first" },
  { "soft-brick-bootloader",
    { "--version=0.0.13" },
    OAK_ERROR_UNSUPPORTED,
    TRUE,
    OAK_REMAINS_UNCHANGED,
    "0.0.14" },
  { "unknown-size",
    { "--version=0.0.17" },
    OAK_ERROR_NEEDS_CONSENT,
    TRUE,
    OAK_REMAINS_UNCHANGED,
    "0.0.17" },
};

static void
test_flash (gconstpointer data)
{
  const Case *test = data;
  g_auto (OakFlashWish) wish = { 0 };
  OakTimeouts timeouts;
  Camera camera;
  Run run;

  wish_package (&wish, "script-spi.dap");
  wish.full = test->full;
  impatient_timeouts (&timeouts);
  camera_init (&camera,
               OAK_BOOTLOADER_TYPE_NETWORK,
               camera_find_version (test->options),
               12,
               0,
               64,
               TRUE);
  camera_expect_config (&camera, NETWORK_CONFIG_OFFSET, "{\"network\":{\"timeoutMs\":200}}");
  start_camera (&camera, test->options);
  run_init (&run, &wish, &timeouts);
  run_case (&run, test);
  assert_case (&run, test);
  g_assert_cmpint (oak_flash_job_get_state (run.job), ==, OAK_JOB_STATE_FINISHED);
  g_assert_false (is_bricked (&camera));
  if (test->in_prepare) {
    g_assert_cmpint (sim_process_get_int (camera.sim, 0, "writes"), ==, 0);
    camera_stop (&camera);
    if (strcmp (test->name, "running-application") != 0)
      camera_assert_content (&camera);
  }
  run_clear (&run);
  camera_clear (&camera);
}

/* Over a whole application that would start: what is left never starts, and the next try succeeds.
 */
static const Case loss_cases[] = {
  { "data-of-the-first-request",
    { "--fault=drop-in-data=50:once" },
    OAK_ERROR_DISCONNECTED,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "the camera answers again" },
  { "programming-of-the-first-request",
    { "--fault=drop-at-progress=50:once" },
    OAK_ERROR_DISCONNECTED,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "the camera answers again" },
  { "middle-of-the-body",
    { "--fault=drop-at-byte=700000:once" },
    OAK_ERROR_DISCONNECTED,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "the camera answers again" },
  { "last-block",
    { "--fault=drop-at-byte=1200000:once" },
    OAK_ERROR_DISCONNECTED,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "the camera answers again" },
  { "reading-back",
    { "--fault=drop-after-request=ReadFlash:once" },
    OAK_ERROR_DISCONNECTED,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "the camera answers again" },
  { "configuration",
    { "--fault=drop-after-request=SetBootloaderConfig:once" },
    OAK_ERROR_DISCONNECTED,
    FALSE,
    OAK_REMAINS_NOT_SELECTED,
    "the camera answers again" },
  { "tcp-reset",
    { "--fault=reset-tcp=500000:once" },
    OAK_ERROR_DISCONNECTED,
    FALSE,
    OAK_REMAINS_NO_APPLICATION,
    "the camera answers again" },
};

static void
run_again (const OakFlashWish *wish, const OakTimeouts *timeouts)
{
  Run run;

  run_init (&run, wish, timeouts);
  run_both (&run);
  g_assert_no_error (run.error);
  g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_CONFIRMED);
  run_clear (&run);
}

/* People read it in their own words, after what is left. */
static void
assert_state_names_the_bootloader (Run *run)
{
  g_autoptr (OakAdvice) advice = oak_advice_new (run->error,
                                                 OAK_OPERATION_FLASH_APPLICATION,
                                                 oak_flash_job_get_remains (run->job),
                                                 oak_flash_job_has_written (run->job));

  g_test_message ("%s", advice->state);
  g_assert_true (g_str_has_suffix (advice->state, " It answers again and is in its bootloader.") ||
                 g_str_has_suffix (advice->state, " It answers again and runs an application."));
}

static void
test_loss (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (OakAppPackage) old = load_package ("xlinkout.dap");
  GBytes *old_bytes = oak_app_package_get_bytes (old);
  g_auto (OakFlashWish) wish = { 0 };
  const char *options[] = { test->options[0], "--boot-wait-ms=100", "--state=flash-booted", NULL };
  OakTimeouts timeouts;
  Camera camera;
  Run run;

  wish_package (&wish, "script-spi.dap");
  wish.stop_application = TRUE;
  wish.full = TRUE;
  impatient_timeouts (&timeouts);
  timeouts.start_margin_ms = 4000;
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 0, 64, TRUE);
  camera_put (&camera,
              OAK_MEMORY_FLASH,
              NETWORK_APPLICATION_OFFSET,
              g_bytes_get_data (old_bytes, NULL),
              g_bytes_get_size (old_bytes));
  start_camera (&camera, options);
  run_init (&run, &wish, &timeouts);
  run_case (&run, test);
  assert_case (&run, test);
  assert_state_names_the_bootloader (&run);
  run_clear (&run);
  /* What is left may be the old application, which starts. */
  wait_ms (1000);
  g_assert_false (is_bricked (&camera));
  /* What arrived before is not sent again. */
  wish.full = FALSE;
  run_again (&wish, &timeouts);
  camera_stop (&camera);
  camera_expect_write (&camera,
                       OAK_MEMORY_FLASH,
                       NETWORK_APPLICATION_OFFSET,
                       g_bytes_get_data (oak_app_package_get_bytes (wish.package), NULL),
                       oak_app_package_get_size (wish.package));
  camera_expect_config (&camera, NETWORK_CONFIG_OFFSET, "{\"appMem\":0}");
  camera_assert_content (&camera);
  camera_clear (&camera);
}

/* Bytes that came back wrong must not start at the next power-on. */
static void
test_wrong_bytes_are_disarmed (void)
{
  const char *options[] = { "--fault=lie-read", NULL };
  g_auto (OakFlashWish) wish = { 0 };
  Camera camera;
  Run run;

  wish_package (&wish, "fw-tiny.dap.gz");
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 0, 4, TRUE);
  start_camera (&camera, options);
  run_init (&run, &wish, NULL);
  run_both (&run);
  run_assert_error (&run, OAK_ERROR, OAK_ERROR_VERIFY_FAILED, NULL);
  g_assert_true (run_log_has (&run, "the start record was erased"));
  camera_stop (&camera);
  camera_expect_write (
      &camera,
      OAK_MEMORY_FLASH,
      NETWORK_APPLICATION_OFFSET + 0x40000,
      (const guint8 *) g_bytes_get_data (oak_app_package_get_bytes (wish.package), NULL) + 0x40000,
      oak_app_package_get_size (wish.package) - 0x40000);
  camera_expect_fill (&camera, OAK_MEMORY_FLASH, NETWORK_APPLICATION_OFFSET, 0xff, 512);
  camera_assert_content (&camera);
  run_clear (&run);
  camera_clear (&camera);
}

/* How often a camera is asked who it is until its session is open. */
static gint64
count_answers_of_prepare (Camera *camera, const OakFlashWish *wish)
{
  gint64 n_answers;
  Run run;

  start_camera (camera, NULL);
  run_init (&run, wish, NULL);
  run_prepare (&run);
  g_assert_no_error (run.error);
  n_answers = sim_process_get_int (camera->sim, 0, "discoveryAnswers");
  run_abandon (&run);
  run_clear (&run);
  camera_stop (camera);
  return n_answers;
}

/* Prepares a job on a camera that answers with another id from then on. A question may have been
 * repeated: then once more. */
static void
prepare_before_the_change (Run *run, Camera *camera, const OakFlashWish *wish)
{
  gint64 n_answers = count_answers_of_prepare (camera, wish);

  for (guint i = 0; i < 10; i++) {
    g_autofree char *fault =
        g_strdup_printf ("--fault=change-id=18443010000000FF00@%" G_GINT64_FORMAT, n_answers);
    const char *options[] = { fault, NULL };

    start_camera (camera, options);
    run_init (run, wish, NULL);
    run_prepare (run);
    if (run->error == NULL)
      return;
    g_assert_error (run->error, OAK_ERROR, OAK_ERROR_WRONG_DEVICE);
    run_clear (run);
    camera_stop (camera);
  }
  g_error ("never got past preparing");
}

/* The address changes its owner after the confirmation: not one write request. */
static void
test_id_changes_before_the_write (gconstpointer data)
{
  int operation = GPOINTER_TO_INT (data);
  g_auto (OakFlashWish) wish = { 0 };
  Camera camera;
  Run run;

  if (operation == OAK_OPERATION_FLASH_APPLICATION) {
    wish_package (&wish, "fw-tiny.dap.gz");
  } else {
    oak_flash_wish_init (&wish, (OakOperation) operation);
    wish.bootloader_image = make_image ("network", "0.0.28", 100000);
  }
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 0, 64, TRUE);
  prepare_before_the_change (&run, &camera, &wish);
  run_run (&run);
  run_assert_error (&run, OAK_ERROR, OAK_ERROR_WRONG_DEVICE, "18443010000000FF00");
  g_assert_false (oak_flash_job_has_written (run.job));
  g_assert_cmpint (oak_flash_job_get_remains (run.job), ==, OAK_REMAINS_UNCHANGED);
  g_assert_cmpint (sim_process_get_int (camera.sim, 0, "writes"), ==, 0);
  g_assert_cmpint (sim_process_get_int (camera.sim, 0, "connections"), ==, 1);
  camera_stop (&camera);
  camera_assert_content (&camera);
  run_clear (&run);
  camera_clear (&camera);
}

/* Old bootloaders: the vendor's one request after consent, and never a success without proof. */
static void
test_old_bootloader (gconstpointer data)
{
  const char *version = data;
  gboolean usb = strcmp (version, "0.0.11") == 0;
  g_autofree char *version_option = g_strdup_printf ("--version=%s", version);
  const char *options[] = { version_option,
                            usb ? "--type=usb" : "--type=network",
                            "--boot-wait-ms=100",
                            NULL };
  g_auto (OakFlashWish) wish = { 0 };
  Camera camera;
  Run run;

  wish_package (&wish, "script-spi.dap");
  wish.size_unknown_ok = TRUE;
  camera_init (&camera,
               usb ? OAK_BOOTLOADER_TYPE_USB : OAK_BOOTLOADER_TYPE_NETWORK,
               version,
               12,
               0,
               64,
               TRUE);
  start_camera (&camera, options);
  run_init (&run, &wish, NULL);
  run_both (&run);
  g_assert_no_error (run.error);
  g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_NOT_CONFIRMED);
  g_assert_cmpint (run.result->state, ==, OAK_DEVICE_STATE_FLASH_BOOTED);
  g_assert_cmpuint (run.result->bytes_verified, ==, 0);
  g_assert_cmpint (sim_process_get_int (camera.sim, 0, "writes"), ==, 1);
  camera_stop (&camera);
  camera_expect_write (&camera,
                       OAK_MEMORY_FLASH,
                       usb ? USB_APPLICATION_OFFSET : NETWORK_APPLICATION_OFFSET,
                       g_bytes_get_data (oak_app_package_get_bytes (wish.package), NULL),
                       oak_app_package_get_size (wish.package));
  camera_assert_content (&camera);
  run_clear (&run);
  camera_clear (&camera);
}

/* The facts are worth showing also when there is no plan. */
static void
test_refused_plan_keeps_facts (void)
{
  const char *options[] = { "--version=0.0.13", NULL };
  g_auto (OakFlashWish) wish = { 0 };
  OakDeviceFacts *facts;
  Camera camera;
  Run run;

  wish_package (&wish, "fw-tiny.dap.gz");
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, "0.0.13", 12, 0, 64, TRUE);
  start_camera (&camera, options);
  run_init (&run, &wish, NULL);
  run_prepare (&run);
  run_assert_error (&run, OAK_ERROR, OAK_ERROR_UNSUPPORTED, "0.0.13");
  facts = oak_flash_job_get_facts (run.job);
  g_assert_nonnull (facts);
  g_assert_cmpint (oak_version_compare (facts->version, OAK_VERSION (0, 0, 13)), ==, 0);
  g_assert_null (oak_flash_job_get_plan (run.job));
  g_assert_cmpint (sim_process_get_int (camera.sim, 0, "resets"), ==, 1);
  run_clear (&run);
  camera_clear (&camera);
}

/* A camera added by its address alone: who it is stays known when no session could be opened. */
static void
test_failed_connection_keeps_the_id (void)
{
  const char *options[] = { "--fault=close-on-accept", NULL };
  g_autoptr (OakDeviceInfo) info =
      oak_device_info_new_network (NULL, CAMERA_ADDRESS, OAK_DEVICE_STATE_UNKNOWN);
  g_auto (OakFlashWish) wish = { 0 };
  OakDeviceInfo *found;
  OakTimeouts timeouts;
  Camera camera;
  Run run;

  wish_package (&wish, "fw-tiny.dap.gz");
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 0, 64, TRUE);
  start_camera (&camera, options);
  run_default_timeouts (&timeouts);
  run_init (&run, &wish, NULL);
  g_clear_object (&run.job);
  run.job = oak_flash_job_new (info, &wish, OAK_NETWORK_SCOPE_LOOPBACK, &timeouts);
  g_assert_null (oak_device_info_get_mxid (oak_flash_job_get_info (run.job)));
  run_prepare (&run);
  g_assert_error (run.error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  found = oak_flash_job_get_info (run.job);
  g_assert_cmpstr (oak_device_info_get_mxid (found), ==, CAMERA_MXID);
  g_assert_cmpint (oak_device_info_get_state (found), ==, OAK_DEVICE_STATE_BOOTLOADER);
  run_clear (&run);
  camera_stop (&camera);
  camera_clear (&camera);
}

/* What the worker finds inside the package is not written where this thread may be reading. */
static void
test_wish_stays_as_it_was_given (void)
{
  g_auto (OakFlashWish) wish = { 0 };
  Camera camera;
  Run run;

  wish_package (&wish, "fw-tiny.dap.gz");
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 0, 64, TRUE);
  start_camera (&camera, NULL);
  run_init (&run, &wish, NULL);
  run_prepare (&run);
  g_assert_no_error (run.error);
  g_assert_null (oak_flash_job_get_wish (run.job)->contents);
  run_abandon (&run);
  run_clear (&run);
  camera_stop (&camera);
  camera_clear (&camera);
}

static void
test_no_wait (void)
{
  g_auto (OakFlashWish) wish = { 0 };
  Camera camera;
  Run run;

  wish_package (&wish, "fw-tiny.dap.gz");
  wish.no_wait = TRUE;
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 0, 64, TRUE);
  start_camera (&camera, NULL);
  run_init (&run, &wish, NULL);
  run_both (&run);
  g_assert_no_error (run.error);
  g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_START_NOT_OBSERVED);
  g_assert_nonnull (strstr (run.result->next, "30 seconds"));
  run_clear (&run);
  camera_clear (&camera);
}

static void
test_read_details (void)
{
  g_auto (OakFlashWish) wish = { 0 };
  Camera camera;
  Run run;

  oak_flash_wish_init (&wish, OAK_OPERATION_READ_DETAILS);
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 12, 64, TRUE);
  start_camera (&camera, NULL);
  run_init (&run, &wish, NULL);
  run_both (&run);
  g_assert_no_error (run.error);
  g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_CONFIRMED);
  g_assert_false (oak_flash_job_has_written (run.job));
  g_assert_true (oak_flash_job_get_facts (run.job)->emmc.available);
  g_assert_cmpint (sim_process_get_int (camera.sim, 0, "resets"), ==, 1);
  camera_stop (&camera);
  camera_assert_content (&camera);
  run_clear (&run);
  camera_clear (&camera);
}

int
main (int argc, char **argv)
{
  job_test_init (&argc, &argv);
  add_cases ("flash", flash_cases, G_N_ELEMENTS (flash_cases), test_flash);
  add_cases ("link-lost-in", loss_cases, G_N_ELEMENTS (loss_cases), test_loss);
  g_test_add_func ("/flash/job/wrong-bytes-are-disarmed", test_wrong_bytes_are_disarmed);
  g_test_add_data_func ("/flash/job/id-changes-before-flashing-no-write",
                        GINT_TO_POINTER (OAK_OPERATION_FLASH_APPLICATION),
                        test_id_changes_before_the_write);
  g_test_add_data_func ("/flash/job/id-changes-before-clearing-no-write",
                        GINT_TO_POINTER (OAK_OPERATION_CLEAR_APPLICATION),
                        test_id_changes_before_the_write);
  g_test_add_data_func ("/flash/job/id-changes-before-reset-no-image-is-started",
                        GINT_TO_POINTER (OAK_OPERATION_FACTORY_RESET),
                        test_id_changes_before_the_write);
  g_test_add_data_func ("/flash/job/bootloader-0.0.11-one-request-not-confirmed",
                        "0.0.11",
                        test_old_bootloader);
  g_test_add_data_func ("/flash/job/bootloader-0.0.14-one-request-not-confirmed",
                        "0.0.14",
                        test_old_bootloader);
  g_test_add_data_func ("/flash/job/bootloader-0.0.17-one-request-not-confirmed",
                        "0.0.17",
                        test_old_bootloader);
  g_test_add_func ("/flash/job/refused-plan-keeps-facts", test_refused_plan_keeps_facts);
  g_test_add_func ("/flash/job/failed-connection-keeps-the-id",
                   test_failed_connection_keeps_the_id);
  g_test_add_func ("/flash/job/wish-stays-as-it-was-given", test_wish_stays_as_it_was_given);
  g_test_add_func ("/flash/job/no-wait-ends-after-read-back", test_no_wait);
  g_test_add_func ("/flash/job/details-are-read-and-nothing-written", test_read_details);
  return job_test_run ();
}
