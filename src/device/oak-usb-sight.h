/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _OakDeviceInfo OakDeviceInfo;
typedef struct _OakUsbFacts OakUsbFacts;

/* One look at the bus, and what it says about one camera. Blocks for milliseconds, any thread;
 * private to device/. */
typedef struct {
  OakUsbFacts *camera;   /* (owned) (nullable): the camera itself */
  OakUsbFacts *stranger; /* (owned) (nullable): another one in its socket */
  gboolean twice;        /* two say that they are the camera */
} OakUsbSight;

/* A camera with an id is whoever says so, wherever it is, or an unbooted one in its socket, which
 * cannot say. One without is whoever is at its path. */
gboolean
oak_usb_sight_take (OakUsbSight *self, const OakDeviceInfo *info, GError **error);
void
oak_usb_sight_clear (OakUsbSight *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OakUsbSight, oak_usb_sight_clear)

/* Returns: (transfer full): the ids of all bootloaders on the bus, as keys. */
GHashTable *
oak_usb_sight_list_bootloaders (GError **error);

/**
 * oak_usb_sight_find_newcomer:
 * @info: where the camera was
 * @known: bootloaders that were there before its image was started
 *
 * Which bootloader in the camera's socket is new? Returns: (transfer full) (nullable): NULL without
 * an error when there is none yet; OAK_ERROR_WRONG_DEVICE when there are two.
 */
OakUsbFacts *
oak_usb_sight_find_newcomer (const OakDeviceInfo *info, GHashTable *known, GError **error);

G_END_DECLS
