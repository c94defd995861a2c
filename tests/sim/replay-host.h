/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-bootloader-message.h"
#include "sim-camera.h"
#include "sim-usb.h"
#include "trace-file.h"

G_BEGIN_DECLS

/* The recorded host of a trace, played against a simulated camera at the recorded times on a
 * virtual clock. One thread. */

#define REPLAY_MXID        "14442C10D1234567D0"
#define REPLAY_START_US    (G_USEC_PER_SEC * 100)
#define REPLAY_USB_TICK_US 1000
#define REPLAY_STREAMS     2
#define REPLAY_SETTLE_US   (G_USEC_PER_SEC * 3) /* the watchdog ends what a lost link left behind */

typedef struct {
  OakXlinkEvent event;
  GBytes *payload; /* (owned) (nullable) */
} ReplayMessage;

typedef struct {
  SimCamera *camera; /* (owned) */
  gint64 now_us;
  SimSession *session; /* (unowned) (nullable) */
  SimUsb *usb;         /* (owned) (nullable): plays over it instead, transfer by transfer */
  GPtrArray *sent;     /* (owned) of ReplayMessage: by the camera, in this connection */
  GByteArray *partial; /* (owned): its bytes not yet taken apart */
  const TraceConnection *connection; /* (unowned) */
  GHashTable *used;                  /* (owned) of TraceMessage: recorded answers played already */
  guint n_host_packets[REPLAY_STREAMS]; /* played, by stream */
  GHashTable *host_requests;            /* (owned) of id: played */
} Replay;

void
replay_message_free (ReplayMessage *message);
/* Whether a payload of the `__bootloader` stream is a progress message: their number and values are
 * the device's choice. */
gboolean
replay_is_progress (GBytes *payload);
/* The host numbers its two streams in the order in which it happened to open them. */
guint32
replay_get_stream_id (Replay *self, const char *name);
/* Returns: TRUE when the camera has ended the connection. */
gboolean
replay_is_over (Replay *self);
void
replay_run_until (Replay *self, gint64 until_us);
void
replay_play_host (Replay *self, const TraceFile *trace);

G_END_DECLS
