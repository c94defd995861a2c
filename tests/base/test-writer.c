/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-reader.h"
#include "oak-writer.h"

/* What the writer appends, byte by byte. */

static void
assert_written (OakWriter *writer, const char *expected, gsize size)
{
  g_autoptr (GBytes) bytes = oak_writer_steal_bytes (writer);
  gsize written = 0;
  const void *data = g_bytes_get_data (bytes, &written);

  g_assert_cmpmem (data, written, expected, size);
}

static void
test_numbers_are_little_endian (void)
{
  g_auto (OakWriter) writer = { NULL };

  oak_writer_init (&writer);
  oak_writer_u8 (&writer, 0x01);
  oak_writer_u16 (&writer, 0x0302);
  oak_writer_u32 (&writer, 0x07060504);
  oak_writer_i32 (&writer, -2);
  oak_writer_u64 (&writer, G_GUINT64_CONSTANT (0xf716151413121110));
  oak_writer_i64 (&writer, G_MININT64);
  oak_writer_f32 (&writer, 0.125f);
  assert_written (&writer,
                  "\x01\x02\x03\x04\x05\x06\x07\xfe\xff\xff\xff\x10\x11\x12\x13\x14\x15\x16\xf7"
                  "\0\0\0\0\0\0\0\x80\0\0\0\x3e",
                  31);
}

static void
test_text_is_always_terminated_in_its_field (void)
{
  g_auto (OakWriter) writer = { NULL };

  oak_writer_init (&writer);
  oak_writer_text (&writer, "", 2);
  oak_writer_text (&writer, "ab", 4);
  oak_writer_text (&writer, "abc", 4);
  oak_writer_text (&writer, "abcdef", 4);
  assert_written (&writer, "\0\0ab\0\0abc\0abc\0", 14);
}

static void
test_padding_is_zero_even_over_old_bytes (void)
{
  g_auto (OakWriter) writer = { NULL };

  oak_writer_init (&writer);
  for (guint i = 0; i < 100; i++)
    oak_writer_u8 (&writer, 0xee);
  g_byte_array_set_size (writer.buffer, 1);
  oak_writer_pad (&writer, 3);
  oak_writer_pad (&writer, 0);
  assert_written (&writer, "\xee\0\0\0", 4);
}

static void
test_a_length_can_be_written_last (void)
{
  g_auto (OakWriter) writer = { NULL };

  oak_writer_init (&writer);
  oak_writer_u8 (&writer, 0xaa);
  oak_writer_u32 (&writer, 0);
  oak_writer_bytes (&writer, "xyz", 3);
  oak_writer_bytes (&writer, NULL, 0);
  oak_writer_patch_u32 (&writer, 1, (guint32) oak_writer_get_size (&writer));
  g_assert_cmphex (oak_writer_get_data (&writer)[1], ==, 8);
  assert_written (&writer, "\xaa\x08\0\0\0xyz", 8);
}

static void
test_a_length_beyond_the_end_is_refused (void)
{
  if (g_test_subprocess ()) {
    g_auto (OakWriter) writer = { NULL };

    oak_writer_init (&writer);
    oak_writer_pad (&writer, 7);
    oak_writer_patch_u32 (&writer, 4, 1);
    return;
  }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*offset + 4 <= self->buffer->len*");
}

static void
test_the_writer_is_empty_after_stealing (void)
{
  g_auto (OakWriter) writer = { NULL };

  oak_writer_init (&writer);
  oak_writer_u32 (&writer, 1);
  assert_written (&writer, "\1\0\0\0", 4);
  g_assert_cmpuint (oak_writer_get_size (&writer), ==, 0);
  oak_writer_u8 (&writer, 2);
  assert_written (&writer, "\2", 1);
}

static void
test_reader_reads_what_was_written (void)
{
  g_auto (OakWriter) writer = { NULL };

  oak_writer_init (&writer);
  for (guint i = 0; i < 1000; i++) {
    gint64 number = (gint64) ((guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int ());
    float fraction = (float) g_test_rand_double ();
    g_autoptr (GBytes) bytes = NULL;
    OakReader reader;

    oak_writer_i64 (&writer, number);
    oak_writer_f32 (&writer, fraction);
    bytes = oak_writer_steal_bytes (&writer);
    oak_reader_init (&reader, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    g_assert_true (oak_reader_i64 (&reader, "number") == number);
    g_assert_true (oak_reader_f32 (&reader, "fraction") == fraction);
    g_assert_true (oak_reader_finish (&reader, NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/writer/numbers-are-little-endian", test_numbers_are_little_endian);
  g_test_add_func ("/base/writer/text-is-always-terminated-in-its-field",
                   test_text_is_always_terminated_in_its_field);
  g_test_add_func ("/base/writer/padding-is-zero-even-over-old-bytes",
                   test_padding_is_zero_even_over_old_bytes);
  g_test_add_func ("/base/writer/a-length-can-be-written-last", test_a_length_can_be_written_last);
  g_test_add_func ("/base/writer/a-length-beyond-the-end-is-refused",
                   test_a_length_beyond_the_end_is_refused);
  g_test_add_func ("/base/writer/the-writer-is-empty-after-stealing",
                   test_the_writer_is_empty_after_stealing);
  g_test_add_func ("/base/writer/reader-reads-what-was-written",
                   test_reader_reads_what_was_written);
  return g_test_run ();
}
