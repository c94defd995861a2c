/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-usb.h"

#include <string.h>

#include "oak-usb-ids.h"
#include "oak-xlink-event.h"
#include "sim-board.h"
#include "sim-camera.h"
#include "sim-faults.h"
#include "sim-session.h"
#include "sim-usb-private.h"

/* When a camera is on the bus, and what its two bulk endpoints carry. Each change of the camera's
 * state takes it off the bus and back. No threads. */

#define SIM_NEVER        G_MAXINT64
#define SIM_HEADER_BREAK 42 /* bytes of a header that come before the cable is pulled in it */

static gint64
sim_usb_get_gone_us (const SimUsb *self)
{
  return self->options.gone_ms * 1000;
}

static void
sim_usb_enter_bus (SimUsb *self)
{
  self->present = TRUE;
  self->generation++;
  self->state = sim_camera_get_device_state (self->camera);
  self->seen_states = sim_camera_get_n_states (self->camera);
  self->leaving_us = SIM_NEVER;
  self->configuration = self->options.is_unconfigured ? 0 : OAK_USB_CONFIGURATION;
  self->stalled = FALSE;
  self->n_headers = 0;
  self->n_payload = 0;
  self->received = 0;
  sim_usb_rom_clear (&self->rom);
}

static void
sim_usb_leave_bus (SimUsb *self, gint64 now_us)
{
  self->present = FALSE;
  self->left_us = now_us;
  sim_usb_rom_clear (&self->rom);
  if (self->session != NULL)
    sim_camera_close_session (self->camera, now_us);
  self->session = NULL;
}

SimUsb *
sim_usb_new (SimCamera *camera, const SimUsbOptions *options, gint64 now_us)
{
  SimUsb *self = g_new0 (SimUsb, 1);

  self->camera = camera;
  self->options = *options;
  self->rom_serial = g_strdup (options->rom_serial);
  self->options.rom_serial = NULL;
  self->plugged = TRUE;
  self->left_us = now_us - sim_usb_get_gone_us (self);
  self->leaving_us = SIM_NEVER;
  sim_usb_rom_clear (&self->rom);
  sim_usb_dispatch (self, now_us);
  return self;
}

void
sim_usb_free (SimUsb *self)
{
  sim_usb_rom_clear (&self->rom);
  g_free (self->rom_serial);
  g_free (self);
}

OakDeviceState
sim_usb_get_state (const SimUsb *self)
{
  return self->present ? self->state : OAK_DEVICE_STATE_UNKNOWN;
}

guint
sim_usb_get_generation (const SimUsb *self)
{
  return self->generation;
}

guint16
sim_usb_get_product_id (const SimUsb *self)
{
  return oak_usb_product_id_from_state (self->state);
}

gboolean
sim_usb_is_super_speed (const SimUsb *self)
{
  return self->options.super_speed && !self->options.is_held_back &&
         (self->state != OAK_DEVICE_STATE_UNBOOTED || self->options.super_speed_rom);
}

guint
sim_usb_get_packet_size (const SimUsb *self)
{
  return sim_usb_is_super_speed (self) ? 1024 : 512;
}

const char *
sim_usb_get_serial (const SimUsb *self)
{
  return self->state == OAK_DEVICE_STATE_UNBOOTED ? self->rom_serial
                                                  : sim_camera_get_mxid (self->camera);
}

guint
sim_usb_get_configuration (const SimUsb *self)
{
  return self->configuration;
}

void
sim_usb_set_configuration (SimUsb *self, guint configuration)
{
  self->configuration = configuration;
  self->stalled = FALSE;
}

void
sim_usb_unplug (SimUsb *self, gint64 now_us)
{
  if (!self->plugged)
    return;
  self->plugged = FALSE;
  if (self->present)
    sim_usb_leave_bus (self, now_us);
  sim_camera_power_cycle (self->camera, now_us);
}

void
sim_usb_plug (SimUsb *self, gint64 now_us)
{
  if (self->plugged)
    return;
  self->plugged = TRUE;
  self->left_us = now_us;
  sim_camera_power_cycle (self->camera, now_us);
}

gboolean
sim_usb_is_plugged (const SimUsb *self)
{
  return self->plugged;
}

void
sim_usb_unplug_at (SimUsb *self, SimUsbMoment moment, guint64 number)
{
  self->moment = moment;
  self->moment_number = number;
}

void
sim_usb_set_stays_out (SimUsb *self, gboolean stays_out)
{
  self->stays_out = stays_out;
}

void
sim_usb_set_silent (SimUsb *self, gboolean is_silent)
{
  self->silent = is_silent;
}

static SimFaults *
sim_usb_get_faults (const SimUsb *self)
{
  return sim_camera_get_board (self->camera)->faults;
}

/* The cable is pulled by a fault: for a moment, or for good. */
static void
sim_usb_cut (SimUsb *self, gint64 now_us)
{
  sim_usb_unplug (self, now_us);
  if (!self->stays_out)
    sim_usb_plug (self, now_us);
}

static void
sim_usb_reach_moment (SimUsb *self, gint64 now_us)
{
  self->moment = SIM_USB_MOMENT_NONE;
  sim_usb_unplug (self, now_us);
}

/* What every transfer is up to before it moves a byte. DONE: go on. */
static SimUsbResult
sim_usb_check_transfer (SimUsb *self)
{
  SimFaults *faults = sim_usb_get_faults (self);
  const SimFault *stall = sim_faults_peek (faults, SIM_FAULT_USB_STALL);
  const SimFault *silent = sim_faults_peek (faults, SIM_FAULT_USB_SILENT);

  if (!self->present)
    return SIM_USB_GONE;
  if (stall != NULL && self->received >= (guint64) stall->number) {
    self->stalled = TRUE;
    sim_faults_take (faults, SIM_FAULT_USB_STALL);
  }
  if (self->stalled || self->configuration != OAK_USB_CONFIGURATION)
    return SIM_USB_STALL;
  if (self->silent || (silent != NULL && self->received >= (guint64) silent->number))
    return SIM_USB_WAIT;
  return SIM_USB_DONE;
}

/* Notes what a call has brought about: the camera may have cut the link or changed its state. */
static void
sim_usb_settle (SimUsb *self, gint64 now_us)
{
  const guint8 *data;
  gsize size;

  if (!self->present)
    return;
  if (sim_camera_get_n_states (self->camera) == self->seen_states) {
    if (self->session != NULL && sim_session_is_finished (self->session))
      sim_usb_cut (self, now_us);
    return;
  }
  if (self->leaving_us == SIM_NEVER)
    self->leaving_us = now_us + SIM_USB_DRAIN_MS * 1000;
  if (self->session != NULL && now_us < self->leaving_us &&
      sim_session_get_output (self->session, &data, &size))
    return;
  sim_usb_leave_bus (self, now_us);
  if (self->moment == SIM_USB_MOMENT_REENUMERATION)
    sim_usb_reach_moment (self, now_us);
}

static gboolean
sim_usb_is_leaving (const SimUsb *self)
{
  return self->present && sim_camera_get_n_states (self->camera) != self->seen_states;
}

/* Returns: how many of @size bytes may still come before the cable is pulled. */
static gsize
sim_usb_get_allowance (const SimUsb *self, gboolean is_payload, gsize missing)
{
  guint64 position;

  if (self->moment == SIM_USB_MOMENT_PAYLOAD && is_payload)
    return self->moment_number <= self->n_payload ? 0 : self->moment_number - self->n_payload;
  if (self->moment != SIM_USB_MOMENT_HEADER || is_payload ||
      self->n_headers + 1 != self->moment_number)
    return G_MAXSIZE;
  position = OAK_XLINK_EVENT_SIZE - missing;
  return position >= SIM_HEADER_BREAK ? 0 : (gsize) (SIM_HEADER_BREAK - position);
}

/* Hands @size bytes at most to the session, of one header or payload. Returns: how many it took. */
static gsize
sim_usb_feed_session (SimUsb *self,
                      const guint8 *data,
                      gsize size,
                      gsize missing,
                      gboolean is_payload,
                      gint64 now_us)
{
  gsize space;
  guint8 *target = sim_session_get_space (self->session, &space);
  gsize take = MIN (size, space);

  if (take == 0)
    return 0;
  memcpy (target, data, take);
  if (is_payload)
    self->n_payload += take;
  else
    self->n_headers += take == missing;
  sim_camera_received (self->camera, take, now_us);
  self->received += take;
  return take;
}

static void
sim_usb_fail_session (SimUsb *self, const char *text)
{
  sim_stats_add_protocol_error (&sim_camera_get_board (self->camera)->stats, "%s", text);
  sim_session_finish (self->session, FALSE);
}

/* xlink.md §3: the device always waits for exactly the header or payload that comes next, so that
 * a packet must not reach beyond it, and an empty transfer means nothing. */
static SimUsbResult
sim_usb_write_session (SimUsb *self, const guint8 *data, gsize size, gsize *done, gint64 now_us)
{
  if (self->session == NULL && !sim_camera_wants_connection (self->camera))
    return SIM_USB_WAIT;
  if (self->session == NULL)
    self->session = sim_camera_connect (self->camera, now_us);
  if (self->session == NULL) {
    sim_usb_cut (self, now_us);
    return SIM_USB_GONE;
  }
  if (size == 0) {
    sim_usb_fail_session (self, "an empty transfer in a session");
    return SIM_USB_WAIT;
  }
  while (*done < size && !sim_session_is_finished (self->session)) {
    gboolean is_payload;
    gsize missing = sim_session_get_missing (self->session, &is_payload);
    gsize allowance = sim_usb_get_allowance (self, is_payload, missing);
    gsize left = size - *done;

    if (allowance == 0) {
      sim_usb_reach_moment (self, now_us);
      return SIM_USB_GONE;
    }
    if (left > missing && missing % sim_usb_get_packet_size (self) != 0) {
      sim_usb_fail_session (self, "a transfer that is longer than its header or payload");
      break;
    }
    *done += sim_usb_feed_session (self,
                                   data + *done,
                                   MIN (MIN (left, missing), allowance),
                                   missing,
                                   is_payload,
                                   now_us);
  }
  return *done < size ? SIM_USB_WAIT : SIM_USB_DONE;
}

/* The ROM gets the transfer whole, unless the cable is pulled in it. */
static SimUsbResult
sim_usb_write_rom (SimUsb *self, const guint8 *data, gsize size, gsize *done, gint64 now_us)
{
  const SimFault *drop = sim_faults_peek (sim_usb_get_faults (self), SIM_FAULT_DROP_AT_BYTE);
  guint64 after = self->rom.received + size;
  g_autoptr (GBytes) image = NULL;

  if (self->moment == SIM_USB_MOMENT_IMAGE && after >= self->moment_number) {
    sim_usb_reach_moment (self, now_us);
    return SIM_USB_GONE;
  }
  if (drop != NULL && after >= (guint64) drop->number) {
    sim_faults_take (sim_usb_get_faults (self), SIM_FAULT_DROP_AT_BYTE);
    sim_usb_cut (self, now_us);
    return SIM_USB_GONE;
  }
  if (sim_usb_rom_receive (&self->rom, self->camera, data, size, now_us, &image))
    sim_camera_boot_from_rom (self->camera, image, now_us);
  *done = size;
  self->received += size;
  return SIM_USB_DONE;
}

SimUsbResult
sim_usb_write (SimUsb *self, const guint8 *data, gsize size, gsize *done, gint64 now_us)
{
  guint generation = self->generation;
  SimUsbResult result = sim_usb_check_transfer (self);

  if (result != SIM_USB_DONE)
    return result;
  if (sim_usb_is_leaving (self))
    return SIM_USB_WAIT;
  if (self->state == OAK_DEVICE_STATE_UNBOOTED)
    result = sim_usb_write_rom (self, data, size, done, now_us);
  else if (self->state == OAK_DEVICE_STATE_BOOTLOADER)
    result = sim_usb_write_session (self, data, size, done, now_us);
  else
    return SIM_USB_WAIT;
  sim_usb_settle (self, now_us);
  if (result == SIM_USB_WAIT && (!self->present || self->generation != generation))
    return SIM_USB_GONE;
  return result;
}

/* What the camera has to send, one transfer of its own: a header or a payload, never both. */
static gboolean
sim_usb_get_output (SimUsb *self, const guint8 **data, gsize *size)
{
  if (self->rom.reply != NULL) {
    *data = g_bytes_get_data (self->rom.reply, size);
    return TRUE;
  }
  return self->session != NULL && sim_session_get_output (self->session, data, size);
}

static void
sim_usb_sent (SimUsb *self, gsize size)
{
  if (self->rom.reply != NULL)
    g_clear_pointer (&self->rom.reply, g_bytes_unref);
  else
    sim_session_sent (self->session, size);
}

/* Moves packets while there are any and they fit. */
static SimUsbResult
sim_usb_fill_buffer (SimUsb *self, guint8 *buffer, gsize size, gsize *done)
{
  gsize packet = sim_usb_get_packet_size (self);
  const guint8 *data;
  gsize left;

  while (*done < size) {
    gsize room = size - *done;
    gsize take;

    if (!sim_usb_get_output (self, &data, &left))
      return SIM_USB_WAIT;
    take = left <= room ? left : room / packet * packet;
    if (take == 0) {
      sim_usb_sent (self, MIN (left, packet));
      return SIM_USB_OVERFLOW;
    }
    memcpy (buffer + *done, data, take);
    *done += take;
    sim_usb_sent (self, take);
    if (take % packet != 0)
      return SIM_USB_DONE;
  }
  return SIM_USB_DONE;
}

SimUsbResult
sim_usb_read (SimUsb *self, guint8 *data, gsize size, gsize *done, gint64 now_us)
{
  SimUsbResult result = sim_usb_check_transfer (self);

  if (result != SIM_USB_DONE)
    return result;
  result = sim_usb_fill_buffer (self, data, size, done);
  sim_usb_settle (self, now_us);
  if (result == SIM_USB_WAIT && !self->present)
    return SIM_USB_GONE;
  return result;
}

void
sim_usb_dispatch (SimUsb *self, gint64 now_us)
{
  if (!self->plugged)
    return;
  if (sim_camera_get_wake (self->camera) <= now_us)
    sim_camera_dispatch (self->camera, now_us);
  if (self->present && self->rom.watchdog_us <= now_us && !sim_usb_is_leaving (self))
    sim_usb_leave_bus (self, now_us);
  sim_usb_settle (self, now_us);
  if (self->plugged && !self->present && now_us - self->left_us >= sim_usb_get_gone_us (self) &&
      sim_camera_get_device_state (self->camera) != OAK_DEVICE_STATE_UNKNOWN)
    sim_usb_enter_bus (self);
}

gint64
sim_usb_get_wake (const SimUsb *self)
{
  gint64 wake;

  if (!self->plugged)
    return SIM_NEVER;
  wake = sim_camera_get_wake (self->camera);
  if (self->present)
    wake = MIN (wake, MIN (self->leaving_us, self->rom.watchdog_us));
  else if (sim_camera_get_device_state (self->camera) != OAK_DEVICE_STATE_UNKNOWN)
    wake = MIN (wake, self->left_us + sim_usb_get_gone_us (self));
  return wake;
}
