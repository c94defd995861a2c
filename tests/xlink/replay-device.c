/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "replay-device.h"

#include <gio/gio.h>
#include <string.h>

#include "fake-device.h"
#include "oak-bootloader-message.h"

/* The device's side of a recorded connection, as a script of a FakeDevice. Everything but start and
 * finish runs in that thread. */

struct _ReplayDevice {
  const TraceConnection *connection; /* (unowned) */
  FakeDevice *handle;                /* (owned): for the test */
  FakeDevice *device;                /* (unowned): the same, for the script */
  GError *deviation;                 /* (owned) (nullable) */

  guint next;         /* index of the next recorded message to send */
  guint n_writes;     /* packets of the host on __bootloader so far */
  guint n_releases;   /* of them released by us */
  GArray *unreleased; /* (owned) of guint32: sizes of our packets that the host has not released */
  GHashTable *asked;  /* (owned): event ids of our requests without a response */
  GHashTable *ids;    /* (owned): stream name -> id + 1 that our host uses */
  gboolean pinged;
  gboolean reset;
};

static void G_GNUC_PRINTF (2, 3) deviate (ReplayDevice *self, const char *format, ...)
{
  va_list arguments;

  if (self->deviation != NULL)
    return;

  va_start (arguments, format);
  self->deviation = g_error_new_valist (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, format, arguments);
  va_end (arguments);
}

static const TraceMessage *
get_message (ReplayDevice *self, guint index)
{
  return g_ptr_array_index (self->connection->messages, index);
}

static gboolean
is_bootloader (const char *stream_name)
{
  return g_strcmp0 (stream_name, OAK_BOOTLOADER_STREAM) == 0;
}

static gboolean
is_host_write (const TraceMessage *message)
{
  return message->from_host && trace_message_is_write (message, OAK_BOOTLOADER_STREAM);
}

/* Returns: (nullable): the recorded packet number @index of the host on __bootloader. */
static const TraceMessage *
find_host_write (ReplayDevice *self, guint index)
{
  for (guint i = 0; i < self->connection->messages->len; i++) {
    const TraceMessage *message = get_message (self, i);

    if (is_host_write (message) && index-- == 0)
      return message;
  }

  return NULL;
}

static guint
count_host_writes (ReplayDevice *self, guint end)
{
  guint count = 0;

  for (guint i = 0; i < end; i++)
    count += is_host_write (get_message (self, i));

  return count;
}

/* Returns: (nullable): the recorded request of the host of that type, and of that stream for
 * CREATE. */
static const TraceMessage *
find_host_request (ReplayDevice *self, guint32 type, const char *stream_name)
{
  for (guint i = 0; i < self->connection->messages->len; i++) {
    const TraceMessage *message = get_message (self, i);

    if (message->from_host && message->event.type == type &&
        (stream_name == NULL || g_strcmp0 (message->event.stream_name, stream_name) == 0))
      return message;
  }

  return NULL;
}

/* Returns: (nullable): the recorded response to the recorded @request. */
static const TraceMessage *
find_response (ReplayDevice *self, const TraceMessage *request)
{
  for (guint i = 0; request != NULL && i < self->connection->messages->len; i++) {
    const TraceMessage *message = get_message (self, i);

    if (!message->from_host && message->event.type == request->event.type + 8 &&
        message->event.id == request->event.id)
      return message;
  }

  return NULL;
}

static gboolean
has_stream (ReplayDevice *self, const char *stream_name, guint32 *id)
{
  gpointer value = g_hash_table_lookup (self->ids, stream_name);

  *id = GPOINTER_TO_UINT (value) - 1;
  return value != NULL;
}

/* Answers @request as the recorded device answered @recorded: with all that was left over in its
 * fields. Where it did not, because it had gone away, there is no answer. */
static void
answer_as_recorded (ReplayDevice *self, const OakXlinkEvent *request, const TraceMessage *recorded)
{
  const TraceMessage *response = find_response (self, recorded);
  OakXlinkEvent event;

  if (response == NULL)
    return;

  event = response->event;
  event.id = request->id;
  if (request->type == OAK_XLINK_EVENT_CREATE_STREAM_REQ)
    event.stream_id = request->stream_id;
  fake_device_send (self->device, &event, NULL);
}

/* An answer that the recording need not have, with leftovers such as the original has in its
 * answers (xlink.md §5.4). */
static void
answer_stale (ReplayDevice *self, const OakXlinkEvent *request)
{
  OakXlinkEvent event = { .id = request->id,
                          .type = request->type + 8,
                          .stream_name = "__leftover",
                          .stream_id = 77,
                          .size = OAK_XLINK_MAX_PACKET_SIZE,
                          .flags = OAK_XLINK_FLAG_ACK };

  fake_device_send (self->device, &event, NULL);
}

/* Padding inside requests may differ; nothing else. */
static gboolean
is_same_packet (GBytes *packet, GBytes *recorded)
{
  OakBootloaderRequest a;
  OakBootloaderRequest b;
  g_autoptr (GBytes) canonical_a = NULL;
  g_autoptr (GBytes) canonical_b = NULL;
  gsize size = 0;
  gsize recorded_size = 0;
  gconstpointer data = g_bytes_get_data (packet, &size);
  gconstpointer recorded_data = g_bytes_get_data (recorded, &recorded_size);

  if (g_bytes_equal (packet, recorded))
    return TRUE;

  if (size != recorded_size || !oak_bootloader_request_decode (&a, data, size, NULL) ||
      !oak_bootloader_request_decode (&b, recorded_data, recorded_size, NULL))
    return FALSE;

  canonical_a = oak_bootloader_request_encode (&a);
  canonical_b = oak_bootloader_request_encode (&b);
  return g_bytes_get_size (canonical_a) == size && g_bytes_equal (canonical_a, canonical_b);
}

static void
take_packet (ReplayDevice *self, const OakXlinkEvent *event, GBytes *payload)
{
  const TraceMessage *recorded = find_host_write (self, self->n_writes);

  if (recorded == NULL || recorded->payload == NULL) {
    deviate (self, "packet %u has no counterpart in the recording", self->n_writes + 1);
    return;
  }

  if (!is_same_packet (payload, recorded->payload)) {
    deviate (self,
             "packet %u (%" G_GSIZE_FORMAT " bytes) differs from line %u",
             self->n_writes + 1,
             g_bytes_get_size (payload),
             recorded->line);
    return;
  }

  self->n_writes++;
  answer_as_recorded (self, event, recorded);
}

static void
release_keep_alive (ReplayDevice *self, const OakXlinkEvent *event)
{
  OakXlinkEvent release = { .id = fake_device_take_id (self->device),
                            .type = OAK_XLINK_EVENT_READ_REL_REQ,
                            .stream_id = event->stream_id,
                            .size = event->size,
                            .flags = OAK_XLINK_FLAG_ACK };

  g_hash_table_add (self->asked, GINT_TO_POINTER (release.id));
  fake_device_send (self->device, &release, NULL);
}

static void
take_write (ReplayDevice *self, const OakXlinkEvent *event, GBytes *payload)
{
  guint32 id = 0;

  if (has_stream (self, OAK_BOOTLOADER_STREAM, &id) && id == event->stream_id) {
    take_packet (self, event, payload);
  } else if (has_stream (self, OAK_WATCHDOG_STREAM, &id) && id == event->stream_id) {
    answer_stale (self, event);
    release_keep_alive (self, event);
  } else {
    deviate (self, "a packet on the unknown stream %u", event->stream_id);
  }
}

static void
take_release (ReplayDevice *self, const OakXlinkEvent *event)
{
  guint32 id = 0;

  if (!has_stream (self, OAK_BOOTLOADER_STREAM, &id) || id != event->stream_id ||
      self->unreleased->len == 0 || g_array_index (self->unreleased, guint32, 0) != event->size) {
    deviate (self,
             "a release of %u bytes on stream %u that fits no packet",
             event->size,
             event->stream_id);
    return;
  }

  g_array_remove_index (self->unreleased, 0);
  answer_stale (self, event);
}

static void
take_create (ReplayDevice *self, const OakXlinkEvent *event)
{
  const TraceMessage *recorded =
      find_host_request (self, OAK_XLINK_EVENT_CREATE_STREAM_REQ, event->stream_name);

  if (recorded == NULL)
    deviate (self, "the recorded host did not open `%s`", event->stream_name);
  else if (recorded->event.size != event->size)
    deviate (self, "`%s` opened with %u bytes", event->stream_name, event->size);

  g_hash_table_insert (self->ids,
                       g_strdup (event->stream_name),
                       GUINT_TO_POINTER (event->stream_id + 1));
  answer_as_recorded (self, event, recorded);
}

/* The host must have done everything by now, and answered everything. */
static void
take_reset (ReplayDevice *self, const OakXlinkEvent *event)
{
  guint n_recorded = count_host_writes (self, self->connection->messages->len);

  if (self->n_writes != n_recorded)
    deviate (self, "RESET after %u of %u packets", self->n_writes, n_recorded);
  if (self->next < self->connection->messages->len)
    deviate (self, "RESET before line %u was sent", get_message (self, self->next)->line);
  if (self->unreleased->len > 0)
    deviate (self, "RESET with %u packets that were not released", self->unreleased->len);
  if (g_hash_table_size (self->asked) > 0)
    deviate (self,
             "RESET with %u requests that were not answered",
             g_hash_table_size (self->asked));

  self->reset = TRUE;
  answer_as_recorded (self, event, find_host_request (self, event->type, NULL));
}

static void
take_response (ReplayDevice *self, const OakXlinkEvent *event)
{
  if (!g_hash_table_remove (self->asked, GINT_TO_POINTER (event->id)))
    deviate (self,
             "%s with number %d answers nothing",
             oak_xlink_event_type_to_string (event->type),
             event->id);
  else if ((event->flags & OAK_XLINK_FLAG_ACK) == 0)
    deviate (self, "%s refuses", oak_xlink_event_type_to_string (event->type));

  /* The answer to our CREATE tells the id of a stream that the host may not have opened yet. */
  if (event->type == OAK_XLINK_EVENT_CREATE_STREAM_RESP && event->stream_name[0] != '\0')
    g_hash_table_insert (self->ids,
                         g_strdup (event->stream_name),
                         GUINT_TO_POINTER (event->stream_id + 1));
}

static void
take_event (ReplayDevice *self, const OakXlinkEvent *event, GBytes *payload)
{
  if (!oak_xlink_event_is_request (event))
    take_response (self, event);
  else if (event->type == OAK_XLINK_EVENT_WRITE_REQ)
    take_write (self, event, payload);
  else if (event->type == OAK_XLINK_EVENT_READ_REL_REQ)
    take_release (self, event);
  else if (event->type == OAK_XLINK_EVENT_CREATE_STREAM_REQ)
    take_create (self, event);
  else if (event->type == OAK_XLINK_EVENT_RESET_REQ)
    take_reset (self, event);
  else if (event->type == OAK_XLINK_EVENT_PING_REQ) {
    self->pinged = TRUE;
    answer_as_recorded (self, event, find_host_request (self, event->type, NULL));
  } else {
    fake_device_answer (self->device, event);
  }
}

/* Requests of the device are sent at their turn; its responses when they are asked for; the
 * keep-alive has its own life. */
static gboolean
is_own_request (const TraceMessage *message)
{
  if (message->from_host || !oak_xlink_event_is_request (&message->event))
    return FALSE;

  return message->event.type == OAK_XLINK_EVENT_CREATE_STREAM_REQ ||
         is_bootloader (message->stream_name);
}

/* Did the host do what the device waited for before it sent message number @index? */
static gboolean
is_due (ReplayDevice *self, guint index)
{
  const TraceMessage *message = get_message (self, index);
  guint32 id = 0;

  if (!self->pinged)
    return FALSE;

  if (message->event.type == OAK_XLINK_EVENT_CREATE_STREAM_REQ)
    return TRUE;

  if (!has_stream (self, message->stream_name, &id))
    return FALSE;

  if (message->event.type == OAK_XLINK_EVENT_READ_REL_REQ)
    return self->n_writes > self->n_releases;

  return self->n_writes >= count_host_writes (self, index);
}

static void
send_recorded (ReplayDevice *self, const TraceMessage *message)
{
  OakXlinkEvent event = message->event;
  gconstpointer payload =
      message->payload != NULL ? g_bytes_get_data (message->payload, NULL) : NULL;

  event.id = fake_device_take_id (self->device);
  if (event.type != OAK_XLINK_EVENT_CREATE_STREAM_REQ)
    has_stream (self, message->stream_name, &event.stream_id);
  if (event.type == OAK_XLINK_EVENT_WRITE_REQ)
    g_array_append_val (self->unreleased, event.size);
  if (event.type == OAK_XLINK_EVENT_READ_REL_REQ)
    self->n_releases++;
  g_hash_table_add (self->asked, GINT_TO_POINTER (event.id));
  fake_device_send (self->device, &event, payload);
}

static void
send_what_is_due (ReplayDevice *self)
{
  while (self->next < self->connection->messages->len) {
    const TraceMessage *message = get_message (self, self->next);

    if (is_own_request (message)) {
      if (!is_due (self, self->next))
        return;
      send_recorded (self, message);
    }
    self->next++;
  }
}

/* A device that did not answer a RESET went away by itself as soon as it had done all. */
static gboolean
is_over (ReplayDevice *self)
{
  const TraceMessage *recorded = find_host_request (self, OAK_XLINK_EVENT_RESET_REQ, NULL);

  if (self->reset || self->deviation != NULL)
    return TRUE;

  return find_response (self, recorded) == NULL && self->next == self->connection->messages->len &&
         self->n_writes == count_host_writes (self, self->connection->messages->len);
}

static void
replay (FakeDevice *device, gpointer user_data)
{
  ReplayDevice *self = user_data;

  self->device = device;
  while (!is_over (self)) {
    OakXlinkEvent event;
    g_autoptr (GBytes) payload = NULL;

    if (!fake_device_read (device, &event, &payload)) {
      deviate (self, "the host closed the link after %u packets", self->n_writes);
      return;
    }
    take_event (self, &event, payload);
    send_what_is_due (self);
  }
}

ReplayDevice *
replay_device_start (const TraceFile *trace, guint connection)
{
  ReplayDevice *self = g_new0 (ReplayDevice, 1);

  g_assert_cmpuint (connection, <, trace->connections->len);
  self->connection = g_ptr_array_index (trace->connections, connection);
  self->unreleased = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->asked = g_hash_table_new (NULL, NULL);
  self->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->handle = fake_device_start (replay, self);
  return self;
}

OakLink *
replay_device_get_link (ReplayDevice *self)
{
  return fake_device_get_link (self->handle);
}

gboolean
replay_device_finish (ReplayDevice *self, GError **error)
{
  gboolean success = FALSE;

  fake_device_finish (self->handle);
  success = self->deviation == NULL;
  if (!success)
    g_propagate_error (error, self->deviation);
  g_array_unref (self->unreleased);
  g_hash_table_unref (self->asked);
  g_hash_table_unref (self->ids);
  g_free (self);
  return success;
}
