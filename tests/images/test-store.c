/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-image-store.h"

#include <string.h>
#include <utime.h>

#include <glib/gstdio.h>

#include "oak-error.h"
#include "oak-file-bytes.h"
#include "oak-image.h"

#include "image-support.h"

/* The folder of images: whole ones or none, each with what is known of it and no more. */

typedef struct {
  char *folder; /* of the test */
  OakImageStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *images = NULL;

  fixture->folder = g_dir_make_tmp ("oak-images-XXXXXX", NULL);
  images = g_build_filename (fixture->folder, "deep", "images", NULL);
  fixture->store = oak_image_store_new (images);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  oak_image_store_free (fixture->store);
  folder_remove (fixture->folder);
  g_free (fixture->folder);
}

static OakImageFacts
make_facts (OakBootloaderType type, const char *version)
{
  return (OakImageFacts){ type, version, "somewhere", OAK_IMAGE_CHECKSUM_NONE };
}

/* Returns: (transfer full). */
static OakImage *
add (Fixture *fixture, GBytes *bytes, OakBootloaderType type, const char *version)
{
  OakImageFacts facts = make_facts (type, version);
  g_autoptr (GError) error = NULL;
  OakImage *image = oak_image_store_add (fixture->store, bytes, &facts, FALSE, NULL, &error);

  g_assert_no_error (error);
  return image;
}

static GPtrArray *
list (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *images = oak_image_store_list (fixture->store, NULL, &error);

  g_assert_no_error (error);
  return images;
}

static char *
path_of (Fixture *fixture, OakImage *image, const char *suffix)
{
  return g_strdup_printf ("%s/%s%s",
                          oak_image_store_get_folder (fixture->store),
                          oak_image_get_sha256 (image),
                          suffix);
}

static void
test_a_store_nobody_wrote_to_is_empty (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) images = list (fixture);

  g_assert_cmpuint (images->len, ==, 0);
  g_assert_false (g_file_test (oak_image_store_get_folder (fixture->store), G_FILE_TEST_EXISTS));
}

static void
test_an_image_keeps_its_bytes_and_what_is_known (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = image_make (1, 5000);
  OakImageFacts facts = { OAK_BOOTLOADER_TYPE_NETWORK,
                          "0.0.28",
                          "https://example.org/a\tb",
                          OAK_IMAGE_CHECKSUM_MATCHES };
  g_autoptr (OakImage) added =
      oak_image_store_add (fixture->store, bytes, &facts, FALSE, NULL, NULL);
  g_autoptr (GPtrArray) images = list (fixture);
  OakImage *image = g_ptr_array_index (images, 0);
  g_autofree char *sha256 = oak_file_bytes_get_sha256 (bytes);
  g_autoptr (GBytes) loaded = oak_image_store_load (fixture->store, image, NULL, NULL);

  g_assert_cmpuint (images->len, ==, 1);
  g_assert_cmpstr (oak_image_get_sha256 (image), ==, sha256);
  g_assert_cmpuint (oak_image_get_size (image), ==, 5000);
  g_assert_cmpint (oak_image_get_type (image), ==, OAK_BOOTLOADER_TYPE_NETWORK);
  g_assert_cmpstr (oak_image_get_version (image), ==, "0.0.28");
  g_assert_cmpstr (oak_image_get_origin (image), ==, "https://example.org/a\\tb");
  g_assert_cmpint (oak_image_get_checksum (image), ==, OAK_IMAGE_CHECKSUM_MATCHES);
  g_assert_cmpint (oak_image_get_time (image), ==, oak_image_get_time (added));
  g_assert_true (oak_image_is_whole (image));
  g_assert_false (oak_image_is_made_up (image));
  g_assert_true (g_bytes_equal (loaded, bytes));
}

static void
test_the_newest_version_comes_first_and_unknown_ones_last (Fixture *fixture, gconstpointer data)
{
  static const char *const versions[] = { "0.0.9", NULL, "0.0.28", "0.0.10" };
  static const char *const wanted[] = { "0.0.28", "0.0.10", "0.0.9", NULL };
  g_autoptr (GPtrArray) images = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++) {
    g_autoptr (GBytes) bytes = image_make (i, 2000);
    G_GNUC_UNUSED g_autoptr (OakImage) image =
        add (fixture, bytes, OAK_BOOTLOADER_TYPE_USB, versions[i]);
  }
  images = list (fixture);
  g_assert_cmpuint (images->len, ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < images->len; i++)
    g_assert_cmpstr (oak_image_get_version (g_ptr_array_index (images, i)), ==, wanted[i]);
}

static void
test_what_was_unknown_can_be_said_later (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = image_make (1, 5000);
  g_autoptr (OakImage) first = add (fixture, bytes, OAK_BOOTLOADER_TYPE_AUTO, NULL);
  g_autoptr (OakImage) second = add (fixture, bytes, OAK_BOOTLOADER_TYPE_USB, NULL);
  g_autoptr (OakImage) third = add (fixture, bytes, OAK_BOOTLOADER_TYPE_AUTO, "0.0.27");
  g_autoptr (GPtrArray) images = list (fixture);

  g_assert_null (oak_image_get_version (first));
  g_assert_cmpint (oak_image_get_type (first), ==, OAK_BOOTLOADER_TYPE_AUTO);
  g_assert_cmpint (oak_image_get_type (second), ==, OAK_BOOTLOADER_TYPE_USB);
  g_assert_cmpint (oak_image_get_type (third), ==, OAK_BOOTLOADER_TYPE_USB);
  g_assert_cmpstr (oak_image_get_version (third), ==, "0.0.27");
  g_assert_cmpuint (images->len, ==, 1);
}

static void
test_contradictions_need_consent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = image_make (1, 5000);
  g_autoptr (GBytes) other = image_make (2, 5000);
  G_GNUC_UNUSED g_autoptr (OakImage) image =
      add (fixture, bytes, OAK_BOOTLOADER_TYPE_USB, "0.0.27");
  OakImageFacts same_bytes[] = { make_facts (OAK_BOOTLOADER_TYPE_NETWORK, NULL),
                                 make_facts (OAK_BOOTLOADER_TYPE_AUTO, "0.0.28") };
  OakImageFacts same_name = make_facts (OAK_BOOTLOADER_TYPE_USB, "0.0.27");
  g_autoptr (OakImage) replaced = NULL;
  g_autoptr (GPtrArray) images = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (same_bytes); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (
        oak_image_store_add (fixture->store, bytes, &same_bytes[i], FALSE, NULL, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_NEEDS_CONSENT);
    g_assert_nonnull (strstr (error->message, "usb 0.0.27"));
  }
  g_assert_null (oak_image_store_add (fixture->store, other, &same_name, FALSE, NULL, NULL));

  replaced = oak_image_store_add (fixture->store, other, &same_name, TRUE, NULL, NULL);
  g_assert_nonnull (replaced);
  images = list (fixture);
  g_assert_cmpuint (images->len, ==, 1);
  g_assert_cmpstr (oak_image_get_sha256 (g_ptr_array_index (images, 0)),
                   ==,
                   oak_image_get_sha256 (replaced));
  g_assert_cmpuint (folder_count (oak_image_store_get_folder (fixture->store), ""), ==, 2);
}

static void
test_what_is_no_image_never_gets_in (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) text = g_bytes_new_static ("hello", 5);
  g_autoptr (GBytes) large = image_make (1, 0xFBE01);
  OakImageFacts facts = make_facts (OAK_BOOTLOADER_TYPE_USB, "0.0.27");
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_image_store_add (fixture->store, text, &facts, TRUE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  g_clear_error (&error);
  g_assert_null (oak_image_store_add (fixture->store, large, &facts, TRUE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TOO_LARGE);
  g_assert_cmpuint (folder_count (oak_image_store_get_folder (fixture->store), ""), ==, 0);
}

/* Every way in which the bytes may not be those of the record. */
static void
test_damaged_images_are_shown_as_such_and_never_handed_out (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = image_make (1, 5000);
  g_autoptr (OakImage) image = add (fixture, bytes, OAK_BOOTLOADER_TYPE_USB, "0.0.27");
  g_autofree char *path = path_of (fixture, image, ".cmd");

  for (guint kind = 0; kind < 4; kind++) {
    g_autofree char *content = g_memdup2 (g_bytes_get_data (bytes, NULL), 5000);
    g_autoptr (GPtrArray) images = NULL;
    g_autoptr (GBytes) loaded = NULL;
    g_autoptr (GError) error = NULL;

    content[4000] ^= kind == 0 ? 1 : 0;
    g_unlink (path);
    if (kind < 3)
      g_assert_true (g_file_set_contents (path,
                                          content,
                                          kind == 1   ? 4999
                                          : kind == 2 ? 0
                                                      : 5000,
                                          NULL));
    images = list (fixture);
    g_assert_cmpuint (images->len, ==, 1);
    g_assert_false (oak_image_is_whole (g_ptr_array_index (images, 0)));
    g_assert_cmpstr (oak_image_get_version (g_ptr_array_index (images, 0)), ==, "0.0.27");
    loaded = oak_image_store_load (fixture->store, image, NULL, &error);
    g_assert_null (loaded);
    g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
    g_assert_null (oak_image_store_find (images, "0.0.27", OAK_BOOTLOADER_TYPE_USB, NULL));
  }
}

static void
test_adding_again_mends_a_damaged_image (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = image_make (1, 5000);
  g_autoptr (OakImage) image = add (fixture, bytes, OAK_BOOTLOADER_TYPE_USB, "0.0.27");
  g_autofree char *path = path_of (fixture, image, ".cmd");
  g_autoptr (OakImage) again = NULL;
  g_autoptr (GPtrArray) images = NULL;

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  again = add (fixture, bytes, OAK_BOOTLOADER_TYPE_USB, "0.0.27");
  images = list (fixture);
  g_assert_true (oak_image_is_whole (g_ptr_array_index (images, 0)));
}

static void
test_damaged_records_are_no_images (Fixture *fixture, gconstpointer data)
{
  static const char *const records[] = {
    "",
    "{",
    "[]",
    "null",
    "{\"format\":2}",
    "{\"format\":1,\"sha256\":\"abc\",\"size\":5000,\"origin\":\"x\"}",
    "{\"format\":1,\"sha256\":7,\"size\":\"5000\",\"origin\":{}}",
  };
  g_autoptr (GBytes) bytes = image_make (1, 5000);
  g_autoptr (OakImage) image = add (fixture, bytes, OAK_BOOTLOADER_TYPE_USB, "0.0.27");
  g_autofree char *path = path_of (fixture, image, ".json");

  for (guint i = 0; i < G_N_ELEMENTS (records); i++) {
    g_autoptr (GPtrArray) images = NULL;

    g_assert_true (g_file_set_contents (path, records[i], -1, NULL));
    images = list (fixture);
    g_assert_cmpuint (images->len, ==, 1);
    g_assert_false (oak_image_is_whole (g_ptr_array_index (images, 0)));
    g_assert_null (oak_image_get_version (g_ptr_array_index (images, 0)));
  }
}

/* What a program leaves that ended before it was done: an image without a record, a temporary file,
 * somebody's notes. */
static void
test_nothing_without_a_record_is_an_image (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = image_make (1, 5000);
  g_autoptr (OakImage) image = add (fixture, bytes, OAK_BOOTLOADER_TYPE_USB, "0.0.27");
  const char *folder = oak_image_store_get_folder (fixture->store);
  g_autofree char *record = path_of (fixture, image, ".json");
  G_GNUC_UNUSED g_autofree char *notes = folder_add (folder, "notes.json", bytes);
  G_GNUC_UNUSED g_autofree char *temporary = folder_add (folder, "x.cmd.AB12CD", bytes);
  g_autoptr (GPtrArray) images = NULL;

  g_assert_cmpint (g_unlink (record), ==, 0);
  images = list (fixture);
  g_assert_cmpuint (images->len, ==, 0);
}

static void
test_old_leftovers_go_when_something_is_added (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = image_make (1, 5000);
  g_autoptr (GBytes) other = image_make (2, 5000);
  g_autoptr (OakImage) image = add (fixture, bytes, OAK_BOOTLOADER_TYPE_USB, "0.0.27");
  const char *folder = oak_image_store_get_folder (fixture->store);
  g_autofree char *name = g_strconcat (oak_image_get_sha256 (image), ".cmd.AB12CD", NULL);
  g_autofree char *old = folder_add (folder, name, bytes);
  g_autofree char *young_name = g_strconcat (oak_image_get_sha256 (image), ".json.AB12CD", NULL);
  g_autofree char *young = folder_add (folder, young_name, bytes);
  g_autofree char *foreign = folder_add (folder, "notes.cmd.AB12CD", bytes);
  struct utimbuf long_ago = { 1000000, 1000000 };
  g_autoptr (OakImage) added = NULL;

  g_assert_cmpint (g_utime (old, &long_ago), ==, 0);
  g_assert_cmpint (g_utime (foreign, &long_ago), ==, 0);
  added = add (fixture, other, OAK_BOOTLOADER_TYPE_USB, "0.0.28");
  g_assert_false (g_file_test (old, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (young, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (foreign, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (folder_count (folder, ""), ==, 6);
}

static void
test_a_removed_image_is_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = image_make (1, 5000);
  g_autoptr (OakImage) image = add (fixture, bytes, OAK_BOOTLOADER_TYPE_USB, "0.0.27");

  g_assert_true (oak_image_store_remove (fixture->store, image, NULL));
  g_assert_cmpuint (folder_count (oak_image_store_get_folder (fixture->store), ""), ==, 0);
  g_assert_true (oak_image_store_remove (fixture->store, image, NULL));
}

static void
test_a_store_that_cannot_be_written_says_so (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = image_make (1, 5000);
  g_autofree char *in_the_way = folder_add (fixture->folder, "file", bytes);
  g_autofree char *folder = g_build_filename (in_the_way, "images", NULL);
  g_autoptr (OakImageStore) store = oak_image_store_new (folder);
  OakImageFacts facts = make_facts (OAK_BOOTLOADER_TYPE_USB, "0.0.27");
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_image_store_add (store, bytes, &facts, FALSE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NO_ACCESS);
}

static void
test_cancelling_leaves_the_store_as_it_was (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = image_make (1, 5000);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  OakImageFacts facts = make_facts (OAK_BOOTLOADER_TYPE_USB, "0.0.27");
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (oak_image_store_add (fixture->store, bytes, &facts, FALSE, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (oak_image_store_get_folder (fixture->store), G_FILE_TEST_EXISTS));
}

/* Never one of the wrong type, and no guess where there are two. */
static void
test_an_image_is_found_by_version_and_type (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *version;
    OakBootloaderType type;
    int code;   /* -1: found */
    guint seed; /* of the image that is found */
  } rows[] = {
    { "0.0.28", OAK_BOOTLOADER_TYPE_USB, -1, 0 },
    { "0.0.28", OAK_BOOTLOADER_TYPE_NETWORK, -1, 1 },
    { "0.0.28", OAK_BOOTLOADER_TYPE_AUTO, OAK_ERROR_NEEDS_CONSENT, 0 },
    { "0.0.27", OAK_BOOTLOADER_TYPE_AUTO, -1, 2 },
    { "0.0.27", OAK_BOOTLOADER_TYPE_NETWORK, OAK_ERROR_NOT_FOUND, 0 },
    { "0.0.26", OAK_BOOTLOADER_TYPE_AUTO, OAK_ERROR_NEEDS_CONSENT, 0 },
    { "0.0.26", OAK_BOOTLOADER_TYPE_NETWORK, -1, 3 },
    { "0.0.25", OAK_BOOTLOADER_TYPE_USB, OAK_ERROR_NEEDS_CONSENT, 0 },
    { "0.0.2", OAK_BOOTLOADER_TYPE_USB, OAK_ERROR_NOT_FOUND, 0 },
  };
  static const struct {
    const char *version;
    OakBootloaderType type;
  } stored[] = {
    { "0.0.28", OAK_BOOTLOADER_TYPE_USB },  { "0.0.28", OAK_BOOTLOADER_TYPE_NETWORK },
    { "0.0.27", OAK_BOOTLOADER_TYPE_USB },  { "0.0.26", OAK_BOOTLOADER_TYPE_AUTO },
    { "0.0.25", OAK_BOOTLOADER_TYPE_AUTO }, { "0.0.25", OAK_BOOTLOADER_TYPE_AUTO },
    { NULL, OAK_BOOTLOADER_TYPE_USB },
  };
  g_autoptr (GPtrArray) images = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (stored); i++) {
    g_autoptr (GBytes) bytes = image_make (i, 2000 + i);
    G_GNUC_UNUSED g_autoptr (OakImage) image =
        add (fixture, bytes, stored[i].type, stored[i].version);
  }
  images = list (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (OakImage) image =
        oak_image_store_find (images, rows[i].version, rows[i].type, &error);

    if (rows[i].code >= 0) {
      g_assert_null (image);
      g_assert_error (error, OAK_ERROR, rows[i].code);
    } else {
      g_assert_no_error (error);
      g_assert_cmpuint (oak_image_get_size (image), ==, 2000 + rows[i].seed);
    }
  }
}

#define ADD(name, function)                                                                        \
  g_test_add ("/images/store/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one-nobody-wrote-to-is-empty", test_a_store_nobody_wrote_to_is_empty);
  ADD ("an-image-keeps-its-bytes-and-what-is-known",
       test_an_image_keeps_its_bytes_and_what_is_known);
  ADD ("the-newest-version-comes-first-and-unknown-ones-last",
       test_the_newest_version_comes_first_and_unknown_ones_last);
  ADD ("what-was-unknown-can-be-said-later", test_what_was_unknown_can_be_said_later);
  ADD ("contradictions-need-consent", test_contradictions_need_consent);
  ADD ("what-is-no-image-never-gets-in", test_what_is_no_image_never_gets_in);
  ADD ("damaged-images-are-shown-as-such-and-never-handed-out",
       test_damaged_images_are_shown_as_such_and_never_handed_out);
  ADD ("adding-again-mends-a-damaged-image", test_adding_again_mends_a_damaged_image);
  ADD ("damaged-records-are-no-images", test_damaged_records_are_no_images);
  ADD ("nothing-without-a-record-is-an-image", test_nothing_without_a_record_is_an_image);
  ADD ("old-leftovers-go-when-something-is-added", test_old_leftovers_go_when_something_is_added);
  ADD ("a-removed-image-is-gone", test_a_removed_image_is_gone);
  ADD ("one-that-cannot-be-written-says-so", test_a_store_that_cannot_be_written_says_so);
  ADD ("cancelling-leaves-it-as-it-was", test_cancelling_leaves_the_store_as_it_was);
  ADD ("an-image-is-found-by-version-and-type", test_an_image_is_found_by_version_and_type);
  return g_test_run ();
}
