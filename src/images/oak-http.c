/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-http-private.h"

#include <libsoup/soup.h>

#include "oak-error.h"
#include "oak-image-release.h"
#include "oak-text.h"

/* Fetches files by libsoup. Redirects are followed by hand, because each new address has to be
 * allowed; nothing is unpacked on the way, because checksums are those of the file. What libsoup
 * and GIO say is converted here. One thread, which may be any. */

#define PIECE_SIZE       ((gsize) 64 * 1024)
#define MAX_REDIRECTS    5
#define MAX_SHOWN_LENGTH 200

struct _OakHttp {
  GMainContext *context;       /* (owned): the thread's default one while it exists */
  SoupSession *session;        /* (owned) */
  GCancellable *outer;         /* (owned) (nullable): the caller's */
  GCancellable *inner;         /* (owned): ended by the outer one and by deadlines */
  gulong outer_handler;        /* 0: none */
  const OakTimeouts *timeouts; /* (unowned) */
  gint64 deadline;             /* of everything */
  gboolean is_test;
  gboolean has_expired; /* a deadline ended the inner cancellable */
};

static gboolean
cancel_inner (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

/* any thread: the inner one is only ever cancelled in the client's own, because GLib loses sources
 * that wait for a cancellable and are taken away while another thread cancels it. */
static void
on_outer_cancelled (GCancellable *outer, gpointer user_data)
{
  OakHttp *self = user_data;
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, cancel_inner, g_object_ref (self->inner), g_object_unref);
  g_source_attach (source, self->context);
}

OakHttp *
oak_http_new (const OakTimeouts *timeouts,
              GTlsDatabase *trust,
              gboolean is_test,
              GCancellable *cancellable)
{
  OakHttp *self = g_new0 (OakHttp, 1);

  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->session = soup_session_new_with_options ("user-agent", "oak-flasher", NULL);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
  if (trust != NULL)
    soup_session_set_tls_database (self->session, trust);
  if (is_test)
    soup_session_set_proxy_resolver (self->session, NULL);
  self->timeouts = timeouts;
  self->deadline = oak_deadline_in_ms (timeouts->download_ms);
  self->is_test = is_test;
  self->inner = g_cancellable_new ();
  if (cancellable != NULL) {
    self->outer = g_object_ref (cancellable);
    self->outer_handler =
        g_cancellable_connect (cancellable, G_CALLBACK (on_outer_cancelled), self, NULL);
  }
  return self;
}

void
oak_http_free (OakHttp *self)
{
  if (self->outer != NULL)
    g_cancellable_disconnect (self->outer, self->outer_handler);
  soup_session_abort (self->session);
  g_clear_object (&self->session);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  g_clear_object (&self->outer);
  g_clear_object (&self->inner);
  g_free (self);
}

static gboolean
on_expired (gpointer user_data)
{
  OakHttp *self = user_data;

  self->has_expired = TRUE;
  g_cancellable_cancel (self->inner);
  return G_SOURCE_REMOVE;
}

/* Turns the context until @done is set, which the inner cancellable brings about at the latest. */
static void
await (OakHttp *self, gpointer *done, guint timeout_ms)
{
  guint left_ms = MIN (timeout_ms, (guint) oak_deadline_left_ms (self->deadline));
  g_autoptr (GSource) timer = g_timeout_source_new (left_ms);

  g_source_set_callback (timer, on_expired, self, NULL);
  g_source_attach (timer, self->context);
  while (*done == NULL)
    g_main_context_iteration (self->context, TRUE);
  g_source_destroy (timer);
}

static void
store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **slot = user_data;

  *slot = g_object_ref (result);
}

/* After a deadline: without a fresh one nothing else could be done with this client. */
static void
renew_inner (OakHttp *self)
{
  if (!self->has_expired)
    return;
  self->has_expired = FALSE;
  g_cancellable_reset (self->inner);
  if (self->outer != NULL && g_cancellable_is_cancelled (self->outer))
    g_cancellable_cancel (self->inner);
}

static OakError
get_code (const GError *error)
{
  /* An end without goodbye is a cut connection, however safe it was. */
  if (error->domain == G_TLS_ERROR)
    return error->code == G_TLS_ERROR_EOF ? OAK_ERROR_DISCONNECTED : OAK_ERROR_WRONG_DEVICE;
  if (error->domain == SOUP_SESSION_ERROR)
    return error->code == SOUP_SESSION_ERROR_PARSING || error->code == SOUP_SESSION_ERROR_ENCODING
               ? OAK_ERROR_PROTOCOL
               : OAK_ERROR_DISCONNECTED;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED))
    return OAK_ERROR_DISCONNECTED;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    return OAK_ERROR_PROTOCOL;
  return OAK_ERROR_UNREACHABLE;
}

/* Returns: FALSE with an error when there is no time left, or nobody wants to go on. */
static gboolean
check_time (OakHttp *self, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (self->outer, error))
    return FALSE;
  if (!oak_deadline_has_passed (self->deadline))
    return TRUE;
  g_set_error_literal (error,
                       OAK_ERROR,
                       OAK_ERROR_TIMED_OUT,
                       "the download takes longer than is allowed for it");
  return FALSE;
}

/* Takes @local_error. Whatever was stopped by us says why; the rest keeps its words. */
static gboolean
fail_converted (OakHttp *self, GError *local_error, const char *address, GError **error)
{
  g_autoptr (GError) own = local_error;
  g_autofree char *said = NULL;

  if (!check_time (self, error))
    return FALSE;
  if (self->has_expired) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_TIMED_OUT,
                 "%s: the server has been silent for too long",
                 address);
    renew_inner (self);
    return FALSE;
  }
  said = oak_text_escape (own->message, -1, MAX_SHOWN_LENGTH);
  g_set_error (error, OAK_ERROR, (int) get_code (own), "%s: %s", address, said);
  return FALSE;
}

/* Returns: (transfer full): what the server sends behind the head of its answer. */
static GInputStream *
send_message (OakHttp *self, SoupMessage *message, const char *address, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *local_error = NULL;
  GInputStream *stream = NULL;

  soup_session_send_async (self->session,
                           message,
                           G_PRIORITY_DEFAULT,
                           self->inner,
                           store_result,
                           &result);
  await (self, (gpointer *) &result, self->timeouts->server_answer_ms);
  stream = soup_session_send_finish (self->session, result, &local_error);
  if (stream == NULL)
    fail_converted (self, local_error, address, error);
  return stream;
}

/* Returns: (transfer full): empty at the end. */
static GBytes *
read_piece (OakHttp *self, GInputStream *stream, const char *address, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *local_error = NULL;
  GBytes *piece = NULL;

  g_input_stream_read_bytes_async (stream,
                                   PIECE_SIZE,
                                   G_PRIORITY_DEFAULT,
                                   self->inner,
                                   store_result,
                                   &result);
  await (self, (gpointer *) &result, self->timeouts->server_silence_ms);
  piece = g_input_stream_read_bytes_finish (stream, result, &local_error);
  if (piece == NULL)
    fail_converted (self, local_error, address, error);
  return piece;
}

static gboolean
fail_too_large (const OakHttpRequest *request, GError **error)
{
  g_autofree char *limit = oak_text_size (request->max_size);

  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_TOO_LARGE,
               "%s: the server sends more than %s, which this file cannot be; nothing was kept",
               request->address,
               limit);
  return FALSE;
}

static gboolean
read_body (OakHttp *self,
           const OakHttpRequest *request,
           GInputStream *stream,
           guint64 total,
           GByteArray *body,
           GError **error)
{
  for (;;) {
    g_autoptr (GBytes) piece = NULL;
    gsize size = 0;
    const void *data = NULL;

    if (request->func != NULL)
      request->func (body->len, total, request->user_data);
    if (!check_time (self, error))
      return FALSE;
    piece = read_piece (self, stream, request->address, error);
    if (piece == NULL)
      return FALSE;
    data = g_bytes_get_data (piece, &size);
    if (size == 0)
      return TRUE;
    if (size > request->max_size - body->len) {
      g_byte_array_set_size (body, 0);
      return fail_too_large (request, error);
    }
    g_byte_array_append (body, data, (guint) size);
  }
}

/* What the head says about the size. Returns: FALSE when it cannot be right for what is held. */
static gboolean
read_size (const OakHttpRequest *request,
           SoupMessage *message,
           GByteArray *body,
           guint64 *total,
           GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  goffset start = 0;
  goffset end = 0;
  goffset whole = -1;

  *total = 0;
  if (soup_message_get_status (message) == SOUP_STATUS_PARTIAL_CONTENT) {
    if (!soup_message_headers_get_content_range (headers, &start, &end, &whole) ||
        start != (goffset) body->len || end < start) {
      g_byte_array_set_size (body, 0);
      g_set_error (error,
                   OAK_ERROR,
                   OAK_ERROR_PROTOCOL,
                   "%s: the server sends another part of the file than was asked for",
                   request->address);
      return FALSE;
    }
  } else {
    g_byte_array_set_size (body, 0);
    if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH)
      whole = soup_message_headers_get_content_length (headers);
  }
  if (whole > 0 && (guint64) whole > request->max_size) {
    g_byte_array_set_size (body, 0);
    return fail_too_large (request, error);
  }
  *total = (guint64) MAX (whole, 0);
  return TRUE;
}

static gboolean
fail_status (SoupMessage *message, const char *address, gboolean *may_help, GError **error)
{
  guint status = (guint) soup_message_get_status (message);
  gboolean is_missing = status == SOUP_STATUS_NOT_FOUND || status == SOUP_STATUS_GONE;

  *may_help = status >= 500 || status == SOUP_STATUS_REQUEST_TIMEOUT || status == 429;
  g_set_error (error,
               OAK_ERROR,
               is_missing ? OAK_ERROR_NOT_FOUND : OAK_ERROR_REFUSED,
               is_missing ? "%s: the server has no such file (status %u)"
                          : "%s: the server refuses it (status %u)",
               address,
               status);
  return FALSE;
}

/* Returns: (transfer full): where the answer sends us on; NULL when that is not allowed. */
static char *
get_next_address (OakHttp *self, SoupMessage *message, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *location = soup_message_headers_get_one (headers, "Location");
  g_autoptr (GUri) uri = NULL;
  g_autofree char *address = NULL;

  if (location != NULL)
    uri =
        g_uri_parse_relative (soup_message_get_uri (message), location, SOUP_HTTP_URI_FLAGS, NULL);
  if (uri == NULL) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_PROTOCOL,
                         "the server sends on, but not to an address");
    return NULL;
  }
  address = g_uri_to_string (uri);
  if (!oak_image_release_check_address (address, self->is_test, error)) {
    g_prefix_error (error, "the server sends on: ");
    return NULL;
  }
  return g_steal_pointer (&address);
}

static SoupMessage *
make_message (const char *address, gsize offset, GError **error)
{
  SoupMessage *message = soup_message_new (SOUP_METHOD_GET, address);

  if (message == NULL) {
    g_autofree char *shown = oak_text_escape (address, -1, MAX_SHOWN_LENGTH);

    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_UNSUPPORTED,
                 "the address \"%s\" cannot be used",
                 shown);
    return NULL;
  }
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (offset > 0)
    soup_message_headers_set_range (soup_message_get_request_headers (message),
                                    (goffset) offset,
                                    -1);
  return message;
}

/* One answer that is no redirect. */
static gboolean
take_answer (OakHttp *self,
             const OakHttpRequest *request,
             SoupMessage *message,
             GInputStream *stream,
             GByteArray *body,
             gboolean *may_help,
             GError **error)
{
  guint status = (guint) soup_message_get_status (message);
  gsize before = body->len;
  guint64 total = 0;

  if (status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE) {
    g_byte_array_set_size (body, 0);
    *may_help = before > 0;
  }
  if (status != SOUP_STATUS_OK && status != SOUP_STATUS_PARTIAL_CONTENT) {
    gboolean worth = *may_help;

    fail_status (message, request->address, may_help, error);
    *may_help = *may_help || worth;
    return FALSE;
  }
  if (!read_size (request, message, body, &total, error))
    return FALSE;
  before = body->len;
  if (!read_body (self, request, stream, total, body, error)) {
    /* A file that begins well may be gone on with. */
    *may_help = body->len > before;
    return FALSE;
  }
  if (total == 0 || body->len == total)
    return TRUE;
  *may_help = TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_DISCONNECTED,
               "%s: the connection ended after %u of %" G_GUINT64_FORMAT " bytes",
               request->address,
               body->len,
               total);
  return FALSE;
}

gboolean
oak_http_fetch (OakHttp *self,
                const OakHttpRequest *request,
                GByteArray *body,
                gboolean *may_help,
                GError **error)
{
  g_autofree char *address = g_strdup (request->address);

  *may_help = FALSE;
  if (!oak_image_release_check_address (address, self->is_test, error))
    return FALSE;

  for (guint i = 0; i <= MAX_REDIRECTS; i++) {
    g_autoptr (SoupMessage) message = make_message (address, body->len, error);
    g_autoptr (GInputStream) stream = NULL;

    if (message == NULL || !check_time (self, error))
      return FALSE;
    stream = send_message (self, message, address, error);
    if (stream == NULL) {
      *may_help = error != NULL && g_error_matches (*error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
      return FALSE;
    }
    if (!SOUP_STATUS_IS_REDIRECTION (soup_message_get_status (message)))
      return take_answer (self, request, message, stream, body, may_help, error);
    g_free (address);
    address = get_next_address (self, message, error);
    if (address == NULL)
      return FALSE;
  }
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_PROTOCOL,
               "%s: the server sends from one address to the next without an end",
               request->address);
  return FALSE;
}

static gboolean
on_pause_over (gpointer user_data)
{
  gboolean *is_over = user_data;

  *is_over = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
on_pause_cancelled (GCancellable *cancellable, gpointer user_data)
{
  return on_pause_over (user_data);
}

gboolean
oak_http_pause (OakHttp *self, guint pause_ms, GError **error)
{
  guint left_ms = MIN (pause_ms, (guint) oak_deadline_left_ms (self->deadline));
  g_autoptr (GSource) timer = g_timeout_source_new (left_ms);
  g_autoptr (GSource) cancelled = g_cancellable_source_new (self->inner);
  gboolean is_over = FALSE;

  g_source_set_callback (timer, on_pause_over, &is_over, NULL);
  g_source_set_callback (cancelled, G_SOURCE_FUNC (on_pause_cancelled), &is_over, NULL);
  g_source_attach (timer, self->context);
  g_source_attach (cancelled, self->context);
  while (!is_over)
    g_main_context_iteration (self->context, TRUE);
  g_source_destroy (timer);
  g_source_destroy (cancelled);
  return check_time (self, error);
}
