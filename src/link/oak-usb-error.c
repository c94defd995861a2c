/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-error.h"
#include "oak-usb-ids.h"
#include "oak-usb-private.h"

/* The edge to libusb: its codes, its contexts, its names for devices. Any thread. */

static GMutex library_mutex; /* start and end of libusb, which share tables between contexts */

libusb_context *
oak_usb_library_begin (GError **error)
{
  libusb_context *context = NULL;
  int code;

  g_mutex_lock (&library_mutex);
  code = libusb_init (&context);
  g_mutex_unlock (&library_mutex);

  if (code == LIBUSB_SUCCESS)
    return context;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_UNREACHABLE,
               "USB cannot be used on this computer: %s",
               libusb_strerror (code));
  return NULL;
}

void
oak_usb_library_end (libusb_context *context)
{
  if (context == NULL)
    return;
  g_mutex_lock (&library_mutex);
  libusb_exit (context);
  g_mutex_unlock (&library_mutex);
}

static OakError
code_from_libusb (int libusb_code)
{
  switch (libusb_code) {
  case LIBUSB_ERROR_ACCESS:
    return OAK_ERROR_NO_ACCESS;
  case LIBUSB_ERROR_BUSY:
    return OAK_ERROR_BUSY;
  case LIBUSB_ERROR_NO_DEVICE:
  case LIBUSB_ERROR_IO:
    return OAK_ERROR_DISCONNECTED;
  case LIBUSB_ERROR_NOT_FOUND:
    return OAK_ERROR_NOT_FOUND;
  case LIBUSB_ERROR_TIMEOUT:
    return OAK_ERROR_TIMED_OUT;
  case LIBUSB_ERROR_PIPE:
    return OAK_ERROR_REFUSED;
  case LIBUSB_ERROR_OVERFLOW:
    return OAK_ERROR_PROTOCOL;
  default:
    return OAK_ERROR_UNREACHABLE;
  }
}

static const char *
words_for_libusb (int libusb_code)
{
  switch (libusb_code) {
  case LIBUSB_ERROR_ACCESS:
    return "no permission to open the USB device";
  case LIBUSB_ERROR_BUSY:
    return "another program holds the camera";
  case LIBUSB_ERROR_NO_DEVICE:
    return "the camera has left the USB bus";
  case LIBUSB_ERROR_IO:
    return "the USB transfer broke off";
  case LIBUSB_ERROR_TIMEOUT:
    return "the camera does not take part in the transfer";
  case LIBUSB_ERROR_PIPE:
    return "the camera refuses the transfer";
  case LIBUSB_ERROR_OVERFLOW:
    return "the camera sent more than was asked for";
  default:
    return libusb_strerror (libusb_code);
  }
}

void
oak_usb_set_error (GError **error, int libusb_code, const char *what)
{
  g_set_error (error,
               OAK_ERROR,
               (int) code_from_libusb (libusb_code),
               "%s: %s",
               what,
               words_for_libusb (libusb_code));
}

void
oak_usb_set_transfer_error (GError **error, enum libusb_transfer_status status, const char *what)
{
  switch (status) {
  case LIBUSB_TRANSFER_NO_DEVICE:
    oak_usb_set_error (error, LIBUSB_ERROR_NO_DEVICE, what);
    break;
  case LIBUSB_TRANSFER_TIMED_OUT:
    oak_usb_set_error (error, LIBUSB_ERROR_TIMEOUT, what);
    break;
  case LIBUSB_TRANSFER_OVERFLOW:
    oak_usb_set_error (error, LIBUSB_ERROR_OVERFLOW, what);
    break;
  case LIBUSB_TRANSFER_STALL:
    g_set_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED, "%s: the camera ended the link", what);
    break;
  case LIBUSB_TRANSFER_COMPLETED:
  case LIBUSB_TRANSFER_ERROR:
  case LIBUSB_TRANSFER_CANCELLED:
  default:
    oak_usb_set_error (error, LIBUSB_ERROR_IO, what);
  }
}

char *
oak_usb_device_path (libusb_device *device)
{
  guint8 ports[OAK_USB_MAX_PORT_DEPTH];
  int n_ports = libusb_get_port_numbers (device, ports, G_N_ELEMENTS (ports));
  GString *path;

  if (n_ports <= 0)
    return NULL;
  path = g_string_new (NULL);
  g_string_append_printf (path, "%u", libusb_get_bus_number (device));
  for (int i = 0; i < n_ports; i++)
    g_string_append_printf (path, ".%u", ports[i]);
  return g_string_free (path, FALSE);
}

OakDeviceState
oak_usb_device_state (libusb_device *device)
{
  struct libusb_device_descriptor descriptor;

  if (libusb_get_device_descriptor (device, &descriptor) != LIBUSB_SUCCESS)
    return OAK_DEVICE_STATE_UNKNOWN;
  return oak_usb_state_from_ids (descriptor.idVendor, descriptor.idProduct);
}
