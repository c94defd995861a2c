/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OakUsbMark:
 *
 * Remembers, beyond the end of the program, that what a camera on USB runs was started by us in its
 * memory: the type it then tells is that of our image, and must not decide what is written
 * (bootloader.md, hazard H3). Kept under the camera's id, or under its socket while the id is not
 * known, in the user's state folder. The owner of the camera's lock reads and writes it; any
 * thread.
 */
typedef struct {
  guint bus; /* where our image was seen; 0: not seen yet */
  guint address;
  gboolean had_session; /* at the end of which it restarts */
} OakUsbMark;

/* Returns: FALSE with OAK_ERROR_NO_ACCESS when it cannot be written; the image must not be started
 * then. */
gboolean
oak_usb_mark_save (const char *id, const OakUsbMark *mark, GError **error);
/* Returns: FALSE when there is none. A damaged one counts. */
gboolean
oak_usb_mark_load (const char *id, OakUsbMark *mark);
void
oak_usb_mark_remove (const char *id);

G_END_DECLS
