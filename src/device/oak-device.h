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
 * its address; no job may start), "supported" (boolean), "usb-access" (OakUsbAccess as int),
 * "usb-speed" (uint). A camera on USB has the address "usb:1.2.13", and one that is unbooted has no
 * id beside it.
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
/* Returns: (transfer none) (nullable): "1.2.13" when one of the ways to it is USB. */
const char *
oak_device_get_usb_path (OakDevice *self);
/* Whether it can be opened on USB; FINE when it is spoken to over the network. */
OakUsbAccess
oak_device_get_usb_access (OakDevice *self);
/* In Mbit/s: 480, 5000, ...; 0: not on USB, or not known. */
guint
oak_device_get_usb_speed (OakDevice *self);
/* TRUE when it runs at high speed and could do SuperSpeed: the cable, or the socket. */
gboolean
oak_device_get_usb_could_be_faster (OakDevice *self);
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
