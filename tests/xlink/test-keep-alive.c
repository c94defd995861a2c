/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "session-support.h"

/* The keep-alive of bootloader.md §2.2, with a shorter period: always in time, whatever the worker
 * and the other streams do. */

#define PERIOD_MS 30

/* Stream "s" has id 0 and comes first, so `__watchdog` is stream 1. */
#define WATCHDOG_ID 1

static void
short_timeouts_init (OakTimeouts *timeouts)
{
  patient_timeouts_init (timeouts);
  timeouts->keep_alive_ms = PERIOD_MS;
}

static void
start (Conversation *conversation, FakeDeviceScript script, gpointer data, OakReport *report)
{
  g_autoptr (GError) error = NULL;
  OakTimeouts timeouts;

  short_timeouts_init (&timeouts);
  conversation_start_full (conversation, script, data, &timeouts, report);
  g_assert_true (oak_xlink_session_start_keep_alive (conversation->session, NULL, &error));
  g_assert_no_error (error);
}

static void
accept_watchdog (FakeDevice *device)
{
  OakXlinkEvent create;

  accept_session (device);
  fake_device_expect (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ, &create);
  g_assert_cmpstr (create.stream_name, ==, "__watchdog");
  g_assert_cmpuint (create.stream_id, ==, WATCHDOG_ID);
  g_assert_cmpuint (create.size, ==, 64);
  fake_device_answer (device, &create);
}

/* Reads the next keep-alive and answers it, with everything else on the way. Returns: when it came.
 */
static gint64
take_keep_alive (FakeDevice *device)
{
  g_autoptr (GBytes) payload = fake_device_serve_until_write (device, "__watchdog");

  g_assert_cmpmem (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), "\0\0\0\0", 4);
  return g_get_monotonic_time ();
}

static void
take_ten (FakeDevice *device, gpointer user_data)
{
  gint64 first_us = 0;
  gint64 last_us = 0;

  accept_watchdog (device);
  first_us = take_keep_alive (device);
  for (guint i = 1; i < 10; i++)
    last_us = take_keep_alive (device);

  /* Nine periods; arriving may jitter by a fraction of one. */
  g_assert_cmpint (last_us - first_us, >, (9 * PERIOD_MS - PERIOD_MS / 2) * 1000);
  g_assert_cmpint (last_us - first_us, <, 9 * PERIOD_MS * 1000 + LONG_MS * 1000 * test_slowdown ());
  fake_device_reach (device);
  fake_device_serve (device);
}

static void
test_goes_out_while_the_worker_is_idle (void)
{
  Conversation conversation;

  start (&conversation, take_ten, NULL, NULL);
  fake_device_wait_until_reached (conversation.device);
  conversation_finish (&conversation);
}

/* The worker waits for a packet that takes its time. */
static void
answer_late (FakeDevice *device, gpointer user_data)
{
  accept_watchdog (device);
  for (guint i = 0; i < 5; i++)
    take_keep_alive (device);
  fake_device_request (device, OAK_XLINK_EVENT_WRITE_REQ, NULL, 0, 4, "late");
  fake_device_serve (device);
}

static void
test_goes_out_while_the_worker_waits (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packet = NULL;

  start (&conversation, answer_late, NULL, NULL);
  packet = oak_xlink_stream_read (conversation.stream, test_deadline (LONG_MS), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (packet), ==, 4);
  conversation_finish (&conversation);
}

/* A slow camera: large packets, one after the other. At every border a keep-alive that is due goes
 * first, in front of the next packet. */
static void
take_packets_slowly (FakeDevice *device, gpointer user_data)
{
  guint n_packets = 0;
  guint n_since = 0;
  OakXlinkEvent create;

  accept_watchdog (device);
  fake_device_wait_for (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ, &create);
  fake_device_answer (device, &create);
  while (n_packets < 8) {
    OakXlinkEvent event;

    if (!fake_device_read (device, &event, NULL))
      g_error ("the host closed the link after %u packets", n_packets);

    if (event.type == OAK_XLINK_EVENT_WRITE_REQ && event.stream_id == WATCHDOG_ID)
      n_since = 0;
    if (event.type == OAK_XLINK_EVENT_WRITE_REQ && event.stream_id != WATCHDOG_ID) {
      n_packets++;
      n_since++;
      /* Each packet takes longer than a period, so there is one keep-alive to each. The first may
       * have been sent just before. */
      if (n_since > 2)
        g_error ("%u packets without a keep-alive between them", n_since);
      g_usleep (2 * PERIOD_MS * 1000);
    }
    fake_device_answer (device, &event);
  }
  fake_device_serve (device);
}

static void
test_goes_out_between_packets (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  OakXlinkStream *stream = NULL;

  start (&conversation, take_packets_slowly, NULL, NULL);
  stream = oak_xlink_session_open_stream (conversation.session,
                                          "big",
                                          OAK_XLINK_MAX_PACKET_SIZE,
                                          NULL,
                                          &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 8; i++)
    write_packet (stream, 1024 * 1024, i);
  conversation_finish (&conversation);
}

/* Acknowledges the 16 keep-alives that fill the stream of 64 bytes, and releases none of them. */
static void
take_sixteen_unreleased (FakeDevice *device)
{
  for (guint i = 0; i < 16; i++) {
    OakXlinkEvent event;
    OakXlinkEvent response;

    fake_device_expect (device, OAK_XLINK_EVENT_WRITE_REQ, &event);
    g_assert_cmpuint (event.stream_id, ==, WATCHDOG_ID);
    oak_xlink_event_init_response (&response, &event);
    fake_device_send (device, &response, NULL);
  }
}

static void
release_sixteen (FakeDevice *device)
{
  for (guint i = 0; i < 16; i++)
    fake_device_request (device, OAK_XLINK_EVENT_READ_REL_REQ, NULL, WATCHDOG_ID, 4, NULL);
}

/* Packets of the worker are not held up; when the camera releases again, the keep-alive goes on. */
static void
release_nothing_for_a_while (FakeDevice *device, gpointer user_data)
{
  accept_watchdog (device);
  take_sixteen_unreleased (device);
  if (fake_device_wait_for_bytes (device, 4 * PERIOD_MS))
    g_error ("a keep-alive was sent without credit");

  fake_device_reach (device);
  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_WRITE_REQ);
  release_sixteen (device);
  for (guint i = 0; i < 3; i++)
    take_keep_alive (device);
  fake_device_reach (device);
  fake_device_serve (device);
}

static void
test_stops_without_credit_and_holds_up_nobody (void)
{
  Conversation conversation;
  LogCounter log;

  log_counter_init (&log);
  start (&conversation, release_nothing_for_a_while, NULL, &log.report);
  fake_device_wait_until_reached (conversation.device);
  g_assert_cmpuint (log_counter_count (&log, "warning", "keep-alive"), ==, 1);
  write_packet (conversation.stream, 4, 0);
  fake_device_wait_until_reached (conversation.device);
  g_assert_cmpuint (log_counter_count (&log, "warning", "keep-alive"), ==, 1);
  conversation_finish (&conversation);
  log_counter_clear (&log);
}

/* No keep-alive after the host said that it is over, but `01000000` when asked for, as the last
 * thing. */
static void
expect_the_last_one (FakeDevice *device, gpointer user_data)
{
  gboolean *send_reset = user_data;
  gboolean is_reset = FALSE;

  accept_watchdog (device);
  take_keep_alive (device);
  fake_device_reach (device);

  while (fake_device_wait_for_bytes (device, 4 * PERIOD_MS)) {
    OakXlinkEvent event;
    g_autoptr (GBytes) payload = NULL;

    g_assert_true (fake_device_read (device, &event, &payload));
    fake_device_answer (device, &event);
    if (payload == NULL)
      continue;

    if (is_reset)
      g_error ("the host sent something after `01000000`");
    is_reset = memcmp (g_bytes_get_data (payload, NULL), "\x01\0\0\0", 4) == 0;
  }
  g_assert_cmpint (is_reset, ==, *send_reset);
}

static void
test_stops_when_told (gconstpointer data)
{
  gboolean send_reset = GPOINTER_TO_INT (data);
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  start (&conversation, expect_the_last_one, &send_reset, NULL);
  fake_device_wait_until_reached (conversation.device);
  oak_xlink_session_stop_keep_alive (conversation.session, send_reset);
  /* The second call has nothing left to stop, and must send nothing. */
  oak_xlink_session_stop_keep_alive (conversation.session, TRUE);
  g_assert_true (oak_xlink_session_wait_for_loss (conversation.session,
                                                  test_deadline (LONG_MS),
                                                  NULL,
                                                  &error));
  conversation_finish (&conversation);
}

/* `01000000` still waits for credit when the RESET goes out, and gets it afterwards. */
static void
release_after_the_reset (FakeDevice *device, gpointer user_data)
{
  OakXlinkEvent reset;
  OakXlinkEvent event;

  accept_watchdog (device);
  take_sixteen_unreleased (device);
  fake_device_reach (device);
  fake_device_expect (device, OAK_XLINK_EVENT_RESET_REQ, &reset);
  release_sixteen (device);
  while (fake_device_wait_for_bytes (device, 2 * PERIOD_MS)) {
    g_assert_true (fake_device_read (device, &event, NULL));
    g_assert_cmpuint (event.type, ==, OAK_XLINK_EVENT_READ_REL_RESP);
  }
  fake_device_answer (device, &reset);
}

static void
test_no_packet_follows_a_reset (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  start (&conversation, release_after_the_reset, NULL, NULL);
  fake_device_wait_until_reached (conversation.device);
  oak_xlink_session_stop_keep_alive (conversation.session, TRUE);
  g_assert_true (oak_xlink_session_reset (conversation.session, &error));
  g_assert_no_error (error);
  conversation_finish (&conversation);
}

static void
refuse_watchdog (FakeDevice *device, gpointer user_data)
{
  OakXlinkEvent create;
  OakXlinkEvent refusal;

  accept_session (device);
  fake_device_expect (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ, &create);
  oak_xlink_event_init_response (&refusal, &create);
  refusal.flags = 0;
  fake_device_send (device, &refusal, NULL);
  if (fake_device_read (device, &create, NULL))
    g_error ("a keep-alive was sent on a refused stream");
}

static void
test_refused_watchdog_is_an_error (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  OakTimeouts timeouts;

  short_timeouts_init (&timeouts);
  conversation_start_full (&conversation, refuse_watchdog, NULL, &timeouts, NULL);
  g_assert_false (oak_xlink_session_start_keep_alive (conversation.session, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_REFUSED);
  g_assert_false (oak_xlink_session_wait_for_loss (conversation.session,
                                                   oak_deadline_in_ms (4 * PERIOD_MS),
                                                   NULL,
                                                   NULL));
  conversation_finish (&conversation);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/xlink/keep-alive/goes-out-while-the-worker-is-idle",
                   test_goes_out_while_the_worker_is_idle);
  g_test_add_func ("/xlink/keep-alive/goes-out-while-the-worker-waits",
                   test_goes_out_while_the_worker_waits);
  g_test_add_func ("/xlink/keep-alive/goes-out-between-packets", test_goes_out_between_packets);
  g_test_add_func ("/xlink/keep-alive/stops-without-credit-and-holds-up-nobody",
                   test_stops_without_credit_and_holds_up_nobody);
  g_test_add_data_func ("/xlink/keep-alive/stops-when-told/silently",
                        GINT_TO_POINTER (FALSE),
                        test_stops_when_told);
  g_test_add_data_func ("/xlink/keep-alive/stops-when-told/with-a-restart",
                        GINT_TO_POINTER (TRUE),
                        test_stops_when_told);
  g_test_add_func ("/xlink/keep-alive/no-packet-follows-a-reset", test_no_packet_follows_a_reset);
  g_test_add_func ("/xlink/keep-alive/refused-watchdog-is-an-error",
                   test_refused_watchdog_is_an_error);

  return g_test_run ();
}
