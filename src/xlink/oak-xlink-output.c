/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <string.h>

#include "oak-error.h"
#include "oak-xlink-session-private.h"

/* The tables that the worker's calls, the reader and the writer share: what is to be sent, what
 * waits for a response, which streams there are, and whether the link is lost. Called from all of
 * these threads, always with the session's lock held. */

#define MAX_COMPLAINTS    20
#define PROGRESS_EVERY_US (100 * 1000)
#define PROGRESS_SMALLEST (64 * 1024)

OakXlinkRequest *
oak_xlink_request_ref (OakXlinkRequest *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
oak_xlink_request_unref (OakXlinkRequest *self)
{
  if (g_atomic_ref_count_dec (&self->references))
    g_free (self);
}

void
oak_xlink_output_free (OakXlinkOutput *self)
{
  g_clear_pointer (&self->request, oak_xlink_request_unref);
  g_clear_pointer (&self->payload, g_bytes_unref);
  g_free (self);
}

/* Event ids need only be unique among what is outstanding; they are positive as in the original
 * (xlink.md §5.4). */
static gint32
next_event_id (OakXlinkSession *self)
{
  do
    self->last_event_id = self->last_event_id == G_MAXINT32 ? 1 : self->last_event_id + 1;
  while (g_hash_table_contains (self->requests, GINT_TO_POINTER (self->last_event_id)));

  return self->last_event_id;
}

OakXlinkOutput *
oak_xlink_session_new_request (OakXlinkSession *self,
                               OakXlinkEventType type,
                               OakXlinkStream *stream)
{
  OakXlinkOutput *output = g_new0 (OakXlinkOutput, 1);

  output->event.id = next_event_id (self);
  output->event.type = type;
  output->event.flags = OAK_XLINK_FLAG_ACK;
  output->event.stream_id = stream != NULL ? stream->id : 0;
  output->stream = stream;
  output->request = g_new0 (OakXlinkRequest, 1);
  g_atomic_ref_count_init (&output->request->references);
  output->request->type = type;
  output->request->stream = stream;
  return output;
}

void
oak_xlink_session_queue_event (OakXlinkSession *self, OakXlinkOutput *output)
{
  g_queue_push_tail (&self->events, output);
  g_cond_signal (&self->work);
}

void
oak_xlink_session_queue_packet (OakXlinkSession *self, OakXlinkOutput *output)
{
  g_queue_push_tail (&self->packets, output);
  g_cond_signal (&self->work);
}

void
oak_xlink_session_withdraw_packet (OakXlinkSession *self, OakXlinkRequest *request)
{
  for (GList *item = self->packets.head; item != NULL; item = item->next) {
    OakXlinkOutput *output = item->data;

    if (output->request != request)
      continue;

    g_queue_delete_link (&self->packets, item);
    oak_xlink_output_free (output);
    return;
  }
}

void
oak_xlink_session_lose (OakXlinkSession *self, GError *error)
{
  if (self->loss != NULL) {
    g_error_free (error);
    return;
  }

  self->loss = error;
  g_atomic_int_set (&self->lost, TRUE);
  g_cond_broadcast (&self->changed);
  g_cond_signal (&self->work);
}

gboolean
oak_xlink_session_check_loss (OakXlinkSession *self, GError **error)
{
  if (self->loss == NULL)
    return TRUE;

  g_propagate_error (error, g_error_copy (self->loss));
  return FALSE;
}

OakXlinkStream *
oak_xlink_session_find_stream (OakXlinkSession *self, const char *name)
{
  for (guint i = 0; i < self->streams->len; i++) {
    OakXlinkStream *stream = g_ptr_array_index (self->streams, i);

    if (strcmp (stream->name, name) == 0)
      return stream;
  }

  return NULL;
}

OakXlinkStream *
oak_xlink_session_get_stream (OakXlinkSession *self, guint32 id)
{
  return id < self->streams->len ? g_ptr_array_index (self->streams, id) : NULL;
}

OakXlinkStream *
oak_xlink_session_add_stream (OakXlinkSession *self, const char *name)
{
  OakXlinkStream *stream = NULL;

  if (self->streams->len >= OAK_XLINK_MAX_STREAMS)
    return NULL;

  stream = g_new0 (OakXlinkStream, 1);
  stream->session = self;
  stream->name = g_strdup (name);
  stream->id = self->streams->len;
  g_queue_init (&stream->unread);
  g_ptr_array_add (self->streams, stream);
  return stream;
}

void
oak_xlink_session_complain (OakXlinkSession *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (self->complaints >= MAX_COMPLAINTS)
    return;

  self->complaints++;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  oak_report_log (self->report,
                  OAK_LOG_LEVEL_DEBUG,
                  "link: %s%s",
                  text,
                  self->complaints == MAX_COMPLAINTS ? " (further oddities are not logged)" : "");
}

void
oak_xlink_session_report_progress (OakXlinkSession *self,
                                   OakXlinkDirection direction,
                                   gsize done,
                                   gsize total,
                                   gint64 *last_us)
{
  gint64 now_us = g_get_monotonic_time ();

  if (total <= PROGRESS_SMALLEST || (done < total && now_us - *last_us < PROGRESS_EVERY_US))
    return;

  *last_us = now_us;
  g_mutex_lock (&self->progress_lock);
  if (self->progress_func != NULL)
    self->progress_func (direction, done, total, self->progress_data);
  g_mutex_unlock (&self->progress_lock);
}
