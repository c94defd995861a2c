/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-nop-reader.h"

#include <string.h>

#include "bundle-support.h"
#include "oak-error.h"
#include "oak-nop-writer.h"

/* The rules of libnop, one by one: which prefix is which type, how wide a number may be, and that
 * nothing is believed before it is compared with the bytes that are there. */

typedef enum { U32, U64, I32, I64, BOOLEAN, FLOAT, DOUBLE, STRING, BINARY, SKIP } Kind;

typedef struct {
  const char *name;
  Kind kind;
  const char *hex;
  gint64 value;       /* the number, or the size of the text */
  const char *reason; /* NULL: it is read, to its last byte */
} Case;

#define NOT_UNSIGNED "this is no unsigned number of that width"
#define NOT_SIGNED   "this is no signed number of that width"
#define SHORT        "the bytes end here"
#define TOO_MANY     "it claims to hold more than there is"

static const Case cases[] = {
  { "unsigned-small", U32, "7f", 127, NULL },
  { "unsigned-8", U32, "80 80", 128, NULL },
  { "unsigned-16", U32, "81 34 12", 0x1234, NULL },
  { "unsigned-32", U32, "82 78 56 34 f2", 0xf2345678, NULL },
  { "unsigned-longer-than-needed", U32, "82 08 00 00 00", 8, NULL },
  { "unsigned-wider-than-declared", U32, "83 08 00 00 00 00 00 00 00", 0, NOT_UNSIGNED },
  { "unsigned-64", U64, "83 01 00 00 00 00 00 00 00", 1, NULL },
  { "unsigned-from-signed", U32, "84 08", 0, NOT_UNSIGNED },
  { "unsigned-from-negative", U32, "ff", 0, NOT_UNSIGNED },
  { "unsigned-from-text", U32, "bd 00", 0, NOT_UNSIGNED },
  { "unsigned-short", U32, "82 00 00 00", 0, SHORT },
  { "unsigned-nothing", U32, "", 0, SHORT },
  { "signed-small", I32, "7f", 127, NULL },
  { "signed-minus-one", I32, "ff", -1, NULL },
  { "signed-minus-64", I32, "c0", -64, NULL },
  { "signed-minus-65", I32, "84 bf", -65, NULL },
  { "signed-128", I32, "85 80 00", 128, NULL },
  { "signed-least", I32, "86 00 00 00 80", G_MININT32, NULL },
  { "signed-longer-than-needed", I32, "86 08 00 00 00", 8, NULL },
  { "signed-wider-than-declared", I32, "87 08 00 00 00 00 00 00 00", 0, NOT_SIGNED },
  { "signed-64-least", I64, "87 00 00 00 00 00 00 00 80", G_MININT64, NULL },
  { "signed-from-unsigned", I32, "80 08", 0, NOT_SIGNED },
  { "signed-from-empty", I32, "be", 0, NOT_SIGNED },
  { "signed-short", I64, "87 00 00 00 00 00 00 00", 0, SHORT },
  { "true", BOOLEAN, "01", 1, NULL },
  { "false", BOOLEAN, "00", 0, NULL },
  { "boolean-two", BOOLEAN, "02", 0, "this is neither true nor false" },
  { "boolean-long-form", BOOLEAN, "80 01", 0, "this is neither true nor false" },
  { "boolean-nothing", BOOLEAN, "", 0, SHORT },
  { "float", FLOAT, "88 00 00 80 bf", -1, NULL },
  { "float-from-double",
    FLOAT,
    "89 00 00 00 00 00 00 f0 bf",
    0,
    "this is no number of single precision" },
  { "double", DOUBLE, "89 00 00 00 00 00 00 f0 bf", -1, NULL },
  { "double-from-float", DOUBLE, "88 00 00 80 bf", 0, "this is no number of double precision" },
  { "double-from-number", DOUBLE, "01", 0, "this is no number of double precision" },
  { "double-short", DOUBLE, "89 00 00 00", 0, SHORT },
  { "text", STRING, "bd 03 61 00 ff", 3, NULL },
  { "text-empty", STRING, "bd 00", 0, NULL },
  { "text-size-in-long-form", STRING, "bd 82 01 00 00 00 61", 1, NULL },
  { "text-huge", STRING, "bd 83 ff ff ff ff ff ff ff ff 61", 0, SHORT },
  { "text-size-signed", STRING, "bd 84 01 61", 0, NOT_UNSIGNED },
  { "text-from-binary", STRING, "bc 00", 0, "this is no text" },
  { "binary", BINARY, "bc 04 00 00 00 00", 4, NULL },
  { "binary-uneven", BINARY, "bc 03 00 00 00", 3, "the packed numbers end in the middle of one" },
  { "binary-from-text", BINARY, "bd 00", 0, "these are no packed numbers" },
  { "skip-number", SKIP, "87 00 00 00 00 00 00 00 00", 0, NULL },
  { "skip-structure", SKIP, "b9 02 00 bd 01 61", 0, NULL },
  { "skip-map", SKIP, "bb 02 00 01 02 03", 0, NULL },
  { "skip-map-of-half-pairs", SKIP, "bb 02 00 01 02", 0, TOO_MANY },
  { "skip-array-of-optionals", SKIP, "ba 03 be be be", 0, NULL },
  { "skip-variant", SKIP, "b8 01 b9 01 00", 0, NULL },
  { "skip-variant-of-nothing", SKIP, "b8 01", 0, SHORT },
  { "skip-huge-count", SKIP, "ba 83 ff ff ff ff ff ff ff ff 00", 0, TOO_MANY },
  { "skip-count-beyond-the-bytes", SKIP, "ba 03 00 00", 0, TOO_MANY },
  { "skip-reserved-prefix", SKIP, "8a", 0, NOT_SIGNED },
  { "skip-table", SKIP, "b5 00", 0, NOT_SIGNED },
  { "skip-extension", SKIP, "bf 00", 0, NOT_SIGNED },
  { "skip-nothing", SKIP, "", 0, SHORT },
};

static gint64
read_kind (OakNopReader *reader, Kind kind)
{
  switch (kind) {
  case U32:
    return oak_nop_reader_u32 (reader, "field");
  case U64:
    return (gint64) oak_nop_reader_u64 (reader, "field");
  case I32:
    return oak_nop_reader_i32 (reader, "field");
  case I64:
    return oak_nop_reader_i64 (reader, "field");
  case BOOLEAN:
    return oak_nop_reader_boolean (reader, "field");
  case FLOAT:
    return (gint64) oak_nop_reader_float (reader, "field");
  case DOUBLE:
    return (gint64) oak_nop_reader_double (reader, "field");
  case STRING:
    return (gint64) oak_nop_reader_string (reader, "field").size;
  case BINARY:
    return (gint64) oak_nop_reader_binary (reader, 2, "field").size;
  case SKIP:
    oak_nop_reader_skip (reader, "field");
    return 0;
  default:
    g_assert_not_reached ();
  }
}

static void
test_value (gconstpointer data)
{
  const Case *each = data;
  g_autoptr (GBytes) bytes = support_hex (each->hex);
  gsize size = 0;
  const void *start = g_bytes_get_data (bytes, &size);
  g_autofree guint8 *copy = g_memdup2 (start, size); /* so that a byte too far is noticed */
  g_autoptr (GError) error = NULL;
  OakNopReader reader;
  gint64 value;

  oak_nop_reader_init (&reader, copy, size);
  value = read_kind (&reader, each->kind);
  if (each->reason == NULL) {
    oak_nop_reader_finish (&reader, &error);
    g_assert_no_error (error);
    g_assert_cmpint (value, ==, each->value);
    g_assert_cmpuint (oak_nop_reader_get_left (&reader), ==, 0);
    return;
  }
  g_assert_false (oak_nop_reader_finish (&reader, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  g_assert_true (g_str_has_suffix (error->message, each->reason));
  g_assert_true (g_str_has_prefix (error->message, "`field` at byte "));
}

static gboolean
can_skip (GBytes *bytes)
{
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);
  OakNopReader reader;

  oak_nop_reader_init (&reader, data, size);
  oak_nop_reader_skip (&reader, "value");
  return !oak_nop_reader_is_failed (&reader) && oak_nop_reader_get_left (&reader) == 0;
}

static void
test_depth_is_limited (void)
{
  static const char *const openings[] = { "b9 01", "ba 01", "b8 00", "bb 01 00" };

  for (guint i = 0; i < G_N_ELEMENTS (openings); i++) {
    g_autoptr (GBytes) deepest = support_repeat ("", openings[i], OAK_NOP_MAX_DEPTH, "00");
    g_autoptr (GBytes) deeper = support_repeat ("", openings[i], OAK_NOP_MAX_DEPTH + 1, "00");
    g_autoptr (GBytes) abyss = support_repeat ("", openings[i], 1000000, "00");

    g_assert_true (can_skip (deepest));
    g_assert_false (can_skip (deeper));
    g_assert_false (can_skip (abyss));
  }
}

static void
test_first_failure_stays (void)
{
  static const guint8 bytes[] = { 0x02, 0x01, 0x01 };
  g_autoptr (GError) error = NULL;
  OakNopReader reader;

  oak_nop_reader_init (&reader, bytes, sizeof bytes);
  oak_nop_reader_boolean (&reader, "first");
  g_assert_cmpint (oak_nop_reader_i32 (&reader, "second"), ==, 0);
  g_assert_cmpuint (oak_nop_reader_string (&reader, "third").size, ==, 0);
  g_assert_cmpuint (oak_nop_reader_map (&reader, "fourth"), ==, 0);
  g_assert_false (oak_nop_reader_take_empty (&reader));
  g_assert_false (oak_nop_reader_finish (&reader, &error));
  g_assert_true (g_str_has_prefix (error->message, "`first` at byte 0:"));
}

static void
count_text (OakRawText text, gpointer user_data)
{
  g_string_append_len (user_data, text.data, (gssize) text.size);
  g_string_append_c (user_data, ',');
}

static void
test_walk_meets_every_text (void)
{
  g_autoptr (GBytes) bytes =
      support_hex ("b9 04 bd 01 61 bb 01 bd 01 62 bd 01 63 bc 03 bd 01 78 b8 02 bd 01 64");
  g_autoptr (GString) met = g_string_new (NULL);
  OakNopReader reader;

  oak_nop_reader_init (&reader, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  oak_nop_reader_walk (&reader, "value", count_text, met);
  g_assert_true (oak_nop_reader_finish (&reader, NULL));
  g_assert_cmpstr (met->str, ==, "a,b,c,d,");
}

static void
test_written_numbers_are_read (void)
{
  static const guint64 numbers[] = {
    0,     127,         128,        255,         256,        65535,
    65536, G_MAXUINT32, G_MAXINT64, G_MAXUINT64, 0x80000000, G_MAXUINT32 + (guint64) 1
  };
  static const gsize sizes[] = { 1, 1, 2, 2, 3, 3, 5, 5, 9, 9, 5, 9 };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autoptr (GByteArray) buffer = g_byte_array_new ();
    OakNopReader reader;

    oak_nop_write_unsigned (buffer, numbers[i]);
    g_assert_cmpuint (buffer->len, ==, sizes[i]);
    oak_nop_reader_init (&reader, buffer->data, buffer->len);
    g_assert_cmpuint (oak_nop_reader_u64 (&reader, "number"), ==, numbers[i]);
    g_assert_true (oak_nop_reader_finish (&reader, NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/bundle/nop-reader/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_value);
  }
  g_test_add_func ("/bundle/nop-reader/depth-is-limited", test_depth_is_limited);
  g_test_add_func ("/bundle/nop-reader/first-failure-stays", test_first_failure_stays);
  g_test_add_func ("/bundle/nop-reader/walk-meets-every-text", test_walk_meets_every_text);
  g_test_add_func ("/bundle/nop-reader/written-numbers-are-read", test_written_numbers_are_read);
  return g_test_run ();
}
