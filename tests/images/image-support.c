/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "image-support.h"

#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>

/* Makes what the tests of images need. Any thread. */

#define PIECE_SIZE ((gsize) 64 * 1024)

GBytes *
image_make (guint seed, gsize size)
{
  guint8 *data = g_malloc (size);
  guint32 state = seed * 2654435761u + 1;

  for (gsize i = 0; i < size; i++) {
    state = state * 1664525u + 1013904223u;
    data[i] = (guint8) (state >> 24);
  }
  memcpy (data, "MA2x", 4);
  return g_bytes_new_take (data, size);
}

/* What libarchive writes. */
static la_ssize_t
on_write (struct archive *writer, void *user_data, const void *data, size_t size)
{
  g_byte_array_append (user_data, data, (guint) size);
  return (la_ssize_t) size;
}

static void
write_content (struct archive *writer, const ArchiveEntry *from)
{
  static const guint8 zeros[PIECE_SIZE];
  gsize size = 0;
  const void *data = from->bytes != NULL ? g_bytes_get_data (from->bytes, &size) : NULL;

  if (data != NULL)
    g_assert_cmpint (archive_write_data (writer, data, size), ==, (gssize) size);
  for (guint64 left = from->bytes == NULL ? from->zeros : 0; left > 0;) {
    gsize piece = (gsize) MIN (left, PIECE_SIZE);

    g_assert_cmpint (archive_write_data (writer, zeros, piece), ==, (gssize) piece);
    left -= piece;
  }
}

static void
write_entry (struct archive *writer, const ArchiveEntry *from)
{
  struct archive_entry *entry = archive_entry_new ();
  guint64 size = from->bytes != NULL ? g_bytes_get_size (from->bytes) : from->zeros;

  archive_entry_set_pathname (entry, from->name);
  archive_entry_set_perm (entry, 0644);
  archive_entry_set_filetype (entry, from->kind != 0 ? from->kind : AE_IFREG);
  archive_entry_set_size (entry, (la_int64_t) size);
  if (from->link != NULL) {
    archive_entry_set_filetype (entry, AE_IFLNK);
    archive_entry_set_symlink (entry, from->link);
  }
  if (from->hard_link != NULL)
    archive_entry_set_hardlink (entry, from->hard_link);
  g_assert_cmpint (archive_write_header (writer, entry), ==, ARCHIVE_OK);
  write_content (writer, from);
  archive_entry_free (entry);
}

GBytes *
archive_make (const ArchiveEntry *entries, guint n_entries)
{
  struct archive *writer = archive_write_new ();
  GByteArray *packed = g_byte_array_new ();

  archive_write_add_filter_xz (writer);
  archive_write_set_filter_option (writer, "xz", "compression-level", "1");
  archive_write_set_format_pax_restricted (writer);
  archive_write_set_bytes_in_last_block (writer, 1);
  g_assert_cmpint (archive_write_open (writer, packed, NULL, on_write, NULL), ==, ARCHIVE_OK);
  for (guint i = 0; i < n_entries; i++)
    write_entry (writer, &entries[i]);
  g_assert_cmpint (archive_write_close (writer), ==, ARCHIVE_OK);
  archive_write_free (writer);
  return g_byte_array_free_to_bytes (packed);
}

GBytes *
archive_make_release (guint seed)
{
  g_autoptr (GBytes) usb = image_make (2 * seed, 200000);
  g_autoptr (GBytes) eth = image_make (2 * seed + 1, 300000);
  g_autoptr (GBytes) text = g_bytes_new_static ("read me", 7);
  const ArchiveEntry entries[] = { { .name = "README", .bytes = text },
                                   { .name = USB_NAME, .bytes = usb },
                                   { .name = ETH_NAME, .bytes = eth } };

  return archive_make (entries, G_N_ELEMENTS (entries));
}

char *
folder_add (const char *folder, const char *name, GBytes *bytes)
{
  char *path = g_build_filename (folder, name, NULL);
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);

  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
  return path;
}

void
folder_remove (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      folder_remove (path);
    else
      g_assert_cmpint (g_unlink (path), ==, 0);
  }
  g_rmdir (folder);
}

guint
folder_count (const char *folder, const char *suffix)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;
  guint n_files = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, suffix))
      n_files++;
  return n_files;
}
