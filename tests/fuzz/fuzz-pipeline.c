/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fuzz-assert.h"
#include "oak-asset-map.h"
#include "oak-error.h"
#include "oak-nop-reader.h"
#include "oak-pipeline-private.h"

/* Pipelines and lists of assets from any bytes. What is read must be consistent in itself, and an
 * asset's size must be exchangeable wherever the pipeline knows it. */

static gboolean
is_inside (OakRawText text, GBytes *bytes)
{
  gsize size = 0;
  const char *start = g_bytes_get_data (bytes, &size);

  return text.size == 0 || (text.data >= start && text.data + text.size <= start + size);
}

static void
check_shown (const char *text)
{
  FUZZ_ASSERT (g_utf8_validate (text, -1, NULL));
  for (; *text != '\0'; text++)
    FUZZ_ASSERT ((guint8) *text >= 0x20 && *text != 0x7f);
}

typedef struct {
  const OakPipeline *pipeline;
  const OakPipelineNode *node;
  GBytes *section;
} KeyCheck;

static void
check_key (OakRawText key, gpointer user_data)
{
  const KeyCheck *check = user_data;
  g_autoptr (GBytes) resized = NULL;
  g_autoptr (OakPipeline) again = NULL;

  FUZZ_ASSERT (is_inside (key, check->section));
  for (guint32 old_size = 0; resized == NULL && old_size < 4; old_size++)
    resized = oak_pipeline_resize_asset (check->pipeline, check->node, key, old_size, 0x12345678);
  if (resized == NULL)
    return;
  again = oak_pipeline_decode (resized, NULL);
  FUZZ_ASSERT (again != NULL || g_bytes_get_size (resized) > OAK_PIPELINE_MAX_SIZE);
  FUZZ_ASSERT (again == NULL ||
               oak_pipeline_get_n_nodes (again) == oak_pipeline_get_n_nodes (check->pipeline));
}

static void
check_node (const OakPipeline *pipeline, GBytes *section, guint index)
{
  const OakPipelineNode *node = oak_pipeline_get_node (pipeline, index);
  KeyCheck check = { pipeline, node, section };

  FUZZ_ASSERT (is_inside (node->raw_name, section));
  FUZZ_ASSERT (is_inside (node->properties, section));
  FUZZ_ASSERT (index == 0 || oak_pipeline_get_node (pipeline, index - 1)->id <= node->id);
  FUZZ_ASSERT (oak_pipeline_find_node (pipeline, node->id)->id == node->id);
  FUZZ_ASSERT (!oak_pipeline_node_needs_host (node) ||
               oak_pipeline_has_node_named (pipeline, "XLinkIn") ||
               oak_pipeline_has_node_named (pipeline, "XLinkOut"));
  check_shown (node->name);
  if (node->stream_name != NULL)
    check_shown (node->stream_name);
  for (guint i = 0; i < node->n_ports; i++) {
    FUZZ_ASSERT (i == 0 || node->ports[i - 1].id <= node->ports[i].id);
    check_shown (node->ports[i].group);
    check_shown (node->ports[i].name);
  }
  oak_pipeline_for_each_asset_key (pipeline, node, check_key, &check);
}

static void
check_pipeline (GBytes *section)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakPipeline) pipeline = oak_pipeline_decode (section, &error);
  KeyCheck check = { pipeline, NULL, section };

  if (pipeline == NULL) {
    FUZZ_ASSERT (g_error_matches (error, OAK_ERROR, OAK_ERROR_BAD_FILE) ||
                 g_error_matches (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED));
    return;
  }
  for (guint i = 0; i < oak_pipeline_get_n_nodes (pipeline); i++)
    check_node (pipeline, section, i);
  for (guint i = 0; i < oak_pipeline_get_n_connections (pipeline); i++) {
    const OakPipelineConnection *connection = oak_pipeline_get_connection (pipeline, i);

    FUZZ_ASSERT (connection->dangling ||
                 (oak_pipeline_find_node (pipeline, connection->from_node) != NULL &&
                  oak_pipeline_find_node (pipeline, connection->to_node) != NULL));
    check_shown (connection->from_port);
  }
  oak_pipeline_for_each_asset_key (pipeline, NULL, check_key, &check);
}

static void
check_assets (GBytes *section)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAssetMap) assets = oak_asset_map_decode (section, section, &error);

  if (assets == NULL) {
    FUZZ_ASSERT (g_error_matches (error, OAK_ERROR, OAK_ERROR_BAD_FILE));
    return;
  }
  for (guint i = 0; i < oak_asset_map_get_n_assets (assets); i++) {
    const OakAsset *asset = oak_asset_map_get_asset (assets, i);

    check_shown (asset->name);
    FUZZ_ASSERT (oak_asset_map_find (assets, asset->raw_name) == asset);
    FUZZ_ASSERT (asset->outside ||
                 (guint64) asset->offset + asset->size <= g_bytes_get_size (section));
  }
}

int
fuzz_one_input (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) section = g_bytes_new (data, size);
  OakNopReader reader;

  oak_nop_reader_init (&reader, data, size);
  oak_nop_reader_skip (&reader, "anything");
  FUZZ_ASSERT (reader.offset <= size);
  check_pipeline (section);
  check_assets (section);
  return 0;
}
