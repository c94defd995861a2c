/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-connector.h"

#include <string.h>

#include "cuts-camera.h"
#include "oak-bootloader.h"
#include "oak-device-info.h"
#include "oak-error.h"

/* Stands in for the product's connector in programs that link this file: the same promises, kept
 * for one camera in the same process. What waits for a camera lets its virtual time pass. The real
 * one's way over the network, and its care for the camera's identity, have tests of their own. */

struct _OakConnector {
  OakDeviceInfo *info; /* (owned) */
  OakTimeouts timeouts;
  OakReport *report; /* (unowned) (nullable) */
};

static CutsCamera *the_camera;
static char *swapped; /* (nullable): the id that answers instead */

void
cuts_connector_set_camera (CutsCamera *camera)
{
  the_camera = camera;
  g_clear_pointer (&swapped, g_free);
}

void
cuts_connector_swap_camera (const char *mxid)
{
  g_free (swapped);
  swapped = g_strdup (mxid);
}

OakConnector *
oak_connector_new (OakDeviceInfo *info,
                   OakNetworkScope scope,
                   const OakTimeouts *timeouts,
                   OakReport *report)
{
  OakConnector *self = g_new0 (OakConnector, 1);

  g_assert_nonnull (the_camera);
  self->info = oak_device_info_ref (info);
  self->timeouts = *timeouts;
  self->report = report;
  return self;
}

void
oak_connector_free (OakConnector *self)
{
  if (self == NULL)
    return;
  oak_device_info_unref (self->info);
  g_free (self);
}

void
oak_connector_set_boot_image (OakConnector *self, GBytes *image)
{
}

OakDeviceInfo *
oak_connector_get_info (OakConnector *self)
{
  return self->info;
}

gboolean
oak_connector_is_type_trusted (OakConnector *self)
{
  return TRUE;
}

static void
take_state (OakConnector *self, OakDeviceState state)
{
  OakDeviceInfo *info = oak_device_info_with_state (self->info, state);

  oak_device_info_unref (self->info);
  self->info = info;
}

static gboolean
check_mxid (OakConnector *self, const char *mxid, GError **error)
{
  const char *heard = swapped != NULL ? swapped : mxid;

  if (strcmp (heard, oak_device_info_get_mxid (self->info)) == 0)
    return TRUE;
  g_set_error (error, OAK_ERROR, OAK_ERROR_WRONG_DEVICE, "camera %s answers", heard);
  return FALSE;
}

gboolean
oak_connector_identify (OakConnector *self, GCancellable *cancellable, GError **error)
{
  char mxid[64] = "";
  OakDeviceState state;

  if (!cuts_camera_ask (the_camera, mxid, sizeof mxid, &state)) {
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_UNREACHABLE, "nobody answers");
    return FALSE;
  }
  take_state (self, state);
  return check_mxid (self, mxid, error);
}

static OakBootloader *
open_session (OakConnector *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (OakLink) link = cuts_camera_connect (the_camera, error);

  if (link == NULL)
    return NULL;
  return oak_bootloader_open (link, &self->timeouts, self->report, cancellable, error);
}

OakBootloader *
oak_connector_open (OakConnector *self,
                    gboolean stop_application,
                    GCancellable *cancellable,
                    GError **error)
{
  if (!oak_connector_identify (self, cancellable, error))
    return NULL;
  if (oak_device_info_get_state (self->info) == OAK_DEVICE_STATE_FLASH_BOOTED) {
    if (!stop_application) {
      g_set_error_literal (error, OAK_ERROR, OAK_ERROR_NEEDS_CONSENT, "an application runs");
      return NULL;
    }
    cuts_camera_stop_application (the_camera);
    return oak_connector_reopen (self, cancellable, error);
  }
  return open_session (self, cancellable, error);
}

gboolean
oak_connector_confirm (OakConnector *self, GCancellable *cancellable, GError **error)
{
  char mxid[64] = "";
  OakDeviceState state;

  return !cuts_camera_ask (the_camera, mxid, sizeof mxid, &state) || check_mxid (self, mxid, error);
}

gboolean
oak_connector_wait_for_state (OakConnector *self,
                              guint state_mask,
                              guint timeout_ms,
                              OakConnectorTickFunc tick,
                              gpointer user_data,
                              OakDeviceState *state,
                              GCancellable *cancellable,
                              GError **error)
{
  OakDeviceState heard = OAK_DEVICE_STATE_UNKNOWN;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (tick != NULL)
    tick ((int) timeout_ms, user_data);
  heard = cuts_camera_wait (the_camera, state_mask, timeout_ms);
  if (state != NULL)
    *state = heard;
  if ((state_mask & 1u << heard) != 0) {
    take_state (self, heard);
    return TRUE;
  }
  g_set_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT, "waited for %u ms in vain", timeout_ms);
  return FALSE;
}

OakBootloader *
oak_connector_reopen (OakConnector *self, GCancellable *cancellable, GError **error)
{
  if (!oak_connector_wait_for_state (self,
                                     1u << OAK_DEVICE_STATE_BOOTLOADER,
                                     self->timeouts.reboot_ms,
                                     NULL,
                                     NULL,
                                     NULL,
                                     cancellable,
                                     error))
    return NULL;
  return open_session (self, cancellable, error);
}

OakBootloader *
oak_connector_boot_image (OakConnector *self,
                          OakBootloader **bootloader,
                          GBytes *image,
                          GCancellable *cancellable,
                          GError **error)
{
  gboolean sent = oak_bootloader_boot_memory (*bootloader, image, NULL, NULL, cancellable, error);

  g_clear_pointer (bootloader, oak_bootloader_free);
  return sent ? oak_connector_reopen (self, cancellable, error) : NULL;
}

gboolean
oak_connector_go_to_rom (OakConnector *self,
                         OakBootloader **bootloader,
                         GCancellable *cancellable,
                         GError **error)
{
  gboolean sent = oak_bootloader_boot_usb_rom (*bootloader, cancellable, error);

  g_clear_pointer (bootloader, oak_bootloader_free);
  return sent;
}
