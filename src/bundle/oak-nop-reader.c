/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-nop-reader.h"

#include <string.h>

#include "oak-error.h"

/* The cursor over libnop. No recursion anywhere: how deep a file nests costs a few bytes of a fixed
 * array, never stack. One thread. */

enum {
  PREFIX_SMALL_END = 0x80, /* below: the number itself */
  PREFIX_UNSIGNED = 0x80,  /* 1, 2, 4, 8 bytes */
  PREFIX_SIGNED = 0x84,    /* 1, 2, 4, 8 bytes */
  PREFIX_FLOAT = 0x88,
  PREFIX_DOUBLE = 0x89,
  PREFIX_VARIANT = 0xb8,
  PREFIX_STRUCTURE = 0xb9,
  PREFIX_ARRAY = 0xba,
  PREFIX_MAP = 0xbb,
  PREFIX_BINARY = 0xbc,
  PREFIX_STRING = 0xbd,
  PREFIX_EMPTY = 0xbe,
  PREFIX_NEGATIVE = 0xc0, /* from here on: the number itself, as a signed byte */
};

void
oak_nop_reader_init (OakNopReader *self, const void *data, gsize size)
{
  *self = (OakNopReader){ .data = size > 0 ? data : (const guint8 *) "", .size = size };
}

/* What follows a failure reads as zeros: the cursor stands still at the end. */
void
oak_nop_reader_fail (OakNopReader *self, const char *field, const char *reason)
{
  if (self->failed_field != NULL)
    return;
  self->failed_field = field;
  self->failed_reason = reason;
  self->failed_offset = self->offset;
  self->offset = self->size;
}

gboolean
oak_nop_reader_is_failed (const OakNopReader *self)
{
  return self->failed_field != NULL;
}

gsize
oak_nop_reader_get_left (const OakNopReader *self)
{
  return self->size - self->offset;
}

static const guint8 *
take (OakNopReader *self, guint64 size, const char *field)
{
  const guint8 *taken = self->data + self->offset;

  if (size > oak_nop_reader_get_left (self)) {
    oak_nop_reader_fail (self, field, "the bytes end here");
    return NULL;
  }
  self->offset += (gsize) size;
  return taken;
}

/* Returns: @width bytes, little-endian; 0 when they are not there. */
static guint64
take_number (OakNopReader *self, gsize width, const char *field)
{
  const guint8 *bytes = take (self, width, field);
  guint64 value = 0;

  for (gsize i = width; bytes != NULL && i > 0; i--)
    value = (value << 8) | bytes[i - 1];
  return value;
}

/* Returns: FALSE, with the cursor still before it, for a prefix that @self does not have. */
static gboolean
expect (OakNopReader *self, guint8 prefix, const char *field, const char *reason)
{
  if (oak_nop_reader_get_left (self) > 0 && self->data[self->offset] != prefix) {
    oak_nop_reader_fail (self, field, reason);
    return FALSE;
  }
  return take (self, 1, field) != NULL;
}

static guint64
read_unsigned (OakNopReader *self, gsize max_width, const char *field)
{
  gsize start = self->offset;
  guint8 prefix = (guint8) take_number (self, 1, field);
  gsize width = (gsize) 1 << (prefix & 3);

  if (prefix < PREFIX_SMALL_END)
    return prefix;
  if (prefix < PREFIX_SIGNED && width <= max_width)
    return take_number (self, width, field);
  self->offset = start;
  oak_nop_reader_fail (self, field, "this is no unsigned number of that width");
  return 0;
}

static gint64
read_signed (OakNopReader *self, gsize max_width, const char *field)
{
  gsize start = self->offset;
  guint8 prefix = (guint8) take_number (self, 1, field);
  gsize width = (gsize) 1 << (prefix & 3);

  if (prefix < PREFIX_SMALL_END || prefix >= PREFIX_NEGATIVE)
    return (gint8) prefix;
  if (prefix >= PREFIX_SIGNED && prefix < PREFIX_FLOAT && width <= max_width) {
    guint unused_bits = 64 - (8u << (prefix & 3));

    return (gint64) (take_number (self, width, field) << unused_bits) >> unused_bits;
  }
  self->offset = start;
  oak_nop_reader_fail (self, field, "this is no signed number of that width");
  return 0;
}

guint32
oak_nop_reader_u32 (OakNopReader *self, const char *field)
{
  return (guint32) read_unsigned (self, sizeof (guint32), field);
}

guint64
oak_nop_reader_u64 (OakNopReader *self, const char *field)
{
  return read_unsigned (self, sizeof (guint64), field);
}

gint32
oak_nop_reader_i32 (OakNopReader *self, const char *field)
{
  return (gint32) read_signed (self, sizeof (gint32), field);
}

gint64
oak_nop_reader_i64 (OakNopReader *self, const char *field)
{
  return read_signed (self, sizeof (gint64), field);
}

gboolean
oak_nop_reader_boolean (OakNopReader *self, const char *field)
{
  if (oak_nop_reader_get_left (self) > 0 && self->data[self->offset] > 1) {
    oak_nop_reader_fail (self, field, "this is neither true nor false");
    return FALSE;
  }
  return take_number (self, 1, field) == 1;
}

float
oak_nop_reader_float (OakNopReader *self, const char *field)
{
  guint32 bits;
  float value;

  if (!expect (self, PREFIX_FLOAT, field, "this is no number of single precision"))
    return 0;
  bits = (guint32) take_number (self, sizeof bits, field);
  memcpy (&value, &bits, sizeof value);
  return value;
}

double
oak_nop_reader_double (OakNopReader *self, const char *field)
{
  guint64 bits;
  double value;

  if (!expect (self, PREFIX_DOUBLE, field, "this is no number of double precision"))
    return 0;
  bits = take_number (self, sizeof bits, field);
  memcpy (&value, &bits, sizeof value);
  return value;
}

static OakRawText
read_sized (OakNopReader *self, const char *field)
{
  guint64 size = oak_nop_reader_u64 (self, field);
  const guint8 *data = take (self, size, field);

  if (data == NULL || oak_nop_reader_is_failed (self))
    return (OakRawText){ "", 0 };
  return (OakRawText){ (const char *) data, (gsize) size };
}

OakRawText
oak_nop_reader_string (OakNopReader *self, const char *field)
{
  if (!expect (self, PREFIX_STRING, field, "this is no text"))
    return (OakRawText){ "", 0 };
  return read_sized (self, field);
}

OakRawText
oak_nop_reader_binary (OakNopReader *self, gsize element_size, const char *field)
{
  OakRawText value = { "", 0 };

  if (expect (self, PREFIX_BINARY, field, "these are no packed numbers"))
    value = read_sized (self, field);
  if (value.size % element_size != 0)
    oak_nop_reader_fail (self, field, "the packed numbers end in the middle of one");
  return value;
}

static gsize
read_count (OakNopReader *self, gsize values_each, const char *field)
{
  guint64 count = oak_nop_reader_u64 (self, field);

  if (count <= oak_nop_reader_get_left (self) / values_each)
    return (gsize) count;
  oak_nop_reader_fail (self, field, "it claims to hold more than there is");
  return 0;
}

gsize
oak_nop_reader_structure (OakNopReader *self, const char *field)
{
  if (!expect (self, PREFIX_STRUCTURE, field, "this is no structure"))
    return 0;
  return read_count (self, 1, field);
}

gsize
oak_nop_reader_array (OakNopReader *self, const char *field)
{
  if (!expect (self, PREFIX_ARRAY, field, "this is no list"))
    return 0;
  return read_count (self, 1, field);
}

gsize
oak_nop_reader_map (OakNopReader *self, const char *field)
{
  if (!expect (self, PREFIX_MAP, field, "this is no map"))
    return 0;
  return read_count (self, 2, field);
}

void
oak_nop_reader_exact_structure (OakNopReader *self, gsize count, const char *field)
{
  if (oak_nop_reader_structure (self, field) != count)
    oak_nop_reader_fail (self, field, "it has another number of members than it must have");
}

void
oak_nop_reader_exact_array (OakNopReader *self, gsize count, const char *field)
{
  if (oak_nop_reader_array (self, field) != count)
    oak_nop_reader_fail (self, field, "it has another number of elements than it must have");
}

static gboolean
next_is (const OakNopReader *self, guint8 prefix)
{
  return oak_nop_reader_get_left (self) > 0 && self->data[self->offset] == prefix;
}

gboolean
oak_nop_reader_take_empty (OakNopReader *self)
{
  if (!next_is (self, PREFIX_EMPTY))
    return FALSE;
  self->offset++;
  return TRUE;
}

gboolean
oak_nop_reader_next_is_string (const OakNopReader *self)
{
  return next_is (self, PREFIX_STRING);
}

static void
read_text (OakNopReader *self, const char *field, OakNopTextFunc on_text, gpointer user_data)
{
  OakRawText text = oak_nop_reader_string (self, field);

  if (on_text != NULL && !oak_nop_reader_is_failed (self))
    on_text (text, user_data);
}

/* Consumes a value, but not what it contains, which is only counted. */
static gsize
enter_value (OakNopReader *self, const char *field, OakNopTextFunc on_text, gpointer user_data)
{
  guint8 prefix =
      oak_nop_reader_get_left (self) > 0 ? self->data[self->offset] : PREFIX_SMALL_END - 1;

  switch (prefix) {
  case PREFIX_EMPTY:
    oak_nop_reader_take_empty (self);
    return 0;
  case PREFIX_FLOAT:
    oak_nop_reader_float (self, field);
    return 0;
  case PREFIX_DOUBLE:
    oak_nop_reader_double (self, field);
    return 0;
  case PREFIX_STRING:
    read_text (self, field, on_text, user_data);
    return 0;
  case PREFIX_BINARY:
    oak_nop_reader_binary (self, 1, field);
    return 0;
  case PREFIX_STRUCTURE:
    return oak_nop_reader_structure (self, field);
  case PREFIX_ARRAY:
    return oak_nop_reader_array (self, field);
  case PREFIX_MAP:
    return 2 * oak_nop_reader_map (self, field);
  case PREFIX_VARIANT:
    take (self, 1, field);
    oak_nop_reader_i64 (self, field);
    return 1;
  default:
    if (prefix >= PREFIX_UNSIGNED && prefix < PREFIX_SIGNED)
      oak_nop_reader_u64 (self, field);
    else
      oak_nop_reader_i64 (self, field);
    return 0;
  }
}

void
oak_nop_reader_walk (OakNopReader *self,
                     const char *field,
                     OakNopTextFunc on_text,
                     gpointer user_data)
{
  gsize left[OAK_NOP_MAX_DEPTH + 1] = { 1 }; /* values still to come on each level */
  guint depth = 0;

  while (!oak_nop_reader_is_failed (self)) {
    gsize n_inside;

    while (left[depth] == 0) {
      if (depth == 0)
        return;
      depth--;
    }
    left[depth]--;
    n_inside = enter_value (self, field, on_text, user_data);
    if (n_inside == 0)
      continue;
    if (depth == OAK_NOP_MAX_DEPTH) {
      oak_nop_reader_fail (self, field, "values are nested too deeply");
      return;
    }
    left[++depth] = n_inside;
  }
}

void
oak_nop_reader_skip (OakNopReader *self, const char *field)
{
  oak_nop_reader_walk (self, field, NULL, NULL);
}

gboolean
oak_nop_reader_finish (const OakNopReader *self, GError **error)
{
  if (self->failed_field == NULL)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_BAD_FILE,
               "`%s` at byte %" G_GSIZE_FORMAT ": %s",
               self->failed_field,
               self->failed_offset,
               self->failed_reason);
  return FALSE;
}
