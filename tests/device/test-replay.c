/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bootloader-private.h"
#include "oak-config.h"
#include "oak-error.h"
#include "replay-device.h"
#include "test-support.h"

/* The device's side of every recorded connection played against OakBootloader: each recorded
 * request is made again by the operation it belongs to, with the same arguments, and must go out
 * with the same bytes; what comes back must be what the device said. */

typedef struct {
  const TraceConnection *connection; /* (unowned) */
  OakBootloader *bootloader;
  guint next; /* message after the request that is being replayed */
  OakBootloaderRequest request;
} Replay;

static const TraceMessage *
get_message (const TraceConnection *connection, guint index)
{
  return g_ptr_array_index (connection->messages, index);
}

static gboolean
is_packet (const TraceMessage *message, gboolean from_host)
{
  return message->from_host == from_host && trace_message_is_write (message, OAK_BOOTLOADER_STREAM);
}

/* The next packet of one side from @self->next on; moves behind it. NULL when there is none. */
static const TraceMessage *
take_packet (Replay *self, gboolean from_host)
{
  for (guint i = self->next; i < self->connection->messages->len; i++) {
    const TraceMessage *message = get_message (self->connection, i);

    if (!is_packet (message, from_host))
      continue;
    self->next = i + 1;
    return message;
  }
  return NULL;
}

/* Returns: (transfer full): the next @size bytes that the host sent. */
static GBytes *
take_host_data (Replay *self, gsize size)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();

  while (data->len < size) {
    const TraceMessage *message = take_packet (self, TRUE);

    /* The recording ends where the link was lost: the rest is made up, and never sent. */
    if (message == NULL) {
      g_byte_array_set_size (data, (guint) size);
      break;
    }
    g_byte_array_append (data,
                         g_bytes_get_data (message->payload, NULL),
                         (guint) g_bytes_get_size (message->payload));
  }
  g_assert_cmpuint (data->len, ==, size);
  return g_byte_array_free_to_bytes (g_steal_pointer (&data));
}

/* What the device says next that is no progress. Returns: FALSE when the link fell first. */
static gboolean
take_response (Replay *self, OakBootloaderResponse *response)
{
  const TraceMessage *message;

  while ((message = take_packet (self, FALSE)) != NULL) {
    g_autoptr (GError) error = NULL;
    gsize size = 0;
    gconstpointer data = g_bytes_get_data (message->payload, &size);

    oak_bootloader_response_decode (response, data, size, &error);
    g_assert_no_error (error);
    if (response->command != OAK_RESPONSE_FLASH_STATUS)
      return TRUE;
  }
  return FALSE;
}

/* The outcome must be what the device said. */
static void
assert_outcome (gboolean success, GError *error, guint32 expected, const char *camera_text)
{
  if (expected != 0) {
    g_assert_no_error (error);
    g_assert_true (success);
    return;
  }
  g_assert_false (success);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_REFUSED);
  g_assert_true (strstr (error->message, camera_text) != NULL);
}

static void
assert_flash_outcome (Replay *self, gboolean success, GError *error)
{
  OakBootloaderResponse response;

  if (!take_response (self, &response)) {
    g_assert_false (success);
    g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
    return;
  }
  g_assert_cmpint (response.command, ==, OAK_RESPONSE_FLASH_COMPLETE);
  assert_outcome (success,
                  error,
                  response.flash_complete.success,
                  response.flash_complete.error_text);
}

typedef struct {
  guint64 sent;
  guint64 confirmed;
  guint64 total;
} Transfer;

static void
watch_transfer (guint64 sent, guint64 confirmed, guint64 total, gpointer user_data)
{
  Transfer *transfer = user_data;

  g_assert_cmpuint (sent, >=, transfer->sent);
  g_assert_cmpuint (confirmed, >=, transfer->confirmed);
  g_assert_cmpuint (confirmed, <=, sent);
  g_assert_cmpuint (sent, <=, total);
  *transfer = (Transfer){ sent, confirmed, total };
}

static void
replay_write (Replay *self)
{
  const OakBootloaderRequest *request = &self->request;
  gboolean to_storage = request->command == OAK_REQUEST_UPDATE_FLASH;
  guint32 size =
      to_storage ? request->update_flash.total_size : request->update_flash_ex2.total_size;
  g_autoptr (GBytes) bytes = take_host_data (self, size);
  g_autoptr (GError) error = NULL;
  Transfer transfer = { 0 };
  gboolean success;

  /* The recorded host writes a region in one request: so do we on a link as fast as this. */
  self->bootloader->send_speed = 1e12;
  if (to_storage)
    success = oak_bootloader_write_storage (self->bootloader,
                                            request->update_flash.storage,
                                            bytes,
                                            OAK_WRITE_FLAGS_PATIENT,
                                            watch_transfer,
                                            &transfer,
                                            NULL,
                                            &error);
  else
    success = oak_bootloader_write_region (self->bootloader,
                                           request->update_flash_ex2.memory,
                                           request->update_flash_ex2.offset,
                                           bytes,
                                           OAK_WRITE_FLAGS_NONE,
                                           watch_transfer,
                                           &transfer,
                                           NULL,
                                           &error);
  assert_flash_outcome (self, success, error);
  if (success)
    g_assert_cmpuint (transfer.confirmed, ==, size);
}

static void
replay_get_config (Replay *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakConfig) config = oak_bootloader_read_config (self->bootloader, NULL, &error);
  OakBootloaderResponse response;
  const TraceMessage *packet;
  g_autoptr (GBytes) again = NULL;

  g_assert_true (take_response (self, &response));
  assert_outcome (config != NULL, error, response.data.success, response.data.error_text);
  if (config == NULL)
    return;
  packet = take_packet (self, FALSE);
  again = oak_config_to_bson (config, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (again, packet->payload));
}

static void
replay_set_config (Replay *self)
{
  g_autoptr (GError) error = NULL;
  gboolean success;

  if (self->request.set_config.clear_config != 0) {
    success = oak_bootloader_clear_config (self->bootloader, NULL, &error);
  } else {
    g_autoptr (GBytes) bson = take_host_data (self, self->request.set_config.total_size);
    gsize size = 0;
    gconstpointer data = g_bytes_get_data (bson, &size);
    g_autoptr (OakConfig) config = oak_config_new_from_bson (data, size, &error);

    g_assert_no_error (error);
    success = oak_bootloader_write_config (self->bootloader, config, NULL, &error);
  }
  assert_flash_outcome (self, success, error);
}

static void
replay_memory_details (Replay *self)
{
  g_autoptr (GError) error = NULL;
  OakMemoryDetails details;
  OakBootloaderResponse response;

  oak_bootloader_read_memory_details (self->bootloader,
                                      self->request.get_memory_details.memory,
                                      &details,
                                      NULL,
                                      &error);
  g_assert_no_error (error);
  g_assert_true (take_response (self, &response));
  g_assert_cmpint (details.available, ==, response.memory_details.has_memory != 0);
  g_assert_cmpuint (details.size, ==, (guint64) response.memory_details.memory_size);
  g_assert_cmpstr (details.description, ==, response.memory_details.memory_info);
}

static void
replay_application_details (Replay *self)
{
  g_autoptr (GError) error = NULL;
  g_auto (OakApplicationDetails) details = { 0 };
  OakBootloaderResponse response;
  gboolean success =
      oak_bootloader_read_application_details (self->bootloader,
                                               self->request.get_application_details.memory,
                                               &details,
                                               NULL,
                                               &error);

  g_assert_true (take_response (self, &response));
  assert_outcome (success,
                  error,
                  response.application_details.success,
                  response.application_details.error_text);
  if (!success)
    return;
  g_assert_cmpint (details.present, ==, response.application_details.has_application != 0);
  if (response.application_details.has_application_name != 0)
    g_assert_cmpstr (details.name, ==, response.application_details.application_name);
  if (response.application_details.has_firmware_version != 0)
    g_assert_cmpstr (details.firmware_version, ==, response.application_details.firmware_version);
}

static void
replay_is_user_bootloader (Replay *self)
{
  g_autoptr (GError) error = NULL;
  gboolean is_user_bootloader = FALSE;
  OakBootloaderResponse response;

  oak_bootloader_read_is_user_bootloader (self->bootloader, &is_user_bootloader, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (take_response (self, &response));
  g_assert_cmpint (is_user_bootloader, ==, response.is_user_bootloader.is_user_bootloader != 0);
}

static gboolean
gather (guint32 offset, const guint8 *data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

static void
replay_read_flash (Replay *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) read = g_byte_array_new ();
  OakBootloaderResponse response;
  const TraceMessage *packet;
  gboolean success = oak_bootloader_read_region (self->bootloader,
                                                 self->request.read_flash.memory,
                                                 self->request.read_flash.offset,
                                                 self->request.read_flash.total_size,
                                                 gather,
                                                 read,
                                                 NULL,
                                                 &error);

  g_assert_true (take_response (self, &response));
  assert_outcome (success, error, response.data.success, response.data.error_text);
  if (!success)
    return;
  packet = take_packet (self, FALSE);
  g_assert_cmpmem (read->data,
                   read->len,
                   g_bytes_get_data (packet->payload, NULL),
                   g_bytes_get_size (packet->payload));
}

static void
replay_boot_header (Replay *self)
{
  const OakBootloaderRequest *request = &self->request;
  g_autoptr (GError) error = NULL;
  gboolean success = oak_bootloader_write_boot_header (self->bootloader,
                                                       request->update_boot_header.type,
                                                       request->update_boot_header.offset,
                                                       request->update_boot_header.location,
                                                       request->update_boot_header.dummy_cycles,
                                                       request->update_boot_header.frequency,
                                                       request->update_boot_header.gpio_mode,
                                                       NULL,
                                                       &error);

  assert_flash_outcome (self, success, error);
}

static void
replay_boot_memory (Replay *self)
{
  g_autoptr (GBytes) image = take_host_data (self, self->request.boot_memory.total_size);
  g_autoptr (GError) error = NULL;

  oak_bootloader_boot_memory (self->bootloader, image, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
replay_boot_usb_rom (Replay *self)
{
  g_autoptr (GError) error = NULL;

  oak_bootloader_boot_usb_rom (self->bootloader, NULL, &error);
  g_assert_no_error (error);
}

static void
replay_request (Replay *self)
{
  g_test_message ("%s", oak_request_command_to_string (self->request.command));
  switch ((int) self->request.command) {
  case OAK_REQUEST_UPDATE_FLASH:
  case OAK_REQUEST_UPDATE_FLASH_EX2:
    replay_write (self);
    break;
  case OAK_REQUEST_GET_CONFIG:
    replay_get_config (self);
    break;
  case OAK_REQUEST_SET_CONFIG:
    replay_set_config (self);
    break;
  case OAK_REQUEST_GET_MEMORY_DETAILS:
    replay_memory_details (self);
    break;
  case OAK_REQUEST_GET_APPLICATION_DETAILS:
    replay_application_details (self);
    break;
  case OAK_REQUEST_IS_USER_BOOTLOADER:
    replay_is_user_bootloader (self);
    break;
  case OAK_REQUEST_READ_FLASH:
    replay_read_flash (self);
    break;
  case OAK_REQUEST_UPDATE_BOOT_HEADER:
    replay_boot_header (self);
    break;
  case OAK_REQUEST_BOOT_MEMORY:
    replay_boot_memory (self);
    break;
  case OAK_REQUEST_USB_ROM_BOOT:
    replay_boot_usb_rom (self);
    break;
  default:
    g_error ("no operation for request %u", self->request.command);
  }
}

static gboolean
is_identity (OakRequestCommand command)
{
  return command == OAK_REQUEST_GET_VERSION || command == OAK_REQUEST_GET_COMMIT ||
         command == OAK_REQUEST_GET_TYPE;
}

static gboolean
device_answered_reset (const TraceConnection *connection)
{
  for (guint i = 0; i < connection->messages->len; i++) {
    const TraceMessage *message = get_message (connection, i);

    if (!message->from_host && message->event.type == OAK_XLINK_EVENT_RESET_RESP)
      return TRUE;
  }
  return FALSE;
}

static void
replay_all_requests (Replay *self)
{
  const TraceMessage *message;

  while ((message = take_packet (self, TRUE)) != NULL) {
    g_autoptr (GError) error = NULL;
    gsize size = 0;
    gconstpointer data = g_bytes_get_data (message->payload, &size);

    oak_bootloader_request_decode (&self->request, data, size, &error);
    g_assert_no_error (error);
    if (!is_identity (self->request.command))
      replay_request (self);
  }
}

static void
test_replay (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TraceFile) trace = trace_file_load (data, &error);
  ReplayDevice *device;
  Replay replay = { 0 };
  OakTimeouts timeouts;

  g_assert_no_error (error);
  device = replay_device_start (trace, 0);
  oak_timeouts_init (&timeouts);
  oak_timeouts_scale (&timeouts, 4 * test_slowdown ());
  replay.connection = g_ptr_array_index (trace->connections, 0);
  replay.bootloader =
      oak_bootloader_open (replay_device_get_link (device), &timeouts, NULL, NULL, &error);
  g_assert_no_error (error);

  replay_all_requests (&replay);

  if (device_answered_reset (replay.connection))
    g_assert_true (oak_bootloader_reset (&replay.bootloader, &error));
  g_assert_no_error (error);
  g_clear_pointer (&replay.bootloader, oak_bootloader_free);
  replay_device_finish (device, &error);
  g_assert_no_error (error);
}

/* Flash is read in pieces of 1 MiB here, never in one request of 8 MiB. */
static gboolean
has_operation (const char *name)
{
  return strcmp (name, "discovery-udp.txt") != 0 && strcmp (name, "read-flash-8MiB.txt") != 0 &&
         strcmp (name, "usb-read-flash-8MiB.txt") != 0;
}

int
main (int argc, char *argv[])
{
  g_auto (GStrv) names = trace_file_list ();
  guint n_registered = 0;

  g_test_init (&argc, &argv, NULL);
  for (char **name = names; *name != NULL; name++) {
    g_autofree char *path = g_strdup_printf ("/device/replay/%s", *name);

    if (!has_operation (*name))
      continue;
    g_test_add_data_func_full (path, g_strdup (*name), test_replay, g_free);
    n_registered++;
  }
  g_assert_cmpuint (n_registered, >=, 36);
  return g_test_run ();
}
