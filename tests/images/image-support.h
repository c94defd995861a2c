/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Images and archives made to measure. The archives are written by libarchive, like any other
 * program would. Any thread. */

#define USB_NAME "depthai-bootloader-usb.cmd"
#define ETH_NAME "depthai-bootloader-eth.cmd"

/* Returns: (transfer full): @size bytes that begin like an image; another @seed, other bytes. */
GBytes *
image_make (guint seed, gsize size);

/* One entry of an archive to be made. */
typedef struct {
  const char *name;
  GBytes *bytes;    /* (unowned) (nullable): a plain file's content */
  const char *link; /* (unowned) (nullable): a symbolic link to there */
  const char *hard_link;
  guint64 zeros; /* without @bytes: that many of them */
  guint kind;    /* 0: as the others say; else an AE_IF… of libarchive */
} ArchiveEntry;

/* Returns: (transfer full): a tar, packed by xz. */
GBytes *
archive_make (const ArchiveEntry *entries, guint n_entries);
/* Returns: (transfer full): one like the vendor's: a USB image of 200 000 bytes, a network image of
 * 300 000 and a text beside them. */
GBytes *
archive_make_release (guint seed);

/* Writes @bytes to a file. Returns: (transfer full): its path. */
char *
folder_add (const char *folder, const char *name, GBytes *bytes);
/* Removes a folder with all that is in it. */
void
folder_remove (const char *folder);
/* How many files there are whose names end with @suffix. */
guint
folder_count (const char *folder, const char *suffix);

G_END_DECLS
