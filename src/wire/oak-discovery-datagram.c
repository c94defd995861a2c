/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-discovery-datagram.h"

#include <string.h>

#include "oak-error.h"
#include "oak-reader.h"
#include "oak-writer.h"

/* The datagrams by which cameras are found, to and from bytes (xlink.md §4). No sockets. Pure
 * functions, any thread. */

void
oak_discovery_request_encode (OakDiscoveryCommand command, guint8 bytes[OAK_DISCOVERY_REQUEST_SIZE])
{
  for (guint i = 0; i < OAK_DISCOVERY_REQUEST_SIZE; i++)
    bytes[i] = (guint8) ((guint32) command >> (8 * i));
}

gboolean
oak_discovery_request_decode (guint32 *command, const void *data, gsize size, GError **error)
{
  OakReader reader;

  oak_reader_init (&reader, data, size);
  *command = oak_reader_u32 (&reader, "command");
  return oak_reader_finish (&reader, error);
}

/* Fills the whole field: an id of 32 characters has no NUL. */
static void
encode_mxid (OakWriter *writer, const char *mxid)
{
  gsize length = strnlen (mxid, OAK_MXID_FIELD_SIZE);

  oak_writer_bytes (writer, mxid, length);
  oak_writer_pad (writer, OAK_MXID_FIELD_SIZE - length);
}

static gboolean
check_mxid (const char *mxid, GError **error)
{
  if (mxid[0] == '\0') {
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_PROTOCOL, "discovery answer has an empty id");
    return FALSE;
  }
  for (const char *character = mxid; *character != '\0'; character++) {
    if (!g_ascii_isprint (*character)) {
      g_set_error (error,
                   OAK_ERROR,
                   OAK_ERROR_PROTOCOL,
                   "discovery answer has byte 0x%02x in its id",
                   (guint8) *character);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
check_command (guint32 command, gboolean is_expected, GError **error)
{
  if (!is_expected)
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_PROTOCOL,
                 "discovery answer has the wrong command %u",
                 command);
  return is_expected;
}

/* Only the three states of xlink.md §4.3 are ever sent by these cameras. */
static OakDeviceState
state_from_wire (guint32 state)
{
  switch (state) {
  case OAK_DEVICE_STATE_BOOTED:
  case OAK_DEVICE_STATE_BOOTLOADER:
  case OAK_DEVICE_STATE_FLASH_BOOTED:
    return (OakDeviceState) state;
  default:
    return OAK_DEVICE_STATE_UNKNOWN;
  }
}

GBytes *
oak_discovery_reply_encode (const OakDiscoveryReply *self)
{
  g_auto (OakWriter) writer = { NULL };

  oak_writer_init (&writer);
  oak_writer_u32 (&writer, self->command);
  encode_mxid (&writer, self->mxid);
  oak_writer_u32 (&writer, self->state);
  if (self->command == OAK_DISCOVERY_COMMAND_DISCOVER_EX) {
    oak_writer_u32 (&writer, self->protocol);
    oak_writer_u32 (&writer, self->platform);
    oak_writer_u16 (&writer, 0); /* portHttp: no host uses it */
    oak_writer_u16 (&writer, 0); /* portHttps */
  }
  return oak_writer_steal_bytes (&writer);
}

gboolean
oak_discovery_reply_decode (OakDiscoveryReply *self, const void *data, gsize size, GError **error)
{
  OakReader reader;

  oak_reader_init (&reader, data, size);
  self->command = oak_reader_u32 (&reader, "command");
  oak_reader_text (&reader, self->mxid, OAK_MXID_FIELD_SIZE, "id");
  self->state = state_from_wire (oak_reader_u32 (&reader, "state"));
  self->protocol = 0;
  self->platform = OAK_DISCOVERY_PLATFORM_RVC2;
  if (self->command == OAK_DISCOVERY_COMMAND_DISCOVER_EX) {
    self->protocol = oak_reader_u32 (&reader, "protocol");
    self->platform = (OakDiscoveryPlatform) oak_reader_u32 (&reader, "platform");
    oak_reader_skip (&reader, 2, "portHttp");
    oak_reader_skip (&reader, 2, "portHttps");
  }
  return oak_reader_finish (&reader, error) &&
         check_command (self->command,
                        self->command == OAK_DISCOVERY_COMMAND_DISCOVER ||
                            self->command == OAK_DISCOVERY_COMMAND_DISCOVER_EX,
                        error) &&
         check_mxid (self->mxid, error);
}

GBytes *
oak_discovery_info_encode (const OakDiscoveryInfo *self)
{
  g_auto (OakWriter) writer = { NULL };

  oak_writer_init (&writer);
  oak_writer_u32 (&writer, OAK_DISCOVERY_COMMAND_INFO);
  encode_mxid (&writer, self->mxid);
  oak_writer_i32 (&writer, self->link_speed);
  oak_writer_i32 (&writer, self->full_duplex);
  oak_writer_i32 (&writer, self->gpio_boot_mode);
  return oak_writer_steal_bytes (&writer);
}

gboolean
oak_discovery_info_decode (OakDiscoveryInfo *self, const void *data, gsize size, GError **error)
{
  OakReader reader;
  guint32 command = 0;

  oak_reader_init (&reader, data, size);
  command = oak_reader_u32 (&reader, "command");
  oak_reader_text (&reader, self->mxid, OAK_MXID_FIELD_SIZE, "id");
  self->link_speed = oak_reader_i32 (&reader, "link speed");
  self->full_duplex = oak_reader_i32 (&reader, "full duplex");
  self->gpio_boot_mode = oak_reader_i32 (&reader, "GPIO boot mode");
  return oak_reader_finish (&reader, error) &&
         check_command (command, command == OAK_DISCOVERY_COMMAND_INFO, error) &&
         check_mxid (self->mxid, error);
}
