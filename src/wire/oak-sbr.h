/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The section table a package begins with (bootloader.md §7). Pure functions, any thread. */

#define OAK_SBR_SIZE      512
#define OAK_SBR_N_ENTRIES 17
#define OAK_SBR_NAME_SIZE 16

#define OAK_SBR_FLAG_BOOTABLE         0x01u
#define OAK_SBR_FLAG_IGNORE_CHECKSUM  0x02u
#define OAK_SBR_FLAG_COMPRESSION_MASK 0x1cu
#define OAK_SBR_FLAG_COMPRESSION_NONE 0x00u
#define OAK_SBR_FLAG_COMPRESSION_ZLIB 0x04u

#define OAK_SBR_CHECKSUM_START 5381u

typedef struct {
  char name[OAK_SBR_NAME_SIZE + 1]; /* terminated here; empty: the entry is void */
  guint32 size;                     /* bytes as stored */
  guint32 offset;                   /* from the start of the table */
  guint32 checksum;
  guint8 type;
  guint8 flags;
} OakSbrEntry;

typedef struct {
  OakSbrEntry entries[OAK_SBR_N_ENTRIES];
} OakSbr;

/* Returns: FALSE with OAK_ERROR_PROTOCOL for fewer than 512 bytes or a wrong identifier. Entries
 * whose name begins with 00 or FF are void and come out zeroed. Ranges and checksums are not looked
 * at. */
gboolean
oak_sbr_decode (OakSbr *self, const void *data, gsize size, GError **error);
/* Writes exactly 512 bytes, and never the original's stray second identifier (bootloader.md §7.2).
 */
void
oak_sbr_encode (const OakSbr *self, guint8 bytes[OAK_SBR_SIZE]);

/* Returns: (transfer none) (nullable): the first entry of that name. */
const OakSbrEntry *
oak_sbr_find (const OakSbr *self, const char *name);

/* djb2 (bootloader.md §7.3). Start with OAK_SBR_CHECKSUM_START; feed the result back in to go on
 * piece by piece. */
guint32
oak_sbr_checksum (guint32 checksum, const void *data, gsize size);

G_END_DECLS
