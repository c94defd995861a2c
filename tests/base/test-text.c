/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-text.h"

/* Text from outside, made fit to be shown. */

typedef struct {
  const char *name;
  const char *text;
  gssize size;
  const char *expected;
} Row;

static const Row rows[] = {
  { "plain-text-stays", "JEDEC ID: 01 02 19", -1, "JEDEC ID: 01 02 19" },
  { "letters-of-any-script-stay", "Größe 大小 Δ", -1, "Größe 大小 Δ" },
  { "an-empty-text-stays-empty", "", -1, "" },
  { "line-breaks-are-written-out", "a\nb\rc\td", -1, "a\\nb\\rc\\td" },
  { "controls-are-written-out", "\x1b[31mred\x7f", -1, "\\x1b[31mred\\x7f" },
  { "c1-controls-are-written-out",
    "\xc2\x9b"
    "31m",
    -1,
    "\\x9b31m" },
  { "a-bidi-override-is-written-out",
    "a\xe2\x80\xae"
    "b",
    -1,
    "a\\u{202e}b" },
  { "bidi-isolates-are-written-out", "\xe2\x81\xa6x\xe2\x81\xa9", -1, "\\u{2066}x\\u{2069}" },
  { "an-arabic-letter-mark-is-written-out", "\xd8\x9c", -1, "\\u{61c}" },
  { "a-zero-width-space-is-written-out", "a\xe2\x80\x8b", -1, "a\\u{200b}" },
  { "a-line-separator-is-written-out", "\xe2\x80\xa8", -1, "\\u{2028}" },
  { "a-private-character-is-written-out", "\xee\x80\x80", -1, "\\u{e000}" },
  { "a-soft-hyphen-is-written-out", "\xc2\xad", -1, "\\xad" },
  { "invalid-bytes-are-written-out-one-by-one", "a\xff\xc3(", -1, "a\\xff\\xc3(" },
  { "a-cut-sequence-is-written-out", "\xe2\x80", -1, "\\xe2\\x80" },
  { "an-overlong-nul-is-written-out", "\xc0\x80", -1, "\\xc0\\x80" },
  { "a-surrogate-is-written-out", "\xed\xa0\x80", -1, "\\xed\\xa0\\x80" },
  { "a-nul-inside-is-written-out", "a\0b", 3, "a\\x00b" },
  { "the-size-is-kept-to", "abcdef", 3, "abc" },
  { "markup-is-not-touched", "<b>&amp;</b>", -1, "<b>&amp;</b>" },
};

static void
test_escape (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *escaped = oak_text_escape (row->text, row->size, 1000);

  g_assert_cmpstr (escaped, ==, row->expected);
}

static void
test_text_is_cut_by_characters (void)
{
  g_autofree char *exact = oak_text_escape ("äöü", -1, 3);
  g_autofree char *cut = oak_text_escape ("äöüß", -1, 3);
  g_autofree char *nothing = oak_text_escape ("a", -1, 0);

  g_assert_cmpstr (exact, ==, "äöü");
  g_assert_cmpstr (cut, ==, "äöü…");
  g_assert_cmpstr (nothing, ==, "…");
}

static void
test_any_bytes_give_harmless_text (void)
{
  for (guint i = 0; i < 2000; i++) {
    gsize size = (gsize) g_test_rand_int_range (0, 40);
    g_autofree char *bytes = g_malloc (size);
    g_autofree char *escaped = NULL;

    for (gsize j = 0; j < size; j++)
      bytes[j] = (char) g_test_rand_int_range (0, 256);
    escaped = oak_text_escape (bytes, (gssize) size, 1000);
    g_assert_true (g_utf8_validate (escaped, -1, NULL));
    for (const char *character = escaped; *character != '\0';
         character = g_utf8_next_char (character)) {
      GUnicodeType type = g_unichar_type (g_utf8_get_char (character));

      g_assert_true (type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT);
    }
  }
}

typedef struct {
  guint64 bytes;
  const char *expected;
} SizeRow;

static const SizeRow size_rows[] = {
  { 0, "0 bytes" },          { 1023, "1023 bytes" },
  { 1024, "1.0 KiB" },       { 1536, "1.5 KiB" },
  { 8389120, "8.0 MiB" },    { 1048575, "1.0 MiB" },
  { 1048524, "1023.9 KiB" }, { 1073741823, "1.0 GiB" },
  { 13841203, "13.2 MiB" },  { G_MAXUINT64, "16777216.0 TiB" },
};

static void
test_sizes_are_powers_of_1024 (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (size_rows); i++) {
    g_autofree char *text = oak_text_size (size_rows[i].bytes);

    g_assert_cmpstr (text, ==, size_rows[i].expected);
  }
}

static void
test_usb_speeds_have_names (void)
{
  static const struct {
    guint mbps;
    const char *expected;
  } speeds[] = {
    { 0, "USB" },
    { 12, "USB 1, 12 Mbit/s" },
    { 480, "USB 2, 480 Mbit/s" },
    { 5000, "USB 3, 5 Gbit/s" },
    { 10000, "USB 3, 10 Gbit/s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (speeds); i++) {
    g_autofree char *text = oak_text_usb_speed (speeds[i].mbps);

    g_assert_cmpstr (text, ==, speeds[i].expected);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/base/text/%s", rows[i].name);

    g_test_add_data_func (path, &rows[i], test_escape);
  }
  g_test_add_func ("/base/text/text-is-cut-by-characters", test_text_is_cut_by_characters);
  g_test_add_func ("/base/text/any-bytes-give-harmless-text", test_any_bytes_give_harmless_text);
  g_test_add_func ("/base/text/sizes-are-powers-of-1024", test_sizes_are_powers_of_1024);
  g_test_add_func ("/base/text/usb-speeds-have-names", test_usb_speeds_have_names);
  return g_test_run ();
}
