/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <string.h>

#include "oak-error.h"
#include "oak-timeouts.h"
#include "oak-usb-boot.h"
#include "oak-usb-facts.h"
#include "oak-usb-link.h"
#include "oak-usb-open.h"
#include "oak-xlink-event.h"
#include "test-support.h"
#include "usb-bed.h"

/* Looking, opening, transfers and what is said outside of a link, by libusb as it is, with
 * simulated cameras on a virtual bus. */

#define MXID_A "14442C10D1234567D0"
#define MXID_B "1944301031C3765B00"

typedef struct {
  UsbBed *bed;
  TestResources before;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->bed = usb_bed_new ();
  test_resources_take (&fixture->before);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  test_resources_assert_equal (&fixture->before);
  usb_bed_free (fixture->bed);
}

static UsbCamera *
add_camera (Fixture *fixture, const char *mxid, const char *ports, OakDeviceState state)
{
  UsbCameraOptions options;
  UsbCamera *camera;

  usb_camera_options_init (&options);
  options.mxid = mxid;
  options.ports = ports;
  options.state = state;
  camera = usb_bed_add_camera (fixture->bed, &options);
  test_resources_take (&fixture->before);
  return camera;
}

/* Back on the bus, where the bed holds what it held before. */
static void
plug_again (UsbCamera *camera, OakDeviceState state)
{
  g_assert_true (usb_camera_wait_for_state (camera, OAK_DEVICE_STATE_UNKNOWN));
  usb_camera_plug (camera);
  g_assert_true (usb_camera_wait_for_state (camera, state));
}

static OakLink *
open_link (UsbCamera *camera)
{
  g_autofree char *path = usb_camera_get_path (camera);
  g_autoptr (GError) error = NULL;
  OakLink *link = oak_usb_link_open (path, MXID_A, &error);

  g_assert_no_error (error);
  g_assert_nonnull (link);
  return link;
}

static void
test_scan_shows_every_state (Fixture *fixture, gconstpointer data)
{
  const OakDeviceState states[] = { OAK_DEVICE_STATE_UNBOOTED,
                                    OAK_DEVICE_STATE_BOOTLOADER,
                                    OAK_DEVICE_STATE_FLASH_BOOTED,
                                    OAK_DEVICE_STATE_BOOTED };
  const char *ports[] = { "1", "2", "3", "4" };
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    add_camera (fixture, MXID_A, ports[i], states[i]);
  devices = oak_usb_scan (&error);
  g_assert_no_error (error);
  g_assert_cmpuint (devices->len, ==, 4);
  for (guint i = 0; i < devices->len; i++) {
    const OakUsbFacts *facts = g_ptr_array_index (devices, i);
    guint index = (guint) (facts->path[2] - '1');

    g_assert_cmpuint (index, <, 4);
    g_assert_cmpint (facts->state, ==, states[index]);
    g_assert_cmpuint (facts->speed_mbps, ==, 480);
    g_assert_cmpint (facts->access, ==, OAK_USB_ACCESS_UNTRIED);
    g_assert_cmpstr (facts->serial, ==, states[index] == OAK_DEVICE_STATE_UNBOOTED ? NULL : MXID_A);
    g_assert_nonnull (facts->peer_path);
    g_assert_cmpint (facts->peer_path[0], ==, '2');
    g_assert_cmpstr (facts->peer_path + 1, ==, facts->path + 1);
  }
}

static void
test_scan_shows_speed (Fixture *fixture, gconstpointer data)
{
  UsbCameraOptions options;
  g_autoptr (GPtrArray) devices = NULL;
  const OakUsbFacts *facts;

  usb_camera_options_init (&options);
  options.super_speed = TRUE;
  usb_bed_add_camera (fixture->bed, &options);
  test_resources_take (&fixture->before);
  devices = oak_usb_scan (NULL);
  g_assert_cmpuint (devices->len, ==, 1);
  facts = g_ptr_array_index (devices, 0);
  g_assert_cmpuint (facts->speed_mbps, ==, 5000);
  g_assert_false (facts->could_be_faster);
  g_assert_cmpstr (facts->path, ==, "2.1");
  g_assert_cmpstr (facts->peer_path, ==, "1.1");
}

static void
test_opening_compares_the_serial (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_autofree char *path = usb_camera_get_path (camera);
  g_autoptr (OakUsbHandle) handle = NULL;
  g_autoptr (GError) error = NULL;

  handle = oak_usb_open (path, OAK_DEVICE_STATE_BOOTLOADER, MXID_B, OAK_USB_OPEN_CLAIM, &error);
  g_assert_null (handle);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_WRONG_DEVICE);
  g_assert_nonnull (strstr (error->message, MXID_A));
  g_assert_cmpuint (usb_camera_get_n_claims (camera), ==, 0);

  g_clear_error (&error);
  handle = oak_usb_open (path, OAK_DEVICE_STATE_BOOTLOADER, MXID_A, OAK_USB_OPEN_CLAIM, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (usb_camera_get_n_claims (camera), ==, 1);
}

static void
test_opening_compares_the_state (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_FLASH_BOOTED);
  g_autofree char *path = usb_camera_get_path (camera);
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_usb_link_open (path, MXID_A, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND);
  g_assert_cmpuint (usb_camera_get_n_opened (camera), ==, 0);
  g_clear_error (&error);
  g_assert_null (oak_usb_link_open ("1.7", MXID_A, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND);
}

static void
test_no_access_and_busy_are_told_apart (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_autofree char *path = usb_camera_get_path (camera);
  g_autoptr (OakLink) link = NULL;
  g_autoptr (GError) error = NULL;

  usb_camera_set_busy (camera, TRUE);
  g_assert_null (oak_usb_link_open (path, MXID_A, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BUSY);
  g_clear_error (&error);

  usb_camera_set_busy (camera, FALSE);
  usb_camera_set_access (camera, FALSE);
  g_assert_null (oak_usb_link_open (path, MXID_A, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NO_ACCESS);
  g_clear_error (&error);
  /* umockdev itself keeps a socket open for every node that could not be opened. */
  test_resources_take (&fixture->before);

  usb_camera_set_access (camera, TRUE);
  link = open_link (camera);
}

static void
test_an_unconfigured_camera_is_configured (Fixture *fixture, gconstpointer data)
{
  UsbCameraOptions options;
  g_autoptr (OakLink) link = NULL;

  usb_camera_options_init (&options);
  options.mxid = MXID_A;
  options.is_unconfigured = TRUE;
  link = open_link (usb_bed_add_camera (fixture->bed, &options));
  g_clear_object (&link);
  test_resources_take (&fixture->before);
}

static void
send_ping (OakLink *link)
{
  OakXlinkEvent event = { .id = 7, .type = OAK_XLINK_EVENT_PING_REQ };
  guint8 bytes[OAK_XLINK_EVENT_SIZE];
  GOutputVector vector = { .buffer = bytes, .size = sizeof bytes };
  g_autoptr (GError) error = NULL;

  oak_xlink_event_encode (&event, bytes);
  oak_link_write_all (link, &vector, 1, test_deadline (10000), NULL, &error);
  g_assert_no_error (error);
}

static void
test_headers_pass_both_ways (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "2.3", OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakLink) link = open_link (camera);
  guint8 bytes[OAK_XLINK_EVENT_SIZE];
  OakXlinkEvent event;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (oak_link_get_description (link), ==, "usb:1.2.3");
  send_ping (link);
  oak_link_read_all (link, bytes, sizeof bytes, test_deadline (10000), NULL, &error);
  g_assert_no_error (error);
  oak_xlink_event_decode (&event, bytes, sizeof bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (event.type, ==, OAK_XLINK_EVENT_PING_RESP);
  g_assert_cmpint (event.id, ==, 7);
}

static void
test_deadline_ends_a_read (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakLink) link = open_link (camera);
  guint8 bytes[OAK_XLINK_EVENT_SIZE];
  gint64 begin_us = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  g_assert_false (
      oak_link_read_all (link, bytes, sizeof bytes, begin_us + 150 * 1000, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - begin_us, >=, 150 * 1000);
}

static void
test_deadline_ends_a_write (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakLink) link = open_link (camera);
  guint8 bytes[OAK_XLINK_EVENT_SIZE] = { 0 };
  GOutputVector vector = { .buffer = bytes, .size = sizeof bytes };
  g_autoptr (GError) error = NULL;

  usb_camera_set_silent (camera, TRUE);
  g_assert_false (oak_link_write_all (link, &vector, 1, oak_deadline_in_ms (150), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
}

typedef struct {
  OakLink *link;
  GCancellable *cancellable;
  UsbCamera *camera;
} Disturber;

static gpointer
disturb (gpointer user_data)
{
  Disturber *disturber = user_data;

  g_usleep (100 * 1000);
  if (disturber->cancellable != NULL)
    g_cancellable_cancel (disturber->cancellable);
  else if (disturber->camera != NULL)
    usb_camera_unplug (disturber->camera);
  else
    oak_link_close (disturber->link);
  return NULL;
}

static void
read_disturbed (OakLink *link, Disturber *disturber, GQuark domain, int code)
{
  guint8 bytes[OAK_XLINK_EVENT_SIZE];
  GThread *thread = g_thread_new ("disturber", disturb, disturber);
  g_autoptr (GError) error = NULL;

  g_assert_false (oak_link_read_all (link,
                                     bytes,
                                     sizeof bytes,
                                     test_deadline (20000),
                                     disturber->cancellable,
                                     &error));
  g_assert_error (error, domain, code);
  g_thread_join (thread);
}

static void
test_cancel_ends_a_read (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakLink) link = open_link (camera);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Disturber disturber = { .cancellable = cancellable };

  read_disturbed (link, &disturber, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_close_ends_a_read (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakLink) link = open_link (camera);
  Disturber disturber = { .link = link };

  read_disturbed (link, &disturber, OAK_ERROR, OAK_ERROR_DISCONNECTED);
}

static void
test_unplugging_ends_a_read (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakLink) link = open_link (camera);
  Disturber disturber = { .camera = camera };
  guint8 bytes[OAK_XLINK_EVENT_SIZE] = { 0 };
  GOutputVector vector = { .buffer = bytes, .size = sizeof bytes };
  g_autoptr (GError) error = NULL;

  read_disturbed (link, &disturber, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  g_assert_false (oak_link_write_all (link, &vector, 1, test_deadline (10000), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  plug_again (camera, OAK_DEVICE_STATE_BOOTLOADER);
}

static void
count_progress (guint64 sent, guint64 total, gpointer user_data)
{
  guint64 *last = user_data;

  g_assert_cmpuint (sent, >, *last);
  g_assert_cmpuint (sent, <=, total);
  *last = sent;
}

/* With and without the empty transfer that the ROM needs to see the end. */
static void
test_an_image_starts (Fixture *fixture, gconstpointer data)
{
  const gsize sizes[] = { 1024, 2 * OAK_MIB, 2 * OAK_MIB + 77 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *ports = g_strdup_printf ("%u", i + 1);
    UsbCamera *camera = add_camera (fixture, MXID_A, ports, OAK_DEVICE_STATE_UNBOOTED);
    g_autofree char *path = usb_camera_get_path (camera);
    g_autoptr (GBytes) image =
        usb_make_image (OAK_BOOTLOADER_TYPE_USB, OAK_VERSION (0, 0, 28), sizes[i]);
    g_autoptr (GError) error = NULL;
    gboolean left_early = TRUE;
    guint64 last = 0;

    oak_usb_boot_image (path, image, 10000, count_progress, &last, &left_early, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (last, ==, g_bytes_get_size (image));
    g_assert_false (left_early);
    g_assert_true (usb_camera_wait_for_state (camera, OAK_DEVICE_STATE_BOOTLOADER));
  }
}

static void
test_a_silent_rom_ends_at_the_deadline (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_UNBOOTED);
  g_autofree char *path = usb_camera_get_path (camera);
  g_autoptr (GBytes) image =
      usb_make_image (OAK_BOOTLOADER_TYPE_USB, OAK_VERSION (0, 0, 28), OAK_MIB);
  g_autoptr (GError) error = NULL;

  usb_camera_set_silent (camera, TRUE);
  g_assert_false (oak_usb_boot_image (path, image, 300, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
}

static void
test_a_cancelled_upload_stops (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_UNBOOTED);
  g_autofree char *path = usb_camera_get_path (camera);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GBytes) image =
      usb_make_image (OAK_BOOTLOADER_TYPE_USB, OAK_VERSION (0, 0, 28), OAK_MIB);
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (oak_usb_boot_image (path, image, 10000, NULL, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (usb_camera_get_n_claims (camera), ==, 0);
}

static void
test_unplugging_in_the_image_is_said (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_UNBOOTED);
  g_autofree char *path = usb_camera_get_path (camera);
  g_autoptr (GBytes) image =
      usb_make_image (OAK_BOOTLOADER_TYPE_USB, OAK_VERSION (0, 0, 28), 4 * OAK_MIB);
  g_autoptr (GError) error = NULL;
  gboolean left_early = FALSE;
  gboolean sent;

  usb_camera_unplug_at (camera, USB_MOMENT_IMAGE, OAK_MIB + 5);
  sent = oak_usb_boot_image (path, image, 10000, NULL, NULL, &left_early, NULL, &error);
  if (sent)
    g_assert_true (left_early);
  else
    g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  plug_again (camera, OAK_DEVICE_STATE_UNBOOTED);
}

static void
test_an_application_goes_to_the_bootloader (Fixture *fixture, gconstpointer data)
{
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_FLASH_BOOTED);
  g_autofree char *path = usb_camera_get_path (camera);
  g_autoptr (GError) error = NULL;

  g_assert_false (oak_usb_boot_to_bootloader (path, MXID_B, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_WRONG_DEVICE);
  g_clear_error (&error);
  oak_usb_boot_to_bootloader (path, MXID_A, &error);
  g_assert_no_error (error);
  g_assert_true (usb_camera_wait_for_state (camera, OAK_DEVICE_STATE_BOOTLOADER));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/link/usb/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("scan-shows-every-state", test_scan_shows_every_state);
  ADD ("scan-shows-speed", test_scan_shows_speed);
  ADD ("opening-compares-the-serial", test_opening_compares_the_serial);
  ADD ("opening-compares-the-state", test_opening_compares_the_state);
  ADD ("no-access-and-busy-are-told-apart", test_no_access_and_busy_are_told_apart);
  ADD ("an-unconfigured-camera-is-configured", test_an_unconfigured_camera_is_configured);
  ADD ("headers-pass-both-ways", test_headers_pass_both_ways);
  ADD ("deadline-ends-a-read", test_deadline_ends_a_read);
  ADD ("deadline-ends-a-write", test_deadline_ends_a_write);
  ADD ("cancel-ends-a-read", test_cancel_ends_a_read);
  ADD ("close-ends-a-read", test_close_ends_a_read);
  ADD ("unplugging-ends-a-read", test_unplugging_ends_a_read);
  ADD ("an-image-starts", test_an_image_starts);
  ADD ("a-silent-rom-ends-at-the-deadline", test_a_silent_rom_ends_at_the_deadline);
  ADD ("a-cancelled-upload-stops", test_a_cancelled_upload_stops);
  ADD ("unplugging-in-the-image-is-said", test_unplugging_in_the_image_is_said);
  ADD ("an-application-goes-to-the-bootloader", test_an_application_goes_to_the_bootloader);
  return g_test_run ();
}
