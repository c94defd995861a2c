/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakDeviceInfo OakDeviceInfo;

/* Whether a camera shown in the list still answers. */
typedef enum {
  OAK_PRESENCE_ANSWERING,
  OAK_PRESENCE_MISSING, /* it answered before; removed a little later unless it was typed by hand */
  OAK_PRESENCE_NO_ANSWER, /* an address typed by hand that never answered */
} OakPresence;

/**
 * OakDevice:
 *
 * One camera as people see it: one row, whatever the number of ways to reach it and of answers it
 * gave. Main thread only. Made and changed by OakDiscovery alone. Properties, all readable with
 * notify: "info" (OakDeviceInfo, boxed), "mxid" (string, nullable), "short-id" (string, nullable),
 * "address" (string, the first one), "state", "presence", "conflict" (boolean: two ids answer at
 * its address; no job may start), "supported" (boolean).
 */
#define OAK_TYPE_DEVICE (oak_device_get_type ())
G_DECLARE_FINAL_TYPE (OakDevice, oak_device, OAK, DEVICE, GObject)

OakDeviceInfo *
oak_device_get_info (OakDevice *self); /* (transfer none) */
const char *
oak_device_get_mxid (OakDevice *self);
const char *
oak_device_get_short_id (OakDevice *self);
const char *
oak_device_get_address (OakDevice *self);
/* All addresses it answered from, first seen first. Returns: (transfer none). */
const char *const *
oak_device_get_addresses (OakDevice *self);
OakDeviceState
oak_device_get_state (OakDevice *self);
OakTransport
oak_device_get_transport (OakDevice *self);
OakPresence
oak_device_get_presence (OakDevice *self);
gboolean
oak_device_get_conflict (OakDevice *self);
gboolean
oak_device_get_typed_by_hand (OakDevice *self);
/* FALSE for platforms this program cannot flash; @reason: (out) (optional) (transfer none)
 * (nullable): the platform's name, "RVC3", "RVC4" or "unknown platform"; NULL when supported. */
gboolean
oak_device_is_supported (OakDevice *self, const char **reason);

G_END_DECLS
