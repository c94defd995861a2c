/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SimFaults SimFaults;
typedef struct _SimBoard SimBoard;

/**
 * SimSession:
 *
 * The device's side of one XLink connection (xlink.md §5, §8.1): bytes in, bytes out, no sockets.
 * Pings and streams are dealt with here; what arrives on a stream is handed on. Bytes are received
 * where they belong, so that nobody copies a packet of 5 MiB. Its callbacks come from inside
 * sim_session_received () and may call anything here but sim_session_free (). One owner, no
 * threads.
 */
typedef struct _SimSession SimSession;

typedef struct {
  void (*packet) (const char *stream_name, GBytes *packet, gpointer user_data);
  void (*reset) (gpointer user_data); /* RESET_REQ, answered already */
  gpointer user_data;
} SimSessionFuncs;

/* @board lends its faults and counters and must outlive the session. */
SimSession *
sim_session_new (SimBoard *board, const SimSessionFuncs *funcs);
void
sim_session_free (SimSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSession, sim_session_free)

/* Returns: (transfer none): where the next bytes from the host go, at most @size of them; valid
 * until the next call. @size is 0 when the session is finished. */
guint8 *
sim_session_get_space (SimSession *self, gsize *size);
/* @size bytes have been put there. */
void
sim_session_received (SimSession *self, gsize size, gint64 now_us);
/* Returns: how many bytes the header or the payload under way still lacks, at least 1. */
gsize
sim_session_get_missing (const SimSession *self, gboolean *is_payload);

/* Sends @packet on the stream of that name, as soon as the host's credit allows. */
void
sim_session_write (SimSession *self, const char *stream_name, GBytes *packet, gint64 now_us);

/* Returns: FALSE when there is nothing to send. */
gboolean
sim_session_get_output (SimSession *self, const guint8 **data, gsize *size);
void
sim_session_sent (SimSession *self, gsize size);

/* Ends the session from this side; @hard: with a TCP reset. What is in the output is still to be
 * sent. */
void
sim_session_finish (SimSession *self, gboolean hard);
gboolean
sim_session_is_finished (const SimSession *self);
gboolean
sim_session_is_hard (const SimSession *self);

/* Returns: bytes of a packet for @stream_name that have arrived of a packet that is not complete.
 */
gsize
sim_session_get_partial (const SimSession *self, const char *stream_name);

G_END_DECLS
