/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-raw-text.h"

G_BEGIN_DECLS

/**
 * OakAssetMap:
 *
 * What a package's section `assets` says lies where in `asset_storage` (bootloader.md §8.4).
 * Immutable, atomically reference-counted, any thread.
 */
typedef struct _OakAssetMap OakAssetMap;

#define OAK_ASSET_MAP_MAX_SIZE   (8u * 1024u * 1024u)
#define OAK_ASSET_MAP_MAX_ASSETS 4096u

typedef struct {
  const char *name; /* escaped, fit to be shown: "/node/0/__script" */
  OakRawText raw_name;
  guint32 offset; /* in the storage */
  guint32 size;
  guint32 alignment;
  guint order;      /* place in the file, which is arbitrary */
  gboolean outside; /* reaches beyond the storage: has no bytes */
} OakAsset;

/* @storage only decides which assets are outside. Returns: (transfer full): NULL with
 * OAK_ERROR_BAD_FILE. */
OakAssetMap *
oak_asset_map_decode (GBytes *section, GBytes *storage, GError **error);
OakAssetMap *
oak_asset_map_ref (OakAssetMap *self);
void
oak_asset_map_unref (OakAssetMap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakAssetMap, oak_asset_map_unref)

guint
oak_asset_map_get_n_assets (const OakAssetMap *self);
/* Sorted by the bytes of the name. Returns: (transfer none). */
const OakAsset *
oak_asset_map_get_asset (const OakAssetMap *self, guint index);
/* Returns: (transfer none) (nullable). */
const OakAsset *
oak_asset_map_find (const OakAssetMap *self, OakRawText name);
/* Returns: (transfer none) (nullable): by its bytes, or, if there is none, by the one escaped name
 * that is the same; for names typed by people. */
const OakAsset *
oak_asset_map_find_typed (const OakAssetMap *self, const char *name);
/* Returns: (transfer none) (nullable): the asset `/node/@id/@key`. */
const OakAsset *
oak_asset_map_find_of_node (const OakAssetMap *self, gint64 id, OakRawText key);
/* Returns: (transfer none) (nullable): the asset `/pipeline/@key`. */
const OakAsset *
oak_asset_map_find_of_pipeline (const OakAssetMap *self, OakRawText key);

gsize
oak_asset_map_get_n_trailing_bytes (const OakAssetMap *self);

G_END_DECLS
