/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-blocks.h"

#include <string.h>

/* A map of blocks. Nothing here reads or writes a camera. One owner, one thread. */

struct _OakFlashBlocks {
  GBytes *wanted; /* (owned) */
  gsize size;
  gsize n_blocks;
  guint8 states[]; /* OakBlockState */
};

OakFlashBlocks *
oak_flash_blocks_new (GBytes *wanted)
{
  gsize size = g_bytes_get_size (wanted);
  gsize n_blocks = (size + OAK_FLASH_BLOCK_SIZE - 1) / OAK_FLASH_BLOCK_SIZE;
  OakFlashBlocks *self = g_malloc0 (sizeof *self + n_blocks);

  self->wanted = g_bytes_ref (wanted);
  self->size = size;
  self->n_blocks = n_blocks;
  return self;
}

void
oak_flash_blocks_free (OakFlashBlocks *self)
{
  if (self == NULL)
    return;
  g_bytes_unref (self->wanted);
  g_free (self);
}

GBytes *
oak_flash_blocks_get_wanted (const OakFlashBlocks *self)
{
  return self->wanted;
}

gsize
oak_flash_blocks_get_size (const OakFlashBlocks *self)
{
  return self->size;
}

OakBlockState
oak_flash_blocks_get (const OakFlashBlocks *self, gsize position)
{
  gsize index = position / OAK_FLASH_BLOCK_SIZE;

  g_return_val_if_fail (index < self->n_blocks, OAK_BLOCK_UNKNOWN);

  return (OakBlockState) self->states[index];
}

static gsize
first_block (gsize position)
{
  return (position + OAK_FLASH_BLOCK_SIZE - 1) / OAK_FLASH_BLOCK_SIZE;
}

static gsize
end_block (const OakFlashBlocks *self, gsize position)
{
  return MIN (first_block (position), self->n_blocks);
}

void
oak_flash_blocks_set (OakFlashBlocks *self, gsize start, gsize end, OakBlockState state)
{
  for (gsize i = first_block (start); i < end_block (self, end); i++)
    self->states[i] = (guint8) state;
}

void
oak_flash_blocks_change (OakFlashBlocks *self,
                         gsize start,
                         gsize end,
                         OakBlockState from,
                         OakBlockState to)
{
  for (gsize i = first_block (start); i < end_block (self, end); i++)
    if (self->states[i] == (guint8) from)
      self->states[i] = (guint8) to;
}

gsize
oak_flash_blocks_count (const OakFlashBlocks *self, gsize start, gsize end, OakBlockState state)
{
  gsize n = 0;

  for (gsize i = first_block (start); i < end_block (self, end); i++)
    n += self->states[i] == (guint8) state ? 1 : 0;
  return n;
}

guint64
oak_flash_blocks_get_bytes (const OakFlashBlocks *self, OakBlockState state)
{
  guint64 bytes = 0;

  for (gsize i = 0; i < self->n_blocks; i++)
    if (self->states[i] == (guint8) state)
      bytes += MIN (self->size - i * OAK_FLASH_BLOCK_SIZE, (gsize) OAK_FLASH_BLOCK_SIZE);
  return bytes;
}

/* Returns: @size when they are equal. */
static gsize
find_difference (const guint8 *a, const guint8 *b, gsize size)
{
  gsize i = 0;

  if (memcmp (a, b, size) == 0)
    return size;
  while (a[i] == b[i])
    i++;
  return i;
}

gsize
oak_flash_blocks_compare (OakFlashBlocks *self, gsize start, const guint8 *data, gsize size)
{
  const guint8 *wanted = g_bytes_get_data (self->wanted, NULL);
  gsize end = MIN (start + size, self->size);
  gsize first = G_MAXSIZE;

  g_return_val_if_fail (start % OAK_FLASH_BLOCK_SIZE == 0 && start <= self->size, start);

  for (gsize at = start; at < end; at += OAK_FLASH_BLOCK_SIZE) {
    gsize block_size = MIN (end - at, (gsize) OAK_FLASH_BLOCK_SIZE);
    gsize equal = find_difference (wanted + at, data + (at - start), block_size);

    self->states[at / OAK_FLASH_BLOCK_SIZE] =
        equal == block_size ? OAK_BLOCK_EQUAL : OAK_BLOCK_DIFFERENT;
    if (equal < block_size)
      first = MIN (first, at + equal);
  }
  return first == G_MAXSIZE ? start + size : first;
}

gboolean
oak_flash_blocks_find_run (const OakFlashBlocks *self,
                           OakBlockState state,
                           gsize start,
                           gsize end,
                           gsize *run_start,
                           gsize *run_end)
{
  gsize first = first_block (start);
  gsize last = end_block (self, end);
  gsize i;

  while (first < last && self->states[first] != (guint8) state)
    first++;
  if (first >= last)
    return FALSE;
  for (i = first; i < last && self->states[i] == (guint8) state;)
    i++;
  *run_start = first * OAK_FLASH_BLOCK_SIZE;
  *run_end = MIN (MIN (i * OAK_FLASH_BLOCK_SIZE, end), self->size);
  return TRUE;
}
