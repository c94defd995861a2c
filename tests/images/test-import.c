/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-image-import.h"

#include <string.h>

#include "oak-error.h"
#include "oak-file-bytes.h"
#include "oak-image-store.h"
#include "oak-image.h"

#include "image-support.h"

/* From files of every kind into the store. */

#define RELEASE_NAME "depthai-bootloader-fwp-0.0.28.tar.xz"

typedef struct {
  char *folder;
  OakImageStore *store;
} Fixture;

static const OakImageChoice nothing_said = { OAK_BOOTLOADER_TYPE_AUTO, NULL, FALSE };

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *images = NULL;

  fixture->folder = g_dir_make_tmp ("oak-import-XXXXXX", NULL);
  images = g_build_filename (fixture->folder, "images", NULL);
  fixture->store = oak_image_store_new (images);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  oak_image_store_free (fixture->store);
  folder_remove (fixture->folder);
  g_free (fixture->folder);
}

/* Returns: (transfer full). */
static GPtrArray *
import (Fixture *fixture,
        const char *name,
        GBytes *bytes,
        const OakImageChoice *choice,
        GError **error)
{
  g_autofree char *path = folder_add (fixture->folder, name, bytes);

  return oak_image_import_file (fixture->store, path, choice, NULL, error);
}

static void
assert_refused (Fixture *fixture,
                const char *name,
                GBytes *bytes,
                const OakImageChoice *choice,
                OakError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) images = import (fixture, name, bytes, choice, &error);

  g_assert_null (images);
  g_assert_error (error, OAK_ERROR, (int) code);
  g_assert_cmpuint (folder_count (oak_image_store_get_folder (fixture->store), ""), ==, 0);
}

static void
assert_image (OakImage *image, OakBootloaderType type, const char *version)
{
  g_assert_cmpint (oak_image_get_type (image), ==, type);
  g_assert_cmpstr (oak_image_get_version (image), ==, version);
}

static void
test_a_release_gives_both_images_and_its_version (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = archive_make_release (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) images = import (fixture, RELEASE_NAME, archive, &nothing_said, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (images->len, ==, 2);
  assert_image (g_ptr_array_index (images, 0), OAK_BOOTLOADER_TYPE_USB, "0.0.28");
  assert_image (g_ptr_array_index (images, 1), OAK_BOOTLOADER_TYPE_NETWORK, "0.0.28");
  g_assert_cmpstr (oak_image_get_origin (g_ptr_array_index (images, 0)), ==, RELEASE_NAME);
  g_assert_cmpint (oak_image_get_checksum (g_ptr_array_index (images, 0)),
                   ==,
                   OAK_IMAGE_CHECKSUM_NONE);
}

static void
test_a_renamed_release_has_no_version_until_it_is_said (Fixture *fixture, gconstpointer data)
{
  static const OakImageChoice said = { OAK_BOOTLOADER_TYPE_AUTO, "0.0.27", FALSE };
  g_autoptr (GBytes) archive = archive_make_release (1);
  g_autoptr (GPtrArray) first = import (fixture, "mine.tar.xz", archive, &nothing_said, NULL);
  g_autoptr (GPtrArray) second = import (fixture, "mine.tar.xz", archive, &said, NULL);

  assert_image (g_ptr_array_index (first, 0), OAK_BOOTLOADER_TYPE_USB, NULL);
  assert_image (g_ptr_array_index (second, 0), OAK_BOOTLOADER_TYPE_USB, "0.0.27");
}

static void
test_single_images_tell_their_type_by_the_vendors_names_only (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *name;
    OakBootloaderType type;
  } rows[] = {
    { USB_NAME, OAK_BOOTLOADER_TYPE_USB },
    { ETH_NAME, OAK_BOOTLOADER_TYPE_NETWORK },
    { "eth.mvcmd", OAK_BOOTLOADER_TYPE_AUTO },
    { "what.ever", OAK_BOOTLOADER_TYPE_AUTO },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GBytes) bytes = image_make (i, 3000);
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) images = import (fixture, rows[i].name, bytes, &nothing_said, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (images->len, ==, 1);
    assert_image (g_ptr_array_index (images, 0), rows[i].type, NULL);
  }
}

static void
test_what_a_person_says_is_kept (Fixture *fixture, gconstpointer data)
{
  static const OakImageChoice said = { OAK_BOOTLOADER_TYPE_NETWORK, "0.0.29", FALSE };
  g_autoptr (GBytes) bytes = image_make (1, 3000);
  g_autoptr (GPtrArray) images = import (fixture, "eth.mvcmd", bytes, &said, NULL);

  assert_image (g_ptr_array_index (images, 0), OAK_BOOTLOADER_TYPE_NETWORK, "0.0.29");
}

/* The wrong type bricks a camera (bootloader.md §14, H3). */
static void
test_contradicting_a_name_needs_consent (Fixture *fixture, gconstpointer data)
{
  static const OakImageChoice type = { OAK_BOOTLOADER_TYPE_NETWORK, NULL, FALSE };
  static const OakImageChoice version = { OAK_BOOTLOADER_TYPE_AUTO, "0.0.29", FALSE };
  static const OakImageChoice insisting = { OAK_BOOTLOADER_TYPE_NETWORK, NULL, TRUE };
  g_autoptr (GBytes) bytes = image_make (1, 3000);
  g_autoptr (GBytes) archive = archive_make_release (1);
  g_autoptr (GPtrArray) images = NULL;

  assert_refused (fixture, USB_NAME, bytes, &type, OAK_ERROR_NEEDS_CONSENT);
  assert_refused (fixture, RELEASE_NAME, archive, &version, OAK_ERROR_NEEDS_CONSENT);
  assert_refused (fixture, RELEASE_NAME, archive, &type, OAK_ERROR_BAD_FILE);
  images = import (fixture, USB_NAME, bytes, &insisting, NULL);
  assert_image (g_ptr_array_index (images, 0), OAK_BOOTLOADER_TYPE_NETWORK, NULL);
}

static void
add_sidecar (Fixture *fixture, const char *name, const char *content)
{
  g_autofree char *sidecar = g_strconcat (name, ".sha256", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (content, strlen (content));
  G_GNUC_UNUSED g_autofree char *path = folder_add (fixture->folder, sidecar, bytes);
}

static void
test_a_checksum_beside_the_file_has_to_match (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = archive_make_release (1);
  g_autofree char *sha256 = oak_file_bytes_get_sha256 (archive);
  g_autofree char *other = g_strdup (sha256);
  g_autofree char *line = g_strconcat (sha256, "\n", NULL);
  g_autofree char *cut = g_strndup (sha256, 63);
  g_autoptr (GPtrArray) images = NULL;

  other[5] = other[5] == '0' ? '1' : '0';
  add_sidecar (fixture, RELEASE_NAME, other);
  assert_refused (fixture, RELEASE_NAME, archive, &nothing_said, OAK_ERROR_VERIFY_FAILED);
  add_sidecar (fixture, RELEASE_NAME, cut);
  assert_refused (fixture, RELEASE_NAME, archive, &nothing_said, OAK_ERROR_PROTOCOL);
  add_sidecar (fixture, RELEASE_NAME, line);
  images = import (fixture, RELEASE_NAME, archive, &nothing_said, NULL);
  g_assert_cmpint (oak_image_get_checksum (g_ptr_array_index (images, 1)),
                   ==,
                   OAK_IMAGE_CHECKSUM_MATCHES);
}

static void
test_other_files_are_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) text = g_bytes_new_static ("this is no bootloader", 21);
  g_autoptr (GBytes) short_image = image_make (1, 100);
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (17 * OAK_MIB), 17 * OAK_MIB);
  const ArchiveEntry entry = { .name = "../" USB_NAME, .zeros = 5 };
  g_autoptr (GBytes) hostile = archive_make (&entry, 1);

  assert_refused (fixture, "a.cmd", text, &nothing_said, OAK_ERROR_BAD_FILE);
  assert_refused (fixture, "a.cmd", short_image, &nothing_said, OAK_ERROR_BAD_FILE);
  assert_refused (fixture, "a.cmd", large, &nothing_said, OAK_ERROR_TOO_LARGE);
  assert_refused (fixture, RELEASE_NAME, hostile, &nothing_said, OAK_ERROR_BAD_FILE);
}

static void
test_a_missing_file_is_told (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "nowhere.cmd", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_image_import_file (fixture->store, path, &nothing_said, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  g_assert_nonnull (strstr (error->message, "nowhere.cmd"));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/images/import/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a-release-gives-both-images-and-its-version",
       test_a_release_gives_both_images_and_its_version);
  ADD ("a-renamed-release-has-no-version-until-it-is-said",
       test_a_renamed_release_has_no_version_until_it_is_said);
  ADD ("single-images-tell-their-type-by-the-vendors-names-only",
       test_single_images_tell_their_type_by_the_vendors_names_only);
  ADD ("what-a-person-says-is-kept", test_what_a_person_says_is_kept);
  ADD ("contradicting-a-name-needs-consent", test_contradicting_a_name_needs_consent);
  ADD ("a-checksum-beside-the-file-has-to-match", test_a_checksum_beside_the_file_has_to_match);
  ADD ("other-files-are-refused", test_other_files_are_refused);
  ADD ("a-missing-file-is-told", test_a_missing_file_is_told);
  return g_test_run ();
}
