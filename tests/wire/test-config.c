/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bootloader-message.h"
#include "oak-config.h"
#include "oak-error.h"
#include "test-bytes.h"
#include "trace-file.h"

/* The configuration: known keys are read with the bootloader's own defaults, a setter changes one
 * key and nothing else, and what the original library wrote in the recorded traces comes out the
 * same. */

#define STRANGE                                                                                    \
  "{\"future\":{\"deep\":[1,{\"x\":null}]},\"network\":{\"ipv4\":0,\"unknown\":{\"a\":true}},"     \
  "\"raw\":{\"$bson\":{\"type\":9,\"data\":\"AQIDBAUGBwg=\"}}}"

static OakConfig *
from_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  OakConfig *config = oak_config_new_from_text (text, &error);

  g_assert_no_error (error);
  return config;
}

static void
assert_text (const OakConfig *config, const char *expected)
{
  g_autofree char *text = oak_config_to_text (config, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_an_empty_one_gives_the_defaults (void)
{
  g_autoptr (OakConfig) config = oak_config_new ();
  g_autofree char *address = oak_config_get_ipv4 (config, "ipv4");

  g_assert_cmpint (oak_config_get_app_memory (config), ==, OAK_MEMORY_AUTO);
  g_assert_false (oak_config_has_app_memory (config));
  g_assert_cmpint (oak_config_get_timeout_ms (config, OAK_BOOTLOADER_TYPE_NETWORK), ==, 30000);
  g_assert_cmpint (oak_config_get_timeout_ms (config, OAK_BOOTLOADER_TYPE_USB), ==, 3000);
  g_assert_cmpuint (oak_config_get_user_bootloader_size (config), ==, 0);
  g_assert_cmpuint (oak_config_get_user_bootloader_checksum (config), ==, 0);
  g_assert_false (oak_config_get_static_ipv4 (config));
  g_assert_cmpstr (address, ==, "0.0.0.0");
  assert_text (config, "{}");
}

static void
test_known_keys_are_read (void)
{
  g_autoptr (OakConfig) config = from_text (
      "{\"appMem\":1,\"userBlSize\":4177920,\"userBlChecksum\":4294967295,"
      "\"usb\":{\"timeoutMs\":-1},\"network\":{\"timeoutMs\":0,\"staticIpv4\":true,"
      "\"ipv4\":2516691136,\"ipv4Mask\":16777215,\"ipv4Gateway\":16885952,\"ipv4Dns\":-1}}");
  g_autofree char *address = oak_config_get_ipv4 (config, "ipv4");
  g_autofree char *mask = oak_config_get_ipv4 (config, "ipv4Mask");
  g_autofree char *gateway = oak_config_get_ipv4 (config, "ipv4Gateway");
  g_autofree char *dns = oak_config_get_ipv4 (config, "ipv4Dns");
  g_autofree char *alternative = oak_config_get_ipv4 (config, "ipv4DnsAlt");

  g_assert_cmpint (oak_config_get_app_memory (config), ==, OAK_MEMORY_EMMC);
  g_assert_true (oak_config_has_app_memory (config));
  g_assert_cmpuint (oak_config_get_user_bootloader_size (config), ==, 4177920);
  g_assert_cmpuint (oak_config_get_user_bootloader_checksum (config), ==, G_MAXUINT32);
  g_assert_cmpint (oak_config_get_timeout_ms (config, OAK_BOOTLOADER_TYPE_USB), ==, -1);
  g_assert_cmpint (oak_config_get_timeout_ms (config, OAK_BOOTLOADER_TYPE_NETWORK), ==, 0);
  g_assert_true (oak_config_get_static_ipv4 (config));
  g_assert_cmpstr (address, ==, "192.168.1.150"); /* bootloader.md §9.2 */
  g_assert_cmpstr (mask, ==, "255.255.255.0");
  g_assert_cmpstr (gateway, ==, "192.168.1.1");
  g_assert_cmpstr (dns, ==, "255.255.255.255");
  g_assert_cmpstr (alternative, ==, "0.0.0.0");
}

static void
assert_all_defaults (const char *text)
{
  g_autoptr (OakConfig) config = from_text (text);
  g_autofree char *address = oak_config_get_ipv4 (config, "ipv4");

  g_assert_cmpint (oak_config_get_app_memory (config), ==, OAK_MEMORY_AUTO);
  g_assert_cmpint (oak_config_get_timeout_ms (config, OAK_BOOTLOADER_TYPE_NETWORK), ==, 30000);
  g_assert_cmpint (oak_config_get_timeout_ms (config, OAK_BOOTLOADER_TYPE_USB), ==, 3000);
  g_assert_cmpuint (oak_config_get_user_bootloader_size (config), ==, 0);
  g_assert_false (oak_config_get_static_ipv4 (config));
  g_assert_cmpstr (address, ==, "0.0.0.0");
}

static void
test_keys_of_the_wrong_kind_give_the_defaults (void)
{
  assert_all_defaults ("{\"appMem\":\"1\",\"network\":5,\"usb\":[],\"userBlSize\":{}}");
  assert_all_defaults ("{\"appMem\":null,\"network\":null,\"usb\":\"\",\"userBlSize\":null}");
  assert_all_defaults (
      "{\"appMem\":1.0,\"network\":{\"timeoutMs\":\"5\",\"ipv4\":[],\"staticIpv4\":1},"
      "\"usb\":{\"timeoutMs\":{}},\"userBlSize\":true}");
  assert_all_defaults (
      "{\"appMem\":4294967296,\"network\":{\"timeoutMs\":2147483648,\"ipv4\":4294967296,"
      "\"staticIpv4\":\"true\"},\"usb\":{\"timeoutMs\":-2147483649},\"userBlSize\":-2147483649}");
}

static void
test_setting_the_memory_changes_one_key (void)
{
  g_autoptr (OakConfig) config = from_text (STRANGE);

  oak_config_set_app_memory (config, OAK_MEMORY_EMMC);
  g_assert_cmpint (oak_config_get_app_memory (config), ==, OAK_MEMORY_EMMC);
  assert_text (
      config,
      "{\"future\":{\"deep\":[1,{\"x\":null}]},\"network\":{\"ipv4\":0,\"unknown\":{\"a\":true}},"
      "\"raw\":{\"$bson\":{\"type\":9,\"data\":\"AQIDBAUGBwg=\"}},\"appMem\":1}");
  oak_config_set_app_memory (config, OAK_MEMORY_AUTO);
  g_assert_cmpint (oak_config_get_app_memory (config), ==, OAK_MEMORY_AUTO);
  g_assert_true (oak_config_has_app_memory (config));
}

static void
test_setting_the_user_bootloader_changes_its_two_keys (void)
{
  g_autoptr (OakConfig) config = from_text (STRANGE);
  g_autoptr (OakConfig) expected = from_text (STRANGE);
  g_autoptr (JsonNode) changed = NULL;

  oak_config_set_user_bootloader (config, 2345678, 0xfedcba98u);
  g_assert_cmpuint (oak_config_get_user_bootloader_size (config), ==, 2345678);
  g_assert_cmphex (oak_config_get_user_bootloader_checksum (config), ==, 0xfedcba98u);
  g_assert_false (oak_config_equal (config, expected));
  changed = oak_config_to_json (config);
  json_object_remove_member (json_node_get_object (changed), "userBlSize");
  json_object_remove_member (json_node_get_object (changed), "userBlChecksum");
  g_clear_pointer (&config, oak_config_free);
  config = oak_config_new_from_json (changed, NULL);
  g_assert_true (oak_config_equal (config, expected));
}

static void
test_unknown_keys_survive_a_camera (void)
{
  g_autoptr (OakConfig) config = from_text (STRANGE);
  g_autoptr (GBytes) bytes = oak_config_to_bson (config, NULL);
  g_autoptr (OakConfig) again =
      oak_config_new_from_bson (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);

  assert_text (again, STRANGE);
  g_assert_true (oak_config_equal (config, again));
}

static void
test_copies_are_apart (void)
{
  g_autoptr (OakConfig) config = from_text (STRANGE);
  g_autoptr (OakConfig) copy = oak_config_copy (config);
  g_autoptr (JsonNode) json = oak_config_to_json (config);
  g_autoptr (OakConfig) from_json = oak_config_new_from_json (json, NULL);
  JsonObject *network = json_object_get_object_member (json_node_get_object (json), "network");

  json_object_set_int_member (network, "ipv4", 5);
  oak_config_set_app_memory (copy, OAK_MEMORY_FLASH);
  assert_text (config, STRANGE);
  assert_text (from_json, STRANGE);
  g_assert_false (oak_config_equal (config, copy));
  g_assert_true (oak_config_equal (config, from_json));
}

static void
test_pretty_text_says_the_same (void)
{
  g_autoptr (OakConfig) config = from_text (STRANGE);
  g_autofree char *text = oak_config_to_text (config, TRUE);
  g_autoptr (OakConfig) again = from_text (text);

  g_assert_nonnull (strchr (text, '\n'));
  g_assert_true (oak_config_equal (config, again));
}

static void
assert_refused (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakConfig) config = oak_config_new_from_text (text, &error);

  if (config != NULL)
    g_error ("accepted: %.60s", text);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
}

static void
test_other_texts_are_refused (void)
{
  g_autofree char *deep = g_strnfill (900000, '[');
  g_autofree char *deep_in_a_comment = g_strdup_printf ("/* \" */ %s", deep);
  g_autofree char *long_text = g_strnfill (3 * 1024 * 1024, ' ');

  assert_refused ("");
  assert_refused ("   ");
  assert_refused ("[]");
  assert_refused ("5");
  assert_refused ("null");
  assert_refused ("\"text\"");
  assert_refused ("{");
  assert_refused ("{\"a\":}");
  assert_refused ("{\"a\":1} x");
  assert_refused ("{'a':1}");
  assert_refused ("{\"a\":1} // \"");
  assert_refused ("{\"a\":1e999}");
  assert_refused ("{\"a");
  assert_refused ("{\"a\\");
  assert_refused (deep);
  assert_refused (deep_in_a_comment);
  assert_refused (long_text);
}

static void
test_texts_with_a_nul_are_refused (void)
{
  g_autoptr (OakConfig) harmless = from_text ("{\"a\":\"\\\\u0000\"}");

  assert_refused ("{\"a\\u0000b\":1}");
  assert_refused ("{\"a\":\"x\\u0000\"}");
  assert_text (harmless, "{\"a\":\"\\\\u0000\"}");
}

static void
test_texts_that_cannot_be_kept_are_refused (void)
{
  g_autoptr (OakConfig) escapes =
      from_text ("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00\"}");
  g_autofree char *text = oak_config_to_text (escapes, FALSE);
  g_autoptr (OakConfig) again = from_text (text);

  g_assert_true (oak_config_equal (escapes, again));
  assert_refused ("{\"a\":\"\\u00e\"}");
  assert_refused ("{\"a\":\"\\u00eg\"}");
  assert_refused ("{\"a\":\"\\x41\"}");
  assert_refused ("{\"a\":\"\\");
  assert_refused ("{\"a\":\"\\u");
  assert_refused ("{\"\\q\":1}");
  assert_refused ("{\"a\":\"\xff\"}");
  assert_refused ("{\"\xff\":1}");
}

static void
test_numbers_are_jsons_or_refused (void)
{
  static const char *const good[] = {
    "0",    "-0.0", "9223372036854775807",    "-9223372036854775808", "1.5e-5",
    "0.25", "1E5",  "1.7976931348623157e308",
  };
  static const char *const bad[] = {
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "99999999999999999999999",
    "00012",
    "0x10",
    "+5",
    "- 5",
    "-",
    "1.",
    ".5",
    "1e",
    "1e+",
    "1.5.5",
    "1-2",
    "1a",
    "2e53",
    "-2e53",
    "1e999",
    "True",
    "nul",
    "nullx",
    "NaN",
    "Infinity",
    "truefalse",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autofree char *text = g_strdup_printf ("{\"a\":%s}", good[i]);
    g_autoptr (OakConfig) config = from_text (text);
    g_autofree char *written = oak_config_to_text (config, FALSE);
    g_autoptr (OakConfig) again = from_text (written);

    g_assert_true (oak_config_equal (config, again));
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree char *text = g_strdup_printf ("{\"a\":%s}", bad[i]);

    assert_refused (text);
  }
}

static void
test_brackets_in_texts_do_not_nest (void)
{
  g_autofree char *brackets = g_strnfill (100, '[');
  g_autofree char *text = g_strdup_printf ("{\"a\":\"%s\\\"%s\"}", brackets, brackets);
  g_autoptr (OakConfig) config = from_text (text);

  assert_text (config, text);
}

static void
test_other_json_is_refused (void)
{
  g_autoptr (JsonNode) array = json_from_string ("[1]", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_config_new_from_json (array, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  g_clear_error (&error);
  g_assert_null (oak_config_new_from_json (NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
}

static void
test_json_nested_too_deep_is_refused (void)
{
  JsonNode *node = json_node_new (JSON_NODE_NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 100; i++) {
    JsonObject *object = json_object_new ();

    json_object_set_member (object, "a", node);
    node = json_node_new (JSON_NODE_OBJECT);
    json_node_take_object (node, object);
  }
  g_assert_null (oak_config_new_from_json (node, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  json_node_unref (node);
}

static void
test_damaged_bson_is_refused (void)
{
  g_autoptr (GBytes) bytes = test_bytes_new ("11000000 10 6170704d656d00 00000000 01");
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_config_new_from_bson (g_bytes_get_data (bytes, NULL), 17, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
}

static void
test_the_deepest_document_with_a_raw_element_can_be_copied (void)
{
  /* 32 documents, the innermost with a date in it: the stand-in adds two objects. */
  GByteArray *bytes = g_byte_array_new ();
  guint32 size = 5 + 11;
  g_autoptr (OakConfig) config = NULL;
  g_autoptr (GBytes) encoded = NULL;

  g_byte_array_append (bytes,
                       (const guint8 *) "\x10\0\0\0\x09"
                                        "d\0"
                                        "12345678\0",
                       16);
  for (guint i = 1; i < 32; i++) {
    guint32 length = 0;

    size += 8;
    length = GUINT32_TO_LE (size);
    g_byte_array_prepend (bytes,
                          (const guint8 *) "\x03"
                                           "a\0",
                          3);
    g_byte_array_prepend (bytes, (const guint8 *) &length, 4);
    g_byte_array_append (bytes, (const guint8 *) "", 1);
  }
  config = oak_config_new_from_bson (bytes->data, bytes->len, NULL);
  g_assert_nonnull (config);
  encoded = oak_config_to_bson (config, NULL);
  g_assert_cmpmem (g_bytes_get_data (encoded, NULL),
                   g_bytes_get_size (encoded),
                   bytes->data,
                   bytes->len);
  g_byte_array_unref (bytes);
}

/* The configuration that went over the wire: the packet after response 4, and the packet after
 * request 9. */
static GBytes *
find_recorded (const char *trace_name, gboolean from_host)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TraceFile) trace = trace_file_load (trace_name, &error);
  const guint32 command = from_host ? OAK_REQUEST_SET_CONFIG : (guint32) OAK_RESPONSE_CONFIG;
  const TraceConnection *connection = NULL;
  gboolean is_next = FALSE;

  g_assert_no_error (error);
  connection = g_ptr_array_index (trace->connections, 0);
  for (guint i = 0; i < connection->messages->len; i++) {
    const TraceMessage *message = g_ptr_array_index (connection->messages, i);

    if (message->from_host != from_host || !trace_message_is_write (message, OAK_BOOTLOADER_STREAM))
      continue;
    if (is_next)
      return g_bytes_ref (message->payload);
    is_next = ((const guint8 *) g_bytes_get_data (message->payload, NULL))[0] == command;
  }
  g_error ("%s holds no configuration", trace_name);
}

static OakConfig *
from_recorded (const char *trace_name, gboolean from_host)
{
  g_autoptr (GBytes) bytes = find_recorded (trace_name, from_host);
  g_autoptr (GError) error = NULL;
  OakConfig *config =
      oak_config_new_from_bson (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);

  g_assert_no_error (error);
  return config;
}

static void
assert_writes (const OakConfig *config, const char *trace_name, gboolean from_host)
{
  g_autoptr (GBytes) recorded = find_recorded (trace_name, from_host);
  g_autoptr (GBytes) bytes = oak_config_to_bson (config, NULL);

  test_bytes_assert_equal (bytes, recorded);
}

static void
test_recorded_configuration_is_understood (void)
{
  g_autoptr (OakConfig) config = from_recorded ("config-read.txt", FALSE);
  g_autofree char *address = oak_config_get_ipv4 (config, "ipv4");

  g_assert_cmpint (oak_config_get_app_memory (config), ==, OAK_MEMORY_FLASH);
  g_assert_cmpint (oak_config_get_timeout_ms (config, OAK_BOOTLOADER_TYPE_NETWORK), ==, 20000);
  g_assert_cmpint (oak_config_get_timeout_ms (config, OAK_BOOTLOADER_TYPE_USB), ==, 1000);
  g_assert_true (oak_config_get_static_ipv4 (config));
  g_assert_cmpstr (address, ==, "192.168.1.44");
  assert_writes (config, "config-read.txt", FALSE);
  assert_writes (config, "config-write.txt", TRUE);
}

static void
test_recorded_static_address_is_written_the_same (void)
{
  /* The original fills in every default when it writes; from there on only what it was told
   * differs. */
  g_autoptr (OakConfig) config = from_recorded ("config-set-static-ip.txt", TRUE);
  g_autofree char *text = oak_config_to_text (config, TRUE);
  g_autoptr (OakConfig) through_text = from_text (text);
  g_autofree char *address = oak_config_get_ipv4 (config, "ipv4");

  g_assert_cmpstr (address, ==, "192.168.1.45");
  assert_writes (config, "config-set-static-ip.txt", TRUE);
  assert_writes (through_text, "config-set-static-ip.txt", TRUE);
}

static void
test_recorded_memory_choice_is_written_the_same (void)
{
  g_autoptr (OakConfig) config = from_recorded ("flash-dap-small-emmc-present.txt", FALSE);
  g_autoptr (OakConfig) empty = oak_config_new ();

  oak_config_set_app_memory (config, OAK_MEMORY_EMMC);
  assert_writes (config, "flash-dap-small-emmc-present.txt", TRUE);
  oak_config_set_app_memory (empty, OAK_MEMORY_FLASH);
  assert_writes (empty, "flash-dap-small.txt", TRUE);
  assert_writes (empty, "usb-flash-dap-small.txt", TRUE);
}

static void
test_recorded_user_bootloader_is_written_the_same (void)
{
  g_autoptr (OakConfig) config = from_recorded ("flash-user-bootloader.txt", FALSE);
  g_autoptr (OakConfig) written = from_recorded ("flash-user-bootloader.txt", TRUE);

  g_assert_cmpuint (oak_config_get_user_bootloader_size (written), ==, 2345678);
  oak_config_set_user_bootloader (config,
                                  2345678,
                                  oak_config_get_user_bootloader_checksum (written));
  assert_writes (config, "flash-user-bootloader.txt", TRUE);
}

#define CASE(name, function) g_test_add_func ("/wire/config/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("an-empty-one-gives-the-defaults", test_an_empty_one_gives_the_defaults);
  CASE ("known-keys-are-read", test_known_keys_are_read);
  CASE ("keys-of-the-wrong-kind-give-the-defaults", test_keys_of_the_wrong_kind_give_the_defaults);
  CASE ("setting-the-memory-changes-one-key", test_setting_the_memory_changes_one_key);
  CASE ("setting-the-user-bootloader-changes-its-two-keys",
        test_setting_the_user_bootloader_changes_its_two_keys);
  CASE ("unknown-keys-survive-a-camera", test_unknown_keys_survive_a_camera);
  CASE ("copies-are-apart", test_copies_are_apart);
  CASE ("pretty-text-says-the-same", test_pretty_text_says_the_same);
  CASE ("other-texts-are-refused", test_other_texts_are_refused);
  CASE ("texts-with-a-nul-are-refused", test_texts_with_a_nul_are_refused);
  CASE ("texts-that-cannot-be-kept-are-refused", test_texts_that_cannot_be_kept_are_refused);
  CASE ("numbers-are-jsons-or-refused", test_numbers_are_jsons_or_refused);
  CASE ("brackets-in-texts-do-not-nest", test_brackets_in_texts_do_not_nest);
  CASE ("other-json-is-refused", test_other_json_is_refused);
  CASE ("json-nested-too-deep-is-refused", test_json_nested_too_deep_is_refused);
  CASE ("damaged-bson-is-refused", test_damaged_bson_is_refused);
  CASE ("the-deepest-document-with-a-raw-element-can-be-copied",
        test_the_deepest_document_with_a_raw_element_can_be_copied);
  CASE ("recorded-configuration-is-understood", test_recorded_configuration_is_understood);
  CASE ("recorded-static-address-is-written-the-same",
        test_recorded_static_address_is_written_the_same);
  CASE ("recorded-memory-choice-is-written-the-same",
        test_recorded_memory_choice_is_written_the_same);
  CASE ("recorded-user-bootloader-is-written-the-same",
        test_recorded_user_bootloader_is_written_the_same);
  return g_test_run ();
}
