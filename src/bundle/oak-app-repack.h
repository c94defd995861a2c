/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _OakAppContents OakAppContents;

/* Makes a package from another one: name, packing and assets may change, the firmware never does.
 * Blocking; any thread. */

typedef enum {
  OAK_REPACK_KEEP,
  OAK_REPACK_YES,
  OAK_REPACK_NO,
} OakRepackChoice;

typedef struct {
  const char *name; /* of the asset, as in oak_asset_map_find_typed () */
  GBytes *bytes;
} OakRepackAsset;

typedef struct {
  const char *application_name; /* (nullable): NULL keeps it; "" leaves it empty */
  OakRepackChoice compress;
  OakRepackChoice check_at_boot;
  const OakRepackAsset *assets; /* (nullable): replacements */
  guint n_assets;
} OakRepackWish;

/* Firmware at 512, pipeline at the next whole MiB, everything else at whole 64 KiB, all checksums
 * new (bootloader.md §8.1). Without any wish the bytes are those of a package laid out like that.
 * A network whose size changes has its size corrected in the pipeline as well.
 *
 * Returns: (transfer full): NULL with OAK_ERROR_BAD_FILE (the package is damaged, or an asset is
 * tied to its size), OAK_ERROR_NOT_FOUND (no such asset; the message names those there are),
 * OAK_ERROR_TOO_LARGE or G_IO_ERROR_CANCELLED. */
GBytes *
oak_app_repack (OakAppContents *contents,
                const OakRepackWish *wish,
                GCancellable *cancellable,
                GError **error);

G_END_DECLS
