/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-nop-reader.h"
#include "oak-nop-writer.h"
#include "oak-pipeline-private.h"

/* Corrects the one thing a pipeline knows of an asset besides its name: its size, which networks
 * and camera tuning carry along. Structures are counted in members, not bytes, so nothing around
 * the changed place moves. Any thread. */

static gboolean
is_asset_uri (OakRawText uri, OakRawText key)
{
  static const char scheme[] = "asset:";

  if (!oak_raw_text_has_prefix (uri, scheme))
    return FALSE;
  uri.data += sizeof scheme - 1;
  uri.size -= sizeof scheme - 1;
  return oak_raw_text_equal (uri, key);
}

static GBytes *
splice (const OakPipeline *self, OakPipelineRange range, const GByteArray *replacement)
{
  GByteArray *result = g_byte_array_new ();
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (self->section, &size);
  gsize end = range.offset + range.size;

  g_byte_array_append (result, data, (guint) range.offset);
  g_byte_array_append (result, replacement->data, replacement->len);
  g_byte_array_append (result, data + end, (guint) (size - end));
  return g_byte_array_free_to_bytes (result);
}

static GBytes *
resize_tuning (const OakPipeline *self, OakRawText key, guint32 old_size, guint32 new_size)
{
  const OakGlobalProperties *global = &self->global_properties;
  g_autoptr (GByteArray) number = g_byte_array_new ();

  if (!is_asset_uri (global->raw_camera_tuning_blob_uri, key) ||
      !global->has_camera_tuning_blob_size || global->camera_tuning_blob_size != old_size)
    return NULL;
  oak_nop_write_unsigned (number, new_size);
  return splice (self, self->tuning_blob_size, number);
}

/* The properties of every network begin with size and name of its asset. Returns: the bytes behind
 * the size, empty when these are no such properties. */
static OakRawText
split_network (OakRawText properties, OakRawText key, guint32 old_size, gsize *n_members)
{
  OakNopReader reader;
  OakRawText rest = { "", 0 };
  guint32 size;

  oak_nop_reader_init (&reader, properties.data, properties.size);
  *n_members = oak_nop_reader_structure (&reader, "properties");
  size = oak_nop_reader_u32 (&reader, "blobSize");
  if (oak_nop_reader_is_failed (&reader) || size != old_size)
    return rest;
  rest.data = properties.data + reader.offset;
  rest.size = properties.size - reader.offset;
  if (is_asset_uri (oak_nop_reader_string (&reader, "blobUri"), key))
    return rest;
  return (OakRawText){ "", 0 };
}

static gboolean
find_range (const OakPipeline *self, const OakPipelineNode *node, OakPipelineRange *range)
{
  const char *start = g_bytes_get_data (self->section, NULL);

  for (guint i = 0; i < self->property_ranges->len; i++) {
    const OakPipelineRange *each = &g_array_index (self->property_ranges, OakPipelineRange, i);

    if (start + each->offset + each->size == node->properties.data + node->properties.size) {
      *range = *each;
      return TRUE;
    }
  }
  return FALSE;
}

static GBytes *
resize_network (const OakPipeline *self,
                const OakPipelineNode *node,
                OakRawText key,
                guint32 old_size,
                guint32 new_size)
{
  g_autoptr (GByteArray) properties = g_byte_array_new ();
  g_autoptr (GByteArray) value = g_byte_array_new ();
  OakPipelineRange range;
  gsize n_members;
  OakRawText rest = split_network (node->properties, key, old_size, &n_members);

  if (rest.size == 0 || !find_range (self, node, &range))
    return NULL;
  oak_nop_write_structure (properties, n_members);
  oak_nop_write_unsigned (properties, new_size);
  g_byte_array_append (properties, (const guint8 *) rest.data, (guint) rest.size);
  oak_nop_write_binary (value, properties->data, properties->len);
  return splice (self, range, value);
}

GBytes *
oak_pipeline_resize_asset (const OakPipeline *self,
                           const OakPipelineNode *node,
                           OakRawText key,
                           guint32 old_size,
                           guint32 new_size)
{
  if (node == NULL)
    return resize_tuning (self, key, old_size, new_size);
  return resize_network (self, node, key, old_size, new_size);
}
