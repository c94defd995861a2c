/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-app-repack-private.h"
#include "oak-asset-map.h"
#include "oak-error.h"
#include "oak-nop-writer.h"
#include "oak-pipeline-private.h"

/* Replaces assets: the list keeps its order, the storage is laid out anew in the order it had,
 * every asset at its own alignment with zeros between (bootloader.md §8.4). Any thread. */

typedef struct {
  const OakAsset *asset; /* (unowned) */
  GBytes *bytes;         /* (owned) */
  guint32 offset;        /* the new one */
} NewAsset;

static void
clear_new_asset (gpointer data)
{
  NewAsset *self = data;

  g_clear_pointer (&self->bytes, g_bytes_unref);
}

void
oak_repacked_assets_clear (OakRepackedAssets *self)
{
  g_clear_pointer (&self->pipeline, g_bytes_unref);
  g_clear_pointer (&self->assets, g_bytes_unref);
  g_clear_pointer (&self->storage, g_bytes_unref);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const OakAsset *first = ((const NewAsset *) a)->asset;
  const OakAsset *second = ((const NewAsset *) b)->asset;

  if (first->offset != second->offset)
    return first->offset < second->offset ? -1 : 1;
  if (first->size != second->size)
    return first->size < second->size ? -1 : 1;
  return (first->order > second->order) - (first->order < second->order);
}

static int
compare_orders (gconstpointer a, gconstpointer b)
{
  const OakAsset *first = ((const NewAsset *) a)->asset;
  const OakAsset *second = ((const NewAsset *) b)->asset;

  return (first->order > second->order) - (first->order < second->order);
}

static GArray *
list_assets (const OakAssetMap *map, GBytes *storage, GError **error)
{
  g_autoptr (GArray) assets = g_array_new (FALSE, TRUE, sizeof (NewAsset));

  g_array_set_clear_func (assets, clear_new_asset);
  for (guint i = 0; i < oak_asset_map_get_n_assets (map); i++) {
    NewAsset each = { .asset = oak_asset_map_get_asset (map, i) };

    if (each.asset->outside) {
      g_set_error (error,
                   OAK_ERROR,
                   OAK_ERROR_BAD_FILE,
                   "asset \"%s\" reaches beyond the place where assets are kept",
                   each.asset->name);
      return NULL;
    }
    each.bytes = storage == NULL
                     ? g_bytes_new (NULL, 0)
                     : g_bytes_new_from_bytes (storage, each.asset->offset, each.asset->size);
    g_array_append_val (assets, each);
  }
  return g_steal_pointer (&assets);
}

typedef struct {
  OakRawText key;
  gboolean found;
} KeySearch;

static void
compare_key (OakRawText key, gpointer user_data)
{
  KeySearch *search = user_data;

  search->found = search->found || oak_raw_text_equal (key, search->key);
}

/* Splits "/node/12/KEY" and "/pipeline/KEY". Returns: FALSE for anything else. */
static gboolean
find_owner (const OakPipeline *pipeline,
            OakRawText name,
            const OakPipelineNode **node,
            OakRawText *key)
{
  for (guint i = 0; i <= oak_pipeline_get_n_nodes (pipeline); i++) {
    g_autofree char *place = NULL;

    *node = i == 0 ? NULL : oak_pipeline_get_node (pipeline, i - 1);
    place = *node == NULL ? g_strdup ("/pipeline/")
                          : g_strdup_printf ("/node/%" G_GINT64_FORMAT "/", (*node)->id);
    if (!oak_raw_text_has_prefix (name, place))
      continue;
    key->data = name.data + strlen (place);
    key->size = name.size - strlen (place);
    return TRUE;
  }
  return FALSE;
}

/* Scripts and what nobody refers to may have any size. */
static gboolean
is_free (const OakPipeline *pipeline, const OakPipelineNode *node, OakRawText key)
{
  KeySearch search = { key, FALSE };

  if (node != NULL && oak_raw_text_equal_string (node->raw_name, "Script"))
    return TRUE;
  oak_pipeline_for_each_asset_key (pipeline, node, compare_key, &search);
  return !search.found;
}

/* Replaces @pipeline when it has to say another size. */
static gboolean
adapt_pipeline (GBytes **section, const OakAsset *asset, gsize new_size, GError **error)
{
  g_autoptr (OakPipeline) pipeline = oak_pipeline_decode (*section, error);
  const OakPipelineNode *node = NULL;
  OakRawText key;
  GBytes *resized;

  if (pipeline == NULL) {
    g_prefix_error (error, "the pipeline cannot be read: ");
    return FALSE;
  }
  if (asset->size == new_size || !find_owner (pipeline, asset->raw_name, &node, &key) ||
      is_free (pipeline, node, key))
    return TRUE;
  resized = oak_pipeline_resize_asset (pipeline, node, key, asset->size, (guint32) new_size);
  if (resized == NULL) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "the pipeline relies on the size of asset \"%s\": what replaces it must have "
                 "%u bytes too, not %" G_GSIZE_FORMAT,
                 asset->name,
                 asset->size,
                 new_size);
    return FALSE;
  }
  g_bytes_unref (*section);
  *section = resized;
  return TRUE;
}

static gboolean
replace (GArray *assets, const OakAsset *asset, GBytes *bytes)
{
  for (guint i = 0; i < assets->len; i++) {
    NewAsset *each = &g_array_index (assets, NewAsset, i);

    if (each->asset != asset)
      continue;
    g_bytes_unref (each->bytes);
    each->bytes = g_bytes_ref (bytes);
    return TRUE;
  }
  return FALSE;
}

static gboolean
replace_one (OakAppContents *contents,
             GArray *assets,
             GBytes **pipeline,
             const OakRepackAsset *wish,
             GError **error)
{
  const OakAssetMap *map = oak_app_contents_get_assets (contents, NULL);
  const OakAsset *asset = oak_asset_map_find_typed (map, wish->name);
  gsize size = g_bytes_get_size (wish->bytes);

  if (asset == NULL) {
    GBytes *none = oak_app_contents_dup_asset (contents, wish->name, error);

    g_clear_pointer (&none, g_bytes_unref);
    return FALSE;
  }
  if (size > OAK_APP_PACKAGE_MAX_SIZE) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_TOO_LARGE,
                 "what replaces asset \"%s\" is larger than any package may be",
                 asset->name);
    return FALSE;
  }
  if (!adapt_pipeline (pipeline, asset, size, error))
    return FALSE;
  return replace (assets, asset, wish->bytes);
}

/* Returns: FALSE when it becomes larger than a package may be. */
static gboolean
lay_out (GArray *assets, guint64 *total)
{
  *total = 0;
  g_array_sort (assets, compare_places);
  for (guint i = 0; i < assets->len; i++) {
    NewAsset *each = &g_array_index (assets, NewAsset, i);
    guint64 alignment = MAX (each->asset->alignment, 1);

    *total = (*total + alignment - 1) / alignment * alignment;
    each->offset = (guint32) *total;
    *total += g_bytes_get_size (each->bytes);
    if (*total > OAK_APP_PACKAGE_MAX_SIZE)
      return FALSE;
  }
  return TRUE;
}

static GBytes *
write_storage (const GArray *assets, gsize total)
{
  guint8 *storage = g_malloc0 (MAX (total, 1));

  for (guint i = 0; i < assets->len; i++) {
    const NewAsset *each = &g_array_index (assets, NewAsset, i);
    gsize size = 0;
    const void *data = g_bytes_get_data (each->bytes, &size);

    if (size > 0)
      memcpy (storage + each->offset, data, size);
  }
  return g_bytes_new_take (storage, total);
}

static GBytes *
write_list (GArray *assets)
{
  GByteArray *list = g_byte_array_new ();

  g_array_sort (assets, compare_orders);
  oak_nop_write_structure (list, 1);
  oak_nop_write_map (list, assets->len);
  for (guint i = 0; i < assets->len; i++) {
    const NewAsset *each = &g_array_index (assets, NewAsset, i);

    oak_nop_write_string (list, each->asset->raw_name);
    oak_nop_write_structure (list, 3);
    oak_nop_write_unsigned (list, each->offset);
    oak_nop_write_unsigned (list, g_bytes_get_size (each->bytes));
    oak_nop_write_unsigned (list, each->asset->alignment);
  }
  return g_byte_array_free_to_bytes (list);
}

static gboolean
check_readable (const OakAppContents *contents, GError **error)
{
  const char *reason = NULL;

  if (oak_app_contents_get_pipeline (contents, &reason) != NULL &&
      oak_app_contents_get_assets (contents, &reason) != NULL)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_BAD_FILE,
               "assets can only be replaced in a package that can be read: %s",
               reason);
  return FALSE;
}

gboolean
oak_app_repack_assets (OakAppContents *contents,
                       const OakRepackWish *wish,
                       OakRepackedAssets *result,
                       GError **error)
{
  OakAppPackage *package = oak_app_contents_get_package (contents);
  g_autoptr (GBytes) storage = oak_app_package_dup_named_bytes (package, "asset_storage");
  g_auto (OakRepackedAssets) made = { NULL, NULL, NULL };
  g_autoptr (GArray) assets = NULL;
  guint64 total;

  if (!check_readable (contents, error))
    return FALSE;
  assets = list_assets (oak_app_contents_get_assets (contents, NULL), storage, error);
  if (assets == NULL)
    return FALSE;
  made.pipeline = oak_app_package_dup_named_bytes (package, "pipeline");
  for (guint i = 0; i < wish->n_assets; i++)
    if (!replace_one (contents, assets, &made.pipeline, &wish->assets[i], error))
      return FALSE;
  if (!lay_out (assets, &total)) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_TOO_LARGE,
                         "with these assets the package becomes larger than any may be");
    return FALSE;
  }
  made.storage = write_storage (assets, (gsize) total);
  made.assets = write_list (assets);
  *result = made;
  made = (OakRepackedAssets){ NULL, NULL, NULL };
  return TRUE;
}
