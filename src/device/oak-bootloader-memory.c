/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-bootloader-private.h"

#include "oak-error.h"

/* Reading flash back (bootloader.md §5.7), the boot header (§5.5), and the two ways out of the
 * bootloader (§5.9). Worker thread. */

/* Read in pieces: no more than this is ever held in memory. */
#define READ_PIECE_SIZE ((guint32) OAK_MIB)

/* How long a camera that was sent an image may take to drop the link by itself before it is told to
 * restart (bootloader.md §3.4). */
#define JUMP_MS 1000

static gboolean
check_announcement (OakBootloader *self,
                    const OakBootloaderResponse *response,
                    guint32 size,
                    GError **error)
{
  if (response->data.total_size == size && response->data.n_packets >= 1 &&
      response->data.n_packets <= size)
    return TRUE;

  self->out_of_step = TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_PROTOCOL,
               "asked for %u bytes, the camera announced %u in %u packets",
               size,
               response->data.total_size,
               response->data.n_packets);
  return FALSE;
}

/* The packets of one answer, together exactly @size bytes. Returns: (transfer full). */
static GBytes *
read_packets (OakBootloader *self,
              guint32 n_packets,
              guint32 size,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GByteArray) joined = NULL;
  gsize n_read = 0;

  for (guint32 i = 0; i < n_packets; i++) {
    g_autoptr (GBytes) packet =
        oak_bootloader_read_packet (self, self->timeouts.packet_ms, cancellable, error);

    if (packet == NULL)
      return NULL;
    n_read += g_bytes_get_size (packet);
    if (g_bytes_get_size (packet) == 0 || n_read > size || (i + 1 == n_packets && n_read != size)) {
      self->out_of_step = TRUE;
      g_set_error (error,
                   OAK_ERROR,
                   OAK_ERROR_PROTOCOL,
                   "the camera announced %u bytes in %u packets and sent %" G_GSIZE_FORMAT " in %u",
                   size,
                   n_packets,
                   n_read,
                   i + 1);
      return NULL;
    }
    if (n_packets == 1)
      return g_steal_pointer (&packet);
    if (joined == NULL)
      joined = g_byte_array_sized_new (size);
    g_byte_array_append (joined,
                         g_bytes_get_data (packet, NULL),
                         (guint) g_bytes_get_size (packet));
  }
  return g_byte_array_free_to_bytes (g_steal_pointer (&joined));
}

static GBytes *
read_piece (OakBootloader *self,
            OakMemory memory,
            guint32 offset,
            guint32 size,
            GCancellable *cancellable,
            GError **error)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_READ_FLASH };
  OakBootloaderResponse response;

  request.read_flash.memory = memory;
  request.read_flash.offset = offset;
  request.read_flash.total_size = size;
  if (!oak_bootloader_begin_request (self, request.command, cancellable, error) ||
      !oak_bootloader_send_request (self, &request, error) ||
      !oak_bootloader_read_response (self,
                                     request.command,
                                     OAK_RESPONSE_READ_FLASH,
                                     self->timeouts.packet_ms,
                                     &response,
                                     cancellable,
                                     error))
    return NULL;

  if (response.data.success == 0) {
    oak_bootloader_set_refused (error, response.data.error_text);
    return NULL;
  }
  if (!check_announcement (self, &response, size, error))
    return NULL;
  return read_packets (self, response.data.n_packets, size, cancellable, error);
}

gboolean
oak_bootloader_read_region (OakBootloader *self,
                            OakMemory memory,
                            guint32 offset,
                            guint32 size,
                            OakReadFunc piece,
                            gpointer user_data,
                            GCancellable *cancellable,
                            GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (size > 0 && (guint64) offset + size <= (guint64) G_MAXUINT32 + 1, FALSE);
  g_return_val_if_fail (piece != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  for (guint32 done = 0; done < size;) {
    guint32 piece_size = MIN (size - done, READ_PIECE_SIZE);
    g_autoptr (GBytes) bytes =
        read_piece (self, memory, offset + done, piece_size, cancellable, error);

    if (bytes == NULL) {
      g_prefix_error (error, "reading at 0x%x: ", offset + done);
      return FALSE;
    }
    if (!piece (offset + done, g_bytes_get_data (bytes, NULL), piece_size, user_data, error))
      return FALSE;
    done += piece_size;
  }
  return TRUE;
}

gboolean
oak_bootloader_write_boot_header (OakBootloader *self,
                                  gint32 type,
                                  gint64 offset,
                                  gint64 location,
                                  gint32 dummy_cycles,
                                  gint32 frequency,
                                  gint32 gpio_mode,
                                  GCancellable *cancellable,
                                  GError **error)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_BOOT_HEADER };
  OakBootloaderResponse response;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  request.update_boot_header.type = type;
  request.update_boot_header.offset = offset;
  request.update_boot_header.location = location;
  request.update_boot_header.dummy_cycles = dummy_cycles;
  request.update_boot_header.frequency = frequency;
  request.update_boot_header.gpio_mode = gpio_mode;
  if (!oak_bootloader_begin_request (self, request.command, cancellable, error) ||
      !oak_bootloader_send_request (self, &request, error) ||
      !oak_bootloader_read_response (self,
                                     request.command,
                                     OAK_RESPONSE_FLASH_COMPLETE,
                                     self->timeouts.progress_silence_ms,
                                     &response,
                                     NULL,
                                     error))
    return FALSE;

  if (response.flash_complete.success == 0)
    oak_bootloader_set_refused (error, response.flash_complete.error_text);
  return response.flash_complete.success != 0;
}

typedef struct {
  OakBootloader *bootloader;
  OakTransferFunc transfer; /* (nullable) */
  gpointer user_data;
  guint64 sent; /* before the packet that is going out */
  guint64 total;
  gsize packet_size;
  gint all_sent; /* atomic: the last byte was handed to the link */
} OakImageTransfer;

/* The session's writer thread, while the worker waits inside oak_bootloader_send_packet (). */
static void
image_moves (OakXlinkDirection direction, gsize done, gsize total, gpointer user_data)
{
  OakImageTransfer *self = user_data;

  if (direction != OAK_XLINK_DIRECTION_SENDING || total != self->packet_size)
    return;
  if (self->transfer != NULL)
    self->transfer (self->sent + done, 0, self->total, self->user_data);
  if (self->sent + done == self->total)
    g_atomic_int_set (&self->all_sent, TRUE);
}

static gboolean
send_image (OakImageTransfer *self, GBytes *image, GCancellable *cancellable, GError **error)
{
  OakBootloader *bootloader = self->bootloader;

  while (self->sent < self->total) {
    gsize size = MIN (self->total - self->sent, (gsize) OAK_BOOTLOADER_PACKET_SIZE);
    g_autoptr (GBytes) packet = g_bytes_new_from_bytes (image, self->sent, size);
    gint64 deadline_us = oak_deadline_in_ms (bootloader->timeouts.packet_ms);
    gboolean success;

    self->packet_size = size;
    oak_xlink_session_set_progress_func (bootloader->session, image_moves, self);
    success = oak_bootloader_send_packet (bootloader, packet, deadline_us, cancellable, error);
    oak_xlink_session_set_progress_func (bootloader->session, NULL, NULL);
    if (!success)
      return FALSE;
    self->sent += size;
  }
  return TRUE;
}

/* A camera that starts the image at once may be gone before it has acknowledged the last packet. */
static gboolean
has_jumped (OakImageTransfer *self, const GError *error)
{
  return g_atomic_int_get (&self->all_sent) &&
         g_error_matches (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
}

/* The camera drops the link when it jumps. One that does not is told to restart the way the
 * original host does it. */
static gboolean
await_jump (OakBootloader *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (oak_xlink_session_wait_for_loss (self->session,
                                       oak_deadline_in_ms (JUMP_MS),
                                       cancellable,
                                       &local_error))
    return TRUE;
  if (!g_error_matches (local_error, OAK_ERROR, OAK_ERROR_TIMED_OUT)) {
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
  }

  oak_xlink_session_stop_keep_alive (self->session, TRUE);
  return oak_xlink_session_wait_for_loss (self->session,
                                          oak_deadline_in_ms (self->timeouts.reboot_ms),
                                          cancellable,
                                          error);
}

static void
warn_of_slow_link (OakBootloader *self, gsize size)
{
  double packet_ms;

  if (self->send_speed <= 0)
    return;
  packet_ms = (double) MIN (size, (gsize) OAK_BOOTLOADER_PACKET_SIZE) / self->send_speed * 1000;
  if (packet_ms > self->timeouts.keep_alive_ms)
    oak_report_log (self->report,
                    OAK_LOG_LEVEL_WARNING,
                    "one packet of the image takes %.1f s on this link; the camera may miss its "
                    "keep-alive and restart",
                    packet_ms / 1000);
}

static gboolean
boot_memory (OakBootloader *self,
             OakImageTransfer *transfer,
             GBytes *image,
             GCancellable *cancellable,
             GError **error)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_BOOT_MEMORY };
  g_autoptr (GError) local_error = NULL;

  request.boot_memory.total_size = (guint32) transfer->total;
  request.boot_memory.n_packets = oak_bootloader_count_packets ((guint32) transfer->total);
  if (!oak_bootloader_begin_request (self, request.command, cancellable, error) ||
      !oak_bootloader_send_request (self, &request, error))
    return FALSE;

  self->out_of_step = TRUE;
  if (!send_image (transfer, image, cancellable, &local_error) &&
      !has_jumped (transfer, local_error)) {
    if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      oak_xlink_session_close (self->session);
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
  }
  return await_jump (self, cancellable, error);
}

gboolean
oak_bootloader_boot_memory (OakBootloader *self,
                            GBytes *image,
                            OakTransferFunc transfer,
                            gpointer user_data,
                            GCancellable *cancellable,
                            GError **error)
{
  OakImageTransfer image_transfer = { .bootloader = self,
                                      .transfer = transfer,
                                      .user_data = user_data };

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (image != NULL && g_bytes_get_size (image) > 0, FALSE);
  g_return_val_if_fail (g_bytes_get_size (image) <= G_MAXUINT32, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  image_transfer.total = g_bytes_get_size (image);
  warn_of_slow_link (self, image_transfer.total);
  if (boot_memory (self, &image_transfer, image, cancellable, error))
    return TRUE;
  g_prefix_error (error, "starting an image in the camera's memory: ");
  return FALSE;
}

gboolean
oak_bootloader_boot_usb_rom (OakBootloader *self, GCancellable *cancellable, GError **error)
{
  const OakBootloaderRequest request = { .command = OAK_REQUEST_USB_ROM_BOOT };
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!oak_bootloader_begin_request (self, request.command, cancellable, error))
    return FALSE;

  self->out_of_step = TRUE;
  if (!oak_bootloader_send_request (self, &request, &local_error) &&
      !g_error_matches (local_error, OAK_ERROR, OAK_ERROR_DISCONNECTED)) {
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
  }
  if (oak_xlink_session_wait_for_loss (self->session,
                                       oak_deadline_in_ms (self->timeouts.reboot_ms),
                                       cancellable,
                                       error))
    return TRUE;
  g_prefix_error (error, "leaving for the USB boot ROM: ");
  return FALSE;
}
