/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-error.h"
#include "oak-reader.h"

/* The cursor over outside bytes: it never reads beyond, and remembers where it failed. Every input
 * lies in a block of exactly its size, so that one byte too far ends the program under the address
 * sanitizer. */

static guint8 *
exact (const char *bytes, gsize size)
{
  return g_memdup2 (bytes, size);
}

static void
test_numbers_are_little_endian (void)
{
  g_autofree guint8 *bytes =
      exact ("\x01\x02\x03\x04\x05\x06\x07\xff\xff\xff\xff"
             "\x10\x11\x12\x13\x14\x15\x16\xf7\xfe\xff\xff\xff\xff\xff\xff\xff\x00\x00\x80\x3f",
             31);
  g_autoptr (GError) error = NULL;
  OakReader reader;

  oak_reader_init (&reader, bytes, 31);
  g_assert_cmphex (oak_reader_u8 (&reader, "a"), ==, 0x01);
  g_assert_cmphex (oak_reader_u16 (&reader, "b"), ==, 0x0302);
  g_assert_cmphex (oak_reader_u32 (&reader, "c"), ==, 0x07060504);
  g_assert_cmpint (oak_reader_i32 (&reader, "d"), ==, -1);
  g_assert_true (oak_reader_u64 (&reader, "e") == G_GUINT64_CONSTANT (0xf716151413121110));
  g_assert_true (oak_reader_i64 (&reader, "f") == -2);
  g_assert_cmpfloat (oak_reader_f32 (&reader, "g"), ==, 1.0f);
  g_assert_cmpuint (oak_reader_get_left (&reader), ==, 0);
  g_assert_true (oak_reader_finish (&reader, &error));
  g_assert_no_error (error);
}

static void
test_overrun_names_the_first_field (void)
{
  g_autofree guint8 *bytes = exact ("\x01\x02\x03", 3);
  g_autoptr (GError) error = NULL;
  OakReader reader;

  oak_reader_init (&reader, bytes, 3);
  g_assert_cmphex (oak_reader_u16 (&reader, "good"), ==, 0x0201);
  g_assert_cmphex (oak_reader_u16 (&reader, "stream id"), ==, 0);
  g_assert_cmphex (oak_reader_u8 (&reader, "later"), ==, 0);
  g_assert_false (oak_reader_finish (&reader, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==, "message of 3 bytes ends inside `stream id`");
}

static void
test_everything_is_zero_after_an_overrun (void)
{
  g_autofree guint8 *bytes = exact ("\x11\x22\x33\x44\x55\x66\x77\x88", 8);
  char text[5] = "xxxx";
  OakReader reader;

  oak_reader_init (&reader, bytes, 8);
  oak_reader_skip (&reader, 9, "too much");
  g_assert_cmpuint (oak_reader_u8 (&reader, "a"), ==, 0);
  g_assert_cmpuint (oak_reader_u16 (&reader, "b"), ==, 0);
  g_assert_cmpuint (oak_reader_u32 (&reader, "c"), ==, 0);
  g_assert_cmpint (oak_reader_i32 (&reader, "d"), ==, 0);
  g_assert_true (oak_reader_u64 (&reader, "e") == 0);
  g_assert_true (oak_reader_i64 (&reader, "f") == 0);
  g_assert_cmpfloat (oak_reader_f32 (&reader, "g"), ==, 0.0f);
  oak_reader_text (&reader, text, 4, "h");
  g_assert_cmpstr (text, ==, "");
  g_assert_null (oak_reader_bytes (&reader, 0, "i"));
  g_assert_cmpuint (oak_reader_get_left (&reader), ==, 0);
  g_assert_cmpstr (reader.failed_field, ==, "too much");
}

static void
test_a_size_that_wraps_is_an_overrun (void)
{
  g_autofree guint8 *bytes = exact ("\x01\x02\x03\x04", 4);
  OakReader reader;

  oak_reader_init (&reader, bytes, 4);
  oak_reader_skip (&reader, 2, "start");
  g_assert_null (oak_reader_bytes (&reader, G_MAXSIZE, "all there is"));
  g_assert_false (oak_reader_finish (&reader, NULL));
}

static void
test_text_ends_at_its_nul_or_its_field (void)
{
  g_autofree guint8 *bytes = exact ("ab\0zfull", 8);
  char text[5] = "xxxx";
  OakReader reader;

  oak_reader_init (&reader, bytes, 8);
  oak_reader_text (&reader, text, 4, "short");
  g_assert_cmpstr (text, ==, "ab");
  oak_reader_text (&reader, text, 4, "full");
  g_assert_cmpstr (text, ==, "full");
  g_assert_true (oak_reader_finish (&reader, NULL));
}

static void
test_a_cut_text_is_empty (void)
{
  g_autofree guint8 *bytes = exact ("abc", 3);
  char text[5] = "xxxx";
  OakReader reader;

  oak_reader_init (&reader, bytes, 3);
  oak_reader_text (&reader, text, 4, "name");
  g_assert_cmpstr (text, ==, "");
  g_assert_false (oak_reader_finish (&reader, NULL));
}

static void
test_bytes_point_into_the_buffer (void)
{
  g_autofree guint8 *bytes = exact ("abcd", 4);
  OakReader reader;

  oak_reader_init (&reader, bytes, 4);
  oak_reader_skip (&reader, 1, "skipped");
  g_assert_true (oak_reader_bytes (&reader, 2, "two") == bytes + 1);
  g_assert_cmpuint (oak_reader_get_left (&reader), ==, 1);
  oak_reader_skip (&reader, 1, "last");
  g_assert_nonnull (oak_reader_bytes (&reader, 0, "nothing at the end"));
  g_assert_true (oak_reader_finish (&reader, NULL));
}

static void
test_nothing_can_be_read_from_nothing (void)
{
  OakReader reader;

  oak_reader_init (&reader, NULL, 0);
  g_assert_nonnull (oak_reader_bytes (&reader, 0, "nothing"));
  g_assert_true (oak_reader_finish (&reader, NULL));
  g_assert_cmpuint (oak_reader_u8 (&reader, "byte"), ==, 0);
  g_assert_false (oak_reader_finish (&reader, NULL));
}

static void
test_bytes_left_over_are_no_error (void)
{
  g_autofree guint8 *bytes = exact ("abcd", 4);
  OakReader reader;

  oak_reader_init (&reader, bytes, 4);
  oak_reader_u8 (&reader, "first");
  g_assert_true (oak_reader_finish (&reader, NULL));
  g_assert_cmpuint (oak_reader_get_left (&reader), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/reader/numbers-are-little-endian", test_numbers_are_little_endian);
  g_test_add_func ("/base/reader/overrun-names-the-first-field",
                   test_overrun_names_the_first_field);
  g_test_add_func ("/base/reader/everything-is-zero-after-an-overrun",
                   test_everything_is_zero_after_an_overrun);
  g_test_add_func ("/base/reader/a-size-that-wraps-is-an-overrun",
                   test_a_size_that_wraps_is_an_overrun);
  g_test_add_func ("/base/reader/text-ends-at-its-nul-or-its-field",
                   test_text_ends_at_its_nul_or_its_field);
  g_test_add_func ("/base/reader/a-cut-text-is-empty", test_a_cut_text_is_empty);
  g_test_add_func ("/base/reader/bytes-point-into-the-buffer", test_bytes_point_into_the_buffer);
  g_test_add_func ("/base/reader/nothing-can-be-read-from-nothing",
                   test_nothing_can_be_read_from_nothing);
  g_test_add_func ("/base/reader/bytes-left-over-are-no-error", test_bytes_left_over_are_no_error);
  return g_test_run ();
}
