/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OakLink:
 *
 * A two-way pipe of bytes to one camera, and nothing about what they mean (xlink.md §3, §4.7).
 * Every call blocks.
 *
 * Threads: at any time at most one thread reads and at most one thread writes, and these two may be
 * different ones; oak_link_close () may be called by anybody and ends both at once. A reference
 * keeps the operating system's handle open, so that a closed link's number is not used again under
 * a thread that is about to find out.
 *
 * Errors of reading and writing: OAK_ERROR_DISCONNECTED (end of file, reset by the camera,
 * unplugged, or closed by ourselves), OAK_ERROR_TIMED_OUT (the deadline), G_IO_ERROR_CANCELLED.
 * Opening a link may also say OAK_ERROR_UNREACHABLE, OAK_ERROR_NO_ACCESS or OAK_ERROR_BUSY. After
 * any error an unknown part of the bytes has passed: the link is out of step and can only be
 * closed.
 */
#define OAK_TYPE_LINK (oak_link_get_type ())
G_DECLARE_DERIVABLE_TYPE (OakLink, oak_link, OAK, LINK, GObject)

struct _OakLinkClass {
  GObjectClass parent_class;

  /* The most bytes of payload that are handed over in one call, 1 MiB unless a subclass says
   * otherwise in class_init. Over USB it is the size of a transfer; elsewhere it bounds how long
   * nothing is heard of a packet's progress. */
  gsize chunk_size;

  gboolean (*read_all) (OakLink *self,
                        void *buffer,
                        gsize size,
                        gint64 deadline_us,
                        GCancellable *cancellable,
                        GError **error);
  gboolean (*write_all) (OakLink *self,
                         const GOutputVector *vectors,
                         guint n_vectors,
                         gint64 deadline_us,
                         GCancellable *cancellable,
                         GError **error);
  /* Called once, from any thread: wakes both sides, which then fail with
   * OAK_ERROR_DISCONNECTED. It must not wait for them and must not free what they use; that is for
   * finalize. */
  void (*close) (OakLink *self);

  gpointer padding[4];
};

/* No deadline at all, for calls that take one; 0 says the same. */
#define OAK_LINK_NO_DEADLINE G_MAXINT64

/**
 * oak_link_read_all:
 * @buffer: room for @size bytes; after an error its content is undefined
 * @deadline_us: point on the monotonic clock in microseconds, or OAK_LINK_NO_DEADLINE
 *
 * Reads exactly @size bytes. Over USB one call reads one header or one piece of a payload, never
 * across their border.
 */
gboolean
oak_link_read_all (OakLink *self,
                   void *buffer,
                   gsize size,
                   gint64 deadline_us,
                   GCancellable *cancellable,
                   GError **error);

/**
 * oak_link_write_all:
 * @vectors: (array length=n_vectors): what to send, in this order, at most 8; empty ones are passed
 * over
 * @deadline_us: point on the monotonic clock in microseconds, or OAK_LINK_NO_DEADLINE
 *
 * Writes everything. Over USB each vector is a transfer of its own (xlink.md §3, Framing);
 * elsewhere the borders are not seen. The bytes are only read, and only until the call returns.
 */
gboolean
oak_link_write_all (OakLink *self,
                    const GOutputVector *vectors,
                    guint n_vectors,
                    gint64 deadline_us,
                    GCancellable *cancellable,
                    GError **error);

/* Ends the link for both sides, from any thread, any number of times. */
void
oak_link_close (OakLink *self);

/* Returns: TRUE once oak_link_close () was called. Any thread. */
gboolean
oak_link_is_closed (OakLink *self);

/* Returns: the most bytes of payload to hand over in one call. */
gsize
oak_link_get_chunk_size (OakLink *self);

/* Returns: (transfer none): such as "192.168.1.45:11490" or "usb 1-2.3", for logs and messages.
 * Fixed when the link is made, by the construct-only property "description". */
const char *
oak_link_get_description (OakLink *self);

G_END_DECLS
