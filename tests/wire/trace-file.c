/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace-file.h"

#include <stdio.h>
#include <string.h>

#include "oak-error.h"
#include "trace-content.h"

/* The parser of recorded traces: lines become parts, parts become messages, messages belong to
 * connections. One thread. */

#define TRACE_FOLDER "traces"
#define TRACE_SUFFIX ".txt"

#define HOST_PREFIX    "H>D "
#define DEVICE_PREFIX  "D>H "
#define COMMENT_PREFIX "# "

typedef struct {
  TraceFile *trace;            /* (unowned) */
  TraceConnection *connection; /* (unowned) (nullable) */
  TraceMessage *open[2]; /* (unowned) (nullable): whose payload is not complete yet; by from_host */
  GByteArray *payload[2]; /* (owned) (nullable) */
  GPtrArray *comments;    /* (owned) of char *: not yet claimed by a part */
  guint line;
} Parser;

static void
trace_part_free (TracePart *part)
{
  g_clear_pointer (&part->bytes, g_bytes_unref);
  g_clear_pointer (&part->comment, g_free);
  g_free (part);
}

static void
trace_message_free (TraceMessage *message)
{
  g_clear_pointer (&message->header, g_bytes_unref);
  g_clear_pointer (&message->payload, g_bytes_unref);
  g_clear_pointer (&message->comment, g_free);
  g_free (message);
}

static void
trace_connection_free (TraceConnection *connection)
{
  g_clear_pointer (&connection->messages, g_ptr_array_unref);
  g_clear_pointer (&connection->endings, g_ptr_array_unref);
  g_clear_pointer (&connection->streams, g_hash_table_unref);
  g_free (connection);
}

void
trace_file_free (TraceFile *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->connections, g_ptr_array_unref);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_clear_pointer (&self->name, g_free);
  g_free (self);
}

static TraceFile *
trace_file_new (const char *name)
{
  TraceFile *self = g_new0 (TraceFile, 1);

  self->name = g_strdup (name);
  self->is_usb = g_str_has_prefix (name, "usb-flash") || g_str_has_prefix (name, "usb-info") ||
                 g_str_has_prefix (name, "usb-read");
  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) trace_part_free);
  self->connections = g_ptr_array_new_with_free_func ((GDestroyNotify) trace_connection_free);
  return self;
}

static gboolean
fail (const Parser *parser, const char *reason, GError **error)
{
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_BAD_FILE,
               "%s:%u: %s",
               parser->trace->name,
               parser->line,
               reason);
  return FALSE;
}

static void
begin_connection (Parser *parser)
{
  TraceConnection *connection = g_new0 (TraceConnection, 1);

  connection->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) trace_message_free);
  connection->endings = g_ptr_array_new_with_free_func (g_free);
  connection->streams = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_ptr_array_add (parser->trace->connections, connection);
  connection->number = parser->trace->connections->len;
  parser->connection = connection;
}

static void
remember_stream (TraceConnection *connection, const OakXlinkEvent *event)
{
  if (event->stream_name[0] != '\0' && event->stream_id != OAK_XLINK_INVALID_STREAM_ID)
    g_hash_table_insert (connection->streams,
                         GUINT_TO_POINTER (event->stream_id),
                         g_strdup (event->stream_name));
}

static const char *
find_stream_name (const TraceConnection *connection, const OakXlinkEvent *event)
{
  switch (event->type) {
  case OAK_XLINK_EVENT_CREATE_STREAM_REQ:
  case OAK_XLINK_EVENT_CREATE_STREAM_RESP:
    return event->stream_name;
  case OAK_XLINK_EVENT_WRITE_REQ:
  case OAK_XLINK_EVENT_READ_REL_REQ:
  case OAK_XLINK_EVENT_CLOSE_STREAM_REQ:
    return g_hash_table_lookup (connection->streams, GUINT_TO_POINTER (event->stream_id));
  default:
    return NULL;
  }
}

static double
parse_seconds (const char *comment)
{
  char *end = NULL;
  double seconds = comment != NULL ? g_ascii_strtod (comment, &end) : -1;

  return end != NULL && end != comment && *end == ' ' ? seconds : -1;
}

/* "WRITE_REQ id=14 stream=0 size=4 flags=0x1", as whoever recorded the traces put it. */
char *
trace_event_describe (const OakXlinkEvent *event)
{
  gboolean has_name = event->type == OAK_XLINK_EVENT_CREATE_STREAM_REQ ||
                      event->type == OAK_XLINK_EVENT_CREATE_STREAM_RESP;
  g_autofree char *stream = event->stream_id == OAK_XLINK_INVALID_STREAM_ID
                                ? g_strdup ("0xdeaddead")
                                : g_strdup_printf ("%u", event->stream_id);

  return g_strdup_printf ("%s id=%d%s%s stream=%s size=%u flags=0x%x",
                          oak_xlink_event_type_to_string (event->type),
                          event->id,
                          has_name ? " name=" : "",
                          has_name ? event->stream_name : "",
                          stream,
                          event->size,
                          event->flags);
}

/* The two directions were recorded by two threads: a comment may stand further up than right before
 * its header. Returns: (transfer full) (nullable): the first unclaimed one that describes @event.
 */
static char *
claim_comment (Parser *parser, const OakXlinkEvent *event)
{
  g_autofree char *description = trace_event_describe (event);

  for (guint i = 0; i < parser->comments->len; i++) {
    const char *words = strchr (g_ptr_array_index (parser->comments, i), ' ');

    if (words != NULL && strcmp (words + 1, description) == 0)
      return g_ptr_array_steal_index (parser->comments, i);
  }
  return NULL;
}

static gboolean
add_message (Parser *parser, const TracePart *part, GError **error)
{
  TraceMessage *message = g_new0 (TraceMessage, 1);
  gsize size = 0;
  const void *data = g_bytes_get_data (part->bytes, &size);

  g_ptr_array_add (parser->connection->messages, message);
  message->from_host = part->from_host;
  message->line = part->line;
  message->seconds = -1;
  message->header = g_bytes_ref (part->bytes);
  if (size != OAK_XLINK_EVENT_SIZE)
    return fail (parser, "a header is expected here", error);
  if (!oak_xlink_event_decode (&message->event, data, size, error))
    return FALSE;
  message->comment =
      parser->trace->is_usb ? g_strdup (part->comment) : claim_comment (parser, &message->event);
  message->seconds = parse_seconds (message->comment);
  if (message->event.type == OAK_XLINK_EVENT_WRITE_REQ && message->event.size > 0) {
    parser->open[part->from_host] = message;
    message->is_incomplete = TRUE;
  }
  return TRUE;
}

static gboolean
add_payload (Parser *parser, const TracePart *part, GError **error)
{
  TraceMessage *message = parser->open[part->from_host];
  GByteArray **payload = &parser->payload[part->from_host];
  gsize size = 0;
  const void *data = g_bytes_get_data (part->bytes, &size);

  if (*payload == NULL)
    *payload = g_byte_array_new ();
  g_byte_array_append (*payload, data, (guint) size);
  if ((*payload)->len > message->event.size)
    return fail (parser, "a payload is longer than its header says", error);
  if ((*payload)->len == message->event.size) {
    message->payload = g_byte_array_free_to_bytes (g_steal_pointer (payload));
    message->is_incomplete = FALSE;
    parser->open[part->from_host] = NULL;
  }
  return TRUE;
}

/* The digits of one line up to @end. Returns: (transfer full) (nullable). */
static GByteArray *
parse_hex (const char *text, const char *end)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if ((end - text) % 2 != 0)
    return NULL;
  for (const char *digit = text; digit < end; digit += 2) {
    int high = g_ascii_xdigit_value (digit[0]);
    int low = g_ascii_xdigit_value (digit[1]);
    guint8 byte = (guint8) (high << 4 | low);

    if (high < 0 || low < 0)
      return NULL;
    g_byte_array_append (bytes, &byte, 1);
  }
  return g_steal_pointer (&bytes);
}

/* "HEX" or "HEX ... length=N sha256=DIGEST". Returns: (transfer full) (nullable). */
static GBytes *
parse_bytes (const Parser *parser, const char *text, GError **error)
{
  const char *rest = strstr (text, " ... ");
  const char *end = rest != NULL ? rest : text + strlen (text);
  g_autoptr (GByteArray) bytes = parse_hex (text, end);
  gsize size = 0;
  char digest[65] = "";
  GBytes *restored = NULL;

  if (bytes == NULL) {
    fail (parser, "these are no hexadecimal digits", error);
    return NULL;
  }
  if (rest == NULL)
    return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  if (sscanf (rest, " ... length=%" G_GSIZE_FORMAT " sha256=%64[0-9a-f]", &size, digest) == 2 &&
      size >= bytes->len)
    restored = trace_content_find (bytes->data, bytes->len, size, digest);
  if (restored == NULL)
    fail (parser, "the abbreviated part cannot be restored", error);
  return restored;
}

static gboolean
parse_part (Parser *parser, gboolean from_host, const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = parse_bytes (parser, text, error);
  TracePart *part = NULL;

  if (bytes == NULL)
    return FALSE;
  part = g_new0 (TracePart, 1);
  part->from_host = from_host;
  part->line = parser->line;
  part->bytes = g_steal_pointer (&bytes);
  g_ptr_array_add (parser->trace->parts, part);
  if (parser->trace->is_usb && parser->connection == NULL)
    begin_connection (parser);
  if ((parser->trace->is_usb || parser->connection == NULL) && parser->comments->len > 0) {
    part->comment = g_ptr_array_steal_index (parser->comments, parser->comments->len - 1);
    g_ptr_array_set_size (parser->comments, 0);
  }
  if (parser->connection == NULL)
    return TRUE; /* a datagram */
  if (parser->open[from_host] != NULL)
    return add_payload (parser, part, error);
  return add_message (parser, part, error);
}

static void
close_payload (Parser *parser, guint from_host)
{
  TraceMessage *message = g_steal_pointer (&parser->open[from_host]);
  GByteArray *payload = g_steal_pointer (&parser->payload[from_host]);

  if (message != NULL && payload != NULL)
    message->payload = g_byte_array_free_to_bytes (payload);
}

/* "0.7549 connection 1: host closed" and the like. */
static void
parse_comment (Parser *parser, const char *comment)
{
  const char *found = strstr (comment, " connection ");
  const char *what = found != NULL ? strstr (found, ": ") : NULL;

  g_ptr_array_add (parser->comments, g_strdup (comment));
  if (what == NULL || parse_seconds (comment) < 0)
    return;
  if (strcmp (what, ": opened by host") == 0) {
    close_payload (parser, 0);
    close_payload (parser, 1);
    begin_connection (parser);
  } else if (parser->connection != NULL)
    g_ptr_array_add (parser->connection->endings, g_strdup (what + 2));
}

static gboolean
parse_line (Parser *parser, const char *line, GError **error)
{
  parser->line++;
  if (g_str_has_prefix (line, HOST_PREFIX))
    return parse_part (parser, TRUE, line + strlen (HOST_PREFIX), error);
  if (g_str_has_prefix (line, DEVICE_PREFIX))
    return parse_part (parser, FALSE, line + strlen (DEVICE_PREFIX), error);
  if (g_str_has_prefix (line, COMMENT_PREFIX)) {
    parse_comment (parser, line + strlen (COMMENT_PREFIX));
    return TRUE;
  }
  return *line == '\0' || fail (parser, "the line keeps to no format", error);
}

/* Names come last: lines of the two streams may stand in any order, and an id may be used before
 * its name is seen. */
static void
name_streams (TraceConnection *connection)
{
  for (guint i = 0; i < connection->messages->len; i++) {
    const TraceMessage *message = g_ptr_array_index (connection->messages, i);

    if (message->event.type == OAK_XLINK_EVENT_CREATE_STREAM_REQ ||
        message->event.type == OAK_XLINK_EVENT_CREATE_STREAM_RESP)
      remember_stream (connection, &message->event);
  }
  for (guint i = 0; i < connection->messages->len; i++) {
    TraceMessage *message = g_ptr_array_index (connection->messages, i);

    message->stream_name = find_stream_name (connection, &message->event);
  }
}

static gboolean
parse_text (Parser *parser, const char *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (!parse_line (parser, *line, error))
      return FALSE;
  return TRUE;
}

TraceFile *
trace_file_load (const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (g_getenv ("OAK_TEST_DATA"), TRACE_FOLDER, name, NULL);
  g_autoptr (TraceFile) self = trace_file_new (name);
  g_autofree char *text = NULL;
  Parser parser = { .trace = self, .comments = g_ptr_array_new_with_free_func (g_free) };
  gboolean is_good = FALSE;

  is_good = g_file_get_contents (path, &text, NULL, error) && parse_text (&parser, text, error);
  close_payload (&parser, 0);
  close_payload (&parser, 1);
  g_clear_pointer (&parser.comments, g_ptr_array_unref);
  if (!is_good)
    return NULL;
  for (guint i = 0; i < self->connections->len; i++)
    name_streams (g_ptr_array_index (self->connections, i));
  return g_steal_pointer (&self);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GStrv
trace_file_list (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("OAK_TEST_DATA"), TRACE_FOLDER, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &error);
  GPtrArray *found = g_ptr_array_new ();
  const char *name = NULL;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL)
    if (g_str_has_suffix (name, TRACE_SUFFIX))
      g_ptr_array_add (found, g_strdup (name));
  g_ptr_array_sort (found, compare_names);
  g_ptr_array_add (found, NULL);
  return (GStrv) g_ptr_array_free (found, FALSE);
}

gboolean
trace_message_is_write (const TraceMessage *message, const char *stream_name)
{
  return message->event.type == OAK_XLINK_EVENT_WRITE_REQ && message->payload != NULL &&
         !message->is_incomplete && g_strcmp0 (message->stream_name, stream_name) == 0;
}
