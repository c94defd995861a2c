/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-asset-map.h"

#include <stdlib.h>

#include "oak-error.h"
#include "oak-nop-reader.h"
#include "oak-text.h"

/* Reads the list of assets; their bytes are not looked at. Any thread. */

#define MAX_NAME_LENGTH 200

struct _OakAssetMap {
  GBytes *section;
  GArray *assets;      /* of OakAsset */
  GStringChunk *texts; /* the escaped names */
  gsize n_trailing_bytes;
};

static void
read_asset (OakAssetMap *self, OakNopReader *reader, gsize storage_size)
{
  OakAsset asset = { .order = self->assets->len };
  g_autofree char *name = NULL;

  asset.raw_name = oak_nop_reader_string (reader, "asset name");
  oak_nop_reader_exact_structure (reader, 3, "asset");
  asset.offset = oak_nop_reader_u32 (reader, "asset offset");
  asset.size = oak_nop_reader_u32 (reader, "asset size");
  asset.alignment = oak_nop_reader_u32 (reader, "asset alignment");
  asset.outside = (guint64) asset.offset + asset.size > storage_size;
  name = oak_text_escape (asset.raw_name.data, (gssize) asset.raw_name.size, MAX_NAME_LENGTH);
  asset.name = g_string_chunk_insert_const (self->texts, name);
  g_array_append_val (self->assets, asset);
}

static int
compare_assets (gconstpointer a, gconstpointer b)
{
  const OakAsset *first = a;
  const OakAsset *second = b;

  return oak_raw_text_compare (first->raw_name, second->raw_name);
}

/* The original keeps the first of two and says nothing; a package with two is no honest one. */
static void
check_unique (const OakAssetMap *self, OakNopReader *reader)
{
  for (guint i = 1; i < self->assets->len; i++)
    if (compare_assets (&g_array_index (self->assets, OakAsset, i - 1),
                        &g_array_index (self->assets, OakAsset, i)) == 0)
      oak_nop_reader_fail (reader, "asset name", "the same name is there twice");
}

static void
read_section (OakAssetMap *self, OakNopReader *reader, gsize storage_size)
{
  gsize count;

  if (reader->size > OAK_ASSET_MAP_MAX_SIZE)
    oak_nop_reader_fail (reader, "assets", "the list is larger than any known one");
  oak_nop_reader_exact_structure (reader, 1, "assets");
  count = oak_nop_reader_map (reader, "asset map");
  if (count > OAK_ASSET_MAP_MAX_ASSETS)
    oak_nop_reader_fail (reader, "asset map", "these are more assets than any camera can use");
  for (gsize i = 0; i < count && !oak_nop_reader_is_failed (reader); i++)
    read_asset (self, reader, storage_size);
  self->n_trailing_bytes = oak_nop_reader_get_left (reader);
  if (oak_nop_reader_is_failed (reader))
    return;
  g_array_sort (self->assets, compare_assets);
  check_unique (self, reader);
}

OakAssetMap *
oak_asset_map_decode (GBytes *section, GBytes *storage, GError **error)
{
  g_autoptr (OakAssetMap) self = g_atomic_rc_box_new0 (OakAssetMap);
  gsize size = 0;
  const void *data;
  OakNopReader reader;

  g_return_val_if_fail (section != NULL, NULL);

  self->section = g_bytes_ref (section);
  self->assets = g_array_new (FALSE, FALSE, sizeof (OakAsset));
  self->texts = g_string_chunk_new (1024);
  data = g_bytes_get_data (section, &size);
  oak_nop_reader_init (&reader, data, size);
  read_section (self, &reader, storage == NULL ? 0 : g_bytes_get_size (storage));
  if (!oak_nop_reader_finish (&reader, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
asset_map_clear (gpointer data)
{
  OakAssetMap *self = data;

  g_clear_pointer (&self->section, g_bytes_unref);
  g_clear_pointer (&self->assets, g_array_unref);
  g_clear_pointer (&self->texts, g_string_chunk_free);
}

OakAssetMap *
oak_asset_map_ref (OakAssetMap *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
oak_asset_map_unref (OakAssetMap *self)
{
  g_atomic_rc_box_release_full (self, asset_map_clear);
}

guint
oak_asset_map_get_n_assets (const OakAssetMap *self)
{
  return self->assets->len;
}

const OakAsset *
oak_asset_map_get_asset (const OakAssetMap *self, guint index)
{
  g_return_val_if_fail (index < self->assets->len, NULL);

  return &g_array_index (self->assets, OakAsset, index);
}

const OakAsset *
oak_asset_map_find (const OakAssetMap *self, OakRawText name)
{
  OakAsset wanted = { .raw_name = name };

  if (self->assets->len == 0)
    return NULL;
  return bsearch (&wanted, self->assets->data, self->assets->len, sizeof wanted, compare_assets);
}

const OakAsset *
oak_asset_map_find_typed (const OakAssetMap *self, const char *name)
{
  const OakAsset *found = oak_asset_map_find (self, oak_raw_text (name));

  for (guint i = 0; found == NULL && i < self->assets->len; i++) {
    const OakAsset *asset = oak_asset_map_get_asset (self, i);

    if (g_str_equal (asset->name, name))
      found = asset;
  }
  return found;
}

static const OakAsset *
find_below (const OakAssetMap *self, const char *place, OakRawText key)
{
  g_autoptr (GString) name = g_string_new (place);

  g_string_append_len (name, key.data, (gssize) key.size);
  return oak_asset_map_find (self, (OakRawText){ name->str, name->len });
}

const OakAsset *
oak_asset_map_find_of_node (const OakAssetMap *self, gint64 id, OakRawText key)
{
  g_autofree char *place = g_strdup_printf ("/node/%" G_GINT64_FORMAT "/", id);

  return find_below (self, place, key);
}

const OakAsset *
oak_asset_map_find_of_pipeline (const OakAssetMap *self, OakRawText key)
{
  return find_below (self, "/pipeline/", key);
}

gsize
oak_asset_map_get_n_trailing_bytes (const OakAssetMap *self)
{
  return self->n_trailing_bytes;
}
