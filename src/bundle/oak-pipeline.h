/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-raw-text.h"

G_BEGIN_DECLS

/**
 * OakPipeline:
 *
 * What a package's section `pipeline` says: nodes, their ports, the connections between them and
 * the global settings (bootloader.md §8.3). Knows nothing of files, assets or cameras. Immutable,
 * atomically reference-counted, any thread.
 */
typedef struct _OakPipeline OakPipeline;

/* Far beyond anything a camera can run; what claims more is refused, so that memory stays bounded
 * whatever a file says. */
#define OAK_PIPELINE_MAX_SIZE        (8u * 1024u * 1024u)
#define OAK_PIPELINE_MAX_NODES       4096u
#define OAK_PIPELINE_MAX_PORTS       8192u /* of all nodes together */
#define OAK_PIPELINE_MAX_CONNECTIONS 8192u

typedef enum {
  OAK_PIPELINE_GENERATION_UNKNOWN,
  OAK_PIPELINE_GENERATION_MESSAGE_PACK, /* libraries up to v2.13: recognised, never read */
  OAK_PIPELINE_GENERATION_V2,
  OAK_PIPELINE_GENERATION_V3,
} OakPipelineGeneration;

/* The names are the wire's; any other number is kept. */
typedef enum {
  OAK_PORT_TYPE_M_SENDER = 0,
  OAK_PORT_TYPE_S_SENDER = 1,
  OAK_PORT_TYPE_M_RECEIVER = 2,
  OAK_PORT_TYPE_S_RECEIVER = 3,
} OakPortType;

/* Every text comes twice: escaped and cut, fit to be shown, and (raw_) as its bytes. All of it
 * belongs to the pipeline. */
typedef struct {
  guint32 id;
  gint32 type; /* OakPortType, or a number nobody knows */
  gint32 queue_size;
  gboolean blocking;
  gboolean wait_for_message;
  const char *group; /* "" for a port that belongs to none */
  const char *name;
  OakRawText raw_group;
  OakRawText raw_name;
} OakPipelinePort;

typedef struct {
  gint64 id;
  gint64 map_key; /* under which it is filed; the same as @id in every package seen */
  const char *name;
  OakRawText raw_name;
  OakRawText properties;        /* libnop again, of a structure per kind of node */
  gboolean properties_readable; /* they are one whole value from the first byte to the last */
  const char *stream_name;    /* (nullable): of XLinkIn, XLinkOut, SPIIn and SPIOut, if readable */
  OakRawText raw_stream_name; /* empty when @stream_name is NULL */
  const OakPipelinePort *ports; /* sorted by id */
  guint n_ports;
} OakPipelineNode;

typedef struct {
  gint64 from_node;
  gint64 to_node;
  const char *from_group;
  const char *from_port;
  const char *to_group;
  const char *to_port;
  OakRawText raw_from_group;
  OakRawText raw_from_port;
  OakRawText raw_to_group;
  OakRawText raw_to_port;
  gboolean dangling; /* one of its ends is at no port of no node of this pipeline */
} OakPipelineConnection;

/* An optional that is not set has a NULL text or a FALSE has_. */
typedef struct {
  double leon_css_frequency_hz;
  double leon_mss_frequency_hz;
  const char *pipeline_name;    /* (nullable) */
  const char *pipeline_version; /* (nullable) */
  OakRawText raw_pipeline_name;
  OakRawText raw_pipeline_version;
  gboolean has_camera_tuning_blob_size;
  guint32 camera_tuning_blob_size;
  const char *camera_tuning_blob_uri;
  OakRawText raw_camera_tuning_blob_uri;
  guint n_camera_socket_tuning_blobs; /* v3 only: tuning for single cameras */
  gboolean has_calibration_data;
  guint32 eeprom_id; /* v3 only */
  gint32 xlink_chunk_size;
  gboolean has_sipp_buffer_sizes; /* FALSE for v2 libraries that did not know them yet */
  guint32 sipp_buffer_size;
  guint32 sipp_dma_buffer_size;
} OakGlobalProperties;

/* Looks at the first byte only. */
OakPipelineGeneration
oak_pipeline_guess_generation (GBytes *section);

/* Returns: (transfer full): NULL with OAK_ERROR_BAD_FILE, the message says which field at which
 * byte of the section; with OAK_ERROR_UNSUPPORTED for the MessagePack form. */
OakPipeline *
oak_pipeline_decode (GBytes *section, GError **error);
OakPipeline *
oak_pipeline_ref (OakPipeline *self);
void
oak_pipeline_unref (OakPipeline *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakPipeline, oak_pipeline_unref)

OakPipelineGeneration
oak_pipeline_get_generation (const OakPipeline *self); /* V2 or V3 */
/* Bytes behind the last value, which every reader ignores; 0 in a whole package. */
gsize
oak_pipeline_get_n_trailing_bytes (const OakPipeline *self);
const OakGlobalProperties *
oak_pipeline_get_global_properties (const OakPipeline *self);

guint
oak_pipeline_get_n_nodes (const OakPipeline *self);
/* Sorted by id. Returns: (transfer none). */
const OakPipelineNode *
oak_pipeline_get_node (const OakPipeline *self, guint index);
/* Returns: (transfer none) (nullable): the node of that id. */
const OakPipelineNode *
oak_pipeline_find_node (const OakPipeline *self, gint64 id);

guint
oak_pipeline_get_n_connections (const OakPipeline *self);
/* In the order of the file. Returns: (transfer none). */
const OakPipelineConnection *
oak_pipeline_get_connection (const OakPipeline *self, guint index);

/* TRUE when a node of exactly that name exists ("XLinkIn"). */
gboolean
oak_pipeline_has_node_named (const OakPipeline *self, const char *name);
/* TRUE for XLinkIn and XLinkOut: a node that exchanges messages with a host. */
gboolean
oak_pipeline_node_needs_host (const OakPipelineNode *node);

/* Calls @callback with the key of every text `asset:KEY` in the properties of @node, or, with a
 * NULL @node, in the global ones. */
typedef void (*OakPipelineAssetFunc) (OakRawText key, gpointer user_data);
void
oak_pipeline_for_each_asset_key (const OakPipeline *self,
                                 const OakPipelineNode *node,
                                 OakPipelineAssetFunc callback,
                                 gpointer user_data);

/* Returns: (transfer none): "v2", "v3", "messagepack", "unknown"; "MSender" ..., or NULL for a
 * number nobody knows. */
const char *
oak_pipeline_generation_to_string (OakPipelineGeneration generation);
const char *
oak_port_type_to_string (gint32 type);

G_END_DECLS
