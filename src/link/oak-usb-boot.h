/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What is said to a camera on USB outside of a link. Blocking, any thread. */

/* @sent of @total bytes of an image are in the camera. Called in the caller's thread. */
typedef void (*OakUsbBootFunc) (guint64 sent, guint64 total, gpointer user_data);

/**
 * oak_usb_boot_image:
 * @path: port path of a camera in state UNBOOTED
 * @image: not empty
 * @limit_ms: for the whole upload; each transfer has two seconds
 * @left_early: (out) (optional): the camera left the bus before the last byte: it has started, or
 * was unplugged, and what appears next on its socket tells which
 *
 * Hands an image to the chip's ROM, which starts it (xlink.md §2). The camera then leaves the bus
 * and comes back as what the image makes of it; that is not awaited here. After an error or a
 * cancel the ROM may wait for the rest of the image until its power is cut.
 *
 * Returns: FALSE with an error of oak_usb_open (), OAK_ERROR_TIMED_OUT, OAK_ERROR_REFUSED (the ROM
 * does not take it) or G_IO_ERROR_CANCELLED.
 */
gboolean
oak_usb_boot_image (const char *path,
                    GBytes *image,
                    guint limit_ms,
                    OakUsbBootFunc progress,
                    gpointer user_data,
                    gboolean *left_early,
                    GCancellable *cancellable,
                    GError **error);

/* Sends a running application to its bootloader (xlink.md §2.1): the camera @serial at @path, in
 * state FLASH_BOOTED, leaves the bus and comes back. A camera that vanishes before it confirmed the
 * request may have obeyed: that is success, and waiting for it will tell. */
gboolean
oak_usb_boot_to_bootloader (const char *path, const char *serial, GError **error);

G_END_DECLS
