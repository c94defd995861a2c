/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-timeouts.h"

G_BEGIN_DECLS

/**
 * OakHttp:
 *
 * A blocking client for fetching single files, made on libsoup's asynchronous calls in a main
 * context of its own, so that each wait has its own deadline and a cancellable ends it at once.
 * Make, use and free it in one and the same thread, which may be any.
 */
typedef struct _OakHttp OakHttp;

/* @bytes_total: 0: the server has not said it. Called in the thread that uses the client. */
typedef void (*OakHttpFunc) (guint64 bytes_done, guint64 bytes_total, gpointer user_data);

/* @trust: (nullable): which certificates are believed; NULL: those the system believes.
 * @is_test: also plain http from loopback addresses, and no proxy. The time altogether begins now.
 */
OakHttp *
oak_http_new (const OakTimeouts *timeouts,
              GTlsDatabase *trust,
              gboolean is_test,
              GCancellable *cancellable);
void
oak_http_free (OakHttp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakHttp, oak_http_free)

typedef struct {
  const char *address;
  gsize max_size;   /* of the whole file */
  OakHttpFunc func; /* (nullable) */
  gpointer user_data;
} OakHttpRequest;

/* Fetches a file into @body. What @body holds already is taken for the file's beginning, and only
 * the rest is asked for; a server that cannot do that sends all of it. After an error @body holds
 * what came, for another try. @may_help: set when trying again may.
 *
 * Returns: FALSE with OAK_ERROR_NOT_FOUND (the server has no such file), REFUSED (it says no),
 * UNSUPPORTED (it sends on to an address that is not allowed), UNREACHABLE, DISCONNECTED,
 * TIMED_OUT, WRONG_DEVICE (it cannot prove who it is), PROTOCOL (its answer makes no sense),
 * TOO_LARGE, or G_IO_ERROR_CANCELLED. */
gboolean
oak_http_fetch (OakHttp *self,
                const OakHttpRequest *request,
                GByteArray *body,
                gboolean *may_help,
                GError **error);

/* Returns: FALSE with OAK_ERROR_TIMED_OUT or G_IO_ERROR_CANCELLED when it must not go on. */
gboolean
oak_http_pause (OakHttp *self, guint pause_ms, GError **error);

G_END_DECLS
