/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <gio/gio.h>

#include "fuzz-assert.h"
#include "oak-error.h"
#include "oak-firmware-archive.h"

/* Firmware archives whose tar is any bytes. They are packed here, because no fuzzer gets past the
 * checksums of xz; the smallest dictionary makes that quick. */

#define ROOM ((gsize) 64 * 1024)

/* Returns: (transfer full). */
static GBytes *
pack (const guint8 *data, gsize size)
{
  struct archive *writer = archive_write_new ();
  struct archive_entry *entry = archive_entry_new ();
  guint8 *packed = g_malloc (ROOM);
  size_t used = 0;

  archive_write_add_filter_xz (writer);
  archive_write_set_filter_option (writer, "xz", "compression-level", "0");
  archive_write_set_format_raw (writer);
  archive_write_set_bytes_in_last_block (writer, 1);
  FUZZ_ASSERT (archive_write_open_memory (writer, packed, ROOM, &used) == ARCHIVE_OK);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_pathname (entry, "tar");
  FUZZ_ASSERT (archive_write_header (writer, entry) == ARCHIVE_OK);
  FUZZ_ASSERT (archive_write_data (writer, data, size) == (la_ssize_t) size);
  FUZZ_ASSERT (archive_write_close (writer) == ARCHIVE_OK);
  archive_write_free (writer);
  archive_entry_free (entry);
  return g_bytes_new_take (packed, used);
}

static void
check_names (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *version = oak_firmware_version_of_name (text);
  OakBootloaderType type = OAK_BOOTLOADER_TYPE_AUTO;

  FUZZ_ASSERT (version == NULL ||
               (oak_firmware_check_version (version, NULL) && strpbrk (version, "/\\ \n") == NULL));
  if (!oak_firmware_parse_image_name (text, &type))
    FUZZ_ASSERT (type == OAK_BOOTLOADER_TYPE_AUTO);
}

int
fuzz_one_input (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) archive = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  check_names (data, size);
  archive = pack (data, size);
  entries = oak_firmware_archive_read (archive, "fuzz", NULL, &error);
  if (entries == NULL) {
    FUZZ_ASSERT (g_error_matches (error, OAK_ERROR, OAK_ERROR_BAD_FILE) ||
                 g_error_matches (error, OAK_ERROR, OAK_ERROR_TOO_LARGE));
    return 0;
  }
  FUZZ_ASSERT (entries->len == 1 || entries->len == 2);
  for (guint i = 0; i < entries->len; i++) {
    const OakFirmwareEntry *entry = g_ptr_array_index (entries, i);

    FUZZ_ASSERT (g_bytes_get_size (entry->bytes) <= size);
    FUZZ_ASSERT (oak_firmware_type_of_name (entry->name) == entry->type);
    FUZZ_ASSERT (oak_firmware_check_image (entry->bytes, entry->type, "fuzz", NULL));
  }
  return 0;
}
