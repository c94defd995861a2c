/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-pipeline.h"

#include <string.h>

#include "bundle-support.h"
#include "oak-app-package.h"
#include "oak-asset-map.h"
#include "oak-error.h"
#include "test-daps.h"

/* Pipelines and lists of assets: the printed examples of bootloader.md §8.3 and §8.4, every way to
 * cut or lengthen them, and what a hostile one may cost. */

#define CONNECTION "b9 06 00 bd 02 69 6f bd 03 6f 75 74 01 bd 00 bd 02 69 6e "
#define GLOBALS_DEMO                                                                               \
  "b9 0a 89 00 00 00 80 93 dc c4 41 89 00 00 00 80 93 dc c4 41 bd 04 64 65 6d 6f be be bd 00 be "  \
  "ff 81 00 48 81 00 40 "
#define XLINK_OUT                                                                                  \
  "01 b9 04 01 bd 08 58 4c 69 6e 6b 4f 75 74 bc 0b b9 03 88 00 00 80 bf bd 01 61 00 "              \
  "bb 01 ba 02 bd 00 bd 02 69 6e b9 07 bd 00 bd 02 69 6e 03 01 08 00 02 "
#define SCRIPT                                                                                     \
  "00 b9 04 00 bd 06 53 63 72 69 70 74 bc 1d b9 03 bd 0e 61 73 73 65 74 3a 5f 5f 73 63 72 69 70 "  \
  "74 bd 08 3c 73 63 72 69 70 74 3e 00 "                                                           \
  "bb 01 ba 02 bd 02 69 6f bd 03 6f 75 74 b9 07 bd 02 69 6f bd 03 6f 75 74 00 00 08 00 01 "
#define DEMO "b9 03 ba 01 " CONNECTION GLOBALS_DEMO "bb 02 " XLINK_OUT SCRIPT

/* A node of the smallest kind: its key and its id, no name, no properties, no ports. */
#define TINY_NODE "b9 04 00 bd 00 bc 00 bb 00"

static OakPipeline *
decode (const char *hex, GError **error)
{
  g_autoptr (GBytes) bytes = support_hex (hex);

  return oak_pipeline_decode (bytes, error);
}

static void
test_demo (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakPipeline) pipeline = decode (DEMO, &error);
  const OakPipelineNode *node;
  const OakPipelineConnection *connection;

  g_assert_no_error (error);
  g_assert_cmpint (oak_pipeline_get_generation (pipeline), ==, OAK_PIPELINE_GENERATION_V2);
  g_assert_cmpuint (oak_pipeline_get_n_nodes (pipeline), ==, 2);
  g_assert_cmpstr (oak_pipeline_get_global_properties (pipeline)->pipeline_name, ==, "demo");
  g_assert_null (oak_pipeline_get_global_properties (pipeline)->pipeline_version);
  node = oak_pipeline_get_node (pipeline, 0);
  g_assert_cmpstr (node->name, ==, "Script");
  g_assert_null (node->stream_name);
  g_assert_cmpstr (node->ports[0].group, ==, "io");
  g_assert_cmpstr (node->ports[0].name, ==, "out");
  g_assert_false (oak_pipeline_node_needs_host (node));
  node = oak_pipeline_find_node (pipeline, 1);
  g_assert_cmpstr (node->name, ==, "XLinkOut");
  g_assert_cmpstr (node->stream_name, ==, "a");
  g_assert_true (oak_pipeline_node_needs_host (node));
  g_assert_true (node->ports[0].blocking);
  g_assert_cmpint (node->ports[0].type, ==, OAK_PORT_TYPE_S_RECEIVER);
  connection = oak_pipeline_get_connection (pipeline, 0);
  g_assert_false (connection->dangling);
  g_assert_cmpstr (connection->to_port, ==, "in");
  g_assert_null (oak_pipeline_find_node (pipeline, 2));
}

static void
test_v3 (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakPipeline) empty = decode (SUPPORT_EMPTY_V3, &error);
  /* One XLinkIn: id, parentId, name, alias, deviceId, deviceNode, properties, logLevel, ioInfo. */
  g_autoptr (OakPipeline) one =
      decode ("b9 04 ba 00 b9 0d 89 00 00 00 80 93 dc c4 41 89 00 00 00 80 93 dc c4 41 be be be bd "
              "00 bb 01 02 03 bb 01 02 bd 07 61 73 73 65 74 3a 6b be 07 ff 81 00 48 81 00 40 bb 01 "
              "05 b9 09 05 ff bd 07 58 4c 69 6e 6b 49 6e bd 00 bd 00 01 bc 08 b9 03 bd 02 69 6e 01 "
              "08 03 bb 00 ba 01 ba 02 01 02",
              &error);

  g_assert_no_error (error);
  g_assert_cmpint (oak_pipeline_get_generation (empty), ==, OAK_PIPELINE_GENERATION_V3);
  g_assert_cmpuint (oak_pipeline_get_n_nodes (empty), ==, 0);
  g_assert_cmpuint (oak_pipeline_get_n_nodes (one), ==, 1);
  g_assert_cmpstr (oak_pipeline_get_node (one, 0)->name, ==, "XLinkIn");
  g_assert_cmpstr (oak_pipeline_get_node (one, 0)->stream_name, ==, "in");
  g_assert_cmpuint (oak_pipeline_get_global_properties (one)->eeprom_id, ==, 7);
  g_assert_cmpuint (oak_pipeline_get_global_properties (one)->n_camera_socket_tuning_blobs, ==, 1);
}

static void
test_older_globals (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakPipeline) pipeline =
      decode ("b9 03 ba 00 b9 08 89 00 00 00 80 93 dc c4 41 89 00 00 00 80 93 dc c4 41 be be be bd "
              "00 be ff bb 00",
              &error);

  g_assert_no_error (error);
  g_assert_false (oak_pipeline_get_global_properties (pipeline)->has_sipp_buffer_sizes);
}

static void
test_message_pack (void)
{
  g_autoptr (GBytes) bytes = support_hex ("83 a5 6e 6f 64 65 73 90");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (oak_pipeline_guess_generation (bytes), ==, OAK_PIPELINE_GENERATION_MESSAGE_PACK);
  g_assert_null (oak_pipeline_decode (bytes, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED);
}

/* What is wrong with each, and where. */
static const struct {
  const char *name;
  const char *hex;
  const char *message;
} wrong[] = {
  { "empty", "", "`pipeline` at byte 0: the bytes end here" },
  { "no-structure", "00", "`pipeline` at byte 0: this is no structure" },
  { "five-members", "b9 05 00 00 00 00 00", "`pipeline` at byte 2: it has another number" },
  { "nine-globals",
    "b9 03 ba 00 b9 09 89 00 00 00 80 93 dc c4 41 89 00 00 00 80 93 dc c4 41",
    "`globalProperties` at byte 6: it has another number" },
  { "calibration-is-a-number",
    "b9 03 ba 00 b9 0a 89 00 00 00 80 93 dc c4 41 89 00 00 00 80 93 dc c4 41 be be be bd 00 05 ff "
    "81 00 48 81 00 40 bb 00",
    "`calibData` at byte 29: this is no structure" },
  { "frequency-is-a-float",
    "b9 03 ba 00 b9 0a 88 00 00 00 00 89 00 00 00 80 93 dc c4 41 be be be bd 00 be ff 00 00 bb 00",
    "`leonCssFrequencyHz` at byte 6: this is no number of double precision" },
  { "same-key-twice",
    "b9 03 ba 00 " SUPPORT_EMPTY_GLOBALS "bb 02 00 " TINY_NODE " 00 " TINY_NODE,
    "the same node is there twice" },
  { "same-key-twice-in-two-forms",
    "b9 03 ba 00 " SUPPORT_EMPTY_GLOBALS "bb 02 00 " TINY_NODE " 84 00 " TINY_NODE,
    "the same node is there twice" },
  { "same-port-twice",
    "b9 03 ba 00 " SUPPORT_EMPTY_GLOBALS "bb 01 00 b9 04 00 bd 00 bc 00 bb 02 "
    "ba 02 bd 00 bd 01 61 b9 07 bd 00 bd 01 61 00 00 08 00 01 "
    "ba 02 bd 00 bd 01 61 b9 07 bd 00 bd 01 61 00 00 08 00 02",
    "the same port is there twice" },
  { "port-key-of-three",
    "b9 03 ba 00 " SUPPORT_EMPTY_GLOBALS "bb 01 00 b9 04 00 bd 00 bc 00 bb 01 "
    "ba 03 bd 00 bd 01 61 bd 00 b9 07 bd 00 bd 01 61 00 00 08 00 01",
    "`port key`" },
  { "node-id-unsigned",
    "b9 03 ba 00 " SUPPORT_EMPTY_GLOBALS "bb 01 80 80 " TINY_NODE,
    "`node key` at byte 39: this is no signed number of that width" },
  { "nodes-beyond-the-bytes",
    "b9 03 ba 00 " SUPPORT_EMPTY_GLOBALS "bb 82 ff ff ff ff 00",
    "`nodes` at byte 43: it claims to hold more than there is" },
};

static void
test_wrong (gconstpointer data)
{
  guint index = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;

  g_assert_null (decode (wrong[index].hex, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  if (strstr (error->message, wrong[index].message) == NULL) {
    g_test_message ("\"%s\" instead of \"%s\"", error->message, wrong[index].message);
    g_test_fail ();
  }
}

/* Cut anywhere it is refused; every such piece is copied, so that a byte too far is noticed. */
static void
assert_no_prefix_decodes (GBytes *section, gboolean is_assets)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (section, &size);

  for (gsize length = 0; length < size; length++) {
    g_autoptr (GBytes) cut = g_bytes_new (data, length);
    g_autoptr (GError) error = NULL;

    if (is_assets)
      g_assert_null (oak_asset_map_decode (cut, NULL, &error));
    else
      g_assert_null (oak_pipeline_decode (cut, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  }
}

static void
test_truncated (gconstpointer file)
{
  g_autoptr (GBytes) bytes = test_daps_load (file);
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAppPackage) package = oak_app_package_new_from_bytes (bytes, file, &error);
  g_autoptr (GBytes) pipeline = NULL;
  g_autoptr (GBytes) assets = NULL;

  g_assert_no_error (error);
  pipeline = oak_app_package_dup_named_bytes (package, "pipeline");
  assets = oak_app_package_dup_named_bytes (package, "assets");
  assert_no_prefix_decodes (pipeline, FALSE);
  assert_no_prefix_decodes (assets, TRUE);
}

static void
test_trailing_bytes_are_counted (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakPipeline) pipeline = decode (DEMO "de ad be ef", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (oak_pipeline_get_n_trailing_bytes (pipeline), ==, 4);
}

static void
test_counts_are_limited (void)
{
  g_autoptr (GBytes) nodes = support_repeat ("b9 03 ba 00 " SUPPORT_EMPTY_GLOBALS "bb 81 01 10",
                                             "00 " TINY_NODE,
                                             OAK_PIPELINE_MAX_NODES + 1,
                                             "");
  g_autoptr (GBytes) connections =
      support_repeat ("b9 03 ba 81 01 20", CONNECTION, OAK_PIPELINE_MAX_CONNECTIONS + 1, "");
  g_autoptr (GBytes) large = support_repeat (DEMO, "00", OAK_PIPELINE_MAX_SIZE, "");
  g_autoptr (GError) node_error = NULL;
  g_autoptr (GError) connection_error = NULL;
  g_autoptr (GError) size_error = NULL;

  g_assert_null (oak_pipeline_decode (nodes, &node_error));
  g_assert_nonnull (strstr (node_error->message, "`nodes`"));
  g_assert_nonnull (strstr (node_error->message, "more than any camera can run"));
  g_assert_null (oak_pipeline_decode (connections, &connection_error));
  g_assert_nonnull (strstr (connection_error->message, "`connections`"));
  g_assert_null (oak_pipeline_decode (large, &size_error));
  g_assert_nonnull (strstr (size_error->message, "larger than any known one"));
}

static void
append_bytes (GByteArray *array, GBytes *bytes)
{
  g_byte_array_append (array, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
}

static void
append_hex (GByteArray *array, const char *hex)
{
  g_autoptr (GBytes) bytes = support_hex (hex);

  append_bytes (array, bytes);
}

/* As many connections and nodes as are let through, and one text of many megabytes. */
static GBytes *
make_fullest (void)
{
  GByteArray *array = g_byte_array_new ();
  const guint text_size = 6 * 1024 * 1024;
  g_autoptr (GBytes) connection = support_hex (CONNECTION);
  g_autoptr (GBytes) node = support_hex ("bd 07 58 4c 69 6e 6b 49 6e bc 04 b9 01 be be bb 00");

  append_hex (array, "b9 03 ba 81 00 20");
  for (guint i = 0; i < OAK_PIPELINE_MAX_CONNECTIONS; i++)
    append_bytes (array, connection);
  append_hex (array, SUPPORT_EMPTY_GLOBALS "bb 81 00 10");
  append_hex (array, "00 b9 04 00 bd 82 00 00 60 00");
  g_byte_array_set_size (array, array->len + text_size);
  memset (array->data + array->len - text_size, 0x01, text_size);
  append_hex (array, "bc 00 bb 00");
  for (guint i = 1; i < OAK_PIPELINE_MAX_NODES; i++) {
    const guint8 start[] = { 0x85, (guint8) i, (guint8) (i >> 8), 0xb9,
                             0x04, 0x85,       (guint8) i,        (guint8) (i >> 8) };

    g_byte_array_append (array, start, sizeof start);
    append_bytes (array, node);
  }
  return g_byte_array_free_to_bytes (array);
}

static void
test_fullest_is_bounded (void)
{
  g_autoptr (GBytes) section = make_fullest ();
  SupportPackage parts = { .pipeline = section };
  g_autoptr (GBytes) package = support_make_package (&parts);
  g_autoptr (OakAppVerdict) verdict = NULL;
  g_autoptr (JsonNode) json = NULL;
  gsize used;

  support_memory_begin ();
  verdict = support_judge (package);
  json = oak_app_verdict_to_json (verdict);
  used = support_memory_end ();
  g_assert_null (support_find_finding (verdict, "pipeline-unreadable"));
  g_assert_cmpuint (oak_app_verdict_get_n_host_streams (verdict), ==, OAK_PIPELINE_MAX_NODES - 1);
  g_assert_cmpuint (oak_app_verdict_get_n_findings (verdict), <, 100);
  g_assert_cmpuint (used, <, 64 * 1024 * 1024);
}

/* A hundred thousand texts, each of which asks for an asset that is not there. */
static void
test_many_references_are_bounded (void)
{
  g_autoptr (GBytes) section =
      support_repeat ("b9 03 ba 00 " SUPPORT_EMPTY_GLOBALS
                      "bb 01 00 b9 04 00 bd 00 bc 82 06 35 0c 00 ba 82 a0 86 01 00",
                      "bd 06 61 73 73 65 74 3a",
                      100000,
                      "bb 00");
  SupportPackage parts = { .pipeline = section };
  g_autoptr (GBytes) package = support_make_package (&parts);
  g_autoptr (OakAppVerdict) verdict = NULL;
  gsize used;

  support_memory_begin ();
  verdict = support_judge (package);
  used = support_memory_end ();
  g_assert_nonnull (support_find_finding (verdict, "asset-missing"));
  g_assert_cmpuint (oak_app_verdict_get_n_findings (verdict), <, 100);
  g_assert_cmpuint (used, <, 16 * 1024 * 1024);
}

static void
test_names_are_escaped (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakPipeline) pipeline = decode ("b9 03 ba 00 " SUPPORT_EMPTY_GLOBALS
                                             "bb 01 00 b9 04 00 bd 06 41 00 0a ff e2 82 bc 00 bb "
                                             "00",
                                             &error);
  const OakPipelineNode *node;

  g_assert_no_error (error);
  node = oak_pipeline_get_node (pipeline, 0);
  g_assert_cmpstr (node->name, ==, "A\\x00\\n\\xff\\xe2\\x82");
  g_assert_cmpmem (node->raw_name.data, node->raw_name.size, "A\0\n\xff\xe2\x82", 6);
}

static void
collect_key (OakRawText key, gpointer user_data)
{
  g_string_append_len (user_data, key.data, (gssize) key.size);
  g_string_append_c (user_data, ' ');
}

static void
test_asset_keys (void)
{
  g_autoptr (OakPipeline) pipeline = decode (DEMO, NULL);
  g_autoptr (GString) keys = g_string_new (NULL);

  oak_pipeline_for_each_asset_key (pipeline, NULL, collect_key, keys);
  oak_pipeline_for_each_asset_key (pipeline,
                                   oak_pipeline_find_node (pipeline, 0),
                                   collect_key,
                                   keys);
  oak_pipeline_for_each_asset_key (pipeline,
                                   oak_pipeline_find_node (pipeline, 1),
                                   collect_key,
                                   keys);
  g_assert_cmpstr (keys->str, ==, "__script ");
}

static void
test_assets (void)
{
  g_autoptr (GBytes) section =
      support_hex ("b9 01 bb 02 bd 03 2f 61 00 b9 03 02 03 01 bd 02 2f 5a b9 03 00 02 40");
  g_autoptr (GBytes) storage = g_bytes_new ("abcd", 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAssetMap) map = oak_asset_map_decode (section, storage, &error);
  const OakAsset *asset;

  g_assert_no_error (error);
  g_assert_cmpuint (oak_asset_map_get_n_assets (map), ==, 2);
  g_assert_cmpstr (oak_asset_map_get_asset (map, 0)->name, ==, "/Z");
  g_assert_false (oak_asset_map_get_asset (map, 0)->outside);
  asset = oak_asset_map_find_typed (map, "/a\\x00");
  g_assert_true (asset == oak_asset_map_get_asset (map, 1));
  g_assert_true (asset->outside);
  g_assert_cmpuint (asset->order, ==, 0);
  g_assert_null (oak_asset_map_find_typed (map, "/a"));
}

static void
test_asset_twice (void)
{
  g_autoptr (GBytes) section =
      support_hex ("b9 01 bb 02 bd 01 61 b9 03 00 00 01 bd 01 61 b9 03 00 00 01");
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_asset_map_decode (section, NULL, &error));
  g_assert_nonnull (strstr (error->message, "the same name is there twice"));
}

static void
test_too_many_assets (void)
{
  g_autoptr (GBytes) section = support_repeat ("b9 01 bb 81 01 10",
                                               "bd 00 b9 03 00 00 01",
                                               OAK_ASSET_MAP_MAX_ASSETS + 1,
                                               "");
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_asset_map_decode (section, NULL, &error));
  g_assert_nonnull (strstr (error->message, "more assets than any camera can use"));
}

int
main (int argc, char **argv)
{
  static const char *const files[] = { "script-spi.dap", "xlinkout.dap",      "globals.dap.gz",
                                       "empty.dap.gz",   "assets-odd.dap.gz", "stereo.dap.gz" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/pipeline/printed-example-is-read", test_demo);
  g_test_add_func ("/bundle/pipeline/v3-is-read", test_v3);
  g_test_add_func ("/bundle/pipeline/globals-of-older-libraries-are-read", test_older_globals);
  g_test_add_func ("/bundle/pipeline/messagepack-is-recognised", test_message_pack);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree char *path = g_strdup_printf ("/bundle/pipeline/refuses/%s", wrong[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_wrong);
  }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_strdup_printf ("/bundle/pipeline/cut-anywhere/%s", files[i]);

    g_test_add_data_func (path, files[i], test_truncated);
  }
  g_test_add_func ("/bundle/pipeline/bytes-behind-the-end-are-counted",
                   test_trailing_bytes_are_counted);
  g_test_add_func ("/bundle/pipeline/counts-are-limited", test_counts_are_limited);
  g_test_add_func ("/bundle/pipeline/the-fullest-one-stays-small", test_fullest_is_bounded);
  g_test_add_func ("/bundle/pipeline/a-hundred-thousand-references-stay-small",
                   test_many_references_are_bounded);
  g_test_add_func ("/bundle/pipeline/names-are-escaped-and-kept", test_names_are_escaped);
  g_test_add_func ("/bundle/pipeline/asset-keys-are-found", test_asset_keys);
  g_test_add_func ("/bundle/assets/are-sorted-and-placed", test_assets);
  g_test_add_func ("/bundle/assets/same-name-twice-is-refused", test_asset_twice);
  g_test_add_func ("/bundle/assets/count-is-limited", test_too_many_assets);
  return g_test_run ();
}
