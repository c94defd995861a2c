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

/* What OakConnector is, for a camera on the network: OakConnector hands its calls on to it, which
 * see for what they do. Owned and used by one worker thread; private to device/. */
typedef struct _OakNetworkConnector OakNetworkConnector;

OakNetworkConnector *
oak_network_connector_new (OakDeviceInfo *info,
                           OakNetworkScope scope,
                           const OakTimeouts *timeouts,
                           OakReport *report);
void
oak_network_connector_free (OakNetworkConnector *self);

gboolean
oak_network_connector_identify (OakNetworkConnector *self,
                                GCancellable *cancellable,
                                GError **error);
OakBootloader *
oak_network_connector_open (OakNetworkConnector *self,
                            gboolean stop_application,
                            GCancellable *cancellable,
                            GError **error);
gboolean
oak_network_connector_confirm (OakNetworkConnector *self,
                               GCancellable *cancellable,
                               GError **error);
OakBootloader *
oak_network_connector_reopen (OakNetworkConnector *self, GCancellable *cancellable, GError **error);
gboolean
oak_network_connector_wait_for_state (OakNetworkConnector *self,
                                      guint state_mask,
                                      guint timeout_ms,
                                      OakConnectorTickFunc tick,
                                      gpointer user_data,
                                      OakDeviceState *state,
                                      GCancellable *cancellable,
                                      GError **error);
OakDeviceInfo *
oak_network_connector_get_info (OakNetworkConnector *self);

G_END_DECLS
