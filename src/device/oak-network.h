/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <net/if.h>

#include "oak-types.h"

G_BEGIN_DECLS

/* IPv4 interfaces and the one door through which discovery datagrams leave and arrive; private to
 * device/. Nothing here blocks; any thread. Addresses are numbers in host order. */

#define OAK_NETWORK_MAX_INTERFACES 64
#define OAK_NETWORK_DATAGRAM_SIZE  1500

typedef struct {
  char name[IF_NAMESIZE];
  guint index;
  guint32 address;
  guint32 mask;
  gboolean is_loopback;
} OakNetworkInterface;

/* Returns: (transfer full): an array of OakNetworkInterface: every IPv4 address of every interface
 * that is up and running and lies in
 * @scope, or only those of @only_name (nullable). */
GArray *
oak_network_list_interfaces (OakNetworkScope scope, const char *only_name, GError **error);
gboolean
oak_network_interface_equal (const OakNetworkInterface *a, const OakNetworkInterface *b);
/* 0: the network is too small to have a broadcast address (/31, /32). */
guint32
oak_network_interface_get_broadcast (const OakNetworkInterface *self);

/* Reads strictly "a.b.c.d". Returns: FALSE without touching @address when @text is anything else.
 */
gboolean
oak_network_parse_address (const char *text, guint32 *address);
/* Returns: (transfer full). */
char *
oak_network_format_address (guint32 address);
gboolean
oak_network_is_loopback (guint32 address);
/* TRUE when @address may be a camera's: not 0.x, broadcast, multicast or reserved, and inside
 * @scope. */
gboolean
oak_network_is_camera_address (OakNetworkScope scope, guint32 address);

/* A non-blocking UDP socket that may broadcast, bound to the address of @interface and to the
 * interface itself where that is permitted; with NULL it is bound to no interface (LOOPBACK: to
 * 127.0.0.1). Returns: the socket, or -1. */
int
oak_network_open_socket (OakNetworkScope scope,
                         const OakNetworkInterface *interface,
                         GError **error);

/* Sends a request of four bytes (xlink.md §4.1) to UDP port 11491 of @address, over @interface
 * (nullable: by route). The only function of the program that sends a datagram. Returns: FALSE with
 * OAK_ERROR_UNREACHABLE (no route, interface gone, queue full, or outside
 * @scope, to which nothing is ever sent). */
gboolean
oak_network_send (int socket_fd,
                  OakNetworkScope scope,
                  const OakNetworkInterface *interface,
                  guint32 address,
                  guint32 command,
                  GError **error);

/* Takes one datagram without waiting. Those from outside @scope are dropped here.
 * Returns: its size, 0 when it was dropped or empty, -1 when none is waiting. */
gssize
oak_network_receive (int socket_fd,
                     OakNetworkScope scope,
                     guint8 buffer[OAK_NETWORK_DATAGRAM_SIZE],
                     guint32 *sender);

/* Asks on every interface of @interfaces: its own broadcast address, and 255.255.255.255 where
 * @scope allows. An interface without a route is passed over. @sockets: one per interface, or
 * (n_sockets 1) one for all. Returns: how many requests were sent. */
guint
oak_network_broadcast (int socket_fd, OakNetworkScope scope, const OakNetworkInterface *interface);

G_END_DECLS
