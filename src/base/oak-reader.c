/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-reader.h"

#include <string.h>

#include "oak-error.h"

void
oak_reader_init (OakReader *self, const void *data, gsize size)
{
  *self = (OakReader){ .data = data, .size = size };
}

static const guint8 *
take (OakReader *self, gsize size, const char *field)
{
  const guint8 *bytes = NULL;
  static const guint8 nothing = 0;

  if (self->failed_field != NULL)
    return NULL;
  if (size > self->size - self->offset) {
    self->failed_field = field;
    return NULL;
  }
  bytes = self->data != NULL ? self->data + self->offset : &nothing;
  self->offset += size;
  return bytes;
}

static guint64
take_number (OakReader *self, gsize size, const char *field)
{
  const guint8 *bytes = take (self, size, field);
  guint64 number = 0;

  if (bytes == NULL)
    return 0;
  for (gsize i = size; i > 0; i--)
    number = number << 8 | bytes[i - 1];
  return number;
}

guint8
oak_reader_u8 (OakReader *self, const char *field)
{
  return (guint8) take_number (self, 1, field);
}

guint16
oak_reader_u16 (OakReader *self, const char *field)
{
  return (guint16) take_number (self, 2, field);
}

guint32
oak_reader_u32 (OakReader *self, const char *field)
{
  return (guint32) take_number (self, 4, field);
}

gint32
oak_reader_i32 (OakReader *self, const char *field)
{
  return (gint32) oak_reader_u32 (self, field);
}

guint64
oak_reader_u64 (OakReader *self, const char *field)
{
  return take_number (self, 8, field);
}

gint64
oak_reader_i64 (OakReader *self, const char *field)
{
  return (gint64) take_number (self, 8, field);
}

float
oak_reader_f32 (OakReader *self, const char *field)
{
  guint32 bits = oak_reader_u32 (self, field);
  float number = 0;

  memcpy (&number, &bits, sizeof number);
  return number;
}

void
oak_reader_text (OakReader *self, char *text, gsize field_size, const char *field)
{
  const guint8 *bytes = take (self, field_size, field);
  const guint8 *end = NULL;
  gsize length = 0;

  if (bytes != NULL) {
    end = memchr (bytes, 0, field_size);
    length = end != NULL ? (gsize) (end - bytes) : field_size;
    memcpy (text, bytes, length);
  }
  text[length] = '\0';
}

const guint8 *
oak_reader_bytes (OakReader *self, gsize size, const char *field)
{
  return take (self, size, field);
}

void
oak_reader_skip (OakReader *self, gsize size, const char *field)
{
  take (self, size, field);
}

gsize
oak_reader_get_left (const OakReader *self)
{
  return self->failed_field != NULL ? 0 : self->size - self->offset;
}

gboolean
oak_reader_finish (const OakReader *self, GError **error)
{
  if (self->failed_field == NULL)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_PROTOCOL,
               "message of %" G_GSIZE_FORMAT " bytes ends inside `%s`",
               self->size,
               self->failed_field);
  return FALSE;
}
