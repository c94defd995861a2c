/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-link.h"

G_BEGIN_DECLS

/**
 * OakStreamLink:
 *
 * An OakLink over a TCP connection (xlink.md §4.7), or over any other connected stream socket.
 */
#define OAK_TYPE_STREAM_LINK (oak_stream_link_get_type ())
G_DECLARE_FINAL_TYPE (OakStreamLink, oak_stream_link, OAK, STREAM_LINK, OakLink)

/**
 * oak_stream_link_connect:
 * @ipv4: an IPv4 address in dotted form; names are not looked up
 * @port: usually 11490
 * @loopback_only: refuse every address outside 127.0.0.0/8, before a socket is made: a
 * demonstration must never reach a camera
 * @deadline_us: point on the monotonic clock in microseconds, or OAK_LINK_NO_DEADLINE
 *
 * Blocks, any thread.
 *
 * Returns: (transfer full): a link, or NULL with OAK_ERROR_UNREACHABLE (refused, no route, host
 * down, or not an address that may be used), OAK_ERROR_TIMED_OUT (nobody answered before the
 * deadline) or G_IO_ERROR_CANCELLED.
 */
OakLink *
oak_stream_link_connect (const char *ipv4,
                         guint16 port,
                         gboolean loopback_only,
                         gint64 deadline_us,
                         GCancellable *cancellable,
                         GError **error);

/**
 * oak_stream_link_new_for_fd:
 * @fd: (transfer full): a connected stream socket; closed when the link is finalized, also after an
 * error
 * @description: what oak_link_get_description () is to say
 *
 * Returns: (transfer full): a link, or NULL with OAK_ERROR_UNREACHABLE when @fd is no usable
 * socket.
 */
OakLink *
oak_stream_link_new_for_fd (int fd, const char *description, GError **error);

G_END_DECLS
