/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-bootloader-private.h"

#include <math.h>

#include "oak-error.h"
#include "oak-silence-watch.h"

/* Writing flash: request, data, progress, result (bootloader.md §5), once as a whole or piece by
 * piece. Worker thread; progress inside a packet comes from the session's writer thread, while the
 * worker waits for it. */

/* Requests are cut at multiples of this address, so that no erase block is torn between two of
 * them. */
#define PIECE_ALIGNMENT (256 * OAK_KIB)
/* A packet may take this part of the keep-alive period; the rest is for links that are slower the
 * next moment. */
#define SAFETY_FACTOR 2
/* While the camera works, its progress and its silence are looked at this often. */
#define LISTEN_MS 200

typedef struct {
  OakBootloader *bootloader;
  GCancellable *cancellable; /* (unowned) (nullable): cancelling it drops the link */
  OakSilenceWatch *watch;    /* (owned) (nullable): waits have no deadline and are only watched */
  OakTransferFunc transfer;  /* (nullable) */
  gpointer user_data;
  OakRequestCommand command;
  guint64 total;         /* bytes of the whole call */
  guint64 sent;          /* before the packet that is going out */
  guint64 confirmed;     /* of the whole call */
  guint64 request_start; /* confirmed before this request */
  guint64 request_size;
  gsize packet_size; /* the one that is going out */
  gint64 heard_us;   /* when the camera last showed that it works */
} OakWrite;

static void
report_transfer (OakWrite *self, guint64 sent)
{
  if (self->watch != NULL)
    oak_silence_watch_touch (self->watch);
  if (self->transfer != NULL)
    self->transfer (MIN (sent, self->total), self->confirmed, self->total, self->user_data);
}

/* The session's writer thread, while the worker waits inside send_packet (). Keep-alives pass by
 * here too. */
static void
packet_moves (OakXlinkDirection direction, gsize done, gsize total, gpointer user_data)
{
  OakWrite *self = user_data;

  if (direction == OAK_XLINK_DIRECTION_SENDING && total == self->packet_size)
    report_transfer (self, self->sent + done);
}

/* What the camera says of its own progress can be anything: only a rise within 0 to 1 counts. */
static void
hear_progress (OakWrite *self, float progress)
{
  double fraction = isfinite (progress) ? CLAMP ((double) progress, 0.0, 1.0) : 0.0;
  guint64 confirmed = self->request_start + (guint64) (fraction * (double) self->request_size);

  self->confirmed =
      MAX (self->confirmed, MIN (confirmed, self->request_start + self->request_size));
  report_transfer (self, self->sent);
}

typedef enum {
  ANSWER_PROGRESS,
  ANSWER_COMPLETE,
  ANSWER_BAD,
} WriteAnswer;

/* @error is set with ANSWER_BAD only. */
static WriteAnswer
understand_answer (OakWrite *self, GBytes *packet, GError **error)
{
  OakBootloaderResponse response;
  gsize size = 0;
  gconstpointer data = g_bytes_get_data (packet, &size);

  if (!oak_bootloader_response_decode (&response, data, size, NULL) ||
      (response.command != OAK_RESPONSE_FLASH_STATUS &&
       response.command != OAK_RESPONSE_FLASH_COMPLETE)) {
    oak_bootloader_reject_response (self->bootloader,
                                    self->command,
                                    OAK_RESPONSE_FLASH_COMPLETE,
                                    packet,
                                    error);
    return ANSWER_BAD;
  }
  if (response.command == OAK_RESPONSE_FLASH_STATUS) {
    hear_progress (self, response.flash_status.progress);
    return ANSWER_PROGRESS;
  }
  if (response.flash_complete.success == 0) {
    oak_bootloader_set_refused (error, response.flash_complete.error_text);
    return ANSWER_BAD;
  }
  return ANSWER_COMPLETE;
}

/* Looks at what the camera said while data still go out: progress is welcome, a refusal ends the
 * sending. Returns: FALSE when there is no use in going on. */
static gboolean
hear_early_answers (OakWrite *self, GError **error)
{
  for (;;) {
    g_autoptr (GBytes) packet = oak_xlink_stream_read (self->bootloader->stream, 1, NULL, NULL);

    if (packet == NULL)
      return TRUE;

    switch (understand_answer (self, packet, error)) {
    case ANSWER_PROGRESS:
      continue;
    case ANSWER_COMPLETE:
      g_set_error_literal (error,
                           OAK_ERROR,
                           OAK_ERROR_PROTOCOL,
                           "the camera reported success before it had all the data");
      return FALSE;
    case ANSWER_BAD:
    default:
      return FALSE;
    }
  }
}

/* Returns: FALSE with OAK_ERROR_TIMED_OUT when the camera has been silent for too long; half-way
 * there it is told once. A patient write has a watch for that instead. */
static gboolean
check_silence (OakWrite *self, gboolean *warned, GError **error)
{
  OakBootloader *bootloader = self->bootloader;
  gint64 limit_us = (gint64) bootloader->timeouts.progress_silence_ms * 1000;
  gint64 silent_us = g_get_monotonic_time () - self->heard_us;

  if (self->watch != NULL || silent_us < limit_us)
    return TRUE;

  if (!*warned)
    oak_report_log (bootloader->report,
                    OAK_LOG_LEVEL_WARNING,
                    "the camera has said nothing for %" G_GINT64_FORMAT " s while it writes",
                    silent_us / G_USEC_PER_SEC);
  *warned = TRUE;
  if (silent_us < 2 * limit_us)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_TIMED_OUT,
               "the camera has said nothing for %" G_GINT64_FORMAT " s while it writes",
               silent_us / G_USEC_PER_SEC);
  return FALSE;
}

/* Until the camera has taken the packets before: it may be erasing or programming meanwhile, and
 * say how far it is. */
static gboolean
await_credit (OakWrite *self, GError **error)
{
  gboolean warned = FALSE;

  self->heard_us = g_get_monotonic_time ();
  for (;;) {
    g_autoptr (GError) local_error = NULL;

    if (oak_xlink_stream_drain (self->bootloader->stream,
                                oak_deadline_in_ms (LISTEN_MS),
                                self->cancellable,
                                &local_error))
      return TRUE;
    if (!g_error_matches (local_error, OAK_ERROR, OAK_ERROR_TIMED_OUT)) {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
    if (!hear_early_answers (self, error) || !check_silence (self, &warned, error))
      return FALSE;
  }
}

static gboolean
send_packet (OakWrite *self, GBytes *packet, GError **error)
{
  OakBootloader *bootloader = self->bootloader;
  gint64 deadline_us =
      self->watch != NULL ? 0 : oak_deadline_in_ms (bootloader->timeouts.packet_ms);
  g_autoptr (GError) local_error = NULL;
  gboolean sent;

  self->packet_size = g_bytes_get_size (packet);
  oak_xlink_session_set_progress_func (bootloader->session, packet_moves, self);
  sent =
      oak_bootloader_send_packet (bootloader, packet, deadline_us, self->cancellable, &local_error);
  oak_xlink_session_set_progress_func (bootloader->session, NULL, NULL);
  if (sent) {
    self->sent += self->packet_size;
    report_transfer (self, self->sent);
    return TRUE;
  }

  /* A camera that has refused may well take no more data: its own words say more than our failure.
   */
  if (hear_early_answers (self, error))
    g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
send_data (OakWrite *self, GBytes *bytes, GError **error)
{
  gsize size = g_bytes_get_size (bytes);

  for (gsize offset = 0; offset < size; offset += OAK_BOOTLOADER_PACKET_SIZE) {
    g_autoptr (GBytes) packet =
        g_bytes_new_from_bytes (bytes,
                                offset,
                                MIN (size - offset, (gsize) OAK_BOOTLOADER_PACKET_SIZE));

    if (g_bytes_get_size (packet) >= OAK_BOOTLOADER_SAMPLE_SIZE && !await_credit (self, error))
      return FALSE;
    if (!hear_early_answers (self, error))
      return FALSE;
    if (!send_packet (self, packet, error))
      return FALSE;
  }
  return TRUE;
}

/* Returns: (transfer full): what the camera says next. */
static GBytes *
await_answer (OakWrite *self, GError **error)
{
  gboolean warned = FALSE;

  for (;;) {
    g_autoptr (GError) local_error = NULL;
    GBytes *packet = oak_xlink_stream_read (self->bootloader->stream,
                                            oak_deadline_in_ms (LISTEN_MS),
                                            self->cancellable,
                                            &local_error);

    if (packet != NULL)
      return packet;
    if (!g_error_matches (local_error, OAK_ERROR, OAK_ERROR_TIMED_OUT)) {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
    if (!check_silence (self, &warned, error))
      return NULL;
  }
}

static gboolean
await_result (OakWrite *self, GError **error)
{
  self->heard_us = g_get_monotonic_time ();
  for (;;) {
    g_autoptr (GBytes) packet = await_answer (self, error);

    if (packet == NULL) {
      g_prefix_error (error, "waiting for the camera to finish writing: ");
      return FALSE;
    }

    switch (understand_answer (self, packet, error)) {
    case ANSWER_PROGRESS:
      continue;
    case ANSWER_COMPLETE:
      self->confirmed = self->request_start + self->request_size;
      report_transfer (self, self->sent);
      return TRUE;
    case ANSWER_BAD:
    default:
      return FALSE;
    }
  }
}

/* One request with its data and its result. Where data were refused half-way, or a wait was given
 * up, the camera may still expect bytes: the session is of no more use. */
static gboolean
write_request (OakWrite *self, const OakBootloaderRequest *request, GBytes *bytes, GError **error)
{
  OakBootloader *bootloader = self->bootloader;
  g_autoptr (GError) local_error = NULL;

  self->command = request->command;
  self->request_start = self->confirmed;
  self->request_size = g_bytes_get_size (bytes);

  if (!oak_bootloader_send_request (bootloader, request, error))
    return FALSE;
  if (!send_data (self, bytes, &local_error)) {
    bootloader->out_of_step = TRUE;
  } else if (await_result (self, &local_error)) {
    return TRUE;
  } else if (!g_error_matches (local_error, OAK_ERROR, OAK_ERROR_REFUSED) &&
             !g_error_matches (local_error, OAK_ERROR, OAK_ERROR_UNSUPPORTED)) {
    bootloader->out_of_step = TRUE;
  }

  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    oak_xlink_session_close (bootloader->session);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static void
write_init (OakWrite *self,
            OakBootloader *bootloader,
            guint64 total,
            OakWriteFlags flags,
            OakTransferFunc transfer,
            gpointer user_data)
{
  *self = (OakWrite){ .bootloader = bootloader,
                      .total = total,
                      .transfer = transfer,
                      .user_data = user_data };
  if ((flags & OAK_WRITE_FLAGS_PATIENT) != 0)
    self->watch = oak_silence_watch_new (bootloader->report,
                                         bootloader->timeouts.progress_silence_ms,
                                         "writing to the camera");
}

static void
write_clear (OakWrite *self)
{
  g_clear_pointer (&self->watch, oak_silence_watch_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OakWrite, write_clear)

gboolean
oak_bootloader_write_storage (OakBootloader *self,
                              guint32 storage,
                              GBytes *bytes,
                              OakWriteFlags flags,
                              OakTransferFunc transfer,
                              gpointer user_data,
                              GCancellable *cancellable,
                              GError **error)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH };
  g_auto (OakWrite) write = { 0 };
  gsize size;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (bytes != NULL && g_bytes_get_size (bytes) > 0, FALSE);
  g_return_val_if_fail (g_bytes_get_size (bytes) <= G_MAXUINT32, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!oak_bootloader_begin_request (self, request.command, cancellable, error))
    return FALSE;

  size = g_bytes_get_size (bytes);
  request.update_flash.storage = storage;
  request.update_flash.total_size = (guint32) size;
  request.update_flash.n_packets = oak_bootloader_count_packets ((guint32) size);
  write_init (&write, self, size, flags, transfer, user_data);
  if ((flags & OAK_WRITE_FLAGS_PATIENT) == 0)
    write.cancellable = cancellable;
  return write_request (&write, &request, bytes, error);
}

/* The largest request that may go out at @address, with @left bytes to do (bootloader.md §2.2). As
 * long as nothing is known of the link, a small one. */
static gsize
choose_piece (double speed, guint32 address, gsize left, guint keep_alive_ms)
{
  double fits = speed * keep_alive_ms / 1000 / SAFETY_FACTOR;
  guint64 wanted = PIECE_ALIGNMENT;
  guint64 end;

  if (left <= PIECE_ALIGNMENT || (double) left <= fits || fits > OAK_BOOTLOADER_PACKET_SIZE)
    return left;
  if (fits > PIECE_ALIGNMENT)
    wanted = (guint64) fits;

  end = (address + wanted) / PIECE_ALIGNMENT * PIECE_ALIGNMENT;
  if (end <= address)
    end += PIECE_ALIGNMENT;
  return (gsize) MIN (end - address, left);
}

static gboolean
link_is_too_slow (OakBootloader *self, gsize size)
{
  return self->send_speed > 0 &&
         (double) size / self->send_speed * 1000 > self->timeouts.keep_alive_ms;
}

static gboolean
write_pieces (OakWrite *self,
              OakMemory memory,
              guint32 offset,
              GBytes *bytes,
              GCancellable *cancellable,
              GError **error)
{
  OakBootloader *bootloader = self->bootloader;
  gboolean patient = self->watch != NULL;
  gsize size = g_bytes_get_size (bytes);
  gboolean warned = FALSE;

  for (gsize done = 0; done < size;) {
    OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH_EX2 };
    gsize piece_size = choose_piece (bootloader->send_speed,
                                     offset + (guint32) done,
                                     size - done,
                                     bootloader->timeouts.keep_alive_ms);
    g_autoptr (GBytes) piece = g_bytes_new_from_bytes (bytes, done, piece_size);

    if (!oak_bootloader_begin_request (bootloader,
                                       request.command,
                                       patient ? NULL : cancellable,
                                       error))
      return FALSE;

    request.update_flash_ex2.memory = memory;
    request.update_flash_ex2.offset = offset + (guint32) done;
    request.update_flash_ex2.total_size = (guint32) piece_size;
    request.update_flash_ex2.n_packets = oak_bootloader_count_packets ((guint32) piece_size);
    /* A single packet is soon over and ends at its boundary; more of them are given up with the
     * link. */
    self->cancellable = !patient && piece_size > OAK_BOOTLOADER_PACKET_SIZE ? cancellable : NULL;
    if (!write_request (self, &request, piece, error))
      return FALSE;

    if (!warned && link_is_too_slow (bootloader, PIECE_ALIGNMENT)) {
      warned = TRUE;
      oak_report_log (
          bootloader->report,
          OAK_LOG_LEVEL_WARNING,
          "the link is so slow (%.0f bytes/s) that the camera may miss its keep-alive and restart",
          bootloader->send_speed);
    }
    done += piece_size;
  }
  return TRUE;
}

gboolean
oak_bootloader_write_region (OakBootloader *self,
                             OakMemory memory,
                             guint32 offset,
                             GBytes *bytes,
                             OakWriteFlags flags,
                             OakTransferFunc transfer,
                             gpointer user_data,
                             GCancellable *cancellable,
                             GError **error)
{
  g_auto (OakWrite) write = { 0 };

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (bytes != NULL && g_bytes_get_size (bytes) > 0, FALSE);
  g_return_val_if_fail ((guint64) offset + g_bytes_get_size (bytes) <= G_MAXUINT32, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  write_init (&write, self, g_bytes_get_size (bytes), flags, transfer, user_data);
  if (write_pieces (&write, memory, offset, bytes, cancellable, error))
    return TRUE;
  g_prefix_error (error, "at 0x%" G_GINT64_MODIFIER "x: ", offset + write.request_start);
  return FALSE;
}
