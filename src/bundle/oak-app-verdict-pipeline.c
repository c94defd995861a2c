/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>

#include <glib/gi18n-lib.h>

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-app-verdict-private.h"
#include "oak-asset-map.h"
#include "oak-text.h"

/* What can be said against a pipeline and its assets, and in which words. Names from the file come
 * escaped from below. Pure functions, any thread. */

#define MAX_KEY_LENGTH 120

static OakAppPackage *
get_package (const OakAppVerdict *self)
{
  return oak_app_contents_get_package (self->contents);
}

static void
add_host_stream (OakAppVerdict *self, const OakPipelineNode *node)
{
  OakHostStream stream = { node->id, node->name, node->stream_name };
  const char *name = node->stream_name != NULL ? node->stream_name : "?";

  g_array_append_val (self->host_streams, stream);
  if (self->allow_host_streams)
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "host-stream-allowed",
                         N_ ("The application exchanges the stream “%s” with a host (%s, node "
                             "%" PRId64 "). Without a computer at the other end it may "
                             "stand still; you have allowed that."),
                         name,
                         node->name,
                         node->id);
  else
    oak_app_verdict_add (self,
                         OAK_FINDING_ERROR,
                         "host-stream",
                         N_ ("The application exchanges the stream “%s” with a host (%s, node "
                             "%" PRId64 "). A camera on its own has none, and would wait "
                             "for it. Take that node out of the pipeline, let a Script node send "
                             "the data instead, and build the package again."),
                         name,
                         node->name,
                         node->id);
}

static void
look_at_uvc (OakAppVerdict *self, const OakPipelineNode *node)
{
  if (!oak_raw_text_equal_string (node->raw_name, "UVC"))
    return;
  if (self->target.bootloader_type == OAK_BOOTLOADER_TYPE_NETWORK)
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "uvc-network",
                         N_ ("The application shows itself as a USB webcam (UVC, node "
                             "%" PRId64 "), and this camera is connected by network: "
                             "nobody would see the picture. Choose a USB camera or another "
                             "application."),
                         node->id);
  else
    oak_app_verdict_add (self,
                         OAK_FINDING_NOTE,
                         "uvc",
                         N_ ("The application shows itself as a USB webcam (UVC, node "
                             "%" PRId64 "); it is of use only on a camera with USB."),
                         node->id);
}

static void
look_at_node (OakAppVerdict *self, const OakPipelineNode *node)
{
  if (oak_pipeline_node_needs_host (node))
    add_host_stream (self, node);
  look_at_uvc (self, node);
  if (node->id != node->map_key)
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "node-id-mismatch",
                         N_ ("%s is filed as node %" PRId64 " but calls itself %" PRId64
                             ". No known library writes that; build the package again."),
                         node->name,
                         node->map_key,
                         node->id);
  if (!node->properties_readable)
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "properties-unreadable",
                         N_ ("The settings of %s (node %" PRId64
                             ") cannot be read, perhaps not by the camera either. Build the "
                             "package again if the application does not start."),
                         node->name,
                         node->id);
}

static char *
describe_port (gint64 node, const char *group, const char *port)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%s%s%s", node, group, *group ? "/" : "", port);
}

static void
look_at_connection (OakAppVerdict *self, const OakPipelineConnection *connection)
{
  g_autofree char *from =
      describe_port (connection->from_node, connection->from_group, connection->from_port);
  g_autofree char *to =
      describe_port (connection->to_node, connection->to_group, connection->to_port);

  if (connection->dangling)
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "dangling-connection",
                         N_ ("The connection from %s to %s ends at a port that is not there. The "
                             "camera may refuse the pipeline: build the package again."),
                         from,
                         to);
}

static void
look_at_generation (OakAppVerdict *self)
{
  if (oak_app_contents_get_generation (self->contents) == OAK_PIPELINE_GENERATION_V3)
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "generation-v3",
                         N_ ("The package was made with version 3 of the library, and flashing "
                             "standalone applications is proven for version 2 only. Try it on one "
                             "camera first."));
}

static void
look_at_unread_pipeline (OakAppVerdict *self, const char *reason)
{
  OakAppSection section;

  if (oak_app_contents_get_generation (self->contents) == OAK_PIPELINE_GENERATION_MESSAGE_PACK)
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "messagepack",
                         N_ ("The package was made with a library before 2.14, in a form that this "
                             "program does not read: whether the application waits for a host is "
                             "not known. Make sure that it does not, or build it again with a "
                             "newer library."));
  else if (oak_app_contents_is_unknown_form (self->contents))
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "pipeline-unknown-form",
                         /* Translators: %s is a technical detail in English. */
                         N_ ("The pipeline is in a form that this program does not know (%s): "
                             "whether the application waits for a host is not known. Make sure "
                             "that it does not."),
                         reason);
  else if (oak_app_package_find_section (get_package (self), "pipeline", &section))
    oak_app_verdict_add (self,
                         OAK_FINDING_ERROR,
                         "pipeline-unreadable",
                         /* Translators: %s is a technical detail in English. */
                         N_ ("The pipeline cannot be read: %s. Copy, download or build the package "
                             "again."),
                         reason);
}

static void
look_at_readable_pipeline (OakAppVerdict *self, OakPipeline *pipeline)
{
  gsize n_trailing = oak_pipeline_get_n_trailing_bytes (pipeline);

  for (guint i = 0; i < oak_pipeline_get_n_nodes (pipeline); i++)
    look_at_node (self, oak_pipeline_get_node (pipeline, i));
  for (guint i = 0; i < oak_pipeline_get_n_connections (pipeline); i++)
    look_at_connection (self, oak_pipeline_get_connection (pipeline, i));
  if (oak_pipeline_get_n_nodes (pipeline) == 0)
    oak_app_verdict_add (self,
                         OAK_FINDING_NOTE,
                         "no-nodes",
                         N_ ("The pipeline has no nodes: the application will start and do "
                             "nothing."));
  if (n_trailing > 0)
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "trailing-bytes",
                         N_ ("Behind the pipeline lie %zu bytes that nobody reads. Find out who "
                             "changed the package."),
                         n_trailing);
}

void
oak_app_verdict_look_at_pipeline (OakAppVerdict *self)
{
  const char *reason = NULL;
  OakPipeline *pipeline = oak_app_contents_get_pipeline (self->contents, &reason);

  if (oak_app_package_get_n_sections (get_package (self)) == 0)
    return;
  look_at_generation (self);
  if (pipeline != NULL)
    look_at_readable_pipeline (self, pipeline);
  else
    look_at_unread_pipeline (self, reason);
}

typedef struct {
  OakAppVerdict *verdict;
  const OakPipelineNode *node; /* NULL: the pipeline itself */
  GString *name;               /* (unowned): "/node/2/" or "/pipeline/", and room for a key */
  gsize place_size;            /* of it without the key */
} AssetCheck;

static void
add_missing_asset (const AssetCheck *check, OakRawText key)
{
  g_autofree char *shown = oak_text_escape (key.data, (gssize) key.size, MAX_KEY_LENGTH);

  if (check->node != NULL)
    oak_app_verdict_add (check->verdict,
                         OAK_FINDING_WARNING,
                         "asset-missing",
                         N_ ("%s (node %" PRId64 ") needs the asset “%s”, which is not in "
                             "the package. The application may not start: build the package "
                             "again."),
                         check->node->name,
                         check->node->id,
                         shown);
  else
    oak_app_verdict_add (check->verdict,
                         OAK_FINDING_WARNING,
                         "asset-missing",
                         N_ ("The pipeline needs the asset “%s”, which is not in the package. The "
                             "application may not start: build the package again."),
                         shown);
}

/* A hostile pipeline has a million of these, so nothing is allocated for one that is found, or that
 * nobody would get to read about. */
static void
check_asset_key (OakRawText key, gpointer user_data)
{
  const AssetCheck *check = user_data;
  OakAssetMap *assets = oak_app_contents_get_assets (check->verdict->contents, NULL);

  g_string_truncate (check->name, check->place_size);
  g_string_append_len (check->name, key.data, (gssize) key.size);
  if (oak_asset_map_find (assets, (OakRawText){ check->name->str, check->name->len }) != NULL)
    return;
  if (oak_app_verdict_is_full (check->verdict, "asset-missing"))
    oak_app_verdict_count (check->verdict, "asset-missing");
  else
    add_missing_asset (check, key);
}

static void
check_references_of (AssetCheck *check, const OakPipeline *pipeline, const OakPipelineNode *node)
{
  check->node = node;
  if (node == NULL)
    g_string_assign (check->name, "/pipeline/");
  else
    g_string_printf (check->name, "/node/%" PRId64 "/", node->id);
  check->place_size = check->name->len;
  oak_pipeline_for_each_asset_key (pipeline, node, check_asset_key, check);
}

static void
check_references (OakAppVerdict *self)
{
  OakPipeline *pipeline = oak_app_contents_get_pipeline (self->contents, NULL);
  g_autoptr (GString) name = g_string_new (NULL);
  AssetCheck check = { .verdict = self, .name = name };

  if (pipeline == NULL)
    return;
  check_references_of (&check, pipeline, NULL);
  for (guint i = 0; i < oak_pipeline_get_n_nodes (pipeline); i++)
    check_references_of (&check, pipeline, oak_pipeline_get_node (pipeline, i));
}

static void
look_at_asset (OakAppVerdict *self, const OakAsset *asset)
{
  if (asset->outside)
    oak_app_verdict_add (self,
                         OAK_FINDING_ERROR,
                         "asset-outside",
                         N_ ("The package is damaged: asset “%s” (%u bytes at %u) reaches beyond "
                             "the place where assets are kept. Copy, download or build the package "
                             "again."),
                         asset->name,
                         asset->size,
                         asset->offset);
}

static void
look_at_readable_assets (OakAppVerdict *self, OakAssetMap *assets)
{
  gsize n_trailing = oak_asset_map_get_n_trailing_bytes (assets);

  for (guint i = 0; i < oak_asset_map_get_n_assets (assets); i++)
    look_at_asset (self, oak_asset_map_get_asset (assets, i));
  if (n_trailing > 0)
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "trailing-bytes",
                         N_ ("Behind the list of assets lie %zu bytes that nobody reads. Find out "
                             "who changed the package."),
                         n_trailing);
  check_references (self);
}

static void
look_at_missing_assets (OakAppVerdict *self)
{
  if (oak_app_package_get_n_sections (get_package (self)) > 0)
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "no-assets",
                         N_ ("The package has no list of assets, as every known library writes it. "
                             "The application may not start: build the package again."));
}

void
oak_app_verdict_look_at_assets (OakAppVerdict *self)
{
  const char *reason = NULL;
  OakAssetMap *assets = oak_app_contents_get_assets (self->contents, &reason);
  OakAppSection section;

  if (assets != NULL) {
    look_at_readable_assets (self, assets);
    return;
  }
  if (oak_app_contents_is_unknown_form (self->contents))
    return;
  if (!oak_app_package_find_section (get_package (self), "assets", &section)) {
    look_at_missing_assets (self);
    return;
  }
  oak_app_verdict_add (self,
                       OAK_FINDING_ERROR,
                       "assets-unreadable",
                       /* Translators: %s is a technical detail in English. */
                       N_ ("The list of assets cannot be read: %s. Copy, download or build the "
                           "package again."),
                       reason);
}
