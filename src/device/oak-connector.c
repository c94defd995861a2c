/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-connector.h"

#include "oak-bootloader.h"
#include "oak-device-info.h"
#include "oak-error.h"
#include "oak-network-connector.h"
#include "oak-report.h"
#include "oak-usb-connector.h"

/* One of two ways to a camera, chosen once by what its info says. Worker thread. */

static const OakVersion boot_memory_since = { 0, 0, 12 }; /* bootloader.md §3.5 */

struct _OakConnector {
  OakNetworkScope scope;
  OakNetworkConnector *network; /* (owned) (nullable) */
  OakUsbConnector *usb;         /* (owned) (nullable): exactly one of the two */
};

OakConnector *
oak_connector_new (OakDeviceInfo *info,
                   OakNetworkScope scope,
                   const OakTimeouts *timeouts,
                   OakReport *report)
{
  OakConnector *self = NULL;

  g_return_val_if_fail (info != NULL, NULL);
  g_return_val_if_fail (timeouts != NULL, NULL);

  self = g_new0 (OakConnector, 1);
  self->scope = scope;
  if (oak_device_info_get_transport (info) == OAK_TRANSPORT_USB)
    self->usb = oak_usb_connector_new (info, timeouts, report);
  else
    self->network = oak_network_connector_new (info, scope, timeouts, report);
  return self;
}

void
oak_connector_free (OakConnector *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->network, oak_network_connector_free);
  g_clear_pointer (&self->usb, oak_usb_connector_free);
  g_free (self);
}

OakDeviceInfo *
oak_connector_get_info (OakConnector *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->usb != NULL ? oak_usb_connector_get_info (self->usb)
                           : oak_network_connector_get_info (self->network);
}

/* A demonstration never touches USB. */
static gboolean
check_scope (OakConnector *self, GError **error)
{
  if (self->usb == NULL || self->scope != OAK_NETWORK_SCOPE_LOOPBACK)
    return TRUE;
  g_set_error_literal (error,
                       OAK_ERROR,
                       OAK_ERROR_UNREACHABLE,
                       "cameras on USB are not spoken to here");
  return FALSE;
}

void
oak_connector_set_boot_image (OakConnector *self, GBytes *image)
{
  g_return_if_fail (self != NULL);

  if (self->usb != NULL)
    oak_usb_connector_set_boot_image (self->usb, image);
}

gboolean
oak_connector_is_type_trusted (OakConnector *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->usb == NULL || oak_usb_connector_is_type_trusted (self->usb);
}

void
oak_connector_log_identity (OakReport *report, OakDeviceInfo *info, OakDeviceInfo **told)
{
  const char *mxid = oak_device_info_get_mxid (info);

  if (oak_device_info_equal (info, *told))
    return;
  g_clear_pointer (told, oak_device_info_unref);
  *told = oak_device_info_ref (info);
  oak_report_log (report,
                  OAK_LOG_LEVEL_INFO,
                  "camera %s is at %s, state %s",
                  mxid != NULL ? mxid : "without an id",
                  oak_device_info_get_address (info),
                  oak_device_state_to_string (oak_device_info_get_state (info)));
}

gboolean
oak_connector_identify (OakConnector *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_scope (self, error))
    return FALSE;
  return self->usb != NULL ? oak_usb_connector_identify (self->usb, cancellable, error)
                           : oak_network_connector_identify (self->network, cancellable, error);
}

static OakBootloader *
open_once (OakConnector *self, gboolean stop_application, GCancellable *cancellable, GError **error)
{
  if (self->usb != NULL)
    return oak_usb_connector_open (self->usb, stop_application, cancellable, error);
  return oak_network_connector_open (self->network, stop_application, cancellable, error);
}

/* A bootloader that was met may start the application before it is spoken to. On the network its
 * last answer says so, on USB one has to look again. */
static gboolean
has_started_application (OakConnector *self, const GError *error, GCancellable *cancellable)
{
  if (!g_error_matches (error, OAK_ERROR, OAK_ERROR_UNREACHABLE) &&
      !g_error_matches (error, OAK_ERROR, OAK_ERROR_NOT_FOUND) &&
      !g_error_matches (error, OAK_ERROR, OAK_ERROR_DISCONNECTED))
    return FALSE;
  if (self->usb != NULL && !oak_usb_connector_identify (self->usb, cancellable, NULL))
    return FALSE;
  return oak_device_info_get_state (oak_connector_get_info (self)) == OAK_DEVICE_STATE_FLASH_BOOTED;
}

OakBootloader *
oak_connector_open (OakConnector *self,
                    gboolean stop_application,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (GError) local_error = NULL;
  OakBootloader *bootloader;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_scope (self, error))
    return NULL;
  bootloader = open_once (self, stop_application, cancellable, &local_error);
  if (bootloader != NULL)
    return bootloader;
  if (has_started_application (self, local_error, cancellable))
    return open_once (self, stop_application, cancellable, error);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

gboolean
oak_connector_confirm (OakConnector *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  /* An opened handle stays with its camera, whose id was read through it. */
  if (self->usb != NULL)
    return !g_cancellable_set_error_if_cancelled (cancellable, error);
  return oak_network_connector_confirm (self->network, cancellable, error);
}

OakBootloader *
oak_connector_reopen (OakConnector *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return self->usb != NULL ? oak_usb_connector_reopen (self->usb, cancellable, error)
                           : oak_network_connector_reopen (self->network, cancellable, error);
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
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->usb != NULL)
    return oak_usb_connector_wait_for_state (self->usb,
                                             state_mask,
                                             timeout_ms,
                                             tick,
                                             user_data,
                                             state,
                                             cancellable,
                                             error);
  return oak_network_connector_wait_for_state (self->network,
                                               state_mask,
                                               timeout_ms,
                                               tick,
                                               user_data,
                                               state,
                                               cancellable,
                                               error);
}

OakBootloader *
oak_connector_boot_image (OakConnector *self,
                          OakBootloader **bootloader,
                          GBytes *image,
                          GCancellable *cancellable,
                          GError **error)
{
  OakVersion version;
  gboolean sent;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (bootloader != NULL && *bootloader != NULL, NULL);
  g_return_val_if_fail (image != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  version = oak_bootloader_get_version (*bootloader);
  if (self->usb != NULL && oak_version_compare (version, boot_memory_since) < 0)
    return oak_usb_connector_boot_through_rom (self->usb, bootloader, image, cancellable, error);

  sent = oak_bootloader_boot_memory (*bootloader, image, NULL, NULL, cancellable, error);
  g_clear_pointer (bootloader, oak_bootloader_free);
  return sent ? oak_connector_reopen (self, cancellable, error) : NULL;
}

gboolean
oak_connector_go_to_rom (OakConnector *self,
                         OakBootloader **bootloader,
                         GCancellable *cancellable,
                         GError **error)
{
  gboolean sent;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (bootloader != NULL && *bootloader != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->usb != NULL)
    return oak_usb_connector_go_to_rom (self->usb, bootloader, cancellable, error);
  sent = oak_bootloader_boot_usb_rom (*bootloader, cancellable, error);
  g_clear_pointer (bootloader, oak_bootloader_free);
  return sent;
}
