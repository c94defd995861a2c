/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-types.h"

G_BEGIN_DECLS

/**
 * OakUsbHandle:
 *
 * One opened camera on USB, with the libusb context it belongs to and the thread that completes its
 * transfers. Single owner.
 */
typedef struct _OakUsbHandle OakUsbHandle;

typedef enum {
  OAK_USB_OPEN_ONLY,  /* for control requests: another program may hold the interface */
  OAK_USB_OPEN_CLAIM, /* for data: configuration 1, interface 0, kernel driver detached */
} OakUsbOpenMode;

/**
 * oak_usb_open:
 * @path: port path such as "1.2.13"
 * @state: the state the camera must be in; another product in the socket is not touched
 * @serial: (nullable): the MXID its serial string must say, asked on the opened handle itself; NULL
 * in state UNBOOTED, which has none
 *
 * The one place where a device handle comes from. Blocks for at most a few seconds, any thread.
 *
 * Returns: (transfer full): NULL with OAK_ERROR_NOT_FOUND (nobody there in that state),
 * OAK_ERROR_NO_ACCESS, OAK_ERROR_BUSY, OAK_ERROR_WRONG_DEVICE (another serial, which is named),
 * OAK_ERROR_DISCONNECTED (gone while being opened) or OAK_ERROR_UNREACHABLE (anything else).
 */
OakUsbHandle *
oak_usb_open (const char *path,
              OakDeviceState state,
              const char *serial,
              OakUsbOpenMode mode,
              GError **error);

/* Releases the interface, closes, joins the thread. No transfer may be under way. */
void
oak_usb_handle_free (OakUsbHandle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakUsbHandle, oak_usb_handle_free)

G_END_DECLS
