/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-xlink-event.h"

#include <string.h>

#include "oak-error.h"
#include "oak-reader.h"
#include "oak-writer.h"

/* The header every message on a link begins with, to and from bytes (xlink.md §5.1). It knows
 * nothing of streams or credit. Pure functions, any thread. */

static const char *const type_names[] = {
  [OAK_XLINK_EVENT_WRITE_REQ] = "WRITE_REQ",
  [OAK_XLINK_EVENT_READ_REL_REQ] = "READ_REL_REQ",
  [OAK_XLINK_EVENT_CREATE_STREAM_REQ] = "CREATE_STREAM_REQ",
  [OAK_XLINK_EVENT_CLOSE_STREAM_REQ] = "CLOSE_STREAM_REQ",
  [OAK_XLINK_EVENT_PING_REQ] = "PING_REQ",
  [OAK_XLINK_EVENT_RESET_REQ] = "RESET_REQ",
  [OAK_XLINK_EVENT_WRITE_RESP] = "WRITE_RESP",
  [OAK_XLINK_EVENT_READ_REL_RESP] = "READ_REL_RESP",
  [OAK_XLINK_EVENT_CREATE_STREAM_RESP] = "CREATE_STREAM_RESP",
  [OAK_XLINK_EVENT_CLOSE_STREAM_RESP] = "CLOSE_STREAM_RESP",
  [OAK_XLINK_EVENT_PING_RESP] = "PING_RESP",
  [OAK_XLINK_EVENT_RESET_RESP] = "RESET_RESP",
};

#define RESPONSE_BIT 8u /* a response is its request plus 8, xlink.md §5.2 */

static const char *
find_type_name (guint32 type)
{
  return type < G_N_ELEMENTS (type_names) ? type_names[type] : NULL;
}

void
oak_xlink_event_encode (const OakXlinkEvent *self, guint8 bytes[OAK_XLINK_EVENT_SIZE])
{
  g_auto (OakWriter) writer = { NULL };

  oak_writer_init (&writer);
  oak_writer_i32 (&writer, self->id);
  oak_writer_u32 (&writer, self->type);
  oak_writer_text (&writer, self->stream_name, OAK_XLINK_STREAM_NAME_SIZE);
  oak_writer_u32 (&writer, self->nanoseconds);
  oak_writer_u32 (&writer, self->seconds_low);
  oak_writer_u32 (&writer, self->seconds_high);
  oak_writer_u32 (&writer, self->stream_id);
  oak_writer_u32 (&writer, self->size);
  oak_writer_u32 (&writer, self->flags);
  g_assert (oak_writer_get_size (&writer) == OAK_XLINK_EVENT_SIZE);
  memcpy (bytes, oak_writer_get_data (&writer), OAK_XLINK_EVENT_SIZE);
}

static gboolean
check_event (const OakXlinkEvent *self, GError **error)
{
  if (find_type_name (self->type) == NULL) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_PROTOCOL,
                 "unknown event type %u (0x%x)",
                 self->type,
                 self->type);
    return FALSE;
  }
  if (self->type == OAK_XLINK_EVENT_WRITE_REQ && self->size > OAK_XLINK_MAX_PACKET_SIZE) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_PROTOCOL,
                 "a packet of %u bytes is announced, more than %d",
                 self->size,
                 OAK_XLINK_MAX_PACKET_SIZE);
    return FALSE;
  }
  return TRUE;
}

gboolean
oak_xlink_event_decode (OakXlinkEvent *self, const void *data, gsize size, GError **error)
{
  OakReader reader;

  oak_reader_init (&reader, data, size);
  self->id = oak_reader_i32 (&reader, "id");
  self->type = oak_reader_u32 (&reader, "type");
  oak_reader_text (&reader, self->stream_name, OAK_XLINK_STREAM_NAME_SIZE, "streamName");
  self->nanoseconds = oak_reader_u32 (&reader, "tnsec");
  self->seconds_low = oak_reader_u32 (&reader, "tsecLsb");
  self->seconds_high = oak_reader_u32 (&reader, "tsecMsb");
  self->stream_id = oak_reader_u32 (&reader, "streamId");
  self->size = oak_reader_u32 (&reader, "size");
  self->flags = oak_reader_u32 (&reader, "flags");
  return oak_reader_finish (&reader, error) && check_event (self, error);
}

gboolean
oak_xlink_event_is_request (const OakXlinkEvent *self)
{
  return self->type < RESPONSE_BIT;
}

void
oak_xlink_event_init_response (OakXlinkEvent *self, const OakXlinkEvent *request)
{
  OakXlinkEvent response = {
    .id = request->id,
    .type = request->type + RESPONSE_BIT,
    .flags = OAK_XLINK_FLAG_ACK,
  };

  if (request->type == OAK_XLINK_EVENT_CREATE_STREAM_REQ)
    memcpy (response.stream_name, request->stream_name, sizeof response.stream_name);
  if (request->type == OAK_XLINK_EVENT_CREATE_STREAM_REQ ||
      request->type == OAK_XLINK_EVENT_WRITE_REQ) {
    response.stream_id = request->stream_id;
    response.size = request->size;
  }
  if (request->type == OAK_XLINK_EVENT_CLOSE_STREAM_REQ)
    response.stream_id = request->stream_id;
  *self = response;
}

const char *
oak_xlink_event_type_to_string (guint32 type)
{
  const char *name = find_type_name (type);

  return name != NULL ? name : "unknown";
}
