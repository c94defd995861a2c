/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-error.h"
#include "oak-xlink-session-private.h"

/* The worker's side of one stream: packets in and out, with credit. Nothing here touches the link:
 * packets are handed to the writer and taken from what the reader sorted. */

void
oak_xlink_stream_free (OakXlinkStream *self)
{
  g_queue_clear_full (&self->unread, (GDestroyNotify) g_bytes_unref);
  g_clear_pointer (&self->create, oak_xlink_request_unref);
  g_free (self->name);
  g_free (self);
}

gboolean
oak_xlink_stream_has_credit (const OakXlinkStream *self, gsize size)
{
  return self->unreleased_packets < OAK_XLINK_MAX_PACKETS &&
         self->unreleased_size + size <= self->write_size;
}

static gboolean
check_size (OakXlinkStream *self, gsize size, GError **error)
{
  if (size <= MIN (self->write_size, OAK_XLINK_MAX_PACKET_SIZE))
    return TRUE;

  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_TOO_LARGE,
               "%" G_GSIZE_FORMAT " bytes are too many for one packet on `%s`",
               size,
               self->name);
  return FALSE;
}

/* Returns: (transfer full): the queued packet's request. */
static OakXlinkRequest *
queue_packet (OakXlinkStream *self, GBytes *packet)
{
  OakXlinkOutput *output =
      oak_xlink_session_new_request (self->session, OAK_XLINK_EVENT_WRITE_REQ, self);
  OakXlinkRequest *request = oak_xlink_request_ref (output->request);

  output->payload = g_bytes_ref (packet);
  output->event.size = g_bytes_get_size (packet);
  oak_xlink_session_queue_packet (self->session, output);
  return request;
}

/* Called with the lock. */
static gboolean
write_packet (OakXlinkStream *self, GBytes *packet, OakXlinkWait *wait, GError **error)
{
  g_autoptr (OakXlinkRequest) request = NULL;

  if (!check_size (self, g_bytes_get_size (packet), error))
    return FALSE;

  if (!oak_xlink_session_check_loss (self->session, error) ||
      g_cancellable_set_error_if_cancelled (wait->cancellable, error))
    return FALSE;

  request = queue_packet (self, packet);
  if (!oak_xlink_wait_for_answer (wait, request, "acknowledgement", error)) {
    oak_xlink_session_withdraw_packet (self->session, request);
    return FALSE;
  }

  if (!request->accepted) {
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_REFUSED, "the camera refused the packet");
    return FALSE;
  }

  return TRUE;
}

gboolean
oak_xlink_stream_write (OakXlinkStream *self,
                        GBytes *packet,
                        gint64 deadline_us,
                        GCancellable *cancellable,
                        GError **error)
{
  OakXlinkWait wait;
  gboolean success = FALSE;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (packet != NULL, FALSE);

  oak_xlink_wait_begin (&wait, self->session, deadline_us, cancellable);
  success = write_packet (self, packet, &wait, error);
  oak_xlink_wait_end (&wait);

  if (!success)
    g_prefix_error (error, "sending on `%s`: ", self->name);
  return success;
}

gboolean
oak_xlink_stream_drain (OakXlinkStream *self,
                        gint64 deadline_us,
                        GCancellable *cancellable,
                        GError **error)
{
  OakXlinkWait wait;
  gboolean success = TRUE;

  g_return_val_if_fail (self != NULL, FALSE);

  oak_xlink_wait_begin (&wait, self->session, deadline_us, cancellable);
  while (success && self->unreleased_packets > 0)
    success = oak_xlink_session_check_loss (self->session, error) &&
              oak_xlink_wait_next (&wait, "release", error);
  oak_xlink_wait_end (&wait);

  if (!success)
    g_prefix_error (error, "waiting until `%s` is used: ", self->name);
  return success;
}

/* Called with the lock. Takes the first packet and gives the camera its credit back, with exactly
 * its size (xlink.md §5.7). */
static GBytes *
take_packet (OakXlinkStream *self)
{
  OakXlinkSession *session = self->session;
  GBytes *packet = g_queue_pop_head (&self->unread);
  OakXlinkOutput *release =
      oak_xlink_session_new_request (session, OAK_XLINK_EVENT_READ_REL_REQ, self);

  session->unread_size -= g_bytes_get_size (packet);
  release->event.size = g_bytes_get_size (packet);
  oak_xlink_session_queue_event (session, release);
  return packet;
}

/* Called with the lock: can another packet still come? What arrived before the link was lost is
 * read first, so the reader must have come to its end. */
static gboolean
check_source (OakXlinkStream *self, GError **error)
{
  OakXlinkSession *session = self->session;

  if (session->loss != NULL && session->reader_ended)
    return oak_xlink_session_check_loss (session, error);

  if (self->ended) {
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_DISCONNECTED, "the camera closed the stream");
    return FALSE;
  }

  return TRUE;
}

GBytes *
oak_xlink_stream_read (OakXlinkStream *self,
                       gint64 deadline_us,
                       GCancellable *cancellable,
                       GError **error)
{
  OakXlinkWait wait;
  GBytes *packet = NULL;
  gboolean success = TRUE;

  g_return_val_if_fail (self != NULL, NULL);

  oak_xlink_wait_begin (&wait, self->session, deadline_us, cancellable);
  while (success && g_queue_is_empty (&self->unread))
    success = check_source (self, error) && oak_xlink_wait_next (&wait, "packet", error);
  if (success)
    packet = take_packet (self);
  oak_xlink_wait_end (&wait);

  if (packet == NULL)
    g_prefix_error (error, "waiting on `%s`: ", self->name);
  return packet;
}

const char *
oak_xlink_stream_get_name (OakXlinkStream *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

guint32
oak_xlink_stream_get_id (OakXlinkStream *self)
{
  g_return_val_if_fail (self != NULL, OAK_XLINK_INVALID_STREAM_ID);

  return self->id;
}
