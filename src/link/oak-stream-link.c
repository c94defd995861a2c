/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-stream-link.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "oak-error.h"

/* A connected stream socket, never blocking by itself: every wait is a poll with the deadline and
 * the cancellable in it. Closing only shuts the connection down, which ends the polls of both
 * sides; the descriptor lives until the last reference is gone, so that nobody can meet another
 * file under its number. Used by one reading and one writing thread. */

/* What the kernel may hold back for us. Everything queued here lies in front of the next
 * keep-alive, which is due every 750 ms (bootloader.md §2.2), and counts as sent in the progress;
 * so it is kept to a fraction of a second on a link of 1 MB/s, while still covering a fast
 * network's round trip. The kernel doubles the number for its own book-keeping. */
#define SEND_BUFFER_SIZE (256 * 1024)

/* Room for what the camera sends while we are busy; it delays nothing. */
#define RECEIVE_BUFFER_SIZE (1024 * 1024)

/* Pieces of a payload that are handed over in one call: large enough to cost nothing, small enough
 * to show progress. */
#define CHUNK_SIZE (256 * 1024)

/* A day: poll () counts milliseconds in an int. */
#define LONGEST_WAIT_US (G_GINT64_CONSTANT (24) * 60 * 60 * G_USEC_PER_SEC)

struct _OakStreamLink {
  OakLink parent_instance;

  GSocket *socket; /* (owned) */
};

G_DEFINE_FINAL_TYPE (OakStreamLink, oak_stream_link, OAK_TYPE_LINK)

/* Turns GIO's view of a broken connection into ours; cancellation passes untouched. */
static gboolean
fail_transfer (GError *local_error, GError **error)
{
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_propagate_error (error, local_error);
    return FALSE;
  }

  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_DISCONNECTED,
                         "connection reset by the camera");
  else if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_DISCONNECTED,
                         "the camera no longer acknowledges what is sent");
  else
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_DISCONNECTED,
                 "connection lost: %s",
                 local_error->message);
  g_error_free (local_error);
  return FALSE;
}

/* Waits until @socket is ready for @condition. A deadline is told apart from the kernel's own
 * time-outs of a connection. */
static gboolean
wait_until_ready (GSocket *socket,
                  GIOCondition condition,
                  gint64 deadline_us,
                  const char *what,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gint64 left_us = -1;

  if (deadline_us != OAK_LINK_NO_DEADLINE)
    left_us = CLAMP (deadline_us - g_get_monotonic_time (), 0, LONGEST_WAIT_US);

  if (g_socket_condition_timed_wait (socket, condition, left_us, cancellable, &local_error))
    return TRUE;

  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)) {
    g_set_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT, "no %s before the deadline", what);
    return FALSE;
  }

  return fail_transfer (g_steal_pointer (&local_error), error);
}

/* A camera that sends an answer in two parts may hold the second back until the first is
 * acknowledged, which our kernel puts off for 40 ms. The kernel forgets this wish soon, so it is
 * said with every read; other sockets than TCP do not know it. */
static void
acknowledge_at_once (OakStreamLink *self)
{
  g_socket_set_option (self->socket, IPPROTO_TCP, TCP_QUICKACK, TRUE, NULL);
}

static gboolean
oak_stream_link_read_all (OakLink *link,
                          void *buffer,
                          gsize size,
                          gint64 deadline_us,
                          GCancellable *cancellable,
                          GError **error)
{
  OakStreamLink *self = OAK_STREAM_LINK (link);
  gsize offset = 0;

  while (offset < size) {
    GError *local_error = NULL;
    gssize received = g_socket_receive (self->socket,
                                        (char *) buffer + offset,
                                        size - offset,
                                        cancellable,
                                        &local_error);

    if (received > 0) {
      offset += received;
      acknowledge_at_once (self);
    } else if (received == 0) {
      g_set_error_literal (error,
                           OAK_ERROR,
                           OAK_ERROR_DISCONNECTED,
                           "the camera closed the connection");
      return FALSE;
    } else if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
      return fail_transfer (local_error, error);
    } else {
      g_clear_error (&local_error);
      if (!wait_until_ready (self->socket, G_IO_IN, deadline_us, "bytes", cancellable, error))
        return FALSE;
    }
  }

  return TRUE;
}

/* Takes @size bytes off the front of @vectors. */
static void
advance (GOutputVector **vectors, guint *n_vectors, gsize size)
{
  while (*n_vectors > 0 && size >= (*vectors)->size) {
    size -= (*vectors)->size;
    (*vectors)++;
    (*n_vectors)--;
  }

  if (*n_vectors > 0) {
    (*vectors)->buffer = (const char *) (*vectors)->buffer + size;
    (*vectors)->size -= size;
  }
}

static gboolean
oak_stream_link_write_all (OakLink *link,
                           const GOutputVector *vectors,
                           guint n_vectors,
                           gint64 deadline_us,
                           GCancellable *cancellable,
                           GError **error)
{
  OakStreamLink *self = OAK_STREAM_LINK (link);
  g_autofree GOutputVector *copy = g_memdup2 (vectors, n_vectors * sizeof *vectors);
  GOutputVector *left = copy;
  guint n_left = n_vectors;

  advance (&left, &n_left, 0);
  while (n_left > 0) {
    GError *local_error = NULL;
    gssize sent = g_socket_send_message (self->socket,
                                         NULL,
                                         left,
                                         n_left,
                                         NULL,
                                         0,
                                         G_SOCKET_MSG_NONE,
                                         cancellable,
                                         &local_error);

    if (sent >= 0) {
      advance (&left, &n_left, sent);
    } else if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
      return fail_transfer (local_error, error);
    } else {
      g_clear_error (&local_error);
      if (!wait_until_ready (self->socket,
                             G_IO_OUT,
                             deadline_us,
                             "room to send",
                             cancellable,
                             error))
        return FALSE;
    }
  }

  return TRUE;
}

/* Any thread. A shut-down socket is ready for reading and writing at once, and stays so. */
static void
oak_stream_link_close (OakLink *link)
{
  OakStreamLink *self = OAK_STREAM_LINK (link);

  (void) shutdown (g_socket_get_fd (self->socket), SHUT_RDWR);
}

static void
oak_stream_link_finalize (GObject *object)
{
  OakStreamLink *self = OAK_STREAM_LINK (object);

  g_clear_object (&self->socket);

  G_OBJECT_CLASS (oak_stream_link_parent_class)->finalize (object);
}

static void
oak_stream_link_class_init (OakStreamLinkClass *klass)
{
  OakLinkClass *link_class = OAK_LINK_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = oak_stream_link_finalize;
  link_class->chunk_size = CHUNK_SIZE;
  link_class->read_all = oak_stream_link_read_all;
  link_class->write_all = oak_stream_link_write_all;
  link_class->close = oak_stream_link_close;
}

static void
oak_stream_link_init (OakStreamLink *self)
{
}

static OakLink *
oak_stream_link_new (GSocket *socket, const char *description)
{
  OakStreamLink *self = g_object_new (OAK_TYPE_STREAM_LINK, "description", description, NULL);

  g_socket_set_blocking (socket, FALSE);
  self->socket = g_object_ref (socket);
  return OAK_LINK (self);
}

/* Buffers must be set before connecting, because the size of the window is agreed upon there. None
 * of these can hurt by failing. There is no limit here for what the camera leaves unacknowledged:
 * one that is busy erasing its flash may neglect its network for long, and it is not for this layer
 * to cut a link that may still be needed to finish a bootloader. */
static void
set_options (GSocket *socket)
{
  g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_SIZE, NULL);
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_SIZE, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
}

/* Returns: (transfer full): NULL with an error when @ipv4 is not an address this program may
 * connect to. */
static GSocketAddress *
parse_address (const char *ipv4, guint16 port, gboolean loopback_only, GError **error)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };

  /* Exactly four numbers: inet_pton () takes no short forms, unlike its elders (xlink.md §10.1). */
  if (inet_pton (AF_INET, ipv4, &address.sin_addr) != 1) {
    g_set_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE, "`%s` is not an IPv4 address", ipv4);
    return NULL;
  }

  if (loopback_only && ntohl (address.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET) {
    g_set_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE, "%s is outside of this computer", ipv4);
    return NULL;
  }

  return g_socket_address_new_from_native (&address, sizeof address);
}

static gboolean
fail_connect (GError *local_error, GError **error)
{
  if (local_error->domain == OAK_ERROR ||
      g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_propagate_error (error, local_error);
    return FALSE;
  }

  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_TIMED_OUT, "nobody answers");
  else if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_UNREACHABLE, "connection refused");
  else
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_UNREACHABLE, local_error->message);
  g_error_free (local_error);
  return FALSE;
}

static gboolean
connect_socket (GSocket *socket,
                GSocketAddress *address,
                gint64 deadline_us,
                GCancellable *cancellable,
                GError **error)
{
  GError *local_error = NULL;

  g_socket_set_blocking (socket, FALSE);
  if (g_socket_connect (socket, address, cancellable, &local_error))
    return TRUE;

  if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_PENDING))
    return fail_connect (local_error, error);

  g_clear_error (&local_error);
  if (!wait_until_ready (socket, G_IO_OUT, deadline_us, "answer", cancellable, error))
    return FALSE;

  if (!g_socket_check_connect_result (socket, &local_error))
    return fail_connect (local_error, error);

  return TRUE;
}

OakLink *
oak_stream_link_connect (const char *ipv4,
                         guint16 port,
                         gboolean loopback_only,
                         gint64 deadline_us,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) local_error = NULL;
  g_autofree char *description = NULL;

  g_return_val_if_fail (ipv4 != NULL, NULL);

  address = parse_address (ipv4, port, loopback_only, error);
  if (address == NULL)
    return NULL;

  description = g_strdup_printf ("%s:%u", ipv4, port);
  socket = g_socket_new (G_SOCKET_FAMILY_IPV4,
                         G_SOCKET_TYPE_STREAM,
                         G_SOCKET_PROTOCOL_TCP,
                         &local_error);
  if (socket == NULL) {
    fail_connect (g_steal_pointer (&local_error), error);
    g_prefix_error (error, "connecting to %s: ", description);
    return NULL;
  }

  set_options (socket);
  if (!connect_socket (socket,
                       address,
                       deadline_us == 0 ? OAK_LINK_NO_DEADLINE : deadline_us,
                       cancellable,
                       error)) {
    g_prefix_error (error, "connecting to %s: ", description);
    return NULL;
  }

  return oak_stream_link_new (socket, description);
}

OakLink *
oak_stream_link_new_for_fd (int fd, const char *description, GError **error)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (description != NULL, NULL);

  socket = g_socket_new_from_fd (fd, &local_error);
  if (socket == NULL) {
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_UNREACHABLE, local_error->message);
    g_close (fd, NULL);
    return NULL;
  }

  return oak_stream_link_new (socket, description);
}
