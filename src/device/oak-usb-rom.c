/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bootloader.h"
#include "oak-device-info.h"
#include "oak-error.h"
#include "oak-report.h"
#include "oak-usb-boot.h"
#include "oak-usb-connector-private.h"
#include "oak-usb-facts.h"
#include "oak-usb-mark.h"
#include "oak-usb-sight.h"

/* The way through the chip's ROM: into it from a bootloader, and out of it by an image for the
 * camera's memory. The ROM says no id; whoever then appears in the socket does. Worker thread. */

/* The whole of an image for the ROM (xlink.md §2); a transfer has a limit of its own. */
#define UPLOAD_LIMIT_MS 10000

/* The image is in. Which bootloader is the camera now? Returns: (transfer full). */
static OakUsbFacts *
wait_for_newcomer (OakUsbConnector *self,
                   GHashTable *known,
                   GCancellable *cancellable,
                   GError **error)
{
  gint64 deadline_us = oak_deadline_in_ms (self->timeouts.reboot_ms);

  for (;;) {
    g_autoptr (GError) local_error = NULL;
    OakUsbFacts *found = oak_usb_sight_find_newcomer (self->info, known, &local_error);

    if (found != NULL)
      return found;
    if (local_error != NULL) {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
    if (oak_deadline_has_passed (deadline_us)) {
      g_set_error (error,
                   OAK_ERROR,
                   OAK_ERROR_TIMED_OUT,
                   "no bootloader has appeared at %s within %u s after the image was sent",
                   oak_device_info_get_address (self->info),
                   (self->timeouts.reboot_ms + 999) / 1000);
      return NULL;
    }
    if (!oak_usb_connector_pause (OAK_USB_POLL_MS, cancellable, error))
      return NULL;
  }
}

/* An unbooted camera has said its id at last. */
static gboolean
adopt (OakUsbConnector *self, const OakUsbFacts *facts, GError **error)
{
  const char *wanted = oak_device_info_get_mxid (self->info);
  OakUsbMark mark = { .bus = facts->bus, .address = facts->address };

  if (!oak_usb_mark_save (facts->serial, &mark, error))
    return FALSE;
  if (wanted != NULL && strcmp (wanted, facts->serial) != 0) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_WRONG_DEVICE,
                 "the unbooted camera at %s is %s, not %s",
                 oak_device_info_get_address (self->info),
                 facts->serial,
                 wanted);
    return FALSE;
  }
  self->bus = facts->bus;
  self->address = facts->address;
  return oak_usb_connector_follow (self, facts, error);
}

static void
report_upload (guint64 sent, guint64 total, gpointer user_data)
{
  OakUsbConnector *self = user_data;
  OakProgress progress = {
    .stage = OAK_STAGE_BOOTING,
    .fraction = -1,
    .stage_fraction = (double) sent / (double) total,
    .bytes_done = sent,
    .bytes_total = total,
    .seconds_left = -1,
  };

  oak_report_progress (self->report, &progress);
}

static gboolean
upload (OakUsbConnector *self, GBytes *image, GCancellable *cancellable, GError **error)
{
  gboolean left_early = FALSE;

  oak_report_log (self->report,
                  OAK_LOG_LEVEL_INFO,
                  "starting a bootloader of %" G_GSIZE_FORMAT
                  " bytes in the memory of the unbooted camera at %s",
                  g_bytes_get_size (image),
                  oak_device_info_get_address (self->info));
  if (!oak_usb_boot_image (oak_device_info_get_usb_path (self->info),
                           image,
                           UPLOAD_LIMIT_MS,
                           report_upload,
                           self,
                           &left_early,
                           cancellable,
                           error))
    return FALSE;
  if (left_early)
    oak_report_log (self->report,
                    OAK_LOG_LEVEL_WARNING,
                    "the camera left the bus before the end of the image");
  return TRUE;
}

/* The mark stands before the first byte is sent, so that it is there whatever happens then. */
static gboolean
boot_rom (OakUsbConnector *self, GBytes *image, GCancellable *cancellable, GError **error)
{
  OakUsbMark mark = { 0 };
  OakUsbFacts here = { .path = (char *) oak_device_info_get_usb_path (self->info),
                       .peer_path = (char *) oak_device_info_get_usb_peer_path (self->info) };
  g_autofree char *socket = oak_usb_connector_name_socket (&here);
  g_autoptr (GHashTable) known = oak_usb_sight_list_bootloaders (error);
  g_autoptr (OakUsbFacts) newcomer = NULL;

  if (known == NULL || !oak_usb_mark_save (socket, &mark, error))
    return FALSE;
  self->started_by_us = TRUE;
  if (!upload (self, image, cancellable, error))
    return FALSE;
  newcomer = wait_for_newcomer (self, known, cancellable, error);
  if (newcomer == NULL || !adopt (self, newcomer, error))
    return FALSE;
  oak_usb_mark_remove (socket);
  oak_report_log (self->report,
                  OAK_LOG_LEVEL_INFO,
                  "the camera is %s",
                  oak_device_info_get_mxid (self->info));
  return TRUE;
}

gboolean
oak_usb_connector_boot_chosen_image (OakUsbConnector *self,
                                     GCancellable *cancellable,
                                     GError **error)
{
  if (self->boot_image != NULL)
    return boot_rom (self, self->boot_image, cancellable, error);
  g_set_error_literal (error,
                       OAK_ERROR,
                       OAK_ERROR_UNSUPPORTED,
                       "the camera is unbooted: its chip waits for a bootloader image on USB, and "
                       "none was chosen");
  return FALSE;
}

gboolean
oak_usb_connector_go_to_rom (OakUsbConnector *self,
                             OakBootloader **bootloader,
                             GCancellable *cancellable,
                             GError **error)
{
  OakUsbWait wait = {
    .state_mask = 1u << OAK_DEVICE_STATE_UNBOOTED,
    .timeout_ms = self->timeouts.reboot_ms,
  };
  gboolean sent = oak_bootloader_boot_usb_rom (*bootloader, cancellable, error);

  g_clear_pointer (bootloader, oak_bootloader_free);
  if (!sent)
    return FALSE;
  if (oak_usb_connector_wait (self, &wait, cancellable, error))
    return TRUE;
  g_prefix_error (error, "waiting for the camera's chip ROM: ");
  return FALSE;
}

OakBootloader *
oak_usb_connector_boot_through_rom (OakUsbConnector *self,
                                    OakBootloader **bootloader,
                                    GBytes *image,
                                    GCancellable *cancellable,
                                    GError **error)
{
  if (!oak_usb_connector_go_to_rom (self, bootloader, cancellable, error) ||
      !boot_rom (self, image, cancellable, error))
    return NULL;
  return oak_usb_connector_connect (self, TRUE, cancellable, error);
}
