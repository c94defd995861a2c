/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-image.h"

#include "oak-demo-image.h"
#include "oak-reader.h"
#include "oak-sbr.h"
#include "oak-writer.h"

/* Made-up bootloader images: what the simulator boots instead of a vendor's firmware. Pure
 * functions, any thread. */

#define SIM_IMAGE_RECORD_VERSION 1

gboolean
sim_image_decode (SimImage *self, const void *data, gsize size)
{
  OakReader reader;
  guint32 record_version;

  if (!oak_demo_image_recognise (data, size))
    return FALSE;
  oak_reader_init (&reader, data, size);
  oak_reader_skip (&reader, OAK_DEMO_IMAGE_MAGIC_SIZE, "magic");
  record_version = oak_reader_u32 (&reader, "record version");
  self->type = (OakBootloaderType) oak_reader_i32 (&reader, "type");
  self->version.major = oak_reader_u32 (&reader, "major");
  self->version.minor = oak_reader_u32 (&reader, "minor");
  self->version.patch = oak_reader_u32 (&reader, "patch");
  self->size = oak_reader_u32 (&reader, "size");
  self->checksum = oak_reader_u32 (&reader, "checksum");
  oak_reader_skip (&reader, 28, "zeros");
  if (!oak_reader_finish (&reader, NULL))
    return FALSE;
  return record_version == SIM_IMAGE_RECORD_VERSION && self->size >= OAK_DEMO_IMAGE_RECORD_SIZE &&
         (self->type == OAK_BOOTLOADER_TYPE_USB || self->type == OAK_BOOTLOADER_TYPE_NETWORK);
}

gboolean
sim_image_is_whole (const SimImage *self, const void *data, gsize size)
{
  const guint8 *bytes = data;

  if (self->size < OAK_DEMO_IMAGE_RECORD_SIZE || self->size > size)
    return FALSE;
  return oak_sbr_checksum (OAK_SBR_CHECKSUM_START,
                           bytes + OAK_DEMO_IMAGE_RECORD_SIZE,
                           self->size - OAK_DEMO_IMAGE_RECORD_SIZE) == self->checksum;
}

static void
sim_image_append_body (OakWriter *writer, guint32 seed, gsize size)
{
  guint32 state = seed * 2654435761u + 1;

  for (gsize i = 0; i < size; i++) {
    state = state * 1664525u + 1013904223u;
    oak_writer_u8 (writer, (guint8) (state >> 24));
  }
}

GBytes *
sim_image_make (OakBootloaderType type, OakVersion version, gsize size)
{
  g_auto (OakWriter) writer = { NULL };
  guint32 seed = (version.major << 20) ^ (version.minor << 10) ^ (version.patch << 1) ^
                 (type == OAK_BOOTLOADER_TYPE_NETWORK ? 1u : 0u);

  g_return_val_if_fail (size >= OAK_DEMO_IMAGE_RECORD_SIZE && size <= G_MAXUINT32, NULL);

  oak_writer_init (&writer);
  oak_writer_bytes (&writer, OAK_DEMO_IMAGE_MAGIC, OAK_DEMO_IMAGE_MAGIC_SIZE);
  oak_writer_u32 (&writer, SIM_IMAGE_RECORD_VERSION);
  oak_writer_i32 (&writer, type);
  oak_writer_u32 (&writer, version.major);
  oak_writer_u32 (&writer, version.minor);
  oak_writer_u32 (&writer, version.patch);
  oak_writer_u32 (&writer, (guint32) size);
  oak_writer_u32 (&writer, 0);
  oak_writer_pad (&writer, OAK_DEMO_IMAGE_RECORD_SIZE - oak_writer_get_size (&writer));
  sim_image_append_body (&writer, seed, size - OAK_DEMO_IMAGE_RECORD_SIZE);
  oak_writer_patch_u32 (
      &writer,
      32,
      oak_sbr_checksum (OAK_SBR_CHECKSUM_START,
                        oak_writer_get_data (&writer) + OAK_DEMO_IMAGE_RECORD_SIZE,
                        size - OAK_DEMO_IMAGE_RECORD_SIZE));
  return oak_writer_steal_bytes (&writer);
}
