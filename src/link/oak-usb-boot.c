/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-usb-boot.h"

#include "oak-error.h"
#include "oak-timeouts.h"
#include "oak-usb-ids.h"
#include "oak-usb-private.h"

/* An image for the chip's ROM, and the request that ends an application. Straight-line blocking
 * calls; a transfer is short enough to be waited for, so that a cancel takes effect between two. */

#define TRANSFER_LIMIT_MS 2000 /* xlink.md §2 */
#define CONTROL_LIMIT_MS  1000 /* xlink.md §2.1 */

typedef struct {
  OakUsbHandle *handle;
  const guint8 *data;
  gsize size;
  gsize sent;
  gint64 deadline_us;
  OakUsbBootFunc progress;
  gpointer user_data;
} Upload;

/* Returns: a code of libusb. */
static int
send_piece (Upload *upload)
{
  gsize size = MIN (upload->size - upload->sent, OAK_USB_CHUNK_SIZE);
  int left_ms = oak_deadline_left_ms (upload->deadline_us);
  int n_sent = 0;
  int code;

  if (left_ms <= 0)
    return LIBUSB_ERROR_TIMEOUT;
  code = libusb_bulk_transfer (upload->handle->handle,
                               upload->handle->endpoint_out,
                               (unsigned char *) upload->data + upload->sent,
                               (int) size,
                               &n_sent,
                               (guint) MIN (left_ms, TRANSFER_LIMIT_MS));
  upload->sent += (gsize) MAX (n_sent, 0);
  if (code == LIBUSB_SUCCESS && (gsize) n_sent < size)
    return LIBUSB_ERROR_TIMEOUT;
  return code;
}

/* The ROM tells the end of some images only by an empty transfer; what it says to that does not
 * matter, it may have left already. */
static void
send_end (Upload *upload)
{
  int n_sent = 0;
  unsigned char nothing = 0;

  if (upload->size % OAK_USB_ROM_EMPTY_TRANSFER_MODULUS == 0)
    libusb_bulk_transfer (upload->handle->handle,
                          upload->handle->endpoint_out,
                          &nothing,
                          0,
                          &n_sent,
                          TRANSFER_LIMIT_MS);
}

static gboolean
send_image (Upload *upload, gboolean *left_early, GCancellable *cancellable, GError **error)
{
  while (upload->sent < upload->size) {
    int code;

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    code = send_piece (upload);
    if (code == LIBUSB_ERROR_NO_DEVICE) {
      *left_early = upload->sent < upload->size;
      return TRUE;
    }
    if (code != LIBUSB_SUCCESS) {
      oak_usb_set_error (error, code, "sending the image to the camera's ROM");
      return FALSE;
    }
    if (upload->progress != NULL)
      upload->progress (upload->sent, upload->size, upload->user_data);
  }
  send_end (upload);
  return TRUE;
}

gboolean
oak_usb_boot_image (const char *path,
                    GBytes *image,
                    guint limit_ms,
                    OakUsbBootFunc progress,
                    gpointer user_data,
                    gboolean *left_early,
                    GCancellable *cancellable,
                    GError **error)
{
  Upload upload = { .progress = progress, .user_data = user_data };
  g_autoptr (OakUsbHandle) handle = NULL;
  gboolean left = FALSE;
  gboolean sent;

  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (image != NULL && g_bytes_get_size (image) > 0, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  handle = oak_usb_open (path, OAK_DEVICE_STATE_UNBOOTED, NULL, OAK_USB_OPEN_CLAIM, error);
  if (handle == NULL)
    return FALSE;
  upload.handle = handle;
  upload.data = g_bytes_get_data (image, &upload.size);
  upload.deadline_us = oak_deadline_in_ms (limit_ms);
  sent = send_image (&upload, &left, cancellable, error);
  if (left_early != NULL)
    *left_early = left;
  return sent;
}

gboolean
oak_usb_boot_to_bootloader (const char *path, const char *serial, GError **error)
{
  g_autoptr (OakUsbHandle) handle = NULL;
  int code;

  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  handle = oak_usb_open (path, OAK_DEVICE_STATE_FLASH_BOOTED, serial, OAK_USB_OPEN_ONLY, error);
  if (handle == NULL)
    return FALSE;
  code = libusb_control_transfer (handle->handle,
                                  OAK_USB_TO_BOOTLOADER_REQUEST_TYPE,
                                  OAK_USB_TO_BOOTLOADER_REQUEST,
                                  OAK_USB_TO_BOOTLOADER_VALUE,
                                  OAK_USB_TO_BOOTLOADER_INDEX,
                                  NULL,
                                  0,
                                  CONTROL_LIMIT_MS);
  if (code >= 0 || code == LIBUSB_ERROR_NO_DEVICE || code == LIBUSB_ERROR_IO)
    return TRUE;
  oak_usb_set_error (error, code, "sending the camera to its bootloader");
  return FALSE;
}
