/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-report.h"
#include "oak-timeouts.h"

G_BEGIN_DECLS

typedef struct _OakImageStore OakImageStore;

/* How to download; a plain value that borrows everything. */
typedef struct {
  const char *server;          /* (nullable): see oak_image_release_make_address () */
  const OakTimeouts *timeouts; /* all waits */
  GTlsDatabase *trust; /* (nullable): certificates that are believed; NULL: those the system does */
  const char *partial_folder; /* (nullable): where what came is kept when the rest did not, so that
                                 the next download goes on there; NULL: nowhere */
  OakReport *report;          /* (nullable): for the log */
  /* (nullable): called in the thread that downloads, also without news. @bytes_total: 0: unknown.
   */
  void (*progress) (guint64 bytes_done, guint64 bytes_total, gpointer user_data);
  gpointer user_data;
} OakImageDownload;

/* Fetches the checksum beside @address and then the file, tries again and goes on where it broke
 * off, and compares what came with the checksum. Blocking; any thread.
 *
 * Returns: (transfer full): the file, whose checksum matches. NULL with OAK_ERROR_NOT_FOUND (there
 * is no such release), UNREACHABLE, DISCONNECTED, TIMED_OUT, REFUSED (the server says no),
 * WRONG_DEVICE (it cannot prove who it is), UNSUPPORTED (an address that is not allowed, also where
 * the server sends on to one), PROTOCOL (the answer makes no sense), TOO_LARGE, VERIFY_FAILED (the
 * checksum is another one) or G_IO_ERROR_CANCELLED. */
GBytes *
oak_image_download (const OakImageDownload *self,
                    const char *address,
                    GCancellable *cancellable,
                    GError **error);

/* Downloads the release @version and puts its images into @store. Where the store has them already,
 * with a checksum that matched, nothing is downloaded unless @replace. Blocking; any thread.
 * @is_new: (nullable): whether something was downloaded.
 *
 * Returns: (transfer full) (element-type OakImage): the images of that release. NULL with the
 * errors of oak_image_download (), oak_firmware_archive_read () and oak_image_store_add (). */
GPtrArray *
oak_image_fetch (OakImageStore *store,
                 const OakImageDownload *download,
                 const char *version,
                 gboolean replace,
                 gboolean *is_new,
                 GCancellable *cancellable,
                 GError **error);

G_END_DECLS
