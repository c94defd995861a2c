/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-usb-connector.h"

G_BEGIN_DECLS

typedef struct _OakDeviceLock OakDeviceLock;
typedef struct _OakUsbFacts OakUsbFacts;

/* What the connector's two files share. */

#define OAK_USB_POLL_MS 100

struct _OakUsbConnector {
  OakDeviceInfo *info; /* (owned) */
  OakDeviceInfo *told; /* (owned) (nullable): what the log has heard of it */
  OakTimeouts timeouts;
  OakReport *report;          /* (unowned) (nullable) */
  GBytes *boot_image;         /* (owned) (nullable) */
  OakDeviceLock *socket_lock; /* (owned) (nullable) */
  OakDeviceLock *id_lock;     /* (owned) (nullable) */
  GPtrArray *held_paths;      /* (owned) */
  gboolean started_by_us;     /* what runs is an image we started in its memory */
  guint bus;                  /* where it was last seen or connected; 0: nowhere */
  guint address;
};

/* Waiting for the camera to come back. */
typedef struct {
  guint state_mask;
  guint timeout_ms;
  OakConnectorTickFunc tick; /* (nullable) */
  gpointer user_data;
  OakDeviceState last_state;
} OakUsbWait;

/* Returns: FALSE when there was no use in going on. */
gboolean
oak_usb_connector_wait (OakUsbConnector *self,
                        OakUsbWait *wait,
                        GCancellable *cancellable,
                        GError **error);
/* Waits a moment, but not when cancelled. */
gboolean
oak_usb_connector_pause (guint pause_ms, GCancellable *cancellable, GError **error);
/* Both halves of a socket have one name, "usb:1.2". Returns: (transfer full). */
char *
oak_usb_connector_name_socket (const OakUsbFacts *facts);
/* The camera is where @facts say: takes its place and its locks. */
gboolean
oak_usb_connector_follow (OakUsbConnector *self, const OakUsbFacts *facts, GError **error);
/* @restarted: it may need a moment until it listens. Returns: (transfer full). */
OakBootloader *
oak_usb_connector_connect (OakUsbConnector *self,
                           gboolean restarted,
                           GCancellable *cancellable,
                           GError **error);
/* Remembers an image that we started; without effect when what runs is the camera's own. */
gboolean
oak_usb_connector_save_mark (OakUsbConnector *self, gboolean had_session, GError **error);
/* Out of the ROM by the image that was set. */
gboolean
oak_usb_connector_boot_chosen_image (OakUsbConnector *self,
                                     GCancellable *cancellable,
                                     GError **error);

G_END_DECLS
