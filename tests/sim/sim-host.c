/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-host.h"

#include <string.h>

#include "oak-discovery-datagram.h"
#include "sim-faults.h"
#include "sim-flash.h"
#include "sim-session.h"

#define SIM_HOST_KEEP_ALIVE_US (750 * 1000)

void
sim_host_init (SimHost *self, SimCamera *camera)
{
  memset (self, 0, sizeof *self);
  self->camera = camera;
  self->now_us = G_USEC_PER_SEC;
  self->next_id = 1000;
  self->keeps_alive = TRUE;
  self->partial = g_byte_array_new ();
  g_queue_init (&self->packets);
}

void
sim_host_clear (SimHost *self)
{
  sim_camera_free (self->camera);
  g_byte_array_unref (self->partial);
  g_queue_clear_full (&self->packets, (GDestroyNotify) g_bytes_unref);
}

static void
sim_host_answer (SimHost *self, const OakXlinkEvent *event)
{
  OakXlinkEvent answer = *event;
  guint8 header[OAK_XLINK_EVENT_SIZE];

  answer.type = event->type + 8;
  answer.flags = OAK_XLINK_FLAG_ACK;
  if (event->type == OAK_XLINK_EVENT_CREATE_STREAM_REQ) {
    self->n_creates++;
    answer.stream_id = g_str_equal (event->stream_name, OAK_BOOTLOADER_STREAM)
                           ? SIM_HOST_BOOTLOADER_ID
                           : SIM_HOST_WATCHDOG_ID;
  }
  if (event->type == OAK_XLINK_EVENT_READ_REL_REQ)
    self->n_releases++;
  oak_xlink_event_encode (&answer, header);
  sim_host_feed (self, header, sizeof header);
}

static void
sim_host_handle (SimHost *self, const OakXlinkEvent *event, const guint8 *payload)
{
  self->last = *event;
  if (!oak_xlink_event_is_request (event)) {
    self->n_responses[event->type]++;
    return;
  }
  if (event->type == OAK_XLINK_EVENT_WRITE_REQ)
    g_queue_push_tail (&self->packets, g_bytes_new (payload, event->size));
  if (!sim_session_is_finished (self->session))
    sim_host_answer (self, event);
  if (event->type == OAK_XLINK_EVENT_WRITE_REQ && !self->keeps_packets &&
      !sim_session_is_finished (self->session))
    sim_host_send_event (self, OAK_XLINK_EVENT_READ_REL_REQ, "", event->stream_id, event->size);
}

/* Returns: TRUE when a whole event could be taken from the bytes received. */
static gboolean
sim_host_take_event (SimHost *self)
{
  g_autofree guint8 *payload = NULL;
  gsize size = OAK_XLINK_EVENT_SIZE;
  OakXlinkEvent event;

  if (self->partial->len < size || self->got_nonsense)
    return FALSE;
  if (!oak_xlink_event_decode (&event, self->partial->data, size, NULL)) {
    self->got_nonsense = TRUE;
    return FALSE;
  }
  if (event.type == OAK_XLINK_EVENT_WRITE_REQ)
    size += event.size;
  if (self->partial->len < size)
    return FALSE;
  payload = g_memdup2 (self->partial->data + OAK_XLINK_EVENT_SIZE, size - OAK_XLINK_EVENT_SIZE);
  g_byte_array_remove_range (self->partial, 0, (guint) size);
  sim_host_handle (self, &event, payload);
  return TRUE;
}

static void
sim_host_drain (SimHost *self)
{
  const guint8 *data;
  gsize size;

  while (self->session != NULL && sim_session_get_output (self->session, &data, &size)) {
    g_byte_array_append (self->partial, data, (guint) size);
    sim_session_sent (self->session, size);
    while (sim_host_take_event (self))
      ;
  }
}

void
sim_host_connect (SimHost *self)
{
  g_assert_true (sim_camera_wants_connection (self->camera));
  g_byte_array_set_size (self->partial, 0);
  self->session = sim_camera_connect (self->camera, self->now_us);
  self->kept_alive_us = self->now_us;
}

void
sim_host_open (SimHost *self)
{
  sim_host_connect (self);
  g_assert_nonnull (self->session);
  sim_host_send_event (self, OAK_XLINK_EVENT_PING_REQ, "", 0, 0);
  sim_host_send_event (self,
                       OAK_XLINK_EVENT_CREATE_STREAM_REQ,
                       OAK_BOOTLOADER_STREAM,
                       SIM_HOST_BOOTLOADER_ID,
                       OAK_BOOTLOADER_PACKET_SIZE);
  sim_host_send_event (self,
                       OAK_XLINK_EVENT_CREATE_STREAM_REQ,
                       OAK_WATCHDOG_STREAM,
                       SIM_HOST_WATCHDOG_ID,
                       OAK_WATCHDOG_STREAM_SIZE);
  if (self->keeps_alive)
    sim_host_send_packet (self, SIM_HOST_WATCHDOG_ID, "\0\0\0", 4);
}

void
sim_host_feed (SimHost *self, const void *data, gsize size)
{
  const guint8 *bytes = data;

  while (size > 0 && self->session != NULL && !sim_session_is_finished (self->session)) {
    gsize space_size;
    guint8 *space = sim_session_get_space (self->session, &space_size);
    gsize part = MIN (space_size, size);

    g_assert_cmpuint (part, >, 0);
    memcpy (space, bytes, part);
    sim_camera_received (self->camera, part, self->now_us);
    bytes += part;
    size -= part;
  }
}

void
sim_host_send_event (SimHost *self,
                     OakXlinkEventType type,
                     const char *name,
                     guint32 stream_id,
                     guint32 size)
{
  OakXlinkEvent event = { .id = self->next_id++,
                          .type = type,
                          .stream_id = stream_id,
                          .size = size,
                          .flags = 1 };
  guint8 header[OAK_XLINK_EVENT_SIZE];

  g_strlcpy (event.stream_name, name, sizeof event.stream_name);
  oak_xlink_event_encode (&event, header);
  sim_host_feed (self, header, sizeof header);
  sim_host_drain (self);
}

void
sim_host_send_packet (SimHost *self, guint32 stream_id, const void *data, gsize size)
{
  sim_host_send_event (self, OAK_XLINK_EVENT_WRITE_REQ, "", stream_id, (guint32) size);
  sim_host_feed (self, data, size);
  sim_host_drain (self);
}

void
sim_host_send_request (SimHost *self, const OakBootloaderRequest *request)
{
  g_autoptr (GBytes) bytes = oak_bootloader_request_encode (request);

  sim_host_send_packet (self,
                        SIM_HOST_BOOTLOADER_ID,
                        g_bytes_get_data (bytes, NULL),
                        g_bytes_get_size (bytes));
}

void
sim_host_send_write (SimHost *self, guint32 offset, const void *data, gsize size)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH_EX2 };
  const guint8 *bytes = data;

  request.update_flash_ex2.offset = offset;
  request.update_flash_ex2.total_size = (guint32) size;
  request.update_flash_ex2.n_packets = oak_bootloader_count_packets ((guint32) size);
  sim_host_send_request (self, &request);
  for (gsize done = 0; done < size; done += OAK_BOOTLOADER_PACKET_SIZE)
    sim_host_send_packet (self,
                          SIM_HOST_BOOTLOADER_ID,
                          bytes + done,
                          MIN (size - done, (gsize) OAK_BOOTLOADER_PACKET_SIZE));
}

static void
sim_host_keep_alive (SimHost *self)
{
  if (!self->keeps_alive || self->session == NULL ||
      self->now_us < self->kept_alive_us + SIM_HOST_KEEP_ALIVE_US)
    return;
  self->kept_alive_us = self->now_us;
  sim_host_send_packet (self, SIM_HOST_WATCHDOG_ID, "\0\0\0", 4);
}

void
sim_host_wait_ms (SimHost *self, gint64 ms)
{
  gint64 end_us = self->now_us + ms * 1000;

  while (self->now_us < end_us || sim_camera_get_wake (self->camera) <= end_us) {
    gint64 next_us = MIN (end_us, sim_camera_get_wake (self->camera));

    if (self->keeps_alive && self->session != NULL && !sim_session_is_finished (self->session))
      next_us = MIN (next_us, self->kept_alive_us + SIM_HOST_KEEP_ALIVE_US);
    self->now_us = MAX (self->now_us, next_us);
    sim_host_keep_alive (self);
    sim_camera_dispatch (self->camera, self->now_us);
    sim_host_drain (self);
  }
}

void
sim_host_close (SimHost *self)
{
  sim_host_drain (self);
  sim_camera_close_session (self->camera, self->now_us);
  self->session = NULL;
}

void
sim_host_reset (SimHost *self)
{
  sim_host_send_event (self, OAK_XLINK_EVENT_RESET_REQ, "", 0, 0);
  sim_host_close (self);
}

gboolean
sim_host_is_over (SimHost *self)
{
  return self->session == NULL || sim_session_is_finished (self->session);
}

guint
sim_host_ask_version (SimHost *self)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_GET_VERSION };
  g_autoptr (GBytes) message = NULL;
  OakBootloaderResponse response;

  sim_host_send_request (self, &request);
  message = g_queue_pop_head (&self->packets);
  if (message == NULL || !oak_bootloader_response_decode (&response,
                                                          g_bytes_get_data (message, NULL),
                                                          g_bytes_get_size (message),
                                                          NULL))
    return 0;
  g_assert_cmpint (response.command, ==, OAK_RESPONSE_VERSION);
  return response.version.patch;
}

int
sim_host_wait_for_write (SimHost *self)
{
  for (guint i = 0; i < 6000; i++) {
    g_autoptr (GBytes) message = g_queue_pop_head (&self->packets);
    OakBootloaderResponse response;

    if (message == NULL) {
      sim_host_wait_ms (self, 10);
      continue;
    }
    g_assert_true (oak_bootloader_response_decode (&response,
                                                   g_bytes_get_data (message, NULL),
                                                   g_bytes_get_size (message),
                                                   NULL));
    if (response.command == OAK_RESPONSE_FLASH_COMPLETE)
      return (int) response.flash_complete.success;
    g_assert_cmpint (response.command, ==, OAK_RESPONSE_FLASH_STATUS);
  }
  return -1;
}

static GPtrArray *
sim_host_send_datagram (SimHost *self, OakDiscoveryCommand command)
{
  GPtrArray *replies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint8 request[OAK_DISCOVERY_REQUEST_SIZE];

  oak_discovery_request_encode (command, request);
  sim_camera_handle_datagram (self->camera, request, sizeof request, replies, self->now_us);
  return replies;
}

guint
sim_host_discover (SimHost *self, char *mxid)
{
  g_autoptr (GPtrArray) replies = sim_host_send_datagram (self, OAK_DISCOVERY_COMMAND_DISCOVER);
  OakDiscoveryReply reply;

  if (replies->len == 0 || !oak_discovery_reply_decode (&reply,
                                                        g_bytes_get_data (replies->pdata[0], NULL),
                                                        g_bytes_get_size (replies->pdata[0]),
                                                        NULL))
    return 0;
  if (mxid != NULL)
    g_strlcpy (mxid, reply.mxid, OAK_MXID_FIELD_SIZE + 1);
  return reply.state;
}

void
sim_host_send_udp_reset (SimHost *self)
{
  g_autoptr (GPtrArray) replies = sim_host_send_datagram (self, OAK_DISCOVERY_COMMAND_RESET);

  g_assert_cmpuint (replies->len, ==, 0);
}

void
sim_host_default_options (SimBoardOptions *options)
{
  sim_board_options_init (options);
  options->flash_size = 16 * OAK_MIB;
}

SimBoard *
sim_host_make_board (const SimBoardOptions *options, const char *fault)
{
  SimFaults *faults = sim_faults_new ();
  SimBoard *board;

  if (fault != NULL)
    g_assert_true (sim_faults_add (faults, fault, NULL));
  board = sim_board_new (options, faults);
  sim_board_prepare_bootloader (board);
  return board;
}

void
sim_host_start (SimHost *host, SimBoard *board)
{
  SimCameraOptions options = { SIM_HOST_MXID, SIM_HOST_REBOOT_MS, OAK_BOOTLOADER_WATCHDOG_MS };

  sim_host_init (host, sim_camera_new (&options, board, G_USEC_PER_SEC));
}

/* A camera with a whole application in its flash, which starts after @wait_ms. */
void
sim_host_start_with_application (SimHost *host, int wait_ms, const char *fault)
{
  SimBoardOptions options;
  SimBoard *board;

  sim_host_default_options (&options);
  options.has_boot_wait = TRUE;
  options.boot_wait_ms = wait_ms;
  board = sim_host_make_board (&options, fault);
  sim_board_prepare_application (board, OAK_BOOTLOADER_TYPE_NETWORK);
  sim_host_start (host, board);
}

void
sim_host_start_plain (SimHost *host, const char *fault)
{
  SimBoardOptions options;

  sim_host_default_options (&options);
  sim_host_start (host, sim_host_make_board (&options, fault));
}

SimFlash *
sim_host_get_nor (SimHost *host)
{
  return sim_camera_get_board (host->camera)->nor;
}

void
sim_host_assert_state (SimHost *host, SimCameraState state)
{
  g_assert_cmpstr (sim_camera_state_to_string (sim_camera_get_state (host->camera)),
                   ==,
                   sim_camera_state_to_string (state));
}
