/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakImage OakImage;

/**
 * OakImageStore:
 *
 * A folder with bootloader images and a record about each. Every file appears whole or not at all,
 * an image before its record, and no image leaves the store without its checksum being compared
 * again: so a program that ends in the middle, a full disk or a second program leave nothing that
 * could be taken for an image. Immutable; any thread, all calls block on the disk.
 */
typedef struct _OakImageStore OakImageStore;

/* @folder: (nullable): in the file system's encoding; NULL: the person's own, "oak-flasher/images"
 * in the user's data directory. It is made when the first image comes. */
OakImageStore *
oak_image_store_new (const char *folder);
void
oak_image_store_free (OakImageStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakImageStore, oak_image_store_free)

/* Returns: (transfer none): in the file system's encoding. */
const char *
oak_image_store_get_folder (OakImageStore *self);

/* Reads every image to compare its checksum. Returns: (transfer full) (element-type OakImage): the
 * newest version first, unknown ones last; damaged ones are in it and say so. NULL with
 * OAK_ERROR_NO_ACCESS or G_IO_ERROR_CANCELLED. A store that was never written to is empty. */
GPtrArray *
oak_image_store_list (OakImageStore *self, GCancellable *cancellable, GError **error);

/* Adds @bytes, or what is newly known of them: what the store knows already is never replaced by
 * "unknown". @facts: an OakImageFacts. Returns: (transfer full): as it is in the store now; NULL
 * with
 * - OAK_ERROR_BAD_FILE or OAK_ERROR_TOO_LARGE: no image, or none that fits a camera of its type;
 * - OAK_ERROR_NEEDS_CONSENT without @replace, when the store knows the same bytes under another
 *   version or type, or other bytes under this version and type;
 * - OAK_ERROR_NO_ACCESS when the store cannot be written; G_IO_ERROR_CANCELLED. */
OakImage *
oak_image_store_add (OakImageStore *self,
                     GBytes *bytes,
                     gconstpointer facts,
                     gboolean replace,
                     GCancellable *cancellable,
                     GError **error);

/* Returns: (transfer full): the image's bytes, just compared with its checksum. NULL with
 * OAK_ERROR_BAD_FILE when they are damaged or missing, or G_IO_ERROR_CANCELLED. */
GBytes *
oak_image_store_load (OakImageStore *self,
                      OakImage *image,
                      GCancellable *cancellable,
                      GError **error);

/* Returns: FALSE with OAK_ERROR_NO_ACCESS. */
gboolean
oak_image_store_remove (OakImageStore *self, OakImage *image, GError **error);

/* The whole image of @images for @version and @type; AUTO: of the one type there is. Pure function.
 * @images: as oak_image_store_list () returns it. Returns: (transfer full): NULL with
 * OAK_ERROR_NOT_FOUND, or OAK_ERROR_NEEDS_CONSENT when there is one for each type, or one whose
 * type nobody knows, so that a person has to choose. */
OakImage *
oak_image_store_find (GPtrArray *images,
                      const char *version,
                      OakBootloaderType type,
                      GError **error);

G_END_DECLS
