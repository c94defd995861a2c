/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <libusb.h>
#include <stdio.h>
#include <string.h>

#include "oak-usb-ids.h"
#include "oak-xlink-event.h"

/* What plain libusb has to say about the cameras on this machine: a line for each, and with the
 * argument "ping" a PING and a RESET to each bootloader: a session that nobody ends goes on until
 * the camera's watchdog bites, and whoever comes next would meet it. Nothing of the program is
 * used, so that the simulator on a real kernel can be judged alone. */

#define PROBE_TIMEOUT_MS 20000
#define PROBE_RESPONSE   8 /* from a request's type to its answer's */

/* Returns: a libusb error, 0 when the camera has answered. */
static int
probe_ask (libusb_device_handle *handle, OakXlinkEventType type, gint32 id)
{
  OakXlinkEvent event = { .id = id, .type = type };
  guint8 header[OAK_XLINK_EVENT_SIZE];
  int moved = 0;
  int result;

  oak_xlink_event_encode (&event, header);
  result = libusb_bulk_transfer (handle,
                                 OAK_USB_ENDPOINT_OUT,
                                 header,
                                 sizeof header,
                                 &moved,
                                 PROBE_TIMEOUT_MS);
  if (result == 0)
    result = libusb_bulk_transfer (handle,
                                   OAK_USB_ENDPOINT_IN,
                                   header,
                                   sizeof header,
                                   &moved,
                                   PROBE_TIMEOUT_MS);
  if (result == 0 && (!oak_xlink_event_decode (&event, header, (gsize) moved, NULL) ||
                      event.id != id || event.type != type + PROBE_RESPONSE))
    result = LIBUSB_ERROR_OTHER;
  return result;
}

static int
probe_ping (libusb_device_handle *handle)
{
  int result = libusb_claim_interface (handle, OAK_USB_INTERFACE);

  if (result != 0)
    return result;
  result = probe_ask (handle, OAK_XLINK_EVENT_PING_REQ, 7);
  /* Whether it still answers this one is up to the camera (xlink.md §5.9). */
  if (result == 0)
    probe_ask (handle, OAK_XLINK_EVENT_RESET_REQ, 8);
  libusb_release_interface (handle, OAK_USB_INTERFACE);
  return result;
}

static const char *
probe_speed_to_string (int speed)
{
  return speed == LIBUSB_SPEED_SUPER ? "super" : speed == LIBUSB_SPEED_HIGH ? "high" : "unknown";
}

static void
probe_device (libusb_device *device,
              const struct libusb_device_descriptor *descriptor,
              gboolean ping)
{
  OakDeviceState state = oak_usb_state_from_ids (descriptor->idVendor, descriptor->idProduct);
  libusb_device_handle *handle = NULL;
  char serial[64] = "-";
  int result = libusb_open (device, &handle);

  if (result == 0 && descriptor->iSerialNumber != 0)
    libusb_get_string_descriptor_ascii (handle,
                                        descriptor->iSerialNumber,
                                        (guint8 *) serial,
                                        sizeof serial);
  if (result == 0 && ping && state == OAK_DEVICE_STATE_BOOTLOADER)
    result = probe_ping (handle);
  printf ("%s %s %s %s\n",
          oak_device_state_to_string (state),
          probe_speed_to_string (libusb_get_device_speed (device)),
          serial,
          result == 0 ? "ok" : libusb_error_name (result));
  if (handle != NULL)
    libusb_close (handle);
}

int
main (int argc, char **argv)
{
  gboolean ping = argc > 1 && g_str_equal (argv[1], "ping");
  libusb_device **list;
  ssize_t n;

  if (libusb_init (NULL) != 0)
    return 1;
  n = libusb_get_device_list (NULL, &list);
  for (ssize_t i = 0; i < n; i++) {
    struct libusb_device_descriptor descriptor;

    libusb_get_device_descriptor (list[i], &descriptor);
    if (descriptor.idVendor == OAK_USB_VENDOR_ID)
      probe_device (list[i], &descriptor, ping);
  }
  if (n >= 0)
    libusb_free_device_list (list, 1);
  libusb_exit (NULL);
  return n < 0;
}
