/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include <json-glib/json-glib.h>

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-app-verdict-private.h"
#include "oak-asset-map.h"
#include "oak-inflate.h"
#include "oak-sbr.h"

/* A verdict and all it was drawn from, for machines. The words of the members are fixed: others
 * read them. What JSON cannot hold as text, NUL and what is no UTF-8, stands as hexadecimal in a
 * member of its own. Any thread. */

static const char *const compressions[] = { "none", "zlib", "gzip", "xz" };

#define COMPRESSION_SHIFT 2

static char *
make_hex (OakRawText text)
{
  GString *hex = g_string_sized_new (2 * text.size + 1);

  for (gsize i = 0; i < text.size; i++)
    g_string_append_printf (hex, "%02x", (guint8) text.data[i]);
  return g_string_free (hex, FALSE);
}

static void
set_text (JsonObject *object, const char *member, OakRawText text)
{
  g_autofree char *hex_member = g_strconcat (member, "Hex", NULL);
  g_autofree char *copy = NULL;

  if (oak_raw_text_is_plain (text)) {
    copy = g_strndup (text.data, text.size);
    json_object_set_string_member (object, member, copy);
    return;
  }
  copy = make_hex (text);
  json_object_set_null_member (object, member);
  json_object_set_string_member (object, hex_member, copy);
}

/* JSON has no word for what is not finite. */
static void
set_double (JsonObject *object, const char *member, double value)
{
  if (isfinite (value))
    json_object_set_double_member (object, member, value);
  else
    json_object_set_null_member (object, member);
}

static void
set_optional_int (JsonObject *object, const char *member, gboolean known, gint64 value)
{
  if (known)
    json_object_set_int_member (object, member, value);
  else
    json_object_set_null_member (object, member);
}

static void
set_optional_boolean (JsonObject *object, const char *member, gboolean known, gboolean value)
{
  if (known)
    json_object_set_boolean_member (object, member, value);
  else
    json_object_set_null_member (object, member);
}

static void
set_optional_text (JsonObject *object, const char *member, gboolean known, OakRawText text)
{
  if (known)
    set_text (object, member, text);
  else
    json_object_set_null_member (object, member);
}

static void
set_array (JsonObject *object, const char *member, JsonArray *array)
{
  if (array != NULL)
    json_object_set_array_member (object, member, array);
  else
    json_object_set_null_member (object, member);
}

static void
set_count (JsonObject *object, const char *member, JsonArray *array)
{
  set_optional_int (object,
                    member,
                    array != NULL,
                    array == NULL ? 0 : json_array_get_length (array));
}

static JsonArray *
describe_findings (const OakAppVerdict *self)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < oak_app_verdict_get_n_findings (self); i++) {
    const OakFinding *finding = oak_app_verdict_get_finding (self, i);
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object,
                                   "severity",
                                   oak_finding_severity_to_string (finding->severity));
    json_object_set_string_member (object, "code", finding->code);
    json_object_set_string_member (object, "text", finding->text);
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonArray *
describe_host_streams (const OakAppVerdict *self, const OakPipeline *pipeline)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; pipeline != NULL && i < oak_pipeline_get_n_nodes (pipeline); i++) {
    const OakPipelineNode *node = oak_pipeline_get_node (pipeline, i);
    JsonObject *object;

    if (!oak_pipeline_node_needs_host (node))
      continue;
    object = json_object_new ();
    json_object_set_int_member (object, "node", node->id);
    set_text (object, "name", node->raw_name);
    set_optional_text (object, "stream", node->stream_name != NULL, node->raw_stream_name);
    json_array_add_object_element (array, object);
  }
  return array;
}

static const char *
get_compression (const OakAppSection *section)
{
  guint compression = (section->flags & OAK_SBR_FLAG_COMPRESSION_MASK) >> COMPRESSION_SHIFT;

  return compression < G_N_ELEMENTS (compressions) ? compressions[compression] : "unknown";
}

/* No more bytes altogether than the file has: a damaged table can name all of it many times. */
static void
set_sha256 (JsonObject *object, GBytes *bytes, gsize *n_left)
{
  g_autofree char *sha256 = NULL;

  if (bytes != NULL && g_bytes_get_size (bytes) <= *n_left) {
    sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
    *n_left -= g_bytes_get_size (bytes);
  }
  if (sha256 != NULL)
    json_object_set_string_member (object, "sha256", sha256);
  else
    json_object_set_null_member (object, "sha256");
}

static JsonObject *
describe_section (const OakAppPackage *package, guint index, gsize *n_left)
{
  JsonObject *object = json_object_new ();
  g_autoptr (GBytes) bytes = oak_app_package_dup_section_bytes (package, index);
  OakAppSection section;

  oak_app_package_get_section (package, index, &section);
  json_object_set_int_member (object, "slot", section.slot);
  set_text (object, "name", oak_raw_text (section.name));
  json_object_set_int_member (object, "size", section.size);
  json_object_set_int_member (object, "offset", section.offset);
  json_object_set_int_member (object, "checksum", section.checksum);
  json_object_set_int_member (object, "type", section.type);
  json_object_set_int_member (object, "flags", section.flags);
  json_object_set_boolean_member (object, "bootable", (section.flags & OAK_SBR_FLAG_BOOTABLE) != 0);
  json_object_set_boolean_member (object,
                                  "ignoreChecksum",
                                  (section.flags & OAK_SBR_FLAG_IGNORE_CHECKSUM) != 0);
  json_object_set_string_member (object, "compression", get_compression (&section));
  set_sha256 (object, bytes, n_left);
  return object;
}

static JsonArray *
describe_sections (const OakAppPackage *package)
{
  JsonArray *array = json_array_new ();
  gsize n_left = oak_app_package_get_size (package);

  for (guint i = 0; i < oak_app_package_get_n_sections (package); i++)
    json_array_add_object_element (array, describe_section (package, i, &n_left));
  return array;
}

static void
set_section_text (JsonObject *object,
                  const char *member,
                  const OakAppPackage *package,
                  const char *section)
{
  g_autoptr (GBytes) bytes = oak_app_package_dup_named_bytes (package, section);
  OakRawText text = { "", 0 };

  if (bytes != NULL && g_bytes_get_size (bytes) > 0)
    text.data = g_bytes_get_data (bytes, &text.size);
  set_optional_text (object,
                     member,
                     bytes != NULL && text.size <= OAK_APP_PACKAGE_MAX_TEXT_SIZE,
                     text);
}

static JsonArray *
describe_ports (const OakPipelineNode *node)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < node->n_ports; i++) {
    const OakPipelinePort *port = &node->ports[i];
    const char *type = oak_port_type_to_string (port->type);
    JsonObject *object = json_object_new ();

    json_object_set_int_member (object, "id", port->id);
    set_text (object, "group", port->raw_group);
    set_text (object, "name", port->raw_name);
    if (type != NULL)
      json_object_set_string_member (object, "type", type);
    else
      json_object_set_int_member (object, "type", port->type);
    json_object_set_boolean_member (object, "blocking", port->blocking);
    json_object_set_int_member (object, "queueSize", port->queue_size);
    json_object_set_boolean_member (object, "waitForMessage", port->wait_for_message);
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonArray *
describe_nodes (const OakPipeline *pipeline)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < oak_pipeline_get_n_nodes (pipeline); i++) {
    const OakPipelineNode *node = oak_pipeline_get_node (pipeline, i);
    JsonObject *object = json_object_new ();

    json_object_set_int_member (object, "id", node->id);
    set_text (object, "name", node->raw_name);
    json_object_set_int_member (object, "propertiesSize", (gint64) node->properties.size);
    json_object_set_array_member (object, "io", describe_ports (node));
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonArray *
describe_connections (const OakPipeline *pipeline)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < oak_pipeline_get_n_connections (pipeline); i++) {
    const OakPipelineConnection *connection = oak_pipeline_get_connection (pipeline, i);
    JsonObject *object = json_object_new ();

    json_object_set_int_member (object, "fromNode", connection->from_node);
    set_text (object, "fromGroup", connection->raw_from_group);
    set_text (object, "fromPort", connection->raw_from_port);
    json_object_set_int_member (object, "toNode", connection->to_node);
    set_text (object, "toGroup", connection->raw_to_group);
    set_text (object, "toPort", connection->raw_to_port);
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonObject *
describe_global_properties (const OakPipeline *pipeline)
{
  const OakGlobalProperties *global = oak_pipeline_get_global_properties (pipeline);
  JsonObject *object = json_object_new ();

  set_double (object, "leonCssFrequencyHz", global->leon_css_frequency_hz);
  set_double (object, "leonMssFrequencyHz", global->leon_mss_frequency_hz);
  set_optional_text (object,
                     "pipelineName",
                     global->pipeline_name != NULL,
                     global->raw_pipeline_name);
  set_optional_text (object,
                     "pipelineVersion",
                     global->pipeline_version != NULL,
                     global->raw_pipeline_version);
  set_optional_int (object,
                    "cameraTuningBlobSize",
                    global->has_camera_tuning_blob_size,
                    global->camera_tuning_blob_size);
  set_text (object, "cameraTuningBlobUri", global->raw_camera_tuning_blob_uri);
  json_object_set_string_member (object,
                                 "calibData",
                                 global->has_calibration_data ? "present" : "absent");
  json_object_set_int_member (object, "xlinkChunkSize", global->xlink_chunk_size);
  set_optional_int (object,
                    "sippBufferSize",
                    global->has_sipp_buffer_sizes,
                    global->sipp_buffer_size);
  set_optional_int (object,
                    "sippDmaBufferSize",
                    global->has_sipp_buffer_sizes,
                    global->sipp_dma_buffer_size);
  if (oak_pipeline_get_generation (pipeline) == OAK_PIPELINE_GENERATION_V3) {
    json_object_set_int_member (object,
                                "cameraSocketTuningBlobCount",
                                global->n_camera_socket_tuning_blobs);
    json_object_set_int_member (object, "eepromId", global->eeprom_id);
  }
  return object;
}

static JsonArray *
describe_assets (const OakAssetMap *assets)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < oak_asset_map_get_n_assets (assets); i++) {
    const OakAsset *asset = oak_asset_map_get_asset (assets, i);
    JsonObject *object = json_object_new ();

    set_text (object, "name", asset->raw_name);
    json_object_set_int_member (object, "offset", asset->offset);
    json_object_set_int_member (object, "size", asset->size);
    json_object_set_int_member (object, "alignment", asset->alignment);
    json_array_add_object_element (array, object);
  }
  return array;
}

static void
set_verdict (JsonObject *object, const OakAppVerdict *self, const OakPipeline *pipeline)
{
  gboolean standalone_ok = FALSE;
  gboolean known = oak_app_verdict_get_standalone (self, &standalone_ok);

  json_object_set_string_member (object,
                                 "verdict",
                                 oak_app_result_to_string (oak_app_verdict_get_result (self)));
  json_object_set_array_member (object, "findings", describe_findings (self));
  set_optional_boolean (object, "standaloneOk", known, standalone_ok);
  json_object_set_array_member (object, "hostStreams", describe_host_streams (self, pipeline));
}

static void
set_package (JsonObject *object, const OakAppVerdict *self)
{
  const OakAppPackage *package = oak_app_contents_get_package (self->contents);
  const OakFirmwareFacts *firmware = oak_app_contents_get_firmware (self->contents);
  gboolean has_firmware = firmware->state != OAK_FIRMWARE_ABSENT;

  json_object_set_string_member (object, "file", oak_app_package_get_file_name (package));
  json_object_set_int_member (object, "size", (gint64) oak_app_package_get_size (package));
  json_object_set_string_member (
      object,
      "generation",
      oak_pipeline_generation_to_string (oak_app_contents_get_generation (self->contents)));
  json_object_set_array_member (object, "sections", describe_sections (package));
  set_section_text (object, "applicationName", package, "app_name");
  set_section_text (object, "firmwareVersion", package, "__fw_version");
  set_optional_int (object,
                    "firmwareInflatedSize",
                    firmware->state == OAK_FIRMWARE_READABLE,
                    (gint64) firmware->inflated_size);
  set_optional_boolean (object, "compress", has_firmware, firmware->compressed);
  set_optional_boolean (object,
                        "checkChecksum",
                        has_firmware,
                        oak_app_package_is_checked_at_boot (package));
}

static void
set_pipeline (JsonObject *object, const OakPipeline *pipeline)
{
  JsonArray *nodes = pipeline == NULL ? NULL : describe_nodes (pipeline);
  JsonArray *connections = pipeline == NULL ? NULL : describe_connections (pipeline);

  set_count (object, "nodeCount", nodes);
  set_array (object, "nodes", nodes);
  set_count (object, "connectionCount", connections);
  set_array (object, "connections", connections);
  if (pipeline == NULL)
    json_object_set_null_member (object, "globalProperties");
  else
    json_object_set_object_member (object,
                                   "globalProperties",
                                   describe_global_properties (pipeline));
  set_optional_boolean (object,
                        "hasXLinkIn",
                        pipeline != NULL,
                        pipeline != NULL && oak_pipeline_has_node_named (pipeline, "XLinkIn"));
  set_optional_boolean (object,
                        "hasXLinkOut",
                        pipeline != NULL,
                        pipeline != NULL && oak_pipeline_has_node_named (pipeline, "XLinkOut"));
}

JsonNode *
oak_app_verdict_to_json (const OakAppVerdict *self)
{
  const OakPipeline *pipeline = oak_app_contents_get_pipeline (self->contents, NULL);
  const OakAssetMap *assets = oak_app_contents_get_assets (self->contents, NULL);
  JsonArray *asset_array = assets == NULL ? NULL : describe_assets (assets);
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_alloc ();

  set_verdict (object, self, pipeline);
  set_package (object, self);
  set_pipeline (object, pipeline);
  set_count (object, "assetCount", asset_array);
  set_array (object, "assets", asset_array);
  json_node_init_object (node, object);
  json_object_unref (object);
  return node;
}
