/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-firmware-archive.h"

#include <string.h>
#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>

#include "oak-error.h"
#include "oak-text.h"

/* Takes the images out of a vendor's archive. First all of it is unpacked, bounded, to its last
 * byte, so that xz has compared its own checksums; then the tar in it is walked. libarchive's
 * words are converted here. Blocking; any thread. */

#define PIECE_SIZE       ((gsize) 64 * 1024) /* between two looks at the cancellable */
#define MAX_SHOWN_LENGTH 120

typedef struct archive Reader;

static void
reader_free (Reader *reader)
{
  archive_read_free (reader);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reader, reader_free)

static void
entry_free (gpointer data)
{
  OakFirmwareEntry *self = data;

  g_free (self->name);
  g_bytes_unref (self->bytes);
  g_free (self);
}

G_GNUC_PRINTF (3, 4)
static gboolean
fail (GError **error, const char *name, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE, "\"%s\" %s", name, reason);
  return FALSE;
}

static gboolean
fail_damaged (GError **error, const char *name, Reader *reader)
{
  const char *said = archive_error_string (reader);
  g_autofree char *shown = oak_text_escape (said != NULL ? said : "?", -1, MAX_SHOWN_LENGTH);

  return fail (error, name, "is damaged or incomplete; download it again (%s)", shown);
}

static gboolean
fail_too_large (GError **error, const char *name, gsize limit)
{
  g_autofree char *shown = oak_text_size (limit);

  g_set_error (
      error,
      OAK_ERROR,
      OAK_ERROR_TOO_LARGE,
      "\"%s\" holds more than %s, which no bootloader package does; get it from the vendor",
      name,
      shown);
  return FALSE;
}

/* @reader is one that was just made, with what it may understand chosen. */
static gboolean
open_bytes (Reader *reader, GBytes *bytes, const char *name, GError **error)
{
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);

  return archive_read_open_memory (reader, data, size) == ARCHIVE_OK ||
         fail_damaged (error, name, reader);
}

/* Appends what is left of the current entry to @content, but no more than makes it @limit bytes. */
static gboolean
read_entry (Reader *reader,
            GByteArray *content,
            gsize limit,
            const char *name,
            GCancellable *cancellable,
            GError **error)
{
  g_autofree guint8 *piece = g_malloc (PIECE_SIZE);

  for (;;) {
    la_ssize_t n_read;

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    n_read = archive_read_data (reader, piece, PIECE_SIZE);
    if (n_read < 0)
      return fail_damaged (error, name, reader);
    if (n_read == 0)
      return TRUE;
    if ((gsize) n_read > limit - content->len)
      return fail_too_large (error, name, limit);
    g_byte_array_append (content, piece, (guint) n_read);
  }
}

/* Returns: (transfer full): what xz had packed, all of it. */
static GBytes *
unpack (GBytes *archive, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (Reader) reader = archive_read_new ();
  g_autoptr (GByteArray) content = g_byte_array_new ();
  struct archive_entry *entry = NULL;

  archive_read_support_filter_xz (reader);
  archive_read_support_format_raw (reader);
  if (!open_bytes (reader, archive, name, error))
    return NULL;
  if (archive_read_next_header (reader, &entry) != ARCHIVE_OK) {
    fail_damaged (error, name, reader);
    return NULL;
  }
  if (!read_entry (reader, content, OAK_FIRMWARE_ARCHIVE_MAX_CONTENT, name, cancellable, error))
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&content));
}

static gboolean
leads_out (const char *path)
{
  g_auto (GStrv) parts = NULL;

  if (path[0] == '/' || strchr (path, '\\') != NULL)
    return TRUE;
  parts = g_strsplit (path, "/", -1);
  return g_strv_contains ((const char *const *) parts, "..");
}

/* Names are only ever compared, but a file that lies about them is not the vendor's. */
static gboolean
check_entry (struct archive_entry *entry, const char *name, GError **error)
{
  const char *path = archive_entry_pathname (entry);
  mode_t kind = archive_entry_filetype (entry);
  g_autofree char *shown = NULL;

  if (path == NULL || strlen (path) > OAK_FIRMWARE_ARCHIVE_MAX_NAME_LENGTH)
    return fail (error, name, "has an entry without a usable name; get it from the vendor");
  shown = oak_text_escape (path, -1, MAX_SHOWN_LENGTH);
  if (leads_out (path))
    return fail (error,
                 name,
                 "has an entry that would be written outside of it, %s; do not use it, and get it "
                 "from the vendor",
                 shown);
  if (archive_entry_hardlink (entry) != NULL || archive_entry_symlink (entry) != NULL ||
      (kind != AE_IFREG && kind != AE_IFDIR))
    return fail (error,
                 name,
                 "has a link or special file in it, %s; do not use it, and get it from the vendor",
                 shown);
  return TRUE;
}

static gboolean
has_type (GPtrArray *images, OakBootloaderType type)
{
  for (guint i = 0; i < images->len; i++)
    if (((const OakFirmwareEntry *) g_ptr_array_index (images, i))->type == type)
      return TRUE;
  return FALSE;
}

/* Keeps the current entry when it is an image. */
static gboolean
take_entry (Reader *reader,
            struct archive_entry *entry,
            GPtrArray *images,
            const char *name,
            GCancellable *cancellable,
            GError **error)
{
  const char *path = archive_entry_pathname (entry);
  OakBootloaderType type = oak_firmware_type_of_name (path);
  g_autoptr (GByteArray) content = g_byte_array_new ();
  OakFirmwareEntry *image = NULL;

  if (type == OAK_BOOTLOADER_TYPE_AUTO || archive_entry_filetype (entry) != AE_IFREG)
    return TRUE;
  if (has_type (images, type))
    return fail (error, name, "has \"%s\" twice; get it from the vendor", path);
  if (!read_entry (reader, content, OAK_FIRMWARE_ARCHIVE_MAX_CONTENT, name, cancellable, error))
    return FALSE;

  image = g_new0 (OakFirmwareEntry, 1);
  image->type = type;
  image->name = g_strdup (path);
  image->bytes = g_byte_array_free_to_bytes (g_steal_pointer (&content));
  g_ptr_array_add (images, image);
  return oak_firmware_check_image (image->bytes, type, image->name, error);
}

static gboolean
walk (Reader *reader,
      GPtrArray *images,
      const char *name,
      GCancellable *cancellable,
      GError **error)
{
  struct archive_entry *entry = NULL;

  for (guint n_entries = 0;; n_entries++) {
    int result = archive_read_next_header (reader, &entry);

    if (result == ARCHIVE_EOF)
      return TRUE;
    if (result != ARCHIVE_OK)
      return fail_damaged (error, name, reader);
    if (n_entries == OAK_FIRMWARE_ARCHIVE_MAX_ENTRIES)
      return fail (error,
                   name,
                   "has more than %u entries, which no bootloader package has; get it from the "
                   "vendor",
                   OAK_FIRMWARE_ARCHIVE_MAX_ENTRIES);
    if (!check_entry (entry, name, error) ||
        !take_entry (reader, entry, images, name, cancellable, error))
      return FALSE;
  }
}

GPtrArray *
oak_firmware_archive_read (GBytes *archive,
                           const char *name,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (Reader) reader = NULL;
  g_autoptr (GBytes) content = NULL;
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func (entry_free);

  g_return_val_if_fail (archive != NULL && name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (oak_firmware_recognise (archive) != OAK_FIRMWARE_ARCHIVE) {
    fail (error, name, "is not packed by xz; a bootloader package ends in .tar.xz");
    return NULL;
  }
  if (g_bytes_get_size (archive) > OAK_FIRMWARE_ARCHIVE_MAX_SIZE) {
    fail_too_large (error, name, OAK_FIRMWARE_ARCHIVE_MAX_SIZE);
    return NULL;
  }
  content = unpack (archive, name, cancellable, error);
  if (content == NULL)
    return NULL;

  reader = archive_read_new ();
  archive_read_support_format_tar (reader);
  if (!open_bytes (reader, content, name, error) ||
      !walk (reader, images, name, cancellable, error))
    return NULL;
  if (images->len == 0) {
    fail (error,
          name,
          "holds no bootloader image; choose the one called depthai-bootloader-fwp-….tar.xz");
    return NULL;
  }
  return g_steal_pointer (&images);
}
