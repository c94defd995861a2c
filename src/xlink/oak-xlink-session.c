/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-xlink-session.h"

#include <string.h>

#include "oak-error.h"
#include "oak-xlink-session-private.h"

/* The worker's side of a session: it opens, resets and closes, and owns the two private threads.
 * Every call here is the worker's and waits under the session's lock; the link itself is touched
 * only to be closed. */

OakXlinkSession *
oak_xlink_session_new (OakLink *link, const OakTimeouts *timeouts, OakReport *report)
{
  OakXlinkSession *self = g_new0 (OakXlinkSession, 1);

  self->link = g_object_ref (link);
  self->timeouts = *timeouts;
  self->report = report;
  g_mutex_init (&self->progress_lock);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_cond_init (&self->work);
  self->streams = g_ptr_array_new_with_free_func ((GDestroyNotify) oak_xlink_stream_free);
  self->requests =
      g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) oak_xlink_request_unref);
  g_queue_init (&self->events);
  g_queue_init (&self->packets);
  return self;
}

static gboolean
start_thread (OakXlinkSession *self,
              GThread **thread,
              const char *name,
              GThreadFunc function,
              GError **error)
{
  g_autoptr (GError) local_error = NULL;

  *thread = g_thread_try_new (name, function, self, &local_error);
  if (*thread != NULL)
    return TRUE;

  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_UNREACHABLE,
               "starting a thread: %s",
               local_error->message);
  return FALSE;
}

/* Sends a request without payload and waits for its response. */
static gboolean
ping (OakXlinkSession *self, GCancellable *cancellable, GError **error)
{
  OakXlinkWait wait;
  OakXlinkOutput *output = NULL;
  g_autoptr (OakXlinkRequest) request = NULL;
  gboolean success = FALSE;

  oak_xlink_wait_begin (&wait, self, oak_deadline_in_ms (self->timeouts.ping_ms), cancellable);
  output = oak_xlink_session_new_request (self, OAK_XLINK_EVENT_PING_REQ, NULL);
  request = oak_xlink_request_ref (output->request);
  oak_xlink_session_queue_event (self, output);
  success = oak_xlink_wait_for_answer (&wait, request, "answer", error);
  oak_xlink_wait_end (&wait);

  if (!success)
    g_prefix_error (error, "greeting the camera: ");
  return success;
}

OakXlinkSession *
oak_xlink_session_open (OakLink *link,
                        const OakTimeouts *timeouts,
                        OakReport *report,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (OakXlinkSession) self = NULL;

  g_return_val_if_fail (OAK_IS_LINK (link), NULL);
  g_return_val_if_fail (timeouts != NULL, NULL);

  self = oak_xlink_session_new (link, timeouts, report);
  if (!start_thread (self, &self->reader, "xlink-reader", oak_xlink_reader_run, error) ||
      !start_thread (self, &self->writer, "xlink-writer", oak_xlink_writer_run, error))
    return NULL;

  if (!ping (self, cancellable, error))
    return NULL;

  return g_steal_pointer (&self);
}

/* Called with the lock. The answer to the camera's RESET is the one thing worth waiting for. */
static void
let_farewell_out (OakXlinkSession *self)
{
  gint64 deadline_us = g_get_monotonic_time () + OAK_XLINK_FAREWELL_US;

  while (self->writer != NULL && self->has_farewell)
    if (!g_cond_wait_until (&self->changed, &self->lock, deadline_us))
      return;
}

void
oak_xlink_session_close (OakXlinkSession *self)
{
  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->lock);
  oak_xlink_session_lose (
      self,
      g_error_new_literal (OAK_ERROR, OAK_ERROR_DISCONNECTED, "the session was closed"));
  let_farewell_out (self);
  g_mutex_unlock (&self->lock);

  oak_link_close (self->link);
  g_clear_pointer (&self->reader, g_thread_join);
  g_clear_pointer (&self->writer, g_thread_join);
}

void
oak_xlink_session_free (OakXlinkSession *self)
{
  g_return_if_fail (self != NULL);

  oak_xlink_session_close (self);
  g_queue_clear_full (&self->events, (GDestroyNotify) oak_xlink_output_free);
  g_queue_clear_full (&self->packets, (GDestroyNotify) oak_xlink_output_free);
  g_clear_pointer (&self->farewell, oak_xlink_output_free);
  g_hash_table_unref (self->requests);
  g_ptr_array_unref (self->streams);
  g_clear_error (&self->loss);
  g_cond_clear (&self->work);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->progress_lock);
  g_object_unref (self->link);
  g_free (self);
}

/* Called with the lock: a CREATE that is still unanswered is not repeated. */
static void
queue_create (OakXlinkStream *stream, guint32 write_size)
{
  OakXlinkOutput *output = NULL;

  if (stream->create != NULL && !stream->create->answered)
    return;

  stream->write_size = write_size;
  output =
      oak_xlink_session_new_request (stream->session, OAK_XLINK_EVENT_CREATE_STREAM_REQ, stream);
  output->event.size = write_size;
  g_strlcpy (output->event.stream_name, stream->name, sizeof output->event.stream_name);
  g_clear_pointer (&stream->create, oak_xlink_request_unref);
  stream->create = oak_xlink_request_ref (output->request);
  oak_xlink_session_queue_event (stream->session, output);
}

/* Called with the lock. */
static OakXlinkStream *
create_stream (OakXlinkSession *self,
               const char *name,
               guint32 write_size,
               OakXlinkWait *wait,
               GError **error)
{
  OakXlinkStream *stream = NULL;

  if (!oak_xlink_session_check_loss (self, error) ||
      g_cancellable_set_error_if_cancelled (wait->cancellable, error))
    return NULL;

  stream = oak_xlink_session_find_stream (self, name);
  if (stream != NULL && stream->opened)
    return stream;

  if (stream == NULL)
    stream = oak_xlink_session_add_stream (self, name);
  if (stream == NULL) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_PROTOCOL,
                         "the camera opened too many streams");
    return NULL;
  }

  queue_create (stream, write_size);
  if (!oak_xlink_wait_for_answer (wait, stream->create, "answer", error))
    return NULL;

  if (!stream->opened) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_REFUSED,
                         "the camera does not want this stream");
    return NULL;
  }

  return stream;
}

OakXlinkStream *
oak_xlink_session_open_stream (OakXlinkSession *self,
                               const char *name,
                               guint32 write_size,
                               GCancellable *cancellable,
                               GError **error)
{
  OakXlinkWait wait;
  OakXlinkStream *stream = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL && *name != '\0', NULL);
  g_return_val_if_fail (strlen (name) < OAK_XLINK_STREAM_NAME_SIZE, NULL);
  g_return_val_if_fail (write_size > 0 && write_size <= G_MAXINT32, NULL);

  write_size = (write_size + OAK_XLINK_CREDIT_ROUNDING - 1) / OAK_XLINK_CREDIT_ROUNDING *
               OAK_XLINK_CREDIT_ROUNDING;
  oak_xlink_wait_begin (&wait,
                        self,
                        oak_deadline_in_ms (self->timeouts.open_stream_ms),
                        cancellable);
  stream = create_stream (self, name, write_size, &wait, error);
  oak_xlink_wait_end (&wait);

  if (stream == NULL)
    g_prefix_error (error, "opening `%s`: ", name);
  return stream;
}

gboolean
oak_xlink_session_is_new (OakXlinkSession *self,
                          OakXlinkStream *stream,
                          gint64 deadline_us,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GError) local_error = NULL;
  OakXlinkWait wait;
  gboolean waiting = TRUE;

  g_return_val_if_fail (self != NULL && stream != NULL, FALSE);

  oak_xlink_wait_begin (&wait, self, deadline_us, cancellable);
  while (waiting && !stream->greeted && !self->leftovers)
    waiting = oak_xlink_session_check_loss (self, &local_error) &&
              oak_xlink_wait_next (&wait, "greeting", &local_error);
  if (self->leftovers || g_error_matches (local_error, OAK_ERROR, OAK_ERROR_TIMED_OUT)) {
    g_clear_error (&local_error);
    g_set_error_literal (&local_error,
                         OAK_ERROR,
                         OAK_ERROR_BUSY,
                         "the camera is still in a conversation that somebody left");
  }
  oak_xlink_wait_end (&wait);

  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

gboolean
oak_xlink_session_start_keep_alive (OakXlinkSession *self,
                                    GCancellable *cancellable,
                                    GError **error)
{
  OakXlinkStream *watchdog = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  watchdog = oak_xlink_session_open_stream (self,
                                            OAK_WATCHDOG_STREAM,
                                            OAK_WATCHDOG_STREAM_SIZE,
                                            cancellable,
                                            error);
  if (watchdog == NULL)
    return FALSE;

  g_mutex_lock (&self->lock);
  self->watchdog = watchdog;
  if (!self->keep_alive)
    self->next_keep_alive_us = g_get_monotonic_time ();
  self->keep_alive = TRUE;
  g_cond_signal (&self->work);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

void
oak_xlink_session_stop_keep_alive (OakXlinkSession *self, gboolean send_reset)
{
  static const guint8 reset_message[4] = { 1, 0, 0, 0 };

  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->lock);
  if (self->keep_alive && send_reset) {
    OakXlinkOutput *output =
        oak_xlink_session_new_request (self, OAK_XLINK_EVENT_WRITE_REQ, self->watchdog);

    output->payload = g_bytes_new_static (reset_message, sizeof reset_message);
    output->event.size = sizeof reset_message;
    oak_xlink_session_queue_packet (self, output);
  }
  self->keep_alive = FALSE;
  g_mutex_unlock (&self->lock);
}

/* Called with the lock. The link's end is as good an answer as RESET_RESP, once the request is out
 * (xlink.md §5.9); and when the camera has said anything at all since then, it is at least not
 * waiting for us. */
static gboolean
send_reset (OakXlinkSession *self, OakXlinkWait *wait, GError **error)
{
  OakXlinkOutput *output = NULL;
  g_autoptr (OakXlinkRequest) request = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!oak_xlink_session_check_loss (self, error))
    return FALSE;

  self->keep_alive = FALSE;
  self->ending = TRUE;
  output = oak_xlink_session_new_request (self, OAK_XLINK_EVENT_RESET_REQ, NULL);
  request = oak_xlink_request_ref (output->request);
  oak_xlink_session_queue_event (self, output);
  if (oak_xlink_wait_for_answer (wait, request, "answer", &local_error) ||
      (request->sent && (self->loss != NULL || self->heard_after_reset > 0)))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

gboolean
oak_xlink_session_reset (OakXlinkSession *self, GError **error)
{
  OakXlinkWait wait;
  gboolean success = FALSE;

  g_return_val_if_fail (self != NULL, FALSE);

  oak_xlink_wait_begin (&wait, self, oak_deadline_in_ms (self->timeouts.reset_ms), NULL);
  success = send_reset (self, &wait, error);
  oak_xlink_wait_end (&wait);

  oak_xlink_session_close (self);
  if (!success)
    g_prefix_error (error, "restarting the camera: ");
  return success;
}

gboolean
oak_xlink_session_wait_for_loss (OakXlinkSession *self,
                                 gint64 deadline_us,
                                 GCancellable *cancellable,
                                 GError **error)
{
  OakXlinkWait wait;
  gboolean success = TRUE;

  g_return_val_if_fail (self != NULL, FALSE);

  oak_xlink_wait_begin (&wait, self, deadline_us, cancellable);
  while (success && self->loss == NULL)
    success = oak_xlink_wait_next (&wait, "end of the connection", error);
  oak_xlink_wait_end (&wait);
  return success;
}

gboolean
oak_xlink_session_is_up (OakXlinkSession *self, GError **error)
{
  gboolean up = FALSE;

  g_return_val_if_fail (self != NULL, FALSE);

  g_mutex_lock (&self->lock);
  up = oak_xlink_session_check_loss (self, error);
  g_mutex_unlock (&self->lock);
  return up;
}

void
oak_xlink_session_set_progress_func (OakXlinkSession *self,
                                     OakXlinkProgressFunc func,
                                     gpointer user_data)
{
  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->progress_lock);
  self->progress_func = func;
  self->progress_data = user_data;
  g_mutex_unlock (&self->progress_lock);
}

const char *
oak_xlink_session_get_description (OakXlinkSession *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return oak_link_get_description (self->link);
}
