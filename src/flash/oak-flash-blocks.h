/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Blocks in which is compared and written. */
#define OAK_FLASH_BLOCK_SIZE (64u * 1024u)

typedef enum {
  OAK_BLOCK_UNKNOWN,   /* nobody has looked */
  OAK_BLOCK_EQUAL,     /* the memory held it already */
  OAK_BLOCK_DIFFERENT, /* has to be written */
  OAK_BLOCK_WRITTEN,
} OakBlockState;

/**
 * OakFlashBlocks:
 *
 * What is known of a region of a camera's memory, block by block, compared with the bytes that
 * shall be there. Positions are in bytes from the region's start. One owner, one thread.
 */
typedef struct _OakFlashBlocks OakFlashBlocks;

/* All unknown. */
OakFlashBlocks *
oak_flash_blocks_new (GBytes *wanted);
void
oak_flash_blocks_free (OakFlashBlocks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakFlashBlocks, oak_flash_blocks_free)

/* Returns: (transfer none). */
GBytes *
oak_flash_blocks_get_wanted (const OakFlashBlocks *self);
gsize
oak_flash_blocks_get_size (const OakFlashBlocks *self);
OakBlockState
oak_flash_blocks_get (const OakFlashBlocks *self, gsize position);
/* All blocks that begin in [@start, @end). */
void
oak_flash_blocks_set (OakFlashBlocks *self, gsize start, gsize end, OakBlockState state);
/* The same, for those in state @from only. */
void
oak_flash_blocks_change (OakFlashBlocks *self,
                         gsize start,
                         gsize end,
                         OakBlockState from,
                         OakBlockState to);
gsize
oak_flash_blocks_count (const OakFlashBlocks *self, gsize start, gsize end, OakBlockState state);
/* Bytes of all blocks in @state. */
guint64
oak_flash_blocks_get_bytes (const OakFlashBlocks *self, OakBlockState state);

/* Notes what the memory holds at @start, the beginning of a block; where the bytes end inside a
 * block, only those are compared.
 * Returns: the position of the first byte that differs; the end of @data when none does. */
gsize
oak_flash_blocks_compare (OakFlashBlocks *self, gsize start, const guint8 *data, gsize size);

/* The first run of blocks in @state that begins in [@start, @end). Returns: FALSE when there is
 * none. @run_end: not beyond @end, nor beyond the region. */
gboolean
oak_flash_blocks_find_run (const OakFlashBlocks *self,
                           OakBlockState state,
                           gsize start,
                           gsize end,
                           gsize *run_start,
                           gsize *run_end);

G_END_DECLS
