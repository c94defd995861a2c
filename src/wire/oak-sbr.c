/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-sbr.h"

#include <string.h>

#include "oak-error.h"
#include "oak-reader.h"
#include "oak-writer.h"

/* The section table at the start of a package, to and from bytes (bootloader.md §7.1). What the
 * sections mean is not known here. Pure functions, any thread. */

#define ENTRY_SIZE     30
#define ERASED_BYTE    0xffu
#define FIRST_ID_BYTE  'B'
#define SECOND_ID_BYTE 'R'

static gboolean
is_void_name (const char *name)
{
  return name[0] == '\0' || (guint8) name[0] == ERASED_BYTE;
}

static void
decode_entry (OakSbrEntry *self, OakReader *reader)
{
  oak_reader_text (reader, self->name, OAK_SBR_NAME_SIZE, "name");
  self->size = oak_reader_u32 (reader, "size");
  self->offset = oak_reader_u32 (reader, "offset");
  self->checksum = oak_reader_u32 (reader, "checksum");
  self->type = oak_reader_u8 (reader, "type");
  self->flags = oak_reader_u8 (reader, "flags");
  if (is_void_name (self->name))
    *self = (OakSbrEntry){ 0 };
}

gboolean
oak_sbr_decode (OakSbr *self, const void *data, gsize size, GError **error)
{
  OakReader reader;
  guint8 identifier[2] = { 0 };

  oak_reader_init (&reader, data, size);
  for (guint i = 0; i < G_N_ELEMENTS (identifier); i++)
    identifier[i] = oak_reader_u8 (&reader, "identifier");
  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++)
    decode_entry (&self->entries[i], &reader);
  if (!oak_reader_finish (&reader, error))
    return FALSE;
  if (identifier[0] != FIRST_ID_BYTE || identifier[1] != SECOND_ID_BYTE) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_PROTOCOL,
                 "section table begins with %02x %02x instead of \"BR\"",
                 identifier[0],
                 identifier[1]);
    return FALSE;
  }
  return TRUE;
}

static void
encode_entry (const OakSbrEntry *self, OakWriter *writer)
{
  /* Not a text field: a name of 16 characters has no NUL. */
  gsize length = strnlen (self->name, OAK_SBR_NAME_SIZE);

  if (is_void_name (self->name)) {
    oak_writer_pad (writer, ENTRY_SIZE);
    return;
  }
  oak_writer_bytes (writer, self->name, length);
  oak_writer_pad (writer, OAK_SBR_NAME_SIZE - length);
  oak_writer_u32 (writer, self->size);
  oak_writer_u32 (writer, self->offset);
  oak_writer_u32 (writer, self->checksum);
  oak_writer_u8 (writer, self->type);
  oak_writer_u8 (writer, self->flags);
}

void
oak_sbr_encode (const OakSbr *self, guint8 bytes[OAK_SBR_SIZE])
{
  g_auto (OakWriter) writer = { NULL };

  oak_writer_init (&writer);
  oak_writer_u8 (&writer, FIRST_ID_BYTE);
  oak_writer_u8 (&writer, SECOND_ID_BYTE);
  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++)
    encode_entry (&self->entries[i], &writer);
  g_assert (oak_writer_get_size (&writer) == OAK_SBR_SIZE);
  memcpy (bytes, oak_writer_get_data (&writer), OAK_SBR_SIZE);
}

const OakSbrEntry *
oak_sbr_find (const OakSbr *self, const char *name)
{
  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++)
    if (self->entries[i].name[0] != '\0' && strcmp (self->entries[i].name, name) == 0)
      return &self->entries[i];
  return NULL;
}

/* Each byte multiplies what was before by 33, so eight of them do by its eighth power, and the
 * eight products need not wait for each other: several times as fast as one by one, which counts
 * for the firmware of a large package. */
static guint32
sum_eight (guint32 checksum, const guint8 *bytes)
{
  static const guint32 powers[] = { 0xec41d4e1, 0x4cfa3cc1, 0x025528a1, 0x00121881,
                                    0x00008c61, 0x00000441, 0x00000021, 0x00000001 };
  guint32 sum = checksum * powers[0] * 33;

  for (guint i = 0; i < G_N_ELEMENTS (powers); i++)
    sum += bytes[i] * powers[i];
  return sum;
}

guint32
oak_sbr_checksum (guint32 checksum, const void *data, gsize size)
{
  const guint8 *bytes = data;
  gsize i = 0;

  for (; i + 8 <= size; i += 8)
    checksum = sum_eight (checksum, bytes + i);
  for (; i < size; i++)
    checksum = checksum * 33 + bytes[i];
  return checksum;
}
