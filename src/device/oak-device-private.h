/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-device.h"

G_BEGIN_DECLS

typedef struct _OakUsbFacts OakUsbFacts;

/* How discovery makes and changes a camera. Main thread. */

/* Everything there is to say about a camera; all members are borrowed. */
typedef struct {
  const char *mxid;             /* (nullable) */
  const char *short_id;         /* (nullable) */
  const char *const *addresses; /* at least one; first seen first */
  guint primary;                /* index of the address to speak to */
  OakDeviceState state;
  OakPresence presence;
  gboolean conflict;
  gboolean typed_by_hand;
  guint platform;         /* OakDiscoveryPlatform */
  const OakUsbFacts *usb; /* (nullable): not on USB */
  gboolean prefers_usb;   /* the primary address is the one on USB */
} OakDeviceFields;

OakDevice *
oak_device_new (const OakDeviceFields *fields);
/* Notifies of what differs, once everything is in place. Returns: TRUE when anything did. */
gboolean
oak_device_update (OakDevice *self, const OakDeviceFields *fields);

G_END_DECLS
