/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OakTimeouts:
 *
 * Every wait of the product, in milliseconds, in one place, passed down from the job. Tests scale
 * it. A deadline is a point on the monotonic clock in microseconds (g_get_monotonic_time ()), so
 * that suspending and setting the clock do no harm.
 */
typedef struct {
  guint discovery_answer_ms; /* silence after a unicast discovery request; a camera on a LAN answers
                                within milliseconds */
  guint discovery_settle_ms; /* how long after the first answer a second camera at the same address
                                may still show itself */
  guint search_ms;           /* looking for a camera by its id on all interfaces */
  guint connect_ms;          /* opening the TCP connection */
  guint ping_ms;             /* first answer on a new link */
  guint open_stream_ms;      /* answer to CREATE_STREAM */
  guint greeting_ms; /* the camera's own CREATE_STREAM on a link that may have been used before;
                        it comes with the answer to the ping */
  guint query_ms;    /* a small question to the bootloader */
  guint packet_ms; /* one packet of up to 5 MiB accepted and released; restarts with every packet */
  guint progress_silence_ms; /* nothing heard while the camera writes; below the application only
                                ever a warning */
  guint reboot_ms;           /* camera gone and back in its bootloader */
  guint reset_ms;            /* answer or end of file after RESET */
  guint keep_alive_ms;    /* period of the keep-alive; the bootloader resets after 1500 ms without
                             (bootloader.md §2.2) */
  guint start_margin_ms;  /* added to the bootloader's own wait before the application's start is
                             called missing */
  guint confirm_ms;       /* how long a prepared session is held while a person decides */
  guint give_up_offer_ms; /* silence while the bootloader is written, until a person may decide to
                             wait no longer */
  guint
      server_answer_ms; /* a server on the Internet: name, connection and the head of its answer */
  guint server_silence_ms; /* between two pieces of what it sends */
  guint server_pause_ms;   /* before a broken download is tried again; doubles each time */
  guint download_ms;       /* a download altogether, all tries */
} OakTimeouts;

#define OAK_KEEP_ALIVE_MS 750 /* half of the bootloader's 1500 ms, bootloader.md §2.2 */

void
oak_timeouts_init (OakTimeouts *self);
/* Multiplies every time but the keep-alive, at least 1 ms; for tests and slow machines. */
void
oak_timeouts_scale (OakTimeouts *self, double factor);

/* Returns: the point @timeout_ms from now, in microseconds of the monotonic clock. */
gint64
oak_deadline_in_ms (guint timeout_ms);
/* Returns: milliseconds left, rounded up, 0 when it has passed, at most G_MAXINT. */
int
oak_deadline_left_ms (gint64 deadline_us);
gboolean
oak_deadline_has_passed (gint64 deadline_us);

G_END_DECLS
