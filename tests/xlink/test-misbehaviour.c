/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "session-support.h"

/* Cameras whose bytes make no sense end the session with OAK_ERROR_PROTOCOL; cameras that are
 * merely odd do not. */

/* One event that must end the session, sent right after it was opened. */
typedef struct {
  const char *claim;
  OakXlinkEvent event;
  const char *message; /* is part of the error */
} Nonsense;

static const Nonsense nonsense[] = {
  { "type-1", { .type = 1 }, "type" },
  { "type-7", { .type = 7 }, "type" },
  { "type-9", { .type = 9 }, "type" },
  { "type-15", { .type = 15 }, "type" },
  { "type-24", { .type = 24 }, "type" },
  { "type-of-all-ones", { .type = G_MAXUINT32 }, "type" },
  { "packet-on-unknown-stream",
    { .type = OAK_XLINK_EVENT_WRITE_REQ, .stream_id = 1, .size = 4 },
    "never opened" },
  { "packet-on-invalid-stream",
    { .type = OAK_XLINK_EVENT_WRITE_REQ, .stream_id = OAK_XLINK_INVALID_STREAM_ID, .size = 4 },
    "never opened" },
  { "packet-beyond-the-largest",
    { .type = OAK_XLINK_EVENT_WRITE_REQ, .size = OAK_XLINK_MAX_PACKET_SIZE + 1 },
    "announced" },
  { "packet-of-four-gigabytes",
    { .type = OAK_XLINK_EVENT_WRITE_REQ, .size = G_MAXUINT32 },
    "announced" },
  { "release-without-a-packet", { .type = OAK_XLINK_EVENT_READ_REL_REQ, .size = 0 }, "not sent" },
  { "release-of-bytes-never-sent",
    { .type = OAK_XLINK_EVENT_READ_REL_REQ, .size = 64 },
    "not sent" },
};

static void
send_nonsense (FakeDevice *device, gpointer user_data)
{
  const Nonsense *row = user_data;

  accept_session (device);
  fake_device_send (device, &row->event, NULL);
  fake_device_expect_end (device);
}

static void
test_nonsense_ends_the_session (gconstpointer data)
{
  const Nonsense *row = data;
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, send_nonsense, (gpointer) row);
  g_assert_null (
      oak_xlink_stream_read (conversation.stream, test_deadline (LONG_MS), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, row->message));
  g_assert_true (oak_link_is_closed (fake_device_get_link (conversation.device)));
  conversation_finish (&conversation);
}

static void
send_garbage (FakeDevice *device, gpointer user_data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (GPOINTER_TO_UINT (user_data));
  guint8 bytes[4096];

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) g_rand_int (random);
  if (GPOINTER_TO_UINT (user_data) % 2 == 0)
    accept_session (device);
  fake_device_send_bytes (device, bytes, sizeof bytes);
  fake_device_expect_end (device);
}

static void
test_garbage_ends_the_session (void)
{
  for (guint i = 0; i < 50; i++) {
    g_autoptr (GError) error = NULL;
    FakeDevice *device = fake_device_start (send_garbage, GUINT_TO_POINTER (i));
    g_autoptr (OakXlinkSession) session = NULL;
    OakXlinkStream *stream = NULL;
    OakTimeouts timeouts;

    patient_timeouts_init (&timeouts);
    session = oak_xlink_session_open (fake_device_get_link (device), &timeouts, NULL, NULL, &error);
    if (session != NULL)
      stream = oak_xlink_session_open_stream (session, "s", STREAM_SIZE, NULL, &error);
    if (stream != NULL)
      g_assert_null (oak_xlink_stream_read (stream, test_deadline (LONG_MS), NULL, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
    g_clear_pointer (&session, oak_xlink_session_free);
    fake_device_finish (device);
  }
}

/* Two packets are out; what is released does not add up to them. */
static void
release_too_little (FakeDevice *device, gpointer user_data)
{
  OakXlinkEvent response;
  OakXlinkEvent write;

  accept_session (device);
  for (guint i = 0; i < 2; i++) {
    fake_device_expect (device, OAK_XLINK_EVENT_WRITE_REQ, &write);
    oak_xlink_event_init_response (&response, &write);
    fake_device_send (device, &response, NULL);
  }
  for (guint i = 0; i < 2; i++)
    fake_device_request (device, OAK_XLINK_EVENT_READ_REL_REQ, NULL, 0, 1, NULL);
  fake_device_expect_end (device);
}

static void
test_releases_must_add_up (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, release_too_little, NULL);
  write_packet (conversation.stream, 10, 0);
  write_packet (conversation.stream, 10, 0);
  g_assert_false (
      oak_xlink_stream_drain (conversation.stream, test_deadline (LONG_MS), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  conversation_finish (&conversation);
}

/* A camera that asks and asks without reading: the answers must not fill the memory. */
static void
ask_without_reading (FakeDevice *device, gpointer user_data)
{
  accept_session (device);
  while (fake_device_request (device, OAK_XLINK_EVENT_PING_REQ, NULL, 0, 0, NULL))
    continue;
}

static void
test_questions_without_end_end_the_session (void)
{
  Conversation conversation;

  conversation_start (&conversation, ask_without_reading, NULL);
  read_error (conversation.stream, OAK_ERROR_PROTOCOL);
  conversation_finish (&conversation);
}

static void
send_response (FakeDevice *device,
               const OakXlinkEvent *request,
               gint32 id,
               guint32 type,
               guint32 flags)
{
  OakXlinkEvent response = { .id = id,
                             .type = type,
                             .stream_name = "leftover",
                             .stream_id = 12345,
                             .size = G_MAXUINT32,
                             .flags = flags };

  fake_device_send (device, &response, NULL);
}

/* Wrong numbers, wrong types and repeated answers around the right one, all with leftovers in their
 * fields. */
static void
answer_oddly (FakeDevice *device, gpointer user_data)
{
  const guint32 ack = OAK_XLINK_FLAG_ACK;
  OakXlinkEvent write;

  accept_session (device);
  fake_device_request (device, OAK_XLINK_EVENT_READ_REL_REQ, NULL, 17, 4, NULL);
  fake_device_expect (device, OAK_XLINK_EVENT_WRITE_REQ, &write);
  send_response (device, &write, write.id + 1, OAK_XLINK_EVENT_WRITE_RESP, ack);
  send_response (device, &write, -write.id, OAK_XLINK_EVENT_WRITE_RESP, ack);
  send_response (device, &write, write.id, OAK_XLINK_EVENT_PING_RESP, ack);
  send_response (device, &write, write.id, OAK_XLINK_EVENT_RESET_RESP, 0);
  fake_device_reach (device);
  fake_device_wait_to_proceed (device);
  send_response (device, &write, write.id, OAK_XLINK_EVENT_WRITE_RESP, ack);
  send_response (device, &write, write.id, OAK_XLINK_EVENT_WRITE_RESP, 0);
  fake_device_request (device, OAK_XLINK_EVENT_READ_REL_REQ, NULL, 0, write.size, NULL);
  fake_device_serve (device);
}

static gpointer
proceed_later (gpointer data)
{
  fake_device_wait_until_reached (data);
  g_usleep (SHORT_MS * 1000);
  fake_device_proceed (data);
  return GINT_TO_POINTER (TRUE);
}

static void
test_only_the_right_answer_counts (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  OakTimeouts timeouts;
  GThread *thread = NULL;
  LogCounter log;
  gint64 start_us = 0;

  log_counter_init (&log);
  patient_timeouts_init (&timeouts);
  conversation_start_full (&conversation, answer_oddly, NULL, &timeouts, &log.report);
  thread = g_thread_new ("proceed", proceed_later, conversation.device);
  start_us = g_get_monotonic_time ();
  write_packet (conversation.stream, 10, 0);
  g_assert_cmpint (g_get_monotonic_time () - start_us, >=, SHORT_MS * 1000);
  g_thread_join (thread);

  g_assert_true (
      oak_xlink_stream_drain (conversation.stream, test_deadline (LONG_MS), NULL, &error));
  g_assert_no_error (error);
  g_assert_true (oak_xlink_session_reset (conversation.session, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (log_counter_count (&log, "debug", "answers nothing"), ==, 5);
  g_assert_cmpuint (log_counter_count (&log, "debug", "unknown stream 17"), ==, 1);
  conversation_finish (&conversation);
  log_counter_clear (&log);
}

static void
refuse_a_packet (FakeDevice *device, gpointer user_data)
{
  OakXlinkEvent write;

  accept_session (device);
  fake_device_expect (device, OAK_XLINK_EVENT_WRITE_REQ, &write);
  send_response (device, &write, write.id, OAK_XLINK_EVENT_WRITE_RESP, OAK_XLINK_FLAG_NACK);
  fake_device_serve (device);
}

static void
test_refused_packet_is_an_error (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packet = make_packet (10, 0);

  conversation_start (&conversation, refuse_a_packet, NULL);
  g_assert_false (
      oak_xlink_stream_write (conversation.stream, packet, test_deadline (LONG_MS), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_REFUSED);
  conversation_finish (&conversation);
}

/* More odd answers than anybody wants to read. */
static void
answer_what_nobody_asked (FakeDevice *device, gpointer user_data)
{
  OakXlinkEvent write;

  accept_session (device);
  fake_device_expect (device, OAK_XLINK_EVENT_WRITE_REQ, &write);
  for (gint32 i = 0; i < 10000; i++)
    send_response (device, &write, i + 100000, OAK_XLINK_EVENT_WRITE_RESP, OAK_XLINK_FLAG_ACK);
  fake_device_answer (device, &write);
  fake_device_serve (device);
}

static void
test_log_of_oddities_is_bounded (void)
{
  Conversation conversation;
  OakTimeouts timeouts;
  LogCounter log;

  log_counter_init (&log);
  patient_timeouts_init (&timeouts);
  conversation_start_full (&conversation, answer_what_nobody_asked, NULL, &timeouts, &log.report);
  write_packet (conversation.stream, 10, 0);
  g_assert_cmpuint (log.lines->len, <=, 20);
  g_assert_cmpuint (log_counter_count (&log, "debug", "not logged"), ==, 1);
  conversation_finish (&conversation);
  log_counter_clear (&log);
}

static void
open_a_stream_without_a_name (FakeDevice *device, gpointer user_data)
{
  OakXlinkEvent answer;

  accept_session (device);
  fake_device_request (device,
                       OAK_XLINK_EVENT_CREATE_STREAM_REQ,
                       NULL,
                       OAK_XLINK_INVALID_STREAM_ID,
                       64,
                       NULL);
  fake_device_expect (device, OAK_XLINK_EVENT_CREATE_STREAM_RESP, &answer);
  g_assert_cmphex (answer.flags, ==, OAK_XLINK_FLAG_SIZE_TOO_BIG);
  g_assert_cmphex (answer.stream_id, ==, OAK_XLINK_INVALID_STREAM_ID);
  fake_device_reach (device);
  fake_device_serve (device);
}

static void
test_stream_without_a_name_is_refused (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, open_a_stream_without_a_name, NULL);
  fake_device_wait_until_reached (conversation.device);
  g_assert_true (oak_xlink_session_reset (conversation.session, &error));
  g_assert_no_error (error);
  conversation_finish (&conversation);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++) {
    g_autofree char *path =
        g_strdup_printf ("/xlink/misbehaviour/ends-the-session/%s", nonsense[i].claim);

    g_test_add_data_func (path, &nonsense[i], test_nonsense_ends_the_session);
  }
  g_test_add_func ("/xlink/misbehaviour/garbage-ends-the-session", test_garbage_ends_the_session);
  g_test_add_func ("/xlink/misbehaviour/releases-must-add-up", test_releases_must_add_up);
  g_test_add_func ("/xlink/misbehaviour/questions-without-end-end-the-session",
                   test_questions_without_end_end_the_session);
  g_test_add_func ("/xlink/misbehaviour/only-the-right-answer-counts",
                   test_only_the_right_answer_counts);
  g_test_add_func ("/xlink/misbehaviour/refused-packet-is-an-error",
                   test_refused_packet_is_an_error);
  g_test_add_func ("/xlink/misbehaviour/log-of-oddities-is-bounded",
                   test_log_of_oddities_is_bounded);
  g_test_add_func ("/xlink/misbehaviour/stream-without-a-name-is-refused",
                   test_stream_without_a_name_is_refused);

  return g_test_run ();
}
