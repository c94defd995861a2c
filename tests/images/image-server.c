/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "image-server.h"

#include <string.h>

#include <libsoup/soup.h>

/* What a proper server would not do is written by hand, onto the connection taken from SoupServer.
 * All of the serving happens in the server's thread; the table of paths is shared under a lock. */

#define PIECE_SIZE      ((gsize) 64 * 1024)
#define TRICKLE_US      10000
#define CONNECTION_HEAD "Content-Type: application/octet-stream\r\nConnection: close\r\n\r\n"

typedef struct {
  GArray *answers; /* (owned) of Answer */
  guint n_requests;
  gsize offset;
} Path;

struct _ImageServer {
  GThread *thread;
  GMainContext *context;        /* (owned) */
  GMainLoop *loop;              /* (owned) */
  SoupServer *server;           /* (owned): of the thread */
  GTlsCertificate *certificate; /* (owned) (nullable) */
  GPtrArray *held;              /* (owned) of GIOStream: silent ones */
  char *base;
  GMutex lock;
  GCond ready;
  GHashTable *paths;  /* (owned): char * to Path; under the lock */
  guint n_requests;   /* under the lock */
  gboolean is_ending; /* atomic */
};

static void
answer_clear (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->body, g_bytes_unref);
  g_free ((char *) answer->location);
}

static void
path_free (gpointer data)
{
  Path *path = data;

  g_array_unref (path->answers);
  g_free (path);
}

/* Copies the answer that is due. Returns: FALSE when nobody knows the path. */
static gboolean
take_answer (ImageServer *self, const char *name, gsize offset, Answer *answer)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);
  Path *path = g_hash_table_lookup (self->paths, name);

  self->n_requests++;
  if (path == NULL)
    return FALSE;
  *answer = g_array_index (path->answers, Answer, MIN (path->n_requests, path->answers->len - 1));
  path->n_requests++;
  path->offset = offset;
  return TRUE;
}

static gboolean
write_all (GIOStream *stream, const void *data, gsize size)
{
  return g_output_stream_write_all (g_io_stream_get_output_stream (stream),
                                    data,
                                    size,
                                    NULL,
                                    NULL,
                                    NULL);
}

static gboolean
write_head (GIOStream *stream, const Answer *answer, gsize offset)
{
  gsize size = answer->body != NULL ? g_bytes_get_size (answer->body) : 0;
  gsize told = answer->kind == ANSWER_SHIFTED ? offset + 1 : offset;
  g_autofree char *length =
      answer->kind == ANSWER_ENDLESS || answer->kind == ANSWER_TRICKLE
          ? g_strdup ("")
          : g_strdup_printf ("Content-Length: %" G_GSIZE_FORMAT "\r\n", size - told);
  g_autofree char *range = told > 0
                               ? g_strdup_printf ("Content-Range: bytes %" G_GSIZE_FORMAT
                                                  "-%" G_GSIZE_FORMAT "/%" G_GSIZE_FORMAT "\r\n",
                                                  told,
                                                  size - 1,
                                                  size)
                               : g_strdup ("");
  g_autofree char *head = g_strdup_printf ("HTTP/1.1 %s\r\n%s%s" CONNECTION_HEAD,
                                           told > 0 ? "206 Partial Content" : "200 OK",
                                           length,
                                           range);

  return write_all (stream, head, strlen (head));
}

/* Until the other side has enough, or the server ends. */
static void
write_for_ever (ImageServer *self, GIOStream *stream, gboolean is_slow)
{
  g_autofree guint8 *piece = g_malloc0 (PIECE_SIZE);

  while (!g_atomic_int_get (&self->is_ending) &&
         write_all (stream, piece, is_slow ? 1 : PIECE_SIZE))
    if (is_slow)
      g_usleep (TRICKLE_US);
}

static void
misbehave (ImageServer *self,
           GIOStream *stream,
           GSocket *socket,
           const Answer *answer,
           gsize offset)
{
  const guint8 *data = answer->body != NULL ? g_bytes_get_data (answer->body, NULL) : NULL;
  gsize size = answer->body != NULL ? g_bytes_get_size (answer->body) : 0;
  gsize n_bytes = answer->kind == ANSWER_SHIFTED ? size - offset - 1 : answer->n_bytes;

  offset = MIN (offset, size);
  if (answer->kind != ANSWER_MUTE && write_head (stream, answer, offset) && data != NULL)
    write_all (stream, data + offset, MIN (n_bytes, size - offset));
  if (answer->kind == ANSWER_TRICKLE || answer->kind == ANSWER_ENDLESS)
    write_for_ever (self, stream, answer->kind == ANSWER_TRICKLE);
  /* Without the goodbye of TLS. */
  if (answer->kind == ANSWER_CUT)
    g_socket_shutdown (socket, FALSE, TRUE, NULL);
  if (answer->kind == ANSWER_MUTE || answer->kind == ANSWER_SILENT)
    g_ptr_array_add (self->held, g_object_ref (stream));
  else
    g_io_stream_close (stream, NULL, NULL);
}

/* Where the part begins that was asked for. */
static gsize
get_offset (SoupServerMessage *message)
{
  const char *range =
      soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Range");

  return range != NULL && g_str_has_prefix (range, "bytes=")
             ? (gsize) g_ascii_strtoull (range + strlen ("bytes="), NULL, 10)
             : 0;
}

static void
answer_well (SoupServerMessage *message, const Answer *answer)
{
  gsize size = 0;
  const char *data = answer->body != NULL ? g_bytes_get_data (answer->body, &size) : NULL;

  if (answer->kind == ANSWER_NO_RANGE)
    soup_message_headers_remove (soup_server_message_get_request_headers (message), "Range");
  soup_server_message_set_status (message, answer->status != 0 ? answer->status : 200, NULL);
  if (answer->location != NULL)
    soup_message_headers_append (soup_server_message_get_response_headers (message),
                                 "Location",
                                 answer->location);
  if (data != NULL)
    soup_server_message_set_response (message,
                                      "application/octet-stream",
                                      SOUP_MEMORY_COPY,
                                      data,
                                      size);
}

/* server's thread */
static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  ImageServer *self = user_data;
  gsize offset = get_offset (message);
  g_autoptr (GSocket) socket = g_object_ref (soup_server_message_get_socket (message));
  g_autoptr (GIOStream) stream = NULL;
  Answer answer = { 0 };

  if (!take_answer (self, path, offset, &answer)) {
    soup_server_message_set_status (message, 404, NULL);
    return;
  }
  if (answer.kind == ANSWER_WHOLE || answer.kind == ANSWER_NO_RANGE) {
    answer_well (message, &answer);
    return;
  }
  g_socket_set_blocking (socket, TRUE);
  stream = soup_server_message_steal_connection (message);
  misbehave (self, stream, socket, &answer, offset);
}

static gboolean
on_ready (gpointer user_data)
{
  ImageServer *self = user_data;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  g_cond_signal (&self->ready);
  return G_SOURCE_REMOVE;
}

static void
listen_to_loopback (ImageServer *self)
{
  g_autoptr (GError) error = NULL;
  GSList *uris = NULL;
  GUri *uri = NULL;

  self->server = soup_server_new ("tls-certificate", self->certificate, NULL);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  soup_server_listen_local (self->server,
                            0,
                            SOUP_SERVER_LISTEN_IPV4_ONLY |
                                (self->certificate != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0),
                            &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  uri = uris->data;
  self->base = g_strdup_printf ("%s://127.0.0.1:%d", g_uri_get_scheme (uri), g_uri_get_port (uri));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
}

static gpointer
run (gpointer user_data)
{
  ImageServer *self = user_data;
  g_autoptr (GSource) source = g_idle_source_new ();

  g_main_context_push_thread_default (self->context);
  listen_to_loopback (self);
  g_source_set_callback (source, on_ready, self, NULL);
  g_source_attach (source, self->context);
  g_main_loop_run (self->loop);

  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

ImageServer *
image_server_new (GTlsCertificate *certificate)
{
  ImageServer *self = g_new0 (ImageServer, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->ready);
  self->certificate = certificate != NULL ? g_object_ref (certificate) : NULL;
  self->paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, path_free);
  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  g_mutex_lock (&self->lock);
  self->thread = g_thread_new ("image-server", run, self);
  while (self->base == NULL)
    g_cond_wait (&self->ready, &self->lock);
  g_mutex_unlock (&self->lock);
  return self;
}

void
image_server_free (ImageServer *self)
{
  g_atomic_int_set (&self->is_ending, TRUE);
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_ptr_array_unref (self->held);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_hash_table_unref (self->paths);
  g_clear_object (&self->certificate);
  g_free (self->base);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->ready);
  g_free (self);
}

const char *
image_server_get_base (ImageServer *self)
{
  return self->base;
}

void
image_server_add (ImageServer *self, const char *path, const Answer *answer)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);
  Path *known = g_hash_table_lookup (self->paths, path);
  Answer copy = *answer;

  copy.body = answer->body != NULL ? g_bytes_ref (answer->body) : NULL;
  copy.location = g_strdup (answer->location);
  if (known == NULL) {
    known = g_new0 (Path, 1);
    known->answers = g_array_new (FALSE, FALSE, sizeof (Answer));
    g_array_set_clear_func (known->answers, answer_clear);
    g_hash_table_insert (self->paths, g_strdup (path), known);
  }
  g_array_append_val (known->answers, copy);
}

guint
image_server_count (ImageServer *self, const char *path)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);
  const Path *known = g_hash_table_lookup (self->paths, path);

  return known != NULL ? known->n_requests : 0;
}

gsize
image_server_get_offset (ImageServer *self, const char *path)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);
  const Path *known = g_hash_table_lookup (self->paths, path);

  return known != NULL ? known->offset : 0;
}

guint
image_server_count_all (ImageServer *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return self->n_requests;
}
