/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-usb-context.h"
#include "oak-usb-facts.h"
#include "test-support.h"
#include "usb-bed.h"

/* The live picture of the bus: who comes and goes, who can be opened, and who is left alone. */

#define MXID_A "14442C10D1234567D0"
#define MXID_B "1944301031C3765B00"

typedef struct {
  UsbBed *bed;
  OakUsbContext *context;
  guint n_changes;
} Fixture;

static void
count_change (Fixture *fixture)
{
  fixture->n_changes++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->bed = usb_bed_new ();
  fixture->context = oak_usb_context_new ();
  oak_usb_context_set_pace (fixture->context, 300);
  g_signal_connect_swapped (fixture->context, "changed", G_CALLBACK (count_change), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->context);
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

/* Returns: (transfer none) (nullable): what the picture says about @path. */
static const OakUsbFacts *
find (Fixture *fixture, const char *path)
{
  GPtrArray *devices = oak_usb_context_get_devices (fixture->context);

  for (guint i = 0; i < devices->len; i++) {
    const OakUsbFacts *facts = g_ptr_array_index (devices, i);

    if (strcmp (facts->path, path) == 0)
      return facts;
  }
  return NULL;
}

static gboolean
picture_says (Fixture *fixture, const char *path, OakDeviceState state, int access)
{
  const OakUsbFacts *facts = find (fixture, path);

  if (facts == NULL)
    return state == OAK_DEVICE_STATE_UNKNOWN;
  return facts->state == state && (access < 0 || (int) facts->access == access);
}

/* @access: negative: any. UNKNOWN waits for nobody to be there. */
static void
await (Fixture *fixture, const char *path, OakDeviceState state, int access)
{
  gint64 deadline_us = test_deadline (15000);
  guint timer = g_timeout_add (20, wake_up, NULL);

  while (!picture_says (fixture, path, state, access)) {
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
test_nothing_happens_before_the_start (Fixture *fixture, gconstpointer data)
{
  add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  run_for (200);
  g_assert_cmpuint (fixture->n_changes, ==, 0);
  g_assert_cmpuint (oak_usb_context_get_devices (fixture->context)->len, ==, 0);
}

static void
test_an_empty_bus_is_news_once (Fixture *fixture, gconstpointer data)
{
  oak_usb_context_start (fixture->context);
  run_for (1000);
  g_assert_cmpuint (fixture->n_changes, ==, 1);
  g_assert_null (oak_usb_context_get_problem (fixture->context));
}

static void
test_cameras_come_and_go (Fixture *fixture, gconstpointer data)
{
  UsbCamera *first = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);

  oak_usb_context_start (fixture->context);
  await (fixture, "1.1", OAK_DEVICE_STATE_BOOTLOADER, OAK_USB_ACCESS_FINE);
  add_camera (fixture, MXID_B, "2.4", OAK_DEVICE_STATE_UNBOOTED);
  await (fixture, "1.2.4", OAK_DEVICE_STATE_UNBOOTED, OAK_USB_ACCESS_FINE);
  usb_camera_unplug (first);
  await (fixture, "1.1", OAK_DEVICE_STATE_UNKNOWN, -1);
  g_assert_nonnull (find (fixture, "1.2.4"));
  usb_camera_plug_into (first, "3");
  await (fixture, "1.3", OAK_DEVICE_STATE_BOOTLOADER, OAK_USB_ACCESS_FINE);
}

/* No event tells of this one. */
static void
test_a_camera_without_events_is_found (Fixture *fixture, gconstpointer data)
{
  UsbCameraOptions options;
  UsbCamera *camera;

  oak_usb_context_start (fixture->context);
  run_for (100);
  usb_camera_options_init (&options);
  options.mxid = MXID_A;
  options.is_quiet = TRUE;
  camera = usb_bed_add_camera (fixture->bed, &options);
  await (fixture, "1.1", OAK_DEVICE_STATE_BOOTLOADER, OAK_USB_ACCESS_FINE);
  usb_camera_unplug (camera);
  await (fixture, "1.1", OAK_DEVICE_STATE_UNKNOWN, -1);
}

static void
test_one_trial_per_arrival (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);

  oak_usb_context_start (fixture->context);
  await (fixture, "1.1", OAK_DEVICE_STATE_BOOTLOADER, OAK_USB_ACCESS_FINE);
  run_for (1500);
  g_assert_cmpuint (usb_camera_get_n_opened (camera), ==, 1);
  g_assert_cmpuint (usb_camera_get_n_claims (camera), ==, 0);
}

static void
test_one_in_use_is_left_alone (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTED);

  oak_usb_context_start (fixture->context);
  await (fixture, "1.1", OAK_DEVICE_STATE_BOOTED, OAK_USB_ACCESS_UNTRIED);
  run_for (500);
  g_assert_cmpuint (usb_camera_get_n_opened (camera), ==, 0);
}

static void
test_rights_are_noticed_when_they_come (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);

  usb_camera_set_access (camera, FALSE);
  oak_usb_context_start (fixture->context);
  await (fixture, "1.1", OAK_DEVICE_STATE_BOOTLOADER, OAK_USB_ACCESS_DENIED);
  g_assert_cmpstr (find (fixture, "1.1")->serial, ==, MXID_A);
  usb_camera_set_access (camera, TRUE);
  await (fixture, "1.1", OAK_DEVICE_STATE_BOOTLOADER, OAK_USB_ACCESS_FINE);
}

static void
test_a_busy_camera_is_noticed_when_it_is_let_go (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);

  usb_camera_set_busy (camera, TRUE);
  oak_usb_context_start (fixture->context);
  await (fixture, "1.1", OAK_DEVICE_STATE_BOOTLOADER, OAK_USB_ACCESS_BUSY);
  usb_camera_set_busy (camera, FALSE);
  await (fixture, "1.1", OAK_DEVICE_STATE_BOOTLOADER, OAK_USB_ACCESS_FINE);
}

static void
test_a_held_path_is_not_opened (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);

  oak_usb_context_hold_path ("1.1");
  oak_usb_context_hold_path ("1.1");
  oak_usb_context_start (fixture->context);
  await (fixture, "1.1", OAK_DEVICE_STATE_BOOTLOADER, OAK_USB_ACCESS_UNTRIED);
  oak_usb_context_release_path ("1.1");
  run_for (800);
  g_assert_cmpuint (usb_camera_get_n_opened (camera), ==, 0);
  oak_usb_context_release_path ("1.1");
  await (fixture, "1.1", OAK_DEVICE_STATE_BOOTLOADER, OAK_USB_ACCESS_FINE);
}

static void
test_starting_and_stopping_leaves_nothing (Fixture *fixture, gconstpointer data)
{
  TestResources before;

  add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  run_for (200);
  test_resources_take (&before);
  for (guint i = 0; i < 5; i++) {
    oak_usb_context_start (fixture->context);
    await (fixture, "1.1", OAK_DEVICE_STATE_BOOTLOADER, OAK_USB_ACCESS_FINE);
    oak_usb_context_stop (fixture->context);
  }
  oak_usb_context_stop (fixture->context);
  test_resources_assert_equal (&before);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/link/usb-context/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("nothing-happens-before-the-start", test_nothing_happens_before_the_start);
  ADD ("an-empty-bus-is-news-once", test_an_empty_bus_is_news_once);
  ADD ("cameras-come-and-go", test_cameras_come_and_go);
  ADD ("a-camera-without-events-is-found", test_a_camera_without_events_is_found);
  ADD ("one-trial-per-arrival", test_one_trial_per_arrival);
  ADD ("one-in-use-is-left-alone", test_one_in_use_is_left_alone);
  ADD ("rights-are-noticed-when-they-come", test_rights_are_noticed_when_they_come);
  ADD ("a-busy-camera-is-noticed-when-it-is-let-go",
       test_a_busy_camera_is_noticed_when_it_is_let_go);
  ADD ("a-held-path-is-not-opened", test_a_held_path_is_not_opened);
  ADD ("starting-and-stopping-leaves-nothing", test_starting_and_stopping_leaves_nothing);
  return g_test_run ();
}
