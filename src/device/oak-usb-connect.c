/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-bootloader.h"
#include "oak-device-info.h"
#include "oak-error.h"
#include "oak-link.h"
#include "oak-report.h"
#include "oak-usb-connector-private.h"
#include "oak-usb-link.h"
#include "oak-usb-mark.h"

/* The last step of the connector: a conversation with the bootloader that is on the bus. A USB
 * cable does not tell a camera that its host has gone; until its watchdog ends it, an old
 * conversation is still there, and a new host would walk into the middle of it (bootloader.md §2.2,
 * xlink.md §8.1 row 13). What was begun and failed therefore waits for the camera's restart before
 * it is tried again. Worker thread. */

/* A camera that did not just restart may be held for a moment by somebody's opening test. */
#define CONNECT_PATIENCE_MS 600

typedef struct {
  gboolean restarted; /* nobody can have talked to it yet */
  gboolean begun;     /* (out): the camera has noticed us */
} Attempt;

/* The serial string is compared by opening; the number on the bus tells later that it restarted. */
static OakBootloader *
connect_once (OakUsbConnector *self, Attempt *attempt, GCancellable *cancellable, GError **error)
{
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (OakLink) link = oak_usb_link_open (oak_device_info_get_usb_path (self->info),
                                                oak_device_info_get_mxid (self->info),
                                                error);

  attempt->begun = link != NULL;
  if (link == NULL)
    return NULL;
  if (attempt->restarted)
    bootloader = oak_bootloader_open (link, &self->timeouts, self->report, cancellable, error);
  else
    bootloader =
        oak_bootloader_open_unsure (link, &self->timeouts, self->report, cancellable, error);
  if (bootloader == NULL || !oak_usb_connector_save_mark (self, TRUE, error))
    return NULL;
  return g_steal_pointer (&bootloader);
}

/* After an arrival the rights may still be on their way. */
static gboolean
may_try_again (const GError *error, gboolean restarted)
{
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_BUSY) ||
      g_error_matches (error, OAK_ERROR, OAK_ERROR_UNREACHABLE))
    return TRUE;
  return restarted && (g_error_matches (error, OAK_ERROR, OAK_ERROR_NO_ACCESS) ||
                       g_error_matches (error, OAK_ERROR, OAK_ERROR_NOT_FOUND) ||
                       g_error_matches (error, OAK_ERROR, OAK_ERROR_DISCONNECTED));
}

/* Until there is a conversation, or an attempt was noticed by the camera. */
static OakBootloader *
connect_patiently (OakUsbConnector *self,
                   Attempt *attempt,
                   GCancellable *cancellable,
                   GError **error)
{
  guint patience_ms = attempt->restarted ? self->timeouts.connect_ms
                                         : MIN (self->timeouts.connect_ms, CONNECT_PATIENCE_MS);
  gint64 deadline_us = oak_deadline_in_ms (patience_ms);

  for (;;) {
    g_autoptr (GError) local_error = NULL;
    OakBootloader *bootloader = connect_once (self, attempt, cancellable, &local_error);

    if (bootloader != NULL)
      return bootloader;
    if (attempt->begun || !may_try_again (local_error, attempt->restarted) ||
        oak_deadline_has_passed (deadline_us)) {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
    if (!oak_usb_connector_pause (OAK_USB_POLL_MS, cancellable, error))
      return NULL;
  }
}

/* RESET or its watchdog restart the camera. One whose bootloader was started in its memory is in
 * its ROM then. */
static gboolean
wait_for_restart (OakUsbConnector *self, GCancellable *cancellable, GError **error)
{
  OakUsbWait wait = {
    .state_mask = 1u << OAK_DEVICE_STATE_BOOTLOADER | 1u << OAK_DEVICE_STATE_UNBOOTED,
    .timeout_ms = self->timeouts.connect_ms,
  };

  if (!oak_usb_connector_wait (self, &wait, cancellable, error))
    return FALSE;
  if (wait.last_state == OAK_DEVICE_STATE_UNBOOTED)
    return oak_usb_connector_boot_chosen_image (self, cancellable, error);
  /* What it started now is its own. */
  self->started_by_us = FALSE;
  if (oak_device_info_get_mxid (self->info) != NULL)
    oak_usb_mark_remove (oak_device_info_get_mxid (self->info));
  return TRUE;
}

static gboolean
is_worth_a_restart (const GError *error)
{
  return g_error_matches (error, OAK_ERROR, OAK_ERROR_BUSY) ||
         g_error_matches (error, OAK_ERROR, OAK_ERROR_PROTOCOL) ||
         g_error_matches (error, OAK_ERROR, OAK_ERROR_TIMED_OUT) ||
         g_error_matches (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
}

OakBootloader *
oak_usb_connector_connect (OakUsbConnector *self,
                           gboolean restarted,
                           GCancellable *cancellable,
                           GError **error)
{
  Attempt attempt = { .restarted = restarted };
  g_autoptr (GError) first_error = NULL;
  g_autoptr (GError) restart_error = NULL;
  OakBootloader *bootloader = connect_patiently (self, &attempt, cancellable, &first_error);

  if (bootloader != NULL)
    return bootloader;
  if (!attempt.begun || !is_worth_a_restart (first_error)) {
    g_propagate_error (error, g_steal_pointer (&first_error));
    return NULL;
  }

  oak_report_log (self->report,
                  OAK_LOG_LEVEL_WARNING,
                  "%s; waiting for the camera to restart, then trying once more",
                  first_error->message);
  if (wait_for_restart (self, cancellable, &restart_error)) {
    attempt.restarted = TRUE;
    return connect_patiently (self, &attempt, cancellable, error);
  }
  /* That it did not come back says less than why we waited. */
  if (g_error_matches (restart_error, OAK_ERROR, OAK_ERROR_TIMED_OUT))
    g_propagate_error (error, g_steal_pointer (&first_error));
  else
    g_propagate_error (error, g_steal_pointer (&restart_error));
  return NULL;
}
