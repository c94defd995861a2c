/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-error.h"
#include "oak-xlink-session-private.h"

/* The "xlink-writer" thread: the only one that writes to the link. At every border between packets
 * it sends, in this order, answers and small requests, the keep-alive when it is due, and the next
 * packet whose stream has credit. Ends when the link is lost. */

/* When sending fails, what the camera sent before it went away may still lie in our buffers. */
#define LAST_WORDS_US (250 * 1000)

static const guint8 keep_alive_message[4] = { 0, 0, 0, 0 };

static void
remember_request (OakXlinkSession *self, OakXlinkOutput *output)
{
  if (output->request == NULL)
    return;

  output->request->sent = TRUE;
  if (output->event.type == OAK_XLINK_EVENT_RESET_REQ)
    self->heard_after_reset = 0;
  if (g_hash_table_size (self->requests) < OAK_XLINK_MAX_REQUESTS)
    g_hash_table_insert (self->requests,
                         GINT_TO_POINTER (output->event.id),
                         oak_xlink_request_ref (output->request));
}

static void
spend_credit (OakXlinkOutput *output)
{
  output->stream->unreleased_packets++;
  output->stream->unreleased_size += output->event.size;
}

static void
warn_about_keep_alive (OakXlinkSession *self)
{
  if (!self->keep_alive_warned)
    oak_report_log (self->report,
                    OAK_LOG_LEVEL_WARNING,
                    "link: the camera does not take its keep-alives; it may restart by itself");
  self->keep_alive_warned = TRUE;
}

static OakXlinkOutput *
take_keep_alive (OakXlinkSession *self)
{
  OakXlinkOutput *output = NULL;
  gint64 now_us = g_get_monotonic_time ();

  if (!self->keep_alive || now_us < self->next_keep_alive_us)
    return NULL;

  if (!oak_xlink_stream_has_credit (self->watchdog, sizeof keep_alive_message)) {
    warn_about_keep_alive (self);
    self->keep_alive_stalled = TRUE;
    return NULL;
  }

  self->keep_alive_stalled = FALSE;
  self->next_keep_alive_us = now_us + (gint64) self->timeouts.keep_alive_ms * 1000;
  output = oak_xlink_session_new_request (self, OAK_XLINK_EVENT_WRITE_REQ, self->watchdog);
  output->payload = g_bytes_new_static (keep_alive_message, sizeof keep_alive_message);
  output->event.size = sizeof keep_alive_message;
  return output;
}

/* A stream without credit does not hold up the others. */
static OakXlinkOutput *
take_packet (OakXlinkSession *self)
{
  for (GList *item = self->packets.head; item != NULL; item = item->next) {
    OakXlinkOutput *output = item->data;

    if (!oak_xlink_stream_has_credit (output->stream, output->event.size))
      continue;

    g_queue_delete_link (&self->packets, item);
    return output;
  }

  return NULL;
}

/* Returns: (transfer full) (nullable): what is to be sent now, already booked as sent. */
static OakXlinkOutput *
take_next (OakXlinkSession *self)
{
  OakXlinkOutput *output = g_queue_pop_head (&self->events);

  if (output == NULL && !self->ending)
    output = take_keep_alive (self);
  if (output == NULL && !self->ending)
    output = take_packet (self);
  if (output == NULL)
    return NULL;

  remember_request (self, output);
  if (output->payload != NULL)
    spend_credit (output);
  return output;
}

/* Until the next keep-alive is due; while the camera releases none, until it does. */
static void
wait_for_work (OakXlinkSession *self)
{
  gboolean expects_keep_alive = self->keep_alive && !self->ending && !self->keep_alive_stalled;

  if (expects_keep_alive)
    g_cond_wait_until (&self->work, &self->lock, self->next_keep_alive_us);
  else
    g_cond_wait (&self->work, &self->lock);
}

static void
encode_header (OakXlinkOutput *output, guint8 header[OAK_XLINK_EVENT_SIZE])
{
  gint64 now_us = g_get_monotonic_time ();
  guint64 seconds = now_us / G_USEC_PER_SEC;

  output->event.nanoseconds = (now_us % G_USEC_PER_SEC) * 1000;
  output->event.seconds_low = (guint32) seconds;
  output->event.seconds_high = (guint32) (seconds >> 32);
  oak_xlink_event_encode (&output->event, header);
}

/* Header and first piece in one call, then piece by piece, so that the progress is seen and a lost
 * link is noticed on the way. */
static gboolean
send_output (OakXlinkSession *self, OakXlinkOutput *output, gint64 deadline_us, GError **error)
{
  guint8 header[OAK_XLINK_EVENT_SIZE];
  gsize size = 0;
  const guint8 *data = output->payload != NULL ? g_bytes_get_data (output->payload, &size) : NULL;
  gsize chunk_size = oak_link_get_chunk_size (self->link);
  gsize offset = MIN (size, chunk_size);
  GOutputVector vectors[] = { { header, sizeof header }, { data, offset } };
  gint64 last_us = g_get_monotonic_time ();

  encode_header (output, header);
  if (!oak_link_write_all (self->link, vectors, offset > 0 ? 2 : 1, deadline_us, NULL, error))
    return FALSE;

  while (offset < size && !g_atomic_int_get (&self->lost)) {
    GOutputVector piece = { data + offset, MIN (size - offset, chunk_size) };

    oak_xlink_session_report_progress (self, OAK_XLINK_DIRECTION_SENDING, offset, size, &last_us);
    if (!oak_link_write_all (self->link, &piece, 1, deadline_us, NULL, error))
      return FALSE;

    offset += piece.size;
  }

  if (offset < size) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_DISCONNECTED,
                         "the link was lost within a packet");
    return FALSE;
  }

  oak_xlink_session_report_progress (self, OAK_XLINK_DIRECTION_SENDING, size, size, &last_us);
  return TRUE;
}

/* Called with the lock, which it gives up while it sends. */
static gboolean
send_next (OakXlinkSession *self, OakXlinkOutput *output, GError **error)
{
  gboolean success = FALSE;

  g_mutex_unlock (&self->lock);
  success = send_output (self, output, OAK_LINK_NO_DEADLINE, error);
  /* What the caller's bytes do when they are freed is not ours to run under the lock. */
  g_clear_pointer (&output->payload, g_bytes_unref);
  g_mutex_lock (&self->lock);
  oak_xlink_output_free (output);
  return success;
}

gboolean
oak_xlink_writer_flush (OakXlinkSession *self)
{
  OakXlinkOutput *output = NULL;

  while (self->loss == NULL && (output = take_next (self)) != NULL) {
    g_autoptr (GError) error = NULL;

    if (!send_next (self, output, &error)) {
      oak_xlink_session_lose (self, g_steal_pointer (&error));
      return FALSE;
    }
  }

  return TRUE;
}

/* Called with the lock: the reader may still find the camera's last words, unless it ended before
 * us. */
static void
let_reader_finish (OakXlinkSession *self)
{
  gint64 deadline_us = g_get_monotonic_time () + LAST_WORDS_US;

  while (!self->reader_ended && !oak_link_is_closed (self->link))
    if (!g_cond_wait_until (&self->work, &self->lock, deadline_us))
      return;
}

/* No deadline of its own: the link counts as up until the operating system says that it is lost, or
 * it is closed, which wakes this thread. Whoever waits for a packet's way has one. */
gpointer
oak_xlink_writer_run (gpointer data)
{
  OakXlinkSession *self = data;
  g_autoptr (OakXlinkOutput) farewell = NULL;
  gboolean in_step = TRUE;

  g_mutex_lock (&self->lock);
  while ((in_step = oak_xlink_writer_flush (self)) && self->loss == NULL)
    wait_for_work (self);
  if (in_step)
    farewell = g_steal_pointer (&self->farewell);
  else
    let_reader_finish (self);
  g_mutex_unlock (&self->lock);

  if (farewell != NULL)
    send_output (self, farewell, g_get_monotonic_time () + OAK_XLINK_FAREWELL_US, NULL);
  oak_link_close (self->link);

  g_mutex_lock (&self->lock);
  self->has_farewell = FALSE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return NULL;
}
