/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "oak-error.h"
#include "oak-nop-reader.h"
#include "oak-pipeline-private.h"
#include "oak-text.h"

/* Reads PipelineSchema as libraries v2.14 and newer write it (bootloader.md §8.3): members in
 * declared order, exactly as many as declared, every number of its declared type. Any thread. */

#define MAX_TEXT_LENGTH 200

#define V2_MEMBERS              3
#define V3_MEMBERS              4
#define V2_GLOBALS              10
#define V2_GLOBALS_WITHOUT_SIPP 8 /* before the two buffer sizes were added at the end */
#define V3_GLOBALS              13
#define V2_NODE_MEMBERS         4
#define V3_NODE_MEMBERS         9

typedef struct {
  OakPipeline *pipeline;
  OakNopReader reader;
  gboolean is_v3;
} Decoder;

/* While decoding, ports are counted, not pointed at: the array still moves. */
static void
start (Decoder *decoder, GBytes *section)
{
  OakPipeline *pipeline = decoder->pipeline;
  gsize size = 0;
  const void *data = g_bytes_get_data (section, &size);

  pipeline->section = g_bytes_ref (section);
  pipeline->generation = oak_pipeline_guess_generation (section);
  pipeline->nodes = g_array_new (FALSE, FALSE, sizeof (OakPipelineNode));
  pipeline->ports = g_array_new (FALSE, FALSE, sizeof (OakPipelinePort));
  pipeline->port_keys = g_array_new (FALSE, FALSE, sizeof (OakPortKey));
  pipeline->connections = g_array_new (FALSE, FALSE, sizeof (OakPipelineConnection));
  pipeline->property_ranges = g_array_new (FALSE, FALSE, sizeof (OakPipelineRange));
  pipeline->texts = g_string_chunk_new (4096);
  decoder->is_v3 = pipeline->generation == OAK_PIPELINE_GENERATION_V3;
  oak_nop_reader_init (&decoder->reader, data, size);
}

static const char *
escape (Decoder *decoder, OakRawText text)
{
  g_autofree char *escaped = oak_text_escape (text.data, (gssize) text.size, MAX_TEXT_LENGTH);

  return g_string_chunk_insert_const (decoder->pipeline->texts, escaped);
}

static void
limit (Decoder *decoder, gsize count, gsize max, const char *field)
{
  if (count > max)
    oak_nop_reader_fail (&decoder->reader, field, "these are more than any camera can run");
}

static void
read_connection (Decoder *decoder)
{
  OakNopReader *reader = &decoder->reader;
  OakPipelineConnection connection = { 0 };

  oak_nop_reader_exact_structure (reader, 6, "connection");
  connection.from_node = oak_nop_reader_i64 (reader, "connection node1Id");
  connection.raw_from_group = oak_nop_reader_string (reader, "connection node1OutputGroup");
  connection.raw_from_port = oak_nop_reader_string (reader, "connection node1Output");
  connection.to_node = oak_nop_reader_i64 (reader, "connection node2Id");
  connection.raw_to_group = oak_nop_reader_string (reader, "connection node2InputGroup");
  connection.raw_to_port = oak_nop_reader_string (reader, "connection node2Input");
  connection.from_group = escape (decoder, connection.raw_from_group);
  connection.from_port = escape (decoder, connection.raw_from_port);
  connection.to_group = escape (decoder, connection.raw_to_group);
  connection.to_port = escape (decoder, connection.raw_to_port);
  g_array_append_val (decoder->pipeline->connections, connection);
}

static void
read_connections (Decoder *decoder)
{
  gsize count = oak_nop_reader_array (&decoder->reader, "connections");

  limit (decoder, count, OAK_PIPELINE_MAX_CONNECTIONS, "connections");
  for (gsize i = 0; i < count && !oak_nop_reader_is_failed (&decoder->reader); i++)
    read_connection (decoder);
}

/* Returns: the escaped text, NULL when it is not there; @raw is empty then. */
static const char *
read_optional_text (Decoder *decoder, OakRawText *raw, const char *field)
{
  *raw = (OakRawText){ "", 0 };
  if (oak_nop_reader_take_empty (&decoder->reader))
    return NULL;
  *raw = oak_nop_reader_string (&decoder->reader, field);
  return escape (decoder, *raw);
}

/* Whatever is in it: its members change with the version of the camera's own memory. */
static void
read_calibration_data (Decoder *decoder, OakGlobalProperties *properties)
{
  OakNopReader *reader = &decoder->reader;
  OakNopReader ahead = *reader;

  if (oak_nop_reader_take_empty (reader))
    return;
  properties->has_calibration_data = TRUE;
  oak_nop_reader_structure (&ahead, "calibData");
  if (oak_nop_reader_is_failed (&ahead))
    *reader = ahead;
  oak_nop_reader_skip (reader, "calibData");
}

static void
read_socket_tuning (Decoder *decoder, OakGlobalProperties *properties)
{
  OakNopReader *reader = &decoder->reader;
  OakNopReader ahead = *reader;
  gsize start_offset;

  properties->n_camera_socket_tuning_blobs =
      (guint) oak_nop_reader_map (&ahead, "cameraSocketTuningBlobSize");
  if (oak_nop_reader_is_failed (&ahead))
    *reader = ahead;
  oak_nop_reader_skip (reader, "cameraSocketTuningBlobSize");
  ahead = *reader;
  oak_nop_reader_map (&ahead, "cameraSocketTuningBlobUri");
  if (oak_nop_reader_is_failed (&ahead))
    *reader = ahead;
  start_offset = reader->offset;
  oak_nop_reader_skip (reader, "cameraSocketTuningBlobUri");
  decoder->pipeline->socket_tuning_uris =
      (OakRawText){ (const char *) reader->data + start_offset, reader->offset - start_offset };
}

static gboolean
read_global_count (Decoder *decoder)
{
  OakNopReader *reader = &decoder->reader;
  gsize count = oak_nop_reader_structure (reader, "globalProperties");
  gboolean known = decoder->is_v3 ? count == V3_GLOBALS
                                  : (count == V2_GLOBALS || count == V2_GLOBALS_WITHOUT_SIPP);

  if (!known)
    oak_nop_reader_fail (reader,
                         "globalProperties",
                         "it has another number of members than it must have");
  return count != V2_GLOBALS_WITHOUT_SIPP;
}

static void
read_tuning_blob_size (Decoder *decoder, OakGlobalProperties *properties)
{
  OakPipelineRange range = { .offset = decoder->reader.offset };

  if (oak_nop_reader_take_empty (&decoder->reader))
    return;
  properties->has_camera_tuning_blob_size = TRUE;
  properties->camera_tuning_blob_size =
      oak_nop_reader_u32 (&decoder->reader, "cameraTuningBlobSize");
  range.size = decoder->reader.offset - range.offset;
  decoder->pipeline->tuning_blob_size = range;
}

static void
read_global_properties (Decoder *decoder)
{
  OakNopReader *reader = &decoder->reader;
  OakGlobalProperties *properties = &decoder->pipeline->global_properties;

  properties->has_sipp_buffer_sizes = read_global_count (decoder);
  properties->leon_css_frequency_hz = oak_nop_reader_double (reader, "leonCssFrequencyHz");
  properties->leon_mss_frequency_hz = oak_nop_reader_double (reader, "leonMssFrequencyHz");
  properties->pipeline_name =
      read_optional_text (decoder, &properties->raw_pipeline_name, "pipelineName");
  properties->pipeline_version =
      read_optional_text (decoder, &properties->raw_pipeline_version, "pipelineVersion");
  read_tuning_blob_size (decoder, properties);
  properties->raw_camera_tuning_blob_uri = oak_nop_reader_string (reader, "cameraTuningBlobUri");
  properties->camera_tuning_blob_uri = escape (decoder, properties->raw_camera_tuning_blob_uri);
  if (decoder->is_v3)
    read_socket_tuning (decoder, properties);
  read_calibration_data (decoder, properties);
  if (decoder->is_v3)
    properties->eeprom_id = oak_nop_reader_u32 (reader, "eepromId");
  properties->xlink_chunk_size = oak_nop_reader_i32 (reader, "xlinkChunkSize");
  if (!properties->has_sipp_buffer_sizes)
    return;
  properties->sipp_buffer_size = oak_nop_reader_u32 (reader, "sippBufferSize");
  properties->sipp_dma_buffer_size = oak_nop_reader_u32 (reader, "sippDmaBufferSize");
}

static void
read_port (Decoder *decoder)
{
  OakNopReader *reader = &decoder->reader;
  OakPipelinePort port = { 0 };
  OakPortKey key;

  oak_nop_reader_exact_array (reader, 2, "port key");
  key.group = oak_nop_reader_string (reader, "port key group");
  key.name = oak_nop_reader_string (reader, "port key name");
  oak_nop_reader_exact_structure (reader, 7, "port");
  port.raw_group = oak_nop_reader_string (reader, "port group");
  port.raw_name = oak_nop_reader_string (reader, "port name");
  port.type = oak_nop_reader_i32 (reader, "port type");
  port.blocking = oak_nop_reader_boolean (reader, "port blocking");
  port.queue_size = oak_nop_reader_i32 (reader, "port queueSize");
  port.wait_for_message = oak_nop_reader_boolean (reader, "port waitForMessage");
  port.id = oak_nop_reader_u32 (reader, "port id");
  port.group = escape (decoder, port.raw_group);
  port.name = escape (decoder, port.raw_name);
  g_array_append_val (decoder->pipeline->ports, port);
  g_array_append_val (decoder->pipeline->port_keys, key);
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  const OakPortKey *first = a;
  const OakPortKey *second = b;
  int order = oak_raw_text_compare (first->group, second->group);

  return order != 0 ? order : oak_raw_text_compare (first->name, second->name);
}

static int
compare_ports (gconstpointer a, gconstpointer b)
{
  const OakPipelinePort *first = a;
  const OakPipelinePort *second = b;

  return (first->id > second->id) - (first->id < second->id);
}

static void
sort_ports (Decoder *decoder, guint first)
{
  OakPipeline *pipeline = decoder->pipeline;
  guint count = pipeline->ports->len - first;
  OakPortKey *keys;

  if (count == 0)
    return;
  keys = &g_array_index (pipeline->port_keys, OakPortKey, first);
  qsort (keys, count, sizeof *keys, compare_keys);
  for (guint i = 1; i < count; i++)
    if (compare_keys (&keys[i - 1], &keys[i]) == 0)
      oak_nop_reader_fail (&decoder->reader, "port key", "the same port is there twice");
  qsort (&g_array_index (pipeline->ports, OakPipelinePort, first),
         count,
         sizeof (OakPipelinePort),
         compare_ports);
}

/* Returns: how many. */
static guint
read_ports (Decoder *decoder)
{
  guint first = decoder->pipeline->ports->len;
  gsize count = oak_nop_reader_map (&decoder->reader, "ioInfo");

  limit (decoder, first + count, OAK_PIPELINE_MAX_PORTS, "ioInfo");
  for (gsize i = 0; i < count && !oak_nop_reader_is_failed (&decoder->reader); i++)
    read_port (decoder);
  sort_ports (decoder, first);
  return decoder->pipeline->ports->len - first;
}

static gboolean
has_stream (OakRawText name)
{
  static const char *const names[] = { "XLinkIn", "XLinkOut", "SPIIn", "SPIOut" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (oak_raw_text_equal_string (name, names[i]))
      return TRUE;
  return FALSE;
}

/* It is the one text among the members of all four; where it stands differs. */
static void
find_stream_name (Decoder *decoder, OakPipelineNode *node)
{
  OakNopReader reader;
  gsize count;
  OakRawText found;

  node->raw_stream_name = (OakRawText){ "", 0 };
  if (!has_stream (node->raw_name))
    return;
  oak_nop_reader_init (&reader, node->properties.data, node->properties.size);
  count = oak_nop_reader_structure (&reader, "properties");
  for (gsize i = 0; i < count && !oak_nop_reader_next_is_string (&reader); i++)
    oak_nop_reader_skip (&reader, "properties");
  if (!oak_nop_reader_next_is_string (&reader))
    return;
  found = oak_nop_reader_string (&reader, "streamName");
  if (oak_nop_reader_is_failed (&reader))
    return;
  node->raw_stream_name = found;
  node->stream_name = escape (decoder, found);
}

static gboolean
is_whole_value (OakRawText value)
{
  OakNopReader reader;

  oak_nop_reader_init (&reader, value.data, value.size);
  if (value.size > 0)
    oak_nop_reader_skip (&reader, "properties");
  return !oak_nop_reader_is_failed (&reader) && oak_nop_reader_get_left (&reader) == 0;
}

static void
skip_v3_names (OakNopReader *reader)
{
  oak_nop_reader_string (reader, "node alias");
  oak_nop_reader_string (reader, "node deviceId");
  oak_nop_reader_boolean (reader, "node deviceNode");
}

static OakRawText
read_properties (Decoder *decoder)
{
  OakPipelineRange range = { .offset = decoder->reader.offset };
  OakRawText properties = oak_nop_reader_binary (&decoder->reader, 1, "node properties");

  range.size = decoder->reader.offset - range.offset;
  g_array_append_val (decoder->pipeline->property_ranges, range);
  return properties;
}

static void
read_node (Decoder *decoder)
{
  OakNopReader *reader = &decoder->reader;
  OakPipelineNode node = { 0 };

  node.map_key = oak_nop_reader_i64 (reader, "node key");
  oak_nop_reader_exact_structure (reader,
                                  decoder->is_v3 ? V3_NODE_MEMBERS : V2_NODE_MEMBERS,
                                  "node");
  node.id = oak_nop_reader_i64 (reader, "node id");
  if (decoder->is_v3)
    oak_nop_reader_i64 (reader, "node parentId");
  node.raw_name = oak_nop_reader_string (reader, "node name");
  if (decoder->is_v3)
    skip_v3_names (reader);
  node.properties = read_properties (decoder);
  if (decoder->is_v3)
    oak_nop_reader_i32 (reader, "node logLevel");
  node.n_ports = read_ports (decoder);
  node.name = escape (decoder, node.raw_name);
  node.properties_readable = is_whole_value (node.properties);
  find_stream_name (decoder, &node);
  g_array_append_val (decoder->pipeline->nodes, node);
}

static int
compare_map_keys (gconstpointer a, gconstpointer b)
{
  const OakPipelineNode *const *first = a;
  const OakPipelineNode *const *second = b;

  return ((*first)->map_key > (*second)->map_key) - ((*first)->map_key < (*second)->map_key);
}

/* The original keeps the first of two and never shows the other, which might be one that waits for
 * a host. */
static void
check_unique_nodes (Decoder *decoder)
{
  const GArray *nodes = decoder->pipeline->nodes;
  g_autofree const OakPipelineNode **sorted = g_new (const OakPipelineNode *, nodes->len + 1);

  for (guint i = 0; i < nodes->len; i++)
    sorted[i] = &g_array_index (nodes, OakPipelineNode, i);
  qsort (sorted, nodes->len, sizeof *sorted, compare_map_keys);
  for (guint i = 1; i < nodes->len; i++)
    if (sorted[i - 1]->map_key == sorted[i]->map_key)
      oak_nop_reader_fail (&decoder->reader, "node key", "the same node is there twice");
}

static void
read_nodes (Decoder *decoder)
{
  gsize count = oak_nop_reader_map (&decoder->reader, "nodes");

  limit (decoder, count, OAK_PIPELINE_MAX_NODES, "nodes");
  for (gsize i = 0; i < count && !oak_nop_reader_is_failed (&decoder->reader); i++)
    read_node (decoder);
  check_unique_nodes (decoder);
}

static void
read_bridges (Decoder *decoder)
{
  OakNopReader *reader = &decoder->reader;
  gsize count = oak_nop_reader_array (reader, "bridges");

  for (gsize i = 0; i < count && !oak_nop_reader_is_failed (reader); i++) {
    oak_nop_reader_exact_array (reader, 2, "bridge");
    oak_nop_reader_i64 (reader, "bridge");
    oak_nop_reader_i64 (reader, "bridge");
  }
}

/* An array in which nothing is has no bytes to point at. */
static void
attach_ports (OakPipeline *pipeline)
{
  const OakPipelinePort *next = (const OakPipelinePort *) (void *) pipeline->ports->data;

  for (guint i = 0; i < pipeline->nodes->len; i++) {
    OakPipelineNode *node = &g_array_index (pipeline->nodes, OakPipelineNode, i);

    node->ports = next;
    if (node->n_ports > 0)
      next += node->n_ports;
  }
}

static gboolean
has_port (const OakPipeline *pipeline, gint64 id, OakRawText group, OakRawText name)
{
  const OakPipelineNode *node = oak_pipeline_find_node (pipeline, id);
  OakPortKey wanted = { group, name };
  gsize first;

  if (node == NULL || node->n_ports == 0)
    return FALSE;
  first = (gsize) (node->ports - &g_array_index (pipeline->ports, OakPipelinePort, 0));
  return bsearch (&wanted,
                  &g_array_index (pipeline->port_keys, OakPortKey, first),
                  node->n_ports,
                  sizeof wanted,
                  compare_keys) != NULL;
}

static void
check_connections (OakPipeline *pipeline)
{
  for (guint i = 0; i < pipeline->connections->len; i++) {
    OakPipelineConnection *each = &g_array_index (pipeline->connections, OakPipelineConnection, i);

    each->dangling =
        !has_port (pipeline, each->from_node, each->raw_from_group, each->raw_from_port) ||
        !has_port (pipeline, each->to_node, each->raw_to_group, each->raw_to_port);
  }
}

static void
read_pipeline (Decoder *decoder)
{
  OakPipeline *pipeline = decoder->pipeline;

  if (decoder->reader.size > OAK_PIPELINE_MAX_SIZE)
    oak_nop_reader_fail (&decoder->reader, "pipeline", "it is larger than any known one");
  oak_nop_reader_exact_structure (&decoder->reader,
                                  decoder->is_v3 ? V3_MEMBERS : V2_MEMBERS,
                                  "pipeline");
  read_connections (decoder);
  read_global_properties (decoder);
  read_nodes (decoder);
  if (decoder->is_v3)
    read_bridges (decoder);
  pipeline->n_trailing_bytes = oak_nop_reader_get_left (&decoder->reader);
  if (oak_nop_reader_is_failed (&decoder->reader))
    return;
  attach_ports (pipeline);
  g_array_sort (pipeline->nodes, oak_pipeline_compare_nodes);
  check_connections (pipeline);
}

OakPipeline *
oak_pipeline_decode (GBytes *section, GError **error)
{
  g_autoptr (OakPipeline) self = g_atomic_rc_box_new0 (OakPipeline);
  Decoder decoder = { .pipeline = self };

  g_return_val_if_fail (section != NULL, NULL);

  start (&decoder, section);
  if (self->generation == OAK_PIPELINE_GENERATION_MESSAGE_PACK) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_UNSUPPORTED,
                         "it is in the form of libraries before 2.14, which this program does not "
                         "read");
    return NULL;
  }
  read_pipeline (&decoder);
  if (!oak_nop_reader_finish (&decoder.reader, error))
    return NULL;
  return g_steal_pointer (&self);
}
