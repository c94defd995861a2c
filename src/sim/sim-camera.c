/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-camera.h"

#include <string.h>

#include "oak-bootloader-message.h"
#include "oak-discovery-datagram.h"
#include "sim-board.h"
#include "sim-bootloader.h"
#include "sim-faults.h"
#include "sim-flash.h"
#include "sim-image.h"
#include "sim-session.h"

/* States of a camera over time. What happens inside callbacks is only noted there and done
 * afterwards, in sim_camera_settle (). No threads. */

#define SIM_NEVER G_MAXINT64

struct _SimCamera {
  char *mxid; /* (owned) */
  gint64 reboot_ms;
  gint64 watchdog_ms;
  SimBoard *board; /* (owned) */
  SimCameraState state;
  SimBoot boot;           /* what runs, or ran last */
  GBytes *image;          /* (owned) (nullable): to be started instead of the flash's */
  gboolean to_bootloader; /* asked for the bootloader: it waits for a host */
  gint64 due_us;          /* of the end of a reboot, or the start of the application */
  gint64 watchdog_us;     /* reset when no keep-alive came by then */
  gint64 now_us;
  SimBootloader *bootloader; /* (owned) (nullable) */
  SimSession *session;       /* (owned) (nullable) */
  gboolean session_used; /* since the last reset: only a reset makes the bootloader listen again */
  gboolean leave_pending;
  SimLeave leave;
  guint n_answers; /* to discovery */
  guint n_states;
};

static void
sim_camera_enter (SimCamera *self, SimCameraState state, const char *reason)
{
  self->state = state;
  self->n_states++;
  self->due_us = SIM_NEVER;
  self->watchdog_us = SIM_NEVER;
  g_info ("%s: %s: %s", self->mxid, sim_camera_state_to_string (state), reason);
}

static void
sim_camera_on_send (GBytes *message, gpointer user_data)
{
  SimCamera *self = user_data;

  if (self->session != NULL)
    sim_session_write (self->session, OAK_BOOTLOADER_STREAM, message, self->now_us);
}

static void
sim_camera_on_leave (SimLeave leave, GBytes *image, gpointer user_data)
{
  SimCamera *self = user_data;

  self->leave_pending = TRUE;
  self->leave = leave;
  g_clear_pointer (&self->image, g_bytes_unref);
  if (image != NULL)
    self->image = g_bytes_ref (image);
}

static void
sim_camera_run_bootloader (SimCamera *self, const char *reason)
{
  SimBootloaderIdentity identity = { self->boot.type, self->boot.version, self->boot.is_user };
  SimBootloaderFuncs funcs = { sim_camera_on_send, sim_camera_on_leave, self };
  gint64 wait_ms = self->boot.wait_ms;

  if (wait_ms >= 0 && self->to_bootloader)
    wait_ms = MAX (wait_ms, SIM_BOOTLOADER_HOLD_MS);
  self->bootloader = sim_bootloader_new (self->board, &identity, &funcs);
  self->session_used = FALSE;
  sim_camera_enter (self, SIM_CAMERA_BOOTLOADER, reason);
  self->due_us = wait_ms < 0 ? SIM_NEVER : self->now_us + wait_ms * 1000;
}

/* bootloader.md §3.4: the new image's version and type. An image that is none of ours keeps the old
 * ones. */
static void
sim_camera_boot_image (SimCamera *self)
{
  g_autoptr (GBytes) bytes = g_steal_pointer (&self->image);
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);
  SimImage image;

  if (sim_image_decode (&image, data, size)) {
    if (!sim_image_is_whole (&image, data, size)) {
      sim_camera_enter (self, SIM_CAMERA_BRICKED, "the image in memory is damaged");
      return;
    }
    self->boot.type = image.type;
    self->boot.version = image.version;
  }
  self->boot.is_user = FALSE;
  sim_board_get_boot_wait (self->board, &self->boot);
  self->to_bootloader = TRUE;
  sim_camera_run_bootloader (self, "bootloader started from memory");
}

static void
sim_camera_boot (SimCamera *self)
{
  if (self->image != NULL) {
    sim_camera_boot_image (self);
    return;
  }
  sim_board_boot (self->board, self->to_bootloader, &self->boot);
  switch (self->boot.outcome) {
  case SIM_BOOT_BOOTLOADER:
    sim_camera_run_bootloader (self, self->boot.reason);
    break;
  case SIM_BOOT_APPLICATION:
    sim_camera_enter (self, SIM_CAMERA_FLASH_BOOTED, self->boot.reason);
    break;
  case SIM_BOOT_RECOVERY:
    sim_camera_enter (self, SIM_CAMERA_USB_RECOVERY, self->boot.reason);
    break;
  case SIM_BOOT_BRICKED:
    sim_camera_enter (self, SIM_CAMERA_BRICKED, self->boot.reason);
    break;
  default:
    g_assert_not_reached ();
  }
}

/* Ends whatever runs and comes back after the reboot time. */
static void
sim_camera_restart (SimCamera *self, gboolean to_bootloader, const char *reason)
{
  if (self->session != NULL)
    sim_session_finish (self->session, FALSE);
  g_clear_pointer (&self->bootloader, sim_bootloader_free);
  self->leave_pending = FALSE;
  self->to_bootloader = to_bootloader;
  sim_camera_enter (self, SIM_CAMERA_REBOOTING, reason);
  if (sim_faults_take (self->board->faults, SIM_FAULT_NEVER_REBOOTS) == NULL)
    self->due_us = self->now_us + self->reboot_ms * 1000;
}

static void
sim_camera_reset (SimCamera *self, gboolean to_bootloader, const char *reason)
{
  g_clear_pointer (&self->image, g_bytes_unref);
  self->board->stats.resets++;
  sim_camera_restart (self, to_bootloader, reason);
}

static void
sim_camera_end_bootloader (SimCamera *self, SimCameraState state, const char *reason)
{
  if (self->session != NULL)
    sim_session_finish (self->session, FALSE);
  g_clear_pointer (&self->bootloader, sim_bootloader_free);
  sim_camera_enter (self, state, reason);
}

void
sim_camera_start_application (SimCamera *self, gint64 now_us)
{
  SimApplication application = sim_board_check_application (self->board, self->boot.type);

  self->now_us = now_us;
  if (self->state != SIM_CAMERA_BOOTLOADER)
    return;
  self->due_us = SIM_NEVER;
  if (sim_faults_take (self->board->faults, SIM_FAULT_NO_START) != NULL)
    return;
  if (application == SIM_APPLICATION_WHOLE)
    sim_camera_end_bootloader (self, SIM_CAMERA_FLASH_BOOTED, "application started");
  else if (application == SIM_APPLICATION_TORN)
    sim_camera_end_bootloader (self, SIM_CAMERA_BRICKED, "a torn application was started");
}

void
sim_camera_start_booted (SimCamera *self, gint64 now_us)
{
  self->now_us = now_us;
  sim_camera_end_bootloader (self, SIM_CAMERA_BOOTED, "a host has loaded firmware");
}

void
sim_camera_go_to_bootloader (SimCamera *self, gint64 now_us)
{
  self->now_us = now_us;
  sim_camera_reset (self, TRUE, "told to go to the bootloader");
}

void
sim_camera_boot_from_rom (SimCamera *self, GBytes *image, gint64 now_us)
{
  g_return_if_fail (self->state == SIM_CAMERA_USB_RECOVERY);

  self->now_us = now_us;
  g_clear_pointer (&self->image, g_bytes_unref);
  self->image = g_bytes_ref (image);
  sim_camera_restart (self, TRUE, "the ROM boots an image");
}

guint
sim_camera_get_n_states (const SimCamera *self)
{
  return self->n_states;
}

static void
sim_camera_follow_leave (SimCamera *self)
{
  self->leave_pending = FALSE;
  switch (self->leave) {
  case SIM_LEAVE_RESET:
    sim_camera_reset (self, FALSE, "the bootloader gave up");
    break;
  case SIM_LEAVE_DROP:
    if (self->session != NULL)
      sim_session_finish (self->session, FALSE);
    break;
  case SIM_LEAVE_BOOT_MEMORY:
    sim_camera_restart (self, TRUE, "booting an image from memory");
    break;
  case SIM_LEAVE_BOOT_APPLICATION:
    sim_camera_start_application (self, self->now_us);
    break;
  case SIM_LEAVE_USB_ROM:
    sim_camera_end_bootloader (self, SIM_CAMERA_USB_RECOVERY, "asked for the USB ROM");
    break;
  default:
    g_assert_not_reached ();
  }
}

/* Data of a write that are cut on their way: @more bytes beyond the complete packets have come.
 * Returns: TRUE when the link was cut. */
static gboolean
sim_camera_drop_in_data (SimCamera *self, gsize more)
{
  const SimFault *fault = sim_faults_peek (self->board->faults, SIM_FAULT_DROP_IN_DATA);
  guint64 done;
  guint64 total;

  if (fault == NULL || self->session == NULL || self->bootloader == NULL ||
      !sim_bootloader_is_gathering (self->bootloader, &done, &total) ||
      (done + more) * 100 < total * (guint64) fault->number)
    return FALSE;
  sim_faults_take (self->board->faults, SIM_FAULT_DROP_IN_DATA);
  sim_session_finish (self->session, FALSE);
  return TRUE;
}

static void
sim_camera_settle (SimCamera *self)
{
  if (self->session != NULL)
    sim_camera_drop_in_data (self, sim_session_get_partial (self->session, OAK_BOOTLOADER_STREAM));
  if (self->leave_pending && self->state == SIM_CAMERA_BOOTLOADER)
    sim_camera_follow_leave (self);
  if (!sim_flash_is_powered (self->board->nor) ||
      (self->board->emmc != NULL && !sim_flash_is_powered (self->board->emmc)))
    sim_camera_power_cycle (self, self->now_us);
}

SimCamera *
sim_camera_new (const SimCameraOptions *options, SimBoard *board, gint64 now_us)
{
  SimCamera *self = g_new0 (SimCamera, 1);

  self->mxid = g_strdup (options->mxid);
  self->reboot_ms = options->reboot_ms;
  self->watchdog_ms = options->watchdog_ms;
  self->board = board;
  self->now_us = now_us;
  if (options->is_strict)
    board->header_assumed = board->factory_assumed = FALSE;
  else
    sim_board_accept_content (board);
  sim_camera_boot (self);
  return self;
}

void
sim_camera_free (SimCamera *self)
{
  g_clear_pointer (&self->bootloader, sim_bootloader_free);
  g_clear_pointer (&self->session, sim_session_free);
  g_clear_pointer (&self->board, sim_board_free);
  g_clear_pointer (&self->image, g_bytes_unref);
  g_free (self->mxid);
  g_free (self);
}

SimBoard *
sim_camera_get_board (SimCamera *self)
{
  return self->board;
}

const char *
sim_camera_get_mxid (const SimCamera *self)
{
  return self->mxid;
}

SimCameraState
sim_camera_get_state (const SimCamera *self)
{
  return self->state;
}

OakVersion
sim_camera_get_version (const SimCamera *self)
{
  return self->boot.version;
}

OakBootloaderType
sim_camera_get_bootloader_type (const SimCamera *self)
{
  return self->boot.type;
}

gboolean
sim_camera_is_user_bootloader (const SimCamera *self)
{
  return self->boot.is_user;
}

guint
sim_camera_get_n_answers (const SimCamera *self)
{
  return self->n_answers;
}

const char *
sim_camera_state_to_string (SimCameraState state)
{
  static const char *const names[] = {
    [SIM_CAMERA_REBOOTING] = "rebooting",       [SIM_CAMERA_BOOTLOADER] = "bootloader",
    [SIM_CAMERA_FLASH_BOOTED] = "flash-booted", [SIM_CAMERA_BRICKED] = "bricked",
    [SIM_CAMERA_USB_RECOVERY] = "usb-recovery", [SIM_CAMERA_BOOTED] = "booted",
  };

  return names[state];
}

OakDeviceState
sim_camera_get_device_state (const SimCamera *self)
{
  static const OakDeviceState states[] = {
    [SIM_CAMERA_REBOOTING] = OAK_DEVICE_STATE_UNKNOWN,
    [SIM_CAMERA_BOOTLOADER] = OAK_DEVICE_STATE_BOOTLOADER,
    [SIM_CAMERA_FLASH_BOOTED] = OAK_DEVICE_STATE_FLASH_BOOTED,
    [SIM_CAMERA_BRICKED] = OAK_DEVICE_STATE_UNKNOWN,
    [SIM_CAMERA_USB_RECOVERY] = OAK_DEVICE_STATE_UNBOOTED,
    [SIM_CAMERA_BOOTED] = OAK_DEVICE_STATE_BOOTED,
  };

  return states[self->state];
}

void
sim_camera_power_cycle (SimCamera *self, gint64 now_us)
{
  self->now_us = now_us;
  sim_flash_restore_power (self->board->nor);
  if (self->board->emmc != NULL)
    sim_flash_restore_power (self->board->emmc);
  g_clear_pointer (&self->image, g_bytes_unref);
  sim_camera_restart (self, FALSE, "power cut");
}

/* xlink.md §4.5; the numbers are those the original's own responder sends. */
static void
sim_camera_answer_info (SimCamera *self, GPtrArray *replies)
{
  OakDiscoveryInfo info = { .gpio_boot_mode = 3 };

  g_strlcpy (info.mxid, self->mxid, sizeof info.mxid);
  g_ptr_array_add (replies, oak_discovery_info_encode (&info));
}

static void
sim_camera_add_reply (SimCamera *self, const char *mxid, GPtrArray *replies)
{
  OakDiscoveryReply reply = { .command = OAK_DISCOVERY_COMMAND_DISCOVER,
                              .platform = OAK_DISCOVERY_PLATFORM_RVC2 };

  g_strlcpy (reply.mxid, mxid, sizeof reply.mxid);
  reply.state = (guint32) sim_camera_get_device_state (self);
  g_ptr_array_add (replies, oak_discovery_reply_encode (&reply));
}

static void
sim_camera_answer_discovery (SimCamera *self, GPtrArray *replies)
{
  SimFaults *faults = self->board->faults;
  const SimFault *other = sim_faults_peek (faults, SIM_FAULT_CHANGE_ID);
  const SimFault *second = sim_faults_peek (faults, SIM_FAULT_SECOND_ID);
  guint8 garbage[OAK_DISCOVERY_REPLY_SIZE];

  if (sim_faults_take (faults, SIM_FAULT_SILENT_DISCOVERY) != NULL)
    return;
  if (sim_faults_take (faults, SIM_FAULT_DISCOVERY_GARBAGE) != NULL) {
    for (guint i = 0; i < sizeof garbage; i++)
      garbage[i] = (guint8) (0x80 + i * 37);
    g_ptr_array_add (replies, g_bytes_new (garbage, sizeof garbage));
    return;
  }
  if (other != NULL && (gint64) self->n_answers >= other->number)
    sim_camera_add_reply (self, other->text, replies);
  else
    sim_camera_add_reply (self, self->mxid, replies);
  if (second != NULL)
    sim_camera_add_reply (self, second->text, replies);
  self->n_answers++;
}

/* Only a datagram without a single byte is ignored: the original reads a short one as if zeros
 * followed (recorded in the trace discovery-udp), although xlink.md §8.1 advises to ignore it. */
void
sim_camera_handle_datagram (SimCamera *self,
                            const void *data,
                            gsize size,
                            GPtrArray *replies,
                            gint64 now_us)
{
  guint8 request[OAK_DISCOVERY_REQUEST_SIZE] = { 0 };
  guint32 command;

  self->now_us = now_us;
  if (size == 0 || self->state == SIM_CAMERA_USB_RECOVERY ||
      sim_camera_get_device_state (self) == OAK_DEVICE_STATE_UNKNOWN)
    return;
  memcpy (request, data, MIN (size, sizeof request));
  if (!oak_discovery_request_decode (&command, request, sizeof request, NULL))
    return;
  switch (command) {
  case OAK_DISCOVERY_COMMAND_DISCOVER:
    sim_camera_answer_discovery (self, replies);
    break;
  case OAK_DISCOVERY_COMMAND_INFO:
    sim_camera_answer_info (self, replies);
    break;
  case OAK_DISCOVERY_COMMAND_RESET:
    sim_camera_go_to_bootloader (self, now_us);
    break;
  default:
    memset (request, 0, sizeof request);
    g_ptr_array_add (replies, g_bytes_new (request, sizeof request));
    break;
  }
}

gboolean
sim_camera_wants_connection (const SimCamera *self)
{
  return self->state == SIM_CAMERA_BOOTLOADER && self->session == NULL && !self->session_used &&
         sim_faults_peek (self->board->faults, SIM_FAULT_REFUSE_CONNECT) == NULL;
}

static void
sim_camera_keep_alive (SimCamera *self, gint64 wait_ms)
{
  self->watchdog_us = self->watchdog_ms == 0 ? SIM_NEVER : self->now_us + wait_ms * 1000;
}

/* xlink.md §9, bootloader.md §2.2 and §3.4: zero keeps alive, one asks for a reset unless an image
 * is being booted. */
static void
sim_camera_handle_keep_alive (SimCamera *self, GBytes *packet)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (packet, &size);

  if (size > 0 && data[0] == 1) {
    if (self->bootloader != NULL && !sim_bootloader_is_booting_memory (self->bootloader))
      sim_camera_on_leave (SIM_LEAVE_RESET, NULL, self);
    return;
  }
  sim_camera_keep_alive (self, self->watchdog_ms);
}

static void
sim_camera_on_packet (const char *stream_name, GBytes *packet, gpointer user_data)
{
  SimCamera *self = user_data;

  if (g_str_equal (stream_name, OAK_WATCHDOG_STREAM))
    sim_camera_handle_keep_alive (self, packet);
  else if (g_str_equal (stream_name, OAK_BOOTLOADER_STREAM) && self->bootloader != NULL &&
           !sim_camera_drop_in_data (self, g_bytes_get_size (packet)))
    sim_bootloader_receive (self->bootloader, packet, self->now_us);
}

static void
sim_camera_on_reset (gpointer user_data)
{
  sim_camera_on_leave (SIM_LEAVE_RESET, NULL, user_data);
}

SimSession *
sim_camera_connect (SimCamera *self, gint64 now_us)
{
  SimSessionFuncs funcs = { sim_camera_on_packet, sim_camera_on_reset, self };

  self->now_us = now_us;
  self->board->stats.connections++;
  g_info ("%s: a host has connected", self->mxid);
  if (sim_faults_take (self->board->faults, SIM_FAULT_CLOSE_ON_ACCEPT) != NULL)
    return NULL;
  self->session = sim_session_new (self->board, &funcs);
  self->session_used = TRUE;
  self->due_us = SIM_NEVER;
  sim_camera_keep_alive (self, MAX (self->watchdog_ms, SIM_WATCHDOG_GRACE_MS));
  return self->session;
}

void
sim_camera_received (SimCamera *self, gsize size, gint64 now_us)
{
  self->now_us = now_us;
  sim_session_received (self->session, size, now_us);
  sim_camera_settle (self);
}

/* A host that goes without RESET leaves the bootloader to its watchdog (xlink.md §8.1 row 13). What
 * is left of a session after a reset, because its last answer had to be fetched, is nothing to the
 * bootloader that has started since. */
void
sim_camera_close_session (SimCamera *self, gint64 now_us)
{
  self->now_us = now_us;
  g_clear_pointer (&self->session, sim_session_free);
  if (self->state != SIM_CAMERA_BOOTLOADER || !self->session_used)
    return;
  g_info ("%s: the link is gone without a reset", self->mxid);
  if (self->watchdog_ms != 0)
    self->watchdog_us = MIN (self->watchdog_us, now_us + self->watchdog_ms * 1000);
  else
    sim_camera_reset (self, FALSE, "the link is gone");
}

void
sim_camera_dispatch (SimCamera *self, gint64 now_us)
{
  self->now_us = now_us;
  if (self->bootloader != NULL)
    sim_bootloader_dispatch (self->bootloader, now_us);
  sim_camera_settle (self);
  if (self->state == SIM_CAMERA_BOOTLOADER && now_us >= self->watchdog_us)
    sim_camera_reset (self, FALSE, "no keep-alive");
  else if (self->state == SIM_CAMERA_BOOTLOADER && now_us >= self->due_us)
    sim_camera_start_application (self, now_us);
  else if (self->state == SIM_CAMERA_REBOOTING && now_us >= self->due_us)
    sim_camera_boot (self);
}

gint64
sim_camera_get_wake (const SimCamera *self)
{
  gint64 wake = MIN (self->due_us, self->watchdog_us);

  if (self->bootloader != NULL)
    wake = MIN (wake, sim_bootloader_get_wake (self->bootloader));
  return wake;
}
