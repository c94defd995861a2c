/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-usb-private.h"

#include <string.h>

#include "oak-demo-image.h"
#include "oak-usb-ids.h"
#include "sim-board.h"
#include "sim-camera.h"

/* The chip's ROM on USB (xlink.md §1.8, §2, §12): answers the question for the camera's id, accepts
 * the watchdog prefix and flushing zeros, and collects an image until the transfer that ends it. No
 * threads. */

#define SIM_ROM_ID_BLOCK_SIZE     347
#define SIM_ROM_PREFIX_SIZE       40
#define SIM_ROM_WATCHDOG_OFF_SIZE 36
#define SIM_ROM_SEND_OFFSET       340
#define SIM_ROM_SEND              0x84
#define SIM_ROM_WRITE_REGISTER    0x9a
#define SIM_ROM_ID_SIZE           9
#define SIM_ROM_WATCHDOG_US       (6 * G_USEC_PER_SEC)
#define SIM_ROM_MAX_IMAGE         (64 * OAK_MIB)

static const guint8 stream_header[4] = { 0x4d, 0x41, 0x32, 0x78 };

void
sim_usb_rom_clear (SimUsbRom *self)
{
  g_clear_pointer (&self->image, g_byte_array_unref);
  g_clear_pointer (&self->reply, g_bytes_unref);
  self->received = 0;
  self->watchdog_us = G_MAXINT64;
}

/* The nine raw bytes behind the id. The low half of the last one is noise that readers mask
 * (xlink.md §1.3). */
static GBytes *
sim_usb_rom_make_id (const char *mxid)
{
  guint8 id[SIM_ROM_ID_SIZE] = { 0 };

  for (gsize i = 0; i < SIM_ROM_ID_SIZE && strlen (mxid) >= 2 * i + 2; i++)
    id[i] = (guint8) (g_ascii_xdigit_value (mxid[2 * i]) << 4 |
                      (g_ascii_xdigit_value (mxid[2 * i + 1]) & 0xf));
  id[SIM_ROM_ID_SIZE - 1] |= 0x0b;
  return g_bytes_new (id, sizeof id);
}

static gboolean
sim_usb_rom_is_command (const guint8 *data, gsize size)
{
  return size >= sizeof stream_header && memcmp (data, stream_header, sizeof stream_header) == 0;
}

static gboolean
sim_usb_rom_is_zeros (const guint8 *data, gsize size)
{
  return size > 0 && data[0] == 0 && memcmp (data, data + 1, size - 1) == 0;
}

/* Returns: TRUE when @data was one of the short exchanges and no part of an image. */
static gboolean
sim_usb_rom_exchange (SimUsbRom *self,
                      SimCamera *camera,
                      const guint8 *data,
                      gsize size,
                      gint64 now_us)
{
  gboolean is_command = sim_usb_rom_is_command (data, size);

  if (is_command && size == SIM_ROM_PREFIX_SIZE) {
    self->watchdog_us = now_us + SIM_ROM_WATCHDOG_US;
  } else if (is_command && size == SIM_ROM_ID_BLOCK_SIZE &&
             data[SIM_ROM_SEND_OFFSET] == SIM_ROM_SEND) {
    g_clear_pointer (&self->reply, g_bytes_unref);
    self->reply = sim_usb_rom_make_id (sim_camera_get_mxid (camera));
    self->watchdog_us = now_us + SIM_ROM_WATCHDOG_US;
  } else if (size == SIM_ROM_WATCHDOG_OFF_SIZE && data[0] == SIM_ROM_WRITE_REGISTER) {
    self->watchdog_us = G_MAXINT64;
  } else {
    return sim_usb_rom_is_zeros (data, size);
  }
  return TRUE;
}

static void
sim_usb_rom_begin_image (SimUsbRom *self, SimCamera *camera, const guint8 *data, gsize size)
{
  SimStats *stats = &sim_camera_get_board (camera)->stats;

  if (!sim_usb_rom_is_command (data, size) && !oak_demo_image_recognise (data, size))
    sim_stats_add_protocol_error (stats, "what the ROM got begins like no image");
  self->image = g_byte_array_new ();
}

/* xlink.md §2: an image ends in a transfer that is no multiple of 512, at every speed, and an empty
 * one stands in for it when the image's size is a multiple. */
gboolean
sim_usb_rom_receive (SimUsbRom *self,
                     SimCamera *camera,
                     const guint8 *data,
                     gsize size,
                     gint64 now_us,
                     GBytes **image)
{
  SimStats *stats = &sim_camera_get_board (camera)->stats;

  self->received += size;
  if (self->image == NULL && size == 0) {
    sim_stats_add_protocol_error (stats, "an empty transfer to a ROM that waits for none");
    return FALSE;
  }
  if (self->image == NULL) {
    if (sim_usb_rom_exchange (self, camera, data, size, now_us))
      return FALSE;
    sim_usb_rom_begin_image (self, camera, data, size);
  }
  if (self->image->len + size > SIM_ROM_MAX_IMAGE) {
    sim_stats_add_protocol_error (stats, "an image of more than 64 MiB");
    g_clear_pointer (&self->image, g_byte_array_unref);
    return FALSE;
  }
  g_byte_array_append (self->image, data, (guint) size);
  if (size > 0 && size % OAK_USB_ROM_EMPTY_TRANSFER_MODULUS == 0)
    return FALSE;
  *image = g_byte_array_free_to_bytes (g_steal_pointer (&self->image));
  return TRUE;
}
