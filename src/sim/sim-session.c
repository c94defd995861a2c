/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-session.h"

#include <string.h>

#include "oak-bootloader-message.h"
#include "oak-xlink-event.h"
#include "sim-board.h"
#include "sim-faults.h"

/* Streams, credit and answers of the device's side. Strict with the host: what the original would
 * trip over ends the session and is counted as a protocol error. No threads. */

typedef enum {
  SIM_DIRECTION_CLOSED,
  SIM_DIRECTION_ASKED, /* our CREATE is not answered yet */
  SIM_DIRECTION_OPEN,
} SimDirection;

typedef struct {
  char name[OAK_XLINK_STREAM_NAME_SIZE + 1];
  gboolean has_id;
  guint32 id;             /* assigned by the host */
  gboolean host_open;     /* the host's own direction */
  guint32 read_size;      /* what the host may have in flight */
  guint n_unreleased;     /* packets we keep because of a fault */
  SimDirection direction; /* ours */
  guint32 write_size;
  guint64 in_flight;
  GQueue in_flight_sizes; /* of GUINT_TO_POINTER, oldest first */
  GQueue waiting;         /* (owned) of GBytes */
} SimStream;

typedef struct {
  guint32 type;
  SimStream *stream; /* (unowned) (nullable) */
} SimOutstanding;

struct _SimSession {
  SimBoard *board; /* (unowned) */
  SimSessionFuncs funcs;
  guint8 header[OAK_XLINK_EVENT_SIZE];
  gsize header_fill;
  OakXlinkEvent event; /* the WRITE_REQ whose payload is under way */
  guint8 *payload;     /* (owned) (nullable) */
  gsize payload_fill;
  guint64 received;
  gint64 now_us;
  gint32 next_id;
  gboolean greeted;
  gboolean finished;
  gboolean hard;
  GPtrArray *streams;      /* (owned) of SimStream */
  GHashTable *outstanding; /* (owned) of id to SimOutstanding */
  GQueue output;           /* (owned) of GBytes */
  gsize output_offset;     /* into its head */
};

static void
sim_stream_free (SimStream *stream)
{
  g_queue_clear (&stream->in_flight_sizes);
  g_queue_clear_full (&stream->waiting, (GDestroyNotify) g_bytes_unref);
  g_free (stream);
}

SimSession *
sim_session_new (SimBoard *board, const SimSessionFuncs *funcs)
{
  SimSession *self = g_new0 (SimSession, 1);

  self->board = board;
  self->funcs = *funcs;
  self->next_id = 1;
  self->streams = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_stream_free);
  self->outstanding = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_queue_init (&self->output);
  return self;
}

void
sim_session_free (SimSession *self)
{
  g_free (self->payload);
  g_ptr_array_unref (self->streams);
  g_hash_table_unref (self->outstanding);
  g_queue_clear_full (&self->output, (GDestroyNotify) g_bytes_unref);
  g_free (self);
}

static void G_GNUC_PRINTF (2, 3) sim_session_fail (SimSession *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  sim_stats_add_protocol_error (&self->board->stats, "%s", text);
  sim_session_finish (self, FALSE);
}

static SimStream *
sim_session_find_name (SimSession *self, const char *name)
{
  for (guint i = 0; i < self->streams->len; i++) {
    SimStream *stream = g_ptr_array_index (self->streams, i);

    if (g_str_equal (stream->name, name))
      return stream;
  }
  return NULL;
}

static SimStream *
sim_session_find_id (SimSession *self, guint32 id)
{
  for (guint i = 0; i < self->streams->len; i++) {
    SimStream *stream = g_ptr_array_index (self->streams, i);

    if (stream->has_id && stream->id == id)
      return stream;
  }
  return NULL;
}

static SimStream *
sim_session_add_stream (SimSession *self, const char *name)
{
  SimStream *stream = g_new0 (SimStream, 1);

  g_strlcpy (stream->name, name, sizeof stream->name);
  g_queue_init (&stream->in_flight_sizes);
  g_queue_init (&stream->waiting);
  g_ptr_array_add (self->streams, stream);
  return stream;
}

static void
sim_session_emit (SimSession *self, OakXlinkEvent *event, GBytes *payload)
{
  guint8 *header = g_malloc (OAK_XLINK_EVENT_SIZE);

  event->nanoseconds = (guint32) (self->now_us % G_USEC_PER_SEC) * 1000;
  event->seconds_low = (guint32) (self->now_us / G_USEC_PER_SEC);
  event->seconds_high = (guint32) ((guint64) (self->now_us / G_USEC_PER_SEC) >> 32);
  oak_xlink_event_encode (event, header);
  g_queue_push_tail (&self->output, g_bytes_new_take (header, OAK_XLINK_EVENT_SIZE));
  if (payload != NULL && g_bytes_get_size (payload) > 0)
    g_queue_push_tail (&self->output, g_bytes_ref (payload));
}

static void
sim_session_request (SimSession *self, OakXlinkEvent *event, SimStream *stream, GBytes *payload)
{
  SimOutstanding *outstanding = g_new0 (SimOutstanding, 1);

  event->id = self->next_id++;
  event->flags = OAK_XLINK_FLAG_ACK;
  outstanding->type = event->type;
  outstanding->stream = stream;
  g_hash_table_insert (self->outstanding, GINT_TO_POINTER (event->id), outstanding);
  sim_session_emit (self, event, payload);
}

static void
sim_session_respond (SimSession *self, const OakXlinkEvent *request)
{
  OakXlinkEvent response;

  oak_xlink_event_init_response (&response, request);
  sim_session_emit (self, &response, NULL);
}

static void
sim_session_open_direction (SimSession *self, const char *name, guint32 size)
{
  OakXlinkEvent create = { .type = OAK_XLINK_EVENT_CREATE_STREAM_REQ,
                           .stream_id = OAK_XLINK_INVALID_STREAM_ID,
                           .size = size };
  SimStream *stream = sim_session_find_name (self, name);

  if (stream == NULL)
    stream = sim_session_add_stream (self, name);
  stream->direction = SIM_DIRECTION_ASKED;
  stream->write_size = size;
  g_strlcpy (create.stream_name, name, sizeof create.stream_name);
  sim_session_request (self, &create, stream, NULL);
}

/* xlink.md §8.1 rows 4 and 6: after the first ping a device opens its own directions. */
static void
sim_session_handle_ping (SimSession *self, const OakXlinkEvent *event)
{
  if (sim_faults_peek (self->board->faults, SIM_FAULT_NO_PING) != NULL)
    return;
  sim_session_respond (self, event);
  if (sim_faults_take (self->board->faults, SIM_FAULT_BAD_EVENT_TYPE) != NULL) {
    OakXlinkEvent bad = { .id = self->next_id++, .type = 7 };

    sim_session_emit (self, &bad, NULL);
  }
  if (self->greeted || sim_faults_peek (self->board->faults, SIM_FAULT_NO_CREATE) != NULL)
    return;
  self->greeted = TRUE;
  sim_session_open_direction (self, OAK_BOOTLOADER_STREAM, OAK_BOOTLOADER_PACKET_SIZE);
  sim_session_open_direction (self, OAK_WATCHDOG_STREAM, OAK_WATCHDOG_STREAM_SIZE);
}

static void
sim_session_refuse_create (SimSession *self, const OakXlinkEvent *request)
{
  OakXlinkEvent response;

  oak_xlink_event_init_response (&response, request);
  response.stream_id = OAK_XLINK_INVALID_STREAM_ID;
  response.flags = OAK_XLINK_FLAG_SIZE_TOO_BIG;
  sim_session_emit (self, &response, NULL);
}

static void
sim_session_handle_create (SimSession *self, const OakXlinkEvent *event)
{
  SimStream *stream = sim_session_find_name (self, event->stream_name);
  SimStream *owner = sim_session_find_id (self, event->stream_id);

  if (sim_faults_peek (self->board->faults, SIM_FAULT_NO_CREATE) != NULL)
    return;
  if (event->stream_name[0] == '\0' || event->size == 0 ||
      event->size % OAK_XLINK_CREDIT_ROUNDING != 0) {
    sim_session_fail (self, "stream opened without a name or with size %u", event->size);
    return;
  }
  if (event->stream_id == OAK_XLINK_INVALID_STREAM_ID ||
      (stream == NULL && self->streams->len == OAK_XLINK_MAX_STREAMS)) {
    sim_session_refuse_create (self, event);
    return;
  }
  if ((owner != NULL && owner != stream) ||
      (stream != NULL && stream->has_id && stream->id != event->stream_id)) {
    sim_session_fail (self,
                      "stream %s opened with id %u, which it is not",
                      event->stream_name,
                      event->stream_id);
    return;
  }
  if (stream == NULL)
    stream = sim_session_add_stream (self, event->stream_name);
  stream->has_id = TRUE;
  stream->id = event->stream_id;
  stream->host_open = TRUE;
  stream->read_size = MAX (stream->read_size, event->size);
  sim_session_respond (self, event);
}

/* Sends what waits on @stream while its credit lasts (xlink.md §5.7). */
static void
sim_session_pump (SimSession *self, SimStream *stream)
{
  GBytes *next;

  while (stream->direction == SIM_DIRECTION_OPEN && !self->finished &&
         (next = g_queue_peek_head (&stream->waiting)) != NULL) {
    gsize size = g_bytes_get_size (next);
    OakXlinkEvent write = { .type = OAK_XLINK_EVENT_WRITE_REQ,
                            .stream_id = stream->id,
                            .size = (guint32) size };

    if (stream->in_flight_sizes.length == OAK_XLINK_MAX_PACKETS ||
        stream->in_flight + size > stream->write_size)
      return;
    g_queue_pop_head (&stream->waiting);
    g_queue_push_tail (&stream->in_flight_sizes, GUINT_TO_POINTER ((guint) size));
    stream->in_flight += size;
    sim_session_request (self, &write, stream, next);
    g_bytes_unref (next);
  }
}

static void
sim_session_handle_create_response (SimSession *self, const OakXlinkEvent *event, SimStream *stream)
{
  SimStream *owner = sim_session_find_id (self, event->stream_id);

  if ((event->flags & OAK_XLINK_FLAG_ACK) == 0) {
    sim_session_fail (self, "the host refused stream %s", stream->name);
    return;
  }
  if ((owner != NULL && owner != stream) || (stream->has_id && stream->id != event->stream_id) ||
      !g_str_equal (stream->name, event->stream_name)) {
    sim_session_fail (self, "the host answered stream %s with another stream", stream->name);
    return;
  }
  stream->has_id = TRUE;
  stream->id = event->stream_id;
  stream->direction = SIM_DIRECTION_OPEN;
  sim_session_pump (self, stream);
}

/* xlink.md §5.7: one release for each packet, in order, of its exact size; anything else would
 * stall the original for good. */
static void
sim_session_handle_release (SimSession *self, const OakXlinkEvent *event)
{
  SimStream *stream = sim_session_find_id (self, event->stream_id);
  guint expected;

  if (stream == NULL || g_queue_is_empty (&stream->in_flight_sizes)) {
    sim_session_fail (self,
                      "release of %u bytes on stream %u, where nothing is in flight",
                      event->size,
                      event->stream_id);
    return;
  }
  expected = GPOINTER_TO_UINT (g_queue_pop_head (&stream->in_flight_sizes));
  if (expected != event->size) {
    sim_session_fail (self, "release of %u bytes for a packet of %u", event->size, expected);
    return;
  }
  stream->in_flight -= expected;
  sim_session_respond (self, event);
  sim_session_pump (self, stream);
}

static void
sim_session_handle_close (SimSession *self, const OakXlinkEvent *event)
{
  SimStream *stream = sim_session_find_id (self, event->stream_id);

  sim_session_respond (self, event);
  if (stream == NULL)
    return;
  stream->host_open = FALSE;
  stream->read_size = 0;
  /* A device cannot write on a stream the host has closed (xlink.md §10 number 18). */
  stream->direction = SIM_DIRECTION_CLOSED;
  g_queue_clear_full (&stream->waiting, (GDestroyNotify) g_bytes_unref);
}

static void
sim_session_handle_reset (SimSession *self, const OakXlinkEvent *event)
{
  sim_session_respond (self, event);
  sim_session_finish (self, FALSE);
  self->funcs.reset (self->funcs.user_data);
}

static void
sim_session_handle_request (SimSession *self, const OakXlinkEvent *event)
{
  switch (event->type) {
  case OAK_XLINK_EVENT_PING_REQ:
    sim_session_handle_ping (self, event);
    break;
  case OAK_XLINK_EVENT_CREATE_STREAM_REQ:
    sim_session_handle_create (self, event);
    break;
  case OAK_XLINK_EVENT_READ_REL_REQ:
    sim_session_handle_release (self, event);
    break;
  case OAK_XLINK_EVENT_CLOSE_STREAM_REQ:
    sim_session_handle_close (self, event);
    break;
  case OAK_XLINK_EVENT_RESET_REQ:
    sim_session_handle_reset (self, event);
    break;
  default:
    sim_session_fail (self, "unexpected request %s", oak_xlink_event_type_to_string (event->type));
    break;
  }
}

static void
sim_session_handle_response (SimSession *self, const OakXlinkEvent *event)
{
  SimOutstanding *outstanding =
      g_hash_table_lookup (self->outstanding, GINT_TO_POINTER (event->id));
  SimStream *stream;
  guint32 type;

  if (outstanding == NULL || outstanding->type + 8 != event->type) {
    sim_stats_add_protocol_error (&self->board->stats,
                                  "%s with id %d answers nothing",
                                  oak_xlink_event_type_to_string (event->type),
                                  event->id);
    return;
  }
  type = outstanding->type;
  stream = outstanding->stream;
  g_hash_table_remove (self->outstanding, GINT_TO_POINTER (event->id));
  if (type == OAK_XLINK_EVENT_CREATE_STREAM_REQ)
    sim_session_handle_create_response (self, event, stream);
}

/* WRITE_RESP at once; the credit comes back at once too, as everything is taken out of the stream
 * on arrival. */
static gboolean
sim_session_accept_packet (SimSession *self, SimStream *stream, const OakXlinkEvent *event)
{
  gboolean is_watchdog = g_str_equal (stream->name, OAK_WATCHDOG_STREAM);
  SimFaultKind keep = is_watchdog ? SIM_FAULT_NO_WATCHDOG_RELEASE : SIM_FAULT_NO_RELEASE;
  OakXlinkEvent release = { .type = OAK_XLINK_EVENT_READ_REL_REQ,
                            .stream_id = stream->id,
                            .size = event->size };

  if (event->size > stream->read_size)
    sim_stats_add_protocol_error (&self->board->stats,
                                  "packet of %u bytes on a stream of %u",
                                  event->size,
                                  stream->read_size);
  if (sim_faults_peek (self->board->faults, keep) != NULL) {
    if (stream->n_unreleased == OAK_XLINK_MAX_PACKETS)
      return FALSE;
    stream->n_unreleased++;
    sim_session_respond (self, event);
    return TRUE;
  }
  sim_session_respond (self, event);
  sim_session_request (self, &release, stream, NULL);
  return TRUE;
}

static void
sim_session_handle_packet (SimSession *self)
{
  OakXlinkEvent event = self->event;
  g_autoptr (GBytes) packet = g_bytes_new_take (g_steal_pointer (&self->payload), event.size);
  SimStream *stream = sim_session_find_id (self, event.stream_id);

  self->payload_fill = 0;
  if (stream == NULL || !stream->host_open) {
    sim_session_fail (self, "packet on stream %u, which is not open", event.stream_id);
    return;
  }
  if (sim_session_accept_packet (self, stream, &event))
    self->funcs.packet (stream->name, packet, self->funcs.user_data);
}

static void
sim_session_handle_header (SimSession *self)
{
  g_autoptr (GError) error = NULL;
  OakXlinkEvent event;

  self->header_fill = 0;
  if (!oak_xlink_event_decode (&event, self->header, OAK_XLINK_EVENT_SIZE, &error)) {
    sim_session_fail (self, "unreadable event: %s", error->message);
  } else if (event.type == OAK_XLINK_EVENT_WRITE_REQ) {
    self->event = event;
    self->payload = g_malloc (MAX (event.size, 1));
    if (event.size == 0)
      sim_session_handle_packet (self);
  } else if (oak_xlink_event_is_request (&event)) {
    sim_session_handle_request (self, &event);
  } else {
    sim_session_handle_response (self, &event);
  }
}

/* Returns: how many more bytes are received before a fault cuts the link. */
static guint64
sim_session_get_cut (SimSession *self, gboolean *hard)
{
  const SimFault *drop = sim_faults_peek (self->board->faults, SIM_FAULT_DROP_AT_BYTE);
  const SimFault *reset = sim_faults_peek (self->board->faults, SIM_FAULT_RESET_TCP);
  guint64 drop_at = drop == NULL ? G_MAXUINT64 : (guint64) drop->number;
  guint64 reset_at = reset == NULL ? G_MAXUINT64 : (guint64) reset->number;
  guint64 cut = MIN (drop_at, reset_at);

  *hard = reset_at <= drop_at;
  return cut <= self->received ? 0 : cut - self->received;
}

gsize
sim_session_get_missing (const SimSession *self, gboolean *is_payload)
{
  *is_payload = self->payload != NULL;
  return *is_payload ? self->event.size - self->payload_fill
                     : OAK_XLINK_EVENT_SIZE - self->header_fill;
}

guint8 *
sim_session_get_space (SimSession *self, gsize *size)
{
  gboolean hard;
  gboolean is_payload;
  guint64 cut = sim_session_get_cut (self, &hard);

  *size = 0;
  if (self->finished)
    return NULL;
  *size = MIN (sim_session_get_missing (self, &is_payload), MAX (cut, 1));
  return is_payload ? self->payload + self->payload_fill : self->header + self->header_fill;
}

void
sim_session_received (SimSession *self, gsize size, gint64 now_us)
{
  gboolean hard;

  self->now_us = now_us;
  self->received += size;
  if (self->payload != NULL) {
    self->payload_fill += size;
    g_assert (self->payload_fill <= self->event.size);
    if (self->payload_fill == self->event.size)
      sim_session_handle_packet (self);
  } else {
    self->header_fill += size;
    g_assert (self->header_fill <= OAK_XLINK_EVENT_SIZE);
    if (self->header_fill == OAK_XLINK_EVENT_SIZE)
      sim_session_handle_header (self);
  }
  if (sim_session_get_cut (self, &hard) == 0 && !self->finished) {
    sim_faults_take (self->board->faults, hard ? SIM_FAULT_RESET_TCP : SIM_FAULT_DROP_AT_BYTE);
    sim_session_finish (self, hard);
  }
}

void
sim_session_write (SimSession *self, const char *stream_name, GBytes *packet, gint64 now_us)
{
  SimStream *stream = sim_session_find_name (self, stream_name);

  self->now_us = now_us;
  if (stream == NULL || self->finished)
    return;
  if (sim_faults_take (self->board->faults, SIM_FAULT_UNKNOWN_STREAM_WRITE) != NULL) {
    OakXlinkEvent write = { .type = OAK_XLINK_EVENT_WRITE_REQ,
                            .stream_id = 0x123456,
                            .size = (guint32) g_bytes_get_size (packet) };

    sim_session_request (self, &write, NULL, packet);
  } else if (sim_faults_take (self->board->faults, SIM_FAULT_HUGE_SIZE) != NULL) {
    OakXlinkEvent write = { .type = OAK_XLINK_EVENT_WRITE_REQ,
                            .stream_id = stream->id,
                            .size = 0xfffffff0u };

    sim_session_request (self, &write, stream, packet);
  } else {
    g_queue_push_tail (&stream->waiting, g_bytes_ref (packet));
    sim_session_pump (self, stream);
  }
}

gboolean
sim_session_get_output (SimSession *self, const guint8 **data, gsize *size)
{
  GBytes *head = g_queue_peek_head (&self->output);

  if (head == NULL)
    return FALSE;
  *data = (const guint8 *) g_bytes_get_data (head, size) + self->output_offset;
  *size -= self->output_offset;
  return TRUE;
}

void
sim_session_sent (SimSession *self, gsize size)
{
  GBytes *head = g_queue_peek_head (&self->output);

  self->output_offset += size;
  if (self->output_offset < g_bytes_get_size (head))
    return;
  g_bytes_unref (g_queue_pop_head (&self->output));
  self->output_offset = 0;
}

void
sim_session_finish (SimSession *self, gboolean hard)
{
  self->finished = TRUE;
  self->hard |= hard;
}

gboolean
sim_session_is_finished (const SimSession *self)
{
  return self->finished;
}

gboolean
sim_session_is_hard (const SimSession *self)
{
  return self->hard;
}

gsize
sim_session_get_partial (const SimSession *self, const char *stream_name)
{
  SimStream *stream;

  if (self->payload == NULL)
    return 0;
  stream = sim_session_find_id ((SimSession *) self, self->event.stream_id);
  return stream != NULL && g_str_equal (stream->name, stream_name) ? self->payload_fill : 0;
}
