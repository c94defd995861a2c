/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-support.h"

/* A person cancels, or the session is closed, in the middle of a wait: it ends at once, and what
 * has begun is finished or cut, as promised. */

static void
say_nothing (FakeDevice *device, gpointer user_data)
{
  fake_device_expect_end (device);
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (SHORT_MS * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_opening_can_be_cancelled (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  FakeDevice *device = fake_device_start (say_nothing, NULL);
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);
  OakTimeouts timeouts;

  patient_timeouts_init (&timeouts);
  g_assert_null (
      oak_xlink_session_open (fake_device_get_link (device), &timeouts, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  fake_device_finish (device);
}

/* Nobody releases; then the camera takes everything and answers again. */
static void
hold_then_serve (FakeDevice *device, gpointer user_data)
{
  OakXlinkEvent event;
  OakXlinkEvent response;
  OakXlinkEvent next;

  accept_session (device);
  fake_device_expect (device, OAK_XLINK_EVENT_WRITE_REQ, &event);
  oak_xlink_event_init_response (&response, &event);
  fake_device_send (device, &response, NULL);
  fake_device_reach (device);

  /* What was cancelled while it waited for credit never comes: the next packet is the small one. */
  fake_device_wait_to_proceed (device);
  if (fake_device_wait_for_bytes (device, SHORT_MS))
    g_error ("a packet was sent without credit");
  fake_device_request (device, OAK_XLINK_EVENT_READ_REL_REQ, NULL, 0, event.size, NULL);
  fake_device_expect (device, OAK_XLINK_EVENT_WRITE_REQ, &next);
  g_assert_cmpuint (next.size, ==, 7);
  fake_device_answer (device, &next);
  fake_device_request (device, OAK_XLINK_EVENT_WRITE_REQ, NULL, 0, 0, NULL);
  fake_device_serve (device);
}

static void
test_session_goes_on_after_cancelled_waits (void)
{
  Conversation conversation;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GBytes) packet = make_packet (100, 0);
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, hold_then_serve, NULL);
  write_packet (conversation.stream, STREAM_SIZE, 0);
  fake_device_wait_until_reached (conversation.device);
  for (guint i = 0; i < 4; i++) {
    g_autoptr (GCancellable) soon = g_cancellable_new ();
    g_autoptr (GError) local_error = NULL;
    GThread *thread = g_thread_new ("cancel", cancel_soon, soon);
    gint64 deadline_us = test_deadline (LONG_MS);

    if (i == 0)
      oak_xlink_stream_write (conversation.stream, packet, deadline_us, soon, &local_error);
    else if (i == 1)
      oak_xlink_stream_drain (conversation.stream, deadline_us, soon, &local_error);
    else if (i == 2)
      g_assert_null (oak_xlink_stream_read (conversation.stream, deadline_us, soon, &local_error));
    else
      oak_xlink_session_wait_for_loss (conversation.session, deadline_us, soon, &local_error);
    g_assert_error (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_thread_join (thread);
  }

  /* Cancelled beforehand: nothing is sent. */
  g_cancellable_cancel (cancellable);
  g_assert_false (oak_xlink_stream_write (conversation.stream,
                                          packet,
                                          test_deadline (LONG_MS),
                                          cancellable,
                                          &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  fake_device_proceed (conversation.device);
  write_packet (conversation.stream, 7, 0);
  read_packet (conversation.stream, 0, 0);
  g_assert_true (oak_xlink_session_reset (conversation.session, &error));
  g_assert_no_error (error);
  conversation_finish (&conversation);
}

/* The first half is taken at once, the rest later. */
static void
take_in_two_halves (FakeDevice *device, gpointer user_data)
{
  accept_session (device);
  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ);
  g_assert_true (fake_device_wait_for_bytes (device, LONG_MS));
  fake_device_reach (device);
  g_usleep (3 * SHORT_MS * 1000);
  fake_device_serve (device);
}

static void
test_packet_on_its_way_goes_on_after_cancelling (void)
{
  Conversation conversation;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GBytes *packet = make_packet (OAK_XLINK_MAX_PACKET_SIZE, 0);
  OakXlinkStream *stream = NULL;
  GThread *thread = NULL;

  conversation_start (&conversation, take_in_two_halves, NULL);
  stream = oak_xlink_session_open_stream (conversation.session,
                                          "big",
                                          OAK_XLINK_MAX_PACKET_SIZE,
                                          NULL,
                                          &error);
  g_assert_no_error (error);
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_false (
      oak_xlink_stream_write (stream, packet, test_deadline (LONG_MS), cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_thread_join (thread);
  /* The caller's memory must not be needed any more from here on. */
  g_bytes_unref (packet);

  g_assert_true (oak_xlink_stream_drain (stream, test_deadline (LONG_MS), NULL, &error));
  g_assert_no_error (error);
  write_packet (stream, 5, 0);
  conversation_finish (&conversation);
}

/* Even with a packet on its way that nobody takes. */
static void
take_nothing_more (FakeDevice *device, gpointer user_data)
{
  accept_session (device);
  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ);
  fake_device_wait_to_proceed (device);
}

static void
test_closing_does_not_wait_for_a_packet (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packet = make_packet (OAK_XLINK_MAX_PACKET_SIZE, 0);
  OakXlinkStream *stream = NULL;

  conversation_start (&conversation, take_nothing_more, NULL);
  stream = oak_xlink_session_open_stream (conversation.session,
                                          "big",
                                          OAK_XLINK_MAX_PACKET_SIZE,
                                          NULL,
                                          &error);
  g_assert_no_error (error);
  g_assert_false (
      oak_xlink_stream_write (stream, packet, oak_deadline_in_ms (SHORT_MS), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  g_clear_error (&error);

  oak_xlink_session_close (conversation.session);
  oak_xlink_session_close (conversation.session);
  g_assert_false (oak_xlink_stream_write (stream, packet, test_deadline (LONG_MS), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  read_error (stream, OAK_ERROR_DISCONNECTED);
  fake_device_proceed (conversation.device);
  conversation_finish (&conversation);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/xlink/cancel/opening-can-be-cancelled", test_opening_can_be_cancelled);
  g_test_add_func ("/xlink/cancel/session-goes-on-after-cancelled-waits",
                   test_session_goes_on_after_cancelled_waits);
  g_test_add_func ("/xlink/cancel/packet-on-its-way-goes-on",
                   test_packet_on_its_way_goes_on_after_cancelling);
  g_test_add_func ("/xlink/close/does-not-wait-for-a-packet",
                   test_closing_does_not_wait_for_a_packet);

  return g_test_run ();
}
