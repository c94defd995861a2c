/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bootloader-message.h"
#include "replay-host.h"
#include "sim-board.h"
#include "sim-camera.h"
#include "sim-faults.h"
#include "sim-flash.h"
#include "sim-session.h"
#include "trace-content.h"
#include "trace-file.h"

/* Plays the host of every recorded trace against a simulated camera, at the recorded times on a
 * virtual clock, and compares what the camera sends with what the recorded device sent. What may
 * differ is told by tests/data/traces/README.md: times, event numbers, the order of the two streams
 * and directions, leftovers in answers, progress spacing, error texts and the memory description.
 */

typedef struct {
  const char *name;
  const char *flash; /* of trace_content_get () */
  gsize emmc_size;
  const char *fault; /* (nullable) */
  guint write_kbps;
  const char *content; /* (nullable): what lies at @offset afterwards */
  guint64 offset;
  OakMemory memory;
} ReplayCase;

#define BLANK  "flash-blank"
#define LOADED "flash-loaded"

static const ReplayCase cases[] = {
  { "boot-header-fast.txt", LOADED },
  { "boot-header-gpio.txt", LOADED },
  { "boot-header-normal.txt", LOADED },
  { "boot-header-usb-recovery.txt", LOADED },
  { "boot-memory.txt", LOADED },
  { "config-clear.txt", LOADED },
  { "config-read-none.txt", BLANK },
  { "config-read.txt", LOADED },
  { "config-set-static-ip.txt", LOADED },
  { "config-write.txt", BLANK },
  { "factory-reset.txt", LOADED, 0, NULL, 0, "factory-image", 0x200 },
  { "flash-bootloader-network.txt", LOADED, 0, NULL, 0, "bl-network", 0x200 },
  { "flash-bootloader-small.txt", LOADED, 0, NULL, 0, "bl-small", 0x200 },
  { "flash-bootloader-usb-type.txt", LOADED, 0, NULL, 0, "bl-usb", 0x200 },
  { "flash-clear.txt", LOADED },
  { "flash-dap-8MiB.txt", LOADED, 0, NULL, 0, "dap-8MiB", 0x800000 },
  { "flash-dap-explicit-flash-memory.txt", BLANK, 0, NULL, 0, "dap-small", 0x800000 },
  { "flash-dap-link-lost.txt", LOADED, 0, "drop-at-progress=50" },
  { "flash-dap-slow.txt", LOADED, 0, NULL, 2000, "dap-8MiB", 0x800000 },
  { "flash-dap-small-emmc-present.txt",
    LOADED,
    16 * OAK_MIB,
    NULL,
    0,
    "dap-small",
    0x800000,
    OAK_MEMORY_EMMC },
  { "flash-dap-small.txt", BLANK, 0, NULL, 0, "dap-small", 0x800000 },
  { "flash-dap-write-error.txt", LOADED, 0, "flash-error-at=50" },
  { "flash-user-bootloader.txt", LOADED, 0, NULL, 0, "bl-network", 0x400000 },
  { "info-blank.txt", BLANK },
  { "info-loaded.txt", LOADED, 1 * OAK_MIB },
  { "info-user-bootloader.txt", LOADED },
  { "info-version-0.0.17.txt", BLANK },
  { "read-flash-4096.txt", LOADED },
  { "read-flash-8MiB.txt", LOADED },
  { "read-flash-out-of-range.txt", LOADED },
  { "usb-flash-dap-8MiB.txt", LOADED, 0, NULL, 0, "dap-8MiB", 0x100000 },
  { "usb-flash-dap-small.txt", BLANK, 0, NULL, 0, "dap-small", 0x100000 },
  { "usb-info.txt", BLANK },
  { "usb-read-flash-8MiB.txt", LOADED },
  { "usb-rom-boot.txt", LOADED },
  { "write-flash-3000.txt", BLANK, 0, NULL, 0, "raw-3000", 9437184 },
  { "write-flash-6MiB.txt", BLANK, 0, NULL, 0, "raw-6MiB", 9437184 },
  { "write-flash-out-of-range.txt", BLANK },
};

static SimBoard *
replay_make_board (const ReplayCase *replay_case)
{
  SimFaults *faults = sim_faults_new ();
  g_autoptr (GBytes) content = trace_content_get (replay_case->flash);
  SimBoardOptions options;
  SimBoard *board;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.emmc_size = replay_case->emmc_size;
  options.write_kbps = replay_case->write_kbps;
  if (g_str_has_prefix (replay_case->name, "usb-") &&
      !g_str_equal (replay_case->name, "usb-rom-boot.txt"))
    options.type = OAK_BOOTLOADER_TYPE_USB;
  if (g_str_equal (replay_case->name, "info-version-0.0.17.txt"))
    options.version = OAK_VERSION (0, 0, 17);
  options.user_bootloader = options.version;
  if (replay_case->fault != NULL)
    g_assert_true (sim_faults_add (faults, replay_case->fault, NULL));
  board = sim_board_new (&options, faults);
  sim_flash_put (board->nor, 0, g_bytes_get_data (content, NULL), g_bytes_get_size (content));
  if (g_str_equal (replay_case->name, "info-user-bootloader.txt"))
    sim_board_prepare_user_bootloader (board);
  return board;
}

/* Returns: (transfer full): @payload without what devices may word as they like. */
static GBytes *
replay_normalize (GBytes *payload)
{
  OakBootloaderResponse response;

  if (!oak_bootloader_response_decode (&response,
                                       g_bytes_get_data (payload, NULL),
                                       g_bytes_get_size (payload),
                                       NULL))
    return g_bytes_ref (payload);
  switch ((guint) response.command) {
  case OAK_RESPONSE_FLASH_COMPLETE:
    memset (response.flash_complete.error_text, 0, sizeof response.flash_complete.error_text);
    break;
  case OAK_RESPONSE_CONFIG:
  case OAK_RESPONSE_READ_FLASH:
    memset (response.data.error_text, 0, sizeof response.data.error_text);
    break;
  case OAK_RESPONSE_MEMORY_DETAILS:
    memset (response.memory_details.memory_info, 0, sizeof response.memory_details.memory_info);
    break;
  default:
    return g_bytes_ref (payload);
  }
  return oak_bootloader_response_encode (&response);
}

static void
replay_assert_payload (GBytes *recorded, GBytes *sent)
{
  g_autoptr (GBytes) expected = NULL;
  g_autoptr (GBytes) found = NULL;

  if (g_bytes_equal (recorded, sent))
    return;
  expected = replay_normalize (recorded);
  found = replay_normalize (sent);
  g_assert_cmpmem (g_bytes_get_data (found, NULL),
                   g_bytes_get_size (found),
                   g_bytes_get_data (expected, NULL),
                   g_bytes_get_size (expected));
}

/* Returns: the next request of @type on @stream_id at or behind @*index that is no progress; NULL
 * for none. */
static const ReplayMessage *
replay_next_sent (Replay *self, OakXlinkEventType type, guint32 stream_id, guint *index)
{
  while (*index < self->sent->len) {
    const ReplayMessage *message = g_ptr_array_index (self->sent, (*index)++);

    if (message->event.type == type && message->event.stream_id == stream_id &&
        !replay_is_progress (message->payload))
      return message;
  }
  return NULL;
}

/* The camera's packets: the same ones in the same order, progress aside. */
static void
replay_compare_packets (Replay *self, guint32 stream_id)
{
  guint index = 0;

  for (guint i = 0; i < self->connection->messages->len; i++) {
    const TraceMessage *recorded = g_ptr_array_index (self->connection->messages, i);
    const ReplayMessage *sent;

    if (recorded->from_host || recorded->event.type != OAK_XLINK_EVENT_WRITE_REQ ||
        recorded->event.stream_id != stream_id || replay_is_progress (recorded->payload))
      continue;
    sent = replay_next_sent (self, OAK_XLINK_EVENT_WRITE_REQ, stream_id, &index);
    g_assert_nonnull (sent);
    g_assert_cmpuint (sent->event.flags, ==, recorded->event.flags);
    replay_assert_payload (recorded->payload, sent->payload);
  }
  g_assert_null (replay_next_sent (self, OAK_XLINK_EVENT_WRITE_REQ, stream_id, &index));
}

/* One release for each packet of the host that was played, in order and of its size. */
static void
replay_compare_releases (Replay *self, guint32 stream_id)
{
  guint index = 0;
  guint n_releases = 0;

  for (guint i = 0; i < self->connection->messages->len; i++) {
    const TraceMessage *recorded = g_ptr_array_index (self->connection->messages, i);
    const ReplayMessage *sent;

    if (recorded->from_host || recorded->event.type != OAK_XLINK_EVENT_READ_REL_REQ ||
        recorded->event.stream_id != stream_id || n_releases == self->n_host_packets[stream_id])
      continue;
    sent = replay_next_sent (self, OAK_XLINK_EVENT_READ_REL_REQ, stream_id, &index);
    g_assert_nonnull (sent);
    g_assert_cmpuint (sent->event.size, ==, recorded->event.size);
    g_assert_cmpuint (sent->event.flags, ==, recorded->event.flags);
    n_releases++;
  }
  while (replay_next_sent (self, OAK_XLINK_EVENT_READ_REL_REQ, stream_id, &index) != NULL)
    n_releases++;
  g_assert_cmpuint (n_releases, ==, self->n_host_packets[stream_id]);
}

static const ReplayMessage *
replay_find_response (Replay *self, const OakXlinkEvent *event)
{
  for (guint i = 0; i < self->sent->len; i++) {
    const ReplayMessage *message = g_ptr_array_index (self->sent, i);

    if (message->event.id == event->id && message->event.type == event->type)
      return message;
  }
  return NULL;
}

/* Every recorded answer to something that was played; of most of them only number, type and flags
 * count. */
static void
replay_compare_responses (Replay *self)
{
  for (guint i = 0; i < self->connection->messages->len; i++) {
    const TraceMessage *recorded = g_ptr_array_index (self->connection->messages, i);
    const ReplayMessage *sent;

    if (recorded->from_host || oak_xlink_event_is_request (&recorded->event) ||
        !g_hash_table_contains (self->host_requests, GINT_TO_POINTER (recorded->event.id)))
      continue;
    sent = replay_find_response (self, &recorded->event);
    g_assert_nonnull (sent);
    g_assert_cmpuint (sent->event.flags, ==, recorded->event.flags);
    if (recorded->event.type != OAK_XLINK_EVENT_CREATE_STREAM_RESP)
      continue;
    g_assert_cmpstr (sent->event.stream_name, ==, recorded->event.stream_name);
    g_assert_cmpuint (sent->event.stream_id, ==, recorded->event.stream_id);
    g_assert_cmpuint (sent->event.size, ==, recorded->event.size);
  }
}

static guint
replay_count_creates (Replay *self, const char *name, guint32 size)
{
  guint n = 0;

  for (guint i = 0; i < self->sent->len; i++) {
    const ReplayMessage *message = g_ptr_array_index (self->sent, i);

    n += message->event.type == OAK_XLINK_EVENT_CREATE_STREAM_REQ && message->event.size == size &&
         message->event.stream_id == OAK_XLINK_INVALID_STREAM_ID &&
         g_str_equal (message->event.stream_name, name);
  }
  return n;
}

static void
replay_compare_creates (Replay *self)
{
  guint n_recorded = 0;

  for (guint i = 0; i < self->connection->messages->len; i++) {
    const TraceMessage *recorded = g_ptr_array_index (self->connection->messages, i);

    if (recorded->from_host || recorded->event.type != OAK_XLINK_EVENT_CREATE_STREAM_REQ)
      continue;
    n_recorded++;
    g_assert_cmpuint (
        replay_count_creates (self, recorded->event.stream_name, recorded->event.size),
        ==,
        1);
  }
  g_assert_cmpuint (n_recorded, >=, 1);
  g_assert_cmpuint (replay_count_creates (self, OAK_WATCHDOG_STREAM, OAK_WATCHDOG_STREAM_SIZE),
                    ==,
                    1);
}

/* Nothing is sent that no recorded message accounts for. */
static void
replay_check_kinds (Replay *self)
{
  float last = 0;

  for (guint i = 0; i < self->sent->len; i++) {
    const ReplayMessage *message = g_ptr_array_index (self->sent, i);
    OakBootloaderResponse response;

    if (!oak_xlink_event_is_request (&message->event))
      g_assert_true (
          g_hash_table_contains (self->host_requests, GINT_TO_POINTER (message->event.id)));
    else if (message->event.type == OAK_XLINK_EVENT_WRITE_REQ)
      g_assert_cmpuint (message->event.stream_id,
                        ==,
                        replay_get_stream_id (self, OAK_BOOTLOADER_STREAM));
    if (!replay_is_progress (message->payload))
      continue;
    oak_bootloader_response_decode (&response, g_bytes_get_data (message->payload, NULL), 8, NULL);
    g_assert_cmpfloat (response.flash_status.progress, >, last);
    g_assert_cmpfloat (response.flash_status.progress, <=, 1);
    last = response.flash_status.progress;
  }
}

static void
replay_run_connection (Replay *self, const TraceFile *trace, const TraceConnection *connection)
{
  const TraceMessage *first = g_ptr_array_index (connection->messages, 0);

  self->connection = connection;
  self->sent = g_ptr_array_new_with_free_func ((GDestroyNotify) replay_message_free);
  self->partial = g_byte_array_new ();
  self->used = g_hash_table_new (NULL, NULL);
  self->host_requests = g_hash_table_new (NULL, NULL);
  memset (self->n_host_packets, 0, sizeof self->n_host_packets);
  if (first->seconds >= 0)
    replay_run_until (self, REPLAY_START_US + (gint64) (first->seconds * G_USEC_PER_SEC));
  g_assert_true (sim_camera_wants_connection (self->camera));
  if (self->usb == NULL) {
    self->session = sim_camera_connect (self->camera, self->now_us);
    g_assert_nonnull (self->session);
  }

  replay_play_host (self, trace);
  g_assert_true (replay_is_over (self));
  g_assert_cmpuint (self->partial->len, ==, 0);
  replay_compare_creates (self);
  replay_compare_responses (self);
  for (guint32 stream_id = 0; stream_id < REPLAY_STREAMS; stream_id++) {
    replay_compare_packets (self, stream_id);
    replay_compare_releases (self, stream_id);
  }
  replay_check_kinds (self);

  if (self->usb == NULL)
    sim_camera_close_session (self->camera, self->now_us);
  self->session = NULL;
  g_ptr_array_unref (self->sent);
  g_clear_pointer (&self->partial, g_byte_array_unref);
  g_hash_table_unref (self->used);
  g_hash_table_unref (self->host_requests);
}

static gboolean
replay_is_inside_region (const SimStats *stats, OakMemory memory, gsize offset)
{
  for (guint i = 0; i < stats->regions->len; i++) {
    const SimRegion *region = &g_array_index (stats->regions, SimRegion, i);

    if (region->memory == memory && offset >= region->start &&
        offset - region->start < region->size)
      return TRUE;
  }
  return FALSE;
}

/* The promised content is there, and nothing outside the written regions has changed. */
static void
replay_check_flash (Replay *self, const ReplayCase *replay_case)
{
  SimBoard *board = sim_camera_get_board (self->camera);
  g_autoptr (GBytes) before = trace_content_get (replay_case->flash);
  const guint8 *old = g_bytes_get_data (before, NULL);
  const guint8 *data = sim_flash_get_data (board->nor);

  if (replay_case->content != NULL) {
    g_autoptr (GBytes) content = trace_content_get (replay_case->content);
    SimFlash *flash = sim_board_get_memory (board, replay_case->memory);

    g_assert_cmpint (memcmp (sim_flash_get_data (flash) + replay_case->offset,
                             g_bytes_get_data (content, NULL),
                             g_bytes_get_size (content)),
                     ==,
                     0);
  }
  if (g_str_equal (replay_case->name, "info-user-bootloader.txt"))
    return;
  for (gsize offset = 0; offset < sim_flash_get_size (board->nor); offset += 256) {
    gsize at = offset;

    while (at < offset + 256 && data[at] == old[at])
      at++;
    if (at < offset + 256)
      g_assert_true (replay_is_inside_region (&board->stats, OAK_MEMORY_FLASH, at));
  }
}

static void
replay_run_case (const ReplayCase *replay_case, gboolean over_usb)
{
  SimCameraOptions options = { REPLAY_MXID, 200, OAK_BOOTLOADER_WATCHDOG_MS };
  g_autoptr (GError) error = NULL;
  g_autoptr (TraceFile) trace = trace_file_load (replay_case->name, &error);
  SimUsbOptions usb_options = { .super_speed = TRUE, .gone_ms = 1000 };
  Replay replay = { .now_us = REPLAY_START_US };

  g_assert_no_error (error);
  replay.camera = sim_camera_new (&options, replay_make_board (replay_case), replay.now_us);
  if (over_usb)
    replay.usb = sim_usb_new (replay.camera, &usb_options, replay.now_us);
  for (guint i = 0; i < trace->connections->len; i++)
    replay_run_connection (&replay, trace, g_ptr_array_index (trace->connections, i));
  g_assert_cmpstr (sim_camera_get_board (replay.camera)->stats.last_protocol_error, ==, NULL);
  g_assert_cmpuint (sim_camera_get_board (replay.camera)->stats.connections,
                    ==,
                    trace->connections->len);
  replay_run_until (&replay, replay.now_us + REPLAY_SETTLE_US);
  replay_check_flash (&replay, replay_case);
  g_clear_pointer (&replay.usb, sim_usb_free);
  sim_camera_free (replay.camera);
}

static void
test_replay (gconstpointer data)
{
  replay_run_case (data, FALSE);
}

static void
test_replay_over_usb (gconstpointer data)
{
  replay_run_case (data, TRUE);
}

/* discovery-udp: each datagram gets the recorded answers. Its last part is a camera whose
 * application runs. */
static void
test_replay_discovery (void)
{
  static const ReplayCase discovery = { "discovery-udp.txt", BLANK };
  SimCameraOptions options = { REPLAY_MXID, 200, OAK_BOOTLOADER_WATCHDOG_MS };
  g_autoptr (GError) error = NULL;
  g_autoptr (TraceFile) trace = trace_file_load (discovery.name, &error);
  g_autoptr (GPtrArray) replies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (SimCamera) camera =
      sim_camera_new (&options, replay_make_board (&discovery), REPLAY_START_US);
  gint64 now_us = REPLAY_START_US;
  guint n_answers = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < trace->parts->len; i++) {
    const TracePart *part = g_ptr_array_index (trace->parts, i);

    if (!part->from_host) {
      g_assert_cmpuint (replies->len, >, 0);
      g_assert_cmpmem (g_bytes_get_data (replies->pdata[0], NULL),
                       g_bytes_get_size (replies->pdata[0]),
                       g_bytes_get_data (part->bytes, NULL),
                       g_bytes_get_size (part->bytes));
      g_ptr_array_remove_index (replies, 0);
      n_answers++;
      continue;
    }
    g_assert_cmpuint (replies->len, ==, 0);
    if (sim_camera_get_state (camera) == SIM_CAMERA_REBOOTING) {
      sim_camera_dispatch (camera, now_us += G_USEC_PER_SEC);
      sim_board_prepare_application (sim_camera_get_board (camera), OAK_BOOTLOADER_TYPE_NETWORK);
      sim_camera_start_application (camera, now_us);
    }
    sim_camera_handle_datagram (camera,
                                g_bytes_get_data (part->bytes, NULL),
                                g_bytes_get_size (part->bytes),
                                replies,
                                now_us);
  }
  g_assert_cmpuint (replies->len, ==, 0);
  g_assert_cmpuint (n_answers, ==, 8);
  g_assert_cmpuint (sim_camera_get_board (camera)->stats.resets, ==, 1);
}

/* No trace is left out. */
static void
test_replay_is_complete (void)
{
  g_auto (GStrv) names = trace_file_list ();

  g_assert_cmpuint (g_strv_length (names), ==, 39);
  for (guint i = 0; names[i] != NULL; i++) {
    gboolean found = g_str_equal (names[i], "discovery-udp.txt");

    for (guint j = 0; j < G_N_ELEMENTS (cases); j++)
      found |= g_str_equal (names[i], cases[j].name);
    if (!found)
      g_error ("no replay of %s", names[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *name = g_strndup (cases[i].name, strlen (cases[i].name) - strlen (".txt"));
    g_autofree char *path =
        g_strdup_printf ("/sim/replay/%s-sends-what-the-recorded-device-sent", name);

    g_test_add_data_func (path, &cases[i], test_replay);
    if (g_str_has_prefix (name, "usb-") && !g_str_equal (name, "usb-rom-boot")) {
      g_autofree char *usb_path = g_strdup_printf ("/sim/replay/%s-over-the-usb-plug", name);

      g_test_add_data_func (usb_path, &cases[i], test_replay_over_usb);
    }
  }
  g_test_add_func ("/sim/replay/discovery-udp-gets-the-recorded-answers", test_replay_discovery);
  g_test_add_func ("/sim/replay/covers-every-trace", test_replay_is_complete);
  return g_test_run ();
}
