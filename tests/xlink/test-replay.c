/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bootloader-message.h"
#include "oak-error.h"
#include "oak-xlink-session.h"
#include "oak-xlink-stream.h"
#include "replay-device.h"
#include "test-support.h"

/* Every recorded connection, its device played against our session. The worker does what the
 * recorded host did: it writes the same packets in the same order, and must read the same packets.
 */

#define PATIENCE_MS 30000

typedef struct {
  OakXlinkSession *session;          /* (unowned) */
  OakXlinkStream *stream;            /* (unowned) */
  const TraceConnection *connection; /* (unowned) */
} Host;

static const TraceMessage *
find_from_host (const TraceConnection *connection, guint32 type, const char *stream_name)
{
  for (guint i = 0; i < connection->messages->len; i++) {
    const TraceMessage *message = g_ptr_array_index (connection->messages, i);

    if (message->from_host && message->event.type == type &&
        (stream_name == NULL || g_strcmp0 (message->stream_name, stream_name) == 0))
      return message;
  }

  return NULL;
}

static gboolean
device_answered_reset (const TraceConnection *connection)
{
  for (guint i = 0; i < connection->messages->len; i++) {
    const TraceMessage *message = g_ptr_array_index (connection->messages, i);

    if (!message->from_host && message->event.type == OAK_XLINK_EVENT_RESET_RESP)
      return TRUE;
  }

  return FALSE;
}

static void
play_packet (Host *host, const TraceMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packet = NULL;

  g_assert_nonnull (message->payload);
  if (message->from_host) {
    oak_xlink_stream_write (host->stream,
                            message->payload,
                            test_deadline (PATIENCE_MS),
                            NULL,
                            &error);
    g_assert_no_error (error);
    return;
  }

  packet = oak_xlink_stream_read (host->stream, test_deadline (PATIENCE_MS), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (packet, message->payload));
}

/* Returns: (transfer full): a session with the streams that the recorded host opened. */
static OakXlinkSession *
open_host (Host *host, OakLink *link)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakXlinkSession) session = NULL;
  OakTimeouts timeouts;

  oak_timeouts_init (&timeouts);
  oak_timeouts_scale (&timeouts, 4 * test_slowdown ());
  session = oak_xlink_session_open (link, &timeouts, NULL, NULL, &error);
  g_assert_no_error (error);
  host->session = session;
  host->stream = oak_xlink_session_open_stream (session,
                                                OAK_BOOTLOADER_STREAM,
                                                OAK_BOOTLOADER_PACKET_SIZE,
                                                NULL,
                                                &error);
  g_assert_no_error (error);
  if (find_from_host (host->connection, OAK_XLINK_EVENT_CREATE_STREAM_REQ, OAK_WATCHDOG_STREAM)) {
    oak_xlink_session_start_keep_alive (session, NULL, &error);
    g_assert_no_error (error);
  }

  return g_steal_pointer (&session);
}

/* The device's last packets may be lost on their way back when it drops the link by itself, so the
 * end differs. */
static void
end_host (Host *host)
{
  g_autoptr (GError) error = NULL;

  if (device_answered_reset (host->connection)) {
    oak_xlink_session_reset (host->session, &error);
    g_assert_no_error (error);
    return;
  }

  oak_xlink_session_stop_keep_alive (host->session, TRUE);
  oak_xlink_session_wait_for_loss (host->session, test_deadline (PATIENCE_MS), NULL, &error);
  g_assert_no_error (error);
  g_assert_null (oak_xlink_stream_read (host->stream, test_deadline (PATIENCE_MS), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
}

static void
play_connection (const TraceFile *trace, guint index)
{
  g_autoptr (GError) error = NULL;
  ReplayDevice *device = replay_device_start (trace, index);
  Host host = { .connection = g_ptr_array_index (trace->connections, index) };
  g_autoptr (OakXlinkSession) session = open_host (&host, replay_device_get_link (device));

  for (guint i = 0; i < host.connection->messages->len; i++) {
    const TraceMessage *message = g_ptr_array_index (host.connection->messages, i);

    if (trace_message_is_write (message, OAK_BOOTLOADER_STREAM))
      play_packet (&host, message);
  }

  end_host (&host);
  oak_xlink_session_close (session);
  replay_device_finish (device, &error);
  g_assert_no_error (error);
}

static void
test_trace (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TraceFile) trace = trace_file_load (data, &error);
  TestResources before;

  g_assert_no_error (error);
  test_resources_take (&before);
  for (guint i = 0; i < trace->connections->len; i++)
    play_connection (trace, i);
  test_resources_assert_equal (&before);
}

/* The replaying device must be able to fail: a host that writes something else is found out. */
static void
test_other_packet_is_noticed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) deviation = NULL;
  g_autoptr (TraceFile) trace = trace_file_load ("info-blank.txt", &error);
  g_autoptr (GBytes) packet = g_bytes_new_static ("\x08\0\0\0", 4);
  ReplayDevice *device = replay_device_start (trace, 0);
  Host host = { .connection = g_ptr_array_index (trace->connections, 0) };
  g_autoptr (OakXlinkSession) session = open_host (&host, replay_device_get_link (device));

  g_assert_false (
      oak_xlink_stream_write (host.stream, packet, test_deadline (PATIENCE_MS), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  oak_xlink_session_close (session);
  g_assert_false (replay_device_finish (device, &deviation));
  g_assert_nonnull (strstr (deviation->message, "packet 1 (4 bytes) differs"));
}

static void
test_early_end_is_noticed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) deviation = NULL;
  g_autoptr (TraceFile) trace = trace_file_load ("info-blank.txt", &error);
  ReplayDevice *device = replay_device_start (trace, 0);
  Host host = { .connection = g_ptr_array_index (trace->connections, 0) };
  g_autoptr (OakXlinkSession) session = open_host (&host, replay_device_get_link (device));

  oak_xlink_session_reset (session, NULL);
  g_assert_false (replay_device_finish (device, &deviation));
  g_assert_nonnull (strstr (deviation->message, "RESET after 0 of"));
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) names = trace_file_list ();

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; names[i] != NULL; i++) {
    g_autofree char *path = NULL;

    /* Datagrams; no link in them. */
    if (strcmp (names[i], "discovery-udp.txt") == 0)
      continue;

    path = g_strdup_printf ("/xlink/replay/%.*s", (int) strlen (names[i]) - 4, names[i]);
    g_test_add_data_func (path, names[i], test_trace);
  }
  g_test_add_func ("/xlink/replay/other-packet-is-noticed", test_other_packet_is_noticed);
  g_test_add_func ("/xlink/replay/early-end-is-noticed", test_early_end_is_noticed);

  return g_test_run ();
}
