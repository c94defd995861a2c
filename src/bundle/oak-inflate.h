/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* zlib streams (RFC 1950) from files nobody vouches for. Blocking; any thread. */

/* No known firmware is larger than 32 MiB unpacked; beyond this nothing is looked at any more. */
#define OAK_INFLATE_MAX_SIZE  ((guint64) 128 * 1024 * 1024)
#define OAK_INFLATE_HEAD_SIZE 4

typedef struct {
  guint64 size;                       /* bytes that came out */
  guint8 head[OAK_INFLATE_HEAD_SIZE]; /* the first of them, filled with 0 */
  gsize n_trailing_bytes;             /* of the input, behind the end of the stream */
} OakInflateResult;

/* Unpacks without keeping anything. Returns: FALSE with OAK_ERROR_BAD_FILE (damaged, or ends
 * early), OAK_ERROR_TOO_LARGE (more than @max_size comes out; ends there) or G_IO_ERROR_CANCELLED.
 * @result is filled with what is known either way. */
gboolean
oak_inflate_measure (const void *data,
                     gsize size,
                     guint64 max_size,
                     OakInflateResult *result,
                     GCancellable *cancellable,
                     GError **error);
/* Returns: (transfer full): the unpacked bytes; NULL like above. */
GBytes *
oak_inflate (const void *data,
             gsize size,
             guint64 max_size,
             GCancellable *cancellable,
             GError **error);
/* Level 9, like the original. Returns: (transfer full): NULL only when cancelled. */
GBytes *
oak_deflate (const void *data, gsize size, GCancellable *cancellable, GError **error);

/* Returns: about how many bytes would be left of @data after packing. Packs samples, no more than
 * 1 MiB altogether, so that the answer costs milliseconds whatever the size. */
guint64
oak_deflate_estimate (const void *data, gsize size);

G_END_DECLS
