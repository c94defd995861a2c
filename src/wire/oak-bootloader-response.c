/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-bootloader-message.h"

#include <string.h>

#include "oak-error.h"
#include "oak-reader.h"
#include "oak-writer.h"

/* Responses of the bootloader, to and from bytes: one encoder and one decoder a message, each the
 * list of its fields in wire order, padding included (bootloader.md §4.2). Pure functions, any
 * thread. */

typedef void (*EncodeFunction) (const OakBootloaderResponse *self, OakWriter *writer);
typedef void (*DecodeFunction) (OakBootloaderResponse *self, OakReader *reader);

static void
encode_flash_complete (const OakBootloaderResponse *self, OakWriter *writer)
{
  oak_writer_u32 (writer, self->flash_complete.success);
  oak_writer_text (writer, self->flash_complete.error_text, OAK_ERROR_TEXT_SIZE);
}

static void
decode_flash_complete (OakBootloaderResponse *self, OakReader *reader)
{
  self->flash_complete.success = oak_reader_u32 (reader, "success");
  oak_reader_text (reader, self->flash_complete.error_text, OAK_ERROR_TEXT_SIZE, "errorMsg");
}

static void
encode_flash_status (const OakBootloaderResponse *self, OakWriter *writer)
{
  oak_writer_f32 (writer, self->flash_status.progress);
}

static void
decode_flash_status (OakBootloaderResponse *self, OakReader *reader)
{
  self->flash_status.progress = oak_reader_f32 (reader, "progress");
}

static void
encode_version (const OakBootloaderResponse *self, OakWriter *writer)
{
  oak_writer_u32 (writer, self->version.major);
  oak_writer_u32 (writer, self->version.minor);
  oak_writer_u32 (writer, self->version.patch);
}

static void
decode_version (OakBootloaderResponse *self, OakReader *reader)
{
  self->version.major = oak_reader_u32 (reader, "major");
  self->version.minor = oak_reader_u32 (reader, "minor");
  self->version.patch = oak_reader_u32 (reader, "patch");
}

static void
encode_type (const OakBootloaderResponse *self, OakWriter *writer)
{
  oak_writer_i32 (writer, self->type.type);
}

static void
decode_type (OakBootloaderResponse *self, OakReader *reader)
{
  self->type.type = oak_reader_i32 (reader, "type");
}

static void
encode_data (const OakBootloaderResponse *self, OakWriter *writer)
{
  oak_writer_u32 (writer, self->data.success);
  oak_writer_text (writer, self->data.error_text, OAK_ERROR_TEXT_SIZE);
  oak_writer_u32 (writer, self->data.total_size);
  oak_writer_u32 (writer, self->data.n_packets);
}

static void
decode_data (OakBootloaderResponse *self, OakReader *reader)
{
  self->data.success = oak_reader_u32 (reader, "success");
  oak_reader_text (reader, self->data.error_text, OAK_ERROR_TEXT_SIZE, "errorMsg");
  self->data.total_size = oak_reader_u32 (reader, "totalSize");
  self->data.n_packets = oak_reader_u32 (reader, "numPackets");
}

static void
encode_bootloader_memory (const OakBootloaderResponse *self, OakWriter *writer)
{
  oak_writer_i32 (writer, self->bootloader_memory.memory);
}

static void
decode_bootloader_memory (OakBootloaderResponse *self, OakReader *reader)
{
  self->bootloader_memory.memory = oak_reader_i32 (reader, "memory");
}

static void
encode_commit (const OakBootloaderResponse *self, OakWriter *writer)
{
  oak_writer_text (writer, self->commit.commit, OAK_COMMIT_SIZE);
}

static void
decode_commit (OakBootloaderResponse *self, OakReader *reader)
{
  oak_reader_text (reader, self->commit.commit, OAK_COMMIT_SIZE, "commitStr");
}

static void
encode_application_details (const OakBootloaderResponse *self, OakWriter *writer)
{
  oak_writer_u32 (writer, self->application_details.success);
  oak_writer_text (writer, self->application_details.error_text, OAK_ERROR_TEXT_SIZE);
  oak_writer_u32 (writer, self->application_details.has_application);
  oak_writer_u32 (writer, self->application_details.has_firmware_version);
  oak_writer_u32 (writer, self->application_details.has_application_name);
  oak_writer_text (writer, self->application_details.firmware_version, OAK_FIRMWARE_VERSION_SIZE);
  oak_writer_text (writer, self->application_details.application_name, OAK_APPLICATION_NAME_SIZE);
}

static void
decode_application_details (OakBootloaderResponse *self, OakReader *reader)
{
  self->application_details.success = oak_reader_u32 (reader, "success");
  oak_reader_text (reader, self->application_details.error_text, OAK_ERROR_TEXT_SIZE, "errorMsg");
  self->application_details.has_application = oak_reader_u32 (reader, "hasApplication");
  self->application_details.has_firmware_version = oak_reader_u32 (reader, "hasFirmwareVersion");
  self->application_details.has_application_name = oak_reader_u32 (reader, "hasApplicationName");
  oak_reader_text (reader,
                   self->application_details.firmware_version,
                   OAK_FIRMWARE_VERSION_SIZE,
                   "firmwareVersionStr");
  oak_reader_text (reader,
                   self->application_details.application_name,
                   OAK_APPLICATION_NAME_SIZE,
                   "applicationNameStr");
}

static void
encode_memory_details (const OakBootloaderResponse *self, OakWriter *writer)
{
  oak_writer_u32 (writer, self->memory_details.has_memory);
  oak_writer_i32 (writer, self->memory_details.memory);
  oak_writer_pad (writer, 4);
  oak_writer_i64 (writer, self->memory_details.memory_size);
  oak_writer_text (writer, self->memory_details.memory_info, OAK_MEMORY_INFO_SIZE);
}

static void
decode_memory_details (OakBootloaderResponse *self, OakReader *reader)
{
  self->memory_details.has_memory = oak_reader_u32 (reader, "hasMemory");
  self->memory_details.memory = oak_reader_i32 (reader, "memory");
  oak_reader_skip (reader, 4, "padding");
  self->memory_details.memory_size = oak_reader_i64 (reader, "memorySize");
  oak_reader_text (reader, self->memory_details.memory_info, OAK_MEMORY_INFO_SIZE, "memoryInfo");
}

static void
encode_is_user_bootloader (const OakBootloaderResponse *self, OakWriter *writer)
{
  oak_writer_u32 (writer, self->is_user_bootloader.is_user_bootloader);
}

static void
decode_is_user_bootloader (OakBootloaderResponse *self, OakReader *reader)
{
  self->is_user_bootloader.is_user_bootloader = oak_reader_u32 (reader, "isUserBootloader");
}

static void
encode_no_op (const OakBootloaderResponse *self, OakWriter *writer)
{
  oak_writer_u32 (writer, self->no_op.invalid_op);
}

static void
decode_no_op (OakBootloaderResponse *self, OakReader *reader)
{
  self->no_op.invalid_op = oak_reader_u32 (reader, "invalidOp");
}

typedef struct {
  EncodeFunction encode;
  DecodeFunction decode;
} ResponseCodec;

static const ResponseCodec codecs[] = {
  [OAK_RESPONSE_FLASH_COMPLETE] = { encode_flash_complete, decode_flash_complete },
  [OAK_RESPONSE_FLASH_STATUS] = { encode_flash_status, decode_flash_status },
  [OAK_RESPONSE_VERSION] = { encode_version, decode_version },
  [OAK_RESPONSE_TYPE] = { encode_type, decode_type },
  [OAK_RESPONSE_CONFIG] = { encode_data, decode_data },
  [OAK_RESPONSE_BOOTLOADER_MEMORY] = { encode_bootloader_memory, decode_bootloader_memory },
  [OAK_RESPONSE_BOOT_APPLICATION] = { encode_flash_complete, decode_flash_complete },
  [OAK_RESPONSE_COMMIT] = { encode_commit, decode_commit },
  [OAK_RESPONSE_READ_FLASH] = { encode_data, decode_data },
  [OAK_RESPONSE_APPLICATION_DETAILS] = { encode_application_details, decode_application_details },
  [OAK_RESPONSE_MEMORY_DETAILS] = { encode_memory_details, decode_memory_details },
  [OAK_RESPONSE_IS_USER_BOOTLOADER] = { encode_is_user_bootloader, decode_is_user_bootloader },
  [OAK_RESPONSE_NO_OP] = { encode_no_op, decode_no_op },
};

GBytes *
oak_bootloader_response_encode (const OakBootloaderResponse *self)
{
  g_auto (OakWriter) writer = { NULL };

  g_return_val_if_fail ((guint) self->command < G_N_ELEMENTS (codecs), NULL);

  oak_writer_init (&writer);
  oak_writer_u32 (&writer, self->command);
  codecs[self->command].encode (self, &writer);
  return oak_writer_steal_bytes (&writer);
}

gboolean
oak_bootloader_response_decode (OakBootloaderResponse *self,
                                const void *data,
                                gsize size,
                                GError **error)
{
  guint32 command = 0;
  OakReader reader;

  oak_reader_init (&reader, data, size);
  command = oak_reader_u32 (&reader, "command");
  if (!oak_reader_finish (&reader, error))
    return FALSE;
  if (command >= G_N_ELEMENTS (codecs)) {
    g_set_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL, "unknown bootloader response %u", command);
    return FALSE;
  }
  memset (self, 0, sizeof *self);
  self->command = (OakResponseCommand) command;
  codecs[command].decode (self, &reader);
  return oak_reader_finish (&reader, error);
}
