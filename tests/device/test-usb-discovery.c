/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "device-support.h"
#include "oak-device.h"
#include "oak-discovery.h"
#include "test-support.h"
#include "usb-bed.h"

/* The list of cameras with a virtual USB bus below it. */

#define MXID_A "14442C10D1234567D0"
#define MXID_B "1944301031C3765B00"

typedef struct {
  UsbBed *bed;
  OakDiscovery *discovery;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->bed = usb_bed_new ();
  fixture->discovery = oak_discovery_new (OAK_NETWORK_SCOPE_ANY, NULL);
  oak_discovery_set_pace (fixture->discovery, 200, 3, 60);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->discovery);
  usb_bed_free (fixture->bed);
}

static UsbCamera *
add_camera (Fixture *fixture, const char *mxid, const char *ports, OakDeviceState state)
{
  UsbCameraOptions options;

  usb_camera_options_init (&options);
  options.mxid = mxid;
  options.ports = ports;
  options.state = state;
  return usb_bed_add_camera (fixture->bed, &options);
}

static gboolean
wake_up (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Returns: (transfer none) (nullable): the list keeps it. */
static OakDevice *
get_row (Fixture *fixture, guint position)
{
  g_autoptr (OakDevice) device =
      g_list_model_get_item (G_LIST_MODEL (fixture->discovery), position);

  return device;
}

static gboolean
row_says (Fixture *fixture, guint position, OakDeviceState state, OakPresence presence)
{
  OakDevice *device = get_row (fixture, position);

  return device != NULL && oak_device_get_state (device) == state &&
         oak_device_get_presence (device) == presence;
}

static void
await_row (Fixture *fixture, guint position, OakDeviceState state, OakPresence presence)
{
  gint64 deadline_us = test_deadline (15000);
  guint timer = g_timeout_add (20, wake_up, NULL);

  while (!row_says (fixture, position, state, presence)) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
    g_main_context_iteration (NULL, TRUE);
  }
  g_source_remove (timer);
}

static void
run_for (guint duration_ms)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) duration_ms * 1000;
  guint timer = g_timeout_add (20, wake_up, NULL);

  while (g_get_monotonic_time () < end_us)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}

static void
test_cameras_come_and_go_while_the_list_is_shown (Fixture *fixture, gconstpointer data)
{
  UsbCamera *first = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  OakDevice *row = NULL;

  oak_discovery_start (fixture->discovery);
  await_row (fixture, 0, OAK_DEVICE_STATE_BOOTLOADER, OAK_PRESENCE_ANSWERING);
  row = get_row (fixture, 0);
  g_assert_cmpstr (oak_device_get_mxid (row), ==, MXID_A);

  add_camera (fixture, MXID_B, "2", OAK_DEVICE_STATE_UNBOOTED);
  await_row (fixture, 1, OAK_DEVICE_STATE_UNBOOTED, OAK_PRESENCE_ANSWERING);
  g_assert_cmpstr (oak_device_get_address (get_row (fixture, 1)), ==, "usb:1.2");

  usb_camera_unplug (first);
  await_row (fixture, 0, OAK_DEVICE_STATE_BOOTLOADER, OAK_PRESENCE_MISSING);
  await_row (fixture, 1, OAK_DEVICE_STATE_UNBOOTED, OAK_PRESENCE_ANSWERING);
  usb_camera_plug (first);
  await_row (fixture, 0, OAK_DEVICE_STATE_BOOTLOADER, OAK_PRESENCE_ANSWERING);
  g_assert_true (get_row (fixture, 0) == row);
}

static void
test_an_application_that_starts_stays_its_row (Fixture *fixture, gconstpointer data)
{
  UsbCameraOptions options;
  UsbCamera *camera;
  OakDevice *row;

  usb_camera_options_init (&options);
  options.mxid = MXID_A;
  options.super_speed = TRUE;
  options.has_application = TRUE;
  camera = usb_bed_add_camera (fixture->bed, &options);
  oak_discovery_start (fixture->discovery);
  await_row (fixture, 0, OAK_DEVICE_STATE_BOOTLOADER, OAK_PRESENCE_ANSWERING);
  row = get_row (fixture, 0);
  usb_camera_start_application (camera);
  await_row (fixture, 0, OAK_DEVICE_STATE_FLASH_BOOTED, OAK_PRESENCE_ANSWERING);
  g_assert_true (get_row (fixture, 0) == row);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->discovery)), ==, 1);
  g_assert_cmpuint (oak_device_get_usb_speed (row), ==, 5000);
}

static void
test_missing_rights_are_shown_until_they_come (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  gint64 deadline_us;

  usb_camera_set_access (camera, FALSE);
  oak_discovery_start (fixture->discovery);
  await_row (fixture, 0, OAK_DEVICE_STATE_BOOTLOADER, OAK_PRESENCE_ANSWERING);
  g_assert_cmpint (oak_device_get_usb_access (get_row (fixture, 0)), ==, OAK_USB_ACCESS_DENIED);
  usb_camera_set_access (camera, TRUE);
  deadline_us = test_deadline (15000);
  while (oak_device_get_usb_access (get_row (fixture, 0)) != OAK_USB_ACCESS_FINE) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
    run_for (50);
  }
}

/* A USB 3 camera behind a USB 2 cable says that it could do more; one on its own speed does not. */
static void
test_slow_cables_are_noticed (Fixture *fixture, gconstpointer data)
{
  UsbCameraOptions options;
  OakDevice *slow = NULL;
  OakDevice *fast = NULL;

  usb_camera_options_init (&options);
  options.mxid = MXID_A;
  options.super_speed = TRUE;
  options.is_held_back = TRUE;
  usb_bed_add_camera (fixture->bed, &options);
  options.mxid = MXID_B;
  options.ports = "2";
  options.is_held_back = FALSE;
  usb_bed_add_camera (fixture->bed, &options);
  oak_discovery_start (fixture->discovery);
  await_row (fixture, 1, OAK_DEVICE_STATE_BOOTLOADER, OAK_PRESENCE_ANSWERING);
  slow = oak_discovery_find (fixture->discovery, MXID_A, NULL);
  fast = oak_discovery_find (fixture->discovery, MXID_B, NULL);
  g_assert_cmpuint (oak_device_get_usb_speed (slow), ==, 480);
  g_assert_true (oak_device_get_usb_could_be_faster (slow));
  g_assert_cmpuint (oak_device_get_usb_speed (fast), ==, 5000);
  g_assert_false (oak_device_get_usb_could_be_faster (fast));
}

static void
test_a_demonstration_sees_no_usb (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakDiscovery) demonstration = oak_discovery_new (OAK_NETWORK_SCOPE_LOOPBACK, NULL);
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);

  oak_discovery_start (demonstration);
  run_for (2500);
  oak_discovery_refresh (demonstration);
  run_for (300);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (demonstration)), ==, 0);
  g_assert_cmpuint (usb_camera_get_n_opened (camera), ==, 0);
}

static void
test_stopping_leaves_nothing (Fixture *fixture, gconstpointer data)
{
  TestResources before;

  add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  run_for (300);
  test_resources_take (&before);
  for (guint i = 0; i < 3; i++) {
    oak_discovery_start (fixture->discovery);
    await_row (fixture, 0, OAK_DEVICE_STATE_BOOTLOADER, OAK_PRESENCE_ANSWERING);
    oak_discovery_stop (fixture->discovery);
  }
  test_resources_assert_equal (&before);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/device/usb-discovery/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  test_device_main_begin ();
  ADD ("cameras-come-and-go-while-the-list-is-shown",
       test_cameras_come_and_go_while_the_list_is_shown);
  ADD ("an-application-that-starts-stays-its-row", test_an_application_that_starts_stays_its_row);
  ADD ("missing-rights-are-shown-until-they-come", test_missing_rights_are_shown_until_they_come);
  ADD ("slow-cables-are-noticed", test_slow_cables_are_noticed);
  ADD ("a-demonstration-sees-no-usb", test_a_demonstration_sees_no_usb);
  ADD ("stopping-leaves-nothing", test_stopping_leaves_nothing);
  result = g_test_run ();
  test_device_main_end ();
  return result;
}
