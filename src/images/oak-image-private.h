/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-image.h"

G_BEGIN_DECLS

/* Images and the records about them, for the store alone. Any thread. */

#define OAK_IMAGE_SHA256_LENGTH   64
#define OAK_IMAGE_MAX_RECORD_SIZE ((gsize) 4 * 1024)

OakImage *
oak_image_new (const char *sha256,
               gsize size,
               const OakImageFacts *facts,
               gboolean is_made_up,
               gint64 time);
/* Returns: (transfer full): @self as it turned out to be. */
OakImage *
oak_image_new_damaged (OakImage *self);

/* Returns: (transfer full): JSON. */
char *
oak_image_to_record (OakImage *self);
/* A record that anybody may have edited. Returns: (transfer full): NULL with OAK_ERROR_BAD_FILE. */
OakImage *
oak_image_new_from_record (GBytes *record, GError **error);

/* Exactly 64 lower-case hexadecimal digits. */
gboolean
oak_image_is_sha256 (const char *text);

G_END_DECLS
