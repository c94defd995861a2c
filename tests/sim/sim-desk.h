/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-bootloader-message.h"
#include "sim-board.h"
#include "sim-bootloader.h"

G_BEGIN_DECLS

/* A bootloader on the table: no camera, no session; what it sends is kept, and time passes only
 * when it has something to do. One thread. */
typedef struct {
  SimBoard *board;
  SimBootloader *bootloader;
  GQueue sent; /* of GBytes */
  gboolean left;
  SimLeave leave;
  GBytes *image; /* (nullable) */
  gint64 now_us;
} SimDesk;

SimDesk *
sim_desk_new (const SimBoardOptions *options, const char *fault);
SimDesk *
sim_desk_new_default (const char *fault);
void
sim_desk_free (SimDesk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimDesk, sim_desk_free)
/* Until the bootloader wants nothing more. */
void
sim_desk_run (SimDesk *desk);
void
sim_desk_send_bytes (SimDesk *desk, const void *data, gsize size);
void
sim_desk_send (SimDesk *desk, const OakBootloaderRequest *request);
/* The next message has to be there and to be @command. */
OakBootloaderResponse
sim_desk_take (SimDesk *desk, OakResponseCommand command);
OakBootloaderResponse
sim_desk_ask (SimDesk *desk, OakRequestCommand command, OakResponseCommand answer);
void
sim_desk_assert_silent (SimDesk *desk);
void
sim_desk_send_data (SimDesk *desk, const guint8 *data, gsize size);
/* Returns: the closing response; progress before it only rises. */
OakBootloaderResponse
sim_desk_finish_write (SimDesk *desk);
OakBootloaderResponse
sim_desk_write_at (SimDesk *desk, gint32 memory, guint32 offset, const guint8 *data, guint32 size);
OakBootloaderResponse
sim_desk_write_storage (SimDesk *desk, OakStorage storage, const guint8 *data, guint32 size);
guint8 *
sim_desk_make_pattern (gsize size, guint seed);

G_END_DECLS
