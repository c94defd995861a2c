/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-device.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "oak-stream-link.h"
#include "test-support.h"

/* The camera's end of a socket pair. The script's thread reads and writes the socket; the test's
 * thread only starts and joins it. */

#define PATIENCE_MS 30000

struct _FakeDevice {
  OakLink *link; /* (owned): the host's end */
  int fd;        /* ours; -1 when closed */
  gint32 last_id;
  gsize may_send; /* bytes until the link is dropped */
  gsize may_read;
  GThread *thread; /* (owned) */
  FakeDeviceScript script;
  gpointer user_data;
  GAsyncQueue *reached;  /* (owned): one entry for each call of fake_device_reach () */
  GAsyncQueue *proceeds; /* (owned): one entry for each call of fake_device_proceed () */
  char *stream_names[OAK_XLINK_MAX_STREAMS]; /* (owned): as the host announced them */
};

static gpointer
fake_device_run (gpointer data)
{
  FakeDevice *self = data;

  self->script (self, self->user_data);
  fake_device_cut (self);
  return NULL;
}

FakeDevice *
fake_device_start (FakeDeviceScript script, gpointer user_data)
{
  FakeDevice *self = g_new0 (FakeDevice, 1);
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  self->link = oak_stream_link_new_for_fd (ends[0], "fake camera", &error);
  g_assert_no_error (error);
  self->fd = ends[1];
  self->may_send = G_MAXSIZE;
  self->may_read = G_MAXSIZE;
  self->script = script;
  self->user_data = user_data;
  self->reached = g_async_queue_new ();
  self->proceeds = g_async_queue_new ();
  self->thread = g_thread_new ("fake-device", fake_device_run, self);
  return self;
}

OakLink *
fake_device_get_link (FakeDevice *self)
{
  return self->link;
}

void
fake_device_finish (FakeDevice *self)
{
  g_thread_join (self->thread);
  for (guint i = 0; i < G_N_ELEMENTS (self->stream_names); i++)
    g_free (self->stream_names[i]);
  g_async_queue_unref (self->reached);
  g_async_queue_unref (self->proceeds);
  g_object_unref (self->link);
  g_free (self);
}

gboolean
fake_device_wait_for_bytes (FakeDevice *self, guint timeout_ms)
{
  struct pollfd pollfd = { .fd = self->fd, .events = POLLIN };

  return poll (&pollfd, 1, (int) timeout_ms) > 0;
}

static void
spend (gsize *limit, gsize size)
{
  if (*limit != G_MAXSIZE)
    *limit -= size;
}

/* Returns: FALSE at the end of the link. */
static gboolean
read_bytes (FakeDevice *self, void *buffer, gsize size, const char *what)
{
  gsize allowed = MIN (size, self->may_read);
  gsize offset = 0;

  while (offset < allowed) {
    gssize received = 0;

    if (!fake_device_wait_for_bytes (self, (guint) (PATIENCE_MS * test_slowdown ())))
      g_error ("fake device: the host sends nothing, but %s is expected", what);

    received = recv (self->fd, (char *) buffer + offset, allowed - offset, 0);
    if (received <= 0)
      return FALSE;

    offset += received;
  }

  spend (&self->may_read, allowed);
  return allowed == size;
}

gboolean
fake_device_read_bytes (FakeDevice *self, void *buffer, gsize size)
{
  return read_bytes (self, buffer, size, "something");
}

static void
learn_stream (FakeDevice *self, const OakXlinkEvent *event)
{
  g_assert_cmpuint (event->stream_id, <, G_N_ELEMENTS (self->stream_names));
  g_free (self->stream_names[event->stream_id]);
  self->stream_names[event->stream_id] = g_strdup (event->stream_name);
}

static gboolean
read_event (FakeDevice *self, OakXlinkEvent *event, GBytes **payload, const char *what)
{
  guint8 header[OAK_XLINK_EVENT_SIZE];
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *bytes = NULL;

  if (payload != NULL)
    *payload = NULL;
  if (!read_bytes (self, header, sizeof header, what))
    return FALSE;

  oak_xlink_event_decode (event, header, sizeof header, &error);
  g_assert_no_error (error);
  if (event->type == OAK_XLINK_EVENT_CREATE_STREAM_REQ)
    learn_stream (self, event);
  if (event->type != OAK_XLINK_EVENT_WRITE_REQ)
    return TRUE;

  bytes = g_malloc (event->size);
  if (!read_bytes (self, bytes, event->size, "a payload"))
    return FALSE;

  if (payload != NULL)
    *payload = g_bytes_new (bytes, event->size);
  return TRUE;
}

gboolean
fake_device_read (FakeDevice *self, OakXlinkEvent *event, GBytes **payload)
{
  return read_event (self, event, payload, "an event");
}

void
fake_device_expect (FakeDevice *self, OakXlinkEventType type, OakXlinkEvent *event)
{
  OakXlinkEvent unused;
  OakXlinkEvent *received = event != NULL ? event : &unused;
  const char *name = oak_xlink_event_type_to_string (type);

  do
    if (!read_event (self, received, NULL, name))
      g_error ("fake device: the host closed the link, but %s is expected", name);
  while (type < OAK_XLINK_EVENT_WRITE_RESP && !oak_xlink_event_is_request (received));

  if (received->type != type)
    g_error ("fake device: the host sent %s, but %s is expected",
             oak_xlink_event_type_to_string (received->type),
             name);
}

void
fake_device_expect_and_answer (FakeDevice *self, OakXlinkEventType type)
{
  OakXlinkEvent event;

  fake_device_expect (self, type, &event);
  fake_device_answer (self, &event);
}

void
fake_device_wait_for (FakeDevice *self, OakXlinkEventType type, OakXlinkEvent *event)
{
  const char *name = oak_xlink_event_type_to_string (type);

  for (;;) {
    if (!read_event (self, event, NULL, name))
      g_error ("fake device: the host closed the link, but %s is expected", name);

    if (event->type == type)
      return;

    fake_device_answer (self, event);
  }
}

void
fake_device_reach (FakeDevice *self)
{
  g_async_queue_push (self->reached, self);
}

static void
wait_for_entry (GAsyncQueue *queue)
{
  guint64 patience_us = (guint64) (PATIENCE_MS * 1000.0 * test_slowdown ());

  g_assert_nonnull (g_async_queue_timeout_pop (queue, patience_us));
}

void
fake_device_wait_until_reached (FakeDevice *self)
{
  wait_for_entry (self->reached);
}

void
fake_device_proceed (FakeDevice *self)
{
  g_async_queue_push (self->proceeds, self);
}

void
fake_device_wait_to_proceed (FakeDevice *self)
{
  wait_for_entry (self->proceeds);
}

void
fake_device_expect_end (FakeDevice *self)
{
  guint8 buffer[4096];

  while (read_bytes (self, buffer, 1, "the end of the link"))
    while (recv (self->fd, buffer, sizeof buffer, MSG_DONTWAIT) > 0)
      continue;
}

gboolean
fake_device_send_bytes (FakeDevice *self, const void *bytes, gsize size)
{
  gsize allowed = MIN (size, self->may_send);
  gsize offset = 0;

  while (offset < allowed) {
    gssize sent = send (self->fd, (const char *) bytes + offset, allowed - offset, MSG_NOSIGNAL);

    if (sent < 0)
      return FALSE;

    offset += sent;
  }

  spend (&self->may_send, allowed);
  return allowed == size;
}

void
fake_device_set_limits (FakeDevice *self, gsize max_sent, gsize max_read)
{
  self->may_send = max_sent;
  self->may_read = max_read;
}

gboolean
fake_device_send (FakeDevice *self, const OakXlinkEvent *event, const void *payload)
{
  guint8 header[OAK_XLINK_EVENT_SIZE];

  oak_xlink_event_encode (event, header);
  return fake_device_send_bytes (self, header, sizeof header) &&
         (payload == NULL || fake_device_send_bytes (self, payload, event->size));
}

gint32
fake_device_take_id (FakeDevice *self)
{
  return ++self->last_id;
}

gboolean
fake_device_request (FakeDevice *self,
                     OakXlinkEventType type,
                     const char *stream_name,
                     guint32 stream_id,
                     guint32 size,
                     const void *payload)
{
  OakXlinkEvent event = {
    .id = fake_device_take_id (self),
    .type = type,
    .stream_id = stream_id,
    .size = size,
    .flags = OAK_XLINK_FLAG_ACK,
  };

  if (stream_name != NULL)
    g_strlcpy (event.stream_name, stream_name, sizeof event.stream_name);
  return fake_device_send (self, &event, payload);
}

gboolean
fake_device_answer (FakeDevice *self, const OakXlinkEvent *request)
{
  OakXlinkEvent response;

  if (!oak_xlink_event_is_request (request))
    return TRUE;

  oak_xlink_event_init_response (&response, request);
  if (!fake_device_send (self, &response, NULL))
    return FALSE;

  return request->type != OAK_XLINK_EVENT_WRITE_REQ ||
         fake_device_request (self,
                              OAK_XLINK_EVENT_READ_REL_REQ,
                              NULL,
                              request->stream_id,
                              request->size,
                              NULL);
}

void
fake_device_serve (FakeDevice *self)
{
  OakXlinkEvent event;

  while (fake_device_read (self, &event, NULL))
    if (!fake_device_answer (self, &event) || event.type == OAK_XLINK_EVENT_RESET_REQ)
      return;
}

GBytes *
fake_device_serve_until_write (FakeDevice *self, const char *stream_name)
{
  OakXlinkEvent event;
  g_autoptr (GBytes) payload = NULL;

  for (;;) {
    g_clear_pointer (&payload, g_bytes_unref);
    if (!read_event (self, &event, &payload, stream_name))
      g_error ("fake device: the host closed the link, but a write on %s is expected", stream_name);

    fake_device_answer (self, &event);
    if (payload != NULL && g_strcmp0 (self->stream_names[event.stream_id], stream_name) == 0)
      return g_steal_pointer (&payload);
  }
}

void
fake_device_cut (FakeDevice *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}
