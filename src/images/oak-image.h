/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-types.h"

G_BEGIN_DECLS

/* Whether the bytes an image came in were compared with a checksum of the vendor's. It says that
 * nothing was damaged on the way and no more: images are not signed (bootloader.md §10.1). */
typedef enum {
  OAK_IMAGE_CHECKSUM_NONE, /* there was none to compare with */
  OAK_IMAGE_CHECKSUM_MATCHES,
} OakImageChecksum;

/* What is known of an image beside its bytes. A plain value; borrows its texts. */
typedef struct {
  OakBootloaderType type; /* AUTO: not known */
  const char *version;    /* (nullable): not known */
  const char *origin;     /* the file's name or the address it came from, fit to be shown */
  OakImageChecksum checksum;
} OakImageFacts;

/**
 * OakImage:
 *
 * One bootloader image in the store: what is known of it. Its bytes are read by
 * oak_image_store_load (). Immutable and atomically reference-counted; any thread.
 */
typedef struct _OakImage OakImage;

OakImage *
oak_image_ref (OakImage *self);
void
oak_image_unref (OakImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakImage, oak_image_unref)

/* Returns: (transfer none): 64 lower-case hexadecimal digits, the image's name in the store. */
const char *
oak_image_get_sha256 (OakImage *self);
/* In bytes. */
gsize
oak_image_get_size (OakImage *self);
/* AUTO: nobody knows; it has to be chosen before the image is used. */
OakBootloaderType
oak_image_get_type (OakImage *self);
/* Returns: (transfer none) (nullable): "0.0.28"; NULL: nobody knows. */
const char *
oak_image_get_version (OakImage *self);
/* Returns: (transfer none): a file's name or an address, fit to be shown. */
const char *
oak_image_get_origin (OakImage *self);
OakImageChecksum
oak_image_get_checksum (OakImage *self);
/* When it came into the store, in seconds since 1970. */
gint64
oak_image_get_time (OakImage *self);
/* TRUE when only simulated cameras understand it. */
gboolean
oak_image_is_made_up (OakImage *self);
/* FALSE when the bytes in the store were missing or not those of the checksum as they were last
 * looked at: it must be imported or downloaded again. */
gboolean
oak_image_is_whole (OakImage *self);

G_END_DECLS
