/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-nop-writer.h"

/* Values of libnop as bytes (bootloader.md §8.3). Pure functions, any thread. */

static void
write_byte (GByteArray *buffer, guint8 byte)
{
  g_byte_array_append (buffer, &byte, 1);
}

void
oak_nop_write_unsigned (GByteArray *buffer, guint64 value)
{
  guint width_log = value <= G_MAXUINT8    ? 0
                    : value <= G_MAXUINT16 ? 1
                    : value <= G_MAXUINT32 ? 2
                                           : 3;

  if (value < 0x80) {
    write_byte (buffer, (guint8) value);
    return;
  }
  write_byte (buffer, (guint8) (0x80 + width_log));
  for (guint i = 0; i < 1u << width_log; i++)
    write_byte (buffer, (guint8) (value >> (8 * i)));
}

static void
write_sized (GByteArray *buffer, guint8 prefix, const void *data, gsize size)
{
  write_byte (buffer, prefix);
  oak_nop_write_unsigned (buffer, size);
  g_byte_array_append (buffer, data, (guint) size);
}

void
oak_nop_write_string (GByteArray *buffer, OakRawText text)
{
  write_sized (buffer, 0xbd, text.data, text.size);
}

void
oak_nop_write_binary (GByteArray *buffer, const void *data, gsize size)
{
  write_sized (buffer, 0xbc, data, size);
}

void
oak_nop_write_structure (GByteArray *buffer, gsize n_members)
{
  write_byte (buffer, 0xb9);
  oak_nop_write_unsigned (buffer, n_members);
}

void
oak_nop_write_map (GByteArray *buffer, gsize n_pairs)
{
  write_byte (buffer, 0xbb);
  oak_nop_write_unsigned (buffer, n_pairs);
}
