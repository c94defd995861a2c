/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-types.h"

G_BEGIN_DECLS

/**
 * OakUsbFacts:
 *
 * What is known of one camera on the USB bus at one moment without speaking to it. Immutable,
 * atomically reference-counted: crosses threads.
 */
typedef struct _OakUsbFacts OakUsbFacts;
struct _OakUsbFacts {
  char *path;      /* bus and ports, such as "1.2.13" (xlink.md §1.5) */
  char *peer_path; /* (nullable): the same socket on the other of the USB 2 and USB 3 buses, from
                      sysfs */
  char *serial;    /* (nullable): the MXID in every state but UNBOOTED; from sysfs */
  OakDeviceState state;
  guint bus;
  guint address;            /* number given by the kernel; another one after each enumeration */
  guint speed_mbps;         /* 480, 5000, ...; 0: not known */
  gboolean could_be_faster; /* runs at high speed or below, but says it could do SuperSpeed */
  OakUsbAccess access;
};

OakUsbFacts *
oak_usb_facts_ref (OakUsbFacts *self);
void
oak_usb_facts_unref (OakUsbFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakUsbFacts, oak_usb_facts_unref)

/* A copy with another @access. Returns: (transfer full). */
OakUsbFacts *
oak_usb_facts_with_access (const OakUsbFacts *self, OakUsbAccess access);
gboolean
oak_usb_facts_equal (const OakUsbFacts *a, const OakUsbFacts *b);
/* TRUE when both may be one camera before and after an enumeration: same socket. */
gboolean
oak_usb_facts_is_at (const OakUsbFacts *self, const char *path, const char *peer_path);

/* TRUE for decimal bus and port numbers with dots, as in "1.2.13". */
gboolean
oak_usb_path_is_valid (const char *path);

/**
 * oak_usb_scan:
 *
 * Looks at the bus once, with a libusb context of its own: a long-lived one does not see new
 * devices where no udev events arrive. Opens nothing. Blocks for milliseconds, any thread.
 *
 * Returns: (transfer full) (element-type OakUsbFacts): the cameras in bus order, access UNTRIED; or
 * NULL with OAK_ERROR_UNREACHABLE when there is no USB at all.
 */
GPtrArray *
oak_usb_scan (GError **error);

G_END_DECLS
