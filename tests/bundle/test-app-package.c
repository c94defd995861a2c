/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-app-package.h"

#include <string.h>

#include <json-glib/json-glib.h>

#include "oak-error.h"
#include "oak-sbr.h"
#include "oak-text.h"
#include "test-daps.h"

/* Every recorded package against what the original's own readers said of it, and every way in which
 * a container can be wrong. */

static JsonParser *manifest; /* (owned) by main () */

static JsonArray *
manifest_array (const char *member)
{
  return json_object_get_array_member (json_node_get_object (json_parser_get_root (manifest)),
                                       member);
}

static char *
sha256_of (const guint8 *data, gsize size)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, size);
}

static void
assert_section (const OakAppPackage *package, guint index, JsonObject *expected)
{
  const guint8 *data = g_bytes_get_data (oak_app_package_get_bytes (package), NULL);
  g_autofree char *sha256 = NULL;
  OakAppSection section;

  oak_app_package_get_section (package, index, &section);
  g_assert_cmpstr (section.name, ==, json_object_get_string_member (expected, "name"));
  g_assert_cmpint (section.size, ==, json_object_get_int_member (expected, "size"));
  g_assert_cmpint (section.offset, ==, json_object_get_int_member (expected, "offset"));
  g_assert_cmpint (section.checksum, ==, json_object_get_int_member (expected, "checksum"));
  g_assert_cmpint (section.type, ==, json_object_get_int_member (expected, "type"));
  g_assert_cmpint (section.flags, ==, json_object_get_int_member (expected, "flags"));
  sha256 = sha256_of (data + section.offset, section.size);
  g_assert_cmpstr (sha256, ==, json_object_get_string_member (expected, "sha256"));
}

/* The expected text, escaped like the package's own; NULL for an empty one. */
static char *
expected_text (JsonObject *expected, const char *member)
{
  JsonNode *node = json_object_get_member (expected, member);
  g_autoptr (GString) raw = g_string_new (NULL);
  const char *text;

  if (!JSON_NODE_HOLDS_NULL (node)) {
    text = json_node_get_string (node);
    return text[0] == '\0' ? NULL : oak_text_escape (text, -1, 200);
  }
  text = json_object_get_string_member (expected, "applicationNameHex");
  for (gsize i = 0; text[i] != '\0' && text[i + 1] != '\0'; i += 2)
    g_string_append_c (
        raw,
        (char) (g_ascii_xdigit_value (text[i]) * 16 + g_ascii_xdigit_value (text[i + 1])));
  return oak_text_escape (raw->str, (gssize) raw->len, 200);
}

static void
test_good (gconstpointer data)
{
  JsonObject *expected = (JsonObject *) data;
  JsonArray *sections = json_object_get_array_member (expected, "sections");
  g_autoptr (GBytes) bytes = test_daps_load (json_object_get_string_member (expected, "file"));
  g_autofree char *name = expected_text (expected, "applicationName");
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAppPackage) package = oak_app_package_new_from_bytes (bytes, "good.dap", &error);

  g_assert_no_error (error);
  g_assert_cmpint (oak_app_package_get_size (package),
                   ==,
                   json_object_get_int_member (expected, "size"));
  g_assert_cmpstr (oak_app_package_get_sha256 (package),
                   ==,
                   json_object_get_string_member (expected, "sha256"));
  g_assert_true (oak_app_package_is_checked_at_boot (package) ==
                 json_object_get_boolean_member (expected, "checkChecksum"));
  g_assert_cmpstr (oak_app_package_get_application_name (package), ==, name);
  g_assert_cmpstr (oak_app_package_get_firmware_version (package),
                   ==,
                   json_object_get_string_member (expected, "firmwareVersion"));
  g_assert_cmpint (oak_app_package_get_n_sections (package), ==, json_array_get_length (sections));
  for (guint i = 0; i < json_array_get_length (sections); i++)
    assert_section (package, i, json_array_get_object_element (sections, i));
}

/* The damaged packages that concern the container, and what the message must name. The others are
 * damaged inside a section. */
static const struct {
  const char *id;
  const char *reason; /* NULL: readable */
} container_cases[] = {
  { "truncated-table", "no application package" },
  { "truncated-firmware", "\"__firmware\" ends at byte" },
  { "firmware-bit", "\"__firmware\" at byte 512 is damaged" },
  { "pipeline-bit", "\"pipeline\" at byte 1048576 is damaged" },
  { "assets-bit", "\"assets\" at byte 1114112 is damaged" },
  { "overlap", "overlaps section \"pipeline\"" },
  { "offset-beyond", "\"app_name\" ends at byte" },
  { "size-max", "\"pipeline\" ends at byte 4296015871" },
  { "magic", "no application package" },
  { "all-empty", "names no section" },
  { "name-16", NULL },
  { "pipeline-missing", "\"pipeline\" is missing" },
  { "last-entry-used", NULL },
  { "int-long-form", NULL },
};

static JsonObject *
find_damaged (const char *id)
{
  JsonArray *damaged = manifest_array ("damaged");

  for (guint i = 0; i < json_array_get_length (damaged); i++) {
    JsonObject *entry = json_array_get_object_element (damaged, i);

    if (g_str_equal (json_object_get_string_member (entry, "id"), id))
      return entry;
  }
  g_assert_not_reached ();
}

static void
test_damaged (gconstpointer data)
{
  guint index = GPOINTER_TO_UINT (data);
  const char *reason = container_cases[index].reason;
  JsonObject *entry = find_damaged (container_cases[index].id);
  const char *verdict = json_object_get_string_member (entry, "expected");
  g_autoptr (GBytes) bytes = test_daps_load (json_object_get_string_member (entry, "file"));
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAppPackage) package = oak_app_package_new_from_bytes (bytes, "damaged.dap", &error);

  g_assert_cmpint (g_bytes_get_size (bytes), ==, json_object_get_int_member (entry, "size"));
  g_assert_cmpstr (verdict, ==, reason == NULL ? "accept" : "reject");
  if (reason == NULL) {
    g_assert_no_error (error);
    g_assert_nonnull (package);
    return;
  }
  g_assert_null (package);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  g_assert_nonnull (strstr (error->message, "damaged.dap"));
  g_assert_nonnull (strstr (error->message, reason));
}

static void
test_sixteen_characters (void)
{
  g_autoptr (GBytes) bytes = test_daps_load ("bad-name-16.dap.gz");
  g_autoptr (OakAppPackage) package = oak_app_package_new_from_bytes (bytes, "x", NULL);
  OakAppSection section;

  oak_app_package_get_section (package, 5, &section);
  g_assert_cmpstr (section.name, ==, "app_name_16chars");
  g_assert_null (oak_app_package_get_application_name (package));
}

/* A small valid package to change: firmware, pipeline and one more section behind the table. */
typedef struct {
  OakSbr table;
  guint8 data[OAK_SBR_SIZE + 64];
  gsize size;
} Made;

static void
set_entry (Made *made, guint slot, const char *name, guint32 offset, guint32 size, guint8 flags)
{
  OakSbrEntry *entry = &made->table.entries[slot];

  g_strlcpy (entry->name, name, sizeof entry->name);
  entry->offset = offset;
  entry->size = size;
  entry->flags = flags;
  if ((guint64) offset + size <= made->size)
    entry->checksum = oak_sbr_checksum (OAK_SBR_CHECKSUM_START, made->data + offset, size);
}

static void
made_init (Made *made)
{
  *made = (Made){ .size = sizeof made->data };
  for (gsize i = OAK_SBR_SIZE; i < sizeof made->data; i++)
    made->data[i] = (guint8) (i * 7);
  set_entry (made, 0, "__firmware", 512, 20, 0x03);
  set_entry (made, 1, "pipeline", 540, 10, 0);
  set_entry (made, 2, "other", 560, 0, 0);
}

static OakAppPackage *
made_read (Made *made, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  oak_sbr_encode (&made->table, made->data);
  bytes = g_bytes_new (made->data, made->size);
  return oak_app_package_new_from_bytes (bytes, "made.dap", error);
}

static void
assert_refused (Made *made, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAppPackage) package = made_read (made, &error);

  g_assert_null (package);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, reason));
}

static void
test_made_is_good (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAppPackage) package = NULL;
  Made made;

  made_init (&made);
  package = made_read (&made, &error);
  g_assert_no_error (error);
  g_assert_false (oak_app_package_is_checked_at_boot (package));
  g_assert_null (oak_app_package_get_path (package));
}

static void
test_table_rules (void)
{
  static const struct {
    guint slot;
    const char *name;
    guint32 offset, size;
    guint8 flags;
    const char *reason;
  } cases[] = {
    { 2, "other", 511, 4, 0, "inside the table" },
    { 2, "other", 0, 0, 0, "inside the table" },
    { 2, "other", 576, 1, 0, "beyond the end" },
    { 2, "other", 0xffffffff, 0xffffffff, 0, "ends at byte 8589934590" },
    { 2, "other", 531, 1, 0, "overlaps section \"__firmware\"" },
    { 2, "other", 545, 1, 0, "overlaps section \"pipeline\"" },
    { 2, "pipeline", 560, 4, 0, "twice" },
    { 2, "other", 560, 4, 0x01, "second one" },
    { 2, "other", 560, 4, 0x08, "compressed" },
    { 2, "other", 560, 4, 0x1c, "compressed" },
    { 0, "__firmware", 512, 20, 0x02, "no section is marked" },
    { 0, "__firmware", 512, 0, 0x03, "\"__firmware\" is empty" },
    { 0, "firmware", 512, 20, 0x03, "not called" },
    { 1, "pipeline", 540, 0, 0, "\"pipeline\" is empty" },
    { 1, "Pipeline", 540, 10, 0, "\"pipeline\" is missing" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    Made made;

    made_init (&made);
    set_entry (&made, cases[i].slot, cases[i].name, cases[i].offset, cases[i].size, cases[i].flags);
    assert_refused (&made, cases[i].reason);
  }
}

static void
test_checksum_is_always_checked (void)
{
  Made made;

  for (guint8 flags = 0x01; flags <= 0x03; flags += 2) {
    made_init (&made);
    made.table.entries[0].flags = flags;
    made.table.entries[0].checksum ^= 1;
    assert_refused (&made, "its checksum is");
  }
}

static void
test_names_are_escaped (void)
{
  Made made;

  made_init (&made);
  set_entry (&made, 2, "\xe2\x80\xae<b>\n", 576, 9, 0);
  assert_refused (&made, "\"\\u{202e}<b>\\n\"");
}

static void
test_all_entries_usable (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAppPackage) package = NULL;
  OakAppSection section;
  Made made;

  made_init (&made);
  for (guint i = 2; i < OAK_SBR_N_ENTRIES; i++) {
    g_autofree char *name = g_strdup_printf ("other%u", i);

    set_entry (&made, i, name, 550 + i, 1, 0);
  }
  package = made_read (&made, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oak_app_package_get_n_sections (package), ==, OAK_SBR_N_ENTRIES);
  oak_app_package_get_section (package, 16, &section);
  g_assert_cmpstr (section.name, ==, "other16");
}

static void
test_every_truncation (void)
{
  Made made;

  made_init (&made);
  oak_sbr_encode (&made.table, made.data);
  /* "other" is empty and lies at 560: one byte less is an error. */
  for (gsize size = 0; size < 560; size++) {
    g_autofree guint8 *data = g_memdup2 (made.data, size);
    g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&data), size);
    g_autoptr (GError) error = NULL;

    g_assert_null (oak_app_package_new_from_bytes (bytes, "cut.dap", &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  }
}

static void
test_load_keeps_path (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("OAK_TEST_DATA"), "daps", "script-spi.dap", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAppPackage) package = oak_app_package_load (path, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oak_app_package_get_path (package), ==, path);
  g_assert_cmpstr (oak_app_package_get_file_name (package), ==, "script-spi.dap");
  g_assert_cmpstr (oak_app_package_get_application_name (package), ==, "spi");
}

static void
add_good_tests (void)
{
  JsonArray *packages = manifest_array ("packages");

  g_assert_cmpuint (json_array_get_length (packages), ==, 21);
  for (guint i = 0; i < json_array_get_length (packages); i++) {
    JsonObject *entry = json_array_get_object_element (packages, i);
    g_autofree char *path =
        g_strdup_printf ("/bundle/package/reads-%s", json_object_get_string_member (entry, "id"));

    g_test_add_data_func (path, entry, test_good);
  }
}

static void
add_damaged_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (container_cases); i++) {
    g_autofree char *path =
        g_strdup_printf ("/bundle/package/%s-%s",
                         container_cases[i].reason == NULL ? "accepts" : "refuses",
                         container_cases[i].id);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_damaged);
  }
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  path = g_build_filename (g_getenv ("OAK_TEST_DATA"), "daps", "MANIFEST.json", NULL);
  manifest = json_parser_new ();
  json_parser_load_from_file (manifest, path, &error);
  g_assert_no_error (error);

  add_good_tests ();
  add_damaged_tests ();
  g_test_add_func ("/bundle/package/name-of-sixteen-characters-has-no-end",
                   test_sixteen_characters);
  g_test_add_func ("/bundle/package/made-package-is-good", test_made_is_good);
  g_test_add_func ("/bundle/package/table-rules-each-have-their-message", test_table_rules);
  g_test_add_func ("/bundle/package/checksum-counts-also-where-the-boot-ignores-it",
                   test_checksum_is_always_checked);
  g_test_add_func ("/bundle/package/section-names-are-escaped", test_names_are_escaped);
  g_test_add_func ("/bundle/package/all-seventeen-entries-are-usable", test_all_entries_usable);
  g_test_add_func ("/bundle/package/every-truncation-is-refused", test_every_truncation);
  g_test_add_func ("/bundle/package/load-keeps-path-and-names", test_load_keeps_path);
  result = g_test_run ();
  g_object_unref (manifest);
  return result;
}
