/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-types.h"

G_BEGIN_DECLS

/* Datagrams of UDP port 11491 (xlink.md §4.1 to §4.6). Pure functions, any thread. */

#define OAK_DISCOVERY_PORT          11491
#define OAK_DISCOVERY_REQUEST_SIZE  4
#define OAK_DISCOVERY_REPLY_SIZE    40
#define OAK_DISCOVERY_REPLY_EX_SIZE 52
#define OAK_DISCOVERY_INFO_SIZE     48
#define OAK_MXID_FIELD_SIZE         32

typedef enum {
  OAK_DISCOVERY_COMMAND_NONE = 0,
  OAK_DISCOVERY_COMMAND_DISCOVER = 1,
  OAK_DISCOVERY_COMMAND_INFO = 2,
  OAK_DISCOVERY_COMMAND_RESET = 3,       /* go to the bootloader; never answered */
  OAK_DISCOVERY_COMMAND_DISCOVER_EX = 4, /* only ever an answer */
} OakDiscoveryCommand;

typedef enum {
  OAK_DISCOVERY_PLATFORM_INVALID = 0,
  OAK_DISCOVERY_PLATFORM_RVC2 = 2, /* Myriad X */
  OAK_DISCOVERY_PLATFORM_RVC3 = 3,
  OAK_DISCOVERY_PLATFORM_RVC4 = 4,
} OakDiscoveryPlatform;

typedef struct {
  guint32 command; /* DISCOVER or DISCOVER_EX */
  char mxid[OAK_MXID_FIELD_SIZE +
            1];         /* terminated here; printable ASCII only, checked by decode; never empty */
  OakDeviceState state; /* UNKNOWN for numbers the protocol does not define */
  guint32 protocol;     /* DISCOVER_EX only; 4 = TCP/IP */
  OakDiscoveryPlatform platform; /* DISCOVER means RVC2; others survive as numbers */
} OakDiscoveryReply;

typedef struct {
  char mxid[OAK_MXID_FIELD_SIZE + 1];
  gint32 link_speed;
  gint32 full_duplex;
  gint32 gpio_boot_mode;
} OakDiscoveryInfo;

void
oak_discovery_request_encode (OakDiscoveryCommand command,
                              guint8 bytes[OAK_DISCOVERY_REQUEST_SIZE]);
/* Longer requests are accepted and only their first word is read. Returns: FALSE with
 * OAK_ERROR_PROTOCOL on fewer than 4 bytes. */
gboolean
oak_discovery_request_decode (guint32 *command, const void *data, gsize size, GError **error);

/* Returns: (transfer full): 40 bytes for DISCOVER, 52 for DISCOVER_EX. */
GBytes *
oak_discovery_reply_encode (const OakDiscoveryReply *self);
/* Returns: FALSE with OAK_ERROR_PROTOCOL for a wrong command, too few bytes, an empty id or one
 * that is not printable ASCII. */
gboolean
oak_discovery_reply_decode (OakDiscoveryReply *self, const void *data, gsize size, GError **error);

GBytes *
oak_discovery_info_encode (const OakDiscoveryInfo *self);
gboolean
oak_discovery_info_decode (OakDiscoveryInfo *self, const void *data, gsize size, GError **error);

G_END_DECLS
