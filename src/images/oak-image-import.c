/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-image-import.h"

#include "oak-error.h"
#include "oak-file-bytes.h"
#include "oak-firmware-archive.h"
#include "oak-image-release.h"
#include "oak-image-store.h"
#include "oak-image.h"
#include "oak-text.h"

/* From a file to the store: what kind it is, what its name says, whether a checksum beside it
 * matches. Any thread. */

#define SIDECAR_SUFFIX   ".sha256"
#define MAX_SIDECAR_SIZE ((gsize) 4 * 1024)
#define MAX_NAME_LENGTH  120

GPtrArray *
oak_image_import_archive (OakImageStore *store,
                          GBytes *archive,
                          gconstpointer facts,
                          gboolean replace,
                          GCancellable *cancellable,
                          GError **error)
{
  OakImageFacts own = *(const OakImageFacts *) facts;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func ((GDestroyNotify) oak_image_unref);

  g_return_val_if_fail (store != NULL && archive != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  entries = oak_firmware_archive_read (archive, own.origin, cancellable, error);
  for (guint i = 0; entries != NULL && i < entries->len; i++) {
    const OakFirmwareEntry *entry = g_ptr_array_index (entries, i);
    OakImage *image = NULL;

    own.type = entry->type;
    image = oak_image_store_add (store, entry->bytes, &own, replace, cancellable, error);
    if (image == NULL)
      return NULL;
    g_ptr_array_add (images, image);
  }
  return entries != NULL ? g_steal_pointer (&images) : NULL;
}

/* Returns: FALSE with an error when there is a sidecar that does not match; @checksum says whether
 * there is one at all. */
static gboolean
check_sidecar (const char *path,
               GBytes *bytes,
               OakImageChecksum *checksum,
               GCancellable *cancellable,
               GError **error)
{
  g_autofree char *sidecar_path = g_strconcat (path, SIDECAR_SUFFIX, NULL);
  g_autofree char *expected = NULL;
  g_autofree char *found = NULL;
  g_autoptr (GBytes) sidecar = NULL;

  *checksum = OAK_IMAGE_CHECKSUM_NONE;
  if (!g_file_test (sidecar_path, G_FILE_TEST_EXISTS))
    return TRUE;
  sidecar = oak_file_bytes_load (sidecar_path, MAX_SIDECAR_SIZE, cancellable, error);
  if (sidecar == NULL)
    return FALSE;
  expected = oak_image_release_parse_sidecar (g_bytes_get_data (sidecar, NULL),
                                              g_bytes_get_size (sidecar),
                                              error);
  if (expected == NULL)
    return FALSE;
  found = oak_file_bytes_get_sha256 (bytes);
  if (g_str_equal (found, expected)) {
    *checksum = OAK_IMAGE_CHECKSUM_MATCHES;
    return TRUE;
  }
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_VERIFY_FAILED,
               "the file beside it says that its checksum is %.12s…, but it is %.12s…",
               expected,
               found);
  return FALSE;
}

static gboolean
fail_contradiction (GError **error, const char *name, const char *says, const char *chosen)
{
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_NEEDS_CONSENT,
               "the name \"%s\" says %s, but %s was chosen",
               name,
               says,
               chosen);
  return FALSE;
}

/* What the name says goes together with what the person says, or the person insists. */
static gboolean
merge_choice (OakImageFacts *facts, const OakImageChoice *choice, const char *name, GError **error)
{
  if (choice->version != NULL && !choice->replace && facts->version != NULL &&
      !g_str_equal (choice->version, facts->version))
    return fail_contradiction (error, name, facts->version, choice->version);
  if (choice->type != OAK_BOOTLOADER_TYPE_AUTO && !choice->replace &&
      facts->type != OAK_BOOTLOADER_TYPE_AUTO && choice->type != facts->type)
    return fail_contradiction (error,
                               name,
                               oak_bootloader_type_to_string (facts->type),
                               oak_bootloader_type_to_string (choice->type));
  if (choice->version != NULL)
    facts->version = choice->version;
  if (choice->type != OAK_BOOTLOADER_TYPE_AUTO)
    facts->type = choice->type;
  return TRUE;
}

static GPtrArray *
import_archive (OakImageStore *store,
                GBytes *bytes,
                OakImageFacts *facts,
                const OakImageChoice *choice,
                GCancellable *cancellable,
                GError **error)
{
  g_autofree char *version = oak_firmware_version_of_name (facts->origin);

  if (choice->type != OAK_BOOTLOADER_TYPE_AUTO) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "\"%s\" says itself which image is for which type; leave the type out",
                 facts->origin);
    return NULL;
  }
  facts->version = version;
  if (!merge_choice (facts, choice, facts->origin, error))
    return NULL;
  return oak_image_import_archive (store, bytes, facts, choice->replace, cancellable, error);
}

static GPtrArray *
import_image (OakImageStore *store,
              GBytes *bytes,
              OakImageFacts *facts,
              const OakImageChoice *choice,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func ((GDestroyNotify) oak_image_unref);
  OakImage *image = NULL;

  oak_firmware_parse_image_name (facts->origin, &facts->type);
  if (!merge_choice (facts, choice, facts->origin, error))
    return NULL;
  image = oak_image_store_add (store, bytes, facts, choice->replace, cancellable, error);
  if (image == NULL)
    return NULL;
  g_ptr_array_add (images, image);
  return g_steal_pointer (&images);
}

GPtrArray *
oak_image_import_file (OakImageStore *store,
                       const char *path,
                       const OakImageChoice *choice,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autofree char *base = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GBytes) bytes = NULL;
  OakImageFacts facts = { .type = OAK_BOOTLOADER_TYPE_AUTO };

  g_return_val_if_fail (store != NULL && path != NULL && choice != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  base = g_path_get_basename (path);
  name = oak_text_escape (base, -1, MAX_NAME_LENGTH);
  facts.origin = name;
  bytes = oak_file_bytes_load (path, OAK_FIRMWARE_ARCHIVE_MAX_SIZE, cancellable, error);
  if (bytes == NULL || !check_sidecar (path, bytes, &facts.checksum, cancellable, error))
    return NULL;

  switch (oak_firmware_recognise (bytes)) {
  case OAK_FIRMWARE_ARCHIVE:
    return import_archive (store, bytes, &facts, choice, cancellable, error);
  case OAK_FIRMWARE_IMAGE:
    return import_image (store, bytes, &facts, choice, cancellable, error);
  case OAK_FIRMWARE_UNKNOWN:
  default:
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "\"%s\" is neither a bootloader package (depthai-bootloader-fwp-….tar.xz) nor an "
                 "image (.cmd, .mvcmd)",
                 name);
    return NULL;
  }
}
