/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-error.h"
#include "oak-sbr.h"
#include "test-bytes.h"

/* Section tables: the worked example of bootloader.md §7.4, the checksum of §7.3, and the quirks.
 */

/* bootloader.md §7.4, the first 192 bytes; the rest of the table is zero. */
#define WORKED_EXAMPLE                                                                             \
  "42 52 5f 5f 66 69 72 6d 77 61 72 65 00 00 00 00 00 00 08 00 00 00 00 02 00 00 fd 6a 56 94 00 "  \
  "03"                                                                                             \
  "70 69 70 65 6c 69 6e 65 00 00 00 00 00 00 00 00 27 00 00 00 00 00 10 00 f1 0b 05 43 00 00 61 "  \
  "73"                                                                                             \
  "73 65 74 73 00 00 00 00 00 00 00 00 00 00 04 00 00 00 00 00 11 00 fa 9d c2 7c 00 00 61 73 73 "  \
  "65"                                                                                             \
  "74 5f 73 74 6f 72 61 67 65 00 00 00 00 00 00 00 00 00 12 00 05 15 00 00 00 00 5f 5f 66 77 5f "  \
  "76"                                                                                             \
  "65 72 73 69 6f 6e 00 00 00 00 05 00 00 00 00 00 12 00 12 a4 7d 0b 00 00 61 70 70 5f 6e 61 6d "  \
  "65"                                                                                             \
  "00 00 00 00 00 00 00 00 04 00 00 00 00 00 13 00 8a a1 95 7c 00 00 00 00 00 00 00 00 00 00 00 "  \
  "00"

/* bootloader.md §8.3 and §8.4. */
#define EMPTY_PIPELINE                                                                             \
  "b9 03 ba 00 b9 0a 89 00 00 00 80 93 dc c4 41 89 00 00 00 80 93 dc c4 41 be be be bd 00 be ff "  \
  "81 00 48 81 00 40 bb 00"
#define EMPTY_ASSETS "b9 01 bb 00"

typedef struct {
  const char *name;
  const char *content; /* digits */
  guint32 size;
  guint32 offset;
  guint8 flags;
} Section;

static const Section sections[] = {
  { "__firmware",
    "4d 41 32 78 54 45 53 54",
    8,
    0x200,
    OAK_SBR_FLAG_BOOTABLE | OAK_SBR_FLAG_IGNORE_CHECKSUM },
  { "pipeline", EMPTY_PIPELINE, 39, 0x100000, 0 },
  { "assets", EMPTY_ASSETS, 4, 0x110000, 0 },
  { "asset_storage", "", 0, 0x120000, 0 },
  { "__fw_version", "30 2e 30 2e 31", 5, 0x120000, 0 },
  { "app_name", "64 65 6d 6f", 4, 0x130000, 0 },
};

static guint32
checksum_of (GBytes *bytes)
{
  return oak_sbr_checksum (OAK_SBR_CHECKSUM_START,
                           g_bytes_get_data (bytes, NULL),
                           g_bytes_get_size (bytes));
}

static void
assert_entries_equal (const OakSbrEntry *entry, const OakSbrEntry *expected)
{
  g_assert_cmpstr (entry->name, ==, expected->name);
  g_assert_cmphex (entry->size, ==, expected->size);
  g_assert_cmphex (entry->offset, ==, expected->offset);
  g_assert_cmphex (entry->checksum, ==, expected->checksum);
  g_assert_cmphex (entry->type, ==, expected->type);
  g_assert_cmphex (entry->flags, ==, expected->flags);
}

static void
test_checksums_are_the_printed_ones (void)
{
  g_assert_cmphex (oak_sbr_checksum (OAK_SBR_CHECKSUM_START, NULL, 0), ==, 0x00001505);
  g_assert_cmphex (oak_sbr_checksum (OAK_SBR_CHECKSUM_START, "abc", 3), ==, 0x0b885c8b);
}

static void
test_checksum_goes_on_piece_by_piece (void)
{
  guint32 checksum = oak_sbr_checksum (OAK_SBR_CHECKSUM_START, "a", 1);

  checksum = oak_sbr_checksum (checksum, "", 0);
  g_assert_cmphex (oak_sbr_checksum (checksum, "bc", 2), ==, 0x0b885c8b);
}

static void
test_checksum_counts_bytes_as_unsigned (void)
{
  /* (5381 * 33 + 0xff) */
  g_assert_cmphex (oak_sbr_checksum (OAK_SBR_CHECKSUM_START, "\xff", 1), ==, 5381 * 33 + 255);
}

static void
test_worked_example_is_read (void)
{
  g_autoptr (GBytes) bytes = test_bytes_new (WORKED_EXAMPLE " 320*00");
  g_autoptr (GError) error = NULL;
  OakSbr sbr;

  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 512);
  g_assert_true (oak_sbr_decode (&sbr, g_bytes_get_data (bytes, NULL), 512, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++) {
    g_autoptr (GBytes) content = test_bytes_new (sections[i].content);

    g_assert_cmpstr (sbr.entries[i].name, ==, sections[i].name);
    g_assert_cmpuint (sbr.entries[i].size, ==, sections[i].size);
    g_assert_cmphex (sbr.entries[i].offset, ==, sections[i].offset);
    g_assert_cmphex (sbr.entries[i].flags, ==, sections[i].flags);
    g_assert_cmphex (sbr.entries[i].checksum, ==, checksum_of (content));
    g_assert_true (oak_sbr_find (&sbr, sections[i].name) == &sbr.entries[i]);
  }
  g_assert_cmpstr (sbr.entries[6].name, ==, "");
}

static void
test_worked_example_is_written (void)
{
  g_autoptr (GBytes) bytes = NULL;
  OakSbr sbr = { 0 };
  guint8 encoded[OAK_SBR_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (sections); i++) {
    g_autoptr (GBytes) content = test_bytes_new (sections[i].content);
    OakSbrEntry *entry = &sbr.entries[i];

    g_strlcpy (entry->name, sections[i].name, sizeof entry->name);
    entry->size = (guint32) g_bytes_get_size (content);
    entry->offset = sections[i].offset;
    entry->checksum = checksum_of (content);
    entry->flags = sections[i].flags;
  }
  oak_sbr_encode (&sbr, encoded);
  bytes = g_bytes_new_static (encoded, sizeof encoded);
  test_bytes_assert (bytes, WORKED_EXAMPLE " 320*00");
}

static void
test_all_17_entries_count (void)
{
  OakSbr sbr = { 0 };
  OakSbr decoded;
  guint8 encoded[OAK_SBR_SIZE];

  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++) {
    g_snprintf (sbr.entries[i].name, OAK_SBR_NAME_SIZE, "section %u", i);
    sbr.entries[i].size = 0x01010101u * i;
    sbr.entries[i].offset = 0x02020202u * i;
    sbr.entries[i].checksum = ~i;
    sbr.entries[i].type = (guint8) (i + 1);
    sbr.entries[i].flags = (guint8) (0xf0 + i);
  }
  oak_sbr_encode (&sbr, encoded);
  g_assert_cmphex (encoded[511],
                   ==,
                   0x00); /* the flags of entry 16 are at the very end: 0xf0 + 16 wraps to 0 */
  g_assert_cmphex (encoded[510], ==, 17);
  g_assert_true (oak_sbr_decode (&decoded, encoded, sizeof encoded, NULL));
  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++)
    assert_entries_equal (&decoded.entries[i], &sbr.entries[i]);
}

static void
test_no_byte_is_written_beyond_the_table (void)
{
  /* The original writes its identifier once more behind the table. */
  g_autofree guint8 *block = g_malloc (OAK_SBR_SIZE);
  OakSbr sbr = { 0 };

  oak_sbr_encode (&sbr, block);
  g_assert_cmpuint (block[0], ==, 'B');
  g_assert_cmpuint (block[511], ==, 0);
}

static void
test_name_of_16_characters_has_no_nul (void)
{
  OakSbr sbr = { 0 };
  OakSbr decoded;
  guint8 encoded[OAK_SBR_SIZE];

  g_strlcpy (sbr.entries[0].name, "0123456789abcdef", sizeof sbr.entries[0].name);
  sbr.entries[0].size = 0xffffffff;
  oak_sbr_encode (&sbr, encoded);
  g_assert_cmpuint (encoded[2 + 15], ==, 'f');
  g_assert_cmpuint (encoded[2 + 16], ==, 0xff);
  g_assert_true (oak_sbr_decode (&decoded, encoded, sizeof encoded, NULL));
  g_assert_cmpstr (decoded.entries[0].name, ==, "0123456789abcdef");
  g_assert_nonnull (oak_sbr_find (&decoded, "0123456789abcdef"));
}

static void
test_void_entries_come_out_zeroed (void)
{
  g_autoptr (GBytes) bytes = test_bytes_new ("4252 ff 29*aa 00 29*bb 61 29*00 420*00");
  const OakSbrEntry zeroed = { 0 };
  OakSbr sbr;

  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 512);
  g_assert_true (oak_sbr_decode (&sbr, g_bytes_get_data (bytes, NULL), 512, NULL));
  assert_entries_equal (&sbr.entries[0], &zeroed);
  assert_entries_equal (&sbr.entries[1], &zeroed);
  g_assert_cmpstr (sbr.entries[2].name, ==, "a");
  g_assert_null (oak_sbr_find (&sbr, ""));
  g_assert_null (oak_sbr_find (&sbr, "A"));
}

static void
test_the_first_of_two_names_is_found (void)
{
  OakSbr sbr = { 0 };

  g_strlcpy (sbr.entries[3].name, "twice", sizeof sbr.entries[3].name);
  g_strlcpy (sbr.entries[5].name, "twice", sizeof sbr.entries[5].name);
  g_assert_true (oak_sbr_find (&sbr, "twice") == &sbr.entries[3]);
}

static void
test_other_identifiers_are_refused (void)
{
  static const char *const digits[] = { "512*ff", "512*00", "4253 510*00", "5242 510*00" };

  for (guint i = 0; i < G_N_ELEMENTS (digits); i++) {
    g_autoptr (GBytes) bytes = test_bytes_new (digits[i]);
    g_autoptr (GError) error = NULL;
    OakSbr sbr;

    g_assert_false (oak_sbr_decode (&sbr, g_bytes_get_data (bytes, NULL), 512, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  }
}

#define CASE(name, function) g_test_add_func ("/wire/sbr/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("checksums-are-the-printed-ones", test_checksums_are_the_printed_ones);
  CASE ("checksum-goes-on-piece-by-piece", test_checksum_goes_on_piece_by_piece);
  CASE ("checksum-counts-bytes-as-unsigned", test_checksum_counts_bytes_as_unsigned);
  CASE ("worked-example-is-read", test_worked_example_is_read);
  CASE ("worked-example-is-written", test_worked_example_is_written);
  CASE ("all-17-entries-count", test_all_17_entries_count);
  CASE ("no-byte-is-written-beyond-the-table", test_no_byte_is_written_beyond_the_table);
  CASE ("name-of-16-characters-has-no-nul", test_name_of_16_characters_has_no_nul);
  CASE ("void-entries-come-out-zeroed", test_void_entries_come_out_zeroed);
  CASE ("the-first-of-two-names-is-found", test_the_first_of_two_names_is_found);
  CASE ("other-identifiers-are-refused", test_other_identifiers_are_refused);
  return g_test_run ();
}
