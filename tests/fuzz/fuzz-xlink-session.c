/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fuzz-assert.h"
#include "oak-error.h"
#include "oak-xlink-session-private.h"

/* A camera that sends anything: the reader's loop, the writer's queues and a worker that reads and
 * writes now and then, all in one thread and without a clock. Before each event one byte of the
 * input says what the worker and the writer do. */

#define STREAM_SIZE 4096

#define WORKER_READS  0x01
#define WORKER_WRITES 0x02
#define WRITER_RUNS   0x04
#define SIZE_SHIFT    3

/* A link whose camera is the input. */
#define FUZZ_TYPE_LINK (fuzz_link_get_type ())
G_DECLARE_FINAL_TYPE (FuzzLink, fuzz_link, FUZZ, LINK, OakLink)

struct _FuzzLink {
  OakLink parent_instance;

  const guint8 *data; /* (unowned) */
  gsize size;
  OakXlinkSession *session; /* (unowned) */
};

G_DEFINE_FINAL_TYPE (FuzzLink, fuzz_link, OAK_TYPE_LINK)

static void
queue_packet (OakXlinkStream *stream, gsize size)
{
  static const guint8 bytes[256];
  OakXlinkOutput *output =
      oak_xlink_session_new_request (stream->session, OAK_XLINK_EVENT_WRITE_REQ, stream);

  output->payload = g_bytes_new_static (bytes, size);
  output->event.size = size;
  oak_xlink_session_queue_packet (stream->session, output);
}

/* The reader waits for the next header, so it holds no lock. */
static void
act (FuzzLink *self, guint8 action)
{
  OakXlinkSession *session = self->session;
  OakXlinkStream *stream = oak_xlink_session_get_stream (session, 0);
  g_autoptr (GBytes) packet = NULL;

  /* A deadline long past: what is there is given out, and nothing is waited for. */
  if (action & WORKER_READS)
    packet = oak_xlink_stream_read (stream, 1, NULL, NULL);

  g_mutex_lock (&session->lock);
  if (action & WORKER_WRITES)
    queue_packet (stream, action >> SIZE_SHIFT);
  if (action & WRITER_RUNS)
    FUZZ_ASSERT (oak_xlink_writer_flush (session));
  g_mutex_unlock (&session->lock);
}

static gboolean
fuzz_link_read_all (OakLink *link,
                    void *buffer,
                    gsize size,
                    gint64 deadline_us,
                    GCancellable *cancellable,
                    GError **error)
{
  FuzzLink *self = FUZZ_LINK (link);

  if (size == OAK_XLINK_EVENT_SIZE && self->size > 0) {
    self->size--;
    act (self, *self->data++);
  }

  if (self->size < size) {
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_DISCONNECTED, "end of the input");
    return FALSE;
  }

  memcpy (buffer, self->data, size);
  self->data += size;
  self->size -= size;
  return TRUE;
}

/* What we send must make sense whatever the camera does. */
static gboolean
fuzz_link_write_all (OakLink *link,
                     const GOutputVector *vectors,
                     guint n_vectors,
                     gint64 deadline_us,
                     GCancellable *cancellable,
                     GError **error)
{
  OakXlinkEvent event;

  FUZZ_ASSERT (n_vectors >= 1 && vectors[0].size == OAK_XLINK_EVENT_SIZE);
  FUZZ_ASSERT (oak_xlink_event_decode (&event, vectors[0].buffer, vectors[0].size, NULL));
  FUZZ_ASSERT ((event.type == OAK_XLINK_EVENT_WRITE_REQ ? event.size : 0) ==
               (n_vectors == 2 ? vectors[1].size : 0));
  return TRUE;
}

static void
fuzz_link_close (OakLink *link)
{
}

static void
fuzz_link_class_init (FuzzLinkClass *klass)
{
  OakLinkClass *link_class = OAK_LINK_CLASS (klass);

  link_class->read_all = fuzz_link_read_all;
  link_class->write_all = fuzz_link_write_all;
  link_class->close = fuzz_link_close;
}

static void
fuzz_link_init (FuzzLink *self)
{
}

static void
check_books (OakXlinkSession *session)
{
  gsize unread_size = 0;

  FUZZ_ASSERT (session->streams->len <= OAK_XLINK_MAX_STREAMS);
  for (guint i = 0; i < session->streams->len; i++) {
    OakXlinkStream *stream = g_ptr_array_index (session->streams, i);

    FUZZ_ASSERT (stream->id == i);
    FUZZ_ASSERT (stream->unread.length <= OAK_XLINK_MAX_PACKETS);
    FUZZ_ASSERT (stream->unreleased_packets <= OAK_XLINK_MAX_PACKETS);
    FUZZ_ASSERT (stream->unreleased_size <= stream->write_size);
    FUZZ_ASSERT (stream->unreleased_packets > 0 || stream->unreleased_size == 0);
    for (GList *item = stream->unread.head; item != NULL; item = item->next)
      unread_size += g_bytes_get_size (item->data);
  }
  FUZZ_ASSERT (unread_size == session->unread_size);
  FUZZ_ASSERT (unread_size <= OAK_XLINK_MAX_UNREAD_SIZE);
  FUZZ_ASSERT (session->events.length <= OAK_XLINK_MAX_QUEUED_EVENTS + OAK_XLINK_MAX_PACKETS);
  FUZZ_ASSERT (g_hash_table_size (session->requests) <= OAK_XLINK_MAX_REQUESTS);
}

int
fuzz_one_input (const guint8 *data, gsize size)
{
  g_autoptr (FuzzLink) link = g_object_new (FUZZ_TYPE_LINK, "description", "fuzz", NULL);
  g_autoptr (OakXlinkSession) session = NULL;
  OakXlinkStream *stream = NULL;
  OakTimeouts timeouts;

  oak_timeouts_init (&timeouts);
  session = oak_xlink_session_new (OAK_LINK (link), &timeouts, NULL);
  stream = oak_xlink_session_add_stream (session, "s");
  stream->write_size = STREAM_SIZE;
  link->session = session;
  link->data = data;
  link->size = size;

  oak_xlink_reader_run (session);
  FUZZ_ASSERT (session->loss != NULL && session->reader_ended);
  FUZZ_ASSERT (g_error_matches (session->loss, OAK_ERROR, OAK_ERROR_DISCONNECTED) ||
               g_error_matches (session->loss, OAK_ERROR, OAK_ERROR_PROTOCOL));
  check_books (session);
  return 0;
}
