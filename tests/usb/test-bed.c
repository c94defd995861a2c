/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <libusb.h>
#include <string.h>

#include "oak-usb-ids.h"
#include "oak-xlink-event.h"
#include "usb-bed.h"

/* The virtual bus and the simulator's USB plug as plain libusb sees them. */

#define TIMEOUT_MS (2000 * usb_get_slowdown ())

typedef struct {
  UsbBed *bed;
  UsbCamera *camera;
  libusb_context *context;
  libusb_device_handle *handle;
} Desk;

/* Returns: (nullable): the only camera of that product id on the bus, one reference of it. */
static libusb_device *
desk_find (Desk *desk, guint16 product)
{
  libusb_device **list;
  libusb_device *found = NULL;
  ssize_t n = libusb_get_device_list (desk->context, &list);

  for (ssize_t i = 0; i < n; i++) {
    struct libusb_device_descriptor descriptor;

    libusb_get_device_descriptor (list[i], &descriptor);
    if (descriptor.idVendor == OAK_USB_VENDOR_ID && descriptor.idProduct == product) {
      g_assert_null (found);
      found = libusb_ref_device (list[i]);
    }
  }
  libusb_free_device_list (list, 1);
  return found;
}

/* A new context sees what is there now. */
static void
desk_renew (Desk *desk)
{
  g_clear_pointer (&desk->handle, libusb_close);
  g_clear_pointer (&desk->context, libusb_exit);
  g_assert_cmpint (libusb_init (&desk->context), ==, 0);
}

static int
desk_try_open (Desk *desk, guint16 product)
{
  libusb_device *device = desk_find (desk, product);
  int result;

  g_assert_nonnull (device);
  result = libusb_open (device, &desk->handle);
  libusb_unref_device (device);
  return result;
}

static void
desk_open (Desk *desk, guint16 product)
{
  g_assert_cmpint (desk_try_open (desk, product), ==, 0);
  g_assert_cmpint (libusb_claim_interface (desk->handle, 0), ==, 0);
}

static void
desk_init (Desk *desk, const UsbCameraOptions *options)
{
  memset (desk, 0, sizeof *desk);
  desk->bed = usb_bed_new ();
  desk->camera = usb_bed_add_camera (desk->bed, options);
  desk_renew (desk);
}

static void
desk_clear (Desk *desk)
{
  g_clear_pointer (&desk->handle, libusb_close);
  libusb_exit (desk->context);
  usb_bed_free (desk->bed);
}

static int
desk_send (Desk *desk, const void *data, gsize size, int *moved)
{
  return libusb_bulk_transfer (desk->handle,
                               OAK_USB_ENDPOINT_OUT,
                               (guint8 *) data,
                               (int) size,
                               moved,
                               TIMEOUT_MS);
}

static int
desk_receive (Desk *desk, void *data, gsize size, int *moved)
{
  return libusb_bulk_transfer (desk->handle,
                               OAK_USB_ENDPOINT_IN,
                               data,
                               (int) size,
                               moved,
                               TIMEOUT_MS);
}

static int
desk_send_event (Desk *desk, const OakXlinkEvent *event)
{
  guint8 header[OAK_XLINK_EVENT_SIZE];
  int moved = 0;

  oak_xlink_event_encode (event, header);
  return desk_send (desk, header, sizeof header, &moved);
}

static void
desk_receive_event (Desk *desk, OakXlinkEvent *event)
{
  guint8 header[OAK_XLINK_EVENT_SIZE];
  int moved = 0;

  g_assert_cmpint (desk_receive (desk, header, sizeof header, &moved), ==, 0);
  g_assert_cmpint (moved, ==, sizeof header);
  g_assert_true (oak_xlink_event_decode (event, header, sizeof header, NULL));
}

static void
desk_ping (Desk *desk)
{
  OakXlinkEvent ping = { .id = 7, .type = OAK_XLINK_EVENT_PING_REQ };
  OakXlinkEvent answer;

  g_assert_cmpint (desk_send_event (desk, &ping), ==, 0);
  desk_receive_event (desk, &answer);
  g_assert_cmpint (answer.id, ==, 7);
  g_assert_cmpuint (answer.type, ==, OAK_XLINK_EVENT_PING_REQ + 8);
}

static void
test_states (gconstpointer data)
{
  OakDeviceState state = (OakDeviceState) GPOINTER_TO_UINT (data);
  guint16 product = oak_usb_product_id_from_state (state);
  struct libusb_device_descriptor descriptor;
  UsbCameraOptions options;
  libusb_device *device;
  guint8 ports[OAK_USB_MAX_PORT_DEPTH];
  char serial[64];
  Desk desk;

  usb_camera_options_init (&options);
  options.state = state;
  options.super_speed = TRUE;
  options.ports = "2.3";
  desk_init (&desk, &options);
  device = desk_find (&desk, product);
  g_assert_nonnull (device);
  g_assert_cmpint (libusb_get_port_numbers (device, ports, sizeof ports), ==, 2);
  g_assert_cmpuint (ports[0], ==, 2);
  g_assert_cmpuint (ports[1], ==, 3);
  g_assert_cmpint (libusb_get_device_speed (device),
                   ==,
                   state == OAK_DEVICE_STATE_UNBOOTED ? LIBUSB_SPEED_HIGH : LIBUSB_SPEED_SUPER);
  g_assert_cmpint (libusb_get_bus_number (device), ==, state == OAK_DEVICE_STATE_UNBOOTED ? 1 : 2);
  libusb_get_device_descriptor (device, &descriptor);
  libusb_unref_device (device);
  desk_open (&desk, product);
  if (state == OAK_DEVICE_STATE_UNBOOTED) {
    g_assert_cmpuint (descriptor.iSerialNumber, ==, 0);
  } else {
    g_assert_cmpint (libusb_get_string_descriptor_ascii (desk.handle,
                                                         descriptor.iSerialNumber,
                                                         (guint8 *) serial,
                                                         sizeof serial),
                     ==,
                     (int) strlen (options.mxid));
    g_assert_cmpstr (serial, ==, options.mxid);
  }
  desk_clear (&desk);
}

static void
test_session (gconstpointer data)
{
  UsbCameraOptions options;
  OakXlinkEvent event;
  Desk desk;

  usb_camera_options_init (&options);
  options.super_speed = GPOINTER_TO_INT (data);
  desk_init (&desk, &options);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  desk_ping (&desk);
  /* Its own streams follow, each header in a transfer of its own. */
  desk_receive_event (&desk, &event);
  g_assert_cmpuint (event.type, ==, OAK_XLINK_EVENT_CREATE_STREAM_REQ);
  desk_receive_event (&desk, &event);
  g_assert_cmpuint (event.type, ==, OAK_XLINK_EVENT_CREATE_STREAM_REQ);
  desk_clear (&desk);
}

/* RESET: the answer still arrives, then the camera leaves the bus and comes back as another device.
 */
static void
test_reset (void)
{
  OakXlinkEvent reset = { .id = 9, .type = OAK_XLINK_EVENT_RESET_REQ };
  UsbCameraOptions options;
  OakXlinkEvent event;
  guint8 header[OAK_XLINK_EVENT_SIZE];
  int moved;
  Desk desk;

  usb_camera_options_init (&options);
  desk_init (&desk, &options);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  desk_ping (&desk);
  g_assert_cmpint (desk_send_event (&desk, &reset), ==, 0);
  do
    desk_receive_event (&desk, &event);
  while (event.type != OAK_XLINK_EVENT_RESET_REQ + 8);
  g_assert_cmpint (event.id, ==, 9);
  g_assert_cmpint (desk_receive (&desk, header, sizeof header, &moved), ==, LIBUSB_ERROR_NO_DEVICE);
  g_assert_true (usb_camera_wait_for_state (desk.camera, OAK_DEVICE_STATE_BOOTLOADER));
  g_assert_cmpint (desk_receive (&desk, header, sizeof header, &moved), ==, LIBUSB_ERROR_NO_DEVICE);
  desk_renew (&desk);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  desk_ping (&desk);
  desk_clear (&desk);
}

static void
test_to_bootloader (void)
{
  UsbCameraOptions options;
  Desk desk;

  usb_camera_options_init (&options);
  options.state = OAK_DEVICE_STATE_FLASH_BOOTED;
  desk_init (&desk, &options);
  g_assert_cmpint (desk_try_open (&desk, OAK_USB_PRODUCT_ID_FLASH_BOOTED), ==, 0);
  g_assert_cmpint (libusb_control_transfer (desk.handle,
                                            OAK_USB_TO_BOOTLOADER_REQUEST_TYPE,
                                            OAK_USB_TO_BOOTLOADER_REQUEST,
                                            OAK_USB_TO_BOOTLOADER_VALUE + 1,
                                            OAK_USB_TO_BOOTLOADER_INDEX,
                                            NULL,
                                            0,
                                            TIMEOUT_MS),
                   ==,
                   LIBUSB_ERROR_PIPE);
  g_assert_cmpint (libusb_control_transfer (desk.handle,
                                            OAK_USB_TO_BOOTLOADER_REQUEST_TYPE,
                                            OAK_USB_TO_BOOTLOADER_REQUEST,
                                            OAK_USB_TO_BOOTLOADER_VALUE,
                                            OAK_USB_TO_BOOTLOADER_INDEX,
                                            NULL,
                                            0,
                                            TIMEOUT_MS),
                   ==,
                   0);
  g_assert_true (usb_camera_wait_for_state (desk.camera, OAK_DEVICE_STATE_BOOTLOADER));
  desk_clear (&desk);
}

/* Sends @image as the stock library does, in pieces of at most 1 MiB. */
static void
desk_send_image (Desk *desk, GBytes *image)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (image, &size);
  int moved;

  for (gsize offset = 0; offset < size; offset += OAK_USB_CHUNK_SIZE) {
    gsize piece = MIN (size - offset, (gsize) OAK_USB_CHUNK_SIZE);

    g_assert_cmpint (desk_send (desk, data + offset, piece, &moved), ==, 0);
    g_assert_cmpint (moved, ==, (int) piece);
  }
}

static void
test_rom_boots (gconstpointer data)
{
  gsize size = GPOINTER_TO_SIZE (data);
  g_autoptr (GBytes) image =
      usb_make_image (OAK_BOOTLOADER_TYPE_NETWORK, OAK_VERSION (0, 0, 28), size);
  UsbCameraOptions options;
  UsbCameraStats stats;
  int moved;
  Desk desk;

  usb_camera_options_init (&options);
  options.state = OAK_DEVICE_STATE_UNBOOTED;
  options.super_speed = TRUE;
  desk_init (&desk, &options);
  desk_open (&desk, OAK_USB_PRODUCT_ID_UNBOOTED);
  desk_send_image (&desk, image);
  if (size % OAK_USB_ROM_EMPTY_TRANSFER_MODULUS == 0) {
    g_usleep (3 * (guint) options.reboot_ms * 1000);
    g_assert_true (usb_camera_wait_for_state (desk.camera, OAK_DEVICE_STATE_UNBOOTED));
    g_assert_cmpint (desk_send (&desk, NULL, 0, &moved), ==, 0);
  }
  g_assert_true (usb_camera_wait_for_state (desk.camera, OAK_DEVICE_STATE_BOOTLOADER));
  desk_renew (&desk);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  desk_ping (&desk);
  usb_camera_get_stats (desk.camera, &stats);
  g_assert_cmpstr (stats.last_protocol_error, ==, "");
  desk_clear (&desk);
}

/* xlink.md §1.8: 347 bytes, nine back, 36 bytes; then the prefix of 40 bytes and flushing zeros,
 * none of which is an image. */
static void
test_rom_exchange (void)
{
  guint8 block[347] = { 0x4d, 0x41, 0x32, 0x78 };
  guint8 off[36] = { 0x9a };
  guint8 id[128];
  g_autofree guint8 *zeros = g_malloc0 (262160);
  UsbCameraOptions options;
  UsbCameraStats stats;
  int moved;
  Desk desk;

  block[340] = 0x84;
  usb_camera_options_init (&options);
  options.state = OAK_DEVICE_STATE_UNBOOTED;
  options.mxid = "18443010C175CB0F00";
  desk_init (&desk, &options);
  desk_open (&desk, OAK_USB_PRODUCT_ID_UNBOOTED);
  g_assert_cmpint (desk_send (&desk, zeros, 262160, &moved), ==, 0);
  g_assert_cmpint (desk_send (&desk, block, sizeof block, &moved), ==, 0);
  g_assert_cmpint (desk_receive (&desk, id, sizeof id, &moved), ==, 0);
  g_assert_cmpint (moved, ==, 9);
  g_assert_cmpmem (id, 8, "\x18\x44\x30\x10\xc1\x75\xcb\x0f", 8);
  g_assert_cmpuint (id[8] & 0xf0, ==, 0);
  g_assert_cmpint (desk_send (&desk, off, sizeof off, &moved), ==, 0);
  g_assert_cmpint (desk_send (&desk, block, 40, &moved), ==, 0);
  usb_camera_get_stats (desk.camera, &stats);
  g_assert_cmpuint (stats.protocol_errors, ==, 0);
  g_assert_true (usb_camera_wait_for_state (desk.camera, OAK_DEVICE_STATE_UNBOOTED));
  desk_clear (&desk);
}

static void
test_no_access (void)
{
  UsbCameraOptions options;
  Desk desk;

  usb_camera_options_init (&options);
  desk_init (&desk, &options);
  usb_camera_set_access (desk.camera, FALSE);
  g_assert_cmpint (desk_try_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER), ==, LIBUSB_ERROR_ACCESS);
  usb_camera_set_access (desk.camera, TRUE);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  g_assert_cmpuint (usb_camera_get_n_claims (desk.camera), ==, 1);
  desk_clear (&desk);
}

static void
test_busy (void)
{
  UsbCameraOptions options;
  Desk desk;

  usb_camera_options_init (&options);
  desk_init (&desk, &options);
  usb_camera_set_busy (desk.camera, TRUE);
  g_assert_cmpint (desk_try_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER), ==, 0);
  g_assert_cmpint (libusb_claim_interface (desk.handle, 0), ==, LIBUSB_ERROR_BUSY);
  usb_camera_set_busy (desk.camera, FALSE);
  g_assert_cmpint (libusb_claim_interface (desk.handle, 0), ==, 0);
  desk_clear (&desk);
}

static void
test_silent (void)
{
  OakXlinkEvent ping = { .id = 7, .type = OAK_XLINK_EVENT_PING_REQ };
  guint8 header[OAK_XLINK_EVENT_SIZE];
  UsbCameraOptions options;
  int moved = 0;
  Desk desk;

  usb_camera_options_init (&options);
  desk_init (&desk, &options);
  usb_camera_set_silent (desk.camera, TRUE);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  oak_xlink_event_encode (&ping, header);
  g_assert_cmpint (
      libusb_bulk_transfer (desk.handle, OAK_USB_ENDPOINT_OUT, header, sizeof header, &moved, 200),
      ==,
      LIBUSB_ERROR_TIMEOUT);
  g_assert_cmpint (moved, ==, 0);
  usb_camera_set_silent (desk.camera, FALSE);
  desk_ping (&desk);
  desk_clear (&desk);
}

static void
test_stall (void)
{
  OakXlinkEvent ping = { .id = 7, .type = OAK_XLINK_EVENT_PING_REQ };
  UsbCameraOptions options;
  Desk desk;

  usb_camera_options_init (&options);
  options.faults = "usb-stall=0:once";
  desk_init (&desk, &options);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  g_assert_cmpint (desk_send_event (&desk, &ping), ==, LIBUSB_ERROR_PIPE);
  g_assert_cmpint (libusb_clear_halt (desk.handle, OAK_USB_ENDPOINT_OUT), ==, 0);
  desk_ping (&desk);
  desk_clear (&desk);
}

static void
test_unplug (gconstpointer data)
{
  UsbMoment moment = (UsbMoment) GPOINTER_TO_UINT (data);
  OakXlinkEvent ping = { .id = 7, .type = OAK_XLINK_EVENT_PING_REQ };
  OakXlinkEvent reset = { .id = 8, .type = OAK_XLINK_EVENT_RESET_REQ };
  UsbCameraOptions options;
  Desk desk;

  usb_camera_options_init (&options);
  options.super_speed = TRUE;
  desk_init (&desk, &options);
  usb_camera_unplug_at (desk.camera, moment, 2);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  if (moment == USB_MOMENT_OPENED) {
    g_assert_cmpint (desk_send_event (&desk, &ping), ==, LIBUSB_ERROR_NO_DEVICE);
  } else if (moment == USB_MOMENT_HEADER) {
    desk_ping (&desk);
    g_assert_cmpint (desk_send_event (&desk, &ping), ==, LIBUSB_ERROR_NO_DEVICE);
  } else {
    g_assert_cmpint (desk_send_event (&desk, &reset), ==, 0);
  }
  g_assert_true (usb_camera_wait_for_state (desk.camera, OAK_DEVICE_STATE_UNKNOWN));
  g_usleep (3 * (guint) options.reboot_ms * 1000);
  g_assert_false (usb_camera_is_on_bus (desk.camera));
  desk_renew (&desk);
  g_assert_null (desk_find (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER));
  usb_camera_plug_into (desk.camera, "4.1");
  g_assert_true (usb_camera_wait_for_state (desk.camera, OAK_DEVICE_STATE_BOOTLOADER));
  desk_renew (&desk);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  desk_ping (&desk);
  desk_clear (&desk);
}

/* A host that puts a header and what follows into one transfer is told so. */
static void
test_framing (gconstpointer data)
{
  gsize size = GPOINTER_TO_SIZE (data);
  OakXlinkEvent ping = { .id = 7, .type = OAK_XLINK_EVENT_PING_REQ };
  guint8 both[2 * OAK_XLINK_EVENT_SIZE];
  UsbCameraOptions options;
  UsbCameraStats stats;
  int moved;
  Desk desk;

  usb_camera_options_init (&options);
  desk_init (&desk, &options);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  oak_xlink_event_encode (&ping, both);
  oak_xlink_event_encode (&ping, both + OAK_XLINK_EVENT_SIZE);
  g_assert_cmpint (desk_send (&desk, both, size, &moved), ==, LIBUSB_ERROR_NO_DEVICE);
  usb_camera_get_stats (desk.camera, &stats);
  g_assert_cmpuint (stats.protocol_errors, ==, 1);
  desk_clear (&desk);
}

/* A read that has no room for the device's packet loses it. */
static void
test_overflow (void)
{
  OakXlinkEvent ping = { .id = 7, .type = OAK_XLINK_EVENT_PING_REQ };
  guint8 small[40];
  UsbCameraOptions options;
  int moved;
  Desk desk;

  usb_camera_options_init (&options);
  desk_init (&desk, &options);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  g_assert_cmpint (desk_send_event (&desk, &ping), ==, 0);
  g_assert_cmpint (desk_receive (&desk, small, sizeof small, &moved), ==, LIBUSB_ERROR_OVERFLOW);
  desk_clear (&desk);
}

static int LIBUSB_CALL
on_hotplug (libusb_context *context,
            libusb_device *device,
            libusb_hotplug_event event,
            void *user_data)
{
  guint *n = user_data;

  n[event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED ? 0 : 1]++;
  return 0;
}

static void
desk_run_events (Desk *desk, const guint *counter, guint wanted, guint ms)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) ms * 1000;

  while (*counter < wanted && g_get_monotonic_time () < end_us) {
    struct timeval step = { 0, 20000 };

    libusb_handle_events_timeout_completed (desk->context, &step, NULL);
  }
}

static void
test_hotplug (gconstpointer data)
{
  gboolean is_quiet = GPOINTER_TO_INT (data);
  libusb_hotplug_callback_handle callback;
  UsbCameraOptions options;
  guint n[2] = { 0, 0 };
  Desk desk;

  usb_camera_options_init (&options);
  options.is_unplugged = TRUE;
  options.is_quiet = is_quiet;
  desk_init (&desk, &options);
  g_assert_cmpint (libusb_hotplug_register_callback (desk.context,
                                                     LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED |
                                                         LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
                                                     LIBUSB_HOTPLUG_ENUMERATE,
                                                     OAK_USB_VENDOR_ID,
                                                     LIBUSB_HOTPLUG_MATCH_ANY,
                                                     LIBUSB_HOTPLUG_MATCH_ANY,
                                                     on_hotplug,
                                                     n,
                                                     &callback),
                   ==,
                   0);
  g_assert_cmpuint (n[0], ==, 0);
  usb_camera_plug (desk.camera);
  g_assert_true (usb_camera_wait_for_state (desk.camera, OAK_DEVICE_STATE_BOOTLOADER));
  desk_run_events (&desk, &n[0], 1, is_quiet ? 300 : TIMEOUT_MS);
  g_assert_cmpuint (n[0], ==, is_quiet ? 0 : 1);
  usb_camera_unplug (desk.camera);
  desk_run_events (&desk, &n[1], 1, is_quiet ? 300 : TIMEOUT_MS);
  g_assert_cmpuint (n[1], ==, is_quiet ? 0 : 1);
  desk_clear (&desk);
}

static void
test_twins (void)
{
  UsbCameraOptions options;
  g_autofree char *name = NULL;
  g_autofree char *link = NULL;
  g_autofree char *peer = NULL;
  Desk desk;

  usb_camera_options_init (&options);
  options.ports = "2.3";
  desk_init (&desk, &options);
  name = usb_camera_get_sysfs_name (desk.camera);
  g_assert_cmpstr (name, ==, "1-2.3");
  link = g_strdup_printf ("/sys/bus/usb/devices/%s/port/peer", name);
  peer = g_file_read_link (link, NULL);
  g_assert_nonnull (peer);
  g_assert_true (g_str_has_suffix (peer, "/usb2/2-2/2-2:1.0/2-2-port3"));
  desk_clear (&desk);
}

static void
test_two_cameras (void)
{
  UsbCameraOptions options;
  UsbCamera *second;
  Desk desk;

  usb_camera_options_init (&options);
  desk_init (&desk, &options);
  options.mxid = "14442C10D1234568D0";
  options.ports = "2";
  options.state = OAK_DEVICE_STATE_FLASH_BOOTED;
  second = usb_bed_add_camera (desk.bed, &options);
  desk_renew (&desk);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  usb_camera_unplug (second);
  desk_ping (&desk);
  desk_renew (&desk);
  g_assert_null (desk_find (&desk, OAK_USB_PRODUCT_ID_FLASH_BOOTED));
  desk_clear (&desk);
}

/* Without keep-alives the camera resets itself, although the host keeps it open. */
static void
test_watchdog (void)
{
  UsbCameraOptions options;
  Desk desk;

  usb_camera_options_init (&options);
  options.watchdog_ms = 5500;
  desk_init (&desk, &options);
  desk_open (&desk, OAK_USB_PRODUCT_ID_BOOTLOADER);
  desk_ping (&desk);
  g_assert_true (usb_camera_wait_for_state (desk.camera, OAK_DEVICE_STATE_UNKNOWN));
  g_assert_true (usb_camera_wait_for_state (desk.camera, OAK_DEVICE_STATE_BOOTLOADER));
  desk_clear (&desk);
}

#define USB_STATE(state) GUINT_TO_POINTER (OAK_DEVICE_STATE_##state)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/usb/bed/lists-unbooted", USB_STATE (UNBOOTED), test_states);
  g_test_add_data_func ("/usb/bed/lists-bootloader", USB_STATE (BOOTLOADER), test_states);
  g_test_add_data_func ("/usb/bed/lists-flash-booted", USB_STATE (FLASH_BOOTED), test_states);
  g_test_add_data_func ("/usb/bed/lists-booted", USB_STATE (BOOTED), test_states);
  g_test_add_data_func ("/usb/bed/session-at-high-speed", GINT_TO_POINTER (FALSE), test_session);
  g_test_add_data_func ("/usb/bed/session-at-super-speed", GINT_TO_POINTER (TRUE), test_session);
  g_test_add_func ("/usb/bed/reset-is-answered-before-the-camera-leaves", test_reset);
  g_test_add_func ("/usb/bed/application-goes-to-its-bootloader", test_to_bootloader);
  g_test_add_data_func ("/usb/bed/rom-boots-an-image", GSIZE_TO_POINTER (700001), test_rom_boots);
  g_test_add_data_func ("/usb/bed/rom-boots-a-large-image",
                        GSIZE_TO_POINTER (2097153),
                        test_rom_boots);
  g_test_add_data_func ("/usb/bed/rom-waits-for-the-empty-transfer",
                        GSIZE_TO_POINTER (1048576 + 512),
                        test_rom_boots);
  g_test_add_func ("/usb/bed/rom-tells-its-id", test_rom_exchange);
  g_test_add_func ("/usb/bed/no-access", test_no_access);
  g_test_add_func ("/usb/bed/busy", test_busy);
  g_test_add_func ("/usb/bed/silent-camera-lets-transfers-time-out", test_silent);
  g_test_add_func ("/usb/bed/stall-lasts-until-it-is-cleared", test_stall);
  g_test_add_data_func ("/usb/bed/unplugged-when-opened",
                        GUINT_TO_POINTER (USB_MOMENT_OPENED),
                        test_unplug);
  g_test_add_data_func ("/usb/bed/unplugged-in-a-header",
                        GUINT_TO_POINTER (USB_MOMENT_HEADER),
                        test_unplug);
  g_test_add_data_func ("/usb/bed/unplugged-during-re-enumeration",
                        GUINT_TO_POINTER (USB_MOMENT_REENUMERATION),
                        test_unplug);
  g_test_add_data_func ("/usb/bed/two-headers-in-one-transfer-break-the-rules",
                        GSIZE_TO_POINTER (2 * OAK_XLINK_EVENT_SIZE),
                        test_framing);
  g_test_add_data_func ("/usb/bed/empty-transfer-breaks-the-rules",
                        GSIZE_TO_POINTER (0),
                        test_framing);
  g_test_add_func ("/usb/bed/too-small-a-read-overflows", test_overflow);
  g_test_add_data_func ("/usb/bed/hotplug", GINT_TO_POINTER (FALSE), test_hotplug);
  g_test_add_data_func ("/usb/bed/quiet-camera-needs-a-scan", GINT_TO_POINTER (TRUE), test_hotplug);
  g_test_add_func ("/usb/bed/ports-know-their-twins", test_twins);
  g_test_add_func ("/usb/bed/two-cameras-of-which-one-vanishes", test_two_cameras);
  g_test_add_func ("/usb/bed/watchdog-resets-a-silent-host", test_watchdog);
  return g_test_run ();
}
