/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test-bytes.h"

#include <string.h>

/* Bytes for tests, see test-bytes.h. */

static guint8
parse_byte (const char **digits)
{
  int high = g_ascii_xdigit_value ((*digits)[0]);
  int low = high >= 0 ? g_ascii_xdigit_value ((*digits)[1]) : -1;

  if (low < 0)
    g_error ("no hexadecimal byte at: %s", *digits);
  *digits += 2;
  return (guint8) (high << 4 | low);
}

/* Returns: how often the byte at @digits is to be written: the N of "N*HH", or 1. */
static guint64
parse_count (const char **digits)
{
  char *end = NULL;
  guint64 count = g_ascii_strtoull (*digits, &end, 10);

  if (end == *digits || *end != '*')
    return 1;
  *digits = end + 1;
  return count;
}

GBytes *
test_bytes_new (const char *digits)
{
  GByteArray *bytes = g_byte_array_new ();

  while (*digits != '\0') {
    guint64 count = 0;
    guint8 byte = 0;

    if (g_ascii_isspace (*digits)) {
      digits++;
      continue;
    }
    count = parse_count (&digits);
    byte = parse_byte (&digits);
    for (guint64 i = 0; i < count; i++)
      g_byte_array_append (bytes, &byte, 1);
  }
  return g_byte_array_free_to_bytes (bytes);
}

guint8 *
test_bytes_cut (GBytes *bytes, gsize size)
{
  guint8 *block = malloc (size);

  g_assert_cmpuint (size, <=, g_bytes_get_size (bytes));
  if (size > 0)
    memcpy (block, g_bytes_get_data (bytes, NULL), size);
  return block;
}

void
test_bytes_assert_equal (GBytes *bytes, GBytes *expected)
{
  g_assert_nonnull (bytes);
  g_assert_nonnull (expected);
  for (gsize i = 0; i < MIN (g_bytes_get_size (bytes), g_bytes_get_size (expected)); i++) {
    guint8 byte = ((const guint8 *) g_bytes_get_data (bytes, NULL))[i];
    guint8 wanted = ((const guint8 *) g_bytes_get_data (expected, NULL))[i];

    if (byte != wanted)
      g_error ("byte %" G_GSIZE_FORMAT " is %02x instead of %02x", i, byte, wanted);
  }
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, g_bytes_get_size (expected));
}

void
test_bytes_assert (GBytes *bytes, const char *expected_digits)
{
  g_autoptr (GBytes) expected = test_bytes_new (expected_digits);

  test_bytes_assert_equal (bytes, expected);
}
