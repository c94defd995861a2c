/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-error.h"
#include "oak-image-download.h"

#include "image-server.h"

G_BEGIN_DECLS

/* What the tests of downloads share: a store, a server on the loopback, and a release. Waits that
 * must end by themselves are short, all others generous. */

#define PATH                                                                                       \
  "/luxonis-myriad-release-local/depthai-bootloader/0.0.28/depthai-bootloader-fwp-0.0.28.tar.xz"
#define SIDECAR PATH ".sha256"

typedef struct {
  char *folder;
  char *partial;
  OakImageStore *store;
  ImageServer *server;
  OakTimeouts timeouts;
  OakImageDownload download;
  GBytes *archive;
  guint64 n_progress; /* calls */
  guint64 bytes_done; /* of the last one */
  guint64 bytes_total;
  GCancellable *cancel_on_progress; /* (unowned) (nullable) */
} Fixture;

/* 1 or more, of TEST_SLOWDOWN. */
double
download_get_slowdown (void);

void
download_set_up (Fixture *fixture, gconstpointer data);
/* With a server that speaks TLS. */
void
download_set_up_tls (Fixture *fixture, gconstpointer data);
void
download_tear_down (Fixture *fixture, gconstpointer data);

/* The file that says what @bytes should be. */
void
add_sidecar (Fixture *fixture, GBytes *bytes);
/* Without a body of its own it is the fixture's release. */
void
add_archive (Fixture *fixture, const Answer *answer);

/* Returns: (transfer full) (nullable). */
GPtrArray *
fetch (Fixture *fixture, GCancellable *cancellable, GError **error);
void
assert_fetched (Fixture *fixture);
/* Nothing came into the store. */
void
assert_refused (Fixture *fixture, OakError code, const char *says);

/* For the main () of each. */
void
download_init (int *argc, char ***argv);

G_END_DECLS
