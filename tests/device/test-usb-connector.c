/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "device-support.h"
#include "oak-bootloader.h"
#include "oak-connector.h"
#include "oak-device-info.h"
#include "oak-error.h"
#include "oak-usb-facts.h"
#include "test-support.h"
#include "usb-bed.h"

/* From a camera's state on USB to a session, and never to another camera. Unmodified libusb,
 * simulated cameras. */

#define MXID_A "14442C10D1234567D0"
#define MXID_B "1944301031C3765B00"

typedef struct {
  UsbBed *bed;
  UsbCamera *camera;
  TestResources before;
  TestReport report;
  OakTimeouts timeouts;
  GBytes *image;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->bed = usb_bed_new ();
  test_report_init (&fixture->report);
  test_timeouts_init_long (&fixture->timeouts);
  fixture->image = usb_make_image (OAK_BOOTLOADER_TYPE_NETWORK, OAK_VERSION (0, 0, 26), 300000);
  test_resources_take (&fixture->before);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  test_report_clear (&fixture->report);
  g_bytes_unref (fixture->image);
  test_resources_assert_equal (&fixture->before);
  usb_bed_free (fixture->bed);
}

/* A machine that is busy with other tests keeps no pace of 1500 ms. */
#define WATCHDOG_MS 5000

static UsbCamera *
add_camera (Fixture *fixture, const UsbCameraOptions *options)
{
  UsbCameraOptions patient = *options;

  if (patient.watchdog_ms != 0)
    patient.watchdog_ms = WATCHDOG_MS * usb_get_slowdown ();
  fixture->camera = usb_bed_add_camera (fixture->bed, &patient);
  test_resources_take (&fixture->before);
  return fixture->camera;
}

static UsbCamera *
add_simple (Fixture *fixture, const char *mxid, const char *ports, OakDeviceState state)
{
  UsbCameraOptions options;

  usb_camera_options_init (&options);
  options.mxid = mxid;
  options.ports = ports;
  options.state = state;
  return add_camera (fixture, &options);
}

static OakConnector *
new_connector (Fixture *fixture, const char *mxid, const char *path)
{
  g_autofree char *peer_path = g_strdup (path);
  g_autoptr (OakDeviceInfo) info = NULL;

  peer_path[0] = path[0] == '1' ? '2' : '1';
  info = oak_device_info_new_usb (mxid, path, peer_path, OAK_DEVICE_STATE_UNKNOWN);
  return oak_connector_new (info,
                            OAK_NETWORK_SCOPE_ANY,
                            &fixture->timeouts,
                            &fixture->report.report);
}

static OakBootloader *
open_bootloader (OakConnector *connector)
{
  g_autoptr (GError) error = NULL;
  OakBootloader *bootloader = oak_connector_open (connector, TRUE, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (bootloader);
  return bootloader;
}

static void
assert_open_fails (OakConnector *connector, OakError code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_connector_open (connector, TRUE, NULL, &error));
  g_assert_error (error, OAK_ERROR, (int) code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not contain “%s”", error->message, words);
}

static const char *
get_mxid (OakConnector *connector)
{
  return oak_device_info_get_mxid (oak_connector_get_info (connector));
}

static void
test_opens_from_bootloader (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_simple (fixture, MXID_A, "2.3", OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakConnector) connector = new_connector (fixture, MXID_A, "1.2.3");
  g_autoptr (OakBootloader) bootloader = open_bootloader (connector);
  g_autoptr (GError) error = NULL;
  UsbCameraStats stats;

  g_assert_cmpint (oak_bootloader_get_version (bootloader).patch, ==, 28);
  g_assert_cmpint (oak_bootloader_get_type (bootloader), ==, OAK_BOOTLOADER_TYPE_USB);
  g_assert_true (oak_connector_is_type_trusted (connector));
  g_assert_true (oak_connector_confirm (connector, NULL, &error));
  g_assert_true (oak_bootloader_reset (&bootloader, &error));
  g_assert_no_error (error);
  usb_camera_get_stats (camera, &stats);
  g_assert_cmpuint (stats.protocol_errors, ==, 0);
  g_assert_cmpuint (stats.resets, ==, 1);
  g_assert_true (usb_camera_wait_for_state (camera, OAK_DEVICE_STATE_BOOTLOADER));
}

static void
test_the_serial_confirms_the_id (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (GError) error = NULL;

  add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  connector = new_connector (fixture, NULL, "1.1");
  g_assert_true (oak_connector_identify (connector, NULL, &error));
  g_assert_cmpstr (get_mxid (connector), ==, MXID_A);
  g_assert_cmpuint (usb_camera_get_n_opened (fixture->camera), ==, 0);
}

static void
test_another_camera_in_the_socket_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = NULL;

  add_simple (fixture, MXID_B, "1", OAK_DEVICE_STATE_BOOTLOADER);
  connector = new_connector (fixture, MXID_A, "1.1");
  assert_open_fails (connector, OAK_ERROR_WRONG_DEVICE, MXID_B);
  g_assert_cmpuint (usb_camera_get_n_opened (fixture->camera), ==, 0);
}

static void
test_a_camera_is_followed_to_another_socket (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (OakBootloader) bootloader = NULL;

  add_simple (fixture, MXID_A, "3", OAK_DEVICE_STATE_BOOTLOADER);
  connector = new_connector (fixture, MXID_A, "1.1");
  bootloader = open_bootloader (connector);
  g_assert_cmpstr (oak_device_info_get_address (oak_connector_get_info (connector)), ==, "usb:1.3");
  g_assert_true (oak_bootloader_reset (&bootloader, NULL));
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_BOOTLOADER));
}

static void
test_what_cannot_be_opened_says_why (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = NULL;

  add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  connector = new_connector (fixture, MXID_A, "1.1");
  usb_camera_set_busy (fixture->camera, TRUE);
  assert_open_fails (connector, OAK_ERROR_BUSY, "another program");
  usb_camera_set_busy (fixture->camera, FALSE);
  usb_camera_set_access (fixture->camera, FALSE);
  assert_open_fails (connector, OAK_ERROR_NO_ACCESS, "permission");
  g_clear_pointer (&connector, oak_connector_free);
  /* umockdev itself keeps a socket open for every node that could not be opened. */
  test_resources_take (&fixture->before);
}

static void
test_one_in_use_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = NULL;

  add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTED);
  connector = new_connector (fixture, MXID_A, "1.1");
  assert_open_fails (connector, OAK_ERROR_UNSUPPORTED, "in use");
  g_assert_cmpuint (usb_camera_get_n_opened (fixture->camera), ==, 0);
}

static void
test_an_absent_camera_is_unreachable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = NULL;

  fixture->timeouts.search_ms = 300;
  connector = new_connector (fixture, MXID_A, "1.1");
  assert_open_fails (connector, OAK_ERROR_UNREACHABLE, MXID_A);
}

static gpointer
plug_soon (gpointer data)
{
  g_usleep (300 * 1000);
  usb_camera_plug (data);
  return NULL;
}

/* As after a job before, at whose end the camera restarted. */
static void
test_a_camera_that_restarts_is_waited_for (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakConnector) connector = new_connector (fixture, MXID_A, "1.1");
  g_autoptr (OakBootloader) bootloader = NULL;
  GThread *thread;

  usb_camera_unplug (camera);
  thread = g_thread_new ("plug", plug_soon, camera);
  bootloader = open_bootloader (connector);
  g_thread_join (thread);
  g_assert_true (oak_bootloader_reset (&bootloader, NULL));
  g_assert_true (usb_camera_wait_for_state (camera, OAK_DEVICE_STATE_BOOTLOADER));
}

static void
test_a_demonstration_does_not_touch_usb (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakDeviceInfo) info =
      oak_device_info_new_usb (MXID_A, "1.1", NULL, OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakConnector) connector = oak_connector_new (info,
                                                          OAK_NETWORK_SCOPE_LOOPBACK,
                                                          &fixture->timeouts,
                                                          &fixture->report.report);

  add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  assert_open_fails (connector, OAK_ERROR_UNREACHABLE, "USB");
  g_assert_cmpuint (usb_camera_get_n_opened (fixture->camera), ==, 0);
}

static void
test_two_jobs_on_one_camera_are_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) first = new_connector (fixture, MXID_A, "1.1");
  g_autoptr (OakConnector) second = new_connector (fixture, MXID_A, "1.1");
  g_autoptr (GError) error = NULL;

  add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_true (oak_connector_identify (first, NULL, &error));
  g_assert_no_error (error);
  assert_open_fails (second, OAK_ERROR_BUSY, "another job");
  g_clear_pointer (&first, oak_connector_free);
  g_assert_true (oak_connector_identify (second, NULL, &error));
  g_assert_no_error (error);
  g_clear_pointer (&second, oak_connector_free);
  test_resources_take (&fixture->before);
}

static void
test_a_running_application_is_stopped_only_when_agreed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = new_connector (fixture, MXID_A, "1.1");
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;

  add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_FLASH_BOOTED);
  g_assert_null (oak_connector_open (connector, FALSE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NEEDS_CONSENT);
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_FLASH_BOOTED));

  bootloader = open_bootloader (connector);
  g_assert_true (oak_connector_is_type_trusted (connector));
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_BOOTLOADER));
  g_assert_true (oak_bootloader_reset (&bootloader, NULL));
  g_clear_pointer (&connector, oak_connector_free);
}

static void
test_an_unbooted_camera_needs_an_image (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = new_connector (fixture, NULL, "1.1");

  add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_UNBOOTED);
  assert_open_fails (connector, OAK_ERROR_UNSUPPORTED, "unbooted");
}

typedef struct {
  const char *label;
  gboolean super_speed;
  gboolean super_speed_rom;
} Speed;

static const Speed speeds[] = {
  { "high-speed", FALSE, FALSE },
  { "changing-to-super-speed", TRUE, FALSE },
  { "super-speed", TRUE, TRUE },
};

/* The type of the image is not that of the camera: it must not be believed. */
static void
test_an_unbooted_camera_is_adopted (Fixture *fixture, gconstpointer data)
{
  const Speed *speed = data;
  g_autoptr (OakConnector) connector =
      new_connector (fixture, NULL, speed->super_speed_rom ? "2.1" : "1.1");
  g_autoptr (OakBootloader) bootloader = NULL;
  UsbCameraOptions options;

  usb_camera_options_init (&options);
  options.mxid = MXID_A;
  options.state = OAK_DEVICE_STATE_UNBOOTED;
  options.super_speed = speed->super_speed;
  options.super_speed_rom = speed->super_speed_rom;
  add_camera (fixture, &options);

  oak_connector_set_boot_image (connector, fixture->image);
  bootloader = open_bootloader (connector);
  g_assert_cmpstr (get_mxid (connector), ==, MXID_A);
  g_assert_cmpint (oak_bootloader_get_type (bootloader), ==, OAK_BOOTLOADER_TYPE_NETWORK);
  g_assert_cmpint (oak_bootloader_get_version (bootloader).patch, ==, 26);
  g_assert_false (oak_connector_is_type_trusted (connector));
  g_assert_cmpstr (oak_device_info_get_address (oak_connector_get_info (connector)),
                   ==,
                   speed->super_speed ? "usb:2.1" : "usb:1.1");
  g_assert_true (oak_bootloader_reset (&bootloader, NULL));
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_UNBOOTED));
}

static void
test_another_id_than_confirmed_stops (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = new_connector (fixture, MXID_B, "1.1");
  UsbCameraStats stats;

  add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_UNBOOTED);
  oak_connector_set_boot_image (connector, fixture->image);
  assert_open_fails (connector, OAK_ERROR_WRONG_DEVICE, MXID_A);
  usb_camera_get_stats (fixture->camera, &stats);
  g_assert_cmpuint (stats.requests, ==, 0);
}

/* The kernel takes a device's serial away before the device: that is no other camera. */
static void
test_a_camera_without_an_id_is_nobody (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = NULL;

  fixture->timeouts.search_ms = 300;
  connector = new_connector (fixture, MXID_A, "1.1");
  add_simple (fixture, "", "1", OAK_DEVICE_STATE_BOOTLOADER);
  assert_open_fails (connector, OAK_ERROR_UNREACHABLE, MXID_A);
}

/* The program dies after the image was started; another one comes. */
static void
test_the_mark_survives_the_program (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) first = new_connector (fixture, NULL, "1.1");
  g_autoptr (OakConnector) second = NULL;
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;
  UsbCameraOptions options;

  usb_camera_options_init (&options);
  options.mxid = MXID_A;
  options.state = OAK_DEVICE_STATE_UNBOOTED;
  options.watchdog_ms = 0;
  add_camera (fixture, &options);
  oak_connector_set_boot_image (first, fixture->image);
  bootloader = open_bootloader (first);
  g_clear_pointer (&bootloader, oak_bootloader_free);
  g_clear_pointer (&first, oak_connector_free);
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_BOOTLOADER));

  second = new_connector (fixture, MXID_A, "1.1");
  g_assert_true (oak_connector_identify (second, NULL, &error));
  g_assert_false (oak_connector_is_type_trusted (second));

  /* The conversation that was left is ended by a restart, and that leads into the ROM. */
  assert_open_fails (second, OAK_ERROR_UNSUPPORTED, "unbooted");
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_UNBOOTED));
  oak_connector_set_boot_image (second, fixture->image);
  bootloader = open_bootloader (second);
  g_assert_false (oak_connector_is_type_trusted (second));
  g_assert_true (oak_bootloader_reset (&bootloader, NULL));
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_UNBOOTED));
}

static void
test_bootmemory_is_not_trusted_until_the_restart (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = new_connector (fixture, MXID_A, "1.1");
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;

  add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  bootloader = open_bootloader (connector);
  g_assert_true (oak_connector_is_type_trusted (connector));
  bootloader = oak_connector_boot_image (connector, &bootloader, fixture->image, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oak_bootloader_get_version (bootloader).patch, ==, 26);
  g_assert_false (oak_connector_is_type_trusted (connector));
  g_assert_true (oak_bootloader_reset (&bootloader, &error));
  g_clear_pointer (&connector, oak_connector_free);
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_UNKNOWN));
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_BOOTLOADER));

  connector = new_connector (fixture, MXID_A, "1.1");
  bootloader = open_bootloader (connector);
  g_assert_cmpint (oak_bootloader_get_version (bootloader).patch, ==, 28);
  g_assert_true (oak_connector_is_type_trusted (connector));
  g_assert_true (oak_bootloader_reset (&bootloader, NULL));
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_BOOTLOADER));
}

static void
test_an_old_bootloader_goes_through_the_rom (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = new_connector (fixture, MXID_A, "1.1");
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;
  UsbCameraOptions options;

  usb_camera_options_init (&options);
  options.mxid = MXID_A;
  options.version = OAK_VERSION (0, 0, 11);
  add_camera (fixture, &options);
  bootloader = open_bootloader (connector);
  g_assert_cmpint (oak_bootloader_get_version (bootloader).patch, ==, 11);
  bootloader = oak_connector_boot_image (connector, &bootloader, fixture->image, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oak_bootloader_get_version (bootloader).patch, ==, 26);
  g_assert_false (oak_connector_is_type_trusted (connector));
  g_assert_cmpstr (get_mxid (connector), ==, MXID_A);
  g_assert_true (oak_bootloader_reset (&bootloader, &error));
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_BOOTLOADER));
}

static void
test_goes_to_usb_recovery (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = new_connector (fixture, MXID_A, "1.1");
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;

  add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  bootloader = open_bootloader (connector);
  g_assert_true (oak_connector_go_to_rom (connector, &bootloader, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (bootloader);
  g_assert_cmpint (oak_device_info_get_state (oak_connector_get_info (connector)),
                   ==,
                   OAK_DEVICE_STATE_UNBOOTED);
}

static void
test_waiting_ends_by_its_deadline (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = new_connector (fixture, MXID_A, "1.1");
  OakDeviceState state = OAK_DEVICE_STATE_BOOTED;
  g_autoptr (GError) error = NULL;

  add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_true (oak_connector_identify (connector, NULL, &error));
  g_assert_false (oak_connector_wait_for_state (connector,
                                                1u << OAK_DEVICE_STATE_BOOTLOADER,
                                                300,
                                                NULL,
                                                NULL,
                                                &state,
                                                NULL,
                                                &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  g_assert_cmpint (state, ==, OAK_DEVICE_STATE_UNKNOWN);
}

static void
test_a_camera_that_never_comes_back_is_said (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = NULL;

  fixture->timeouts.reboot_ms = 500 * usb_get_slowdown ();
  connector = new_connector (fixture, NULL, "1.1");
  add_simple (fixture, MXID_A, "1", OAK_DEVICE_STATE_UNBOOTED);
  usb_camera_unplug_at (fixture->camera, USB_MOMENT_REENUMERATION, 0);
  oak_connector_set_boot_image (connector, fixture->image);
  assert_open_fails (connector, OAK_ERROR_TIMED_OUT, "no bootloader has appeared");
  usb_camera_plug (fixture->camera);
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_UNBOOTED));
  g_clear_pointer (&connector, oak_connector_free);

  /* Once more, and it works. */
  {
    g_autoptr (OakBootloader) bootloader = NULL;

    test_timeouts_init_long (&fixture->timeouts);
    connector = new_connector (fixture, NULL, "1.1");
    oak_connector_set_boot_image (connector, fixture->image);
    bootloader = open_bootloader (connector);
    g_assert_false (oak_connector_is_type_trusted (connector));
    g_assert_true (oak_bootloader_reset (&bootloader, NULL));
  }
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_UNBOOTED));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/device/usb-connector/" name, Fixture, NULL, set_up, function, tear_down)

static void
add_tests (void)
{
  ADD ("opens-from-bootloader", test_opens_from_bootloader);
  ADD ("the-serial-confirms-the-id", test_the_serial_confirms_the_id);
  ADD ("another-camera-in-the-socket-is-refused", test_another_camera_in_the_socket_is_refused);
  ADD ("a-camera-is-followed-to-another-socket", test_a_camera_is_followed_to_another_socket);
  ADD ("what-cannot-be-opened-says-why", test_what_cannot_be_opened_says_why);
  ADD ("one-in-use-is-refused", test_one_in_use_is_refused);
  ADD ("an-absent-camera-is-unreachable", test_an_absent_camera_is_unreachable);
  ADD ("a-camera-that-restarts-is-waited-for", test_a_camera_that_restarts_is_waited_for);
  ADD ("a-demonstration-does-not-touch-usb", test_a_demonstration_does_not_touch_usb);
  ADD ("two-jobs-on-one-camera-are-refused", test_two_jobs_on_one_camera_are_refused);
  ADD ("a-running-application-is-stopped-only-when-agreed",
       test_a_running_application_is_stopped_only_when_agreed);
  ADD ("an-unbooted-camera-needs-an-image", test_an_unbooted_camera_needs_an_image);
  for (guint i = 0; i < G_N_ELEMENTS (speeds); i++) {
    g_autofree char *name =
        g_strconcat ("/device/usb-connector/an-unbooted-camera-is-adopted/", speeds[i].label, NULL);

    g_test_add (name, Fixture, &speeds[i], set_up, test_an_unbooted_camera_is_adopted, tear_down);
  }
  ADD ("another-id-than-confirmed-stops", test_another_id_than_confirmed_stops);
  ADD ("a-camera-without-an-id-is-nobody", test_a_camera_without_an_id_is_nobody);
  ADD ("the-mark-survives-the-program", test_the_mark_survives_the_program);
  ADD ("bootmemory-is-not-trusted-until-the-restart",
       test_bootmemory_is_not_trusted_until_the_restart);
  ADD ("an-old-bootloader-goes-through-the-rom", test_an_old_bootloader_goes_through_the_rom);
  ADD ("goes-to-usb-recovery", test_goes_to_usb_recovery);
  ADD ("waiting-ends-by-its-deadline", test_waiting_ends_by_its_deadline);
  ADD ("a-camera-that-never-comes-back-is-said", test_a_camera_that_never_comes_back_is_said);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  test_device_main_begin ();
  g_setenv ("XDG_STATE_HOME", g_getenv ("XDG_RUNTIME_DIR"), TRUE);
  add_tests ();
  result = g_test_run ();
  test_device_main_end ();
  return result;
}
