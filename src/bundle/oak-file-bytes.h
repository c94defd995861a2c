/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Reads a chosen file once, bounded, into a sealed memfd and maps it read-only: from then on it can
 * neither change nor shrink under us between check and write. Blocking; any thread.
 *
 * Returns: (transfer full): the file's bytes. NULL with OAK_ERROR_BAD_FILE (unreadable, a
 * directory, empty, changed while it was read), OAK_ERROR_TOO_LARGE (more than @max_size bytes) or
 * G_IO_ERROR_CANCELLED. The message names the file and what to do. */
GBytes *
oak_file_bytes_load (const char *path, gsize max_size, GCancellable *cancellable, GError **error);

/* Returns: (transfer full): lower-case hexadecimal SHA-256 of @bytes. */
char *
oak_file_bytes_get_sha256 (GBytes *bytes);

G_END_DECLS
