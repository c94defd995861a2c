/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <json-glib/json-glib.h>

#include "fuzz-assert.h"
#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-app-repack.h"
#include "oak-app-verdict.h"
#include "oak-asset-map.h"
#include "oak-error.h"
#include "oak-sbr.h"

/* Whole packages from any bytes: opened however damaged, judged, described, taken apart and made
 * anew. Checksums are put right first, or nothing behind them would ever be reached; only one that
 * is 0 stays wrong. Making anew takes a megabyte each time, so the last byte decides who is. */

/* Packages that claim to be larger than this when unpacked are left alone: they only cost time. */
#define MAX_FUZZED_FIRMWARE ((guint64) 1024 * 1024)

static GBytes *
put_right (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);
  OakSbr table;

  if (!oak_sbr_decode (&table, data, size, NULL))
    return g_bytes_new_take (g_steal_pointer (&copy), size);
  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++) {
    OakSbrEntry *entry = &table.entries[i];

    if (entry->checksum != 0 && (guint64) entry->offset + entry->size <= size &&
        entry->offset >= OAK_SBR_SIZE)
      entry->checksum =
          oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data + entry->offset, entry->size);
  }
  oak_sbr_encode (&table, copy);
  return g_bytes_new_take (g_steal_pointer (&copy), size);
}

static void
check_json (const OakAppVerdict *verdict)
{
  g_autoptr (JsonNode) node = oak_app_verdict_to_json (verdict);
  g_autofree char *text = json_to_string (node, FALSE);
  g_autoptr (JsonNode) again = json_from_string (text, NULL);

  FUZZ_ASSERT (g_utf8_validate (text, -1, NULL));
  FUZZ_ASSERT (again != NULL);
}

static void
check_verdict (OakAppContents *contents, const OakAppTarget *target, gboolean allow)
{
  g_autoptr (OakAppVerdict) verdict = oak_app_verdict_new (contents, target, allow);
  gboolean has_error = FALSE;

  for (guint i = 0; i < oak_app_verdict_get_n_findings (verdict); i++) {
    const OakFinding *finding = oak_app_verdict_get_finding (verdict, i);

    FUZZ_ASSERT (g_utf8_validate (finding->text, -1, NULL));
    has_error = has_error || finding->severity == OAK_FINDING_ERROR;
  }
  FUZZ_ASSERT (has_error == (oak_app_verdict_get_result (verdict) == OAK_APP_REJECT));
  FUZZ_ASSERT (has_error == !oak_app_verdict_check (verdict, NULL));
  check_json (verdict);
}

static void
check_extraction (OakAppContents *contents)
{
  OakAssetMap *assets = oak_app_contents_get_assets (contents, NULL);

  for (guint i = 0; assets != NULL && i < oak_asset_map_get_n_assets (assets); i++) {
    const OakAsset *asset = oak_asset_map_get_asset (assets, i);
    g_autoptr (GBytes) bytes = oak_app_contents_dup_asset (contents, asset->name, NULL);

    /* Two escaped names can be the same, so only the kind of result is sure. */
    FUZZ_ASSERT (bytes == NULL || g_bytes_get_size (bytes) < OAK_APP_PACKAGE_MAX_SIZE);
  }
  for (gint64 id = 0; id < 3; id++)
    g_free (oak_app_contents_dup_script_text (contents, id));
}

/* Whatever comes out must be a package without problems, and the same when made again. */
static void
check_repacked (OakAppContents *contents, const OakRepackWish *wish)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = oak_app_repack (contents, wish, NULL, &error);
  g_autoptr (OakAppPackage) package = NULL;
  g_autoptr (OakAppContents) again = NULL;
  g_autoptr (GBytes) same = NULL;
  OakRepackWish nothing = { NULL };

  if (bytes == NULL) {
    FUZZ_ASSERT (error->domain == OAK_ERROR);
    return;
  }
  package = oak_app_package_new_from_bytes (bytes, "repacked", &error);
  FUZZ_ASSERT (package != NULL);
  again = oak_app_contents_read (package, NULL, NULL);
  same = oak_app_repack (again, &nothing, NULL, &error);
  FUZZ_ASSERT (same != NULL && g_bytes_equal (same, bytes));
}

static void
check_repacking (OakAppContents *contents)
{
  OakAssetMap *assets = oak_app_contents_get_assets (contents, NULL);
  const OakFirmwareFacts *firmware = oak_app_contents_get_firmware (contents);
  g_autoptr (GBytes) other = g_bytes_new_static ("other", 5);
  OakRepackAsset asset = { NULL, other };
  OakRepackWish nothing = { NULL };
  OakRepackWish wish = { .application_name = "fuzz",
                         .check_at_boot = OAK_REPACK_YES,
                         .assets = &asset };

  check_repacked (contents, &nothing);
  if (firmware->state == OAK_FIRMWARE_READABLE && firmware->inflated_size <= MAX_FUZZED_FIRMWARE)
    wish.compress = firmware->compressed ? OAK_REPACK_NO : OAK_REPACK_YES;
  if (assets != NULL && oak_asset_map_get_n_assets (assets) > 0) {
    asset.name = oak_asset_map_get_asset (assets, 0)->name;
    wish.n_assets = 1;
  }
  check_repacked (contents, &wish);
}

int
fuzz_one_input (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = put_right (data, size);
  g_autoptr (OakAppPackage) package = oak_app_package_open_bytes (bytes, "fuzz.dap");
  g_autoptr (OakAppContents) contents = oak_app_contents_read (package, NULL, NULL);
  OakAppTarget target = {
    .bootloader_type = OAK_BOOTLOADER_TYPE_NETWORK,
    .version_known = TRUE,
    .bootloader_version = { 0, 0, 13 },
    .room_known = TRUE,
    .room = 1000,
  };

  FUZZ_ASSERT (contents != NULL);
  check_verdict (contents, NULL, FALSE);
  check_verdict (contents, &target, TRUE);
  check_extraction (contents);
  if (size > 0 && data[size - 1] % 8 == 0)
    check_repacking (contents);
  return 0;
}
