/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _SimCamera SimCamera;

/**
 * SimUsb:
 *
 * A camera's USB plug: what it is on the bus at present, its descriptors and control requests, and
 * the transfers of its two bulk endpoints (xlink.md §1.4 to §3, §12). It knows no kernel and no
 * library: whoever carries transfers calls it, with the time in microseconds that never run
 * backwards. Where a fault of the camera cuts a network link, the cable is pulled. One owner, no
 * threads.
 */
typedef struct _SimUsb SimUsb;

typedef enum {
  SIM_USB_WAIT, /* not now: ask again after anything else has happened */
  SIM_USB_DONE,
  SIM_USB_STALL,
  SIM_USB_OVERFLOW, /* a packet was larger than what is left of the buffer, and is lost */
  SIM_USB_GONE,
} SimUsbResult;

typedef enum {
  SIM_USB_MOMENT_NONE,
  SIM_USB_MOMENT_HEADER,        /* in the Nth header from the host, counted from 1 */
  SIM_USB_MOMENT_PAYLOAD,       /* after N bytes of payload */
  SIM_USB_MOMENT_IMAGE,         /* after N bytes for the ROM */
  SIM_USB_MOMENT_REENUMERATION, /* when it leaves the bus the next time */
} SimUsbMoment;

typedef struct {
  gboolean super_speed;
  gboolean super_speed_rom; /* FALSE: the ROM is at high speed whatever the rest is */
  const char *rom_serial;   /* (nullable): the ROM's serial number text */
  gint64 gone_ms;           /* away from the bus for at least so long */
  gboolean is_unconfigured; /* it waits for SET_CONFIGURATION */
  gboolean is_held_back;    /* could do super speed, but its cable cannot */
} SimUsbOptions;

#define SIM_USB_SETUP_SIZE 8
/* Nothing a control request brings back is larger. */
#define SIM_USB_CONTROL_SIZE 256
/* An answer is still sent for so long when the camera wants to leave the bus. */
#define SIM_USB_DRAIN_MS 200

/* Returns: (transfer full): plugged in, and on the bus if the camera is. @camera stays the caller's
 * and must outlive it. */
SimUsb *
sim_usb_new (SimCamera *camera, const SimUsbOptions *options, gint64 now_us);
void
sim_usb_free (SimUsb *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimUsb, sim_usb_free)

/* UNKNOWN: it is not on the bus. */
OakDeviceState
sim_usb_get_state (const SimUsb *self);
/* Returns: how often it has come onto the bus: another number is another device to the host. */
guint
sim_usb_get_generation (const SimUsb *self);
guint16
sim_usb_get_product_id (const SimUsb *self);
gboolean
sim_usb_is_super_speed (const SimUsb *self);
guint
sim_usb_get_packet_size (const SimUsb *self);
/* Returns: (transfer none) (nullable): its serial number text. */
const char *
sim_usb_get_serial (const SimUsb *self);
/* 0 until the host has chosen one. */
guint
sim_usb_get_configuration (const SimUsb *self);
void
sim_usb_set_configuration (SimUsb *self, guint configuration);

/* Fills @data, of at least SIM_USB_CONTROL_SIZE bytes, with the device descriptor and the one
 * configuration behind it, as sysfs has them. Returns: their size. */
gsize
sim_usb_get_descriptors (const SimUsb *self, guint8 *data);

/* A control request; @data has room for SIM_USB_CONTROL_SIZE bytes. @size becomes that of the
 * answer. Never waits. */
SimUsbResult
sim_usb_control (SimUsb *self,
                 const guint8 setup[SIM_USB_SETUP_SIZE],
                 guint8 *data,
                 gsize *size,
                 gint64 now_us);
/* An OUT transfer of @size bytes; @done counts those taken so far, in this call and those before it
 * that had to wait. */
SimUsbResult
sim_usb_write (SimUsb *self, const guint8 *data, gsize size, gsize *done, gint64 now_us);
/* An IN transfer into @size bytes; @done likewise. */
SimUsbResult
sim_usb_read (SimUsb *self, guint8 *data, gsize size, gsize *done, gint64 now_us);

/* The cable. A camera lives on it, so that unplugging ends whatever it was doing. */
void
sim_usb_unplug (SimUsb *self, gint64 now_us);
void
sim_usb_plug (SimUsb *self, gint64 now_us);
gboolean
sim_usb_is_plugged (const SimUsb *self);
/* Unplugs it once by itself; it then stays out, while after a fault it comes back. */
void
sim_usb_unplug_at (SimUsb *self, SimUsbMoment moment, guint64 number);
/* TRUE: whatever cuts the link from now on leaves it unplugged. */
void
sim_usb_set_stays_out (SimUsb *self, gboolean stays_out);
void
sim_usb_set_silent (SimUsb *self, gboolean is_silent);

/* Goes on with whatever is due, of the camera as well; sim_usb_get_wake () says when, G_MAXINT64
 * for never. */
void
sim_usb_dispatch (SimUsb *self, gint64 now_us);
gint64
sim_usb_get_wake (const SimUsb *self);

G_END_DECLS
