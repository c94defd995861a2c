/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-pipeline.h"

G_BEGIN_DECLS

/* Between the decoder and the questions. */

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
  OakRawText socket_tuning_uris; /* v3: the whole value, libnop */
  GArray *nodes;                 /* of OakPipelineNode */
  GArray *ports;                 /* of OakPipelinePort; those of one node lie together */
  GArray *port_keys;             /* of OakPortKey: of the same nodes, sorted by key */
  GArray *connections;           /* of OakPipelineConnection */
  GStringChunk *texts;           /* everything escaped */
};

int
oak_pipeline_compare_nodes (gconstpointer a, gconstpointer b);

G_END_DECLS
