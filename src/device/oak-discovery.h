/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakDevice OakDevice;

/**
 * OakDiscovery:
 *
 * The live list of cameras: a GListModel of OakDevice. Looks at USB, unless it is a
 * demonstration's, and asks on every IPv4 interface at once (subnet broadcast and 255.255.255.255)
 * and at addresses typed by hand; it never opens a session, so looking does not disturb a camera. A
 * row appears as soon as its answer arrives; answers over several interfaces are one row; a camera
 * that stops answering is marked before it is removed; two ids from one address mark both rows.
 * Rows are never re-sorted: order of appearance. Lives in the thread-default main context it was
 * made in.
 *
 * Properties: "scanning" (boolean: a round that somebody asked for, by starting or refreshing, is
 * under way; the rounds that follow by themselves do not blink), "problem" (string, nullable: why
 * no network can be asked at all).
 */
#define OAK_TYPE_DISCOVERY (oak_discovery_get_type ())
G_DECLARE_FINAL_TYPE (OakDiscovery, oak_discovery, OAK, DISCOVERY, GObject)

/* @interface_name: (nullable): ask on this interface only. Does not start. */
OakDiscovery *
oak_discovery_new (OakNetworkScope scope, const char *interface_name);

/* Milliseconds between two rounds (default 1000), and how many silent rounds until marked (3) and
 * removed (10). For tests. */
void
oak_discovery_set_pace (OakDiscovery *self,
                        guint round_ms,
                        guint rounds_until_missing,
                        guint rounds_until_removed);

void
oak_discovery_start (OakDiscovery *self); /* sends the first round at once */
void
oak_discovery_stop (OakDiscovery *self);
void
oak_discovery_refresh (OakDiscovery *self); /* a round now; silent rows count on */

/* Adds an address typed by hand, asked by unicast in every round; its row stays also when nothing
 * answers. Returns: FALSE with OAK_ERROR_NOT_FOUND when @address is no dotted IPv4 address, or one
 * that cannot be a camera's (0.0.0.0, broadcast, multicast; in LOOPBACK scope anything outside
 * 127.0.0.0/8). The message says what a right one looks like. */
gboolean
oak_discovery_add_address (OakDiscovery *self, const char *address, GError **error);
void
oak_discovery_remove_address (OakDiscovery *self, const char *address);

/* While a job works on a camera its row is marked when it is silent, but not removed, however long
 * it takes. Counted; without effect on a device that is not in the list. */
void
oak_discovery_hold (OakDiscovery *self, OakDevice *device);
void
oak_discovery_release (OakDiscovery *self, OakDevice *device);

/* Returns: (transfer none) (nullable): by MXID, short id or address. More than one match is an
 * error (OAK_ERROR_WRONG_DEVICE, both are named), none is OAK_ERROR_NOT_FOUND. */
OakDevice *
oak_discovery_find (OakDiscovery *self, const char *text, GError **error);

/* Returns: (transfer full): name, address and mask of each IPv4 interface that would be asked, one
 * per string, such as "eth0 192.168.1.5/24"; for the empty state's remedies. */
char **
oak_discovery_list_interfaces (OakDiscovery *self);

gboolean
oak_discovery_get_scanning (OakDiscovery *self);
/* Returns: (transfer none) (nullable). */
const char *
oak_discovery_get_problem (OakDiscovery *self);

G_END_DECLS
