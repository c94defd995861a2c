/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _SimBoard SimBoard;
typedef struct _SimSession SimSession;

/**
 * SimCamera:
 *
 * A whole camera without its sockets: the board, what runs on it, at most one session, and the
 * passing of time between reset, bootloader and application. Every call is told the time, in
 * microseconds that never run backwards. One owner, no threads.
 */
typedef struct _SimCamera SimCamera;

typedef enum {
  SIM_CAMERA_REBOOTING,
  SIM_CAMERA_BOOTLOADER,
  SIM_CAMERA_FLASH_BOOTED,
  SIM_CAMERA_BRICKED,      /* hangs; no discovery, no TCP */
  SIM_CAMERA_USB_RECOVERY, /* the chip's ROM waits on USB; nothing to be heard on the network */
  SIM_CAMERA_BOOTED,       /* runs firmware that some host has loaded, and is taken */
} SimCameraState;

typedef struct {
  const char *mxid;
  gint64 reboot_ms;
  gint64 watchdog_ms; /* 0: none */
  gboolean is_strict; /* what is missing in the flash is missing at boot from the beginning */
} SimCameraOptions;

/* Keep-alives are expected from here on even if the first one never came. */
#define SIM_WATCHDOG_GRACE_MS 5000
/* A bootloader that was asked for keeps waiting for its host at least this long. */
#define SIM_BOOTLOADER_HOLD_MS 30000

/* Returns: (transfer full): a camera that has just been switched on; takes ownership of @board,
 * whose content is accepted. */
SimCamera *
sim_camera_new (const SimCameraOptions *options, SimBoard *board, gint64 now_us);
void
sim_camera_free (SimCamera *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimCamera, sim_camera_free)

SimBoard *
sim_camera_get_board (SimCamera *self);
const char *
sim_camera_get_mxid (const SimCamera *self);
SimCameraState
sim_camera_get_state (const SimCamera *self);
const char *
sim_camera_state_to_string (SimCameraState state);
/* Returns: what others see; UNKNOWN for nothing. */
OakDeviceState
sim_camera_get_device_state (const SimCamera *self);
/* Of the bootloader that runs, or would. */
OakVersion
sim_camera_get_version (const SimCamera *self);
OakBootloaderType
sim_camera_get_bootloader_type (const SimCamera *self);
gboolean
sim_camera_is_user_bootloader (const SimCamera *self);
/* Returns: how often discovery was answered. */
guint
sim_camera_get_n_answers (const SimCamera *self);

/* The power is taken away and given back: whatever was under way ends here. */
void
sim_camera_power_cycle (SimCamera *self, gint64 now_us);
/* Starts the application now, if the bootloader is running and would start one sooner or later. */
void
sim_camera_start_application (SimCamera *self, gint64 now_us);

/* A host has loaded firmware into it and keeps it. */
void
sim_camera_start_booted (SimCamera *self, gint64 now_us);
/* Told over USB to go to its bootloader, xlink.md §2.1. */
void
sim_camera_go_to_bootloader (SimCamera *self, gint64 now_us);
/* The chip's ROM, which has to be what runs, has received an image; it is started after a reboot's
 * time. */
void
sim_camera_boot_from_rom (SimCamera *self, GBytes *image, gint64 now_us);
/* Returns: how often another state began: each time the camera leaves the USB and comes back. */
guint
sim_camera_get_n_states (const SimCamera *self);

/* A datagram to UDP port 11491. Adds what is to be sent back to @replies, of GBytes. */
void
sim_camera_handle_datagram (SimCamera *self,
                            const void *data,
                            gsize size,
                            GPtrArray *replies,
                            gint64 now_us);

/* Returns: TRUE when TCP port 11490 is open. */
gboolean
sim_camera_wants_connection (const SimCamera *self);
/* A host has connected. Returns: (transfer none) (nullable): NULL to close the connection at once.
 * Valid until sim_camera_close_session (). */
SimSession *
sim_camera_connect (SimCamera *self, gint64 now_us);
/* @size bytes have been put where the session wanted them. */
void
sim_camera_received (SimCamera *self, gsize size, gint64 now_us);
/* The connection is closed: by the host, or by us because the session is finished. */
void
sim_camera_close_session (SimCamera *self, gint64 now_us);

/* Goes on with whatever is due; sim_camera_get_wake () says when, G_MAXINT64 for never. */
void
sim_camera_dispatch (SimCamera *self, gint64 now_us);
gint64
sim_camera_get_wake (const SimCamera *self);

G_END_DECLS
