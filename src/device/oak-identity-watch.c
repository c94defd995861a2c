/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-identity-watch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "oak-discovery-datagram.h"
#include "oak-error.h"
#include "oak-network.h"

/* Asks and listens at one address, for the connector (bootloader.md, hazard H1). Answers from any
 * other address never count as answers to a question: they are only looked at when a camera is
 * searched by its id. Worker thread. */

/* A datagram may be lost; a question may be repeated. */
#define REPEAT_MS 200
/* Two ids are one too many already; more are not remembered. */
#define MAX_HEARD 8
/* A flood must not keep us from our deadlines. */
#define MAX_DATAGRAMS 1024

typedef struct {
  guint32 address;
  OakDiscoveryReply reply;
} HeardReply;

struct _OakIdentityWatch {
  OakNetworkScope scope;
  OakTimeouts timeouts;
  int socket_fd;
  guint32 address;
  GArray *heard; /* (owned) of OakIdentity */
};

static void
identity_clear (gpointer data)
{
  OakIdentity *identity = data;

  g_free (identity->mxid);
}

OakIdentityWatch *
oak_identity_watch_new (OakNetworkScope scope, const OakTimeouts *timeouts, GError **error)
{
  int socket_fd = oak_network_open_socket (scope, NULL, error);
  OakIdentityWatch *self = NULL;

  if (socket_fd < 0)
    return NULL;

  self = g_new0 (OakIdentityWatch, 1);
  self->scope = scope;
  self->timeouts = *timeouts;
  self->socket_fd = socket_fd;
  self->heard = g_array_new (FALSE, FALSE, sizeof (OakIdentity));
  g_array_set_clear_func (self->heard, identity_clear);
  return self;
}

void
oak_identity_watch_free (OakIdentityWatch *self)
{
  if (self == NULL)
    return;
  close (self->socket_fd);
  g_array_unref (self->heard);
  g_free (self);
}

void
oak_identity_watch_set_address (OakIdentityWatch *self, guint32 address)
{
  if (self->address == address)
    return;
  self->address = address;
  g_array_set_size (self->heard, 0);
}

static void
remember (OakIdentityWatch *self, const OakDiscoveryReply *reply)
{
  OakIdentity identity = { .state = reply->state, .platform = reply->platform };

  for (guint i = 0; i < self->heard->len; i++) {
    OakIdentity *known = &g_array_index (self->heard, OakIdentity, i);

    if (strcmp (known->mxid, reply->mxid) == 0) {
      known->state = reply->state;
      known->platform = reply->platform;
      return;
    }
  }
  if (self->heard->len >= MAX_HEARD)
    return;
  identity.mxid = g_strdup (reply->mxid);
  g_array_append_val (self->heard, identity);
}

/* Takes the next valid reply without waiting, and remembers it when it came from the address.
 * Returns: FALSE when nothing more waits; @left counts what may still be looked at. */
static gboolean
take_reply (OakIdentityWatch *self, HeardReply *heard, guint *left)
{
  while (*left > 0) {
    guint8 buffer[OAK_NETWORK_DATAGRAM_SIZE];
    gssize size = oak_network_receive (self->socket_fd, self->scope, buffer, &heard->address);

    (*left)--;
    if (size < 0)
      return FALSE;
    if (size == 0 || !oak_discovery_reply_decode (&heard->reply, buffer, (gsize) size, NULL))
      continue;
    if (heard->address == self->address)
      remember (self, &heard->reply);
    return TRUE;
  }
  return FALSE;
}

/* Returns: TRUE when anybody at the address was heard. */
static gboolean
look_at_what_waits (OakIdentityWatch *self)
{
  guint left = MAX_DATAGRAMS;
  gboolean any = FALSE;
  HeardReply heard;

  while (take_reply (self, &heard, &left))
    any |= heard.address == self->address;
  return any;
}

/* Returns: FALSE when cancelled. */
static gboolean
wait_for_datagram (OakIdentityWatch *self,
                   gint64 deadline_us,
                   GCancellable *cancellable,
                   GError **error)
{
  GPollFD cancel_fd = { .fd = -1 };
  gboolean has_cancel_fd =
      cancellable != NULL && g_cancellable_make_pollfd (cancellable, &cancel_fd);
  struct pollfd fds[] = { { .fd = self->socket_fd, .events = POLLIN },
                          { .fd = cancel_fd.fd, .events = POLLIN } };
  gint64 left_us = deadline_us - g_get_monotonic_time ();
  struct timespec left = { 0 };

  if (left_us > 0) {
    left.tv_sec = left_us / G_USEC_PER_SEC;
    left.tv_nsec = left_us % G_USEC_PER_SEC * 1000;
    (void) ppoll (fds, has_cancel_fd ? 2 : 1, &left, NULL);
  }
  if (has_cancel_fd)
    g_cancellable_release_fd (cancellable);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static void
send_question (OakIdentityWatch *self)
{
  g_autoptr (GError) local_error = NULL;

  if (!oak_network_send (self->socket_fd,
                         self->scope,
                         NULL,
                         self->address,
                         OAK_DISCOVERY_COMMAND_DISCOVER,
                         &local_error))
    g_debug ("%s", local_error->message);
}

/* Listens at the address until @deadline_us. @stop_at_first: or until somebody is heard there. */
static gboolean
listen_until (OakIdentityWatch *self,
              gint64 deadline_us,
              gboolean stop_at_first,
              gboolean *heard_any,
              GCancellable *cancellable,
              GError **error)
{
  do {
    if (!wait_for_datagram (self, deadline_us, cancellable, error))
      return FALSE;
    *heard_any |= look_at_what_waits (self);
  } while (!oak_deadline_has_passed (deadline_us) && !(stop_at_first && *heard_any));
  return TRUE;
}

gboolean
oak_identity_watch_ask (OakIdentityWatch *self,
                        OakAskFlags flags,
                        GCancellable *cancellable,
                        GError **error)
{
  gint64 deadline_us = oak_deadline_in_ms (self->timeouts.discovery_answer_ms);
  gboolean answered = FALSE;

  /* What waits was said before the question and is no answer to it, but it is remembered. */
  look_at_what_waits (self);

  while (!answered && !oak_deadline_has_passed (deadline_us)) {
    send_question (self);
    if (!listen_until (self,
                       MIN (deadline_us, oak_deadline_in_ms (REPEAT_MS)),
                       TRUE,
                       &answered,
                       cancellable,
                       error))
      return FALSE;
  }
  if (!answered) {
    g_autofree char *address = oak_network_format_address (self->address);

    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_UNREACHABLE,
                 "no camera answers at %s: check power, cable, and that this computer is in the "
                 "same network",
                 address);
    return FALSE;
  }

  if (flags == OAK_ASK_FIRST_ANSWER)
    return TRUE;
  return listen_until (self,
                       oak_deadline_in_ms (self->timeouts.discovery_settle_ms),
                       FALSE,
                       &answered,
                       cancellable,
                       error);
}

void
oak_identity_watch_forget (OakIdentityWatch *self)
{
  look_at_what_waits (self);
  g_array_set_size (self->heard, 0);
}

guint
oak_identity_watch_get_n_heard (OakIdentityWatch *self)
{
  return self->heard->len;
}

const OakIdentity *
oak_identity_watch_get_heard (OakIdentityWatch *self, guint index)
{
  g_return_val_if_fail (index < self->heard->len, NULL);

  return &g_array_index (self->heard, OakIdentity, index);
}

gboolean
oak_identity_watch_send_reset (OakIdentityWatch *self, GError **error)
{
  return oak_network_send (self->socket_fd,
                           self->scope,
                           NULL,
                           self->address,
                           OAK_DISCOVERY_COMMAND_RESET,
                           error);
}

static void
broadcast_question (OakIdentityWatch *self)
{
  g_autoptr (GArray) interfaces = oak_network_list_interfaces (self->scope, NULL, NULL);

  for (guint i = 0; interfaces != NULL && i < interfaces->len; i++)
    oak_network_broadcast (self->socket_fd,
                           self->scope,
                           &g_array_index (interfaces, OakNetworkInterface, i));
}

static gboolean
take_reply_of (OakIdentityWatch *self, const char *mxid, guint32 *address, OakIdentity *identity)
{
  guint left = MAX_DATAGRAMS;
  gboolean found = FALSE;
  HeardReply heard;

  while (take_reply (self, &heard, &left)) {
    if (strcmp (heard.reply.mxid, mxid) != 0)
      continue;
    *address = heard.address;
    identity->state = heard.reply.state;
    identity->platform = heard.reply.platform;
    found = TRUE;
  }
  return found;
}

gboolean
oak_identity_watch_search (OakIdentityWatch *self,
                           const char *mxid,
                           gboolean broadcast,
                           guint timeout_ms,
                           guint32 *address,
                           OakIdentity *identity,
                           GCancellable *cancellable,
                           GError **error)
{
  gint64 deadline_us = oak_deadline_in_ms (timeout_ms);

  send_question (self);
  if (broadcast)
    broadcast_question (self);

  do {
    if (!wait_for_datagram (self, deadline_us, cancellable, error))
      return FALSE;
    if (take_reply_of (self, mxid, address, identity))
      return TRUE;
  } while (!oak_deadline_has_passed (deadline_us));
  return FALSE;
}
