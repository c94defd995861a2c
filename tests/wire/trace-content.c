/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace-content.h"

#include <string.h>

#include "oak-flash-map.h"
#include "oak-sbr.h"
#include "oak-types.h"

/* Makes the contents of the recorded traces again, see tests/data/traces/README.md, "Content". One
 * thread. */

#define FLASH_SIZE         (16 * OAK_MIB)
#define PART_ALIGNMENT     OAK_MIB
#define CONFIG_OFFSET      0x7fc000
#define APPLICATION_OFFSET 0x800000

/* The 142 bytes of config-read.txt. */
static const guint8 loaded_config[] = "\x8e\x00\x00\x00\x10"
                                      "appMem\0\x00\x00\x00\x00\x03"
                                      "network\0\x4a\x00\x00\x00\x10"
                                      "ipv4\0\xc0\xa8\x01\x2c\x10"
                                      "ipv4Gateway\0\xc0\xa8\x01\x01\x10"
                                      "ipv4Mask\0\xff\xff\xff\x00\x08"
                                      "staticIpv4\0\x01\x10"
                                      "timeoutMs\0\x20\x4e\x00\x00\x00\x03"
                                      "usb\0\x25\x00\x00\x00\x10"
                                      "maxUsbSpeed\0\x03\x00\x00\x00\x10"
                                      "timeoutMs\0\xe8\x03\x00\x00\x00";

G_STATIC_ASSERT (sizeof loaded_config == 142);

void
trace_content_fill_pattern (guint8 *bytes, gsize size, guint seed)
{
  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (31 * i + 17 * (i / 256) + seed);
}

static GBytes *
make_pattern (gsize size, guint seed)
{
  guint8 *bytes = g_malloc (size);

  trace_content_fill_pattern (bytes, size, seed);
  return g_bytes_new_take (bytes, size);
}

static void
add_section (OakSbr *sbr,
             guint index,
             const char *name,
             const guint8 *package,
             guint32 offset,
             guint32 size)
{
  OakSbrEntry *entry = &sbr->entries[index];

  g_strlcpy (entry->name, name, sizeof entry->name);
  entry->offset = offset;
  entry->size = size;
  entry->checksum = oak_sbr_checksum (OAK_SBR_CHECKSUM_START, package + offset, size);
  entry->flags = index == 0 ? OAK_SBR_FLAG_BOOTABLE : 0;
}

typedef struct {
  gsize size;
  guint32 firmware_size;
  guint seed;
  const char *version;
  guint32 version_offset;
  const char *name;
  guint32 name_offset;
} Package;

static const Package small_package = { 2057, 1000, 1, "1.2.3", 1536, "small app", 2048 };
static const Package large_package = {
  8 * 1024 * 1024, 8257024,    2,       "0f6d2cc12723f414dce437d438d124f340f5789b",
  8257536,         "test app", 8323072,
};

static GBytes *
make_package (const Package *self)
{
  guint32 version_size = (guint32) strlen (self->version);
  guint32 name_size = (guint32) strlen (self->name);
  guint8 *bytes = g_malloc0 (self->size);
  OakSbr sbr = { 0 };

  trace_content_fill_pattern (bytes + OAK_SBR_SIZE, self->firmware_size, self->seed);
  memcpy (bytes + self->version_offset, self->version, version_size);
  memcpy (bytes + self->name_offset, self->name, name_size);
  add_section (&sbr, 0, "__firmware", bytes, OAK_SBR_SIZE, self->firmware_size);
  add_section (&sbr, 1, "__fw_version", bytes, self->version_offset, version_size);
  add_section (&sbr, 2, "app_name", bytes, self->name_offset, name_size);
  oak_sbr_encode (&sbr, bytes);
  return g_bytes_new_take (bytes, self->size);
}

static void
paste (guint8 *target, gsize offset, const char *name)
{
  g_autoptr (GBytes) content = trace_content_get (name);

  memcpy (target + offset, g_bytes_get_data (content, NULL), g_bytes_get_size (content));
}

static GBytes *
make_factory_image (void)
{
  gsize size = oak_flash_map_get_factory_reset_size (OAK_BOOTLOADER_TYPE_NETWORK);
  guint8 *image = g_malloc (size);

  memset (image, 0xff, size);
  paste (image, 0, "bl-network");
  return g_bytes_new_take (image, size);
}

static GBytes *
make_flash (gboolean is_loaded)
{
  guint8 *flash = g_malloc (FLASH_SIZE);

  memset (flash, 0xff, FLASH_SIZE);
  if (is_loaded) {
    trace_content_fill_pattern (flash, 512, 8);
    paste (flash, 512, "bl-small");
    memcpy (flash + CONFIG_OFFSET, loaded_config, sizeof loaded_config);
    paste (flash, APPLICATION_OFFSET, "dap-small");
  }
  return g_bytes_new_take (flash, FLASH_SIZE);
}

static const char *const names[] = {
  "dap-small", "dap-8MiB", "bl-network",    "bl-usb",      "bl-small",
  "raw-3000",  "raw-6MiB", "factory-image", "flash-blank", "flash-loaded",
};

static GBytes *
make (const char *name)
{
  if (strcmp (name, "dap-small") == 0)
    return make_package (&small_package);
  if (strcmp (name, "dap-8MiB") == 0)
    return make_package (&large_package);
  if (strcmp (name, "bl-network") == 0)
    return make_pattern (2345678, 3);
  if (strcmp (name, "bl-usb") == 0)
    return make_pattern (876543, 4);
  if (strcmp (name, "bl-small") == 0)
    return make_pattern (1500, 5);
  if (strcmp (name, "raw-3000") == 0)
    return make_pattern (3000, 6);
  if (strcmp (name, "raw-6MiB") == 0)
    return make_pattern (6291456, 7);
  if (strcmp (name, "factory-image") == 0)
    return make_factory_image ();
  if (strcmp (name, "flash-blank") == 0)
    return make_flash (FALSE);
  if (strcmp (name, "flash-loaded") == 0)
    return make_flash (TRUE);
  g_error ("no recorded content is called `%s`", name);
}

GBytes *
trace_content_get (const char *name)
{
  static GHashTable *contents = NULL; /* (owned) of GBytes by name */
  GBytes *content = NULL;

  if (contents == NULL)
    contents =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  content = g_hash_table_lookup (contents, name);
  if (content == NULL) {
    content = make (name);
    g_hash_table_insert (contents, g_strdup (name), content);
  }
  return g_bytes_ref (content);
}

static GBytes *
find_in_content (GBytes *content,
                 const guint8 *prefix,
                 gsize prefix_size,
                 gsize size,
                 const char *digest)
{
  const guint8 *bytes = g_bytes_get_data (content, NULL);

  for (gsize offset = 0; offset + size <= g_bytes_get_size (content); offset += PART_ALIGNMENT) {
    g_autofree char *found = NULL;

    if (memcmp (bytes + offset, prefix, prefix_size) != 0)
      continue;
    found = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes + offset, size);
    if (strcmp (found, digest) == 0)
      return g_bytes_new_from_bytes (content, offset, size);
  }
  return NULL;
}

GBytes *
trace_content_find (const guint8 *prefix, gsize prefix_size, gsize size, const char *digest)
{
  static GHashTable *found_parts = NULL; /* (owned) of GBytes by digest */
  GBytes *part = NULL;

  g_assert (prefix_size <= size);
  if (found_parts == NULL)
    found_parts =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  part = g_hash_table_lookup (found_parts, digest);
  for (gsize i = 0; part == NULL && i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GBytes) content = trace_content_get (names[i]);

    part = find_in_content (content, prefix, prefix_size, size, digest);
    if (part != NULL)
      g_hash_table_insert (found_parts, g_strdup (digest), part);
  }
  return part != NULL ? g_bytes_ref (part) : NULL;
}
