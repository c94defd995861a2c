/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "oak-error.h"
#include "oak-stream-link.h"
#include "oak-types.h"
#include "test-support.h"

/* OakStreamLink against sockets of this process, all of them on the loopback. */

#define LONG_MS  20000
#define SHORT_MS 50

/* A listening socket on 127.0.0.1. Returns: its descriptor. */
static int
listen_on_loopback (int backlog, guint16 *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (fd, backlog));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &address, &size));
  *port = ntohs (address.sin_port);
  return fd;
}

/* A link and the other end of its connection. */
static OakLink *
connect_pair (int *peer)
{
  g_autoptr (GError) error = NULL;
  guint16 port = 0;
  int listener = listen_on_loopback (1, &port);
  OakLink *link =
      oak_stream_link_connect ("127.0.0.1", port, TRUE, test_deadline (LONG_MS), NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (link);
  *peer = accept (listener, NULL, NULL);
  g_assert_cmpint (*peer, >=, 0);
  close (listener);
  return link;
}

static void
read_exactly (int fd, void *buffer, gsize size)
{
  gsize offset = 0;

  while (offset < size) {
    gssize received = recv (fd, (char *) buffer + offset, size - offset, 0);

    g_assert_cmpint (received, >, 0);
    offset += received;
  }
}

static void
fill (guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 7 + i / 251);
}

static void
test_carries_bytes_both_ways (void)
{
  g_autoptr (GError) error = NULL;
  int peer = -1;
  g_autoptr (OakLink) link = connect_pair (&peer);
  GOutputVector vectors[] = { { "head", 4 }, { NULL, 0 }, { "payload", 7 } };
  char buffer[12] = "";

  g_assert_true (g_str_has_prefix (oak_link_get_description (link), "127.0.0.1:"));
  g_assert_true (oak_link_write_all (link, vectors, 3, test_deadline (LONG_MS), NULL, &error));
  g_assert_no_error (error);
  read_exactly (peer, buffer, 11);
  g_assert_cmpstr (buffer, ==, "headpayload");

  /* The answer comes in two parts with a pause. */
  g_assert_cmpint (send (peer, "ans", 3, 0), ==, 3);
  g_usleep (20000);
  g_assert_cmpint (send (peer, "wer", 3, 0), ==, 3);
  memset (buffer, 0, sizeof buffer);
  g_assert_true (oak_link_read_all (link, buffer, 6, test_deadline (LONG_MS), NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (buffer, ==, "answer");
  close (peer);
}

typedef struct {
  int fd;
  guint8 *bytes;
  gsize size;
} Sink;

static gpointer
sink_run (gpointer data)
{
  Sink *sink = data;

  read_exactly (sink->fd, sink->bytes, sink->size);
  return NULL;
}

static void
test_large_scattered_write_arrives_whole (void)
{
  g_autoptr (GError) error = NULL;
  gsize size = 9 * OAK_MIB + 13;
  g_autofree guint8 *sent = g_malloc (size);
  g_autofree guint8 *received = g_malloc0 (size);
  int peer = -1;
  g_autoptr (OakLink) link = connect_pair (&peer);
  Sink sink = { peer, received, size };
  GThread *thread = g_thread_new ("sink", sink_run, &sink);
  GOutputVector vectors[] = { { sent, 84 },
                              { sent + 84, 5 * OAK_MIB },
                              { sent + 84 + 5 * OAK_MIB, size - 84 - 5 * OAK_MIB } };

  fill (sent, size);
  g_assert_true (oak_link_write_all (link, vectors, 3, test_deadline (LONG_MS), NULL, &error));
  g_assert_no_error (error);
  g_thread_join (thread);
  g_assert_cmpmem (received, size, sent, size);
  close (peer);
}

static void
test_refused_is_unreachable (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakLink) link = NULL;
  guint16 port = 0;
  int listener = listen_on_loopback (1, &port);

  close (listener);
  link = oak_stream_link_connect ("127.0.0.1", port, FALSE, test_deadline (LONG_MS), NULL, &error);
  g_assert_null (link);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "refused"));
}

/* No connection can be made to the broadcast address: the kernel says so without sending anything.
 */
static void
test_no_route_is_unreachable (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakLink) link = oak_stream_link_connect ("255.255.255.255",
                                                      11490,
                                                      FALSE,
                                                      test_deadline (LONG_MS),
                                                      NULL,
                                                      &error);

  g_assert_null (link);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
}

/* A listener whose queue is full drops what comes, like a host that is not there. */
typedef struct {
  int listener;
  int clients[8];
  guint16 port;
} SilentHost;

static void
silent_host_start (SilentHost *self)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };

  self->listener = listen_on_loopback (0, &self->port);
  address.sin_port = htons (self->port);
  for (guint i = 0; i < G_N_ELEMENTS (self->clients); i++) {
    self->clients[i] = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    g_assert_cmpint (self->clients[i], >=, 0);
    (void) connect (self->clients[i], (struct sockaddr *) &address, sizeof address);
  }
}

static void
silent_host_stop (SilentHost *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->clients); i++)
    close (self->clients[i]);
  close (self->listener);
}

static void
test_silent_host_ends_at_the_deadline (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakLink) link = NULL;
  gint64 start_us = g_get_monotonic_time ();
  SilentHost host;

  silent_host_start (&host);
  link = oak_stream_link_connect ("127.0.0.1",
                                  host.port,
                                  TRUE,
                                  start_us + SHORT_MS * 1000,
                                  NULL,
                                  &error);
  g_assert_null (link);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time (), <, test_deadline (LONG_MS));
  silent_host_stop (&host);
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (SHORT_MS * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_connecting_can_be_cancelled (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (OakLink) link = NULL;
  GThread *thread = NULL;
  SilentHost host;

  silent_host_start (&host);
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  link = oak_stream_link_connect ("127.0.0.1",
                                  host.port,
                                  TRUE,
                                  OAK_LINK_NO_DEADLINE,
                                  cancellable,
                                  &error);
  g_assert_null (link);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  silent_host_stop (&host);
}

static void
test_loopback_only_refuses_before_a_socket_exists (void)
{
  const char *addresses[] = { "192.168.1.222", "169.254.1.222",   "128.0.0.1",
                              "0.0.0.0",       "126.255.255.255", "255.255.255.255" };
  struct rlimit limit = { 0 };
  struct rlimit none = { 0 };

  /* With no descriptor to be had, anybody who makes a socket fails with another error. */
  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  none.rlim_max = limit.rlim_max;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &none));
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (OakLink) link =
        oak_stream_link_connect (addresses[i], 11490, TRUE, test_deadline (LONG_MS), NULL, &error);

    g_assert_null (link);
    g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
    g_assert_nonnull (strstr (error->message, "outside of this computer"));
  }
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
}

static void
test_whole_loopback_network_is_allowed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakLink) link = NULL;
  guint16 port = 0;
  int listener = listen_on_loopback (1, &port);

  /* Nobody listens at 127.45.6.7; but it may be tried. */
  link = oak_stream_link_connect ("127.45.6.7", port, TRUE, test_deadline (LONG_MS), NULL, &error);
  g_assert_null (link);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "refused"));
  close (listener);
}

static void
test_only_whole_addresses_are_addresses (void)
{
  const char *addresses[] = { "",           "1.2.3", "127.1",       "localhost", "127.0.0.1:11490",
                              "127.0.0.1 ", "::1",   "127.0.0.256", "2130706433" };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (OakLink) link =
        oak_stream_link_connect (addresses[i], 11490, FALSE, test_deadline (LONG_MS), NULL, &error);

    g_assert_null (link);
    g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
    g_assert_nonnull (strstr (error->message, "not an IPv4 address"));
  }
}

static void
test_descriptor_that_is_no_socket_is_refused (void)
{
  g_autoptr (GError) error = NULL;
  TestResources before;

  test_resources_take (&before);
  g_assert_null (
      oak_stream_link_new_for_fd (g_open ("/dev/null", O_RDWR | O_CLOEXEC), "null", &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
  test_resources_assert_equal (&before);
}

static void
test_reading_ends_at_the_deadline (void)
{
  g_autoptr (GError) error = NULL;
  int peer = -1;
  g_autoptr (OakLink) link = connect_pair (&peer);
  char buffer[4];

  /* Three of four bytes are not enough. */
  g_assert_cmpint (send (peer, "abc", 3, 0), ==, 3);
  g_assert_false (
      oak_link_read_all (link, buffer, 4, g_get_monotonic_time () + SHORT_MS * 1000, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  close (peer);
}

static gboolean
write_for_ever (OakLink *link, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *bytes = g_malloc0 (64 * OAK_MIB);
  GOutputVector vector = { bytes, 64 * OAK_MIB };

  return oak_link_write_all (link, &vector, 1, deadline_us, cancellable, error);
}

static void
test_writing_ends_at_the_deadline (void)
{
  g_autoptr (GError) error = NULL;
  int peer = -1;
  g_autoptr (OakLink) link = connect_pair (&peer);

  g_assert_false (write_for_ever (link, g_get_monotonic_time () + SHORT_MS * 1000, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  close (peer);
}

static void
test_reading_and_writing_can_be_cancelled (void)
{
  int peer = -1;
  g_autoptr (OakLink) link = connect_pair (&peer);
  char buffer[4];

  for (guint i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

    if (i == 0)
      g_assert_false (oak_link_read_all (link, buffer, 4, 0, cancellable, &error));
    else
      g_assert_false (write_for_ever (link, 0, cancellable, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_thread_join (thread);
  }
  close (peer);
}

static gpointer
read_for_ever (gpointer data)
{
  GError *error = NULL;
  char buffer[4];

  g_assert_false (oak_link_read_all (data, buffer, 4, 0, NULL, &error));
  return error;
}

static gpointer
write_for_ever_thread (gpointer data)
{
  GError *error = NULL;

  g_assert_false (write_for_ever (data, 0, NULL, &error));
  return error;
}

static void
test_closing_wakes_both_sides (void)
{
  g_autoptr (GError) read_error = NULL;
  g_autoptr (GError) write_error = NULL;
  int peer = -1;
  g_autoptr (OakLink) link = connect_pair (&peer);
  GThread *reader = g_thread_new ("read", read_for_ever, link);
  GThread *writer = g_thread_new ("write", write_for_ever_thread, link);

  g_usleep (SHORT_MS * 1000);
  g_assert_false (oak_link_is_closed (link));
  oak_link_close (link);
  oak_link_close (link);
  g_assert_true (oak_link_is_closed (link));
  read_error = g_thread_join (reader);
  write_error = g_thread_join (writer);
  g_assert_error (read_error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  g_assert_error (write_error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  g_assert_cmpstr (read_error->message, ==, "the link was closed");
  g_assert_cmpstr (write_error->message, ==, "the link was closed");
  close (peer);
}

static void
test_closed_link_does_nothing_more (void)
{
  g_autoptr (GError) error = NULL;
  int peer = -1;
  g_autoptr (OakLink) link = connect_pair (&peer);
  char buffer[4];

  g_assert_cmpint (send (peer, "abcd", 4, 0), ==, 4);
  oak_link_close (link);
  g_assert_false (oak_link_read_all (link, buffer, 4, 0, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  close (peer);
}

static void
test_end_of_file_is_disconnected (void)
{
  g_autoptr (GError) error = NULL;
  int peer = -1;
  g_autoptr (OakLink) link = connect_pair (&peer);
  char buffer[4] = "";

  /* What was sent before the end is still there. */
  g_assert_cmpint (send (peer, "abcdef", 6, 0), ==, 6);
  close (peer);
  g_assert_true (oak_link_read_all (link, buffer, 4, test_deadline (LONG_MS), NULL, &error));
  g_assert_no_error (error);
  g_assert_false (oak_link_read_all (link, buffer, 4, test_deadline (LONG_MS), NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
}

static void
test_reset_is_disconnected (void)
{
  int peer = -1;
  g_autoptr (OakLink) link = connect_pair (&peer);
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };
  g_autoptr (GError) write_error = NULL;
  g_autoptr (GError) read_error = NULL;
  char buffer[4];

  g_assert_no_errno (setsockopt (peer, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
  close (peer);
  g_assert_false (write_for_ever (link, test_deadline (LONG_MS), NULL, &write_error));
  g_assert_error (write_error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  g_assert_false (oak_link_read_all (link, buffer, 4, test_deadline (LONG_MS), NULL, &read_error));
  g_assert_error (read_error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
}

static void
test_nothing_is_left_behind (void)
{
  TestResources before;

  test_refused_is_unreachable ();
  test_connecting_can_be_cancelled ();
  test_closing_wakes_both_sides ();
  test_resources_take (&before);
  for (guint i = 0; i < 5; i++) {
    test_refused_is_unreachable ();
    test_no_route_is_unreachable ();
    test_silent_host_ends_at_the_deadline ();
    test_connecting_can_be_cancelled ();
    test_reading_and_writing_can_be_cancelled ();
    test_closing_wakes_both_sides ();
    test_reset_is_disconnected ();
    test_loopback_only_refuses_before_a_socket_exists ();
  }
  test_resources_assert_equal (&before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/link/stream/carries-bytes-both-ways", test_carries_bytes_both_ways);
  g_test_add_func ("/link/stream/large-scattered-write-arrives-whole",
                   test_large_scattered_write_arrives_whole);
  g_test_add_func ("/link/stream/refused-is-unreachable", test_refused_is_unreachable);
  g_test_add_func ("/link/stream/no-route-is-unreachable", test_no_route_is_unreachable);
  g_test_add_func ("/link/stream/silent-host-ends-at-the-deadline",
                   test_silent_host_ends_at_the_deadline);
  g_test_add_func ("/link/stream/connecting-can-be-cancelled", test_connecting_can_be_cancelled);
  g_test_add_func ("/link/stream/loopback-only-refuses-before-a-socket-exists",
                   test_loopback_only_refuses_before_a_socket_exists);
  g_test_add_func ("/link/stream/whole-loopback-network-is-allowed",
                   test_whole_loopback_network_is_allowed);
  g_test_add_func ("/link/stream/only-whole-addresses-are-addresses",
                   test_only_whole_addresses_are_addresses);
  g_test_add_func ("/link/stream/descriptor-that-is-no-socket-is-refused",
                   test_descriptor_that_is_no_socket_is_refused);
  g_test_add_func ("/link/stream/reading-ends-at-the-deadline", test_reading_ends_at_the_deadline);
  g_test_add_func ("/link/stream/writing-ends-at-the-deadline", test_writing_ends_at_the_deadline);
  g_test_add_func ("/link/stream/reading-and-writing-can-be-cancelled",
                   test_reading_and_writing_can_be_cancelled);
  g_test_add_func ("/link/stream/closing-wakes-both-sides", test_closing_wakes_both_sides);
  g_test_add_func ("/link/stream/closed-link-does-nothing-more",
                   test_closed_link_does_nothing_more);
  g_test_add_func ("/link/stream/end-of-file-is-disconnected", test_end_of_file_is_disconnected);
  g_test_add_func ("/link/stream/reset-is-disconnected", test_reset_is_disconnected);
  g_test_add_func ("/link/stream/nothing-is-left-behind", test_nothing_is_left_behind);

  return g_test_run ();
}
