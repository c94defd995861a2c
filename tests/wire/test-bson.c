/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bson.h"
#include "oak-error.h"
#include "oak-sbr.h"
#include "test-bytes.h"

/* BSON and JSON: the vectors of bootloader.md §9.3, everything that must survive, and everything
 * that must be refused. */

#define DEFAULT_CONFIG                                                                             \
  "{\"appMem\":-1,\"network\":{\"ipv4\":0,\"ipv4Dns\":0,\"ipv4DnsAlt\":0,\"ipv4Gateway\":0,"       \
  "\"ipv4Mask\":0,"                                                                                \
  "\"ipv6\":[0,0,0,0],\"ipv6Dns\":[0,0,0,0],\"ipv6DnsAlt\":[0,0,0,0],\"ipv6Gateway\":[0,0,0,0],"   \
  "\"ipv6Prefix\":0,"                                                                              \
  "\"mac\":[0,0,0,0,0,0],\"staticIpv4\":false,\"staticIpv6\":false,\"timeoutMs\":30000},"          \
  "\"usb\":{\"maxUsbSpeed\":3,\"pid\":63036,\"timeoutMs\":3000,\"vid\":999},\"userBlChecksum\":0," \
  "\"userBlSize\":0}"

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  return node;
}

static GBytes *
encode (const char *text)
{
  g_autoptr (JsonNode) node = parse (text);
  g_autoptr (GError) error = NULL;
  GBytes *bytes = oak_bson_encode (node, &error);

  g_assert_no_error (error);
  return bytes;
}

static JsonNode *
decode (GBytes *bytes)
{
  g_autofree guint8 *block = test_bytes_cut (bytes, g_bytes_get_size (bytes));
  g_autoptr (GError) error = NULL;
  JsonNode *node = oak_bson_decode (block, g_bytes_get_size (bytes), &error);

  g_assert_no_error (error);
  return node;
}

static void
assert_json (GBytes *bytes, const char *expected)
{
  g_autoptr (JsonNode) node = decode (bytes);
  g_autofree char *text = json_to_string (node, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

static guint32
checksum_of (GBytes *bytes)
{
  return oak_sbr_checksum (OAK_SBR_CHECKSUM_START,
                           g_bytes_get_data (bytes, NULL),
                           g_bytes_get_size (bytes));
}

static void
test_smallest_vector (void)
{
  g_autoptr (GBytes) bytes = encode ("{\"appMem\":0}");

  test_bytes_assert (bytes, "11 00 00 00 10 61 70 70 4d 65 6d 00 00 00 00 00 00");
  assert_json (bytes, "{\"appMem\":0}");
}

typedef struct {
  guint offset;
  guint8 type;
  const char *key;
} Element;

static const Element elements[] = {
  { 0x04, 0x10, "appMem" },      { 0x10, 0x03, "network" }, { 0x1d, 0x10, "ipv4" },
  { 0x55, 0x10, "ipv4Mask" },    { 0x11f, 0x04, "mac" },    { 0x153, 0x08, "staticIpv4" },
  { 0x16d, 0x10, "timeoutMs" },  { 0x17d, 0x03, "usb" },    { 0x1b9, 0x10, "userBlChecksum" },
  { 0x1cd, 0x10, "userBlSize" },
};

static void
test_default_configuration (void)
{
  g_autoptr (GBytes) bytes = encode (DEFAULT_CONFIG);
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  const guint8 *data = g_bytes_get_data (bytes, NULL);

  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 478);
  g_assert_cmphex (checksum_of (bytes), ==, 0x3dc1b4f7);
  g_assert_true (g_str_has_prefix (digest, "42839d70832f0834"));
  for (guint i = 0; i < G_N_ELEMENTS (elements); i++) {
    g_assert_cmphex (data[elements[i].offset], ==, elements[i].type);
    g_assert_cmpstr ((const char *) data + elements[i].offset + 1, ==, elements[i].key);
  }
  g_assert_cmpuint (data[0x10 + 9] | data[0x10 + 10] << 8, ==, 356);
  g_assert_cmpuint (data[0x11f + 5] | data[0x11f + 6] << 8, ==, 47);
  g_assert_cmpuint (data[0x17d + 5] | data[0x17d + 6] << 8, ==, 55);
  assert_json (bytes, DEFAULT_CONFIG);
}

static void
test_static_address_needs_eight_bytes (void)
{
  g_autoptr (JsonNode) node = parse (DEFAULT_CONFIG);
  JsonObject *network = json_object_get_object_member (json_node_get_object (node), "network");
  g_autoptr (GBytes) bytes = NULL;

  json_object_set_int_member (network, "ipv4", 2516691136);
  json_object_set_int_member (network, "ipv4Mask", 16777215);
  json_object_set_int_member (network, "ipv4Gateway", 16885952);
  json_object_set_boolean_member (network, "staticIpv4", TRUE);
  bytes = oak_bson_encode (node, NULL);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 482);
  g_assert_cmphex (checksum_of (bytes), ==, 0x81047c68);
  g_assert_cmphex (((const guint8 *) g_bytes_get_data (bytes, NULL))[0x1d], ==, 0x12);
}

static void
test_integers_take_the_shorter_width (void)
{
  g_autoptr (GBytes) bytes =
      encode ("{\"a\":2147483647,\"b\":2147483648,\"c\":-2147483648,\"d\":-2147483649}");

  test_bytes_assert (bytes,
                     "29000000 10 6100 ffffff7f 12 6200 0000008000000000 10 6300 00000080"
                     " 12 6400 ffffff7fffffffff 00");
}

static void
test_both_integer_widths_are_read (void)
{
  g_autoptr (GBytes) bytes =
      test_bytes_new ("1b000000 12 6100 0500000000000000 12 6200 fbffffffffffffff 00");
  g_autoptr (GBytes) again = NULL;
  g_autoptr (JsonNode) node = NULL;

  assert_json (bytes, "{\"a\":5,\"b\":-5}");
  node = decode (bytes);
  again = oak_bson_encode (node, NULL);
  test_bytes_assert (again, "13000000 10 6100 05000000 10 6200 fbffffff 00");
}

static void
test_keys_are_sorted_by_bytes (void)
{
  g_autoptr (GBytes) bytes = encode ("{\"b\":1,\"ä\":1,\"a\":1,\"B\":1,\"\":1,\"aa\":1}");
  g_autoptr (JsonNode) node = decode (bytes);
  g_autofree char *text = json_to_string (node, FALSE);

  g_assert_cmpstr (text, ==, "{\"\":1,\"B\":1,\"a\":1,\"aa\":1,\"b\":1,\"ä\":1}");
}

static void
test_plain_values_have_a_json_form (void)
{
  g_autoptr (GBytes) bytes = encode (
      "{\"f\":false,\"n\":null,\"o\":{},\"s\":\"täxt\",\"t\":true,\"v\":[1,[],\"x\"],\"x\":0.5}");

  assert_json (
      bytes,
      "{\"f\":false,\"n\":null,\"o\":{},\"s\":\"täxt\",\"t\":true,\"v\":[1,[],\"x\"],\"x\":0.5}");
}

static void
test_doubles_stay_doubles (void)
{
  /* 3.0, -0.0, the smallest and the largest: through JSON text and back. */
  g_autoptr (GBytes) bytes =
      test_bytes_new ("31000000 01 6100 0000000000000840 01 6200 0000000000000080"
                      " 01 6300 0100000000000000 01 6400 ffffffffffffef7f 00");
  g_autoptr (JsonNode) node = decode (bytes);
  g_autofree char *text = json_to_string (node, FALSE);
  g_autoptr (GBytes) again = encode (text);

  test_bytes_assert_equal (again, bytes);
}

typedef struct {
  const char *name;
  const char *digits; /* of one whole document */
  const char *json;   /* (nullable): what it must become */
} SurvivorRow;

#define RAW(type, data) "{\"a\":{\"$bson\":{\"type\":" #type ",\"data\":\"" data "\"}}}"

static const SurvivorRow survivors[] = {
  { "not-a-number", "10000000 01 6100 000000000000f87f 00", RAW (1, "AAAAAAAA+H8=") },
  { "infinity", "10000000 01 6100 000000000000f0ff 00", RAW (1, "AAAAAAAA8P8=") },
  { "double-without-json-form", "10000000 01 6100 00a0d885573476c3 00", RAW (1, "AKDYhVc0dsM=") },
  { "string-of-invalid-utf8", "0e000000 02 6100 02000000 ff00 00", RAW (2, "AgAAAP8A") },
  { "string-with-a-nul", "0f000000 02 6100 03000000 7800 00 00", RAW (2, "AwAAAHgAAA==") },
  { "array-with-other-keys",
    "14000000 04 6100 0c000000 10 3100 01000000 00 00",
    RAW (4, "DAAAABAxAAEAAAAA") },
  { "binary", "0f000000 05 6100 02000000 80 0102 00", RAW (5, "AgAAAIABAg==") },
  { "empty-binary", "0d000000 05 6100 00000000 00 00", RAW (5, "AAAAAAA=") },
  { "undefined", "08000000 06 6100 00", RAW (6, "") },
  { "object-id", "14000000 07 6100 12*ab 00", RAW (7, "q6urq6urq6urq6ur") },
  { "odd-boolean", "09000000 08 6100 02 00", RAW (8, "Ag==") },
  { "date", "10000000 09 6100 0102030405060708 00", RAW (9, "AQIDBAUGBwg=") },
  { "regular-expression", "0c000000 0b 6100 6200 6300 00", RAW (11, "YgBjAA==") },
  { "pointer", "1a000000 0c 6100 02000000 6200 12*01 00", RAW (12, "AgAAAGIAAQEBAQEBAQEBAQEB") },
  { "code", "0e000000 0d 6100 02000000 6200 00", RAW (13, "AgAAAGIA") },
  { "symbol", "0e000000 0e 6100 02000000 6200 00", RAW (14, "AgAAAGIA") },
  { "code-with-scope",
    "17000000 0f 6100 0f000000 02000000 6200 05000000 00 00",
    RAW (15, "DwAAAAIAAABiAAUAAAAA") },
  { "timestamp", "10000000 11 6100 0102030405060708 00", RAW (17, "AQIDBAUGBwg=") },
  { "decimal", "18000000 13 6100 16*01 00", RAW (19, "AQEBAQEBAQEBAQEBAQEBAQ==") },
  { "largest-key", "08000000 7f 6100 00", RAW (127, "") },
  { "smallest-key", "08000000 ff 6100 00", RAW (255, "") },
  { "stand-in-of-a-raw-element",
    "2e000000 03 6100 26000000 03 2462736f6e00 1a000000 02 6461746100 01000000 00 10 7479706500 "
    "05000000 00 00 00",
    NULL },
  { "what-looks-a-little-like-one",
    "18000000 03 6100 10000000 10 2462736f6e00 05000000 00 00",
    RAW (3, "EAAAABAkYnNvbgAFAAAAAA==") },
  { "one-at-the-top", "10000000 10 2462736f6e00 05000000 00", "{\"$bson\":5}" },
  { "one-with-a-neighbour",
    "1f000000 03 6100 17000000 10 2462736f6e00 05000000 10 6200 00000000 00 00",
    NULL },
  { "one-in-an-array",
    "20000000 04 6100 18000000 03 3000 10000000 10 2462736f6e00 05000000 00 00 00",
    NULL },
};

static void
test_survivor (gconstpointer data)
{
  const SurvivorRow *row = data;
  g_autoptr (GBytes) bytes = test_bytes_new (row->digits);
  g_autoptr (JsonNode) node = decode (bytes);
  g_autofree char *text = json_to_string (node, FALSE);
  g_autofree char *pretty = json_to_string (node, TRUE);
  g_autoptr (GBytes) direct = oak_bson_encode (node, NULL);
  g_autoptr (GBytes) through_text = encode (text);
  g_autoptr (GBytes) through_pretty_text = encode (pretty);

  test_bytes_assert_equal (direct, bytes);
  test_bytes_assert_equal (through_text, bytes);
  test_bytes_assert_equal (through_pretty_text, bytes);
  if (row->json != NULL)
    g_assert_cmpstr (text, ==, row->json);
}

typedef struct {
  const char *name;
  const char *digits;
  const char *message;
} RefusedRow;

static const RefusedRow refused_documents[] = {
  { "length-below-5", "04000000 00", "document is shorter than the shortest one" },
  { "length-zero", "00000000 00", "document is shorter than the shortest one" },
  { "negative-length", "ffffffff 00", "document of 4294967295 bytes is larger than 16384" },
  { "length-beyond-the-bytes", "06000000 00", "message of 5 bytes ends inside `document`" },
  { "length-beyond-the-section",
    "01400000 16381*00",
    "document of 16385 bytes is larger than 16384" },
  { "no-terminator", "05000000 01", "document is not terminated" },
  { "element-where-the-end-should-be",
    "0c000000 10 6100 01000000 10",
    "document is not terminated" },
  { "end-before-the-length", "07000000 00 00 00", "document ends before its length" },
  { "key-that-swallows-the-end",
    "08000000 0a 61 62 00",
    "message of 8 bytes ends inside `element type`" },
  { "key-of-invalid-utf8", "08000000 0a ff00 00", "key is not valid UTF-8" },
  { "key-twice", "0b000000 0a 6100 0a 6100 00", "key `a` occurs twice" },
  { "key-twice-in-an-inner-object",
    "13000000 03 6100 0b000000 0a 6200 0a 6200 00 00",
    "key `b` occurs twice" },
  { "unknown-type-14", "08000000 14 6100 00", "unknown element type 0x14" },
  { "unknown-type-80", "08000000 80 6100 00", "unknown element type 0x80" },
  { "string-of-length-zero", "0d000000 02 6100 00000000 00 00", "string length is below 1" },
  { "string-of-negative-length", "0e000000 02 6100 ffffffff 6200 00", "string length is below 1" },
  { "string-of-smallest-length", "0e000000 02 6100 00000080 6200 00", "string length is below 1" },
  { "string-longer-than-its-document",
    "0e000000 02 6100 04000000 6200 00",
    "message of 14 bytes ends inside `string`" },
  { "string-without-end", "0e000000 02 6100 02000000 6262 00", "string is not terminated" },
  { "binary-of-negative-length",
    "0f000000 05 6100 ffffffff 80 0102 00",
    "binary length is negative" },
  { "binary-longer-than-its-document",
    "0f000000 05 6100 04000000 80 0102 00",
    "message of 15 bytes ends inside `binary`" },
  { "inner-document-longer-than-its-parent",
    "14000000 03 6100 0e000000 10 6200 01000000 00 00",
    "message of 20 bytes ends inside `document`" },
  { "inner-document-shorter-than-its-elements",
    "14000000 03 6100 0b000000 10 6200 01000000 00 00",
    "message of 11 bytes ends inside `element type`" },
  { "inner-document-of-negative-length",
    "14000000 03 6100 f4ffffff 10 6200 01000000 00 00",
    "document is shorter than the shortest one" },
  { "code-with-scope-too-short",
    "17000000 0f 6100 0d000000 02000000 6200 05000000 00 00",
    "document is shorter than the shortest one" },
  { "options-that-swallow-the-end",
    "0c000000 0b 6100 6200 6363 00",
    "message of 12 bytes ends inside `element type`" },
  { "regular-expression-without-options",
    "09000000 0b 6100 62 00",
    "message of 9 bytes ends inside `regular expression options`" },
  { "key-twice-with-a-control", "0b000000 0a 0700 0a 0700 00", "key `\\x07` occurs twice" },
};

static void
test_refused (gconstpointer data)
{
  const RefusedRow *row = data;
  g_autoptr (GBytes) bytes = test_bytes_new (row->digits);
  g_autofree guint8 *block = test_bytes_cut (bytes, g_bytes_get_size (bytes));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = oak_bson_decode (block, g_bytes_get_size (bytes), &error);

  g_assert_null (node);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==, row->message);
}

static GBytes *
make_nested (guint depth, char open, char close)
{
  GString *text = g_string_new (NULL);
  g_autofree char *json = NULL;

  for (guint i = 0; i < depth; i++)
    g_string_append (text, i == 0 || open == '{' ? "{\"a\":" : "[");
  g_string_append (text, "1");
  for (guint i = depth; i > 0; i--)
    g_string_append_c (text, i == 1 ? '}' : close);
  json = g_string_free (text, FALSE);
  return g_bytes_new_take (g_steal_pointer (&json), strlen (json) + 1);
}

static void
assert_depth (guint depth, gboolean is_good, char open, char close)
{
  g_autoptr (GBytes) text = make_nested (depth, open, close);
  g_autoptr (JsonNode) node = parse (g_bytes_get_data (text, NULL));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = oak_bson_encode (node, &error);

  if (is_good) {
    g_autoptr (JsonNode) again = NULL;

    g_assert_no_error (error);
    again = decode (bytes);
    g_assert_true (json_node_equal (node, again));
  } else {
    g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
    g_assert_null (bytes);
  }
}

static void
test_nesting_has_a_limit_in_writing (void)
{
  assert_depth (OAK_BSON_MAX_DEPTH, TRUE, '{', '}');
  assert_depth (OAK_BSON_MAX_DEPTH + 1, FALSE, '{', '}');
  assert_depth (OAK_BSON_MAX_DEPTH, TRUE, '[', ']');
  assert_depth (OAK_BSON_MAX_DEPTH + 1, FALSE, '[', ']');
}

/* @depth documents, each inside the one before, made without our encoder. */
static GBytes *
make_nested_bson (guint depth)
{
  guint size = 5 + 8 * (depth - 1);
  GByteArray *bytes = g_byte_array_new ();

  for (guint i = 0; i < depth; i++) {
    guint32 length = GUINT32_TO_LE (size - 8 * i);

    g_byte_array_append (bytes, (const guint8 *) &length, 4);
    if (i + 1 < depth)
      g_byte_array_append (bytes,
                           (const guint8 *) "\x03"
                                            "a\0",
                           3);
  }
  for (guint i = 0; i < depth; i++)
    g_byte_array_append (bytes, (const guint8 *) "", 1);
  g_assert_cmpuint (bytes->len, ==, size);
  return g_byte_array_free_to_bytes (bytes);
}

static void
test_nesting_has_a_limit_in_reading (void)
{
  g_autoptr (GBytes) good = make_nested_bson (OAK_BSON_MAX_DEPTH);
  g_autoptr (GBytes) deep = make_nested_bson (OAK_BSON_MAX_DEPTH + 1);
  g_autoptr (GBytes) deepest = make_nested_bson (2000);
  g_autoptr (JsonNode) node = decode (good);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (node);
  g_assert_null (oak_bson_decode (g_bytes_get_data (deep, NULL), g_bytes_get_size (deep), &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_assert_null (
      oak_bson_decode (g_bytes_get_data (deepest, NULL), g_bytes_get_size (deepest), &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
}

static void
assert_text_of_size (gsize size, gboolean is_good)
{
  /* 5 bytes of document, 3 of key, 4 of length, 1 of terminator. */
  g_autofree char *content = g_strnfill (size - 13, 'x');
  g_autofree char *text = g_strdup_printf ("{\"a\":\"%s\"}", content);
  g_autoptr (JsonNode) node = parse (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = oak_bson_encode (node, &error);

  if (!is_good) {
    g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
    return;
  }
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, size);
  json_node_unref (decode (bytes));
}

static void
test_documents_fit_the_configuration_section (void)
{
  assert_text_of_size (OAK_BSON_MAX_SIZE, TRUE);
  assert_text_of_size (OAK_BSON_MAX_SIZE + 1, FALSE);
  assert_text_of_size (10 * OAK_BSON_MAX_SIZE, FALSE);
}

static void
assert_not_encoded (const char *text)
{
  g_autoptr (JsonNode) node = parse (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = oak_bson_encode (node, &error);

  g_assert_null (bytes);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
}

static void
test_only_objects_are_documents (void)
{
  g_autoptr (GError) error = NULL;

  assert_not_encoded ("[1]");
  assert_not_encoded ("5");
  assert_not_encoded ("null");
  g_assert_null (oak_bson_encode (NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
}

static void
test_damaged_stand_ins_are_refused (void)
{
  assert_not_encoded ("{\"a\":{\"$bson\":5}}");
  assert_not_encoded ("{\"a\":{\"$bson\":{}}}");
  assert_not_encoded ("{\"a\":{\"$bson\":{\"type\":5}}}");
  assert_not_encoded ("{\"a\":{\"$bson\":{\"type\":9,\"data\":5}}}");
  assert_not_encoded ("{\"a\":{\"$bson\":{\"type\":{},\"data\":[]}}}");
  assert_not_encoded ("{\"a\":{\"$bson\":{\"type\":\"9\",\"data\":\"AQIDBAUGBwg=\"}}}");
  assert_not_encoded ("{\"a\":{\"$bson\":{\"type\":0,\"data\":\"\"}}}");
  assert_not_encoded ("{\"a\":{\"$bson\":{\"type\":262,\"data\":\"\"}}}");
  assert_not_encoded ("{\"a\":{\"$bson\":{\"type\":9,\"data\":\"AQIDBAUGBw==\"}}}");
  assert_not_encoded ("{\"a\":{\"$bson\":{\"type\":9,\"data\":\"AQIDBAUGBwgJ\"}}}");
  assert_not_encoded ("{\"a\":{\"$bson\":{\"type\":9,\"data\":\"AQIDBAUGBwg=\",\"more\":1}}}");
  assert_not_encoded ("{\"a\":{\"$bson\":{\"type\":9,\"data\":\"AQID!!!BAUGBwg=\"}}}");
  /* A document of the right length whose inside is none. */
  assert_not_encoded ("{\"a\":{\"$bson\":{\"type\":3,\"data\":\"BwAAABQAAA==\"}}}");
}

#define CASE(name, function) g_test_add_func ("/wire/bson/" name, function)

static void
add_tables (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (survivors); i++) {
    g_autofree char *path = g_strdup_printf ("/wire/bson/survives/%s", survivors[i].name);

    g_test_add_data_func (path, &survivors[i], test_survivor);
  }
  for (guint i = 0; i < G_N_ELEMENTS (refused_documents); i++) {
    g_autofree char *path = g_strdup_printf ("/wire/bson/is-refused/%s", refused_documents[i].name);

    g_test_add_data_func (path, &refused_documents[i], test_refused);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_tables ();
  CASE ("smallest-vector", test_smallest_vector);
  CASE ("default-configuration", test_default_configuration);
  CASE ("static-address-needs-eight-bytes", test_static_address_needs_eight_bytes);
  CASE ("integers-take-the-shorter-width", test_integers_take_the_shorter_width);
  CASE ("both-integer-widths-are-read", test_both_integer_widths_are_read);
  CASE ("keys-are-sorted-by-bytes", test_keys_are_sorted_by_bytes);
  CASE ("plain-values-have-a-json-form", test_plain_values_have_a_json_form);
  CASE ("doubles-stay-doubles", test_doubles_stay_doubles);
  CASE ("nesting-has-a-limit-in-writing", test_nesting_has_a_limit_in_writing);
  CASE ("nesting-has-a-limit-in-reading", test_nesting_has_a_limit_in_reading);
  CASE ("documents-fit-the-configuration-section", test_documents_fit_the_configuration_section);
  CASE ("only-objects-are-documents", test_only_objects_are_documents);
  CASE ("damaged-stand-ins-are-refused", test_damaged_stand_ins_are_refused);
  return g_test_run ();
}
