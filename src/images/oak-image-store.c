/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-image-store.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "oak-error.h"
#include "oak-file-bytes.h"
#include "oak-firmware-archive.h"
#include "oak-image-private.h"

/* Keeps images under the name of their own checksum: "SHA256.cmd" beside "SHA256.json". An image is
 * there as soon as its record is. Any thread; blocks on the disk. */

#define RECORD_SUFFIX ".json"
#define IMAGE_SUFFIX  ".cmd"
#define LEFTOVER_S    (60 * 60) /* nobody writes a file for longer */

struct _OakImageStore {
  char *folder;
};

OakImageStore *
oak_image_store_new (const char *folder)
{
  OakImageStore *self = g_new0 (OakImageStore, 1);

  self->folder = folder != NULL
                     ? g_strdup (folder)
                     : g_build_filename (g_get_user_data_dir (), "oak-flasher", "images", NULL);
  return self;
}

void
oak_image_store_free (OakImageStore *self)
{
  g_free (self->folder);
  g_free (self);
}

const char *
oak_image_store_get_folder (OakImageStore *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->folder;
}

static char *
make_path (OakImageStore *self, const char *sha256, const char *suffix)
{
  return g_strdup_printf ("%s/%s%s", self->folder, sha256, suffix);
}

static gboolean
fail_access (OakImageStore *self, const char *doing, int code, GError **error)
{
  g_autofree char *shown = g_filename_display_name (self->folder);

  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_NO_ACCESS,
               "the store %s cannot be %s: %s",
               shown,
               doing,
               g_strerror (code));
  return FALSE;
}

static gboolean
make_folder (OakImageStore *self, GError **error)
{
  if (g_mkdir_with_parents (self->folder, 0700) == 0)
    return TRUE;
  return fail_access (self, "made", errno, error);
}

/* The new content is on the disk before it takes the old one's place. */
static gboolean
write_file (OakImageStore *self, const char *path, const void *data, gsize size, GError **error)
{
  g_autofree char *shown = g_filename_display_name (self->folder);
  g_autoptr (GError) local_error = NULL;

  if (g_file_set_contents_full (path,
                                data,
                                (gssize) size,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                0644,
                                &local_error))
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_NO_ACCESS,
               "the store %s cannot be written: %s",
               shown,
               local_error->message);
  return FALSE;
}

GBytes *
oak_image_store_load (OakImageStore *self,
                      OakImage *image,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *sha256 = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (self != NULL && image != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  path = make_path (self, oak_image_get_sha256 (image), IMAGE_SUFFIX);
  bytes = oak_file_bytes_load (path, OAK_FIRMWARE_ARCHIVE_MAX_CONTENT, cancellable, error);
  if (bytes == NULL) {
    g_prefix_error (error, "the store's image: ");
    return NULL;
  }
  sha256 = oak_file_bytes_get_sha256 (bytes);
  if (g_str_equal (sha256, oak_image_get_sha256 (image)) &&
      g_bytes_get_size (bytes) == oak_image_get_size (image))
    return g_steal_pointer (&bytes);
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_BAD_FILE,
               "the store's image %.12s is damaged; import or download it again",
               oak_image_get_sha256 (image));
  return NULL;
}

/* Returns: (transfer full): as the record says; a damaged record makes a damaged image. */
static OakImage *
read_record (OakImageStore *self, const char *sha256)
{
  static const OakImageFacts nothing = { OAK_BOOTLOADER_TYPE_AUTO, NULL, "?", 0 };
  g_autofree char *path = make_path (self, sha256, RECORD_SUFFIX);
  g_autoptr (GBytes) record = oak_file_bytes_load (path, OAK_IMAGE_MAX_RECORD_SIZE, NULL, NULL);
  g_autoptr (OakImage) image = NULL;

  if (record != NULL)
    image = oak_image_new_from_record (record, NULL);
  if (image != NULL && g_str_equal (oak_image_get_sha256 (image), sha256))
    return g_steal_pointer (&image);
  g_clear_pointer (&image, oak_image_unref);
  image = oak_image_new (sha256, 0, &nothing, FALSE, 0);
  return oak_image_new_damaged (image);
}

/* Returns: (transfer full): NULL only when cancelled. */
static OakImage *
read_image (OakImageStore *self, const char *sha256, GCancellable *cancellable, GError **error)
{
  g_autoptr (OakImage) image = read_record (self, sha256);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (!oak_image_is_whole (image))
    return g_steal_pointer (&image);
  bytes = oak_image_store_load (self, image, cancellable, &local_error);
  if (bytes != NULL)
    return g_steal_pointer (&image);
  if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return oak_image_new_damaged (image);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

/* Returns: (transfer full) (nullable): NULL when @name is not that of a record. */
static char *
get_sha256_of_record (const char *name)
{
  g_autofree char *sha256 = NULL;

  if (!g_str_has_suffix (name, RECORD_SUFFIX))
    return NULL;
  sha256 = g_strndup (name, strlen (name) - strlen (RECORD_SUFFIX));
  return oak_image_is_sha256 (sha256) ? g_steal_pointer (&sha256) : NULL;
}

/* Returns: negative when @first is newer; unknown is older than everything. */
static int
compare_versions (OakImage *first, OakImage *second)
{
  const char *texts[] = { oak_image_get_version (first), oak_image_get_version (second) };
  OakVersion versions[2] = { { 0 } };
  int order = 0;

  for (guint i = 0; i < 2; i++)
    if (texts[i] != NULL)
      oak_firmware_check_version (texts[i], &versions[i]);
  order = (texts[1] != NULL) - (texts[0] != NULL);
  if (order == 0)
    order = oak_version_compare (versions[1], versions[0]);
  return order != 0 ? order : g_strcmp0 (texts[1], texts[0]);
}

static int
compare_images (gconstpointer a, gconstpointer b)
{
  OakImage *first = *(OakImage *const *) a;
  OakImage *second = *(OakImage *const *) b;
  int order = compare_versions (first, second);

  if (order == 0)
    order = (int) oak_image_get_type (second) - (int) oak_image_get_type (first);
  return order != 0 ? order
                    : g_strcmp0 (oak_image_get_sha256 (first), oak_image_get_sha256 (second));
}

/* Returns: (transfer full) (nullable): NULL with @error, and without when there is no folder. */
static GDir *
open_folder (OakImageStore *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  GDir *folder = g_dir_open (self->folder, 0, &local_error);

  if (folder == NULL && !g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_NO_ACCESS,
                 "the store cannot be read: %s",
                 local_error->message);
  return folder;
}

GPtrArray *
oak_image_store_list (OakImageStore *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func ((GDestroyNotify) oak_image_unref);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GDir) folder = NULL;
  const char *name = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  folder = open_folder (self, &local_error);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *sha256 = get_sha256_of_record (name);
    OakImage *image = NULL;

    if (sha256 == NULL)
      continue;
    image = read_image (self, sha256, cancellable, &local_error);
    if (image == NULL)
      break;
    g_ptr_array_add (images, image);
  }
  if (local_error != NULL) {
    g_propagate_error (error, g_steal_pointer (&local_error));
    return NULL;
  }
  g_ptr_array_sort (images, compare_images);
  return g_steal_pointer (&images);
}

static char *
describe (OakImage *image)
{
  const char *version = oak_image_get_version (image);

  return g_strdup_printf ("%s %s",
                          oak_bootloader_type_to_string (oak_image_get_type (image)),
                          version != NULL ? version : "of an unknown version");
}

/* Whether two known values contradict each other. */
static gboolean
contradicts (OakImage *image, const OakImageFacts *facts)
{
  const char *version = oak_image_get_version (image);
  OakBootloaderType type = oak_image_get_type (image);

  return (version != NULL && facts->version != NULL && !g_str_equal (version, facts->version)) ||
         (type != OAK_BOOTLOADER_TYPE_AUTO && facts->type != OAK_BOOTLOADER_TYPE_AUTO &&
          type != facts->type);
}

static gboolean
has_same_name (OakImage *image, const OakImageFacts *facts)
{
  return facts->version != NULL && facts->type != OAK_BOOTLOADER_TYPE_AUTO &&
         oak_image_get_type (image) == facts->type &&
         g_strcmp0 (oak_image_get_version (image), facts->version) == 0;
}

/* The same bytes under two names, or two images under one, could not be told apart by people. */
static gboolean
check_names (GPtrArray *images, const char *sha256, const OakImageFacts *facts, GError **error)
{
  for (guint i = 0; i < images->len; i++) {
    OakImage *image = g_ptr_array_index (images, i);
    gboolean is_same = g_str_equal (oak_image_get_sha256 (image), sha256);
    g_autofree char *known = describe (image);

    if (is_same && contradicts (image, facts)) {
      g_set_error (error,
                   OAK_ERROR,
                   OAK_ERROR_NEEDS_CONSENT,
                   "the store has the same image as %s; the new name would replace that",
                   known);
      return FALSE;
    }
    if (!is_same && has_same_name (image, facts)) {
      g_set_error (error,
                   OAK_ERROR,
                   OAK_ERROR_NEEDS_CONSENT,
                   "the store has another image for %s (checksum %.12s); the new one would "
                   "replace it",
                   known,
                   oak_image_get_sha256 (image));
      return FALSE;
    }
  }
  return TRUE;
}

/* What will be known: @facts, completed from what the store knows of the same bytes. Where the
 * bytes were compared with a checksum once, they came from there. */
static OakImageFacts
merge_facts (OakImage *known, const OakImageFacts *facts)
{
  OakImageFacts merged = *facts;

  if (known == NULL)
    return merged;
  if (merged.type == OAK_BOOTLOADER_TYPE_AUTO)
    merged.type = oak_image_get_type (known);
  if (merged.version == NULL)
    merged.version = oak_image_get_version (known);
  if (merged.checksum == OAK_IMAGE_CHECKSUM_NONE &&
      oak_image_get_checksum (known) == OAK_IMAGE_CHECKSUM_MATCHES) {
    merged.checksum = OAK_IMAGE_CHECKSUM_MATCHES;
    merged.origin = oak_image_get_origin (known);
  }
  return merged;
}

/* Returns: (transfer none) (nullable). */
static OakImage *
find_sha256 (GPtrArray *images, const char *sha256)
{
  for (guint i = 0; i < images->len; i++)
    if (g_str_equal (oak_image_get_sha256 (g_ptr_array_index (images, i)), sha256))
      return g_ptr_array_index (images, i);
  return NULL;
}

/* A file on its way has the name it will have and an ending of its own. */
static gboolean
is_leftover (const char *path, const char *name)
{
  g_autofree char *sha256 = g_strndup (name, OAK_IMAGE_SHA256_LENGTH);
  const char *suffix = NULL;
  GStatBuf status;

  if (!oak_image_is_sha256 (sha256))
    return FALSE;
  suffix = name + OAK_IMAGE_SHA256_LENGTH;
  return (g_str_has_prefix (suffix, IMAGE_SUFFIX ".") ||
          g_str_has_prefix (suffix, RECORD_SUFFIX ".")) &&
         g_stat (path, &status) == 0 &&
         g_get_real_time () / G_USEC_PER_SEC - status.st_mtime > LEFTOVER_S;
}

/* What programs left that were ended while they wrote. */
static void
remove_leftovers (OakImageStore *self)
{
  g_autoptr (GDir) folder = g_dir_open (self->folder, 0, NULL);
  const char *name = NULL;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *path = g_build_filename (self->folder, name, NULL);

    if (is_leftover (path, name))
      g_unlink (path);
  }
}

static gboolean
write_image (OakImageStore *self, OakImage *image, GBytes *bytes, GError **error)
{
  const char *sha256 = oak_image_get_sha256 (image);
  g_autofree char *image_path = make_path (self, sha256, IMAGE_SUFFIX);
  g_autofree char *record_path = make_path (self, sha256, RECORD_SUFFIX);
  g_autofree char *record = oak_image_to_record (image);
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);

  return make_folder (self, error) && write_file (self, image_path, data, size, error) &&
         write_file (self, record_path, record, strlen (record), error);
}

/* The others of the same name, once the new one is there. */
static gboolean
remove_replaced (OakImageStore *self,
                 GPtrArray *images,
                 OakImage *kept,
                 const OakImageFacts *facts,
                 GError **error)
{
  for (guint i = 0; i < images->len; i++) {
    OakImage *image = g_ptr_array_index (images, i);

    if (!g_str_equal (oak_image_get_sha256 (image), oak_image_get_sha256 (kept)) &&
        has_same_name (image, facts) && !oak_image_store_remove (self, image, error))
      return FALSE;
  }
  return TRUE;
}

OakImage *
oak_image_store_add (OakImageStore *self,
                     GBytes *bytes,
                     gconstpointer facts,
                     gboolean replace,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autofree char *sha256 = NULL;
  g_autoptr (GPtrArray) images = NULL;
  g_autoptr (OakImage) image = NULL;
  OakImageFacts merged;

  g_return_val_if_fail (self != NULL && bytes != NULL && facts != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  images = oak_image_store_list (self, cancellable, error);
  if (images == NULL)
    return NULL;
  sha256 = oak_file_bytes_get_sha256 (bytes);
  merged = merge_facts (find_sha256 (images, sha256), facts);
  if (!oak_firmware_check_image (bytes, merged.type, merged.origin, error) ||
      (!replace && !check_names (images, sha256, &merged, error)) ||
      g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  image = oak_image_new (sha256,
                         g_bytes_get_size (bytes),
                         &merged,
                         oak_firmware_is_made_up (bytes),
                         g_get_real_time () / G_USEC_PER_SEC);
  remove_leftovers (self);
  if (!write_image (self, image, bytes, error) ||
      !remove_replaced (self, images, image, &merged, error))
    return NULL;
  return g_steal_pointer (&image);
}

/* The record goes first: without one nothing is an image. */
gboolean
oak_image_store_remove (OakImageStore *self, OakImage *image, GError **error)
{
  static const char *const suffixes[] = { RECORD_SUFFIX, IMAGE_SUFFIX };

  g_return_val_if_fail (self != NULL && image != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *path = make_path (self, oak_image_get_sha256 (image), suffixes[i]);

    if (g_unlink (path) != 0 && errno != ENOENT)
      return fail_access (self, "written", errno, error);
  }
  return TRUE;
}

static gboolean
is_wanted (OakImage *image, const char *version, OakBootloaderType type)
{
  OakBootloaderType own = oak_image_get_type (image);

  return oak_image_is_whole (image) && g_strcmp0 (oak_image_get_version (image), version) == 0 &&
         (type == OAK_BOOTLOADER_TYPE_AUTO || own == type || own == OAK_BOOTLOADER_TYPE_AUTO);
}

OakImage *
oak_image_store_find (GPtrArray *images,
                      const char *version,
                      OakBootloaderType type,
                      GError **error)
{
  OakImage *found = NULL;
  gboolean has_no_type = FALSE;
  guint n_found = 0;

  g_return_val_if_fail (images != NULL && version != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  for (guint i = 0; i < images->len; i++) {
    OakImage *image = g_ptr_array_index (images, i);

    if (!is_wanted (image, version, type))
      continue;
    n_found++;
    /* One whose type is known goes before one that was left to the person. */
    if (found == NULL || oak_image_get_type (found) == OAK_BOOTLOADER_TYPE_AUTO)
      found = image;
  }
  has_no_type = found != NULL && oak_image_get_type (found) == OAK_BOOTLOADER_TYPE_AUTO;
  if (found == NULL)
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_NOT_FOUND,
                 "the store has no whole image of bootloader %s%s%s",
                 version,
                 type != OAK_BOOTLOADER_TYPE_AUTO ? " for the type " : "",
                 type != OAK_BOOTLOADER_TYPE_AUTO ? oak_bootloader_type_to_string (type) : "");
  else if (n_found > 1 ? has_no_type || type == OAK_BOOTLOADER_TYPE_AUTO
                       : has_no_type && type == OAK_BOOTLOADER_TYPE_AUTO)
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_NEEDS_CONSENT,
                 "the store has bootloader %s for %s: the type of the camera has to be chosen",
                 version,
                 n_found > 1 ? "more than one type" : "a type that nobody knows");
  else
    return oak_image_ref (found);
  return NULL;
}
