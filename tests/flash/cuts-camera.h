/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-link.h"
#include "oak-types.h"
#include "sim-board.h"
#include "sim-flash.h"

G_BEGIN_DECLS

/**
 * CutsCamera:
 *
 * A simulated camera inside the test's own process, on a virtual clock that moves only when the
 * camera has something to do or somebody waits for it: no sockets, no sleeping. The product reaches
 * it through an OakLink in memory (cuts_camera_connect ()) and through the connector of
 * cuts-connector.c. Every call takes the camera's lock: any thread.
 */
typedef struct _CutsCamera CutsCamera;

#define CUTS_MXID    "18443010E1B2C3D400"
#define CUTS_ADDRESS "127.0.0.2"

/* A camera as its factory made it, with these memories. */
CutsCamera *
cuts_camera_new (const SimBoardOptions *options);
void
cuts_camera_free (CutsCamera *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CutsCamera, cuts_camera_free)

/* Returns: (transfer none): to be touched only while no link is open. */
SimBoard *
cuts_camera_get_board (CutsCamera *self);
gint64
cuts_camera_get_time_us (CutsCamera *self);

/* Takes the power away and gives it back; what is under way ends here. With the lock held, as
 * inside a relay: cuts_camera_cut_power (). */
void
cuts_camera_power_cycle (CutsCamera *self);
void
cuts_camera_cut_power (CutsCamera *self);

/* Asks as discovery does. Returns: FALSE when the camera is silent. */
gboolean
cuts_camera_ask (CutsCamera *self, char *mxid, gsize mxid_size, OakDeviceState *state);
/* "Go to bootloader" over UDP. */
void
cuts_camera_stop_application (CutsCamera *self);
/* Lets virtual time pass until the camera answers in a state of @state_mask (1 << OakDeviceState),
 * at most @timeout_ms. Returns: the last state heard. */
OakDeviceState
cuts_camera_wait (CutsCamera *self, guint state_mask, guint timeout_ms);
/* The same without an end, but only as long as the camera has anything to do; TRUE: it hangs, or
 * waits in its chip's ROM. */
gboolean
cuts_camera_is_lost (CutsCamera *self);

/* Returns: (transfer full): NULL with OAK_ERROR_UNREACHABLE when nobody listens. */
OakLink *
cuts_camera_connect (CutsCamera *self, GError **error);

/* Called with the lock held for each whole event (84 bytes and its payload) on its way, which goes
 * nowhere unless it is forwarded. NULL: everything passes. */
typedef void (*CutsRelayFunc) (CutsCamera *self,
                               gboolean to_host,
                               GBytes *event,
                               gpointer user_data);
void
cuts_camera_set_relay (CutsCamera *self, CutsRelayFunc relay, gpointer user_data);
/* Inside a relay only. What has to wait for @delay_ms of real time keeps everything behind it
 * waiting, as on a wire. */
void
cuts_camera_forward (CutsCamera *self, gboolean to_host, GBytes *event, guint delay_ms);
/* Inside a relay only: the link is gone for both sides. @hard: also what was already on its way. */
void
cuts_camera_drop_link (CutsCamera *self, gboolean hard);

/* The one camera that connectors made from now on lead to; (nullable). */
void
cuts_connector_set_camera (CutsCamera *camera);
/* Whether somebody else answers from the next question on. */
void
cuts_connector_swap_camera (const char *mxid);

/* Comparing what the camera holds is called worth it so often, and no more; cuts-pace.c. */
void
cuts_pace_set (guint n_times);

G_END_DECLS
