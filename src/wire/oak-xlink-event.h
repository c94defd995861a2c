/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* XLink events: the 84-byte header every message on a link begins with (xlink.md §5.1 to §5.4).
 * Pure functions, any thread. */

#define OAK_XLINK_EVENT_SIZE        84
#define OAK_XLINK_STREAM_NAME_SIZE  52 /* at most 51 characters and a NUL */
#define OAK_XLINK_INVALID_STREAM_ID 0xdeaddeadu
#define OAK_XLINK_MAX_STREAMS       32
#define OAK_XLINK_MAX_PACKETS       64    /* unreleased, per stream and direction */
#define OAK_XLINK_PORT              11490 /* TCP */
#define OAK_XLINK_CREDIT_ROUNDING   64
/* The largest payload anyone needs here: one packet of 5 MiB (bootloader.md §2.1). A larger
 * announced size is an error. */
#define OAK_XLINK_MAX_PACKET_SIZE (5 * 1024 * 1024)

typedef enum {
  OAK_XLINK_EVENT_WRITE_REQ = 0,
  OAK_XLINK_EVENT_READ_REL_REQ = 2,
  OAK_XLINK_EVENT_CREATE_STREAM_REQ = 3,
  OAK_XLINK_EVENT_CLOSE_STREAM_REQ = 4,
  OAK_XLINK_EVENT_PING_REQ = 5,
  OAK_XLINK_EVENT_RESET_REQ = 6,
  OAK_XLINK_EVENT_WRITE_RESP = 8,
  OAK_XLINK_EVENT_READ_REL_RESP = 10,
  OAK_XLINK_EVENT_CREATE_STREAM_RESP = 11,
  OAK_XLINK_EVENT_CLOSE_STREAM_RESP = 12,
  OAK_XLINK_EVENT_PING_RESP = 13,
  OAK_XLINK_EVENT_RESET_RESP = 14,
} OakXlinkEventType;

#define OAK_XLINK_FLAG_ACK          0x001u
#define OAK_XLINK_FLAG_NACK         0x002u
#define OAK_XLINK_FLAG_SIZE_TOO_BIG 0x040u

typedef struct {
  gint32 id;    /* chosen by the requester, echoed in the response */
  guint32 type; /* OakXlinkEventType; validated by decode */
  char stream_name[OAK_XLINK_STREAM_NAME_SIZE + 1]; /* always terminated here */
  guint32 nanoseconds;
  guint32 seconds_low;
  guint32 seconds_high;
  guint32 stream_id;
  guint32 size; /* WRITE_REQ: payload bytes that follow the header */
  guint32 flags;
} OakXlinkEvent;

/* Writes exactly 84 bytes. A stream name longer than 51 characters is cut. */
void
oak_xlink_event_encode (const OakXlinkEvent *self, guint8 bytes[OAK_XLINK_EVENT_SIZE]);

/* Reads the first 84 of @size bytes. Returns: FALSE with OAK_ERROR_PROTOCOL when there are fewer,
 * when the type is none of the enum (1, 7, 9, >= 15), or when a WRITE_REQ announces more than
 * OAK_XLINK_MAX_PACKET_SIZE. */
gboolean
oak_xlink_event_decode (OakXlinkEvent *self, const void *data, gsize size, GError **error);

gboolean
oak_xlink_event_is_request (const OakXlinkEvent *self);
/* A response to @request with zeroed name, stream and size where xlink.md §5.4 calls the field
 * stale, and the ack flag. */
void
oak_xlink_event_init_response (OakXlinkEvent *self, const OakXlinkEvent *request);
/* Returns: (transfer none): "WRITE_REQ", or "unknown". */
const char *
oak_xlink_event_type_to_string (guint32 type);

G_END_DECLS
