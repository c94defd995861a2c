/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "replay-host.h"

#include <string.h>

#include "oak-usb-ids.h"
#include "sim-session.h"

void
replay_message_free (ReplayMessage *message)
{
  g_clear_pointer (&message->payload, g_bytes_unref);
  g_free (message);
}

/* Whether a payload of the `__bootloader` stream is a progress message: their number and values are
 * the device's choice. */
gboolean
replay_is_progress (GBytes *payload)
{
  OakBootloaderResponse response;

  return payload != NULL && g_bytes_get_size (payload) == 8 &&
         oak_bootloader_response_decode (&response, g_bytes_get_data (payload, NULL), 8, NULL) &&
         response.command == OAK_RESPONSE_FLASH_STATUS;
}

/* xlink.md §3: a header is one transfer, a payload as many as 1 MiB makes necessary. */
static void
replay_feed_usb (Replay *self, const guint8 *data, gsize size)
{
  while (size > 0 && !replay_is_over (self)) {
    gsize part = MIN (size, (gsize) OAK_USB_CHUNK_SIZE);
    gsize done = 0;

    g_assert_cmpint (sim_usb_write (self->usb, data, part, &done, self->now_us), ==, SIM_USB_DONE);
    g_assert_cmpuint (done, ==, part);
    data += part;
    size -= part;
  }
}

static void
replay_feed (Replay *self, const void *data, gsize size)
{
  const guint8 *bytes = data;

  if (self->usb != NULL) {
    replay_feed_usb (self, data, size);
    return;
  }

  while (size > 0 && !sim_session_is_finished (self->session)) {
    gsize space_size;
    guint8 *space = sim_session_get_space (self->session, &space_size);
    gsize part = MIN (space_size, size);

    g_assert_cmpuint (part, >, 0);
    memcpy (space, bytes, part);
    sim_camera_received (self->camera, part, self->now_us);
    bytes += part;
    size -= part;
  }
}

/* The host numbers its two streams in the order in which it happened to open them. */
guint32
replay_get_stream_id (Replay *self, const char *name)
{
  for (guint i = 0; i < self->connection->messages->len; i++) {
    TraceMessage *message = g_ptr_array_index (self->connection->messages, i);

    if (message->from_host && message->event.type == OAK_XLINK_EVENT_CREATE_STREAM_REQ &&
        g_str_equal (message->event.stream_name, name))
      return message->event.stream_id;
  }
  g_assert_not_reached ();
}

/* The recorded answer that fits, or one made up when the camera sends more progress messages than
 * the recorded device. Which of the recorded ones does not matter: all that distinguishes them are
 * leftovers. */
static OakXlinkEvent
replay_find_answer (Replay *self, const ReplayMessage *request, OakXlinkEventType type)
{
  OakXlinkEvent answer = { .type = type,
                           .stream_id = request->event.stream_id,
                           .size = request->event.size,
                           .flags = 1 };

  if (replay_is_progress (request->payload))
    return answer;
  for (guint i = 0; i < self->connection->messages->len; i++) {
    TraceMessage *message = g_ptr_array_index (self->connection->messages, i);

    if (!message->from_host || message->event.type != type ||
        g_hash_table_contains (self->used, message))
      continue;
    if (type == OAK_XLINK_EVENT_READ_REL_REQ &&
        (message->event.stream_id != request->event.stream_id ||
         message->event.size != request->event.size))
      continue;
    if (type == OAK_XLINK_EVENT_CREATE_STREAM_RESP &&
        !g_str_equal (message->event.stream_name, request->event.stream_name))
      continue;
    g_hash_table_add (self->used, message);
    return message->event;
  }
  if (type == OAK_XLINK_EVENT_CREATE_STREAM_RESP) {
    g_assert_cmpstr (request->event.stream_name, ==, OAK_WATCHDOG_STREAM);
    g_strlcpy (answer.stream_name, OAK_WATCHDOG_STREAM, sizeof answer.stream_name);
    answer.stream_id = replay_get_stream_id (self, OAK_WATCHDOG_STREAM);
    return answer;
  }
  g_assert_cmpint (type, ==, OAK_XLINK_EVENT_READ_REL_RESP);
  return answer;
}

static void
replay_feed_event (Replay *self, const OakXlinkEvent *event)
{
  guint8 header[OAK_XLINK_EVENT_SIZE];

  oak_xlink_event_encode (event, header);
  replay_feed (self, header, sizeof header);
}

static void
replay_answer (Replay *self, const ReplayMessage *request)
{
  OakXlinkEvent answer =
      replay_find_answer (self, request, (OakXlinkEventType) (request->event.type + 8));
  OakXlinkEvent release;

  answer.id = request->event.id;
  replay_feed_event (self, &answer);
  if (request->event.type != OAK_XLINK_EVENT_WRITE_REQ)
    return;
  release = replay_find_answer (self, request, OAK_XLINK_EVENT_READ_REL_REQ);
  g_hash_table_add (self->host_requests, GINT_TO_POINTER (release.id));
  replay_feed_event (self, &release);
}

/* Returns: TRUE when a whole message could be taken from what the camera has sent. */
static gboolean
replay_take_message (Replay *self)
{
  g_autofree ReplayMessage *message = g_new0 (ReplayMessage, 1);
  gsize size = OAK_XLINK_EVENT_SIZE;

  if (self->partial->len < size)
    return FALSE;
  g_assert_true (oak_xlink_event_decode (&message->event, self->partial->data, size, NULL));
  if (message->event.type == OAK_XLINK_EVENT_WRITE_REQ)
    size += message->event.size;
  if (self->partial->len < size)
    return FALSE;
  if (message->event.type == OAK_XLINK_EVENT_WRITE_REQ)
    message->payload =
        g_bytes_new (self->partial->data + OAK_XLINK_EVENT_SIZE, message->event.size);
  g_byte_array_remove_range (self->partial, 0, (guint) size);
  g_ptr_array_add (self->sent, g_steal_pointer (&message));
  return TRUE;
}

static void
replay_answer_messages (Replay *self)
{
  while (replay_take_message (self)) {
    ReplayMessage *message = g_ptr_array_index (self->sent, self->sent->len - 1);

    if (oak_xlink_event_is_request (&message->event))
      replay_answer (self, message);
  }
}

/* Returns: what the stock library asks for next: a header, or what a payload still lacks. */
static gsize
replay_get_posted (Replay *self)
{
  OakXlinkEvent event;

  if (self->partial->len < OAK_XLINK_EVENT_SIZE)
    return OAK_XLINK_EVENT_SIZE - self->partial->len;
  oak_xlink_event_decode (&event, self->partial->data, OAK_XLINK_EVENT_SIZE, NULL);
  return MIN (OAK_XLINK_EVENT_SIZE + (gsize) event.size - self->partial->len,
              (gsize) OAK_USB_CHUNK_SIZE);
}

/* Nothing the camera sends may reach beyond the length asked for, and a header comes whole. */
static void
replay_drain_usb (Replay *self)
{
  g_autofree guint8 *buffer = g_malloc (OAK_USB_CHUNK_SIZE);
  SimUsbResult result = SIM_USB_DONE;

  while (result == SIM_USB_DONE) {
    gsize posted = replay_get_posted (self);
    gsize done = 0;

    result = sim_usb_read (self->usb, buffer, posted, &done, self->now_us);
    g_assert_cmpint (result, !=, SIM_USB_OVERFLOW);
    g_assert_cmpint (result, !=, SIM_USB_STALL);
    g_assert_true (done == posted || done == 0);
    g_byte_array_append (self->partial, buffer, (guint) done);
    replay_answer_messages (self);
  }
}

/* Takes what the camera has sent and answers its requests, until it has nothing more to say. */
static void
replay_drain (Replay *self)
{
  const guint8 *data;
  gsize size;

  /* Nobody reads from the bus after the last connection. */
  if (self->usb != NULL && self->partial != NULL)
    replay_drain_usb (self);
  while (self->session != NULL && sim_session_get_output (self->session, &data, &size)) {
    g_byte_array_append (self->partial, data, (guint) size);
    sim_session_sent (self->session, size);
    replay_answer_messages (self);
  }
}

static gint64
replay_get_wake (Replay *self)
{
  return self->usb != NULL ? sim_usb_get_wake (self->usb) : sim_camera_get_wake (self->camera);
}

gboolean
replay_is_over (Replay *self)
{
  return self->usb != NULL ? sim_usb_get_state (self->usb) == OAK_DEVICE_STATE_UNKNOWN
                           : sim_session_is_finished (self->session);
}

void
replay_run_until (Replay *self, gint64 until_us)
{
  gint64 wake_us;

  replay_drain (self);
  while ((wake_us = replay_get_wake (self)) <= until_us) {
    self->now_us = MAX (self->now_us, wake_us);
    if (self->usb != NULL)
      sim_usb_dispatch (self->usb, self->now_us);
    else
      sim_camera_dispatch (self->camera, self->now_us);
    replay_drain (self);
  }
  self->now_us = MAX (self->now_us, until_us);
}

static gboolean
replay_is_own_request (const TraceMessage *message)
{
  return message->from_host && oak_xlink_event_is_request (&message->event) &&
         message->event.type != OAK_XLINK_EVENT_READ_REL_REQ;
}

void
replay_play_host (Replay *self, const TraceFile *trace)
{
  for (guint i = 0; i < self->connection->messages->len; i++) {
    const TraceMessage *message = g_ptr_array_index (self->connection->messages, i);
    gint64 at_us = message->seconds < 0
                       ? self->now_us + REPLAY_USB_TICK_US
                       : REPLAY_START_US + (gint64) (message->seconds * G_USEC_PER_SEC);

    replay_run_until (self, MAX (at_us, self->now_us));
    if (!replay_is_own_request (message) || replay_is_over (self))
      continue;
    g_hash_table_add (self->host_requests, GINT_TO_POINTER (message->event.id));
    if (message->event.type == OAK_XLINK_EVENT_WRITE_REQ &&
        message->event.stream_id < REPLAY_STREAMS)
      self->n_host_packets[message->event.stream_id]++;
    replay_feed (self, g_bytes_get_data (message->header, NULL), OAK_XLINK_EVENT_SIZE);
    if (message->payload != NULL)
      replay_feed (self,
                   g_bytes_get_data (message->payload, NULL),
                   g_bytes_get_size (message->payload));
    replay_drain (self);
  }
}
