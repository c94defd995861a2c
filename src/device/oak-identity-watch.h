/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-timeouts.h"
#include "oak-types.h"

G_BEGIN_DECLS

/**
 * OakIdentityWatch:
 *
 * Who is at one address? One socket that is open as long as the watch lives, so that a second id
 * is heard also between two questions. It never opens a connection. Blocking, one worker thread;
 * private to device/.
 */
typedef struct _OakIdentityWatch OakIdentityWatch;

/* What one camera said last. */
typedef struct {
  char *mxid;
  OakDeviceState state;
  guint platform; /* OakDiscoveryPlatform */
} OakIdentity;

OakIdentityWatch *
oak_identity_watch_new (OakNetworkScope scope, const OakTimeouts *timeouts, GError **error);
void
oak_identity_watch_free (OakIdentityWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakIdentityWatch, oak_identity_watch_free)

/* Turns to another address; what was heard at the former one is forgotten. */
void
oak_identity_watch_set_address (OakIdentityWatch *self, guint32 address);

typedef enum {
  OAK_ASK_FIRST_ANSWER, /* the first answer will do; what waits already is looked at as well */
  OAK_ASK_SETTLE,       /* a second camera is given discovery_settle_ms more to show itself */
} OakAskFlags;

/* Asks by unicast at exactly the address, again every 200 ms, until an answer from exactly that
 * address or discovery_answer_ms. Returns: FALSE with OAK_ERROR_UNREACHABLE (silence) or
 * G_IO_ERROR_CANCELLED. */
gboolean
oak_identity_watch_ask (OakIdentityWatch *self,
                        OakAskFlags flags,
                        GCancellable *cancellable,
                        GError **error);

/* Forgets who has been heard at the address, after having looked at what waits. For a new
 * beginning: after a restart another camera may have been there for good reasons. */
void
oak_identity_watch_forget (OakIdentityWatch *self);

/* Everybody heard at the address since the last oak_identity_watch_forget (). */
guint
oak_identity_watch_get_n_heard (OakIdentityWatch *self);
/* Returns: (transfer none): valid until the next call that listens. */
const OakIdentity *
oak_identity_watch_get_heard (OakIdentityWatch *self, guint index);

/* Sends "go to bootloader" (xlink.md §4.6), which is never answered. */
gboolean
oak_identity_watch_send_reset (OakIdentityWatch *self, GError **error);

/**
 * oak_identity_watch_search:
 * @mxid: the camera looked for, wherever it answers
 * @timeout_ms: how long this call listens at most
 * @address: (out): where it answered
 * @identity: (out): what it said; its mxid is not set
 *
 * Asks at the address, and with @broadcast on all interfaces in scope, and listens for one answer
 * of
 * @mxid. Returns: FALSE without an error when it was silent, or with G_IO_ERROR_CANCELLED.
 */
gboolean
oak_identity_watch_search (OakIdentityWatch *self,
                           const char *mxid,
                           gboolean broadcast,
                           guint timeout_ms,
                           guint32 *address,
                           OakIdentity *identity,
                           GCancellable *cancellable,
                           GError **error);

G_END_DECLS
