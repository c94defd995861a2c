/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libusb.h>

#include "oak-usb-open.h"

G_BEGIN_DECLS

/* The part of link/ that knows libusb. Nothing outside of the oak-usb files includes it. */

struct _OakUsbHandle {
  libusb_context *context; /* (owned) */
  libusb_device_handle *handle;
  GThread *thread; /* completes transfers until @stopping */
  int stopping;    /* atomic */
  gboolean claimed;
  guint8 endpoint_out; /* first bulk OUT endpoint of the first interface; 0 unless claimed */
};

/* Makes and ends a context; libusb's own start and end are done one at a time. Any thread. */
libusb_context *
oak_usb_library_begin (GError **error);
void
oak_usb_library_end (libusb_context *context);

/* libusb's codes become OAK_ERROR here and nowhere else. @what: such as "opening the camera". */
void
oak_usb_set_error (GError **error, int libusb_code, const char *what);
/* The same for the end of an asynchronous transfer; never called for COMPLETED. */
void
oak_usb_set_transfer_error (GError **error, enum libusb_transfer_status status, const char *what);

/* Returns: (transfer full) (nullable): "1.2.13"; NULL for a root hub. */
char *
oak_usb_device_path (libusb_device *device);
/* The state told by the ids of @device; UNKNOWN: no camera. */
OakDeviceState
oak_usb_device_state (libusb_device *device);

/* Opening tests give way to jobs: begin answers FALSE when somebody holds @path, and whoever wants
 * to hold it waits until the end. Any thread. */
gboolean
oak_usb_hold_begin_test (const char *path);
void
oak_usb_hold_end_test (const char *path);
gboolean
oak_usb_hold_is_held (const char *path);

G_END_DECLS
