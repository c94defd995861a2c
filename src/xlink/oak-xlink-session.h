/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-report.h"
#include "oak-timeouts.h"

G_BEGIN_DECLS

typedef struct _OakLink OakLink;
typedef struct _OakXlinkStream OakXlinkStream;

/**
 * OakXlinkSession:
 *
 * One conversation with a camera over a link, host side (xlink.md §5, §6, §8.2): ping, streams,
 * credit, keep-alive, reset.
 *
 * Threads: owned and used by one worker thread, whose calls block. Two private threads belong to
 * it: "xlink-reader" only reads and sorts, "xlink-writer" does all writing: answers and small
 * requests first, then the keep-alive, then packets, so that the camera is answered at every border
 * between packets whatever the worker does. Both have ended when the session is closed.
 *
 * Every wait ends at its deadline, when its cancellable is cancelled, or at once when the link is
 * lost. A wait that was cancelled or timed out leaves the session in step: a packet that has begun
 * to go out goes on in the background, what has not begun is taken back, and the next call works.
 *
 * Errors, beside those each call names: OAK_ERROR_DISCONNECTED (the link is lost; the message says
 * during what), OAK_ERROR_PROTOCOL (the camera's bytes make no sense; the session has then ended),
 * OAK_ERROR_TIMED_OUT, G_IO_ERROR_CANCELLED.
 */
typedef struct _OakXlinkSession OakXlinkSession;

/* What oak_xlink_session_set_progress_func () reports about. */
typedef enum {
  OAK_XLINK_DIRECTION_SENDING,
  OAK_XLINK_DIRECTION_RECEIVING,
} OakXlinkDirection;

/**
 * OakXlinkProgressFunc:
 * @done: bytes of the current packet that have passed; sent ones were handed to the operating
 * system and are not yet confirmed
 * @total: size of that packet
 *
 * Called from a private thread at most every 100 ms within a packet of more than 64 KiB, and once
 * at its end (@done equals @total). It must be quick and must not call the session or one of its
 * streams.
 */
typedef void (*OakXlinkProgressFunc) (OakXlinkDirection direction,
                                      gsize done,
                                      gsize total,
                                      gpointer user_data);

/**
 * oak_xlink_session_open:
 * @link: a fresh link; the session takes a reference and closes the link when it ends, also when
 * this call fails
 * @timeouts: copied
 * @report: (nullable): log facts go here, from any thread; must outlive the session
 *
 * Starts the session and pings the camera (timeouts: ping_ms).
 *
 * Returns: (transfer full): the session, or NULL.
 */
OakXlinkSession *
oak_xlink_session_open (OakLink *link,
                        const OakTimeouts *timeouts,
                        OakReport *report,
                        GCancellable *cancellable,
                        GError **error);

/* Cuts the link, without saying good-bye, and ends the private threads. Calls on the session and
 * its streams fail with OAK_ERROR_DISCONNECTED from then on. May be called again. */
void
oak_xlink_session_close (OakXlinkSession *self);

/* Closes it first when that has not happened. Frees its streams too. */
void
oak_xlink_session_free (OakXlinkSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakXlinkSession, oak_xlink_session_free)

/**
 * oak_xlink_session_open_stream:
 * @name: 1 to 51 characters
 * @write_size: bytes we may have on their way to the camera, unreleased; rounded up to a multiple
 * of 64 (xlink.md §5.7)
 *
 * Opens our direction of a stream (timeouts: open_stream_ms). The camera's own direction may be
 * opened by it at any time. A stream that is open already is returned again.
 *
 * Returns: (transfer none): the stream, which belongs to the session; or NULL, with
 * OAK_ERROR_REFUSED when the camera does not want it.
 */
OakXlinkStream *
oak_xlink_session_open_stream (OakXlinkSession *self,
                               const char *name,
                               guint32 write_size,
                               GCancellable *cancellable,
                               GError **error);

/**
 * oak_xlink_session_is_new:
 * @stream: one that the camera opens by itself
 *
 * A link without an end of its own, such as USB, may lead into the middle of a conversation that
 * somebody left: the camera then goes on with the old one, its streams and its credit. In a new one
 * it says nothing before the ping and opens its direction of @stream once after it (xlink.md §5.8,
 * §8.1 row 6). Waits for that. To be asked before the first packet is exchanged.
 *
 * Returns: FALSE, with OAK_ERROR_BUSY when the conversation is an old one.
 */
gboolean
oak_xlink_session_is_new (OakXlinkSession *self,
                          OakXlinkStream *stream,
                          gint64 deadline_us,
                          GCancellable *cancellable,
                          GError **error);

/**
 * oak_xlink_session_start_keep_alive:
 *
 * Opens `__watchdog` and sends the first keep-alive at once and another one every keep_alive_ms
 * from then on, in the background, whatever the worker does (bootloader.md §2.2). They wait only
 * for a packet that is just going out. When the camera stops releasing them, no more are sent until
 * it does, one warning is logged, and nothing else is held up.
 */
gboolean
oak_xlink_session_start_keep_alive (OakXlinkSession *self,
                                    GCancellable *cancellable,
                                    GError **error);

/**
 * oak_xlink_session_stop_keep_alive:
 * @send_reset: also queue `01000000`, which tells the bootloader to restart by itself once the
 * keep-alive is gone: the known end of a session whose camera changes to another bootloader
 * (xlink.md §9). Follow it with oak_xlink_session_wait_for_loss ().
 *
 * Does not block. Without effect when the keep-alive was not started.
 */
void
oak_xlink_session_stop_keep_alive (OakXlinkSession *self, gboolean send_reset);

/**
 * oak_xlink_session_reset:
 *
 * Ends the session properly: stops the keep-alive, sends RESET, waits until the camera answers or
 * drops the link (both are good ends, xlink.md §5.9; timeouts: reset_ms for everything), and closes
 * as oak_xlink_session_close () does.
 *
 * Returns: FALSE with OAK_ERROR_TIMED_OUT when the camera did neither; closed all the same.
 */
gboolean
oak_xlink_session_reset (OakXlinkSession *self, GError **error);

/**
 * oak_xlink_session_wait_for_loss:
 * @deadline_us: point on the monotonic clock in microseconds
 *
 * Waits for the camera to drop the link, as it does when it starts another bootloader or jumps to
 * the USB ROM.
 *
 * Returns: TRUE when the link is lost, FALSE with OAK_ERROR_TIMED_OUT or G_IO_ERROR_CANCELLED.
 */
gboolean
oak_xlink_session_wait_for_loss (OakXlinkSession *self,
                                 gint64 deadline_us,
                                 GCancellable *cancellable,
                                 GError **error);

/* Returns: TRUE while the link is there; FALSE with the reason why it was lost. Does not block. */
gboolean
oak_xlink_session_is_up (OakXlinkSession *self, GError **error);

/* @func may be NULL. When this call returns, the previous function is not running and is not called
 * any more. */
void
oak_xlink_session_set_progress_func (OakXlinkSession *self,
                                     OakXlinkProgressFunc func,
                                     gpointer user_data);

/* Returns: (transfer none): what the link says about itself. */
const char *
oak_xlink_session_get_description (OakXlinkSession *self);

G_END_DECLS
