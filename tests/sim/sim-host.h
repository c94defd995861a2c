/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-bootloader-message.h"
#include "oak-xlink-event.h"
#include "sim-board.h"
#include "sim-camera.h"

G_BEGIN_DECLS

/* The host's end of a session with a simulated camera, in process and on a virtual clock;
 * well-behaved unless told otherwise. One thread. */
typedef struct {
  SimCamera *camera;   /* (owned) */
  SimSession *session; /* (unowned) (nullable) */
  gint64 now_us;
  gint32 next_id;
  gboolean keeps_alive;   /* a keep-alive each 750 ms while time passes */
  gboolean keeps_packets; /* received packets are not given back */
  gint64 kept_alive_us;
  GByteArray *partial;   /* (owned) */
  GQueue packets;        /* (owned) of GBytes: from the stream `__bootloader` */
  guint n_responses[16]; /* by type */
  guint n_releases;
  guint n_creates;
  OakXlinkEvent last;    /* event received */
  gboolean got_nonsense; /* an event that cannot be read */
} SimHost;

#define SIM_HOST_MXID          "14442C10D1234567D0"
#define SIM_HOST_REBOOT_MS     300
#define SIM_HOST_APPLICATION   0x800000
#define SIM_HOST_FIRMWARE      (SIM_HOST_APPLICATION + 0x200)
#define SIM_HOST_BOOTLOADER_ID 0
#define SIM_HOST_WATCHDOG_ID   1

/* Takes ownership of @camera, which was made at time 1 s. */
void
sim_host_init (SimHost *self, SimCamera *camera);
void
sim_host_clear (SimHost *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SimHost, sim_host_clear)

/* Connects only; the camera must want it. */
void
sim_host_connect (SimHost *self);
/* Connects, pings, opens both streams and sends the first keep-alive. */
void
sim_host_open (SimHost *self);
void
sim_host_feed (SimHost *self, const void *data, gsize size);
void
sim_host_send_event (SimHost *self,
                     OakXlinkEventType type,
                     const char *name,
                     guint32 stream_id,
                     guint32 size);
void
sim_host_send_packet (SimHost *self, guint32 stream_id, const void *data, gsize size);
void
sim_host_send_request (SimHost *self, const OakBootloaderRequest *request);
/* UpdateFlashEx2 and its data. */
void
sim_host_send_write (SimHost *self, guint32 offset, const void *data, gsize size);

/* Lets time pass. */
void
sim_host_wait_ms (SimHost *self, gint64 ms);
/* Closes the connection as the camera's server would: because the camera has finished, or because
 * the host went away. */
void
sim_host_close (SimHost *self);
/* RESET, then close. */
void
sim_host_reset (SimHost *self);
/* Returns: TRUE when the camera has ended the session. */
gboolean
sim_host_is_over (SimHost *self);

/* Asks for the version. Returns: its patch number; 0 when there was no answer. */
guint
sim_host_ask_version (SimHost *self);
/* Returns: the success of the closing response of a write, waiting up to a minute; -1 for none. */
int
sim_host_wait_for_write (SimHost *self);

/* Returns: the state in the answer to a discovery request, 0 for no answer. */
guint
sim_host_discover (SimHost *self, char *mxid);
void
sim_host_send_udp_reset (SimHost *self);

void
sim_host_default_options (SimBoardOptions *options);
SimBoard *
sim_host_make_board (const SimBoardOptions *options, const char *fault);
void
sim_host_start (SimHost *host, SimBoard *board);
/* A camera with a whole application in its flash, which starts after @wait_ms. */
void
sim_host_start_with_application (SimHost *host, int wait_ms, const char *fault);
void
sim_host_start_plain (SimHost *host, const char *fault);
SimFlash *
sim_host_get_nor (SimHost *host);
void
sim_host_assert_state (SimHost *host, SimCameraState state);

G_END_DECLS
