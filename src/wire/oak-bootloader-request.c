/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-bootloader-message.h"

#include "oak-error.h"
#include "oak-reader.h"
#include "oak-writer.h"

/* Requests to the bootloader, to and from bytes: one encoder and one decoder a message, each the
 * list of its fields in wire order, padding included (bootloader.md §4.1). Pure functions, any
 * thread. */

typedef void (*EncodeFunction) (const OakBootloaderRequest *self, OakWriter *writer);
typedef void (*DecodeFunction) (OakBootloaderRequest *self, OakReader *reader);

/* A request that is only its command. */
static void
encode_nothing (const OakBootloaderRequest *self, OakWriter *writer)
{
}

static void
decode_nothing (OakBootloaderRequest *self, OakReader *reader)
{
}

static void
encode_update_flash (const OakBootloaderRequest *self, OakWriter *writer)
{
  oak_writer_u32 (writer, self->update_flash.storage);
  oak_writer_u32 (writer, self->update_flash.total_size);
  oak_writer_u32 (writer, self->update_flash.n_packets);
}

static void
decode_update_flash (OakBootloaderRequest *self, OakReader *reader)
{
  self->update_flash.storage = oak_reader_u32 (reader, "storage");
  self->update_flash.total_size = oak_reader_u32 (reader, "totalSize");
  self->update_flash.n_packets = oak_reader_u32 (reader, "numPackets");
}

static void
encode_boot_memory (const OakBootloaderRequest *self, OakWriter *writer)
{
  oak_writer_u32 (writer, self->boot_memory.total_size);
  oak_writer_u32 (writer, self->boot_memory.n_packets);
}

static void
decode_boot_memory (OakBootloaderRequest *self, OakReader *reader)
{
  self->boot_memory.total_size = oak_reader_u32 (reader, "totalSize");
  self->boot_memory.n_packets = oak_reader_u32 (reader, "numPackets");
}

static void
encode_update_flash_ex (const OakBootloaderRequest *self, OakWriter *writer)
{
  oak_writer_i32 (writer, self->update_flash_ex.memory);
  oak_writer_i32 (writer, self->update_flash_ex.section);
  oak_writer_u32 (writer, self->update_flash_ex.total_size);
  oak_writer_u32 (writer, self->update_flash_ex.n_packets);
}

static void
decode_update_flash_ex (OakBootloaderRequest *self, OakReader *reader)
{
  self->update_flash_ex.memory = oak_reader_i32 (reader, "memory");
  self->update_flash_ex.section = oak_reader_i32 (reader, "section");
  self->update_flash_ex.total_size = oak_reader_u32 (reader, "totalSize");
  self->update_flash_ex.n_packets = oak_reader_u32 (reader, "numPackets");
}

static void
encode_update_flash_ex2 (const OakBootloaderRequest *self, OakWriter *writer)
{
  oak_writer_i32 (writer, self->update_flash_ex2.memory);
  oak_writer_u32 (writer, self->update_flash_ex2.offset);
  oak_writer_u32 (writer, self->update_flash_ex2.total_size);
  oak_writer_u32 (writer, self->update_flash_ex2.n_packets);
}

static void
decode_update_flash_ex2 (OakBootloaderRequest *self, OakReader *reader)
{
  self->update_flash_ex2.memory = oak_reader_i32 (reader, "memory");
  self->update_flash_ex2.offset = oak_reader_u32 (reader, "offset");
  self->update_flash_ex2.total_size = oak_reader_u32 (reader, "totalSize");
  self->update_flash_ex2.n_packets = oak_reader_u32 (reader, "numPackets");
}

static void
encode_set_config (const OakBootloaderRequest *self, OakWriter *writer)
{
  oak_writer_i32 (writer, self->set_config.memory);
  oak_writer_i64 (writer, self->set_config.offset);
  oak_writer_u32 (writer, self->set_config.clear_config);
  oak_writer_u32 (writer, self->set_config.total_size);
  oak_writer_u32 (writer, self->set_config.n_packets);
  oak_writer_pad (writer, 4);
}

static void
decode_set_config (OakBootloaderRequest *self, OakReader *reader)
{
  self->set_config.memory = oak_reader_i32 (reader, "memory");
  self->set_config.offset = oak_reader_i64 (reader, "offset");
  self->set_config.clear_config = oak_reader_u32 (reader, "clearConfig");
  self->set_config.total_size = oak_reader_u32 (reader, "totalSize");
  self->set_config.n_packets = oak_reader_u32 (reader, "numPackets");
  oak_reader_skip (reader, 4, "padding");
}

static void
encode_get_config (const OakBootloaderRequest *self, OakWriter *writer)
{
  oak_writer_i32 (writer, self->get_config.memory);
  oak_writer_i64 (writer, self->get_config.offset);
  oak_writer_u32 (writer, self->get_config.max_size);
  oak_writer_pad (writer, 4);
}

static void
decode_get_config (OakBootloaderRequest *self, OakReader *reader)
{
  self->get_config.memory = oak_reader_i32 (reader, "memory");
  self->get_config.offset = oak_reader_i64 (reader, "offset");
  self->get_config.max_size = oak_reader_u32 (reader, "maxSize");
  oak_reader_skip (reader, 4, "padding");
}

static void
encode_update_boot_header (const OakBootloaderRequest *self, OakWriter *writer)
{
  oak_writer_i32 (writer, self->update_boot_header.type);
  oak_writer_i64 (writer, self->update_boot_header.offset);
  oak_writer_i64 (writer, self->update_boot_header.location);
  oak_writer_i32 (writer, self->update_boot_header.dummy_cycles);
  oak_writer_i32 (writer, self->update_boot_header.frequency);
  oak_writer_i32 (writer, self->update_boot_header.gpio_mode);
  oak_writer_pad (writer, 4);
}

static void
decode_update_boot_header (OakBootloaderRequest *self, OakReader *reader)
{
  self->update_boot_header.type = oak_reader_i32 (reader, "type");
  self->update_boot_header.offset = oak_reader_i64 (reader, "offset");
  self->update_boot_header.location = oak_reader_i64 (reader, "location");
  self->update_boot_header.dummy_cycles = oak_reader_i32 (reader, "dummyCycles");
  self->update_boot_header.frequency = oak_reader_i32 (reader, "frequency");
  self->update_boot_header.gpio_mode = oak_reader_i32 (reader, "gpioMode");
  oak_reader_skip (reader, 4, "padding");
}

static void
encode_read_flash (const OakBootloaderRequest *self, OakWriter *writer)
{
  oak_writer_i32 (writer, self->read_flash.memory);
  oak_writer_u32 (writer, self->read_flash.offset);
  oak_writer_u32 (writer, self->read_flash.total_size);
}

static void
decode_read_flash (OakBootloaderRequest *self, OakReader *reader)
{
  self->read_flash.memory = oak_reader_i32 (reader, "memory");
  self->read_flash.offset = oak_reader_u32 (reader, "offset");
  self->read_flash.total_size = oak_reader_u32 (reader, "totalSize");
}

static void
encode_get_application_details (const OakBootloaderRequest *self, OakWriter *writer)
{
  oak_writer_i32 (writer, self->get_application_details.memory);
}

static void
decode_get_application_details (OakBootloaderRequest *self, OakReader *reader)
{
  self->get_application_details.memory = oak_reader_i32 (reader, "memory");
}

static void
encode_get_memory_details (const OakBootloaderRequest *self, OakWriter *writer)
{
  oak_writer_i32 (writer, self->get_memory_details.memory);
}

static void
decode_get_memory_details (OakBootloaderRequest *self, OakReader *reader)
{
  self->get_memory_details.memory = oak_reader_i32 (reader, "memory");
}

typedef struct {
  EncodeFunction encode;
  DecodeFunction decode;
} RequestCodec;

static const RequestCodec codecs[] = {
  [OAK_REQUEST_USB_ROM_BOOT] = { encode_nothing, decode_nothing },
  [OAK_REQUEST_BOOT_APPLICATION] = { encode_nothing, decode_nothing },
  [OAK_REQUEST_UPDATE_FLASH] = { encode_update_flash, decode_update_flash },
  [OAK_REQUEST_GET_VERSION] = { encode_nothing, decode_nothing },
  [OAK_REQUEST_BOOT_MEMORY] = { encode_boot_memory, decode_boot_memory },
  [OAK_REQUEST_UPDATE_FLASH_EX] = { encode_update_flash_ex, decode_update_flash_ex },
  [OAK_REQUEST_UPDATE_FLASH_EX2] = { encode_update_flash_ex2, decode_update_flash_ex2 },
  [OAK_REQUEST_GET_TYPE] = { encode_nothing, decode_nothing },
  [OAK_REQUEST_SET_CONFIG] = { encode_set_config, decode_set_config },
  [OAK_REQUEST_GET_CONFIG] = { encode_get_config, decode_get_config },
  [OAK_REQUEST_GET_BOOTLOADER_MEMORY] = { encode_nothing, decode_nothing },
  [OAK_REQUEST_GET_COMMIT] = { encode_nothing, decode_nothing },
  [OAK_REQUEST_UPDATE_BOOT_HEADER] = { encode_update_boot_header, decode_update_boot_header },
  [OAK_REQUEST_READ_FLASH] = { encode_read_flash, decode_read_flash },
  [OAK_REQUEST_GET_APPLICATION_DETAILS] = { encode_get_application_details,
                                            decode_get_application_details },
  [OAK_REQUEST_GET_MEMORY_DETAILS] = { encode_get_memory_details, decode_get_memory_details },
  [OAK_REQUEST_IS_USER_BOOTLOADER] = { encode_nothing, decode_nothing },
};

static const RequestCodec *
find_codec (guint32 command)
{
  if (command >= G_N_ELEMENTS (codecs) || codecs[command].encode == NULL)
    return NULL;
  return &codecs[command];
}

GBytes *
oak_bootloader_request_encode (const OakBootloaderRequest *self)
{
  const RequestCodec *codec = find_codec (self->command);
  g_auto (OakWriter) writer = { NULL };

  g_return_val_if_fail (codec != NULL, NULL);

  oak_writer_init (&writer);
  oak_writer_u32 (&writer, self->command);
  codec->encode (self, &writer);
  return oak_writer_steal_bytes (&writer);
}

gboolean
oak_bootloader_request_decode (OakBootloaderRequest *self,
                               const void *data,
                               gsize size,
                               GError **error)
{
  const RequestCodec *codec = NULL;
  guint32 command = 0;
  OakReader reader;

  oak_reader_init (&reader, data, size);
  command = oak_reader_u32 (&reader, "command");
  if (!oak_reader_finish (&reader, error))
    return FALSE;
  codec = find_codec (command);
  if (codec == NULL) {
    g_set_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL, "unknown bootloader request %u", command);
    return FALSE;
  }
  *self = (OakBootloaderRequest){ .command = (OakRequestCommand) command };
  codec->decode (self, &reader);
  return oak_reader_finish (&reader, error);
}
