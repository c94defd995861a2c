/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <json-glib/json-glib.h>

#include "bundle-support.h"
#include "oak-app-package.h"
#include "oak-app-verdict.h"
#include "oak-error.h"
#include "test-daps.h"

/* Every recorded package, good or damaged, through the JSON that people will read, against what the
 * original's own readers said of it. */

static JsonParser *manifest; /* (owned) by main () */

static char *
print_node (JsonNode *node)
{
  return json_to_string (node, FALSE);
}

static void
assert_same (JsonObject *got, JsonObject *expected, const char *member)
{
  g_autofree char *got_text = print_node (json_object_get_member (got, member));
  g_autofree char *expected_text = print_node (json_object_get_member (expected, member));

  g_assert_true (json_object_has_member (got, member));
  g_assert_cmpstr (got_text, ==, expected_text);
}

/* Names are compared as bytes: what is no plain text stands as hexadecimal on our side. */
static char *
expected_hex (JsonObject *expected, const char *member, const char *hex_member)
{
  g_autoptr (GString) text = NULL;
  GString *hex = g_string_new (NULL);

  if (json_object_get_null_member (expected, member)) {
    g_string_append (hex, json_object_get_string_member (expected, hex_member));
    return g_string_free (hex, FALSE);
  }
  text = g_string_new (json_object_get_string_member (expected, member));
  for (gsize i = 0; i < text->len; i++) {
    if (g_str_has_prefix (text->str + i, SUPPORT_NUL_MARK)) {
      g_string_append (hex, "00");
      i += strlen (SUPPORT_NUL_MARK) - 1;
    } else
      g_string_append_printf (hex, "%02x", (guint8) text->str[i]);
  }
  return g_string_free (hex, FALSE);
}

static void
assert_same_bytes (JsonObject *got, JsonObject *expected, const char *member)
{
  g_autofree char *hex_member = g_strconcat (member, "Hex", NULL);
  g_autofree char *expected_bytes = expected_hex (expected, member, hex_member);
  g_autofree char *got_bytes = expected_hex (got, member, hex_member);

  g_assert_cmpstr (got_bytes, ==, expected_bytes);
  g_assert_true (json_object_has_member (got, hex_member) ==
                 json_object_get_null_member (got, member));
}

static void
assert_same_assets (JsonObject *got, JsonObject *expected)
{
  JsonArray *ours = json_object_get_array_member (got, "assets");
  JsonArray *theirs = json_object_get_array_member (expected, "assets");

  g_assert_cmpuint (json_array_get_length (ours), ==, json_array_get_length (theirs));
  for (guint i = 0; i < json_array_get_length (ours); i++) {
    JsonObject *our_asset = json_array_get_object_element (ours, i);
    JsonObject *their_asset = json_array_get_object_element (theirs, i);

    assert_same_bytes (our_asset, their_asset, "name");
    assert_same (our_asset, their_asset, "offset");
    assert_same (our_asset, their_asset, "size");
    assert_same (our_asset, their_asset, "alignment");
  }
}

/* Deep comparison does not care for the order of members, but text does: so whole lists are
 * compared as values. */
static void
assert_equal (JsonObject *got, JsonObject *expected, const char *member)
{
  JsonNode *ours = json_object_get_member (got, member);
  JsonNode *theirs = json_object_get_member (expected, member);

  g_assert_nonnull (ours);
  if (!json_node_equal (ours, theirs)) {
    g_autofree char *our_text = print_node (ours);
    g_autofree char *their_text = print_node (theirs);

    g_test_message ("%s: %s instead of %s", member, our_text, their_text);
    g_test_fail ();
  }
}

static void
test_good (gconstpointer data)
{
  static const char *const members[] = {
    "size",          "sections",         "firmwareVersion", "firmwareInflatedSize", "compress",
    "checkChecksum", "nodeCount",        "nodes",           "connectionCount",      "connections",
    "assetCount",    "globalProperties", "hasXLinkIn",      "hasXLinkOut",          "standaloneOk"
  };
  JsonObject *expected = (JsonObject *) data;
  g_autoptr (GBytes) bytes = test_daps_load (json_object_get_string_member (expected, "file"));
  g_autoptr (OakAppVerdict) verdict = support_judge (bytes);
  g_autoptr (JsonNode) node = oak_app_verdict_to_json (verdict);
  JsonObject *got = json_node_get_object (node);
  gboolean standalone = json_object_get_boolean_member (expected, "standaloneOk");

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    assert_equal (got, expected, members[i]);
  assert_same_bytes (got, expected, "applicationName");
  assert_same_assets (got, expected);
  g_assert_cmpstr (json_object_get_string_member (got, "generation"), ==, "v2");
  g_assert_true ((oak_app_verdict_get_result (verdict) == OAK_APP_REJECT) == !standalone);
  g_assert_true ((oak_app_verdict_get_n_host_streams (verdict) == 0) == standalone);
}

static gboolean
is_expected (OakAppResult result, const char *expected)
{
  if (g_str_equal (expected, "reject"))
    return result == OAK_APP_REJECT;
  if (g_str_equal (expected, "warn-or-reject"))
    return result != OAK_APP_OK;
  g_assert_cmpstr (expected, ==, "accept");
  return result != OAK_APP_REJECT;
}

/* What each damaged package must be told apart by; NULL where nothing is wrong with it. */
static const struct {
  const char *id;
  const char *code;
  const char *words; /* in the text */
} damages[] = {
  { "truncated-table", "not-a-package", ".dap" },
  { "truncated-firmware", "section-outside", "\"__firmware\" ends at byte" },
  { "firmware-bit", "firmware-checksum", "\"__firmware\" at byte 512" },
  { "pipeline-bit", "section-checksum", "\"pipeline\" at byte 1048576" },
  { "assets-bit", "section-checksum", "\"assets\" at byte 1114112" },
  { "overlap", "section-overlap", "\"assets\" at bytes 1114112" },
  { "offset-beyond", "section-outside", "\"app_name\"" },
  { "size-max", "section-outside", "\"pipeline\" ends at byte 4296015871" },
  { "magic", "not-a-package", ".dap" },
  { "all-empty", "not-a-package", "no section at all" },
  { "name-16", "unknown-section", "app_name_16chars" },
  { "nop-huge-string", "pipeline-unreadable", "`node name`" },
  { "nop-garbage-binary", "pipeline-unreadable", "`connections`" },
  { "zlib-cut", "firmware-unreadable", "ends early" },
  { "zlib-bomb", "firmware-too-large", "128.0 MiB" },
  { "nop-deep", "pipeline-unreadable", "nested too deeply" },
  { "nop-short", "pipeline-unreadable", "the bytes end here" },
  { "asset-outside", "asset-outside", "at 65536" },
  { "connection-no-port", "dangling-connection", "1:xy" },
  { "duplicate-node", "pipeline-unreadable", "twice" },
  { "pipeline-missing", "section-missing", "\"pipeline\" is missing" },
  { "last-entry-used", "unknown-section", "zz_last" },
  { "bool-2", "pipeline-unreadable", "neither true nor false" },
  { "int-long-form", NULL, NULL },
};

static void
test_damaged (gconstpointer data)
{
  guint index = GPOINTER_TO_UINT (data);
  JsonObject *entry = support_find (manifest, "damaged", damages[index].id);
  g_autoptr (GBytes) bytes = test_daps_load (json_object_get_string_member (entry, "file"));
  g_autoptr (OakAppVerdict) verdict = support_judge (bytes);
  g_autoptr (JsonNode) node = oak_app_verdict_to_json (verdict);
  const OakFinding *finding;

  g_assert_cmpint (g_bytes_get_size (bytes), ==, json_object_get_int_member (entry, "size"));
  g_assert_true (is_expected (oak_app_verdict_get_result (verdict),
                              json_object_get_string_member (entry, "expected")));
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "verdict"),
                   ==,
                   oak_app_result_to_string (oak_app_verdict_get_result (verdict)));
  if (damages[index].code == NULL)
    return;
  finding = support_find_finding (verdict, damages[index].code);
  g_assert_nonnull (finding);
  g_assert_nonnull (strstr (finding->text, damages[index].words));
}

static void
test_no_damage_is_forgotten (void)
{
  JsonArray *entries = support_get_array (manifest, "damaged");

  g_assert_cmpuint (json_array_get_length (entries), ==, G_N_ELEMENTS (damages));
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    g_assert_nonnull (support_find (manifest, "damaged", damages[i].id));
}

/* A reader of damaged packages still shows what is whole in them. */
static void
test_damaged_is_shown (void)
{
  g_autoptr (GBytes) bytes = test_daps_load ("bad-firmware-bit.dap.gz");
  g_autoptr (OakAppVerdict) verdict = support_judge (bytes);
  g_autoptr (JsonNode) node = oak_app_verdict_to_json (verdict);
  JsonObject *got = json_node_get_object (node);

  g_assert_cmpint (json_object_get_int_member (got, "nodeCount"), ==, 1);
  g_assert_cmpint (json_array_get_length (json_object_get_array_member (got, "sections")), ==, 6);
  g_assert_true (json_object_get_boolean_member (got, "standaloneOk"));
}

/* The bytes that take down the original's memory: cheap here, whatever they claim. */
static void
test_bomb_is_cheap (void)
{
  g_autoptr (GBytes) bytes = test_daps_load ("bad-zlib-bomb.dap.gz");
  g_autoptr (OakAppVerdict) verdict = NULL;
  gsize used;

  support_memory_begin ();
  verdict = support_judge (bytes);
  used = support_memory_end ();
  g_assert_nonnull (support_find_finding (verdict, "firmware-too-large"));
  g_assert_cmpuint (used, <, 8 * 1024 * 1024);
}

static void
add_tests (void)
{
  JsonArray *packages = support_get_array (manifest, "packages");

  for (guint i = 0; i < json_array_get_length (packages); i++) {
    JsonObject *entry = json_array_get_object_element (packages, i);
    g_autofree char *path =
        g_strdup_printf ("/bundle/manifest/good/%s", json_object_get_string_member (entry, "id"));

    g_test_add_data_func (path, entry, test_good);
  }
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++) {
    g_autofree char *path = g_strdup_printf ("/bundle/manifest/damaged/%s", damages[i].id);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_damaged);
  }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  manifest = support_load_manifest ();
  add_tests ();
  g_test_add_func ("/bundle/manifest/no-damage-is-forgotten", test_no_damage_is_forgotten);
  g_test_add_func ("/bundle/manifest/damaged-packages-are-shown", test_damaged_is_shown);
  g_test_add_func ("/bundle/manifest/a-bomb-takes-little-memory", test_bomb_is_cheap);
  status = g_test_run ();
  g_object_unref (manifest);
  return status;
}
