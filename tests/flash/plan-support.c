/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan-support.h"

#include <stdlib.h>
#include <string.h>

#include "oak-config.h"
#include "oak-device-info.h"
#include "oak-sbr.h"

static OakMemoryFacts
parse_memory (const char *word)
{
  OakMemoryFacts facts = { .known = !g_str_equal (word, "unknown") };

  facts.available = facts.known && !g_str_equal (word, "none");
  if (facts.available && !g_str_equal (word, "sizeless"))
    facts.size = (guint64) atoi (word) * OAK_MIB;
  return facts;
}

OakDeviceFacts *
plan_facts_new (const char *camera, const char *config)
{
  g_auto (GStrv) words = g_strsplit (camera, " ", -1);
  OakDeviceFacts *facts = oak_device_facts_new ();

  g_assert_cmpuint (g_strv_length (words), ==, 4);
  facts->info = oak_device_info_new_network (PLAN_MXID, PLAN_ADDRESS, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_true (oak_bootloader_type_parse (words[0], &facts->type));
  facts->type_trusted = TRUE;
  facts->version = OAK_VERSION (0, 0, (guint32) atoi (words[1]));
  facts->flash = parse_memory (words[2]);
  facts->emmc = parse_memory (words[3]);
  if (config != NULL) {
    facts->config = oak_config_new_from_text (config, NULL);
    g_assert_nonnull (facts->config);
  }
  return facts;
}

static OakOperation
parse_operation (const char *word)
{
  if (g_str_equal (word, "flash"))
    return OAK_OPERATION_FLASH_APPLICATION;
  if (g_str_equal (word, "clear"))
    return OAK_OPERATION_CLEAR_APPLICATION;
  if (g_str_equal (word, "reset"))
    return OAK_OPERATION_FACTORY_RESET;
  if (g_str_equal (word, "verify"))
    return OAK_OPERATION_VERIFY_APPLICATION;
  g_assert_cmpstr (word, ==, "details");
  return OAK_OPERATION_READ_DETAILS;
}

void
plan_wish_init (OakFlashWish *wish, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  gsize size = (gsize) atoi (words[2]);

  oak_flash_wish_init (wish, parse_operation (words[0]));
  g_assert_true (oak_memory_parse (words[1], &wish->memory));
  wish->size_unknown_ok = g_strv_contains ((const char *const *) words, "agreed");
  wish->full = g_strv_contains ((const char *const *) words, "full");
  wish->no_wait = g_strv_contains ((const char *const *) words, "no-wait");
  if (wish->operation != OAK_OPERATION_FACTORY_RESET && size > 0)
    wish->package = plan_package_new (size, FALSE);
  if (wish->operation == OAK_OPERATION_FACTORY_RESET && size > 0) {
    wish->bootloader_image = plan_image_new (size, "MA2x");
    wish->bootloader_name = g_strdup ("depthai-bootloader.cmd");
  }
}

/* An empty pipeline and an empty map of assets, bootloader.md §8.3 and §8.4. */
static const guint8 empty_pipeline[] = {
  0xb9, 0x03, 0xba, 0x00, 0xb9, 0x0a, 0x89, 0x00, 0x00, 0x00, 0x80, 0x93, 0xdc,
  0xc4, 0x41, 0x89, 0x00, 0x00, 0x00, 0x80, 0x93, 0xdc, 0xc4, 0x41, 0xbe, 0xbe,
  0xbe, 0xbd, 0x00, 0xbe, 0xff, 0x81, 0x00, 0x48, 0x81, 0x00, 0x40, 0xbb, 0x00,
};
static const guint8 no_assets[] = { 0xb9, 0x01, 0xbb, 0x00 };

static void
set_section (OakSbr *table,
             guint slot,
             const char *name,
             guint8 *data,
             guint32 offset,
             guint32 size,
             guint8 flags)
{
  OakSbrEntry *entry = &table->entries[slot];

  *entry = (OakSbrEntry){ .size = size, .offset = offset, .flags = flags };
  g_strlcpy (entry->name, name, sizeof entry->name);
  entry->checksum = oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data + offset, size);
}

/* A valid package of exactly @size bytes: its firmware is a pattern, its pipeline is empty. */
OakAppPackage *
plan_package_new (gsize size, gboolean checked)
{
  guint32 assets = (guint32) (size - sizeof no_assets);
  guint32 pipeline = assets - (guint32) sizeof empty_pipeline;
  guint8 *data = g_malloc (size);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  OakAppPackage *package;
  OakSbr table = { 0 };

  g_assert_cmpuint (size, >, 600);
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 17 + (i >> 8) + 3);
  memcpy (data + OAK_SBR_SIZE, "MA2x", 4);
  memcpy (data + pipeline, empty_pipeline, sizeof empty_pipeline);
  memcpy (data + assets, no_assets, sizeof no_assets);
  set_section (&table,
               0,
               "__firmware",
               data,
               OAK_SBR_SIZE,
               pipeline - OAK_SBR_SIZE,
               checked ? 0x01 : 0x03);
  set_section (&table, 1, "pipeline", data, pipeline, sizeof empty_pipeline, 0);
  set_section (&table, 2, "assets", data, assets, sizeof no_assets, 0);
  oak_sbr_encode (&table, data);
  bytes = g_bytes_new_take (data, size);
  package = oak_app_package_new_from_bytes (bytes, "made.dap", &error);
  g_assert_no_error (error);
  return package;
}

GBytes *
plan_image_new (gsize size, const char *magic)
{
  guint8 *data = g_malloc (size);

  memset (data, 0x5a, size);
  memcpy (data, magic, MIN (strlen (magic), size));
  return g_bytes_new_take (data, size);
}

void
assert_shown (const char *text)
{
  g_assert_nonnull (text);
  g_assert_cmpuint (strlen (text), >, 5);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *c = text; *c != '\0'; c++)
    g_assert_true ((guint8) *c >= 0x20);
}
