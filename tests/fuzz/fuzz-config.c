/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fuzz-assert.h"
#include "oak-bson.h"
#include "oak-config.h"
#include "oak-error.h"

/* Configurations from a camera (BSON) and from a file (JSON text): the first byte of the input
 * chooses. What is accepted must come back the same, as BSON and as text, and setting one key must
 * not disturb another. */

static void
assert_text_comes_back (const OakConfig *config)
{
  g_autofree char *text = oak_config_to_text (config, FALSE);
  g_autofree char *pretty = oak_config_to_text (config, TRUE);
  g_autoptr (OakConfig) from_text = oak_config_new_from_text (text, NULL);
  g_autoptr (OakConfig) from_pretty = oak_config_new_from_text (pretty, NULL);

  FUZZ_ASSERT (from_text != NULL && from_pretty != NULL);
  FUZZ_ASSERT (oak_config_equal (config, from_text));
  FUZZ_ASSERT (oak_config_equal (config, from_pretty));
}

static void
assert_setters_keep_the_rest (const OakConfig *config)
{
  g_autoptr (OakConfig) changed = oak_config_copy (config);
  g_autoptr (JsonNode) before = oak_config_to_json (config);
  g_autoptr (JsonNode) after = NULL;

  oak_config_set_app_memory (changed, OAK_MEMORY_EMMC);
  FUZZ_ASSERT (oak_config_get_app_memory (changed) == OAK_MEMORY_EMMC);
  after = oak_config_to_json (changed);
  json_object_remove_member (json_node_get_object (before), "appMem");
  json_object_remove_member (json_node_get_object (after), "appMem");
  FUZZ_ASSERT (json_node_equal (before, after));
}

static void
ask_everything (const OakConfig *config)
{
  g_autofree char *address = oak_config_get_ipv4 (config, "ipv4");

  FUZZ_ASSERT (g_hostname_is_ip_address (address));
  oak_config_get_app_memory (config);
  oak_config_get_timeout_ms (config, OAK_BOOTLOADER_TYPE_USB);
  oak_config_get_timeout_ms (config, OAK_BOOTLOADER_TYPE_NETWORK);
  oak_config_get_user_bootloader_size (config);
  oak_config_get_static_ipv4 (config);
}

static void
fuzz_bson (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakConfig) config = oak_config_new_from_bson (data, size, &error);
  g_autoptr (OakConfig) again = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (config == NULL) {
    FUZZ_ASSERT (g_error_matches (error, OAK_ERROR, OAK_ERROR_PROTOCOL));
    return;
  }
  bytes = oak_config_to_bson (config, &error);
  FUZZ_ASSERT (error == NULL && g_bytes_get_size (bytes) <= size);
  again = oak_config_new_from_bson (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);
  FUZZ_ASSERT (again != NULL && oak_config_equal (config, again));
  assert_text_comes_back (config);
  assert_setters_keep_the_rest (config);
  ask_everything (config);
}

static void
fuzz_text (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (OakConfig) config = oak_config_new_from_text (text, &error);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (OakConfig) decoded = NULL;

  if (config == NULL) {
    FUZZ_ASSERT (g_error_matches (error, OAK_ERROR, OAK_ERROR_BAD_FILE));
    return;
  }
  assert_text_comes_back (config);
  ask_everything (config);
  bytes = oak_config_to_bson (config, &error);
  if (bytes == NULL) {
    FUZZ_ASSERT (g_error_matches (error, OAK_ERROR, OAK_ERROR_BAD_FILE));
    return;
  }
  decoded =
      oak_config_new_from_bson (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);
  FUZZ_ASSERT (decoded != NULL);
  again = oak_config_to_bson (decoded, NULL);
  FUZZ_ASSERT (again != NULL && g_bytes_equal (bytes, again));
}

int
fuzz_one_input (const guint8 *data, gsize size)
{
  if (size == 0)
    return 0;
  if (data[0] % 2 == 0)
    fuzz_bson (data + 1, size - 1);
  else
    fuzz_text (data + 1, size - 1);
  return 0;
}
