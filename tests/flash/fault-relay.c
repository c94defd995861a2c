/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fault-relay.h"

#include <string.h>

#include "oak-xlink-event.h"

#define BOOTLOADER_STREAM "__bootloader"
/* Larger packets are data, not messages. */
#define LARGEST_MESSAGE 2048
#define NOBODY_S_STREAM 77
#define NOBODY_S_ID     1000

static const char *const names[] = {
  [FAULT_NONE] = "none",
  [FAULT_DROPPED] = "dropped",
  [FAULT_CUT_SHORT] = "cut-short",
  [FAULT_DELAYED] = "delayed",
  [FAULT_DUPLICATED] = "duplicated",
  [FAULT_WRONG_TYPE] = "wrong-type",
  [FAULT_WRONG_ANSWER] = "wrong-answer",
  [FAULT_SHORT_MESSAGE] = "short-message",
  [FAULT_TOO_LONG] = "too-long",
  [FAULT_OTHER_STREAM] = "other-stream",
  [FAULT_UNKNOWN_STREAM] = "unknown-stream",
  [FAULT_WRONG_ID] = "wrong-id",
  [FAULT_FLIPPED_BIT] = "flipped-bit",
  [FAULT_LINK_RESET] = "link-reset",
  [FAULT_LINK_CLOSED] = "link-closed",
};

void
fault_relay_init (FaultRelay *self)
{
  *self = (FaultRelay){ .points = g_array_new (FALSE, FALSE, sizeof (FaultPoint)) };
}

void
fault_relay_clear (FaultRelay *self)
{
  g_array_unref (self->points);
}

void
fault_relay_start (FaultRelay *self, const FaultPoint *target, FaultKind kind, guint delay_ms)
{
  g_array_set_size (self->points, 0);
  memset (self->streams, 0, sizeof self->streams);
  self->kind = kind;
  self->delay_ms = delay_ms;
  self->met = FALSE;
  if (target != NULL)
    self->target = *target;
}

const char *
fault_kind_to_string (FaultKind kind)
{
  return names[kind];
}

char *
fault_point_describe (const FaultPoint *self)
{
  return g_strdup_printf ("to the %s: %s%s%s, number %u",
                          self->to_host ? "host" : "camera",
                          oak_xlink_event_type_to_string (self->type),
                          self->stream[0] != '\0' ? " on " : "",
                          self->stream,
                          self->index);
}

static gboolean
is_same_kind (const FaultPoint *a, const FaultPoint *b)
{
  return a->to_host == b->to_host && a->type == b->type && strcmp (a->stream, b->stream) == 0;
}

static void
name_stream (FaultRelay *self, const OakXlinkEvent *event, FaultPoint *point)
{
  if (event->type == OAK_XLINK_EVENT_CREATE_STREAM_REQ && event->stream_id < 8)
    g_strlcpy (self->streams[event->stream_id], event->stream_name, sizeof self->streams[0]);
  if (event->type == OAK_XLINK_EVENT_CREATE_STREAM_REQ)
    g_strlcpy (point->stream, event->stream_name, sizeof point->stream);
  else if (event->stream_id < 8 && event->type != OAK_XLINK_EVENT_PING_REQ &&
           event->type != OAK_XLINK_EVENT_PING_RESP)
    g_strlcpy (point->stream, self->streams[event->stream_id], sizeof point->stream);
}

static void
identify (FaultRelay *self,
          gboolean to_host,
          const OakXlinkEvent *event,
          const guint8 *payload,
          FaultPoint *point)
{
  *point = (FaultPoint){ .to_host = to_host, .type = event->type };
  name_stream (self, event, point);
  if (event->type == OAK_XLINK_EVENT_WRITE_REQ)
    point->size = event->size;
  if (strcmp (point->stream, BOOTLOADER_STREAM) == 0 && point->size >= 4 &&
      point->size <= LARGEST_MESSAGE)
    point->command = payload[0] | payload[1] << 8 | payload[2] << 16 | (guint32) payload[3] << 24;
  for (guint i = 0; i < self->points->len; i++)
    point->index += is_same_kind (point, &g_array_index (self->points, FaultPoint, i));
}

/* What a wire does to bytes it does to all; only the simulated camera must not be told to do
 * something else than it was. */
gboolean
fault_kind_fits (FaultKind kind, const FaultPoint *point)
{
  gboolean is_message = strcmp (point->stream, BOOTLOADER_STREAM) == 0 && point->size >= 4 &&
                        point->size <= LARGEST_MESSAGE;

  switch (kind) {
  case FAULT_WRONG_ANSWER:
    return is_message && point->to_host;
  case FAULT_SHORT_MESSAGE:
    return point->size >= 4;
  case FAULT_OTHER_STREAM:
    /* A keep-alive reads as the request for the chip's ROM, bootloader.md §4.1. */
    return point->to_host || strcmp (point->stream, "__watchdog") != 0;
  case FAULT_FLIPPED_BIT:
    return point->size > LARGEST_MESSAGE || (point->size > 0 && point->to_host);
  case FAULT_NONE:
  case FAULT_N:
    return FALSE;
  case FAULT_DROPPED:
  case FAULT_CUT_SHORT:
  case FAULT_DELAYED:
  case FAULT_DUPLICATED:
  case FAULT_WRONG_TYPE:
  case FAULT_TOO_LONG:
  case FAULT_UNKNOWN_STREAM:
  case FAULT_WRONG_ID:
  case FAULT_LINK_RESET:
  case FAULT_LINK_CLOSED:
  default:
    return TRUE;
  }
}

static guint32
choose_other_type (guint32 type)
{
  return type == OAK_XLINK_EVENT_PING_RESP ? OAK_XLINK_EVENT_WRITE_RESP : type + 1;
}

/* Returns: (transfer full): the event with another header, and @size bytes of its payload. */
static GBytes *
rebuild (const OakXlinkEvent *event, const guint8 *payload, gsize size)
{
  guint8 *bytes = g_malloc (OAK_XLINK_EVENT_SIZE + size);

  oak_xlink_event_encode (event, bytes);
  if (size > 0)
    memcpy (bytes + OAK_XLINK_EVENT_SIZE, payload, size);
  return g_bytes_new_take (bytes, OAK_XLINK_EVENT_SIZE + size);
}

/* Returns: (transfer full): what comes instead of @bytes. */
static GBytes *
spoil (FaultKind kind, GBytes *bytes, OakXlinkEvent *event, gsize size)
{
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  g_autofree guint8 *payload = g_memdup2 (data + OAK_XLINK_EVENT_SIZE, size);

  switch ((guint) kind) {
  case FAULT_CUT_SHORT:
    return g_bytes_new_from_bytes (bytes, 0, g_bytes_get_size (bytes) / 2);
  case FAULT_WRONG_TYPE:
    event->type = choose_other_type (event->type);
    break;
  case FAULT_WRONG_ANSWER:
    payload[0]++;
    break;
  case FAULT_SHORT_MESSAGE:
    size /= 2;
    event->size = (guint32) size;
    break;
  case FAULT_TOO_LONG:
    event->size += 64;
    break;
  case FAULT_OTHER_STREAM:
    event->stream_id ^= 1;
    break;
  case FAULT_UNKNOWN_STREAM:
    event->stream_id = NOBODY_S_STREAM;
    break;
  case FAULT_WRONG_ID:
    event->id += NOBODY_S_ID;
    break;
  case FAULT_FLIPPED_BIT:
    payload[size / 2] ^= 0x10;
    break;
  default:
    break;
  }
  return rebuild (event, payload, size);
}

static void
apply (FaultRelay *self,
       CutsCamera *camera,
       GBytes *bytes,
       OakXlinkEvent *event,
       const FaultPoint *point)
{
  g_autoptr (GBytes) spoiled = NULL;

  self->met = TRUE;
  if (self->kind == FAULT_DROPPED)
    return;
  if (self->kind == FAULT_LINK_RESET || self->kind == FAULT_LINK_CLOSED) {
    cuts_camera_drop_link (camera, self->kind == FAULT_LINK_RESET);
    return;
  }
  spoiled = spoil (self->kind, bytes, event, point->size);
  if (self->kind == FAULT_DUPLICATED)
    cuts_camera_forward (camera, point->to_host, bytes, 0);
  cuts_camera_forward (camera,
                       point->to_host,
                       spoiled,
                       self->kind == FAULT_DELAYED ? self->delay_ms : 0);
}

void
fault_relay_pass (CutsCamera *camera, gboolean to_host, GBytes *bytes, gpointer user_data)
{
  FaultRelay *self = user_data;
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  OakXlinkEvent event;
  FaultPoint point;

  g_assert_true (oak_xlink_event_decode (&event, data, g_bytes_get_size (bytes), NULL));
  identify (self, to_host, &event, data + OAK_XLINK_EVENT_SIZE, &point);
  g_array_append_val (self->points, point);
  if (self->kind != FAULT_NONE && !self->met && is_same_kind (&point, &self->target) &&
      point.index == self->target.index)
    apply (self, camera, bytes, &event, &point);
  else
    cuts_camera_forward (camera, to_host, bytes, 0);
}
