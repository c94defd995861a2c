/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-connector.h"
#include "oak-timeouts.h"
#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakBootloader OakBootloader;
typedef struct _OakDeviceInfo OakDeviceInfo;
typedef struct _OakReport OakReport;

/**
 * OakUsbConnector:
 *
 * What OakConnector is, for a camera on USB: OakConnector hands its calls on to it, which see for
 * what they do. The camera's id is its serial string and is compared on the opened handle at every
 * opening. One without an id, in its chip's ROM, is known by its socket, and becomes the one new
 * bootloader that appears there. Owned and used by one worker thread; private to device/.
 */
typedef struct _OakUsbConnector OakUsbConnector;

OakUsbConnector *
oak_usb_connector_new (OakDeviceInfo *info, const OakTimeouts *timeouts, OakReport *report);
void
oak_usb_connector_free (OakUsbConnector *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakUsbConnector, oak_usb_connector_free)

void
oak_usb_connector_set_boot_image (OakUsbConnector *self, GBytes *image);
gboolean
oak_usb_connector_identify (OakUsbConnector *self, GCancellable *cancellable, GError **error);
OakBootloader *
oak_usb_connector_open (OakUsbConnector *self,
                        gboolean stop_application,
                        GCancellable *cancellable,
                        GError **error);
OakBootloader *
oak_usb_connector_reopen (OakUsbConnector *self, GCancellable *cancellable, GError **error);
gboolean
oak_usb_connector_wait_for_state (OakUsbConnector *self,
                                  guint state_mask,
                                  guint timeout_ms,
                                  OakConnectorTickFunc tick,
                                  gpointer user_data,
                                  OakDeviceState *state,
                                  GCancellable *cancellable,
                                  GError **error);
/* From a bootloader that cannot start an image in memory by itself: through the ROM (bootloader.md
 * §3.5). Takes *@bootloader. Returns: (transfer full): a session with the image. */
OakBootloader *
oak_usb_connector_boot_through_rom (OakUsbConnector *self,
                                    OakBootloader **bootloader,
                                    GBytes *image,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean
oak_usb_connector_go_to_rom (OakUsbConnector *self,
                             OakBootloader **bootloader,
                             GCancellable *cancellable,
                             GError **error);
gboolean
oak_usb_connector_is_type_trusted (OakUsbConnector *self);
OakDeviceInfo *
oak_usb_connector_get_info (OakUsbConnector *self);

G_END_DECLS
