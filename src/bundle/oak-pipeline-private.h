/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-pipeline.h"

G_BEGIN_DECLS

/* Between the decoder and the questions. */

/* A range of the section. */
typedef struct {
  gsize offset;
  gsize size;
} OakPipelineRange;

/* The name under which a node files a port. */
typedef struct {
  OakRawText group;
  OakRawText name;
} OakPortKey;

struct _OakPipeline {
  GBytes *section; /* all raw texts point into it */
  OakPipelineGeneration generation;
  gsize n_trailing_bytes;
  OakGlobalProperties global_properties;
  OakRawText socket_tuning_uris;     /* v3: the whole value, libnop */
  OakPipelineRange tuning_blob_size; /* the number with its prefix; empty when it is not there */
  GArray *nodes;                     /* of OakPipelineNode */
  GArray *ports;                     /* of OakPipelinePort; those of one node lie together */
  GArray *port_keys;                 /* of OakPortKey: of the same nodes, sorted by key */
  GArray *property_ranges; /* of OakPipelineRange: of the nodes in the order of the file, the
                              whole value with prefix and size */
  GArray *connections;     /* of OakPipelineConnection */
  GStringChunk *texts;     /* everything escaped */
};

/* Returns: (transfer full): a section like that of @self, but for the sizes of assets that nodes or
 * the pipeline itself know: where one of them names asset @key and @old_size, it names @new_size.
 * @node is NULL for the pipeline itself. Returns NULL when it is not known how the size is written
 * down. */
GBytes *
oak_pipeline_resize_asset (const OakPipeline *self,
                           const OakPipelineNode *node,
                           OakRawText key,
                           guint32 old_size,
                           guint32 new_size);

int
oak_pipeline_compare_nodes (gconstpointer a, gconstpointer b);

G_END_DECLS
