/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-usb.h"

G_BEGIN_DECLS

typedef struct _SimSession SimSession;

/* What the files of the USB plug share. No threads. */

/* The chip's ROM while it waits for an image. */
typedef struct {
  GByteArray *image; /* (owned) (nullable): under way */
  GBytes *reply;     /* (owned) (nullable): to be read by the host */
  guint64 received;
  gint64 watchdog_us; /* reset to the ROM when no image was started by then */
} SimUsbRom;

struct _SimUsb {
  SimCamera *camera; /* (unowned) */
  SimUsbOptions options;
  char *rom_serial; /* (owned) (nullable) */
  gboolean plugged;
  gboolean present;
  OakDeviceState state; /* while present */
  guint generation;
  guint seen_states; /* of the camera, when it came onto the bus */
  gint64 left_us;
  gint64 leaving_us; /* G_MAXINT64: not leaving */
  guint configuration;
  gboolean stalled;
  gboolean silent;
  gboolean stays_out;
  SimUsbMoment moment;
  guint64 moment_number;
  guint64 n_headers;
  guint64 n_payload;
  guint64 received;    /* since it came onto the bus */
  SimSession *session; /* (unowned) (nullable): of the camera */
  SimUsbRom rom;
};

/* An OUT transfer to the ROM, or what is left of one behind a wait; never waits itself. Returns:
 * TRUE when @image, which is the caller's then, is complete. */
gboolean
sim_usb_rom_receive (SimUsbRom *self,
                     SimCamera *camera,
                     const guint8 *data,
                     gsize size,
                     gint64 now_us,
                     GBytes **image);
void
sim_usb_rom_clear (SimUsbRom *self);

G_END_DECLS
