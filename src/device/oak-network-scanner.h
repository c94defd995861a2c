/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-types.h"

G_BEGIN_DECLS

/**
 * OakNetworkScanner:
 *
 * Asks the network who is there, on every interface at once, and hands over what answers. Knows
 * nothing of cameras' histories. Lives in the thread-default main context it was made in, never
 * blocks; private to device/.
 */
typedef struct _OakNetworkScanner OakNetworkScanner;
typedef struct _OakHeardAnswer OakHeardAnswer;

/* One valid answer. @sender is the camera's address, dotted. */
struct _OakHeardAnswer {
  const char *mxid;
  const char *address;
  OakDeviceState state;
  guint platform; /* OakDiscoveryPlatform */
};

typedef void (*OakNetworkScannerFunc) (const OakHeardAnswer *answer, gpointer user_data);

OakNetworkScanner *
oak_network_scanner_new (OakNetworkScope scope,
                         const char *interface_name,
                         OakNetworkScannerFunc heard,
                         gpointer user_data);
void
oak_network_scanner_free (OakNetworkScanner *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakNetworkScanner, oak_network_scanner_free)

/* Looks at the interfaces afresh, keeps the sockets of those that are as they were, and asks on
 * each, then at each of @addresses. What fails on one interface is logged and does no harm to the
 * others. Returns: FALSE, with the reason, when nothing at all could be asked. */
gboolean
oak_network_scanner_ask (OakNetworkScanner *self,
                         const guint32 *addresses,
                         gsize n_addresses,
                         GError **error);

/* Closes all sockets. The next round opens them again. */
void
oak_network_scanner_pause (OakNetworkScanner *self);

G_END_DECLS
