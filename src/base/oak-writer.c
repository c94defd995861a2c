/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-writer.h"

#include <string.h>

void
oak_writer_init (OakWriter *self)
{
  self->buffer = g_byte_array_new ();
}

void
oak_writer_clear (OakWriter *self)
{
  g_clear_pointer (&self->buffer, g_byte_array_unref);
}

static void
append_number (OakWriter *self, guint64 value, gsize size)
{
  guint8 bytes[8];

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (value >> (8 * i));
  g_byte_array_append (self->buffer, bytes, (guint) size);
}

void
oak_writer_u8 (OakWriter *self, guint8 value)
{
  append_number (self, value, 1);
}

void
oak_writer_u16 (OakWriter *self, guint16 value)
{
  append_number (self, value, 2);
}

void
oak_writer_u32 (OakWriter *self, guint32 value)
{
  append_number (self, value, 4);
}

void
oak_writer_i32 (OakWriter *self, gint32 value)
{
  append_number (self, (guint32) value, 4);
}

void
oak_writer_u64 (OakWriter *self, guint64 value)
{
  append_number (self, value, 8);
}

void
oak_writer_i64 (OakWriter *self, gint64 value)
{
  append_number (self, (guint64) value, 8);
}

void
oak_writer_f32 (OakWriter *self, float value)
{
  guint32 bits = 0;

  memcpy (&bits, &value, sizeof bits);
  oak_writer_u32 (self, bits);
}

void
oak_writer_bytes (OakWriter *self, const void *data, gsize size)
{
  g_return_if_fail (size <= G_MAXUINT);

  if (size > 0)
    g_byte_array_append (self->buffer, data, (guint) size);
}

void
oak_writer_text (OakWriter *self, const char *text, gsize field_size)
{
  gsize length = strlen (text);

  g_return_if_fail (field_size > 0);

  length = MIN (length, field_size - 1);
  oak_writer_bytes (self, text, length);
  oak_writer_pad (self, field_size - length);
}

void
oak_writer_pad (OakWriter *self, gsize size)
{
  guint old = self->buffer->len;

  g_byte_array_set_size (self->buffer, old + (guint) size);
  memset (self->buffer->data + old, 0, size);
}

void
oak_writer_patch_u32 (OakWriter *self, gsize offset, guint32 value)
{
  g_return_if_fail (offset + 4 <= self->buffer->len);

  for (gsize i = 0; i < 4; i++)
    self->buffer->data[offset + i] = (guint8) (value >> (8 * i));
}

gsize
oak_writer_get_size (const OakWriter *self)
{
  return self->buffer->len;
}

const guint8 *
oak_writer_get_data (const OakWriter *self)
{
  return self->buffer->data;
}

GBytes *
oak_writer_steal_bytes (OakWriter *self)
{
  GBytes *bytes = g_byte_array_free_to_bytes (self->buffer);

  self->buffer = g_byte_array_new ();
  return bytes;
}
