/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-blocks.h"

#include <string.h>

/* The map of what differs: no byte is missed, and runs end where they should. */

#define BLOCK ((gsize) OAK_FLASH_BLOCK_SIZE)

static GBytes *
new_bytes (gsize size)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 7 + (i >> 8));
  return g_bytes_new_take (data, size);
}

/* Compares @wanted with itself, but for one byte. */
static gsize
compare_with_a_change (OakFlashBlocks *blocks, GBytes *wanted, gsize change)
{
  gsize size = 0;
  gconstpointer data = g_bytes_get_data (wanted, &size);
  g_autofree guint8 *held = g_memdup2 (data, size);

  held[change] ^= 0x10;
  return oak_flash_blocks_compare (blocks, 0, held, size);
}

static void
test_every_byte_counts (void)
{
  gsize size = 2 * BLOCK + 1000;
  gsize places[] = {
    0, 1, BLOCK - 1, BLOCK, 2 * BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 7, 2 * BLOCK + 999
  };
  g_autoptr (GBytes) wanted = new_bytes (size);

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autoptr (OakFlashBlocks) blocks = oak_flash_blocks_new (wanted);

    g_assert_cmpuint (compare_with_a_change (blocks, wanted, places[i]), ==, places[i]);
    for (gsize at = 0; at < size; at += BLOCK)
      g_assert_cmpint (oak_flash_blocks_get (blocks, at),
                       ==,
                       at / BLOCK == places[i] / BLOCK ? OAK_BLOCK_DIFFERENT : OAK_BLOCK_EQUAL);
  }
}

static void
test_equal_ends_at_the_end (void)
{
  gsize size = 3 * BLOCK + 5;
  g_autoptr (GBytes) wanted = new_bytes (size);
  g_autoptr (OakFlashBlocks) blocks = oak_flash_blocks_new (wanted);
  const guint8 *data = g_bytes_get_data (wanted, NULL);

  g_assert_cmpuint (oak_flash_blocks_compare (blocks, BLOCK, data + BLOCK, 2 * BLOCK),
                    ==,
                    3 * BLOCK);
  g_assert_cmpint (oak_flash_blocks_get (blocks, 0), ==, OAK_BLOCK_UNKNOWN);
  g_assert_cmpint (oak_flash_blocks_get (blocks, 3 * BLOCK), ==, OAK_BLOCK_UNKNOWN);
  g_assert_cmpuint (oak_flash_blocks_compare (blocks, 3 * BLOCK, data + 3 * BLOCK, 5), ==, size);
  g_assert_cmpuint (oak_flash_blocks_get_bytes (blocks, OAK_BLOCK_EQUAL), ==, 2 * BLOCK + 5);
  g_assert_cmpuint (oak_flash_blocks_get_bytes (blocks, OAK_BLOCK_UNKNOWN), ==, BLOCK);
}

static void
test_runs_end_where_they_should (void)
{
  g_autoptr (GBytes) wanted = new_bytes (6 * BLOCK + 10);
  g_autoptr (OakFlashBlocks) blocks = oak_flash_blocks_new (wanted);
  gsize start = 0;
  gsize end = 0;

  g_assert_false (
      oak_flash_blocks_find_run (blocks, OAK_BLOCK_DIFFERENT, 0, 7 * BLOCK, &start, &end));
  oak_flash_blocks_set (blocks, BLOCK, 3 * BLOCK, OAK_BLOCK_DIFFERENT);
  oak_flash_blocks_set (blocks, 5 * BLOCK, G_MAXSIZE / 2, OAK_BLOCK_DIFFERENT);
  g_assert_true (
      oak_flash_blocks_find_run (blocks, OAK_BLOCK_DIFFERENT, 0, 7 * BLOCK, &start, &end));
  g_assert_cmpuint (start, ==, BLOCK);
  g_assert_cmpuint (end, ==, 3 * BLOCK);
  g_assert_true (
      oak_flash_blocks_find_run (blocks, OAK_BLOCK_DIFFERENT, end, 7 * BLOCK, &start, &end));
  g_assert_cmpuint (start, ==, 5 * BLOCK);
  g_assert_cmpuint (end, ==, 6 * BLOCK + 10);
  g_assert_true (
      oak_flash_blocks_find_run (blocks, OAK_BLOCK_DIFFERENT, 0, 2 * BLOCK, &start, &end));
  g_assert_cmpuint (end, ==, 2 * BLOCK);
  g_assert_cmpuint (oak_flash_blocks_count (blocks, 0, 6 * BLOCK, OAK_BLOCK_DIFFERENT), ==, 3);
  oak_flash_blocks_change (blocks, 0, 6 * BLOCK, OAK_BLOCK_UNKNOWN, OAK_BLOCK_WRITTEN);
  g_assert_cmpuint (oak_flash_blocks_count (blocks, 0, 7 * BLOCK, OAK_BLOCK_WRITTEN), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flash/blocks/every-byte-counts", test_every_byte_counts);
  g_test_add_func ("/flash/blocks/equal-ends-at-the-end", test_equal_ends_at_the_end);
  g_test_add_func ("/flash/blocks/runs-end-where-they-should", test_runs_end_where_they_should);
  return g_test_run ();
}
