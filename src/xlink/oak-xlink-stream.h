/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OakXlinkStream:
 *
 * One named stream of packets, two independent directions (xlink.md §5.6, §5.7). Made by
 * oak_xlink_session_open_stream (), owned by its session and valid until that is freed. Used by the
 * session's worker thread only. Packets keep their borders: one write at one end is one read at the
 * other. Deadlines are points on the monotonic clock in microseconds; 0 and G_MAXINT64 mean none.
 * For errors see OakXlinkSession.
 */
typedef struct _OakXlinkStream OakXlinkStream;

/**
 * oak_xlink_stream_write:
 * @packet: up to the stream's write size, at most 5 MiB; held until it has gone out, never copied
 *
 * Waits for credit (fewer than 64 packets and at most the announced bytes unreleased), sends
 * @packet and waits until the camera has acknowledged its arrival. That says nothing about its
 * having been used: see oak_xlink_stream_drain ().
 *
 * Returns: TRUE when acknowledged. FALSE, with OAK_ERROR_TOO_LARGE for more than the write size, of
 * which nothing is sent.
 */
gboolean
oak_xlink_stream_write (OakXlinkStream *self,
                        GBytes *packet,
                        gint64 deadline_us,
                        GCancellable *cancellable,
                        GError **error);

/* Waits until the camera has consumed (released) every packet written so far. */
gboolean
oak_xlink_stream_drain (OakXlinkStream *self,
                        gint64 deadline_us,
                        GCancellable *cancellable,
                        GError **error);

/**
 * oak_xlink_stream_read:
 *
 * Waits for the next packet, in the order of their arrival, and releases it. Packets that arrived
 * before the link was lost are still given out. The camera may have at most 64 packets and two
 * times 5 MiB unread; more ends the session with OAK_ERROR_PROTOCOL.
 *
 * Returns: (transfer full): the packet, or NULL.
 */
GBytes *
oak_xlink_stream_read (OakXlinkStream *self,
                       gint64 deadline_us,
                       GCancellable *cancellable,
                       GError **error);

/* Returns: (transfer none). */
const char *
oak_xlink_stream_get_name (OakXlinkStream *self);
guint32
oak_xlink_stream_get_id (OakXlinkStream *self);

G_END_DECLS
