/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-error.h"
#include "oak-xlink-session-private.h"

/* The "xlink-reader" thread: reads events and sorts them into streams, answers and credit. It never
 * writes and never waits for anybody but the camera: what is to be answered is queued for the
 * writer. Ends when the link is lost, and says so. */

/* Queues the answer to @request; the caller may change it first. */
static OakXlinkOutput *
new_response (const OakXlinkEvent *request)
{
  OakXlinkOutput *output = g_new0 (OakXlinkOutput, 1);

  oak_xlink_event_init_response (&output->event, request);
  return output;
}

static gboolean
queue_response (OakXlinkSession *self, OakXlinkOutput *output, GError **error)
{
  if (self->events.length >= OAK_XLINK_MAX_QUEUED_EVENTS) {
    oak_xlink_output_free (output);
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_PROTOCOL,
                         "the camera sends requests without taking the answers");
    return FALSE;
  }

  oak_xlink_session_queue_event (self, output);
  return TRUE;
}

/* The camera's own direction of a stream; the id is ours to choose (xlink.md §5.6). */
static gboolean
take_create_request (OakXlinkSession *self, const OakXlinkEvent *event, GError **error)
{
  OakXlinkStream *stream = NULL;
  OakXlinkOutput *output = new_response (event);

  if (event->stream_name[0] != '\0') {
    stream = oak_xlink_session_find_stream (self, event->stream_name);
    if (stream == NULL)
      stream = oak_xlink_session_add_stream (self, event->stream_name);
  }

  if (stream != NULL) {
    stream->greeted = TRUE;
    stream->ended = FALSE;
    g_cond_broadcast (&self->changed);
    output->event.stream_id = stream->id;
  } else {
    oak_xlink_session_complain (self, "refused a stream that the camera wanted to open");
    output->event.stream_id = OAK_XLINK_INVALID_STREAM_ID;
    output->event.size = 0;
    output->event.stream_name[0] = '\0';
    output->event.flags = OAK_XLINK_FLAG_SIZE_TOO_BIG;
  }

  return queue_response (self, output, error);
}

static gboolean
take_packet (OakXlinkSession *self, const OakXlinkEvent *event, GBytes *payload, GError **error)
{
  OakXlinkStream *stream = oak_xlink_session_get_stream (self, event->stream_id);

  g_assert (stream != NULL);

  g_queue_push_tail (&stream->unread, g_bytes_ref (payload));
  self->unread_size += event->size;
  g_cond_broadcast (&self->changed);
  return queue_response (self, new_response (event), error);
}

/* Credit comes back. A release that does not fit what was sent would make every later wait for
 * credit meaningless. */
static gboolean
take_release (OakXlinkSession *self, const OakXlinkEvent *event, GError **error)
{
  OakXlinkStream *stream = oak_xlink_session_get_stream (self, event->stream_id);

  /* Without an answer, as the original does (xlink.md §5.7). */
  if (stream == NULL) {
    oak_xlink_session_complain (self, "a release for the unknown stream %u", event->stream_id);
    return TRUE;
  }

  if (stream->unreleased_packets == 0 || event->size > stream->unreleased_size ||
      (stream->unreleased_packets == 1 && event->size != stream->unreleased_size)) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_PROTOCOL,
                 "the camera releases %u bytes on `%s` that were not sent",
                 event->size,
                 stream->name);
    return FALSE;
  }

  stream->unreleased_packets--;
  stream->unreleased_size -= event->size;
  g_cond_broadcast (&self->changed);
  g_cond_signal (&self->work);
  return queue_response (self, new_response (event), error);
}

static gboolean
take_close_request (OakXlinkSession *self, const OakXlinkEvent *event, GError **error)
{
  OakXlinkStream *stream = oak_xlink_session_get_stream (self, event->stream_id);
  OakXlinkOutput *output = new_response (event);

  if (stream != NULL) {
    stream->ended = TRUE;
    g_cond_broadcast (&self->changed);
    if (!g_queue_is_empty (&stream->unread))
      output->event.flags = OAK_XLINK_FLAG_NACK;
  }

  return queue_response (self, output, error);
}

/* The camera ends the link. Its answer goes out on the writer's way home, if it can still go out.
 */
static gboolean
take_reset_request (OakXlinkSession *self, const OakXlinkEvent *event, GError **error)
{
  self->farewell = new_response (event);
  self->has_farewell = TRUE;
  g_set_error_literal (error,
                       OAK_ERROR,
                       OAK_ERROR_DISCONNECTED,
                       "the camera restarts and ended the connection");
  return FALSE;
}

static gboolean
take_request (OakXlinkSession *self, const OakXlinkEvent *event, GBytes *payload, GError **error)
{
  switch ((OakXlinkEventType) event->type) {
  case OAK_XLINK_EVENT_WRITE_REQ:
    return take_packet (self, event, payload, error);
  case OAK_XLINK_EVENT_READ_REL_REQ:
    return take_release (self, event, error);
  case OAK_XLINK_EVENT_CREATE_STREAM_REQ:
    return take_create_request (self, event, error);
  case OAK_XLINK_EVENT_CLOSE_STREAM_REQ:
    return take_close_request (self, event, error);
  case OAK_XLINK_EVENT_PING_REQ:
    return queue_response (self, new_response (event), error);
  case OAK_XLINK_EVENT_RESET_REQ:
    return take_reset_request (self, event, error);
  case OAK_XLINK_EVENT_WRITE_RESP:
  case OAK_XLINK_EVENT_READ_REL_RESP:
  case OAK_XLINK_EVENT_CREATE_STREAM_RESP:
  case OAK_XLINK_EVENT_CLOSE_STREAM_RESP:
  case OAK_XLINK_EVENT_PING_RESP:
  case OAK_XLINK_EVENT_RESET_RESP:
  default:
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_PROTOCOL,
                 "an event of type %u is no request",
                 event->type);
    return FALSE;
  }
}

/* Only the id, the type and the ack flag count; everything else in a response may be a leftover
 * (xlink.md §5.4). */
static void
take_response (OakXlinkSession *self, const OakXlinkEvent *event)
{
  gpointer key = GINT_TO_POINTER (event->id);
  OakXlinkRequest *request = g_hash_table_lookup (self->requests, key);

  if (request == NULL || event->type != request->type + 8) {
    oak_xlink_session_complain (self,
                                "a %s with number %d answers nothing that was asked",
                                oak_xlink_event_type_to_string (event->type),
                                event->id);
    return;
  }

  if (request->type == OAK_XLINK_EVENT_PING_REQ)
    self->greeted = TRUE;
  request->answered = TRUE;
  request->accepted = (event->flags & OAK_XLINK_FLAG_ACK) != 0;
  if (request->type == OAK_XLINK_EVENT_CREATE_STREAM_REQ)
    request->stream->opened = request->accepted;
  g_hash_table_remove (self->requests, key);
  g_cond_broadcast (&self->changed);
}

static gboolean
take_event (OakXlinkSession *self, const OakXlinkEvent *event, GBytes *payload, GError **error)
{
  gboolean success = TRUE;

  g_mutex_lock (&self->lock);
  self->heard_after_reset++;
  self->leftovers |= !self->greeted && event->type != OAK_XLINK_EVENT_PING_RESP;
  if (oak_xlink_event_is_request (event))
    success = take_request (self, event, payload, error);
  else
    take_response (self, event);
  g_mutex_unlock (&self->lock);

  return success;
}

/* Called with the lock, before room is made for the payload: is there a stream for it, and is the
 * camera entitled to it? */
static gboolean
check_packet (OakXlinkSession *self, const OakXlinkEvent *event, GError **error)
{
  OakXlinkStream *stream = oak_xlink_session_get_stream (self, event->stream_id);

  if (stream == NULL) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_PROTOCOL,
                 "the camera writes to stream %u, which was never opened",
                 event->stream_id);
    return FALSE;
  }

  if (stream->unread.length >= OAK_XLINK_MAX_PACKETS ||
      self->unread_size + event->size > OAK_XLINK_MAX_UNREAD_SIZE) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_PROTOCOL,
                 "the camera sends more on `%s` than may be on its way",
                 stream->name);
    return FALSE;
  }

  return TRUE;
}

static GBytes *
read_payload (OakXlinkSession *self, gsize size, GError **error)
{
  g_autofree guint8 *data = g_malloc (size);
  gsize chunk_size = oak_link_get_chunk_size (self->link);
  gint64 last_us = g_get_monotonic_time ();
  gsize offset = 0;

  while (offset < size) {
    gsize piece = MIN (size - offset, chunk_size);

    if (!oak_link_read_all (self->link, data + offset, piece, OAK_LINK_NO_DEADLINE, NULL, error))
      return NULL;

    offset += piece;
    oak_xlink_session_report_progress (self, OAK_XLINK_DIRECTION_RECEIVING, offset, size, &last_us);
  }

  return g_bytes_new_take (g_steal_pointer (&data), size);
}

/* Returns: (transfer full): the payload of the packet that @event announces. */
static GBytes *
read_packet (OakXlinkSession *self, const OakXlinkEvent *event, GError **error)
{
  gboolean is_welcome = FALSE;

  g_mutex_lock (&self->lock);
  is_welcome = check_packet (self, event, error);
  g_mutex_unlock (&self->lock);

  return is_welcome ? read_payload (self, event->size, error) : NULL;
}

static gboolean
read_event (OakXlinkSession *self, GError **error)
{
  guint8 header[OAK_XLINK_EVENT_SIZE];
  OakXlinkEvent event;
  g_autoptr (GBytes) payload = NULL;

  if (!oak_link_read_all (self->link, header, sizeof header, OAK_LINK_NO_DEADLINE, NULL, error))
    return FALSE;

  if (!oak_xlink_event_decode (&event, header, sizeof header, error))
    return FALSE;

  if (event.type == OAK_XLINK_EVENT_WRITE_REQ) {
    payload = read_packet (self, &event, error);
    if (payload == NULL)
      return FALSE;
  }

  return take_event (self, &event, payload, error);
}

/* No deadline of its own: a silent camera may be busy writing. Whoever waits for something has one,
 * and closing the link wakes this thread. */
gpointer
oak_xlink_reader_run (gpointer data)
{
  OakXlinkSession *self = data;
  gboolean cut = FALSE;
  GError *error = NULL;

  while (read_event (self, &error))
    continue;

  g_mutex_lock (&self->lock);
  oak_xlink_session_lose (self, error);
  cut = !self->has_farewell;
  g_mutex_unlock (&self->lock);

  if (cut)
    oak_link_close (self->link);

  g_mutex_lock (&self->lock);
  self->reader_ended = TRUE;
  g_cond_broadcast (&self->changed);
  g_cond_signal (&self->work);
  g_mutex_unlock (&self->lock);
  return NULL;
}
