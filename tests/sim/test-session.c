/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim-board.h"
#include "sim-faults.h"
#include "sim-flash.h"
#include "sim-host.h"
#include "sim-session.h"

/* The device's side of a link (xlink.md §5, §8.1): what it does, what it forbids, and how it
 * misbehaves when told to. In process, on a virtual clock. */

static void
start (SimHost *host, const char *fault)
{
  SimCameraOptions camera = { "14442C10D1234567D0", 300, OAK_BOOTLOADER_WATCHDOG_MS };
  SimFaults *faults = sim_faults_new ();
  SimBoardOptions options;
  SimBoard *board;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  if (fault != NULL)
    g_assert_true (sim_faults_add (faults, fault, NULL));
  board = sim_board_new (&options, faults);
  sim_board_prepare_bootloader (board);
  sim_host_init (host, sim_camera_new (&camera, board, G_USEC_PER_SEC));
}

static const SimStats *
stats_of (SimHost *host)
{
  return &sim_camera_get_board (host->camera)->stats;
}

static void
assert_cut_for_a_protocol_error (SimHost *host)
{
  g_assert_true (sim_host_is_over (host));
  g_assert_cmpuint (stats_of (host)->protocol_errors, ==, 1);
  g_assert_nonnull (stats_of (host)->last_protocol_error);
}

static void
test_nothing_before_the_ping (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, NULL);
  sim_host_connect (&host);
  sim_host_wait_ms (&host, 100);
  g_assert_cmpuint (host.n_creates, ==, 0);
  sim_host_send_event (&host, OAK_XLINK_EVENT_PING_REQ, "", 0, 0);
  g_assert_cmpuint (host.n_responses[OAK_XLINK_EVENT_PING_RESP], ==, 1);
  g_assert_cmpuint (host.n_creates, ==, 2);
  sim_host_send_event (&host, OAK_XLINK_EVENT_PING_REQ, "", 0, 0);
  g_assert_cmpuint (host.n_responses[OAK_XLINK_EVENT_PING_RESP], ==, 2);
  g_assert_cmpuint (host.n_creates, ==, 2);
}

static void
test_every_packet_is_given_back (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, NULL);
  sim_host_open (&host);
  sim_host_wait_ms (&host, 60000);
  g_assert_false (sim_host_is_over (&host));
  g_assert_cmpuint (host.n_responses[OAK_XLINK_EVENT_WRITE_RESP], ==, 81);
  g_assert_cmpuint (host.n_releases, ==, 81);
  g_assert_cmpuint (stats_of (&host)->protocol_errors, ==, 0);
}

/* 5 MiB of credit: the second packet of a long answer waits until the first is given back. */
static void
test_credit_of_the_host_is_respected (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_READ_FLASH };
  g_auto (SimHost) host = { 0 };

  start (&host, NULL);
  sim_host_open (&host);
  host.keeps_packets = TRUE;
  request.read_flash.total_size = 8 * OAK_MIB;
  sim_host_send_request (&host, &request);
  g_assert_cmpuint (host.packets.length, ==, 1);
  sim_host_send_event (&host, OAK_XLINK_EVENT_READ_REL_REQ, "", SIM_HOST_BOOTLOADER_ID, 80);
  g_assert_cmpuint (host.packets.length, ==, 2);
  sim_host_send_event (&host,
                       OAK_XLINK_EVENT_READ_REL_REQ,
                       "",
                       SIM_HOST_BOOTLOADER_ID,
                       OAK_BOOTLOADER_PACKET_SIZE);
  g_assert_cmpuint (host.packets.length, ==, 3);
}

static void
test_no_more_than_64_packets_in_flight (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_GET_TYPE };
  g_auto (SimHost) host = { 0 };

  start (&host, NULL);
  sim_host_open (&host);
  host.keeps_packets = TRUE;
  for (guint i = 0; i < 70; i++)
    sim_host_send_request (&host, &request);
  g_assert_cmpuint (host.packets.length, ==, 64);
  sim_host_send_event (&host, OAK_XLINK_EVENT_READ_REL_REQ, "", SIM_HOST_BOOTLOADER_ID, 8);
  g_assert_cmpuint (host.packets.length, ==, 65);
}

static void
test_wrong_release_is_a_protocol_error (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, NULL);
  sim_host_open (&host);
  host.keeps_packets = TRUE;
  sim_host_ask_version (&host);
  sim_host_send_event (&host, OAK_XLINK_EVENT_READ_REL_REQ, "", SIM_HOST_BOOTLOADER_ID, 15);
  assert_cut_for_a_protocol_error (&host);
}

static void
test_release_too_many_is_a_protocol_error (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, NULL);
  sim_host_open (&host);
  sim_host_send_event (&host, OAK_XLINK_EVENT_READ_REL_REQ, "", SIM_HOST_BOOTLOADER_ID, 16);
  assert_cut_for_a_protocol_error (&host);
}

static void
test_packet_on_unknown_stream_is_a_protocol_error (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, NULL);
  sim_host_open (&host);
  sim_host_send_packet (&host, 7, "abc", 3);
  assert_cut_for_a_protocol_error (&host);
}

static void
test_two_names_of_one_id_are_a_protocol_error (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, NULL);
  sim_host_open (&host);
  sim_host_send_event (&host,
                       OAK_XLINK_EVENT_CREATE_STREAM_REQ,
                       "other",
                       SIM_HOST_BOOTLOADER_ID,
                       64);
  assert_cut_for_a_protocol_error (&host);
}

static void
test_unknown_event_is_a_protocol_error (void)
{
  g_auto (SimHost) host = { 0 };
  guint8 header[OAK_XLINK_EVENT_SIZE] = { 0 };

  start (&host, NULL);
  sim_host_open (&host);
  header[4] = 24;
  sim_host_feed (&host, header, sizeof header);
  assert_cut_for_a_protocol_error (&host);
}

static void
test_announced_size_is_bounded (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, NULL);
  sim_host_open (&host);
  sim_host_send_event (&host,
                       OAK_XLINK_EVENT_WRITE_REQ,
                       "",
                       SIM_HOST_BOOTLOADER_ID,
                       OAK_XLINK_MAX_PACKET_SIZE + 1);
  assert_cut_for_a_protocol_error (&host);
}

/* xlink.md §5.6: the 33rd stream is refused, the link goes on. */
static void
test_too_many_streams_are_refused (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, NULL);
  sim_host_open (&host);
  for (guint32 i = 2; i < OAK_XLINK_MAX_STREAMS; i++) {
    g_autofree char *name = g_strdup_printf ("stream %u", i);

    sim_host_send_event (&host, OAK_XLINK_EVENT_CREATE_STREAM_REQ, name, i, 64);
    g_assert_cmpuint (host.last.flags, ==, OAK_XLINK_FLAG_ACK);
  }
  sim_host_send_event (&host, OAK_XLINK_EVENT_CREATE_STREAM_REQ, "one more", 32, 64);
  g_assert_cmpuint (host.last.type, ==, OAK_XLINK_EVENT_CREATE_STREAM_RESP);
  g_assert_cmpuint (host.last.flags, ==, OAK_XLINK_FLAG_SIZE_TOO_BIG);
  g_assert_cmpuint (host.last.stream_id, ==, OAK_XLINK_INVALID_STREAM_ID);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 28);
}

static void
test_nothing_is_written_on_a_closed_stream (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_GET_TYPE };
  g_auto (SimHost) host = { 0 };

  start (&host, "slow-response=500");
  sim_host_open (&host);
  sim_host_send_request (&host, &request);
  sim_host_send_event (&host, OAK_XLINK_EVENT_CLOSE_STREAM_REQ, "", SIM_HOST_BOOTLOADER_ID, 0);
  g_assert_cmpuint (host.n_responses[OAK_XLINK_EVENT_CLOSE_STREAM_RESP], ==, 1);
  sim_host_wait_ms (&host, 1000);
  g_assert_cmpuint (host.packets.length, ==, 0);
  sim_host_send_packet (&host, SIM_HOST_BOOTLOADER_ID, "\3\0\0", 4);
  assert_cut_for_a_protocol_error (&host);
}

static void
test_fault_no_ping (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, "no-ping");
  sim_host_connect (&host);
  sim_host_send_event (&host, OAK_XLINK_EVENT_PING_REQ, "", 0, 0);
  sim_host_wait_ms (&host, 1000);
  g_assert_cmpuint (host.n_responses[OAK_XLINK_EVENT_PING_RESP], ==, 0);
}

static void
test_fault_no_create (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, "no-create");
  sim_host_connect (&host);
  sim_host_send_event (&host, OAK_XLINK_EVENT_PING_REQ, "", 0, 0);
  sim_host_send_event (&host, OAK_XLINK_EVENT_CREATE_STREAM_REQ, OAK_BOOTLOADER_STREAM, 0, 64);
  g_assert_cmpuint (host.n_responses[OAK_XLINK_EVENT_PING_RESP], ==, 1);
  g_assert_cmpuint (host.n_responses[OAK_XLINK_EVENT_CREATE_STREAM_RESP], ==, 0);
  g_assert_cmpuint (host.n_creates, ==, 0);
}

static void
test_fault_drop_at_byte (void)
{
  g_auto (SimHost) host = { 0 };
  guint8 bytes[1001] = { 0 };

  start (&host, "drop-at-byte=300");
  sim_host_connect (&host);
  sim_host_send_event (&host, OAK_XLINK_EVENT_PING_REQ, "", 0, 0);
  g_assert_false (sim_host_is_over (&host));
  sim_host_feed (&host, bytes, sizeof bytes);
  g_assert_true (sim_host_is_over (&host));
  g_assert_false (sim_session_is_hard (host.session));
}

static void
test_fault_reset_tcp (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, "reset-tcp");
  sim_host_connect (&host);
  sim_host_send_event (&host, OAK_XLINK_EVENT_PING_REQ, "", 0, 0);
  g_assert_true (sim_host_is_over (&host));
  g_assert_true (sim_session_is_hard (host.session));
}

/* In the middle of the second packet, which is never complete. */
static void
test_fault_drop_in_data (void)
{
  g_auto (SimHost) host = { 0 };
  g_autofree guint8 *bytes = g_malloc0 (8 * OAK_MIB);

  start (&host, "drop-in-data=90:once");
  sim_host_open (&host);
  sim_host_send_write (&host, 0x800000, bytes, 8 * OAK_MIB);
  g_assert_true (sim_host_is_over (&host));
  g_assert_cmpuint (stats_of (&host)->bytes_written, ==, 0);
  sim_host_close (&host);
  sim_host_wait_ms (&host, 3000);
  sim_host_open (&host);
  sim_host_send_write (&host, 0x800000, bytes, 8 * OAK_MIB);
  g_assert_cmpint (sim_host_wait_for_write (&host), ==, 1);
}

static void
test_fault_no_release (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, "no-release");
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 28);
  g_assert_cmpuint (host.n_releases, ==, 1);
}

static void
test_fault_no_watchdog_release (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, "no-watchdog-release");
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 28);
  sim_host_wait_ms (&host, 5000);
  g_assert_cmpuint (host.n_releases, ==, 1);
}

static void
test_fault_huge_size (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, "huge-size");
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 0);
  g_assert_true (host.got_nonsense);
}

static void
test_fault_bad_event_type (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, "bad-event-type");
  sim_host_connect (&host);
  sim_host_send_event (&host, OAK_XLINK_EVENT_PING_REQ, "", 0, 0);
  g_assert_true (host.got_nonsense);
}

static void
test_fault_unknown_stream_write (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_GET_TYPE };
  g_auto (SimHost) host = { 0 };

  start (&host, "unknown-stream-write");
  sim_host_open (&host);
  host.keeps_packets = TRUE;
  sim_host_send_request (&host, &request);
  g_assert_cmpuint (host.last.type, ==, OAK_XLINK_EVENT_WRITE_REQ);
  g_assert_cmpuint (host.last.stream_id, !=, SIM_HOST_BOOTLOADER_ID);
  g_assert_cmpuint (host.last.stream_id, !=, SIM_HOST_WATCHDOG_ID);
}

static void
test_fault_drop_after_request (void)
{
  g_auto (SimHost) host = { 0 };

  start (&host, "drop-after-request=GetBootloaderVersion");
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 0);
  g_assert_true (sim_host_is_over (&host));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(claim, function) g_test_add_func ("/sim/session/" claim, function)
  ADD ("nothing-before-the-ping", test_nothing_before_the_ping);
  ADD ("every-packet-is-given-back", test_every_packet_is_given_back);
  ADD ("credit-of-the-host-is-respected", test_credit_of_the_host_is_respected);
  ADD ("no-more-than-64-packets-in-flight", test_no_more_than_64_packets_in_flight);
  ADD ("wrong-release-is-a-protocol-error", test_wrong_release_is_a_protocol_error);
  ADD ("release-too-many-is-a-protocol-error", test_release_too_many_is_a_protocol_error);
  ADD ("packet-on-unknown-stream-is-a-protocol-error",
       test_packet_on_unknown_stream_is_a_protocol_error);
  ADD ("two-names-of-one-id-are-a-protocol-error", test_two_names_of_one_id_are_a_protocol_error);
  ADD ("unknown-event-is-a-protocol-error", test_unknown_event_is_a_protocol_error);
  ADD ("announced-size-is-bounded", test_announced_size_is_bounded);
  ADD ("too-many-streams-are-refused", test_too_many_streams_are_refused);
  ADD ("nothing-is-written-on-a-closed-stream", test_nothing_is_written_on_a_closed_stream);
  ADD ("fault/no-ping", test_fault_no_ping);
  ADD ("fault/no-create", test_fault_no_create);
  ADD ("fault/drop-at-byte", test_fault_drop_at_byte);
  ADD ("fault/reset-tcp", test_fault_reset_tcp);
  ADD ("fault/drop-in-data", test_fault_drop_in_data);
  ADD ("fault/no-release", test_fault_no_release);
  ADD ("fault/no-watchdog-release", test_fault_no_watchdog_release);
  ADD ("fault/huge-size", test_fault_huge_size);
  ADD ("fault/bad-event-type", test_fault_bad_event_type);
  ADD ("fault/unknown-stream-write", test_fault_unknown_stream_write);
  ADD ("fault/drop-after-request", test_fault_drop_after_request);
#undef ADD
  return g_test_run ();
}
