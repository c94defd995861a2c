/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-support.h"

/* Opening a session and its streams, with a camera that keeps to the protocol. */

static void
serve (FakeDevice *device, gpointer user_data)
{
  fake_device_serve (device);
}

static void
test_opens_streams_and_resets (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, serve, NULL);
  g_assert_cmpstr (oak_xlink_stream_get_name (conversation.stream), ==, "s");
  g_assert_cmpuint (oak_xlink_stream_get_id (conversation.stream), ==, 0);
  g_assert_cmpstr (oak_xlink_session_get_description (conversation.session), ==, "fake camera");
  g_assert_true (oak_xlink_session_is_up (conversation.session, &error));
  g_assert_no_error (error);

  g_assert_true (oak_xlink_session_reset (conversation.session, &error));
  g_assert_no_error (error);
  g_assert_false (oak_xlink_session_is_up (conversation.session, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  conversation_finish (&conversation);
}

static void
test_ids_count_up_from_zero (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;

  conversation_start (&conversation, serve, NULL);
  for (guint i = 1; i < OAK_XLINK_MAX_STREAMS; i++) {
    g_autofree char *name = g_strdup_printf ("stream %u", i);
    OakXlinkStream *stream =
        oak_xlink_session_open_stream (conversation.session, name, 1, NULL, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (oak_xlink_stream_get_id (stream), ==, i);
  }

  g_assert_true (oak_xlink_session_open_stream (conversation.session, "s", 1, NULL, &error) ==
                 conversation.stream);
  g_assert_null (oak_xlink_session_open_stream (conversation.session, "one more", 1, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  conversation_finish (&conversation);
}

/* The camera's CREATE of the same name comes before it answers ours, and the other way round; then
 * one of a name we do not know. */
static void
cross (FakeDevice *device, gpointer user_data)
{
  gboolean own_first = GPOINTER_TO_INT (user_data);
  OakXlinkEvent create;
  OakXlinkEvent answer;

  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_PING_REQ);
  fake_device_expect (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ, &create);
  g_assert_cmpuint (create.size, ==, STREAM_SIZE);
  if (!own_first)
    fake_device_answer (device, &create);
  fake_device_request (device,
                       OAK_XLINK_EVENT_CREATE_STREAM_REQ,
                       "s",
                       OAK_XLINK_INVALID_STREAM_ID,
                       5242880,
                       NULL);
  if (own_first)
    fake_device_answer (device, &create);

  fake_device_wait_for (device, OAK_XLINK_EVENT_CREATE_STREAM_RESP, &answer);
  g_assert_cmpuint (answer.stream_id, ==, create.stream_id);
  g_assert_cmpstr (answer.stream_name, ==, "s");
  g_assert_cmpuint (answer.size, ==, 5242880);
  g_assert_cmpuint (answer.flags, ==, OAK_XLINK_FLAG_ACK);

  fake_device_request (device,
                       OAK_XLINK_EVENT_CREATE_STREAM_REQ,
                       "of the camera",
                       OAK_XLINK_INVALID_STREAM_ID,
                       64,
                       NULL);
  fake_device_wait_for (device, OAK_XLINK_EVENT_CREATE_STREAM_RESP, &answer);
  g_assert_cmpuint (answer.stream_id, ==, create.stream_id + 1);
  fake_device_reach (device);
  fake_device_serve (device);
}

static void
test_crossing_creates_share_one_id (gconstpointer own_first)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  OakXlinkStream *stream = NULL;

  conversation_start (&conversation, cross, (gpointer) own_first);
  /* May come before or after the camera's own CREATE of that name. */
  stream = oak_xlink_session_open_stream (conversation.session,
                                          "of the camera",
                                          STREAM_SIZE,
                                          NULL,
                                          &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oak_xlink_stream_get_id (stream), ==, 1);
  fake_device_wait_until_reached (conversation.device);
  conversation_finish (&conversation);
}

static void
open_streams_before_the_host (FakeDevice *device, gpointer user_data)
{
  OakXlinkEvent answer;

  fake_device_expect_and_answer (device, OAK_XLINK_EVENT_PING_REQ);
  for (guint i = 0; i <= OAK_XLINK_MAX_STREAMS; i++) {
    g_autofree char *name = g_strdup_printf ("%u", i);

    fake_device_request (device,
                         OAK_XLINK_EVENT_CREATE_STREAM_REQ,
                         name,
                         OAK_XLINK_INVALID_STREAM_ID,
                         64,
                         NULL);
    fake_device_expect (device, OAK_XLINK_EVENT_CREATE_STREAM_RESP, &answer);
    if (i < OAK_XLINK_MAX_STREAMS) {
      g_assert_cmpuint (answer.stream_id, ==, i);
      continue;
    }
    g_assert_cmphex (answer.stream_id, ==, OAK_XLINK_INVALID_STREAM_ID);
    g_assert_cmphex (answer.flags, ==, OAK_XLINK_FLAG_SIZE_TOO_BIG);
  }
}

static void
test_too_many_streams_of_the_camera_are_refused (void)
{
  g_autoptr (GError) error = NULL;
  FakeDevice *device = fake_device_start (open_streams_before_the_host, NULL);
  OakTimeouts timeouts;
  g_autoptr (OakXlinkSession) session = NULL;

  patient_timeouts_init (&timeouts);
  session = oak_xlink_session_open (fake_device_get_link (device), &timeouts, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oak_xlink_session_wait_for_loss (session, test_deadline (LONG_MS), NULL, &error));
  oak_xlink_session_close (session);
  fake_device_finish (device);
}

static void
refuse_then_accept (FakeDevice *device, gpointer user_data)
{
  OakXlinkEvent create;
  OakXlinkEvent again;
  OakXlinkEvent refusal;

  accept_session (device);
  fake_device_expect (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ, &create);
  refusal = (OakXlinkEvent){ .id = create.id,
                             .type = OAK_XLINK_EVENT_CREATE_STREAM_RESP,
                             .stream_id = OAK_XLINK_INVALID_STREAM_ID,
                             .flags = OAK_XLINK_FLAG_SIZE_TOO_BIG };
  fake_device_send (device, &refusal, NULL);
  fake_device_expect (device, OAK_XLINK_EVENT_CREATE_STREAM_REQ, &again);
  g_assert_cmpuint (again.stream_id, ==, create.stream_id);
  fake_device_answer (device, &again);
  fake_device_serve (device);
}

static void
test_refused_stream_can_be_asked_for_again (void)
{
  Conversation conversation;
  g_autoptr (GError) error = NULL;
  OakXlinkStream *stream = NULL;

  conversation_start (&conversation, refuse_then_accept, NULL);
  stream = oak_xlink_session_open_stream (conversation.session, "other", 65, NULL, &error);
  g_assert_null (stream);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_REFUSED);
  g_clear_error (&error);
  stream = oak_xlink_session_open_stream (conversation.session, "other", 65, NULL, &error);
  g_assert_no_error (error);
  write_packet (stream, 128, 1);
  conversation_finish (&conversation);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/xlink/session/opens-streams-and-resets", test_opens_streams_and_resets);
  g_test_add_func ("/xlink/session/ids-count-up-from-zero", test_ids_count_up_from_zero);
  g_test_add_data_func ("/xlink/session/crossing-creates-share-one-id/answered-first",
                        GINT_TO_POINTER (FALSE),
                        test_crossing_creates_share_one_id);
  g_test_add_data_func ("/xlink/session/crossing-creates-share-one-id/asked-first",
                        GINT_TO_POINTER (TRUE),
                        test_crossing_creates_share_one_id);
  g_test_add_func ("/xlink/session/too-many-streams-of-the-camera-are-refused",
                   test_too_many_streams_of_the_camera_are_refused);
  g_test_add_func ("/xlink/session/refused-stream-can-be-asked-for-again",
                   test_refused_stream_can_be_asked_for_again);

  return g_test_run ();
}
