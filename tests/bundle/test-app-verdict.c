/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-app-verdict.h"

#include <string.h>

#include "bundle-support.h"
#include "oak-app-package.h"
#include "oak-error.h"
#include "oak-inflate.h"
#include "oak-sbr.h"
#include "test-daps.h"

/* What packages are refused or warned of for, with and without a camera. */

#define PIPELINE_OF(node) "b9 03 ba 00 " SUPPORT_EMPTY_GLOBALS "bb 01 00 b9 04 00 " node
#define UVC               PIPELINE_OF ("bd 03 55 56 43 bc 00 bb 00")
#define SCRIPT                                                                                     \
  PIPELINE_OF ("bd 06 53 63 72 69 70 74 bc 15 b9 03 bd 0e 61 73 73 65 74 3a 5f 5f 73 63 72 69 70 " \
               "74 bd 00 00 bb 00")
#define XLINK_IN_UNREADABLE PIPELINE_OF ("bd 07 58 4c 69 6e 6b 49 6e bc 02 b9 05 bb 00")
#define XLINK_IN_LOWER_CASE PIPELINE_OF ("bd 07 78 6c 69 6e 6b 69 6e bc 00 bb 00")

typedef struct {
  const char *name;
  const char *pipeline; /* (nullable) */
  const char *assets;   /* (nullable) */
  const char *firmware; /* (nullable) */
  const char *code;     /* that must be found */
  OakFindingSeverity severity;
  OakAppResult result;
} Case;

static const Case cases[] = {
  { "nodes-are-missing", NULL, NULL, NULL, "no-nodes", OAK_FINDING_NOTE, OAK_APP_OK },
  { "uvc-without-a-camera", UVC, NULL, NULL, "uvc", OAK_FINDING_NOTE, OAK_APP_OK },
  { "script-without-source",
    SCRIPT,
    NULL,
    NULL,
    "asset-missing",
    OAK_FINDING_WARNING,
    OAK_APP_WARN },
  { "made-for-v3",
    SUPPORT_EMPTY_V3,
    NULL,
    NULL,
    "generation-v3",
    OAK_FINDING_WARNING,
    OAK_APP_WARN },
  { "newer-v3",
    "b9 04 ba 00 b9 01 00 bb 00 ba 00",
    NULL,
    NULL,
    "pipeline-unknown-form",
    OAK_FINDING_WARNING,
    OAK_APP_WARN },
  { "damaged-v3",
    "b9 04 ba 00 b9 01 00 bb 00 ba 01",
    NULL,
    NULL,
    "pipeline-unreadable",
    OAK_FINDING_ERROR,
    OAK_APP_REJECT },
  { "messagepack",
    "83 a5 6e 6f 64 65 73 90",
    "81 a3 6d 61 70 80",
    NULL,
    "messagepack",
    OAK_FINDING_WARNING,
    OAK_APP_WARN },
  { "garbage", "00 01 02", NULL, NULL, "pipeline-unreadable", OAK_FINDING_ERROR, OAK_APP_REJECT },
  { "bytes-behind-the-pipeline",
    SUPPORT_EMPTY_PIPELINE " 00",
    NULL,
    NULL,
    "trailing-bytes",
    OAK_FINDING_WARNING,
    OAK_APP_WARN },
  { "bytes-behind-the-assets",
    NULL,
    SUPPORT_EMPTY_ASSETS " 00",
    NULL,
    "trailing-bytes",
    OAK_FINDING_WARNING,
    OAK_APP_WARN },
  { "assets-damaged",
    NULL,
    "b9 01 bb 01 bd 05",
    NULL,
    "assets-unreadable",
    OAK_FINDING_ERROR,
    OAK_APP_REJECT },
  { "asset-outside",
    NULL,
    "b9 01 bb 01 bd 00 b9 03 00 01 01",
    NULL,
    "asset-outside",
    OAK_FINDING_ERROR,
    OAK_APP_REJECT },
  { "asset-of-nothing-at-the-end",
    NULL,
    "b9 01 bb 01 bd 00 b9 03 00 00 01",
    NULL,
    "no-nodes",
    OAK_FINDING_NOTE,
    OAK_APP_OK },
  { "firmware-of-something-else",
    NULL,
    NULL,
    "7f 45 4c 46 02 01",
    "firmware-magic",
    OAK_FINDING_ERROR,
    OAK_APP_REJECT },
  { "firmware-of-three-bytes",
    NULL,
    NULL,
    "4d 41 32",
    "firmware-magic",
    OAK_FINDING_ERROR,
    OAK_APP_REJECT },
  { "host-stream-without-name",
    XLINK_IN_UNREADABLE,
    NULL,
    NULL,
    "host-stream",
    OAK_FINDING_ERROR,
    OAK_APP_REJECT },
  { "settings-unreadable",
    XLINK_IN_UNREADABLE,
    NULL,
    NULL,
    "properties-unreadable",
    OAK_FINDING_WARNING,
    OAK_APP_REJECT },
  { "node-filed-elsewhere",
    "b9 03 ba 00 " SUPPORT_EMPTY_GLOBALS "bb 01 01 b9 04 00 bd 00 bc 00 bb 00",
    NULL,
    NULL,
    "node-id-mismatch",
    OAK_FINDING_WARNING,
    OAK_APP_WARN },
};

static void
test_case (gconstpointer data)
{
  const Case *each = data;
  g_autoptr (GBytes) pipeline = each->pipeline == NULL ? NULL : support_hex (each->pipeline);
  g_autoptr (GBytes) assets = each->assets == NULL ? NULL : support_hex (each->assets);
  g_autoptr (GBytes) firmware = each->firmware == NULL ? NULL : support_hex (each->firmware);
  SupportPackage parts = { .pipeline = pipeline, .assets = assets, .firmware = firmware };
  g_autoptr (OakAppVerdict) verdict = support_judge_parts (&parts);
  const OakFinding *finding = support_find_finding (verdict, each->code);

  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, each->severity);
  g_assert_cmpint (oak_app_verdict_get_result (verdict), ==, each->result);
}

static void
test_only_the_exact_name_counts (void)
{
  g_autoptr (GBytes) pipeline = support_hex (XLINK_IN_LOWER_CASE);
  SupportPackage parts = { .pipeline = pipeline };
  g_autoptr (OakAppVerdict) verdict = support_judge_parts (&parts);
  gboolean standalone_ok = FALSE;

  g_assert_true (oak_app_verdict_get_standalone (verdict, &standalone_ok));
  g_assert_true (standalone_ok);
}

static void
test_unread_is_not_standalone (void)
{
  g_autoptr (GBytes) pipeline = support_hex ("83 a5");
  SupportPackage parts = { .pipeline = pipeline };
  g_autoptr (OakAppVerdict) verdict = support_judge_parts (&parts);
  g_autoptr (JsonNode) json = oak_app_verdict_to_json (verdict);
  gboolean standalone_ok;

  g_assert_false (oak_app_verdict_get_standalone (verdict, &standalone_ok));
  g_assert_true (json_object_get_null_member (json_node_get_object (json), "standaloneOk"));
  g_assert_true (json_object_get_null_member (json_node_get_object (json), "nodes"));
}

static OakAppContents *
read_recorded (const char *file)
{
  g_autoptr (GBytes) bytes = test_daps_load (file);

  return support_read (bytes);
}

/* The one refusal a person can override, and nothing else with it. */
static void
test_host_streams_can_be_allowed (void)
{
  static const char *const files[] = { "xlinkout.dap", "xlinkin.dap.gz", "xlinkout-loose.dap.gz" };
  static const char *const streams[] = { "preview", "ctl", "unused" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (OakAppContents) contents = read_recorded (files[i]);
    g_autoptr (OakAppVerdict) refused = oak_app_verdict_new (contents, NULL, FALSE);
    g_autoptr (OakAppVerdict) allowed = oak_app_verdict_new (contents, NULL, TRUE);
    g_autoptr (GError) error = NULL;
    gboolean standalone_ok = TRUE;

    g_assert_false (oak_app_verdict_check (refused, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_NOT_STANDALONE);
    g_assert_nonnull (strstr (error->message, streams[i]));
    g_assert_cmpstr (oak_app_verdict_get_host_stream (refused, 0)->stream_name, ==, streams[i]);
    g_assert_cmpint (oak_app_verdict_get_result (allowed), ==, OAK_APP_WARN);
    g_assert_true (oak_app_verdict_check (allowed, NULL));
    g_assert_nonnull (support_find_finding (allowed, "host-stream-allowed"));
    g_assert_true (oak_app_verdict_get_standalone (allowed, &standalone_ok));
    g_assert_false (standalone_ok);
  }
}

static void
test_allowing_excuses_nothing_else (void)
{
  g_autoptr (GBytes) pipeline = support_hex (XLINK_IN_UNREADABLE);
  g_autoptr (GBytes) firmware = support_hex ("00 01 02 03 04");
  SupportPackage parts = { .pipeline = pipeline, .firmware = firmware };
  g_autoptr (GBytes) package = support_make_package (&parts);
  g_autoptr (OakAppContents) contents = support_read (package);
  g_autoptr (OakAppVerdict) verdict = oak_app_verdict_new (contents, NULL, TRUE);
  g_autoptr (OakAppVerdict) refused = oak_app_verdict_new (contents, NULL, FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_false (oak_app_verdict_check (verdict, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  g_clear_error (&error);
  g_assert_false (oak_app_verdict_check (refused, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
}

static void
test_room_is_exact (void)
{
  g_autoptr (OakAppContents) contents = read_recorded ("fw-16m.dap.gz");
  gsize size = oak_app_package_get_size (oak_app_contents_get_package (contents));
  OakAppTarget target = OAK_APP_TARGET_INIT;
  g_autoptr (OakAppVerdict) fits = NULL;
  g_autoptr (OakAppVerdict) too_large = NULL;
  g_autoptr (OakAppVerdict) none = NULL;
  g_autoptr (GError) error = NULL;

  target.room_known = TRUE;
  target.room = size;
  fits = oak_app_verdict_new (contents, &target, FALSE);
  g_assert_true (oak_app_verdict_check (fits, NULL));
  target.room = size - 1;
  too_large = oak_app_verdict_new (contents, &target, TRUE);
  g_assert_false (oak_app_verdict_check (too_large, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, ": 1 bytes too much"));
  target.room = 0;
  none = oak_app_verdict_new (contents, &target, FALSE);
  g_assert_nonnull (support_find_finding (none, "memory-too-small"));
}

static const struct {
  const char *name;
  OakBootloaderType type;
  OakVersion version;
  gboolean compressed;
  gboolean refused;
} bootloaders[] = {
  { "network-13", OAK_BOOTLOADER_TYPE_NETWORK, { 0, 0, 13 }, FALSE, TRUE },
  { "network-14", OAK_BOOTLOADER_TYPE_NETWORK, { 0, 0, 14 }, TRUE, FALSE },
  { "usb-11", OAK_BOOTLOADER_TYPE_USB, { 0, 0, 11 }, FALSE, FALSE },
  { "usb-11-packed", OAK_BOOTLOADER_TYPE_USB, { 0, 0, 11 }, TRUE, TRUE },
  { "unknown-type-packed", OAK_BOOTLOADER_TYPE_AUTO, { 0, 0, 13 }, TRUE, TRUE },
};

static void
test_bootloader (gconstpointer data)
{
  guint index = GPOINTER_TO_UINT (data);
  g_autoptr (OakAppContents) contents =
      read_recorded (bootloaders[index].compressed ? "spi-nn.dap.gz" : "fw-tiny.dap.gz");
  OakAppTarget target = {
    .bootloader_type = bootloaders[index].type,
    .version_known = TRUE,
    .bootloader_version = bootloaders[index].version,
  };
  g_autoptr (OakAppVerdict) verdict = oak_app_verdict_new (contents, &target, FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_true (oak_app_verdict_check (verdict, &error) == !bootloaders[index].refused);
  if (bootloaders[index].refused)
    g_assert_error (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED);
}

static void
test_uvc_on_network (void)
{
  g_autoptr (GBytes) pipeline = support_hex (UVC);
  SupportPackage parts = { .pipeline = pipeline };
  g_autoptr (GBytes) package = support_make_package (&parts);
  g_autoptr (OakAppContents) contents = support_read (package);
  OakAppTarget target = { .bootloader_type = OAK_BOOTLOADER_TYPE_NETWORK };
  g_autoptr (OakAppVerdict) network = oak_app_verdict_new (contents, &target, FALSE);
  g_autoptr (OakAppVerdict) usb = NULL;

  target.bootloader_type = OAK_BOOTLOADER_TYPE_USB;
  usb = oak_app_verdict_new (contents, &target, FALSE);
  g_assert_nonnull (support_find_finding (network, "uvc-network"));
  g_assert_cmpint (oak_app_verdict_get_result (network), ==, OAK_APP_WARN);
  g_assert_cmpint (oak_app_verdict_get_result (usb), ==, OAK_APP_OK);
}

static void
test_alignment (void)
{
  SupportPackage loose = { .section_alignment = 4096 };
  SupportPackage older = { .section_alignment = 1024 * 1024 };
  g_autoptr (OakAppVerdict) warned = support_judge_parts (&loose);
  g_autoptr (OakAppVerdict) fine = support_judge_parts (&older);
  const OakFinding *finding = support_find_finding (warned, "section-alignment");

  g_assert_nonnull (finding);
  g_assert_nonnull (strstr (finding->text, "“assets” begins at byte 1052672"));
  g_assert_null (support_find_finding (fine, "section-alignment"));
}

static GBytes *
make_firmware (gsize size)
{
  guint8 *data = g_malloc0 (size);

  memcpy (data, "MA2x", 4);
  return g_bytes_new_take (data, size);
}

static void
test_compressible (void)
{
  g_autoptr (GBytes) large = make_firmware (3 * 1024 * 1024);
  g_autoptr (GBytes) small = make_firmware (100000);
  g_autoptr (GBytes) packed =
      oak_deflate (g_bytes_get_data (large, NULL), g_bytes_get_size (large), NULL, NULL);
  SupportPackage large_parts = { .firmware = large };
  SupportPackage small_parts = { .firmware = small };
  SupportPackage packed_parts = { .firmware = packed,
                                  .firmware_flags = OAK_SBR_FLAG_COMPRESSION_ZLIB };
  g_autoptr (OakAppVerdict) warned = support_judge_parts (&large_parts);
  g_autoptr (OakAppVerdict) noted = support_judge_parts (&small_parts);
  g_autoptr (OakAppVerdict) fine = support_judge_parts (&packed_parts);

  g_assert_nonnull (support_find_finding (warned, "compressible"));
  g_assert_nonnull (support_find_finding (noted, "compressible-small"));
  g_assert_cmpint (oak_app_verdict_get_result (noted), ==, OAK_APP_OK);
  g_assert_null (support_find_finding (fine, "compressible"));
  g_assert_cmpint (oak_app_verdict_get_result (fine), ==, OAK_APP_OK);
}

/* Packed rubbish is found out after unpacking only. */
static void
test_packed_magic (void)
{
  g_autoptr (GBytes) packed = oak_deflate ("ELF0000", 7, NULL, NULL);
  SupportPackage parts = { .firmware = packed, .firmware_flags = OAK_SBR_FLAG_COMPRESSION_ZLIB };
  g_autoptr (OakAppVerdict) verdict = support_judge_parts (&parts);

  g_assert_nonnull (support_find_finding (verdict, "firmware-magic"));
}

static void
test_unknown_compression (void)
{
  SupportPackage parts = { .firmware_flags = 0x08 };
  g_autoptr (OakAppVerdict) verdict = support_judge_parts (&parts);

  g_assert_nonnull (support_find_finding (verdict, "section-compression"));
  g_assert_cmpint (oak_app_verdict_get_result (verdict), ==, OAK_APP_REJECT);
}

/* A table that names the whole file again and again is neither believed nor summed up each time. */
static void
test_many_sections_of_everything (void)
{
  const gsize size = 1024 * 1024;
  guint8 *data = g_malloc0 (size);
  OakSbr table = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (OakAppVerdict) verdict = NULL;
  g_autoptr (JsonNode) json = NULL;
  JsonArray *sections;

  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++) {
    g_snprintf (table.entries[i].name, sizeof table.entries[i].name, "section%u", i);
    table.entries[i].offset = OAK_SBR_SIZE;
    table.entries[i].size = (guint32) (size - OAK_SBR_SIZE);
  }
  oak_sbr_encode (&table, data);
  bytes = g_bytes_new_take (data, size);
  verdict = support_judge (bytes);
  json = oak_app_verdict_to_json (verdict);
  sections = json_object_get_array_member (json_node_get_object (json), "sections");
  g_assert_cmpuint (json_array_get_length (sections), ==, OAK_SBR_N_ENTRIES);
  g_assert_true (
      json_object_get_null_member (json_array_get_object_element (sections, 1), "sha256"));
  g_assert_nonnull (support_find_finding (verdict, "section-overlap"));
  g_assert_nonnull (support_find_finding (verdict, "firmware-not-bootable"));
  g_assert_nonnull (support_find_finding (verdict, "section-missing"));
  g_assert_cmpuint (oak_app_verdict_get_n_findings (verdict), <, 80);
}

static void
test_errors_come_first (void)
{
  g_autoptr (GBytes) bytes = test_daps_load ("bad-overlap.dap.gz");
  g_autoptr (OakAppVerdict) verdict = support_judge (bytes);
  OakFindingSeverity last = OAK_FINDING_ERROR;

  for (guint i = 0; i < oak_app_verdict_get_n_findings (verdict); i++) {
    const OakFinding *finding = oak_app_verdict_get_finding (verdict, i);

    g_assert_cmpint (finding->severity, >=, last);
    g_assert_true (g_str_has_suffix (finding->text, "."));
    last = finding->severity;
  }
}

/* Cut anywhere in its table and at every border of a section, a package is refused. */
static void
test_cut_packages (void)
{
  g_autoptr (GBytes) whole = test_daps_load ("fw-tiny.dap.gz");
  gsize size = g_bytes_get_size (whole);

  for (gsize length = 0; length < size; length += length < 600 ? 1 : 32749) {
    g_autoptr (GBytes) cut = g_bytes_new_from_bytes (whole, 0, length);
    g_autoptr (OakAppVerdict) verdict = support_judge (cut);

    g_assert_cmpint (oak_app_verdict_get_result (verdict), ==, OAK_APP_REJECT);
  }
}

static void
test_extraction (void)
{
  g_autoptr (OakAppContents) contents = read_recorded ("script-spi.dap");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) name = oak_app_contents_dup_section (contents, "app_name", &error);
  g_autoptr (GBytes) asset = oak_app_contents_dup_asset (contents, "/node/0/__script", &error);
  g_autoptr (GBytes) script = oak_app_contents_dup_script (contents, 0, &error);
  g_autofree char *text = oak_app_contents_dup_script_text (contents, 0);
  static const char source[] = "while 1: node.io['o'].send(Buffer(4))\n";

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (name, NULL), g_bytes_get_size (name), "spi", 3);
  g_assert_true (g_bytes_equal (asset, script));
  g_assert_cmpmem (g_bytes_get_data (script, NULL),
                   g_bytes_get_size (script),
                   source,
                   sizeof source - 1);
  g_assert_cmpstr (text, ==, source);
  g_assert_null (oak_app_contents_dup_script (contents, 1, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "\"/node/0/__script\""));
  g_clear_error (&error);
  g_assert_null (oak_app_contents_dup_section (contents, "firmware", &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND);
  g_assert_null (oak_app_contents_dup_script_text (contents, 1));
}

static void
test_extraction_from_damage (void)
{
  g_autoptr (OakAppContents) contents = read_recorded ("bad-asset-outside.dap.gz");
  g_autoptr (OakAppContents) cut = read_recorded ("bad-truncated-firmware.dap.gz");
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_app_contents_dup_script (contents, 0, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  g_clear_error (&error);
  g_assert_null (oak_app_contents_dup_section (cut, "pipeline", &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
}

static void
test_script_text_is_escaped (void)
{
  g_autoptr (GBytes) assets = support_hex (
      "b9 01 bb 01 bd 10 2f 6e 6f 64 65 2f 30 2f 5f 5f 73 63 72 69 70 74 b9 03 00 0f 01");
  g_autoptr (GBytes) storage = g_bytes_new ("a\tb\r\nc\x1b[1m\xe2\x80\xae\xff\n", 15);
  SupportPackage parts = { .assets = assets, .storage = storage };
  g_autoptr (GBytes) package = support_make_package (&parts);
  g_autoptr (OakAppContents) contents = support_read (package);
  g_autofree char *text = oak_app_contents_dup_script_text (contents, 0);

  g_assert_cmpstr (text, ==, "a\tb\nc\\x1b[1m\\u{202e}\\xff\n");
}

static void
add_tables (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/bundle/verdict/says/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bootloaders); i++) {
    g_autofree char *path = g_strdup_printf ("/bundle/verdict/bootloader/%s", bootloaders[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_bootloader);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_tables ();
  g_test_add_func ("/bundle/verdict/only-the-exact-name-counts", test_only_the_exact_name_counts);
  g_test_add_func ("/bundle/verdict/unread-is-not-standalone", test_unread_is_not_standalone);
  g_test_add_func ("/bundle/verdict/host-streams-can-be-allowed", test_host_streams_can_be_allowed);
  g_test_add_func ("/bundle/verdict/allowing-excuses-nothing-else",
                   test_allowing_excuses_nothing_else);
  g_test_add_func ("/bundle/verdict/room-is-exact", test_room_is_exact);
  g_test_add_func ("/bundle/verdict/uvc-is-wrong-on-network", test_uvc_on_network);
  g_test_add_func ("/bundle/verdict/alignment-is-the-vendors", test_alignment);
  g_test_add_func ("/bundle/verdict/large-plain-firmware-is-warned-of", test_compressible);
  g_test_add_func ("/bundle/verdict/packed-firmware-is-looked-into", test_packed_magic);
  g_test_add_func ("/bundle/verdict/unknown-compression-is-refused", test_unknown_compression);
  g_test_add_func ("/bundle/verdict/sections-of-everything-are-refused",
                   test_many_sections_of_everything);
  g_test_add_func ("/bundle/verdict/errors-come-first", test_errors_come_first);
  g_test_add_func ("/bundle/verdict/cut-packages-are-refused", test_cut_packages);
  g_test_add_func ("/bundle/contents/parts-can-be-taken-out", test_extraction);
  g_test_add_func ("/bundle/contents/nothing-is-taken-from-outside", test_extraction_from_damage);
  g_test_add_func ("/bundle/contents/script-text-is-escaped", test_script_text_is_escaped);
  return g_test_run ();
}
