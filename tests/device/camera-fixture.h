/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "device-support.h"
#include "oak-bootloader.h"
#include "sim-process.h"
#include "test-support.h"

G_BEGIN_DECLS

/* A fixture: one simulated camera with its bootloader open, and nothing left behind afterwards. */

#define APPLICATION_OFFSET 0x800000u

typedef struct {
  TestResources before;
  TestReport report;
  OakTimeouts timeouts;
  SimProcess *sim;
  OakConnector *connector;
  OakBootloader *bootloader;
} Fixture;

void
camera_set_up (Fixture *fixture, gconstpointer data);
void
camera_tear_down (Fixture *fixture, gconstpointer data);

/* Starts a camera with these arguments (at most two; may be NULL) and opens its bootloader. */
void
camera_open (Fixture *fixture, const char *first, const char *second);
/* Returns: how many write requests the camera has counted. */
gint64
camera_count_writes (Fixture *fixture);

/* Returns: (transfer full): bytes that differ from place to place. */
GBytes *
make_bytes (gsize size);

typedef struct {
  guint64 sent;
  guint64 confirmed;
  guint64 total;
  guint n_calls;
  GCancellable *cancellable; /* (nullable): cancelled on the way */
} Transfer;

/* Writes to flash with OAK_WRITE_FLAGS_NONE, and checks that the numbers only rise. */
gboolean
camera_write_region (Fixture *fixture,
                     guint32 offset,
                     GBytes *bytes,
                     Transfer *transfer,
                     GError **error);
/* An OakTransferFunc for a Transfer. */
void
watch_transfer (guint64 sent, guint64 confirmed, guint64 total, gpointer user_data);

G_END_DECLS
