/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuts-package.h"

#include <string.h>

#include "oak-app-package.h"
#include "oak-sbr.h"
#include "test-daps.h"

/* Packages that are right in every way and program only as many pages as a test can afford. Pure
 * functions. */

/* An empty pipeline and an empty map of assets, bootloader.md §8.3 and §8.4. */
static const guint8 empty_pipeline[] = {
  0xb9, 0x03, 0xba, 0x00, 0xb9, 0x0a, 0x89, 0x00, 0x00, 0x00, 0x80, 0x93, 0xdc,
  0xc4, 0x41, 0x89, 0x00, 0x00, 0x00, 0x80, 0x93, 0xdc, 0xc4, 0x41, 0xbe, 0xbe,
  0xbe, 0xbd, 0x00, 0xbe, 0xff, 0x81, 0x00, 0x48, 0x81, 0x00, 0x40, 0xbb, 0x00,
};
static const guint8 no_assets[] = { 0xb9, 0x01, 0xbb, 0x00 };

static void
set_section (OakSbrEntry *entry,
             const char *name,
             const guint8 *data,
             guint32 offset,
             guint32 size,
             guint8 flags)
{
  *entry = (OakSbrEntry){ .size = size, .offset = offset, .flags = flags };
  g_strlcpy (entry->name, name, sizeof entry->name);
  entry->checksum = oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data + offset, size);
}

static GBytes *
make_bytes (const CutsPackage *self)
{
  guint32 assets = self->size - (guint32) sizeof no_assets;
  guint32 pipeline = assets - (guint32) sizeof empty_pipeline;
  guint8 *data = g_malloc (self->size);
  guint8 flags =
      self->checked ? OAK_SBR_FLAG_BOOTABLE : OAK_SBR_FLAG_BOOTABLE | OAK_SBR_FLAG_IGNORE_CHECKSUM;
  OakSbr table = { 0 };

  g_assert_cmpuint (self->dense, <=, self->size);
  memset (data, 0xff, self->size);
  for (gsize i = 0; i < self->dense; i++) {
    data[i] = (guint8) (i * 17 + (i >> 8) + self->seed);
    data[self->size - 1 - i] = (guint8) (i * 23 + (i >> 8) + self->seed);
  }
  for (guint i = 0; i < G_N_ELEMENTS (self->edits) && self->edits[i] != 0; i++)
    memset (data + self->edits[i], 0x0c, 256);
  memcpy (data + OAK_SBR_SIZE, "MA2x", 4);
  memcpy (data + pipeline, empty_pipeline, sizeof empty_pipeline);
  memcpy (data + assets, no_assets, sizeof no_assets);
  set_section (&table.entries[0], "__firmware", data, OAK_SBR_SIZE, pipeline - OAK_SBR_SIZE, flags);
  set_section (&table.entries[1], "pipeline", data, pipeline, sizeof empty_pipeline, 0);
  set_section (&table.entries[2], "assets", data, assets, sizeof no_assets, 0);
  oak_sbr_encode (&table, data);
  return g_bytes_new_take (data, self->size);
}

OakAppPackage *
cuts_package_make (const CutsPackage *self)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  OakAppPackage *package;

  if (self == NULL)
    return NULL;
  bytes = self->file != NULL ? test_daps_load (self->file) : make_bytes (self);
  package = oak_app_package_new_from_bytes (bytes, "made.dap", &error);
  g_assert_no_error (error);
  return package;
}

gboolean
cuts_package_is_equal (const guint8 *data, gsize size, GBytes *package)
{
  gsize package_size;
  const guint8 *bytes;

  if (package == NULL)
    return FALSE;
  bytes = g_bytes_get_data (package, &package_size);
  return package_size <= size && memcmp (data, bytes, package_size) == 0;
}

static gboolean
is_same_entry (const OakSbrEntry *a, const OakSbrEntry *b)
{
  return strcmp (a->name, b->name) == 0 && a->size == b->size && a->offset == b->offset &&
         a->flags == b->flags;
}

/* What the table says, and every section of it: nothing else is ever read. */
static gboolean
is_there (const guint8 *data, gsize size, GBytes *package)
{
  gsize package_size;
  const guint8 *bytes;
  OakSbr wanted;
  OakSbr table;

  if (package == NULL)
    return FALSE;
  bytes = g_bytes_get_data (package, &package_size);
  g_assert_true (oak_sbr_decode (&wanted, bytes, package_size, NULL));
  if (package_size > size || !oak_sbr_decode (&table, data, size, NULL))
    return FALSE;
  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++) {
    const OakSbrEntry *entry = &wanted.entries[i];

    if (!is_same_entry (entry, &table.entries[i]) ||
        memcmp (data + entry->offset, bytes + entry->offset, entry->size) != 0)
      return FALSE;
  }
  return TRUE;
}

/* Whether the firmware, which @entry says a bootloader checks before it starts it, is that of
 * @package. */
static gboolean
is_firmware_there (const guint8 *data, gsize size, const OakSbrEntry *entry, GBytes *package)
{
  gsize package_size;
  const guint8 *bytes;

  if (package == NULL)
    return FALSE;
  bytes = g_bytes_get_data (package, &package_size);
  if (entry->offset > package_size || entry->size > package_size - entry->offset ||
      entry->offset > size || entry->size > size - entry->offset)
    return FALSE;
  return memcmp (data + entry->offset, bytes + entry->offset, entry->size) == 0;
}

CutsFound
cuts_package_find (const guint8 *data, gsize size, GBytes *old, GBytes *new)
{
  const OakSbrEntry *bootable = NULL;
  OakSbr table;

  if (is_there (data, size, new))
    return CUTS_FOUND_NEW;
  if (is_there (data, size, old))
    return CUTS_FOUND_OLD;
  if (size < OAK_SBR_SIZE || !oak_sbr_decode (&table, data, OAK_SBR_SIZE, NULL))
    return CUTS_FOUND_NONE;
  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++) {
    const OakSbrEntry *entry = &table.entries[i];

    if (entry->name[0] == '\0' || (entry->flags & OAK_SBR_FLAG_BOOTABLE) == 0)
      continue;
    bootable = entry;
    if ((entry->flags & OAK_SBR_FLAG_IGNORE_CHECKSUM) == 0 &&
        !is_firmware_there (data, size, entry, new) && !is_firmware_there (data, size, entry, old))
      return CUTS_FOUND_NONE;
  }
  return bootable == NULL ? CUTS_FOUND_NONE : CUTS_FOUND_TORN;
}
