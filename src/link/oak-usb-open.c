/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-usb-open.h"

#include <string.h>

#include "oak-error.h"
#include "oak-usb-ids.h"
#include "oak-usb-private.h"

/* The one place where a device handle comes from. Every handle has a fresh libusb context, because
 * an older one may not know of the device yet, and a thread that completes its transfers. */

/* How often the thread looks whether it may end when nothing wakes it. */
#define EVENT_PATIENCE_S 60
#define SERIAL_SIZE      128

/* usb-events thread: calls the callbacks of transfers, nothing else. */
static gpointer
complete_transfers (gpointer data)
{
  OakUsbHandle *self = data;

  while (g_atomic_int_get (&self->stopping) == 0) {
    struct timeval patience = { .tv_sec = EVENT_PATIENCE_S };

    libusb_handle_events_timeout_completed (self->context, &patience, &self->stopping);
  }
  return NULL;
}

void
oak_usb_handle_free (OakUsbHandle *self)
{
  if (self == NULL)
    return;
  if (self->claimed)
    libusb_release_interface (self->handle, OAK_USB_INTERFACE);
  if (self->thread != NULL) {
    g_atomic_int_set (&self->stopping, 1);
    libusb_interrupt_event_handler (self->context);
    g_thread_join (self->thread);
  }
  if (self->handle != NULL)
    libusb_close (self->handle);
  oak_usb_library_end (self->context);
  g_free (self);
}

/* Returns: (transfer full) (nullable). */
static libusb_device *
find_device (libusb_context *context, const char *path, OakDeviceState state, GError **error)
{
  libusb_device **devices = NULL;
  libusb_device *found = NULL;
  OakDeviceState other = OAK_DEVICE_STATE_UNKNOWN;
  gssize n_devices = libusb_get_device_list (context, &devices);

  for (gssize i = 0; found == NULL && i < n_devices; i++) {
    g_autofree char *candidate = oak_usb_device_path (devices[i]);

    if (g_strcmp0 (candidate, path) != 0)
      continue;
    other = oak_usb_device_state (devices[i]);
    if (other == state)
      found = libusb_ref_device (devices[i]);
  }
  if (n_devices >= 0)
    libusb_free_device_list (devices, TRUE);

  if (found == NULL && other != OAK_DEVICE_STATE_UNKNOWN)
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_NOT_FOUND,
                 "the camera at usb:%s is in state “%s”",
                 path,
                 oak_device_state_to_string (other));
  else if (found == NULL)
    g_set_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND, "there is no camera at usb:%s", path);
  return found;
}

/* Asked on the handle itself: it stays with this camera whatever happens on the bus. */
static gboolean
check_serial (OakUsbHandle *self, const char *serial, GError **error)
{
  struct libusb_device_descriptor descriptor = { 0 };
  unsigned char text[SERIAL_SIZE] = { 0 };
  g_autofree char *shown = NULL;
  int length;

  libusb_get_device_descriptor (libusb_get_device (self->handle), &descriptor);
  length = libusb_get_string_descriptor_ascii (self->handle,
                                               descriptor.iSerialNumber,
                                               text,
                                               sizeof text - 1);
  if (length < 0) {
    oak_usb_set_error (error, length, "asking the camera for its id");
    return FALSE;
  }
  if (strcmp ((const char *) text, serial) == 0)
    return TRUE;
  shown = g_strescape ((const char *) text, NULL);
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_WRONG_DEVICE,
               "camera %s is connected there, not camera %s",
               shown,
               serial);
  return FALSE;
}

/* Returns: 0 when there is none. */
static guint8
find_bulk_out_endpoint (OakUsbHandle *self)
{
  struct libusb_config_descriptor *configuration = NULL;
  guint8 endpoint = 0;

  if (libusb_get_config_descriptor (libusb_get_device (self->handle), 0, &configuration) !=
      LIBUSB_SUCCESS)
    return 0;
  if (configuration->bNumInterfaces > 0 && configuration->interface[0].num_altsetting > 0) {
    const struct libusb_interface_descriptor *interface =
        &configuration->interface[0].altsetting[0];

    for (guint i = 0; endpoint == 0 && i < interface->bNumEndpoints; i++) {
      const struct libusb_endpoint_descriptor *candidate = &interface->endpoint[i];

      if ((candidate->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) == LIBUSB_TRANSFER_TYPE_BULK &&
          (candidate->bEndpointAddress & LIBUSB_ENDPOINT_IN) == 0)
        endpoint = candidate->bEndpointAddress;
    }
  }
  libusb_free_config_descriptor (configuration);
  return endpoint;
}

static gboolean
claim (OakUsbHandle *self, GError **error)
{
  int configuration = 0;
  int code = libusb_get_configuration (self->handle, &configuration);

  if (code == LIBUSB_SUCCESS && configuration != OAK_USB_CONFIGURATION)
    code = libusb_set_configuration (self->handle, OAK_USB_CONFIGURATION);
  if (code == LIBUSB_SUCCESS) {
    libusb_set_auto_detach_kernel_driver (self->handle, TRUE);
    code = libusb_claim_interface (self->handle, OAK_USB_INTERFACE);
  }
  if (code != LIBUSB_SUCCESS) {
    oak_usb_set_error (error, code, "taking the camera over");
    return FALSE;
  }

  self->claimed = TRUE;
  self->endpoint_out = find_bulk_out_endpoint (self);
  if (self->endpoint_out != 0)
    return TRUE;
  g_set_error_literal (error,
                       OAK_ERROR,
                       OAK_ERROR_UNREACHABLE,
                       "the camera has no endpoint to which data could be sent");
  return FALSE;
}

static gboolean
open_device (OakUsbHandle *self, const char *path, OakDeviceState state, GError **error)
{
  libusb_device *device = find_device (self->context, path, state, error);
  int code;

  if (device == NULL)
    return FALSE;
  code = libusb_open (device, &self->handle);
  libusb_unref_device (device);
  if (code == LIBUSB_SUCCESS)
    return TRUE;
  self->handle = NULL;
  oak_usb_set_error (error, code, "opening the camera");
  return FALSE;
}

OakUsbHandle *
oak_usb_open (const char *path,
              OakDeviceState state,
              const char *serial,
              OakUsbOpenMode mode,
              GError **error)
{
  g_autoptr (OakUsbHandle) self = NULL;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_new0 (OakUsbHandle, 1);
  self->context = oak_usb_library_begin (error);
  if (self->context == NULL || !open_device (self, path, state, error))
    return NULL;
  self->thread = g_thread_new ("usb-events", complete_transfers, self);
  if (serial != NULL && !check_serial (self, serial, error))
    return NULL;
  if (mode == OAK_USB_OPEN_CLAIM && !claim (self, error))
    return NULL;
  return g_steal_pointer (&self);
}
