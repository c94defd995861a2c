/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-usb.h"

G_BEGIN_DECLS

/**
 * SimUsbVhci:
 *
 * Plugs a simulated camera into the Linux kernel's virtual host controller (vhci-hcd): a socket
 * pair, of which the kernel keeps one end, and USB/IP messages on it. No network is involved. Each
 * time the camera leaves the bus the socket is closed, and a new one is handed over when it comes
 * back. One owner, one thread; nothing here blocks.
 */
typedef struct _SimUsbVhci SimUsbVhci;

/* The kernel's first controller has so many ports for each speed. */
#define SIM_USB_VHCI_PORTS 8

/* Returns: (transfer full): NULL with OAK_ERROR_NOT_FOUND when the kernel has no such controller,
 * NO_ACCESS when it may not be used, BUSY when something else is in that port. @camera stays the
 * caller's and must outlive it. */
SimUsbVhci *
sim_usb_vhci_new (SimCamera *camera,
                  const SimUsbOptions *options,
                  guint port,
                  gint64 now_us,
                  GError **error);
void
sim_usb_vhci_free (SimUsbVhci *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimUsbVhci, sim_usb_vhci_free)

/* Returns: what to poll, -1 for nothing at present; for output as well when @wants_output. */
int
sim_usb_vhci_get_fd (const SimUsbVhci *self, gboolean *wants_output);
/* Takes what the kernel sends, and goes on with whatever is due; sim_usb_vhci_get_wake () says when
 * it wants to be called even without that. */
void
sim_usb_vhci_serve (SimUsbVhci *self, gint64 now_us);
gint64
sim_usb_vhci_get_wake (const SimUsbVhci *self);

G_END_DECLS
