/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-app-repack.h"

#include <string.h>

#include "bundle-support.h"
#include "oak-app-package.h"
#include "oak-asset-map.h"
#include "oak-error.h"
#include "oak-sbr.h"
#include "test-daps.h"

/* Packages made from packages: nothing wished, nothing changed; and what is wished is there, in a
 * package that opens clean. */

static JsonParser *manifest; /* (owned) by main () */

static OakAppContents *
repack (OakAppContents *contents, const OakRepackWish *wish)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = oak_app_repack (contents, wish, NULL, &error);
  g_autoptr (OakAppPackage) package = NULL;
  OakAppContents *again;

  g_assert_no_error (error);
  package = oak_app_package_new_from_bytes (bytes, "repacked.dap", &error);
  g_assert_no_error (error);
  again = oak_app_contents_read (package, NULL, &error);
  g_assert_no_error (error);
  return again;
}

static GBytes *
get_bytes (OakAppContents *contents)
{
  return oak_app_package_get_bytes (oak_app_contents_get_package (contents));
}

static OakAppContents *
read_recorded (const char *file)
{
  g_autoptr (GBytes) bytes = test_daps_load (file);

  return support_read (bytes);
}

static void
assert_clean (OakAppContents *contents)
{
  g_autoptr (OakAppVerdict) verdict = oak_app_verdict_new (contents, NULL, TRUE);

  for (guint i = 0; i < oak_app_verdict_get_n_findings (verdict); i++)
    g_assert_cmpint (oak_app_verdict_get_finding (verdict, i)->severity, !=, OAK_FINDING_ERROR);
  g_assert_null (support_find_finding (verdict, "section-alignment"));
}

static void
assert_same_section (OakAppContents *a, OakAppContents *b, const char *name)
{
  g_autoptr (GBytes) first =
      oak_app_package_dup_named_bytes (oak_app_contents_get_package (a), name);
  g_autoptr (GBytes) second =
      oak_app_package_dup_named_bytes (oak_app_contents_get_package (b), name);

  g_assert_true (g_bytes_equal (first, second));
}

static void
test_identity (gconstpointer data)
{
  JsonObject *entry = (JsonObject *) data;
  OakRepackWish wish = { NULL };
  g_autoptr (OakAppContents) contents =
      read_recorded (json_object_get_string_member (entry, "file"));
  g_autoptr (OakAppContents) again = repack (contents, &wish);

  g_assert_true (g_bytes_equal (get_bytes (contents), get_bytes (again)));
}

/* The assets are encoded again, even though each is replaced by itself. */
static void
test_same_assets (gconstpointer data)
{
  JsonObject *entry = (JsonObject *) data;
  g_autoptr (OakAppContents) contents =
      read_recorded (json_object_get_string_member (entry, "file"));
  OakAssetMap *assets = oak_app_contents_get_assets (contents, NULL);
  g_autoptr (OakAppContents) again = NULL;
  OakRepackAsset same = { NULL, NULL };
  OakRepackWish wish = { .assets = &same, .n_assets = 1 };
  g_autoptr (GBytes) bytes = NULL;

  if (oak_asset_map_get_n_assets (assets) == 0)
    return;
  same.name = oak_asset_map_get_asset (assets, 0)->name;
  bytes = oak_app_contents_dup_asset (contents, same.name, NULL);
  same.bytes = bytes;
  again = repack (contents, &wish);
  g_assert_true (g_bytes_equal (get_bytes (contents), get_bytes (again)));
}

static void
test_compression (gconstpointer data)
{
  JsonObject *entry = (JsonObject *) data;
  g_autoptr (OakAppContents) contents =
      read_recorded (json_object_get_string_member (entry, "file"));
  OakRepackWish yes = { .compress = OAK_REPACK_YES };
  OakRepackWish no = { .compress = OAK_REPACK_NO };
  g_autoptr (OakAppContents) packed = repack (contents, &yes);
  g_autoptr (OakAppContents) unpacked = repack (packed, &no);
  g_autoptr (OakAppContents) plain = repack (contents, &no);

  g_assert_true (oak_app_contents_get_firmware (packed)->compressed);
  g_assert_false (oak_app_contents_get_firmware (unpacked)->compressed);
  g_assert_cmpuint (oak_app_contents_get_firmware (packed)->inflated_size,
                    ==,
                    oak_app_contents_get_firmware (unpacked)->stored_size);
  g_assert_true (g_bytes_equal (get_bytes (unpacked), get_bytes (plain)));
  if (!oak_app_contents_get_firmware (contents)->compressed)
    g_assert_true (g_bytes_equal (get_bytes (unpacked), get_bytes (contents)));
  else
    g_assert_true (g_bytes_equal (get_bytes (packed), get_bytes (contents)));
  assert_clean (packed);
}

static void
test_check_at_boot (void)
{
  g_autoptr (OakAppContents) contents = read_recorded ("script-spi.dap");
  OakRepackWish yes = { .check_at_boot = OAK_REPACK_YES };
  OakRepackWish no = { .check_at_boot = OAK_REPACK_NO };
  g_autoptr (OakAppContents) checked = repack (contents, &yes);
  g_autoptr (OakAppContents) back = repack (checked, &no);

  g_assert_false (oak_app_package_is_checked_at_boot (oak_app_contents_get_package (contents)));
  g_assert_true (oak_app_package_is_checked_at_boot (oak_app_contents_get_package (checked)));
  g_assert_true (g_bytes_equal (get_bytes (back), get_bytes (contents)));
}

static void
test_name (void)
{
  g_autoptr (OakAppContents) contents = read_recorded ("stereo.dap.gz");
  OakRepackWish wish = { .application_name = "Zählwerk 2" };
  OakRepackWish empty = { .application_name = "" };
  g_autoptr (OakAppContents) named = repack (contents, &wish);
  g_autoptr (OakAppContents) nameless = repack (named, &empty);

  g_assert_cmpstr (oak_app_package_get_application_name (oak_app_contents_get_package (named)),
                   ==,
                   "Zählwerk 2");
  g_assert_null (oak_app_package_get_application_name (oak_app_contents_get_package (nameless)));
  assert_same_section (contents, named, "__firmware");
  assert_same_section (contents, named, "pipeline");
  assert_same_section (contents, named, "asset_storage");
  assert_clean (named);
}

static void
test_script_can_be_replaced (void)
{
  g_autoptr (OakAppContents) contents = read_recorded ("sixty.dap.gz");
  g_autoptr (GBytes) source = g_bytes_new_static ("print('hello')\n", 15);
  OakRepackAsset asset = { "/node/22/__script", source };
  OakRepackWish wish = { .assets = &asset, .n_assets = 1 };
  g_autoptr (OakAppContents) again = repack (contents, &wish);
  OakAssetMap *before = oak_app_contents_get_assets (contents, NULL);
  OakAssetMap *after = oak_app_contents_get_assets (again, NULL);

  g_assert_cmpuint (oak_asset_map_get_n_assets (before), ==, oak_asset_map_get_n_assets (after));
  for (guint i = 0; i < oak_asset_map_get_n_assets (after); i++) {
    const OakAsset *each = oak_asset_map_get_asset (after, i);
    gboolean changed = g_str_equal (each->name, asset.name);
    g_autoptr (GBytes) bytes = oak_app_contents_dup_asset (again, each->name, NULL);
    g_autoptr (GBytes) expected =
        changed ? g_bytes_ref (source) : oak_app_contents_dup_asset (contents, each->name, NULL);

    g_assert_true (g_bytes_equal (bytes, expected));
    g_assert_cmpuint (each->offset % each->alignment, ==, 0);
    g_assert_cmpuint (each->order, ==, oak_asset_map_get_asset (before, i)->order);
  }
  assert_same_section (contents, again, "pipeline");
  assert_clean (again);
}

static guint32
get_blob_size (OakAppContents *contents, gint64 node)
{
  const OakPipelineNode *network =
      oak_pipeline_find_node (oak_app_contents_get_pipeline (contents, NULL), node);
  const guint8 *bytes = (const guint8 *) network->properties.data;

  /* b9 0n, then the size in one of its forms. */
  switch (bytes[2]) {
  case 0x80:
    return bytes[3];
  case 0x81:
    return bytes[3] | bytes[4] << 8;
  case 0x82:
    return bytes[3] | bytes[4] << 8 | bytes[5] << 16;
  default:
    return bytes[2];
  }
}

/* The pipeline knows how large a network is: it must say the new size, in whatever form that takes.
 */
static void
test_network_can_be_replaced (void)
{
  static const gsize sizes[] = { 1, 127, 128, 255, 256, 4097, 65536, 300000 };
  g_autoptr (OakAppContents) contents = read_recorded ("mobilenet.dap.gz");

  g_assert_cmpuint (get_blob_size (contents, 1), ==, 20000);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GBytes) network = g_bytes_new_take (g_malloc0 (sizes[i]), sizes[i]);
    g_autoptr (GBytes) old = oak_app_contents_dup_asset (contents, "/node/1/__blob", NULL);
    OakRepackAsset asset = { "/node/1/__blob", network };
    OakRepackWish wish = { .assets = &asset, .n_assets = 1 };
    g_autoptr (OakAppContents) again = repack (contents, &wish);
    g_autoptr (OakAppContents) back = NULL;

    g_assert_cmpuint (get_blob_size (again, 1), ==, sizes[i]);
    assert_clean (again);
    asset.bytes = old;
    back = repack (again, &wish);
    g_assert_true (g_bytes_equal (get_bytes (back), get_bytes (contents)));
  }
}

static void
test_tuning_can_be_replaced (void)
{
  g_autoptr (OakAppContents) contents = read_recorded ("globals.dap.gz");
  g_autoptr (GBytes) tuning = g_bytes_new_static ("tuning", 6);
  OakRepackAsset asset = { "/pipeline/camTuning", tuning };
  OakRepackWish wish = { .assets = &asset, .n_assets = 1 };
  g_autoptr (OakAppContents) again = repack (contents, &wish);
  const OakGlobalProperties *global =
      oak_pipeline_get_global_properties (oak_app_contents_get_pipeline (again, NULL));

  g_assert_cmpuint (global->camera_tuning_blob_size, ==, 6);
  g_assert_true (global->has_calibration_data);
  assert_clean (again);
}

static void
test_mesh_keeps_its_size (void)
{
  g_autoptr (OakAppContents) contents = read_recorded ("stereo.dap.gz");
  g_autoptr (GBytes) other = g_bytes_new_take (g_malloc0 (1000), 1000);
  g_autoptr (GBytes) longer = g_bytes_new_take (g_malloc0 (1001), 1001);
  OakRepackAsset asset = { "/node/2/meshLeft", other };
  OakRepackWish wish = { .assets = &asset, .n_assets = 1 };
  g_autoptr (OakAppContents) again = repack (contents, &wish);
  g_autoptr (GBytes) read = oak_app_contents_dup_asset (again, "/node/2/meshLeft", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_bytes_equal (read, other));
  asset.bytes = longer;
  g_assert_null (oak_app_repack (contents, &wish, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  g_assert_nonnull (strstr (error->message, "1000 bytes too, not 1001"));
}

static void
test_odd_assets (void)
{
  g_autoptr (OakAppContents) contents = read_recorded ("assets-odd.dap.gz");
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  OakRepackAsset assets[] = { { "/pipeline/nul\\x00in", bytes }, { "/pipeline/", bytes } };
  OakRepackWish wish = { .assets = assets, .n_assets = G_N_ELEMENTS (assets) };
  g_autoptr (OakAppContents) again = repack (contents, &wish);
  const OakAsset *asset = oak_asset_map_find (oak_app_contents_get_assets (again, NULL),
                                              (OakRawText){ "/pipeline/nul\0in", 16 });

  g_assert_nonnull (asset);
  g_assert_cmpuint (asset->size, ==, 1);
  assert_clean (again);
}

static void
test_unknown_asset (void)
{
  g_autoptr (OakAppContents) contents = read_recorded ("script-spi.dap");
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  OakRepackAsset asset = { "/node/7/__script", bytes };
  OakRepackWish wish = { .assets = &asset, .n_assets = 1 };
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_app_repack (contents, &wish, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/node/0/__script"));
}

/* A copy with new checksums would look whole. */
static void
test_damaged_is_refused (void)
{
  static const char *const files[] = { "bad-firmware-bit.dap.gz",
                                       "bad-truncated-firmware.dap.gz",
                                       "bad-overlap.dap.gz",
                                       "bad-magic.dap.gz" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (OakAppContents) contents = read_recorded (files[i]);
    OakRepackWish wish = { .application_name = "whole" };
    g_autoptr (GError) error = NULL;

    g_assert_null (oak_app_repack (contents, &wish, NULL, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  }
}

/* Two assets at one place become two; together they may not exceed what a package may be. */
static void
test_multiplied_assets_are_limited (void)
{
  g_autoptr (GBytes) storage = g_bytes_new_take (g_malloc0 (1024 * 1024), 1024 * 1024);
  g_autoptr (GByteArray) list = g_byte_array_new ();
  g_autoptr (GBytes) assets = NULL;
  g_autoptr (GBytes) one = g_bytes_new_static ("x", 1);
  OakRepackAsset replacement = { "/node/0/a", one };
  OakRepackWish wish = { .assets = &replacement, .n_assets = 1 };
  SupportPackage parts = { .storage = storage };
  g_autoptr (GBytes) package = NULL;
  g_autoptr (OakAppContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  g_byte_array_append (
      list,
      (const guint8 *) "\xb9\x01\xbb\x81\x00\x04\xbd\x09/node/0/a\xb9\x03\x00\x00\x01",
      22);
  for (guint i = 1; i < 1024; i++) {
    g_autofree char *name = g_strdup_printf ("%06u", i);

    g_byte_array_append (list, (const guint8 *) "\xbd\x06", 2);
    g_byte_array_append (list, (const guint8 *) name, 6);
    g_byte_array_append (list, (const guint8 *) "\xb9\x03\x00\x82\x00\x00\x10\x00\x01", 9);
  }
  assets = g_byte_array_free_to_bytes (g_steal_pointer (&list));
  parts.assets = assets;
  package = support_make_package (&parts);
  contents = support_read (package);
  g_assert_nonnull (oak_app_contents_get_assets (contents, NULL));
  g_assert_null (oak_app_repack (contents, &wish, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TOO_LARGE);
}

static void
test_unknown_sections_travel (void)
{
  static const char *const files[] = { "bad-last-entry-used.dap.gz", "bad-name-16.dap.gz" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (OakAppContents) contents = read_recorded (files[i]);
    OakRepackWish wish = { NULL };
    g_autoptr (OakAppContents) again = repack (contents, &wish);
    guint n_sections = oak_app_package_get_n_sections (oak_app_contents_get_package (again));
    OakAppSection before;
    OakAppSection after;

    for (guint k = 0; k < n_sections; k++) {
      oak_app_package_get_section (oak_app_contents_get_package (contents), k, &before);
      oak_app_package_get_section (oak_app_contents_get_package (again), k, &after);
      g_assert_cmpstr (before.name, ==, after.name);
      g_assert_cmpuint (before.slot, ==, after.slot);
      g_assert_cmpuint (before.type, ==, after.type);
      g_assert_cmpuint (before.checksum, ==, after.checksum);
    }
    assert_clean (again);
  }
}

/* The last place of the table is taken, so a name cannot be added. */
static void
test_full_table (void)
{
  g_autoptr (GBytes) recorded = test_daps_load ("bad-last-entry-used.dap.gz");
  gsize size = 0;
  g_autofree guint8 *data =
      g_memdup2 (g_bytes_get_data (recorded, &size), g_bytes_get_size (recorded));
  OakRepackWish wish = { .application_name = "name" };
  g_autoptr (GBytes) nameless = NULL;
  g_autoptr (OakAppContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  data[2 + 30 * 5] = 0; /* app_name is void now */
  nameless = g_bytes_new (data, size);
  contents = support_read (nameless);
  g_assert_null (oak_app_repack (contents, &wish, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
}

static void
test_older_layout_stays (void)
{
  SupportPackage parts = { .section_alignment = 1024 * 1024 };
  g_autoptr (GBytes) package = support_make_package (&parts);
  g_autoptr (OakAppContents) contents = support_read (package);
  OakRepackWish wish = { NULL };
  g_autoptr (OakAppContents) again = repack (contents, &wish);

  g_assert_true (g_bytes_equal (package, get_bytes (again)));
}

static void
test_loose_layout_is_put_right (void)
{
  SupportPackage parts = { .section_alignment = 4096 };
  SupportPackage right = { NULL };
  g_autoptr (GBytes) package = support_make_package (&parts);
  g_autoptr (GBytes) expected = support_make_package (&right);
  g_autoptr (OakAppContents) contents = support_read (package);
  OakRepackWish wish = { NULL };
  g_autoptr (OakAppContents) again = repack (contents, &wish);

  g_assert_true (g_bytes_equal (expected, get_bytes (again)));
}

static void
add_recorded (void)
{
  JsonArray *packages = support_get_array (manifest, "packages");

  for (guint i = 0; i < json_array_get_length (packages); i++) {
    JsonObject *entry = json_array_get_object_element (packages, i);
    const char *id = json_object_get_string_member (entry, "id");
    g_autofree char *identity = g_strdup_printf ("/bundle/repack/nothing-changes/%s", id);
    g_autofree char *assets = g_strdup_printf ("/bundle/repack/same-assets/%s", id);
    g_autofree char *compression = g_strdup_printf ("/bundle/repack/compression/%s", id);

    g_test_add_data_func (identity, entry, test_identity);
    g_test_add_data_func (assets, entry, test_same_assets);
    g_test_add_data_func (compression, entry, test_compression);
  }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  manifest = support_load_manifest ();
  add_recorded ();
  g_test_add_func ("/bundle/repack/check-at-boot-can-change", test_check_at_boot);
  g_test_add_func ("/bundle/repack/name-can-change", test_name);
  g_test_add_func ("/bundle/repack/script-can-be-replaced", test_script_can_be_replaced);
  g_test_add_func ("/bundle/repack/network-can-be-replaced", test_network_can_be_replaced);
  g_test_add_func ("/bundle/repack/tuning-can-be-replaced", test_tuning_can_be_replaced);
  g_test_add_func ("/bundle/repack/mesh-keeps-its-size", test_mesh_keeps_its_size);
  g_test_add_func ("/bundle/repack/odd-names-are-found", test_odd_assets);
  g_test_add_func ("/bundle/repack/unknown-asset-is-named", test_unknown_asset);
  g_test_add_func ("/bundle/repack/damaged-is-refused", test_damaged_is_refused);
  g_test_add_func ("/bundle/repack/multiplied-assets-are-limited",
                   test_multiplied_assets_are_limited);
  g_test_add_func ("/bundle/repack/unknown-sections-travel", test_unknown_sections_travel);
  g_test_add_func ("/bundle/repack/full-table-is-refused", test_full_table);
  g_test_add_func ("/bundle/repack/older-layout-stays", test_older_layout_stays);
  g_test_add_func ("/bundle/repack/loose-layout-is-put-right", test_loose_layout_is_put_right);
  status = g_test_run ();
  g_object_unref (manifest);
  return status;
}
