/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-bson-private.h"

#include <string.h>

#include "oak-error.h"
#include "oak-writer.h"

/* Writes JSON as BSON the way the original does: keys sorted by bytes, integers in the shorter of
 * the two widths (bootloader.md §9.3). Pure functions, any thread. */

static gboolean
encode_object (OakWriter *writer, JsonObject *object, guint depth, GError **error);

static gboolean
fail (GError **error, const char *reason)
{
  g_set_error_literal (error, OAK_ERROR, OAK_ERROR_BAD_FILE, reason);
  return FALSE;
}

static void
write_key (OakWriter *writer, guint8 type, const char *key)
{
  oak_writer_u8 (writer, type);
  oak_writer_bytes (writer, key, strlen (key) + 1);
}

static void
write_integer (OakWriter *writer, const char *key, gint64 value)
{
  if (value >= G_MININT32 && value <= G_MAXINT32) {
    write_key (writer, OAK_BSON_INT32, key);
    oak_writer_i32 (writer, (gint32) value);
  } else {
    write_key (writer, OAK_BSON_INT64, key);
    oak_writer_i64 (writer, value);
  }
}

static void
write_double (OakWriter *writer, const char *key, double value)
{
  guint64 bits = 0;

  memcpy (&bits, &value, sizeof bits);
  write_key (writer, OAK_BSON_DOUBLE, key);
  oak_writer_u64 (writer, bits);
}

static gboolean
write_string (OakWriter *writer, const char *key, const char *text, GError **error)
{
  gsize size = strlen (text) + 1;

  if (size > OAK_BSON_MAX_SIZE)
    return fail (error, "document becomes too large");
  write_key (writer, OAK_BSON_STRING, key);
  oak_writer_u32 (writer, (guint32) size);
  oak_writer_bytes (writer, text, size);
  return TRUE;
}

static gboolean
encode_value (OakWriter *writer, const char *key, JsonNode *node, GError **error)
{
  switch (json_node_get_value_type (node)) {
  case G_TYPE_INT64:
    write_integer (writer, key, json_node_get_int (node));
    return TRUE;
  case G_TYPE_DOUBLE:
    write_double (writer, key, json_node_get_double (node));
    return TRUE;
  case G_TYPE_BOOLEAN:
    write_key (writer, OAK_BSON_BOOLEAN, key);
    oak_writer_u8 (writer, json_node_get_boolean (node) ? 1 : 0);
    return TRUE;
  case G_TYPE_STRING:
    return write_string (writer, key, json_node_get_string (node), error);
  default:
    return fail (error, "document holds a value of an unknown kind");
  }
}

/* The stand-in of a raw element: its bytes must be one whole value of its type, or what we write
 * could not be read again. */
static gboolean
check_raw (gint64 type, const guint8 *data, gsize size, guint depth, GError **error)
{
  g_autoptr (JsonObject) content = NULL;
  OakReader reader;

  oak_reader_init (&reader, data, size);
  if (type < 1 || type > G_MAXUINT8 || !oak_bson_skip_value (&reader, (guint8) type, NULL) ||
      oak_reader_get_left (&reader) != 0)
    return fail (error, "`" OAK_BSON_RAW_KEY "` element does not fit its type");
  if (type != OAK_BSON_DOCUMENT && type != OAK_BSON_ARRAY)
    return TRUE;
  oak_reader_init (&reader, data, size);
  content = oak_bson_decode_document (&reader, depth + 1, NULL);
  return content != NULL || fail (error, "`" OAK_BSON_RAW_KEY "` element holds no document");
}

/* Returns: (transfer full) (nullable): the bytes of @text, or NULL when it is not the one Base64
 * form that they have. */
static guint8 *
parse_base64 (const char *text, gsize *size)
{
  g_autofree guint8 *data = g_base64_decode (text, size);
  g_autofree char *again = g_base64_encode (data, *size);

  return strcmp (again, text) == 0 ? g_steal_pointer (&data) : NULL;
}

static JsonNode *
find_raw_member (JsonObject *content, const char *key, GType type)
{
  JsonNode *node = json_object_get_member (content, key);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
    return NULL;
  return node;
}

static gboolean
encode_raw (OakWriter *writer, const char *key, JsonObject *object, guint depth, GError **error)
{
  JsonNode *member = json_object_get_member (object, OAK_BSON_RAW_KEY);
  JsonObject *content = JSON_NODE_HOLDS_OBJECT (member) ? json_node_get_object (member) : NULL;
  JsonNode *type = NULL;
  JsonNode *text = NULL;
  g_autofree guint8 *data = NULL;
  gsize size = 0;

  if (content != NULL && json_object_get_size (content) == 2) {
    type = find_raw_member (content, OAK_BSON_RAW_TYPE, G_TYPE_INT64);
    text = find_raw_member (content, OAK_BSON_RAW_DATA, G_TYPE_STRING);
  }
  if (type == NULL || text == NULL)
    return fail (error, "`" OAK_BSON_RAW_KEY "` element is not made of type and data");
  data = parse_base64 (json_node_get_string (text), &size);
  if (data == NULL)
    return fail (error, "`" OAK_BSON_RAW_KEY "` element has no Base64 data");
  if (!check_raw (json_node_get_int (type), data, size, depth, error))
    return FALSE;
  write_key (writer, (guint8) json_node_get_int (type), key);
  oak_writer_bytes (writer, data, size);
  return TRUE;
}

static gboolean
encode_array (OakWriter *writer, JsonArray *array, guint depth, GError **error);

static gboolean
encode_node (OakWriter *writer, const char *key, JsonNode *node, guint depth, GError **error)
{
  switch (json_node_get_node_type (node)) {
  case JSON_NODE_OBJECT:
    if (oak_bson_object_is_raw (json_node_get_object (node)))
      return encode_raw (writer, key, json_node_get_object (node), depth, error);
    write_key (writer, OAK_BSON_DOCUMENT, key);
    return encode_object (writer, json_node_get_object (node), depth + 1, error);
  case JSON_NODE_ARRAY:
    write_key (writer, OAK_BSON_ARRAY, key);
    return encode_array (writer, json_node_get_array (node), depth + 1, error);
  case JSON_NODE_VALUE:
    return encode_value (writer, key, node, error);
  case JSON_NODE_NULL:
    write_key (writer, OAK_BSON_NULL, key);
    return TRUE;
  default:
    return fail (error, "document holds a node of an unknown kind");
  }
}

static gboolean
begin (OakWriter *writer, guint depth, gsize *start, GError **error)
{
  *start = oak_writer_get_size (writer);
  if (depth > OAK_BSON_MAX_DEPTH)
    return fail (error, "document is nested too deep");
  oak_writer_u32 (writer, 0); /* the length, known at the end */
  return TRUE;
}

static gboolean
end (OakWriter *writer, gsize start, GError **error)
{
  oak_writer_u8 (writer, 0);
  oak_writer_patch_u32 (writer, start, (guint32) (oak_writer_get_size (writer) - start));
  if (oak_writer_get_size (writer) > OAK_BSON_MAX_SIZE)
    return fail (error, "document becomes too large");
  return TRUE;
}

static gboolean
encode_array (OakWriter *writer, JsonArray *array, guint depth, GError **error)
{
  gsize start = 0;

  if (!begin (writer, depth, &start, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++) {
    g_autofree char *key = g_strdup_printf ("%u", i);

    if (!encode_node (writer, key, json_array_get_element (array, i), depth, error))
      return FALSE;
  }
  return end (writer, start, error);
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static gboolean
encode_object (OakWriter *writer, JsonObject *object, guint depth, GError **error)
{
  g_autoptr (GList) keys = g_list_sort (json_object_get_members (object), compare_keys);
  gsize start = 0;

  if (!begin (writer, depth, &start, error))
    return FALSE;
  for (GList *link = keys; link != NULL; link = link->next)
    if (!encode_node (writer,
                      link->data,
                      json_object_get_member (object, link->data),
                      depth,
                      error))
      return FALSE;
  return end (writer, start, error);
}

GBytes *
oak_bson_encode (JsonNode *document, GError **error)
{
  g_auto (OakWriter) writer = { NULL };

  oak_writer_init (&writer);
  if (document == NULL || !JSON_NODE_HOLDS_OBJECT (document)) {
    fail (error, "document is no object");
    return NULL;
  }
  if (!encode_object (&writer, json_node_get_object (document), 1, error))
    return NULL;
  return oak_writer_steal_bytes (&writer);
}
