/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-support.h"

/* Packets in both directions, their credit and their progress, with a camera that keeps to the
 * protocol. */

static void
serve (FakeDevice *device, gpointer user_data)
{
  fake_device_serve (device);
}

/* Acknowledges packets without releasing them, and counts. */
static guint
take_unreleased (FakeDevice *device, guint count, gsize *size)
{
  for (guint i = 0; i < count; i++) {
    OakXlinkEvent write;
    OakXlinkEvent response;

    fake_device_expect (device, OAK_XLINK_EVENT_WRITE_REQ, &write);
    oak_xlink_event_init_response (&response, &write);
    fake_device_send (device, &response, NULL);
    *size += write.size;
  }

  return count;
}

static void
release (FakeDevice *device, guint32 size)
{
  fake_device_request (device, OAK_XLINK_EVENT_READ_REL_REQ, NULL, 0, size, NULL);
}

static void
hold_back_releases (FakeDevice *device, gpointer user_data)
{
  guint packet_size = GPOINTER_TO_UINT (user_data);
  guint count = MIN (STREAM_SIZE / packet_size, OAK_XLINK_MAX_PACKETS);
  gsize size = 0;

  accept_session (device);
  take_unreleased (device, count, &size);
  g_assert_cmpuint (size, ==, count * packet_size);
  if (fake_device_wait_for_bytes (device, SHORT_MS))
    g_error ("a packet was sent without credit");

  release (device, packet_size);
  take_unreleased (device, 1, &size);

  for (guint i = 0; i < count; i++)
    release (device, packet_size);
  fake_device_serve (device);
}

static void
test_packet_without_credit_waits (gconstpointer data)
{
  guint packet_size = GPOINTER_TO_UINT (data);
  guint count = MIN (STREAM_SIZE / packet_size, OAK_XLINK_MAX_PACKETS);
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, hold_back_releases, (gpointer) data);
  for (guint i = 0; i < count + 1; i++)
    write_packet (conversation.stream, packet_size, i);

  g_assert_true (
      oak_xlink_stream_drain (conversation.stream, test_deadline (LONG_MS), NULL, &error));
  g_assert_no_error (error);
  conversation_finish (&conversation);
}

static void
never_release (FakeDevice *device, gpointer user_data)
{
  gsize size = 0;

  accept_session (device);
  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ);
  take_unreleased (device, 1, &size);
  take_unreleased (device, 1, &size);
  g_assert_cmpuint (size, ==, STREAM_SIZE + 10);
  fake_device_expect_end (device);
}

/* A write that gets no credit is taken back when it times out; other streams are not held up, and
 * drain waits in vain. */
static void
test_stream_without_credit_holds_up_nobody (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packet = make_packet (1, 0);
  OakXlinkStream *other = NULL;

  conversation_start (&conversation, never_release, NULL);
  other = oak_xlink_session_open_stream (conversation.session, "other", 64, NULL, &error);
  g_assert_no_error (error);
  write_packet (conversation.stream, STREAM_SIZE, 0);
  g_assert_false (oak_xlink_stream_write (conversation.stream,
                                          packet,
                                          oak_deadline_in_ms (SHORT_MS),
                                          NULL,
                                          &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  g_clear_error (&error);
  write_packet (other, 10, 0);
  g_assert_false (
      oak_xlink_stream_drain (conversation.stream, oak_deadline_in_ms (SHORT_MS), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  conversation_finish (&conversation);
}

static void
test_too_large_packet_is_not_sent (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packet = make_packet (STREAM_SIZE + 1, 0);

  conversation_start (&conversation, serve, NULL);
  g_assert_false (
      oak_xlink_stream_write (conversation.stream, packet, test_deadline (LONG_MS), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TOO_LARGE);
  write_packet (conversation.stream, STREAM_SIZE, 0);
  conversation_finish (&conversation);
}

static const gsize sizes[] = { 4, 0, 1, 100000, 3 * 1024 * 1024 + 5, 0, 64 };

static void
send_packets (FakeDevice *device, gpointer user_data)
{
  guint n_released = 0;

  accept_session (device);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GBytes) packet = make_packet (sizes[i], i);

    fake_device_request (device,
                         OAK_XLINK_EVENT_WRITE_REQ,
                         NULL,
                         0,
                         sizes[i],
                         g_bytes_get_data (packet, NULL));
  }

  while (n_released < G_N_ELEMENTS (sizes)) {
    OakXlinkEvent event;

    g_assert_true (fake_device_read (device, &event, NULL));
    if (event.type == OAK_XLINK_EVENT_READ_REL_REQ) {
      g_assert_cmpuint (event.stream_id, ==, 0);
      g_assert_cmpuint (event.size, ==, sizes[n_released++]);
      fake_device_answer (device, &event);
    } else {
      g_assert_cmpuint (event.type, ==, OAK_XLINK_EVENT_WRITE_RESP);
      g_assert_cmpuint (event.flags, ==, OAK_XLINK_FLAG_ACK);
    }
  }
  fake_device_serve (device);
}

static void
test_packets_keep_order_borders_and_are_released (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, send_packets, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    read_packet (conversation.stream, sizes[i], i);

  g_assert_true (oak_xlink_session_reset (conversation.session, &error));
  g_assert_no_error (error);
  conversation_finish (&conversation);
}

/* Nothing is released before it is read: that is what keeps the camera from sending ever more. */
static void
fill_unread (FakeDevice *device, gpointer user_data)
{
  accept_session (device);
  for (guint i = 0; i < OAK_XLINK_MAX_PACKETS; i++)
    fake_device_request (device, OAK_XLINK_EVENT_WRITE_REQ, NULL, 0, 1, "x");
  for (guint i = 0; i < OAK_XLINK_MAX_PACKETS; i++)
    fake_device_expect (device, OAK_XLINK_EVENT_WRITE_RESP, NULL);
  if (fake_device_wait_for_bytes (device, SHORT_MS))
    g_error ("a packet was released before it was read");

  fake_device_request (device, OAK_XLINK_EVENT_PING_REQ, NULL, 0, 0, NULL);
  fake_device_expect (device, OAK_XLINK_EVENT_PING_RESP, NULL);
  if (user_data != NULL)
    fake_device_request (device, OAK_XLINK_EVENT_WRITE_REQ, NULL, 0, 1, "x");
  fake_device_expect_end (device);
}

static void
test_camera_may_fill_its_credit (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, fill_unread, NULL);
  g_assert_false (oak_xlink_session_wait_for_loss (conversation.session,
                                                   oak_deadline_in_ms (3 * SHORT_MS),
                                                   NULL,
                                                   &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  conversation_finish (&conversation);
}

static void
test_camera_beyond_its_credit_ends_the_session (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, fill_unread, GINT_TO_POINTER (TRUE));
  g_assert_true (oak_xlink_session_wait_for_loss (conversation.session,
                                                  test_deadline (LONG_MS),
                                                  NULL,
                                                  &error));
  g_assert_no_error (error);
  g_assert_false (oak_xlink_session_is_up (conversation.session, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  conversation_finish (&conversation);
}

/* Three of the largest packets are more than a host keeps; the third is not even begun to be
 * stored. */
static void
send_three_large_packets (FakeDevice *device, gpointer user_data)
{
  g_autoptr (GBytes) packet = make_packet (OAK_XLINK_MAX_PACKET_SIZE, 0);

  accept_session (device);
  for (guint i = 0; i < 3; i++)
    fake_device_request (device,
                         OAK_XLINK_EVENT_WRITE_REQ,
                         NULL,
                         0,
                         OAK_XLINK_MAX_PACKET_SIZE,
                         g_bytes_get_data (packet, NULL));
  fake_device_expect_end (device);
}

static void
test_unread_bytes_are_bounded (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, send_three_large_packets, NULL);
  g_assert_true (oak_xlink_session_wait_for_loss (conversation.session,
                                                  test_deadline (LONG_MS),
                                                  NULL,
                                                  &error));
  g_assert_false (oak_xlink_session_is_up (conversation.session, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  read_packet (conversation.stream, OAK_XLINK_MAX_PACKET_SIZE, 0);
  read_packet (conversation.stream, OAK_XLINK_MAX_PACKET_SIZE, 0);
  read_error (conversation.stream, OAK_ERROR_PROTOCOL);
  conversation_finish (&conversation);
}

static void
close_with_and_without_unread (FakeDevice *device, gpointer user_data)
{
  OakXlinkEvent response;

  accept_session (device);
  fake_device_request (device, OAK_XLINK_EVENT_WRITE_REQ, NULL, 0, 4, "late");
  fake_device_expect (device, OAK_XLINK_EVENT_WRITE_RESP, NULL);
  fake_device_request (device, OAK_XLINK_EVENT_CLOSE_STREAM_REQ, NULL, 0, 0, NULL);
  fake_device_expect (device, OAK_XLINK_EVENT_CLOSE_STREAM_RESP, &response);
  g_assert_cmphex (response.flags, ==, OAK_XLINK_FLAG_NACK);
  /* An id that nobody knows. */
  fake_device_request (device, OAK_XLINK_EVENT_CLOSE_STREAM_REQ, NULL, 9, 0, NULL);
  fake_device_expect (device, OAK_XLINK_EVENT_CLOSE_STREAM_RESP, &response);
  g_assert_cmphex (response.flags, ==, OAK_XLINK_FLAG_ACK);
  fake_device_reach (device);
  fake_device_serve (device);
}

static void
test_stream_closed_by_the_camera_ends_reading (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packet = NULL;

  conversation_start (&conversation, close_with_and_without_unread, NULL);
  fake_device_wait_until_reached (conversation.device);
  packet = oak_xlink_stream_read (conversation.stream, test_deadline (LONG_MS), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (packet, NULL), g_bytes_get_size (packet), "late", 4);
  read_error (conversation.stream, OAK_ERROR_DISCONNECTED);
  g_assert_true (oak_xlink_session_is_up (conversation.session, &error));
  write_packet (conversation.stream, 1, 0);
  conversation_finish (&conversation);
}

/* A single-threaded peer that sends a lot before it reads anything: whoever stopped reading while
 * writing would wait for ever. */
static void
flood_before_reading (FakeDevice *device, gpointer user_data)
{
  g_autoptr (GBytes) packet = make_packet (OAK_XLINK_MAX_PACKET_SIZE, 3);

  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_PING_REQ);
  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ);
  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ);
  /* The host's first packet is on its way by now, and does not fit into any buffer. */
  g_assert_true (fake_device_wait_for_bytes (device, LONG_MS));
  for (guint i = 0; i < 2; i++)
    fake_device_request (device,
                         OAK_XLINK_EVENT_WRITE_REQ,
                         NULL,
                         1,
                         OAK_XLINK_MAX_PACKET_SIZE,
                         g_bytes_get_data (packet, NULL));
  fake_device_serve (device);
}

static void
test_flooding_camera_causes_no_deadlock (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  OakXlinkStream *stream = NULL;

  conversation_start (&conversation, flood_before_reading, NULL);
  stream = oak_xlink_session_open_stream (conversation.session,
                                          "big",
                                          OAK_XLINK_MAX_PACKET_SIZE,
                                          NULL,
                                          &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++)
    write_packet (stream, OAK_XLINK_MAX_PACKET_SIZE, i);
  read_packet (stream, OAK_XLINK_MAX_PACKET_SIZE, 3);
  read_packet (stream, OAK_XLINK_MAX_PACKET_SIZE, 3);
  g_assert_true (oak_xlink_session_reset (conversation.session, &error));
  g_assert_no_error (error);
  conversation_finish (&conversation);
}

typedef struct {
  int n_calls; /* atomic */
  gsize last[2];
  gsize total[2];
} Progress;

static void
progress_cb (OakXlinkDirection direction, gsize done, gsize total, gpointer user_data)
{
  Progress *progress = user_data;

  g_assert_cmpuint (done, >=, progress->last[direction]);
  g_assert_cmpuint (done, <=, total);
  progress->last[direction] = done == total ? 0 : done;
  progress->total[direction] += done == total ? total : 0;
  g_atomic_int_inc (&progress->n_calls);
}

/* Takes a large packet in two halves with a pause, and sends one in the same way. */
static void
take_and_send_slowly (FakeDevice *device, gpointer user_data)
{
  g_autoptr (GBytes) packet = make_packet (OAK_XLINK_MAX_PACKET_SIZE, 3);
  const guint8 *data = g_bytes_get_data (packet, NULL);
  gsize half = OAK_XLINK_MAX_PACKET_SIZE / 2;
  OakXlinkEvent write = { .id = 900,
                          .type = OAK_XLINK_EVENT_WRITE_REQ,
                          .stream_id = 1,
                          .size = OAK_XLINK_MAX_PACKET_SIZE,
                          .flags = OAK_XLINK_FLAG_ACK };
  guint8 header[OAK_XLINK_EVENT_SIZE];

  accept_session (device);
  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ);
  g_assert_true (fake_device_wait_for_bytes (device, LONG_MS));
  g_usleep (150 * 1000);
  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_WRITE_REQ);

  oak_xlink_event_encode (&write, header);
  fake_device_send_bytes (device, header, sizeof header);
  fake_device_send_bytes (device, data, half);
  g_usleep (150 * 1000);
  fake_device_send_bytes (device, data + half, OAK_XLINK_MAX_PACKET_SIZE - half);
  fake_device_serve (device);
}

static void
test_progress_moves_within_a_packet (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  OakXlinkStream *stream = NULL;
  Progress progress = { 0 };

  conversation_start (&conversation, take_and_send_slowly, NULL);
  stream = oak_xlink_session_open_stream (conversation.session,
                                          "big",
                                          OAK_XLINK_MAX_PACKET_SIZE,
                                          NULL,
                                          &error);
  g_assert_no_error (error);
  oak_xlink_session_set_progress_func (conversation.session, progress_cb, &progress);
  write_packet (stream, OAK_XLINK_MAX_PACKET_SIZE, 0);
  read_packet (stream, OAK_XLINK_MAX_PACKET_SIZE, 3);
  oak_xlink_session_set_progress_func (conversation.session, NULL, NULL);

  g_assert_cmpuint (progress.total[OAK_XLINK_DIRECTION_SENDING], ==, OAK_XLINK_MAX_PACKET_SIZE);
  g_assert_cmpuint (progress.total[OAK_XLINK_DIRECTION_RECEIVING], ==, OAK_XLINK_MAX_PACKET_SIZE);
  /* One at each end, and at least one on the way there and back. */
  g_assert_cmpint (progress.n_calls, >=, 4);
  conversation_finish (&conversation);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/xlink/packets/packet-without-credit-waits/by-count",
                        GUINT_TO_POINTER (1),
                        test_packet_without_credit_waits);
  g_test_add_data_func ("/xlink/packets/packet-without-credit-waits/by-size",
                        GUINT_TO_POINTER (300),
                        test_packet_without_credit_waits);
  g_test_add_data_func ("/xlink/packets/packet-without-credit-waits/exactly-full",
                        GUINT_TO_POINTER (STREAM_SIZE / 2),
                        test_packet_without_credit_waits);
  g_test_add_func ("/xlink/packets/stream-without-credit-holds-up-nobody",
                   test_stream_without_credit_holds_up_nobody);
  g_test_add_func ("/xlink/packets/too-large-packet-is-not-sent",
                   test_too_large_packet_is_not_sent);
  g_test_add_func ("/xlink/packets/packets-keep-order-borders-and-are-released",
                   test_packets_keep_order_borders_and_are_released);
  g_test_add_func ("/xlink/packets/camera-may-fill-its-credit", test_camera_may_fill_its_credit);
  g_test_add_func ("/xlink/packets/camera-beyond-its-credit-ends-the-session",
                   test_camera_beyond_its_credit_ends_the_session);
  g_test_add_func ("/xlink/packets/unread-bytes-are-bounded", test_unread_bytes_are_bounded);
  g_test_add_func ("/xlink/packets/stream-closed-by-the-camera-ends-reading",
                   test_stream_closed_by_the_camera_ends_reading);
  g_test_add_func ("/xlink/packets/flooding-camera-causes-no-deadlock",
                   test_flooding_camera_causes_no_deadlock);
  g_test_add_func ("/xlink/packets/progress-moves-within-a-packet",
                   test_progress_moves_within_a_packet);

  return g_test_run ();
}
