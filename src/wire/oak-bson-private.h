/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-bson.h"
#include "oak-reader.h"

G_BEGIN_DECLS

/* What the decoder and the encoder of BSON share; private to wire/. */

typedef enum {
  OAK_BSON_DOUBLE = 0x01,
  OAK_BSON_STRING = 0x02,
  OAK_BSON_DOCUMENT = 0x03,
  OAK_BSON_ARRAY = 0x04,
  OAK_BSON_BINARY = 0x05,
  OAK_BSON_UNDEFINED = 0x06,
  OAK_BSON_OBJECT_ID = 0x07,
  OAK_BSON_BOOLEAN = 0x08,
  OAK_BSON_DATE = 0x09,
  OAK_BSON_NULL = 0x0a,
  OAK_BSON_REGULAR_EXPRESSION = 0x0b,
  OAK_BSON_POINTER = 0x0c,
  OAK_BSON_CODE = 0x0d,
  OAK_BSON_SYMBOL = 0x0e,
  OAK_BSON_CODE_WITH_SCOPE = 0x0f,
  OAK_BSON_INT32 = 0x10,
  OAK_BSON_TIMESTAMP = 0x11,
  OAK_BSON_INT64 = 0x12,
  OAK_BSON_DECIMAL = 0x13,
  OAK_BSON_MAX_KEY = 0x7f,
  OAK_BSON_MIN_KEY = 0xff,
} OakBsonType;

/* The one member of an object that stands for an element without a JSON form, and its two members.
 */
#define OAK_BSON_RAW_KEY  "$bson"
#define OAK_BSON_RAW_TYPE "type"
#define OAK_BSON_RAW_DATA "data"

/* An object that is, or could be mistaken for, the stand-in of a raw element. */
gboolean
oak_bson_object_is_raw (JsonObject *object);

/* FALSE for what JSON has no number for, and for round numbers from 1e17 on, of which json-glib
 * writes "1e+17.0". */
gboolean
oak_bson_double_has_json_form (double value);

/* Moves @reader over the value of one element of @type. Returns: FALSE with OAK_ERROR_PROTOCOL for
 * a type that is none of BSON's (its length is then not known), and for lengths that lie. */
gboolean
oak_bson_skip_value (OakReader *reader, guint8 type, GError **error);

/* Returns: (transfer full): a document that fills @size bytes, itself at @depth (the outermost is
 * at 1). NULL with OAK_ERROR_PROTOCOL. */
JsonObject *
oak_bson_decode_document (OakReader *reader, guint depth, GError **error);

G_END_DECLS
