/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "job-support.h"
#include "oak-config.h"
#include "oak-device-facts.h"

/* What a camera's memories hold after each operation, byte by byte against a model, at all erase
 * sizes and with both kinds of chips: those that keep the neighbours in an erase block and those
 * that do not. */

#define TABLE_SIZE 512u

typedef struct {
  const char *name;
  OakBootloaderType type;
  OakMemory memory; /* asked for */
  gboolean emmc;    /* has one */
  guint erase_kib;
  gboolean preserve;
} Case;

static guint32
application_offset (const Case *test)
{
  return test->type == OAK_BOOTLOADER_TYPE_NETWORK ? NETWORK_APPLICATION_OFFSET
                                                   : USB_APPLICATION_OFFSET;
}

static void
init_camera (Camera *camera, const Case *test)
{
  camera_init (camera,
               test->type,
               NULL,
               test->type == OAK_BOOTLOADER_TYPE_NETWORK ? 12 : 4,
               test->emmc ? 12 : 0,
               test->erase_kib,
               test->preserve);
}

static void
start_camera (Camera *camera, const Case *test, const char *fault)
{
  const char *options[] = { test->type == OAK_BOOTLOADER_TYPE_NETWORK ? "--type=network"
                                                                      : "--type=usb",
                            "--reboot-ms=50",
                            "--boot-wait-ms=100",
                            fault,
                            NULL };

  camera_start (camera, options);
}

static void
assert_confirmed (Run *run, OakDeviceState state)
{
  if (run->error != NULL)
    g_error ("%s", run->error->message);
  for (guint i = 0; run->result->evidence[i] != NULL; i++)
    g_test_message ("%s", run->result->evidence[i]);
  g_assert_cmpint (run->result->outcome, ==, OAK_OUTCOME_CONFIRMED);
  g_assert_cmpint (run->result->state, ==, state);
  g_assert_cmpuint (g_strv_length (run->result->evidence), >=, 3);
  g_assert_nonnull (run->result->next);
  g_assert_cmpfloat (run->fraction, >, 0.999);
  g_assert_cmpint (oak_flash_job_get_state (run->job), ==, OAK_JOB_STATE_FINISHED);
  g_assert_true (oak_flash_job_has_written (run->job));
}

static void
expect_application (Camera *camera, const Case *test, const OakAppPackage *package)
{
  GBytes *bytes = oak_app_package_get_bytes (package);
  gsize size = g_bytes_get_size (bytes);
  OakMemory memory = test->memory;

  if (memory == OAK_MEMORY_AUTO)
    memory = test->emmc ? OAK_MEMORY_EMMC : OAK_MEMORY_FLASH;
  camera_expect_write (camera,
                       memory,
                       application_offset (test),
                       g_bytes_get_data (bytes, NULL),
                       size);
  camera_expect_config (camera,
                        test->type == OAK_BOOTLOADER_TYPE_NETWORK ? NETWORK_CONFIG_OFFSET
                                                                  : 0xfc000u,
                        memory == OAK_MEMORY_EMMC ? "{\"appMem\":1}" : "{\"appMem\":0}");
}

static void
test_flash (gconstpointer data)
{
  const Case *test = data;
  g_auto (OakFlashWish) wish = { 0 };
  Camera camera;
  Run run;

  wish_package (&wish, "script-spi.dap");
  wish.memory = test->memory;
  init_camera (&camera, test);
  start_camera (&camera, test, NULL);
  run_init (&run, &wish, NULL);
  run_both (&run);
  assert_confirmed (&run, OAK_DEVICE_STATE_FLASH_BOOTED);
  g_assert_cmpuint (run.result->bytes_verified, ==, oak_app_package_get_size (wish.package));
  g_assert_cmpint (run.result->transfer_us, >=, run.result->write_us);
  g_assert_cmpint (run.result->total_us, >, run.result->transfer_us);
  g_assert_cmpint (sim_process_get_int (camera.sim, 0, "protocolErrors"), ==, 0);
  g_assert_cmpint (sim_process_get_int (camera.sim, 0, "connections"), ==, 1);

  camera_stop (&camera);
  expect_application (&camera, test, wish.package);
  camera_assert_content (&camera);
  run_clear (&run);
  camera_clear (&camera);
}

/* Only the table goes (bootloader.md §5.2); on a camera with eMMC from both memories. */
static void
test_clear (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (OakAppPackage) package = load_package ("fw-tiny.dap.gz");
  GBytes *bytes = oak_app_package_get_bytes (package);
  gconstpointer content = g_bytes_get_data (bytes, NULL);
  g_auto (OakFlashWish) wish = { 0 };
  Camera camera;
  Run run;

  oak_flash_wish_init (&wish, OAK_OPERATION_CLEAR_APPLICATION);
  wish.stop_application = TRUE;
  init_camera (&camera, test);
  camera_put (&camera,
              OAK_MEMORY_FLASH,
              application_offset (test),
              content,
              g_bytes_get_size (bytes));
  if (test->emmc)
    camera_put (&camera,
                OAK_MEMORY_EMMC,
                application_offset (test),
                content,
                g_bytes_get_size (bytes));
  start_camera (&camera, test, "--state=flash-booted");
  run_init (&run, &wish, NULL);
  run_both (&run);
  assert_confirmed (&run, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpint (oak_device_facts_get_memory (oak_flash_job_get_facts (run.job), OAK_MEMORY_FLASH)
                       ->application_present,
                   ==,
                   TRUE);
  g_assert_cmpuint (run.result->bytes_written, ==, test->emmc ? 2 * TABLE_SIZE : TABLE_SIZE);

  camera_stop (&camera);
  camera_expect_fill (&camera, OAK_MEMORY_FLASH, application_offset (test), 0xff, TABLE_SIZE);
  if (test->emmc)
    camera_expect_fill (&camera, OAK_MEMORY_EMMC, application_offset (test), 0xff, TABLE_SIZE);
  camera_assert_content (&camera);
  run_clear (&run);
  camera_clear (&camera);
}

/* bootloader.md §6.3: the image from 0x200 on, then erased bytes up to the first 512 bytes of the
 * application's firmware. */
static void
test_reset (gconstpointer data)
{
  const Case *test = data;
  gboolean network = test->type == OAK_BOOTLOADER_TYPE_NETWORK;
  gsize payload = network ? 8389120 : 1049088;
  g_autoptr (GBytes) image = make_image (network ? "network" : "usb", "0.0.28", 300000);
  g_autofree guint8 *expected = g_malloc (payload);
  g_auto (OakFlashWish) wish = { 0 };
  guint8 header[512];
  Camera camera;
  Run run;

  oak_flash_wish_init (&wish, OAK_OPERATION_FACTORY_RESET);
  wish.bootloader_image = g_bytes_ref (image);
  wish.bootloader_name = g_strdup ("made-up.cmd");
  init_camera (&camera, test);
  memcpy (header, camera.nor->data, sizeof header);
  start_camera (&camera, test, NULL);
  run_init (&run, &wish, NULL);
  run_both (&run);
  g_assert_true (oak_flash_plan_needs_typed_id (run.plan));
  assert_confirmed (&run, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpuint (run.result->bytes_written, ==, payload);
  g_assert_cmpuint (run.result->bytes_verified, ==, payload);
  g_assert_cmpint (sim_process_get_int (camera.sim, 0, "connections"), ==, 3);

  camera_stop (&camera);
  memset (expected, 0xff, payload);
  memcpy (expected, g_bytes_get_data (image, NULL), g_bytes_get_size (image));
  camera_expect_write (&camera, OAK_MEMORY_FLASH, 0x200, expected, payload);
  memcpy (camera.nor->data, header, sizeof header); /* the camera's own business */
  camera_assert_content (&camera);
  run_clear (&run);
  camera_clear (&camera);
}

/* Seventeen MiB go in several requests of several packets. */
static void
test_large_package (void)
{
  static const Case test = {
    "large", OAK_BOOTLOADER_TYPE_NETWORK, OAK_MEMORY_FLASH, FALSE, 64, TRUE
  };
  g_auto (OakFlashWish) wish = { 0 };
  Camera camera;
  Run run;

  wish_package (&wish, "fw-16m.dap.gz");
  camera_init (&camera, test.type, NULL, 32, 0, test.erase_kib, test.preserve);
  start_camera (&camera, &test, NULL);
  run_init (&run, &wish, NULL);
  run_both (&run);
  assert_confirmed (&run, OAK_DEVICE_STATE_FLASH_BOOTED);
  camera_stop (&camera);
  expect_application (&camera, &test, wish.package);
  camera_assert_content (&camera);
  run_clear (&run);
  camera_clear (&camera);
}

static gboolean
has_step (const OakFlashPlan *plan, OakStepKind kind)
{
  for (guint i = 0; i < oak_flash_plan_get_n_steps (plan); i++)
    if (oak_flash_plan_get_step (plan, i)->kind == kind)
      return TRUE;
  return FALSE;
}

/* Everything else in the document survives, and a document that already says so is not written. */
static void
test_config_survives (void)
{
  static const char with_static[] =
      "{\"appMem\":1,\"later\":[1,{\"a\":null}],\"network\":{\"timeoutMs\":100,\"extra\":true}}";
  static const char changed[] =
      "{\"appMem\":0,\"later\":[1,{\"a\":null}],\"network\":{\"timeoutMs\":100,\"extra\":true}}";
  static const Case test = {
    "config", OAK_BOOTLOADER_TYPE_NETWORK, OAK_MEMORY_FLASH, FALSE, 4, TRUE
  };

  for (guint round = 0; round < 2; round++) {
    g_auto (OakFlashWish) wish = { 0 };
    Camera camera;
    Run run;

    wish_package (&wish, "fw-tiny.dap.gz");
    wish.memory = OAK_MEMORY_FLASH;
    init_camera (&camera, &test);
    camera_expect_config (&camera, NETWORK_CONFIG_OFFSET, round == 0 ? with_static : changed);
    start_camera (&camera, &test, NULL);
    run_init (&run, &wish, NULL);
    run_both (&run);
    assert_confirmed (&run, OAK_DEVICE_STATE_FLASH_BOOTED);
    g_assert_true (has_step (run.plan, OAK_STEP_SET_APP_MEMORY) == (round == 0));
    camera_stop (&camera);
    expect_application (&camera, &test, wish.package);
    camera_expect_config (&camera, NETWORK_CONFIG_OFFSET, changed);
    camera_assert_content (&camera);
    run_clear (&run);
    camera_clear (&camera);
  }
}

static const guint erase_sizes[] = { 4, 64, 256 };

static void
add_cases (const char *operation, GTestDataFunc function, const Case *template)
{
  for (guint i = 0; i < G_N_ELEMENTS (erase_sizes); i++) {
    for (gboolean preserve = FALSE; preserve <= TRUE; preserve++) {
      Case *test = g_memdup2 (template, sizeof *template);
      g_autofree char *path = NULL;

      test->erase_kib = erase_sizes[i];
      test->preserve = preserve;
      path = g_strdup_printf ("/flash/job/%s-%s-erase-%u-%s",
                              operation,
                              template->name,
                              test->erase_kib,
                              preserve ? "neighbours-kept" : "neighbours-lost");
      g_test_add_data_func_full (path, test, function, g_free);
    }
  }
}

int
main (int argc, char **argv)
{
  static const Case network = { "network", OAK_BOOTLOADER_TYPE_NETWORK, OAK_MEMORY_AUTO, FALSE, 0,
                                FALSE };
  static const Case usb = { "usb-type", OAK_BOOTLOADER_TYPE_USB, OAK_MEMORY_AUTO, FALSE, 0, FALSE };
  static const Case emmc = { "emmc", OAK_BOOTLOADER_TYPE_NETWORK, OAK_MEMORY_AUTO, TRUE, 0, FALSE };
  static const Case beside = {
    "flash-beside-emmc", OAK_BOOTLOADER_TYPE_NETWORK, OAK_MEMORY_FLASH, TRUE, 0, FALSE
  };

  job_test_init (&argc, &argv);
  add_cases ("flash", test_flash, &network);
  add_cases ("flash", test_flash, &usb);
  add_cases ("flash", test_flash, &emmc);
  add_cases ("flash", test_flash, &beside);
  add_cases ("clear", test_clear, &network);
  add_cases ("clear", test_clear, &usb);
  add_cases ("clear", test_clear, &emmc);
  add_cases ("reset", test_reset, &network);
  add_cases ("reset", test_reset, &usb);
  g_test_add_func ("/flash/job/large-package-arrives-whole", test_large_package);
  g_test_add_func ("/flash/job/configuration-changes-in-one-key-only", test_config_survives);
  return job_test_run ();
}
