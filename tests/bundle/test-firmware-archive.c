/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-firmware-archive.h"

#include <string.h>

#include <archive_entry.h>

#include "oak-demo-image.h"
#include "oak-error.h"

#include "image-support.h"

/* Taking bootloader images out of archives that anybody may have made. */

static GPtrArray *
read_archive (GBytes *archive, GError **error)
{
  return oak_firmware_archive_read (archive, "the archive", NULL, error);
}

static void
test_both_images_come_out_as_they_went_in (void)
{
  g_autoptr (GBytes) usb = image_make (2, 200000);
  g_autoptr (GBytes) eth = image_make (3, 300000);
  g_autoptr (GBytes) archive = archive_make_release (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = read_archive (archive, &error);
  const OakFirmwareEntry *first = NULL;
  const OakFirmwareEntry *second = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 2);
  first = g_ptr_array_index (entries, 0);
  second = g_ptr_array_index (entries, 1);
  g_assert_cmpint (first->type, ==, OAK_BOOTLOADER_TYPE_USB);
  g_assert_cmpint (second->type, ==, OAK_BOOTLOADER_TYPE_NETWORK);
  g_assert_true (g_bytes_equal (first->bytes, usb));
  g_assert_true (g_bytes_equal (second->bytes, eth));
}

/* Each a whole archive, but one that must not be used. */
static void
assert_refused (const ArchiveEntry *extra, guint n_extra, OakError code, const char *says)
{
  g_autoptr (GBytes) usb = image_make (2, 2000);
  g_autofree ArchiveEntry *entries = g_new0 (ArchiveEntry, n_extra + 1);
  g_autoptr (GBytes) archive = NULL;
  g_autoptr (GPtrArray) images = NULL;
  g_autoptr (GError) error = NULL;

  entries[0] = (ArchiveEntry){ .name = USB_NAME, .bytes = usb };
  memcpy (entries + 1, extra, n_extra * sizeof *extra);
  archive = archive_make (entries, n_extra + 1);
  images = read_archive (archive, &error);
  g_assert_null (images);
  g_assert_error (error, OAK_ERROR, (int) code);
  if (strstr (error->message, says) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, says);
}

static void
test_names_that_lead_out_are_refused (void)
{
  static const char *const names[] = { "../../.bashrc", "/etc/passwd",
                                       "a/../../b",     "..",
                                       "..\\..\\b",     "../depthai-bootloader-eth.cmd" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    const ArchiveEntry entry = { .name = names[i], .zeros = 5 };

    assert_refused (&entry, 1, OAK_ERROR_BAD_FILE, "outside");
  }
}

static void
test_links_and_special_files_are_refused (void)
{
  static const ArchiveEntry entries[] = {
    { .name = ETH_NAME, .link = "/etc/passwd" },
    { .name = ETH_NAME, .hard_link = USB_NAME },
    { .name = "pipe", .kind = AE_IFIFO },
    { .name = "disk", .kind = AE_IFBLK },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    assert_refused (&entries[i], 1, OAK_ERROR_BAD_FILE, "link or special file");
}

/* 48 MiB of nothing in some kilobytes, as a file that would be passed over and as an image. */
static void
test_bombs_are_refused (void)
{
  static const ArchiveEntry entries[] = {
    { .name = "notes.txt", .zeros = 48 * OAK_MIB },
    { .name = ETH_NAME, .zeros = 48 * OAK_MIB },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    assert_refused (&entries[i], 1, OAK_ERROR_TOO_LARGE, "32.0 MiB");
}

static void
test_images_too_large_for_their_section_are_refused (void)
{
  g_autoptr (GBytes) fits = image_make (1, 0x3FFE00);
  g_autoptr (GBytes) beyond = image_make (1, 0x3FFE01);
  const ArchiveEntry entry = { .name = ETH_NAME, .bytes = beyond };
  g_autoptr (GError) error = NULL;

  assert_refused (&entry, 1, OAK_ERROR_TOO_LARGE, ETH_NAME);
  g_assert_true (oak_firmware_check_image (fits, OAK_BOOTLOADER_TYPE_NETWORK, "x", &error));
  g_assert_no_error (error);
  g_assert_false (oak_firmware_check_image (fits, OAK_BOOTLOADER_TYPE_USB, "x", &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TOO_LARGE);
}

static void
test_too_many_entries_are_refused (void)
{
  ArchiveEntry entries[OAK_FIRMWARE_ARCHIVE_MAX_ENTRIES];

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    entries[i] = (ArchiveEntry){ .name = "more", .zeros = 1 };
  assert_refused (entries, G_N_ELEMENTS (entries), OAK_ERROR_BAD_FILE, "64 entries");
}

static void
test_an_image_twice_is_refused (void)
{
  g_autoptr (GBytes) other = image_make (9, 3000);
  const ArchiveEntry entry = { .name = USB_NAME, .bytes = other };

  assert_refused (&entry, 1, OAK_ERROR_BAD_FILE, "twice");
}

static void
test_what_only_looks_like_an_image_is_refused (void)
{
  const ArchiveEntry entry = { .name = ETH_NAME, .zeros = 5000 };

  assert_refused (&entry, 1, OAK_ERROR_BAD_FILE, "does not begin like one");
}

/* Names are compared exactly, as the vendor does (bootloader.md §10.2). */
static void
test_other_names_are_no_images (void)
{
  g_autoptr (GBytes) image = image_make (2, 2000);
  const ArchiveEntry entries[] = { { .name = "./" USB_NAME, .bytes = image },
                                   { .name = "x/" ETH_NAME, .bytes = image },
                                   { .name = "DEPTHAI-BOOTLOADER-USB.CMD", .bytes = image } };
  g_autoptr (GBytes) archive = archive_make (entries, G_N_ELEMENTS (entries));
  g_autoptr (GError) error = NULL;

  g_assert_null (read_archive (archive, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  g_assert_nonnull (strstr (error->message, "no bootloader image"));
}

/* At every length, the end of the archive among them: nothing comes out of a part. */
static void
test_cut_archives_are_refused (void)
{
  g_autoptr (GBytes) image = image_make (2, 3000);
  const ArchiveEntry entry = { .name = USB_NAME, .bytes = image };
  g_autoptr (GBytes) archive = archive_make (&entry, 1);
  gsize size = g_bytes_get_size (archive);

  for (gsize cut = 0; cut < size; cut += cut + 40 < size ? 17 : 1) {
    g_autoptr (GBytes) part = g_bytes_new_from_bytes (archive, 0, cut);
    g_autoptr (GPtrArray) images = NULL;
    g_autoptr (GError) error = NULL;

    images = read_archive (part, &error);
    g_assert_null (images);
    g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  }
}

/* A changed bit anywhere is seen, by xz's own checksum at the latest. */
static void
test_damaged_archives_are_refused_or_the_same (void)
{
  g_autoptr (GBytes) image = image_make (2, 3000);
  const ArchiveEntry entry = { .name = USB_NAME, .bytes = image };
  g_autoptr (GBytes) archive = archive_make (&entry, 1);
  gsize size = g_bytes_get_size (archive);

  for (gsize at = 0; at < size; at += 11) {
    g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (archive, NULL), size);
    g_autoptr (GBytes) damaged = NULL;
    g_autoptr (GPtrArray) images = NULL;
    g_autoptr (GError) error = NULL;

    copy[at] ^= 0x10;
    damaged = g_bytes_new (copy, size);
    images = read_archive (damaged, &error);
    if (images == NULL)
      g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
    else
      g_assert_true (
          g_bytes_equal (((OakFirmwareEntry *) g_ptr_array_index (images, 0))->bytes, image));
  }
}

/* Which the format allows behind its end, four bytes at a time. */
static void
test_padding_is_no_damage (void)
{
  g_autoptr (GBytes) archive = archive_make_release (1);
  g_autoptr (GByteArray) padded = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GPtrArray) images = NULL;
  g_autoptr (GError) error = NULL;

  g_byte_array_append (padded,
                       g_bytes_get_data (archive, NULL),
                       (guint) g_bytes_get_size (archive));
  g_byte_array_set_size (padded, padded->len + 64);
  memset (padded->data + padded->len - 64, 0, 64);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&padded));
  images = read_archive (bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (images->len, ==, 2);
}

static void
test_only_xz_is_unpacked (void)
{
  g_autoptr (GBytes) image = image_make (2, 3000);
  g_autoptr (GError) error = NULL;

  g_assert_null (read_archive (image, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  g_assert_nonnull (strstr (error->message, "xz"));
}

static void
test_cancelling_ends_it (void)
{
  g_autoptr (GBytes) archive = archive_make_release (1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (oak_firmware_archive_read (archive, "x", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_kinds_are_known_by_their_first_bytes (void)
{
  g_autoptr (GBytes) archive = archive_make_release (1);
  g_autoptr (GBytes) image = image_make (2, 3000);
  g_autoptr (GBytes) made_up =
      g_bytes_new_static (OAK_DEMO_IMAGE_MAGIC "................", OAK_DEMO_IMAGE_MAGIC_SIZE + 16);
  g_autoptr (GBytes) text = g_bytes_new_static ("hello", 5);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  g_assert_cmpint (oak_firmware_recognise (archive), ==, OAK_FIRMWARE_ARCHIVE);
  g_assert_cmpint (oak_firmware_recognise (image), ==, OAK_FIRMWARE_IMAGE);
  g_assert_cmpint (oak_firmware_recognise (made_up), ==, OAK_FIRMWARE_IMAGE);
  g_assert_cmpint (oak_firmware_recognise (text), ==, OAK_FIRMWARE_UNKNOWN);
  g_assert_cmpint (oak_firmware_recognise (nothing), ==, OAK_FIRMWARE_UNKNOWN);
  g_assert_true (oak_firmware_is_made_up (made_up));
  g_assert_false (oak_firmware_is_made_up (image));
}

static void
test_versions_are_read_from_the_vendors_names_only (void)
{
  static const struct {
    const char *name;
    const char *version;
  } rows[] = {
    { "depthai-bootloader-fwp-0.0.28.tar.xz", "0.0.28" },
    { "depthai-bootloader-fwp-1.20.300.tar.xz", "1.20.300" },
    { "depthai-bootloader-fwp-0.0.18+c555ac2f.tar.xz", "0.0.18+c555ac2f" },
    { "depthai-bootloader-fwp-0.0.28 (1).tar.xz", NULL },
    { "depthai-bootloader-fwp-.tar.xz", NULL },
    { "depthai-bootloader-fwp-0.0.028.tar.xz", NULL },
    { "depthai-bootloader-fwp-0.0.tar.xz", NULL },
    { "depthai-bootloader-fwp-0.0.28+C555AC2F.tar.xz", NULL },
    { "depthai-bootloader-fwp-0.0.28+../../x.tar.xz", NULL },
    { "depthai-device-fwp-0f6d2cc12723f414dce437d438d124f340f5789b.tar.xz", NULL },
    { "bootloader-0.0.28.tar.xz", NULL },
    { "depthai-bootloader-fwp-tar.xz", NULL },
    { "", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *version = oak_firmware_version_of_name (rows[i].name);

    g_assert_cmpstr (version, ==, rows[i].version);
  }
}

static void
test_types_are_read_from_the_vendors_names_only (void)
{
  static const struct {
    const char *name;
    gboolean is_image;
    OakBootloaderType type;
  } rows[] = {
    { USB_NAME, TRUE, OAK_BOOTLOADER_TYPE_USB },
    { ETH_NAME, TRUE, OAK_BOOTLOADER_TYPE_NETWORK },
    { "depthai-bootloader-eth.mvcmd", TRUE, OAK_BOOTLOADER_TYPE_NETWORK },
    { "bootloader.mvcmd", TRUE, OAK_BOOTLOADER_TYPE_AUTO },
    { "depthai-bootloader-usb-eth.cmd", TRUE, OAK_BOOTLOADER_TYPE_AUTO },
    { "my-depthai-bootloader-usb.cmd", TRUE, OAK_BOOTLOADER_TYPE_AUTO },
    { "depthai-bootloader-usb.bin", FALSE, OAK_BOOTLOADER_TYPE_AUTO },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    OakBootloaderType type = OAK_BOOTLOADER_TYPE_USB;

    g_assert_cmpint (oak_firmware_parse_image_name (rows[i].name, &type), ==, rows[i].is_image);
    g_assert_cmpint (type, ==, rows[i].type);
  }
}

#define ADD(name, function) g_test_add_func ("/bundle/firmware-archive/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("both-images-come-out-as-they-went-in", test_both_images_come_out_as_they_went_in);
  ADD ("names-that-lead-out-are-refused", test_names_that_lead_out_are_refused);
  ADD ("links-and-special-files-are-refused", test_links_and_special_files_are_refused);
  ADD ("bombs-are-refused", test_bombs_are_refused);
  ADD ("images-too-large-for-their-section-are-refused",
       test_images_too_large_for_their_section_are_refused);
  ADD ("too-many-entries-are-refused", test_too_many_entries_are_refused);
  ADD ("an-image-twice-is-refused", test_an_image_twice_is_refused);
  ADD ("what-only-looks-like-an-image-is-refused", test_what_only_looks_like_an_image_is_refused);
  ADD ("other-names-are-no-images", test_other_names_are_no_images);
  ADD ("cut-archives-are-refused", test_cut_archives_are_refused);
  ADD ("damaged-archives-are-refused-or-the-same", test_damaged_archives_are_refused_or_the_same);
  ADD ("padding-is-no-damage", test_padding_is_no_damage);
  ADD ("only-xz-is-unpacked", test_only_xz_is_unpacked);
  ADD ("cancelling-ends-it", test_cancelling_ends_it);
  ADD ("kinds-are-known-by-their-first-bytes", test_kinds_are_known_by_their_first_bytes);
  ADD ("versions-are-read-from-the-vendors-names-only",
       test_versions_are_read_from_the_vendors_names_only);
  ADD ("types-are-read-from-the-vendors-names-only",
       test_types_are_read_from_the_vendors_names_only);
  return g_test_run ();
}
