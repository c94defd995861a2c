/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-bootloader-private.h"

#include "oak-error.h"
#include "oak-link.h"
#include "oak-reader.h"
#include "oak-text.h"

/* Opening and ending a conversation with a bootloader, and the exchange of one request for one
 * answer on which all operations rest (bootloader.md §3.4, §4). The operations themselves are in
 * the files beside this one. Worker thread. */

/* How long a cancelled call still waits for the answer to a question that is on its way. */
#define CANCEL_GRACE_MS 500

void
oak_bootloader_set_refused (GError **error, const char *camera_text)
{
  g_autofree char *text = oak_text_escape (camera_text, -1, OAK_ERROR_TEXT_SIZE);

  if (*text == '\0')
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_REFUSED,
                         "the camera refused without giving a reason");
  else
    g_set_error (error, OAK_ERROR, OAK_ERROR_REFUSED, "the camera refused: “%s”", text);
}

static gboolean
check_version (OakBootloader *self, OakRequestCommand command, GError **error)
{
  OakVersion since = oak_request_command_get_since (command);
  g_autofree char *needed = NULL;
  g_autofree char *running = NULL;

  if (!self->version_known || oak_version_compare (self->version, since) >= 0)
    return TRUE;

  needed = oak_version_to_string (since);
  running = oak_version_to_string (self->version);
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_UNSUPPORTED,
               "%s needs bootloader %s or newer, this one is %s",
               oak_request_command_to_string (command),
               needed,
               running);
  return FALSE;
}

gboolean
oak_bootloader_begin_request (OakBootloader *self,
                              OakRequestCommand command,
                              GCancellable *cancellable,
                              GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!oak_xlink_session_is_up (self->session, error))
    return FALSE;
  if (oak_link_is_closed (self->link)) {
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_DISCONNECTED, "the link was cut");
    return FALSE;
  }
  if (self->out_of_step) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_PROTOCOL,
                         "an earlier question was not answered, the connection is out of step");
    return FALSE;
  }
  return check_version (self, command, error);
}

gboolean
oak_bootloader_send_request (OakBootloader *self,
                             const OakBootloaderRequest *request,
                             GError **error)
{
  g_autoptr (GBytes) bytes = oak_bootloader_request_encode (request);

  if (oak_xlink_stream_write (self->stream,
                              bytes,
                              oak_deadline_in_ms (self->timeouts.query_ms),
                              NULL,
                              error))
    return TRUE;

  self->out_of_step = TRUE;
  g_prefix_error (error, "sending %s: ", oak_request_command_to_string (request->command));
  return FALSE;
}

GBytes *
oak_bootloader_read_packet (OakBootloader *self,
                            guint timeout_ms,
                            GCancellable *cancellable,
                            GError **error)
{
  gint64 deadline_us = oak_deadline_in_ms (timeout_ms);
  g_autoptr (GError) local_error = NULL;
  GBytes *packet = oak_xlink_stream_read (self->stream, deadline_us, cancellable, &local_error);

  if (packet == NULL && g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    packet = oak_xlink_stream_read (self->stream,
                                    MIN (deadline_us, oak_deadline_in_ms (CANCEL_GRACE_MS)),
                                    NULL,
                                    NULL);
  if (packet != NULL)
    return packet;

  self->out_of_step = TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

static guint32
peek_command (GBytes *packet)
{
  gsize size = 0;
  gconstpointer data = g_bytes_get_data (packet, &size);
  OakReader reader;

  oak_reader_init (&reader, data, size);
  return size < sizeof (guint32) ? G_MAXUINT32 : oak_reader_u32 (&reader, "command");
}

/* Data packets come behind such an answer, and would be taken for the next answer. */
static gboolean
is_followed_by_data (OakResponseCommand answer)
{
  return answer == OAK_RESPONSE_READ_FLASH || answer == OAK_RESPONSE_CONFIG;
}

static void
reject_short_answer (OakBootloader *self,
                     const char *asked,
                     OakResponseCommand answer,
                     GError **error)
{
  gboolean breaks_step = is_followed_by_data (answer);

  self->out_of_step |= breaks_step;
  g_set_error (error,
               OAK_ERROR,
               breaks_step ? OAK_ERROR_PROTOCOL : OAK_ERROR_UNSUPPORTED,
               "the bootloader's answer to %s is too short",
               asked);
}

void
oak_bootloader_reject_response (OakBootloader *self,
                                OakRequestCommand command,
                                OakResponseCommand expected,
                                GBytes *packet,
                                GError **error)
{
  const char *asked = oak_request_command_to_string (command);
  guint32 answer = peek_command (packet);

  if (answer == OAK_RESPONSE_NO_OP) {
    g_set_error (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED, "the bootloader does not know %s", asked);
    return;
  }
  if (answer == (guint32) expected) {
    reject_short_answer (self, asked, expected, error);
    return;
  }
  self->out_of_step = TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_PROTOCOL,
               "the camera answered %s with %s (%u) of %" G_GSIZE_FORMAT " bytes",
               asked,
               oak_response_command_to_string (answer),
               answer,
               g_bytes_get_size (packet));
}

gboolean
oak_bootloader_read_response (OakBootloader *self,
                              OakRequestCommand command,
                              OakResponseCommand expected,
                              guint timeout_ms,
                              OakBootloaderResponse *response,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (GBytes) packet = oak_bootloader_read_packet (self, timeout_ms, cancellable, error);
  gsize size = 0;
  gconstpointer data;

  if (packet == NULL) {
    g_prefix_error (error,
                    "waiting for the answer to %s: ",
                    oak_request_command_to_string (command));
    return FALSE;
  }

  data = g_bytes_get_data (packet, &size);
  if (oak_bootloader_response_decode (response, data, size, NULL) && response->command == expected)
    return TRUE;
  oak_bootloader_reject_response (self, command, expected, packet, error);
  return FALSE;
}

gboolean
oak_bootloader_ask (OakBootloader *self,
                    const OakBootloaderRequest *request,
                    OakResponseCommand expected,
                    OakBootloaderResponse *response,
                    GCancellable *cancellable,
                    GError **error)
{
  return oak_bootloader_begin_request (self, request->command, cancellable, error) &&
         oak_bootloader_send_request (self, request, error) &&
         oak_bootloader_read_response (self,
                                       request->command,
                                       expected,
                                       self->timeouts.query_ms,
                                       response,
                                       cancellable,
                                       error);
}

/* A fall is believed at once, a rise by halves: too slow a guess costs a little, too fast a one
 * costs the session. */
static void
learn_speed (OakBootloader *self, gsize size, gint64 elapsed_us)
{
  double speed = (double) size * G_USEC_PER_SEC / (double) MAX (elapsed_us, 1);

  if (self->send_speed > 0 && speed > self->send_speed)
    speed = (self->send_speed + speed) / 2;
  self->send_speed = speed;
}

/* Waiting for credit is not counted, because that is the camera's own time; from the first byte to
 * the acknowledgement it is the link's (xlink.md §5.7). */
gboolean
oak_bootloader_send_packet (OakBootloader *self,
                            GBytes *packet,
                            gint64 deadline_us,
                            GCancellable *cancellable,
                            GError **error)
{
  gsize size = g_bytes_get_size (packet);
  gint64 start_us;

  if (size >= OAK_BOOTLOADER_SAMPLE_SIZE &&
      !oak_xlink_stream_drain (self->stream, deadline_us, cancellable, error))
    return FALSE;

  start_us = g_get_monotonic_time ();
  if (!oak_xlink_stream_write (self->stream, packet, deadline_us, cancellable, error))
    return FALSE;
  if (size >= OAK_BOOTLOADER_SAMPLE_SIZE)
    learn_speed (self, size, g_get_monotonic_time () - start_us);
  return TRUE;
}

static OakBootloader *
bootloader_new (OakLink *link, const OakTimeouts *timeouts, OakReport *report)
{
  OakBootloader *self = g_new0 (OakBootloader, 1);

  self->link = g_object_ref (link);
  self->timeouts = *timeouts;
  self->report = report;
  self->commit = g_strdup ("");
  self->type = OAK_BOOTLOADER_TYPE_AUTO;
  return self;
}

static gboolean
open_session (OakBootloader *self, GCancellable *cancellable, GError **error)
{
  self->session =
      oak_xlink_session_open (self->link, &self->timeouts, self->report, cancellable, error);
  if (self->session == NULL)
    return FALSE;

  self->stream = oak_xlink_session_open_stream (self->session,
                                                OAK_BOOTLOADER_STREAM,
                                                OAK_BOOTLOADER_PACKET_SIZE,
                                                cancellable,
                                                error);
  return self->stream != NULL;
}

/* The camera's own end of an old conversation is its watchdog; RESET is quicker. */
static gboolean
check_is_new (OakBootloader *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (oak_xlink_session_is_new (self->session,
                                self->stream,
                                oak_deadline_in_ms (self->timeouts.greeting_ms),
                                cancellable,
                                &local_error))
    return TRUE;
  if (g_error_matches (local_error, OAK_ERROR, OAK_ERROR_BUSY))
    oak_xlink_session_reset (self->session, NULL);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
begin_conversation (OakBootloader *self, GCancellable *cancellable, GError **error)
{
  return oak_xlink_session_start_keep_alive (self->session, cancellable, error) &&
         oak_bootloader_read_identity (self, cancellable, error);
}

OakBootloader *
oak_bootloader_open (OakLink *link,
                     const OakTimeouts *timeouts,
                     OakReport *report,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (OakBootloader) self = NULL;

  g_return_val_if_fail (OAK_IS_LINK (link), NULL);
  g_return_val_if_fail (timeouts != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = bootloader_new (link, timeouts, report);
  if (!open_session (self, cancellable, error) || !begin_conversation (self, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

OakBootloader *
oak_bootloader_open_unsure (OakLink *link,
                            const OakTimeouts *timeouts,
                            OakReport *report,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (OakBootloader) self = NULL;

  g_return_val_if_fail (OAK_IS_LINK (link), NULL);
  g_return_val_if_fail (timeouts != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = bootloader_new (link, timeouts, report);
  if (!open_session (self, cancellable, error) || !check_is_new (self, cancellable, error) ||
      !begin_conversation (self, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
oak_bootloader_free (OakBootloader *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->session, oak_xlink_session_free);
  g_clear_object (&self->link);
  g_free (self->commit);
  g_free (self);
}

void
oak_bootloader_cut (OakBootloader *self)
{
  g_return_if_fail (self != NULL);

  oak_link_close (self->link);
}

/* A link that has fallen already means that the camera restarts by itself: there is nothing left to
 * ask of it. */
gboolean
oak_bootloader_reset (OakBootloader **self, GError **error)
{
  g_autoptr (OakBootloader) taken = NULL;

  g_return_val_if_fail (self != NULL && *self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  taken = g_steal_pointer (self);
  return oak_xlink_session_reset (taken->session, error);
}

OakVersion
oak_bootloader_get_version (const OakBootloader *self)
{
  g_return_val_if_fail (self != NULL, OAK_VERSION (0, 0, 0));

  return self->version;
}

const char *
oak_bootloader_get_commit (const OakBootloader *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->commit;
}

OakBootloaderType
oak_bootloader_get_type (const OakBootloader *self)
{
  g_return_val_if_fail (self != NULL, OAK_BOOTLOADER_TYPE_AUTO);

  return self->type;
}

double
oak_bootloader_get_send_speed (const OakBootloader *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->send_speed;
}
