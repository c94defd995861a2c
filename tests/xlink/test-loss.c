/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "session-support.h"

/* The link is lost or the camera falls silent, at every point of an exchange: every wait must end.
 */

/* A complete exchange: open, keep-alive, request of two packets, answer of two packets, reset. */
#define ANSWER_SIZE 700

static gboolean
exchange (OakLink *link, const OakTimeouts *timeouts, GError **error)
{
  g_autoptr (OakXlinkSession) session = NULL;
  g_autoptr (GBytes) request = make_packet (STREAM_SIZE, 1);
  OakXlinkStream *stream = NULL;
  gint64 deadline_us = test_deadline (LONG_MS);

  session = oak_xlink_session_open (link, timeouts, NULL, NULL, error);
  if (session == NULL)
    return FALSE;

  stream = oak_xlink_session_open_stream (session, "s", STREAM_SIZE, NULL, error);
  if (stream == NULL || !oak_xlink_session_start_keep_alive (session, NULL, error))
    return FALSE;

  for (guint i = 0; i < 2; i++)
    if (!oak_xlink_stream_write (stream, request, deadline_us, NULL, error))
      return FALSE;

  if (!oak_xlink_stream_drain (stream, deadline_us, NULL, error))
    return FALSE;

  for (guint i = 0; i < 2; i++) {
    g_autoptr (GBytes) answer = oak_xlink_stream_read (stream, deadline_us, NULL, error);

    if (answer == NULL)
      return FALSE;

    g_assert_cmpuint (g_bytes_get_size (answer), ==, ANSWER_SIZE);
  }

  return oak_xlink_session_reset (session, error);
}

/* The camera's side of it. */
static void
serve_exchange (FakeDevice *device, gpointer user_data)
{
  guint n_packets = 0;
  OakXlinkEvent event;

  while (fake_device_read (device, &event, NULL)) {
    g_autoptr (GBytes) answer = make_packet (ANSWER_SIZE, 2);

    if (!fake_device_answer (device, &event) || event.type == OAK_XLINK_EVENT_RESET_REQ)
      return;

    if (event.type != OAK_XLINK_EVENT_WRITE_REQ || event.stream_id != 0 || ++n_packets < 2)
      continue;

    for (guint i = 0; i < 2; i++)
      if (!fake_device_request (device,
                                OAK_XLINK_EVENT_WRITE_REQ,
                                NULL,
                                0,
                                ANSWER_SIZE,
                                g_bytes_get_data (answer, NULL)))
        return;
  }
}

/* The same, but the link is cut after so many bytes of one direction. */
typedef struct {
  gsize from_device; /* G_MAXSIZE: never */
  gsize to_device;
} Cut;

static void
serve_until_cut (FakeDevice *device, gpointer user_data)
{
  const Cut *cut = user_data;

  fake_device_set_limits (device, cut->from_device, cut->to_device);
  serve_exchange (device, NULL);
}

static void
run_cut_exchange (Cut *cut, GError **error)
{
  FakeDevice *device = fake_device_start (serve_until_cut, cut);
  OakTimeouts timeouts;

  patient_timeouts_init (&timeouts);
  timeouts.keep_alive_ms = G_MAXINT; /* only the first one, so that every run has the same bytes */
  exchange (fake_device_get_link (device), &timeouts, error);
  fake_device_finish (device);
}

/* Cuts after 0, 1, 2, ... bytes until a run gets through. Returns: how many runs failed. */
static gsize
cut_everywhere (gsize *limit, Cut *cut)
{
  for (*limit = 0; *limit < 10 * STREAM_SIZE; (*limit)++) {
    g_autoptr (GError) error = NULL;

    run_cut_exchange (cut, &error);
    if (error == NULL)
      return *limit;

    g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  }

  g_assert_not_reached ();
}

/* No run may come anywhere near a deadline, and all of them together must not burn the processor: a
 * spinning reader would. */
static void
test_loss_at_every_byte_ends_with_an_error (gconstpointer data)
{
  gboolean from_device = GPOINTER_TO_INT (data);
  Cut cut = { G_MAXSIZE, G_MAXSIZE };
  gint64 start_us = g_get_monotonic_time ();
  gsize n_failed = 0;
  TestResources before;

  run_cut_exchange (&cut, NULL);
  test_resources_take (&before);
  n_failed = cut_everywhere (from_device ? &cut.from_device : &cut.to_device, &cut);
  test_resources_assert_equal (&before);

  /* Both directions have at least eight headers and the payloads; when the RESET is out, a lost
   * link is a good end. */
  if (from_device)
    g_assert_cmpuint (n_failed, >, 8 * OAK_XLINK_EVENT_SIZE + 2 * ANSWER_SIZE);
  else
    g_assert_cmpuint (n_failed, >, 8 * OAK_XLINK_EVENT_SIZE + 2 * STREAM_SIZE);
  g_assert_cmpint (g_get_monotonic_time () - start_us,
                   <,
                   (gint64) (n_failed * 50000 * test_slowdown ()));
}

static void
accept_and_go (FakeDevice *device, gpointer user_data)
{
  accept_session (device);
  fake_device_reach (device);
}

/* The owner does not look for a while. */
static void
test_lost_link_does_not_spin (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  gint64 used_us = 0;

  conversation_start (&conversation, accept_and_go, NULL);
  fake_device_wait_until_reached (conversation.device);
  g_assert_true (oak_xlink_session_wait_for_loss (conversation.session,
                                                  test_deadline (LONG_MS),
                                                  NULL,
                                                  &error));
  used_us = test_cpu_time_us ();
  g_usleep (300 * 1000);
  g_assert_cmpint (test_cpu_time_us () - used_us, <, 100 * 1000);
  conversation_finish (&conversation);
}

static void
send_and_go (FakeDevice *device, gpointer user_data)
{
  accept_session (device);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GBytes) packet = make_packet (100, i);

    fake_device_request (device,
                         OAK_XLINK_EVENT_WRITE_REQ,
                         NULL,
                         0,
                         100,
                         g_bytes_get_data (packet, NULL));
  }
}

static void
test_packets_from_before_the_loss_are_read (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, send_and_go, NULL);
  g_assert_true (oak_xlink_session_wait_for_loss (conversation.session,
                                                  test_deadline (LONG_MS),
                                                  NULL,
                                                  &error));
  for (guint i = 0; i < 3; i++)
    read_packet (conversation.stream, 100, i);
  read_error (conversation.stream, OAK_ERROR_DISCONNECTED);
  conversation_finish (&conversation);
}

/* The camera says why it fails, in the middle of a packet of ours, and goes. */
static void
complain_within_a_packet (FakeDevice *device, gpointer user_data)
{
  g_autoptr (GBytes) packet = make_packet (100, 7);

  accept_session (device);
  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ);
  g_assert_true (fake_device_wait_for_bytes (device, LONG_MS));
  fake_device_request (device,
                       OAK_XLINK_EVENT_WRITE_REQ,
                       NULL,
                       1,
                       100,
                       g_bytes_get_data (packet, NULL));
}

static void
test_last_words_are_heard_when_sending_fails (void)
{
  for (guint i = 0; i < 20; i++) {
    Conversation conversation;
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) packet = make_packet (OAK_XLINK_MAX_PACKET_SIZE, 0);
    OakXlinkStream *stream = NULL;

    conversation_start (&conversation, complain_within_a_packet, NULL);
    stream = oak_xlink_session_open_stream (conversation.session,
                                            "big",
                                            OAK_XLINK_MAX_PACKET_SIZE,
                                            NULL,
                                            &error);
    g_assert_no_error (error);
    g_assert_false (oak_xlink_stream_write (stream, packet, test_deadline (LONG_MS), NULL, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
    read_packet (stream, 100, 7);
    read_error (stream, OAK_ERROR_DISCONNECTED);
    conversation_finish (&conversation);
  }
}

static void
reset_the_host (FakeDevice *device, gpointer user_data)
{
  OakXlinkEvent answer;

  accept_session (device);
  fake_device_request (device, OAK_XLINK_EVENT_RESET_REQ, NULL, 0, 0, NULL);
  fake_device_expect (device, OAK_XLINK_EVENT_RESET_RESP, &answer);
  g_assert_cmphex (answer.flags, ==, OAK_XLINK_FLAG_ACK);
  fake_device_expect_end (device);
}

static void
test_reset_by_the_camera_is_answered_and_ends_waits (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, reset_the_host, NULL);
  g_assert_null (
      oak_xlink_stream_read (conversation.stream, test_deadline (LONG_MS), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  g_assert_nonnull (strstr (error->message, "waiting on `s`: "));
  g_assert_nonnull (strstr (error->message, "restarts"));
  conversation_finish (&conversation);
}

static void
end_without_answer (FakeDevice *device, gpointer user_data)
{
  accept_session (device);
  fake_device_expect (device, OAK_XLINK_EVENT_RESET_REQ, NULL);
}

static void
answer_with_something_else (FakeDevice *device, gpointer user_data)
{
  accept_session (device);
  fake_device_expect (device, OAK_XLINK_EVENT_RESET_REQ, NULL);
  fake_device_request (device, OAK_XLINK_EVENT_PING_REQ, NULL, 0, 0, NULL);
  fake_device_expect_end (device);
}

static void
ignore_everything (FakeDevice *device, gpointer user_data)
{
  accept_session (device);
  fake_device_expect_end (device);
}

static void
test_reset_ends_well (gconstpointer script)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  OakTimeouts timeouts;

  patient_timeouts_init (&timeouts);
  if (script == answer_with_something_else)
    timeouts.reset_ms = 500;
  conversation_start_full (&conversation,
                           (FakeDeviceScript) (gpointer) script,
                           NULL,
                           &timeouts,
                           NULL);
  g_assert_true (oak_xlink_session_reset (conversation.session, &error));
  g_assert_no_error (error);
  conversation_finish (&conversation);
}

/* Every wait has its own deadline, and what did not go out is taken back: the calls after it fail
 * by their own deadlines. */
static void
test_every_wait_has_a_deadline (void)
{
  Conversation conversation;
  g_autoptr (GBytes) packet = make_packet (10, 0);
  OakTimeouts timeouts;

  patient_timeouts_init (&timeouts);
  timeouts.reset_ms = SHORT_MS;
  conversation_start_full (&conversation, ignore_everything, NULL, &timeouts, NULL);

  for (guint i = 0; i < 5; i++) {
    g_autoptr (GError) error = NULL;
    gint64 deadline_us = oak_deadline_in_ms (SHORT_MS);
    gboolean success = FALSE;

    if (i == 0)
      success = oak_xlink_stream_write (conversation.stream, packet, deadline_us, NULL, &error);
    else if (i == 1)
      success = oak_xlink_stream_drain (conversation.stream, deadline_us, NULL, &error);
    else if (i == 2)
      success = oak_xlink_stream_read (conversation.stream, deadline_us, NULL, &error) != NULL;
    else if (i == 3)
      success = oak_xlink_session_wait_for_loss (conversation.session, deadline_us, NULL, &error);
    else
      success = oak_xlink_session_reset (conversation.session, &error);
    g_assert_false (success);
    g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  }
  conversation_finish (&conversation);
}

static void
say_nothing (FakeDevice *device, gpointer user_data)
{
  fake_device_expect_end (device);
}

static void
answer_the_ping_only (FakeDevice *device, gpointer user_data)
{
  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_PING_REQ);
  fake_device_expect_end (device);
}

static void
test_silent_camera_does_not_open (void)
{
  g_autoptr (GError) error = NULL;
  FakeDevice *device = fake_device_start (say_nothing, NULL);
  OakTimeouts timeouts;

  patient_timeouts_init (&timeouts);
  timeouts.ping_ms = SHORT_MS;
  g_assert_null (
      oak_xlink_session_open (fake_device_get_link (device), &timeouts, NULL, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  g_assert_true (oak_link_is_closed (fake_device_get_link (device)));
  fake_device_finish (device);
}

static void
test_silent_camera_opens_no_stream (void)
{
  g_autoptr (GError) error = NULL;
  FakeDevice *device = fake_device_start (answer_the_ping_only, NULL);
  g_autoptr (OakXlinkSession) session = NULL;
  OakTimeouts timeouts;

  patient_timeouts_init (&timeouts);
  timeouts.open_stream_ms = SHORT_MS;
  session = oak_xlink_session_open (fake_device_get_link (device), &timeouts, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (oak_xlink_session_open_stream (session, "s", STREAM_SIZE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  oak_xlink_session_close (session);
  fake_device_finish (device);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/xlink/loss/at-every-byte-ends-with-an-error/from-the-camera",
                        GINT_TO_POINTER (TRUE),
                        test_loss_at_every_byte_ends_with_an_error);
  g_test_add_data_func ("/xlink/loss/at-every-byte-ends-with-an-error/to-the-camera",
                        GINT_TO_POINTER (FALSE),
                        test_loss_at_every_byte_ends_with_an_error);
  g_test_add_func ("/xlink/loss/does-not-spin", test_lost_link_does_not_spin);
  g_test_add_func ("/xlink/loss/packets-from-before-are-read",
                   test_packets_from_before_the_loss_are_read);
  g_test_add_func ("/xlink/loss/last-words-are-heard-when-sending-fails",
                   test_last_words_are_heard_when_sending_fails);
  g_test_add_func ("/xlink/loss/reset-by-the-camera-is-answered-and-ends-waits",
                   test_reset_by_the_camera_is_answered_and_ends_waits);
  g_test_add_data_func ("/xlink/reset/ends-well/without-an-answer",
                        (gconstpointer) end_without_answer,
                        test_reset_ends_well);
  g_test_add_data_func ("/xlink/reset/ends-well/with-some-other-event",
                        (gconstpointer) answer_with_something_else,
                        test_reset_ends_well);
  g_test_add_func ("/xlink/silence/every-wait-has-a-deadline", test_every_wait_has_a_deadline);
  g_test_add_func ("/xlink/silence/camera-does-not-open", test_silent_camera_does_not_open);
  g_test_add_func ("/xlink/silence/camera-opens-no-stream", test_silent_camera_opens_no_stream);

  return g_test_run ();
}
