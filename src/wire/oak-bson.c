/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-bson-private.h"

#include <math.h>
#include <string.h>

#include "oak-error.h"
#include "oak-text.h"

/* Reads BSON documents into JSON (bootloader.md §9.3). The writing half is oak-bson-encode.c. What
 * a document holds is not known here. Pure functions, any thread. */

#define DOCUMENT_MIN_SIZE        5  /* length and terminator */
#define CODE_WITH_SCOPE_MIN_SIZE 14 /* length, empty text, empty document */

static gboolean
fail (GError **error, const char *reason)
{
  g_set_error_literal (error, OAK_ERROR, OAK_ERROR_PROTOCOL, reason);
  return FALSE;
}

/* Returns: (nullable): text up to its NUL, which is consumed as well. */
static const char *
read_key (OakReader *reader, const char *field)
{
  gsize left = oak_reader_get_left (reader);
  const guint8 *start = reader->data + reader->offset;
  const guint8 *end = left > 0 ? memchr (start, 0, left) : NULL;

  if (end == NULL) {
    oak_reader_skip (reader, left + 1, field); /* fails: the text has no end */
    return NULL;
  }
  return (const char *) oak_reader_bytes (reader, (gsize) (end - start) + 1, field);
}

/* A length, then that many bytes of which the last is a NUL. */
static gboolean
skip_string (OakReader *reader, GError **error)
{
  gint32 length = oak_reader_i32 (reader, "string length");
  const guint8 *bytes = NULL;

  if (!oak_reader_finish (reader, error))
    return FALSE;
  if (length < 1)
    return fail (error, "string length is below 1");
  bytes = oak_reader_bytes (reader, (gsize) length, "string");
  if (!oak_reader_finish (reader, error))
    return FALSE;
  return bytes[length - 1] == 0 || fail (error, "string is not terminated");
}

/* A length that counts itself, then the rest of the value. */
static gboolean
skip_counted (OakReader *reader, gint32 minimum, GError **error)
{
  gint32 length = oak_reader_i32 (reader, "length");
  const guint8 *bytes = NULL;

  if (!oak_reader_finish (reader, error))
    return FALSE;
  if (length < minimum)
    return fail (error, "document is shorter than the shortest one");
  bytes = oak_reader_bytes (reader, (gsize) length - 4, "document");
  if (!oak_reader_finish (reader, error))
    return FALSE;
  return bytes[length - 5] == 0 || fail (error, "document is not terminated");
}

static gboolean
skip_binary (OakReader *reader, GError **error)
{
  gint32 length = oak_reader_i32 (reader, "binary length");

  oak_reader_skip (reader, 1, "binary subtype");
  if (oak_reader_finish (reader, NULL) && length < 0)
    return fail (error, "binary length is negative");
  oak_reader_skip (reader, (gsize) length, "binary");
  return oak_reader_finish (reader, error);
}

static gboolean
skip_fixed (OakReader *reader, gsize size, GError **error)
{
  oak_reader_skip (reader, size, "value");
  return oak_reader_finish (reader, error);
}

static gboolean
skip_regular_expression (OakReader *reader, GError **error)
{
  if (read_key (reader, "regular expression") != NULL)
    read_key (reader, "regular expression options");
  return oak_reader_finish (reader, error);
}

gboolean
oak_bson_skip_value (OakReader *reader, guint8 type, GError **error)
{
  switch (type) {
  case OAK_BSON_DOUBLE:
  case OAK_BSON_DATE:
  case OAK_BSON_TIMESTAMP:
  case OAK_BSON_INT64:
    return skip_fixed (reader, 8, error);
  case OAK_BSON_STRING:
  case OAK_BSON_CODE:
  case OAK_BSON_SYMBOL:
    return skip_string (reader, error);
  case OAK_BSON_DOCUMENT:
  case OAK_BSON_ARRAY:
    return skip_counted (reader, DOCUMENT_MIN_SIZE, error);
  case OAK_BSON_CODE_WITH_SCOPE:
    return skip_counted (reader, CODE_WITH_SCOPE_MIN_SIZE, error);
  case OAK_BSON_BINARY:
    return skip_binary (reader, error);
  case OAK_BSON_UNDEFINED:
  case OAK_BSON_NULL:
  case OAK_BSON_MAX_KEY:
  case OAK_BSON_MIN_KEY:
    return skip_fixed (reader, 0, error);
  case OAK_BSON_OBJECT_ID:
    return skip_fixed (reader, 12, error);
  case OAK_BSON_BOOLEAN:
    return skip_fixed (reader, 1, error);
  case OAK_BSON_REGULAR_EXPRESSION:
    return skip_regular_expression (reader, error);
  case OAK_BSON_POINTER:
    return skip_string (reader, error) && skip_fixed (reader, 12, error);
  case OAK_BSON_INT32:
    return skip_fixed (reader, 4, error);
  case OAK_BSON_DECIMAL:
    return skip_fixed (reader, 16, error);
  default:
    g_set_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL, "unknown element type 0x%02x", type);
    return FALSE;
  }
}

gboolean
oak_bson_object_is_raw (JsonObject *object)
{
  return json_object_get_size (object) == 1 && json_object_has_member (object, OAK_BSON_RAW_KEY);
}

static JsonNode *
make_raw (guint8 type, const guint8 *data, gsize size)
{
  g_autofree char *text = g_base64_encode (data, size);
  JsonObject *content = json_object_new ();
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_int_member (content, OAK_BSON_RAW_TYPE, type);
  json_object_set_string_member (content, OAK_BSON_RAW_DATA, text);
  json_object_set_object_member (object, OAK_BSON_RAW_KEY, content);
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
make_integer (gint64 value)
{
  return json_node_init_int (json_node_alloc (), value);
}

static guint64
little_endian (const guint8 *data, gsize size)
{
  guint64 value = 0;

  for (gsize i = size; i > 0; i--)
    value = value << 8 | data[i - 1];
  return value;
}

gboolean
oak_bson_double_has_json_form (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    return FALSE;
  g_ascii_dtostr (text, sizeof text, value);
  return strchr (text, 'e') == NULL || strchr (text, '.') != NULL;
}

static JsonNode *
make_double (const guint8 *data)
{
  guint64 bits = little_endian (data, 8);
  double value = 0;

  memcpy (&value, &bits, sizeof value);
  if (!oak_bson_double_has_json_form (value))
    return make_raw (OAK_BSON_DOUBLE, data, 8);
  return json_node_init_double (json_node_alloc (), value);
}

static JsonNode *
make_string (const guint8 *data, gsize size)
{
  const char *text = (const char *) data + 4;

  /* g_utf8_validate_len refuses a NUL inside as well. */
  if (!g_utf8_validate_len (text, size - 5, NULL))
    return make_raw (OAK_BSON_STRING, data, size);
  return json_node_init_string (json_node_alloc (), text);
}

/* An array is a document with the keys 0, 1, 2 and so on. Returns: (nullable): NULL when the keys
 * are others. */
static JsonArray *
make_array (JsonObject *object)
{
  g_autoptr (JsonArray) array = json_array_new ();
  g_autoptr (GList) keys = json_object_get_members (object);
  guint index = 0;

  for (GList *link = keys; link != NULL; link = link->next) {
    g_autofree char *expected = g_strdup_printf ("%u", index++);

    if (strcmp (link->data, expected) != 0)
      return NULL;
    json_array_add_element (array, json_object_dup_member (object, link->data));
  }
  return g_steal_pointer (&array);
}

/* Objects that look like the stand-in of a raw element are carried raw themselves, and so come out
 * as they were. */
static JsonNode *
make_container (guint8 type, const guint8 *data, gsize size, guint depth, GError **error)
{
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (JsonArray) array = NULL;
  OakReader reader;

  oak_reader_init (&reader, data, size);
  object = oak_bson_decode_document (&reader, depth, error);
  if (object == NULL)
    return NULL;
  if (type == OAK_BSON_ARRAY)
    array = make_array (object);
  if (array != NULL)
    return json_node_init_array (json_node_alloc (), array);
  if (type == OAK_BSON_ARRAY || oak_bson_object_is_raw (object))
    return make_raw (type, data, size);
  return json_node_init_object (json_node_alloc (), object);
}

/* @data and @size are what oak_bson_skip_value () found to be the value. */
static JsonNode *
make_node (guint8 type, const guint8 *data, gsize size, guint depth, GError **error)
{
  switch (type) {
  case OAK_BSON_DOUBLE:
    return make_double (data);
  case OAK_BSON_STRING:
    return make_string (data, size);
  case OAK_BSON_DOCUMENT:
  case OAK_BSON_ARRAY:
    return make_container (type, data, size, depth + 1, error);
  case OAK_BSON_BOOLEAN:
    if (data[0] > 1)
      return make_raw (type, data, size);
    return json_node_init_boolean (json_node_alloc (), data[0] == 1);
  case OAK_BSON_NULL:
    return json_node_init_null (json_node_alloc ());
  case OAK_BSON_INT32:
    return make_integer ((gint32) little_endian (data, 4));
  case OAK_BSON_INT64:
    return make_integer ((gint64) little_endian (data, 8));
  default:
    return make_raw (type, data, size);
  }
}

static gboolean
check_key (const char *key, JsonObject *object, GError **error)
{
  if (!g_utf8_validate (key, -1, NULL))
    return fail (error, "key is not valid UTF-8");
  if (json_object_has_member (object, key)) {
    g_autofree char *shown = oak_text_escape (key, -1, 40);

    g_set_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL, "key `%s` occurs twice", shown);
    return FALSE;
  }
  return TRUE;
}

static gboolean
decode_element (OakReader *reader, guint8 type, JsonObject *object, guint depth, GError **error)
{
  const char *key = read_key (reader, "key");
  const guint8 *data = NULL;
  gsize start = reader->offset;
  JsonNode *node = NULL;

  if (!oak_reader_finish (reader, error) || !check_key (key, object, error))
    return FALSE;
  data = reader->data + start;
  if (!oak_bson_skip_value (reader, type, error))
    return FALSE;
  node = make_node (type, data, reader->offset - start, depth, error);
  if (node == NULL)
    return FALSE;
  json_object_set_member (object, key, node);
  return TRUE;
}

static gboolean
decode_elements (OakReader *reader, JsonObject *object, guint depth, GError **error)
{
  guint8 type = oak_reader_u8 (reader, "element type");

  while (type != 0) {
    if (!decode_element (reader, type, object, depth, error))
      return FALSE;
    type = oak_reader_u8 (reader, "element type");
  }
  if (!oak_reader_finish (reader, error))
    return FALSE;
  return oak_reader_get_left (reader) == 0 || fail (error, "document ends before its length");
}

/* Reads one document, which takes its length from its first word, and no byte behind it. */
JsonObject *
oak_bson_decode_document (OakReader *reader, guint depth, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  gsize start = reader->offset;
  OakReader inner;

  if (depth > OAK_BSON_MAX_DEPTH) {
    fail (error, "document is nested too deep");
    return NULL;
  }
  if (!oak_bson_skip_value (reader, OAK_BSON_DOCUMENT, error))
    return NULL;
  oak_reader_init (&inner, reader->data + start, reader->offset - start);
  oak_reader_skip (&inner, 4, "length");
  if (!decode_elements (&inner, object, depth, error))
    return NULL;
  return g_steal_pointer (&object);
}

JsonNode *
oak_bson_decode (const void *data, gsize size, GError **error)
{
  g_autoptr (JsonObject) object = NULL;
  OakReader reader;
  guint32 length = 0;

  oak_reader_init (&reader, data, size);
  length = oak_reader_u32 (&reader, "document length");
  if (oak_reader_finish (&reader, NULL) && length > OAK_BSON_MAX_SIZE) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_PROTOCOL,
                 "document of %u bytes is larger than %d",
                 length,
                 OAK_BSON_MAX_SIZE);
    return NULL;
  }
  oak_reader_init (&reader, data, size);
  object = oak_bson_decode_document (&reader, 1, error);
  if (object == NULL)
    return NULL;
  return json_node_init_object (json_node_alloc (), object);
}
