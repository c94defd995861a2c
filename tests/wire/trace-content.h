/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The contents that went over the wire in the recorded traces, made again from their description in
 * tests/data/traces/README.md: "dap-small", "dap-8MiB", "bl-network", "bl-usb", "bl-small",
 * "raw-3000", "raw-6MiB", "factory-image", and the memories the emulated device started with,
 * "flash-blank" and "flash-loaded". Made once and kept for the whole program. One thread. */

/* Returns: (transfer full): aborts the test for a name that is none of these. */
GBytes *
trace_content_get (const char *name);

/* Byte i is (31 i + 17 floor (i / 256) + seed) mod 256. */
void
trace_content_fill_pattern (guint8 *bytes, gsize size, guint seed);

/* Finds the part of @size bytes that begins with @prefix and has the SHA-256 @digest (64 lower-case
 * digits) inside one of the contents, at an offset that is a multiple of 1 MiB. Returns: (transfer
 * full) (nullable). */
GBytes *
trace_content_find (const guint8 *prefix, gsize prefix_size, gsize size, const char *digest);

G_END_DECLS
