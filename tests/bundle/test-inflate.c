/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-inflate.h"

#include <string.h>

#include "bundle-support.h"
#include "oak-error.h"

/* Packing and unpacking of bytes nobody vouches for. */

static GBytes *
make_noise (gsize size)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) g_rand_int (rand);
  return g_bytes_new_take (data, size);
}

static GBytes *
pack (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  GBytes *packed =
      oak_deflate (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL, &error);

  g_assert_no_error (error);
  return packed;
}

static void
test_round_trip (void)
{
  static const gsize sizes[] = { 0, 1, 3, 4, 70000, 1500000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GBytes) bytes = make_noise (sizes[i]);
    g_autoptr (GBytes) packed = pack (bytes);
    gsize packed_size = 0;
    const void *data = g_bytes_get_data (packed, &packed_size);
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) unpacked = oak_inflate (data, packed_size, sizes[i], NULL, &error);
    OakInflateResult result;

    g_assert_no_error (error);
    g_assert_true (g_bytes_equal (unpacked, bytes));
    g_assert_true (oak_inflate_measure (data, packed_size, sizes[i], &result, NULL, &error));
    g_assert_cmpuint (result.size, ==, sizes[i]);
    g_assert_cmpuint (result.n_trailing_bytes, ==, 0);
    g_assert_cmpmem (result.head,
                     MIN (sizes[i], 4),
                     g_bytes_get_data (bytes, NULL),
                     MIN (sizes[i], 4));
  }
}

static void
test_cut_anywhere (void)
{
  g_autoptr (GBytes) bytes = make_noise (1000);
  g_autoptr (GBytes) packed = pack (bytes);
  const guint8 *data = g_bytes_get_data (packed, NULL);

  for (gsize length = 0; length < g_bytes_get_size (packed); length++) {
    g_autofree guint8 *copy = g_memdup2 (data, length);
    g_autoptr (GError) error = NULL;
    OakInflateResult result;

    g_assert_false (oak_inflate_measure (copy, length, 10000, &result, NULL, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
    g_assert_cmpuint (result.size, <=, 1000);
  }
}

static void
test_damaged_anywhere (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("a text that is packed, and then damaged", 39);
  g_autoptr (GBytes) packed = pack (bytes);
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (packed, &size);
  gsize n_refused = 0;

  /* A few bits say nothing: those that fill up the last byte, and the level in the header. */
  for (gsize i = 0; i < size; i++) {
    g_autofree guint8 *copy = g_memdup2 (data, size);
    g_autoptr (GBytes) unpacked = NULL;
    g_autoptr (GError) error = NULL;

    copy[i] ^= 0x10;
    unpacked = oak_inflate (copy, size, 10000, NULL, &error);
    if (unpacked != NULL)
      g_assert_true (g_bytes_equal (unpacked, bytes));
    else
      g_assert_true (error->domain == OAK_ERROR);
    n_refused += unpacked == NULL;
  }
  g_assert_cmpuint (n_refused, >=, size - 2);
}

static void
test_limit (void)
{
  g_autoptr (GBytes) bytes = make_noise (100000);
  g_autoptr (GBytes) packed = pack (bytes);
  gsize size = 0;
  const void *data = g_bytes_get_data (packed, &size);
  g_autoptr (GError) error = NULL;
  OakInflateResult result;

  g_assert_false (oak_inflate_measure (data, size, 99999, &result, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TOO_LARGE);
  g_assert_true (oak_inflate_measure (data, size, 100000, &result, NULL, NULL));
}

static void
test_trailing (void)
{
  g_autoptr (GBytes) bytes = make_noise (100);
  g_autoptr (GBytes) packed = pack (bytes);
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  OakInflateResult result;

  g_byte_array_append (longer, g_bytes_get_data (packed, NULL), (guint) g_bytes_get_size (packed));
  g_byte_array_append (longer, (const guint8 *) "xyz", 3);
  g_assert_true (oak_inflate_measure (longer->data, longer->len, 1000, &result, NULL, NULL));
  g_assert_cmpuint (result.n_trailing_bytes, ==, 3);
}

static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GBytes) bytes = make_noise (100);
  g_autoptr (GBytes) packed = pack (bytes);
  g_autoptr (GError) error = NULL;
  OakInflateResult result;

  g_cancellable_cancel (cancellable);
  g_assert_false (oak_inflate_measure (g_bytes_get_data (packed, NULL),
                                       g_bytes_get_size (packed),
                                       1000,
                                       &result,
                                       cancellable,
                                       &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (oak_deflate ("abc", 3, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Half noise, half nothing: half of it would be left. */
static void
test_estimate (void)
{
  const gsize half = 8 * 1024 * 1024;
  g_autoptr (GBytes) noise = make_noise (half);
  g_autofree guint8 *mixed = g_malloc0 (2 * half);
  guint64 estimate;

  memcpy (mixed, g_bytes_get_data (noise, NULL), half);
  estimate = oak_deflate_estimate (mixed, 2 * half);
  g_assert_cmpuint (estimate, >, half * 9 / 10);
  g_assert_cmpuint (estimate, <, half * 11 / 10);
  g_assert_cmpuint (oak_deflate_estimate (mixed, 0), <, 100);
  g_assert_cmpuint (oak_deflate_estimate (mixed + half, 1000), <, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/inflate/gives-back-what-was-packed", test_round_trip);
  g_test_add_func ("/bundle/inflate/cut-anywhere-is-refused", test_cut_anywhere);
  g_test_add_func ("/bundle/inflate/damage-anywhere-is-refused", test_damaged_anywhere);
  g_test_add_func ("/bundle/inflate/limit-is-exact", test_limit);
  g_test_add_func ("/bundle/inflate/bytes-behind-the-end-are-counted", test_trailing);
  g_test_add_func ("/bundle/inflate/can-be-cancelled", test_cancelled);
  g_test_add_func ("/bundle/inflate/estimate-is-near", test_estimate);
  return g_test_run ();
}
