/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "oak-usb-facts.h"

G_BEGIN_DECLS

/**
 * OakUsbContext:
 *
 * The live picture of the cameras on USB. Hotplug events start a look at the bus at once; where
 * none arrive (a sandbox without network), one every one or two seconds does. Each look uses a
 * fresh libusb context. A camera is opened once after it arrived, and again when the rights of its
 * node changed or while another program holds it, to find out whether it can be; never while its
 * path is held. Lives in the thread-default main context it was made in; signal "changed" is
 * emitted there.
 */
#define OAK_TYPE_USB_CONTEXT (oak_usb_context_get_type ())
G_DECLARE_FINAL_TYPE (OakUsbContext, oak_usb_context, OAK, USB_CONTEXT, GObject)

/* Does not start; makes no libusb context and no thread. */
OakUsbContext *
oak_usb_context_new (void);
/* Milliseconds between two looks without hotplug events, 1500 by default. Before the start. */
void
oak_usb_context_set_pace (OakUsbContext *self, guint scan_ms);
void
oak_usb_context_start (OakUsbContext *self);
/* Joins the threads; also done by dispose. The picture stays as it was. */
void
oak_usb_context_stop (OakUsbContext *self);
/* A look now. */
void
oak_usb_context_refresh (OakUsbContext *self);

/* Returns: (transfer none) (element-type OakUsbFacts): replaced, never changed, before "changed" is
 * emitted. */
GPtrArray *
oak_usb_context_get_devices (OakUsbContext *self);
/* Returns: (transfer none) (nullable): why USB cannot be looked at. */
const char *
oak_usb_context_get_problem (OakUsbContext *self);

/* While a job owns a camera no opening test is made at its path, by any context of this process.
 * Counted. Holding waits for a test that is under way there, milliseconds. Any thread. */
void
oak_usb_context_hold_path (const char *path);
void
oak_usb_context_release_path (const char *path);

G_END_DECLS
