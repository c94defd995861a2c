/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakImageStore OakImageStore;

/* Bringing files into the store. An archive of the vendor's says by the names in it which image is
 * for which type, and by its own name which version it is; an image by itself may say its type by
 * its name and never says its version (bootloader.md §10.2). What nobody says stays unknown until a
 * person chooses. Blocking; any thread. */

/* What a person says about a file. */
typedef struct {
  OakBootloaderType type; /* AUTO: not said */
  const char *version;    /* (nullable): not said */
  gboolean replace; /* agreed: it may contradict the file's name, and replace what the store has */
} OakImageChoice;

/* Reads an archive or a single image. Where a file of the same name with ".sha256" behind lies
 * beside it, its checksum has to match. @path: in the file system's encoding.
 *
 * Returns: (transfer full) (element-type OakImage): what is in the store now. NULL with
 * OAK_ERROR_BAD_FILE, TOO_LARGE, VERIFY_FAILED (the checksum beside it is another one), PROTOCOL
 * (there is one, but it makes no sense), NEEDS_CONSENT (something contradicts; see
 * OakImageChoice.replace), NO_ACCESS (the store cannot be written) or G_IO_ERROR_CANCELLED. */
GPtrArray *
oak_image_import_file (OakImageStore *store,
                       const char *path,
                       const OakImageChoice *choice,
                       GCancellable *cancellable,
                       GError **error);

/* Puts all images of @archive into @store. @facts: an OakImageFacts; its type is not looked at.
 * Returns: (transfer full) (element-type OakImage): NULL with the errors of
 * oak_firmware_archive_read () and oak_image_store_add (). */
GPtrArray *
oak_image_import_archive (OakImageStore *store,
                          GBytes *archive,
                          gconstpointer facts,
                          gboolean replace,
                          GCancellable *cancellable,
                          GError **error);

G_END_DECLS
