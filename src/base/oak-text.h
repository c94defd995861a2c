/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full): @text from a camera or a file made fit to be shown: valid UTF-8, with
 * control characters, bidirectional overrides and invisible format characters written as \n, \xNN
 * or \u{NNNN}. Never markup: callers must not parse it as such. At most @max_characters are kept,
 * followed by an ellipsis. */
char *
oak_text_escape (const char *text, gssize size, gsize max_characters);

/* Returns: (transfer full): "13.2 MiB", "512 bytes": powers of 1024, one digit after the point,
 * locale-independent. */
char *
oak_text_size (guint64 bytes);

/* Returns: (transfer full): what a USB connection is called, from its speed in Mbit/s: "USB 3, 5
 * Gbit/s", "USB 2, 480 Mbit/s"; "USB" when @mbps is 0. */
char *
oak_text_usb_speed (guint mbps);

G_END_DECLS
