/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "oak-types.h"

G_BEGIN_DECLS

/**
 * OakDeviceInfo:
 *
 * What discovery knows of one camera at one moment and one way to reach it. Immutable, atomically
 * reference-counted: crosses threads.
 */
typedef struct _OakDeviceInfo OakDeviceInfo;

#define OAK_TYPE_DEVICE_INFO (oak_device_info_get_type ())
GType
oak_device_info_get_type (void); /* boxed, for properties */

/* @mxid: (nullable): NULL when only an address typed by hand is known; @address: dotted IPv4 text.
 */
OakDeviceInfo *
oak_device_info_new_network (const char *mxid, const char *address, OakDeviceState state);
/* @mxid: (nullable): an unbooted camera has none; @path: bus and ports, such as "1.2.13";
 * @peer_path: (nullable): the same socket on the other of the USB 2 and USB 3 buses. The address is
 * then "usb:1.2.13". */
OakDeviceInfo *
oak_device_info_new_usb (const char *mxid,
                         const char *path,
                         const char *peer_path,
                         OakDeviceState state);
/* A copy with another state. */
OakDeviceInfo *
oak_device_info_with_state (const OakDeviceInfo *self, OakDeviceState state);
OakDeviceInfo *
oak_device_info_with_mxid (const OakDeviceInfo *self, const char *mxid);
OakDeviceInfo *
oak_device_info_with_address (const OakDeviceInfo *self, const char *address);

OakDeviceInfo *
oak_device_info_ref (OakDeviceInfo *self);
void
oak_device_info_unref (OakDeviceInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakDeviceInfo, oak_device_info_unref)

const char *
oak_device_info_get_mxid (const OakDeviceInfo *self); /* (nullable) */
const char *
oak_device_info_get_address (const OakDeviceInfo *self);
/* Returns: (transfer none) (nullable): NULL over the network. */
const char *
oak_device_info_get_usb_path (const OakDeviceInfo *self);
const char *
oak_device_info_get_usb_peer_path (const OakDeviceInfo *self); /* (nullable) */
OakTransport
oak_device_info_get_transport (const OakDeviceInfo *self);
OakDeviceState
oak_device_info_get_state (const OakDeviceInfo *self);
gboolean
oak_device_info_is_loopback (const OakDeviceInfo *self);
gboolean
oak_device_info_equal (const OakDeviceInfo *a, const OakDeviceInfo *b);

/* The id shown and typed: digits 11 to 16 of the MXID (the last two are nearly always 00), upper
 * case; the whole MXID when it is shorter than 16. Returns: (transfer full): lengthened to the left
 * until it differs from that of every other id in @others. */
char *
oak_short_id (const char *mxid, const char *const *others);
/* TRUE when @typed means @mxid: equal, or @typed has at least six characters and ends where the
 * short id ends. Case-insensitive. */
gboolean
oak_short_id_matches (const char *mxid, const char *typed);

G_END_DECLS
