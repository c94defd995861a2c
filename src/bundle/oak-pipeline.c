/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-pipeline.h"

#include <stdlib.h>

#include "oak-error.h"
#include "oak-nop-reader.h"
#include "oak-pipeline-private.h"
#include "oak-text.h"

/* A decoded pipeline and what can be asked of it. Any thread. */

static const char *const port_types[] = {
  [OAK_PORT_TYPE_M_SENDER] = "MSender",
  [OAK_PORT_TYPE_S_SENDER] = "SSender",
  [OAK_PORT_TYPE_M_RECEIVER] = "MReceiver",
  [OAK_PORT_TYPE_S_RECEIVER] = "SReceiver",
};

#define MESSAGE_PACK_MAP_OF_THREE 0x83 /* never the first byte of a structure in libnop */

OakPipelineGeneration
oak_pipeline_guess_generation (GBytes *section)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (section, &size);
  OakNopReader reader;

  if (size > 0 && data[0] == MESSAGE_PACK_MAP_OF_THREE)
    return OAK_PIPELINE_GENERATION_MESSAGE_PACK;
  oak_nop_reader_init (&reader, data, size);
  switch (oak_nop_reader_structure (&reader, "pipeline")) {
  case 3:
    return OAK_PIPELINE_GENERATION_V2;
  case 4:
    return OAK_PIPELINE_GENERATION_V3;
  default:
    return OAK_PIPELINE_GENERATION_UNKNOWN;
  }
}

static void
pipeline_clear (gpointer data)
{
  OakPipeline *self = data;

  g_clear_pointer (&self->section, g_bytes_unref);
  g_clear_pointer (&self->nodes, g_array_unref);
  g_clear_pointer (&self->ports, g_array_unref);
  g_clear_pointer (&self->port_keys, g_array_unref);
  g_clear_pointer (&self->property_ranges, g_array_unref);
  g_clear_pointer (&self->connections, g_array_unref);
  g_clear_pointer (&self->texts, g_string_chunk_free);
}

OakPipeline *
oak_pipeline_ref (OakPipeline *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
oak_pipeline_unref (OakPipeline *self)
{
  g_atomic_rc_box_release_full (self, pipeline_clear);
}

OakPipelineGeneration
oak_pipeline_get_generation (const OakPipeline *self)
{
  return self->generation;
}

gsize
oak_pipeline_get_n_trailing_bytes (const OakPipeline *self)
{
  return self->n_trailing_bytes;
}

const OakGlobalProperties *
oak_pipeline_get_global_properties (const OakPipeline *self)
{
  return &self->global_properties;
}

guint
oak_pipeline_get_n_nodes (const OakPipeline *self)
{
  return self->nodes->len;
}

const OakPipelineNode *
oak_pipeline_get_node (const OakPipeline *self, guint index)
{
  g_return_val_if_fail (index < self->nodes->len, NULL);

  return &g_array_index (self->nodes, OakPipelineNode, index);
}

int
oak_pipeline_compare_nodes (gconstpointer a, gconstpointer b)
{
  const OakPipelineNode *first = a;
  const OakPipelineNode *second = b;

  return (first->id > second->id) - (first->id < second->id);
}

const OakPipelineNode *
oak_pipeline_find_node (const OakPipeline *self, gint64 id)
{
  OakPipelineNode wanted = { .id = id };

  if (self->nodes->len == 0)
    return NULL;
  return bsearch (&wanted,
                  self->nodes->data,
                  self->nodes->len,
                  sizeof wanted,
                  oak_pipeline_compare_nodes);
}

guint
oak_pipeline_get_n_connections (const OakPipeline *self)
{
  return self->connections->len;
}

const OakPipelineConnection *
oak_pipeline_get_connection (const OakPipeline *self, guint index)
{
  g_return_val_if_fail (index < self->connections->len, NULL);

  return &g_array_index (self->connections, OakPipelineConnection, index);
}

gboolean
oak_pipeline_has_node_named (const OakPipeline *self, const char *name)
{
  for (guint i = 0; i < self->nodes->len; i++)
    if (oak_raw_text_equal_string (oak_pipeline_get_node (self, i)->raw_name, name))
      return TRUE;
  return FALSE;
}

/* The name of the node decides and nothing else: the same words occur in streams, ports, scripts
 * and assets (bootloader.md §8.5 point 5). */
gboolean
oak_pipeline_node_needs_host (const OakPipelineNode *node)
{
  return oak_raw_text_equal_string (node->raw_name, "XLinkIn") ||
         oak_raw_text_equal_string (node->raw_name, "XLinkOut");
}

typedef struct {
  OakPipelineAssetFunc callback;
  gpointer user_data;
} AssetSearch;

static void
look_at_text (OakRawText text, gpointer user_data)
{
  static const char scheme[] = "asset:";
  const AssetSearch *search = user_data;

  if (!oak_raw_text_has_prefix (text, scheme))
    return;
  text.data += sizeof scheme - 1;
  text.size -= sizeof scheme - 1;
  search->callback (text, search->user_data);
}

static void
search_value (OakRawText value, AssetSearch *search)
{
  OakNopReader reader;

  oak_nop_reader_init (&reader, value.data, value.size);
  oak_nop_reader_walk (&reader, "properties", look_at_text, search);
}

void
oak_pipeline_for_each_asset_key (const OakPipeline *self,
                                 const OakPipelineNode *node,
                                 OakPipelineAssetFunc callback,
                                 gpointer user_data)
{
  AssetSearch search = { callback, user_data };

  if (node != NULL) {
    search_value (node->properties, &search);
    return;
  }
  look_at_text (self->global_properties.raw_camera_tuning_blob_uri, &search);
  if (self->generation == OAK_PIPELINE_GENERATION_V3)
    search_value (self->socket_tuning_uris, &search);
}

const char *
oak_pipeline_generation_to_string (OakPipelineGeneration generation)
{
  switch (generation) {
  case OAK_PIPELINE_GENERATION_MESSAGE_PACK:
    return "messagepack";
  case OAK_PIPELINE_GENERATION_V2:
    return "v2";
  case OAK_PIPELINE_GENERATION_V3:
    return "v3";
  case OAK_PIPELINE_GENERATION_UNKNOWN:
  default:
    return "unknown";
  }
}

const char *
oak_port_type_to_string (gint32 type)
{
  if (type < 0 || type >= (gint32) G_N_ELEMENTS (port_types))
    return NULL;
  return port_types[type];
}
