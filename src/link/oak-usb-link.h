/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-link.h"

G_BEGIN_DECLS

/**
 * OakUsbLink:
 *
 * An OakLink over two bulk endpoints (xlink.md §3, Framing): every header and every piece of at
 * most 1 MiB of a payload is a transfer of its own, and no empty transfers mark ends.
 */
#define OAK_TYPE_USB_LINK (oak_usb_link_get_type ())
G_DECLARE_FINAL_TYPE (OakUsbLink, oak_usb_link, OAK, USB_LINK, OakLink)

/**
 * oak_usb_link_open:
 * @path: port path such as "1.2.13"
 * @serial: (nullable): the confirmed MXID
 *
 * Opens a camera in its bootloader. Tries once. Blocks, any thread.
 *
 * Returns: (transfer full): NULL with an error of oak_usb_open ().
 */
OakLink *
oak_usb_link_open (const char *path, const char *serial, GError **error);

G_END_DECLS
