/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-bootloader-private.h"

#include <string.h>

#include "oak-bson.h"
#include "oak-config.h"
#include "oak-error.h"
#include "oak-text.h"

/* The small questions of bootloader.md §4 and §5.8, and the configuration (§5.6). Everything a
 * camera says in words is escaped here, once. Worker thread. */

/* No camera has more; a larger number is nonsense. */
#define LARGEST_MEMORY ((gint64) 1 << 40)

static gboolean
read_version (OakBootloader *self, GCancellable *cancellable, GError **error)
{
  const OakBootloaderRequest request = { .command = OAK_REQUEST_GET_VERSION };
  OakBootloaderResponse response;

  if (!oak_bootloader_ask (self, &request, OAK_RESPONSE_VERSION, &response, cancellable, error))
    return FALSE;
  self->version =
      OAK_VERSION (response.version.major, response.version.minor, response.version.patch);
  self->version_known = TRUE;
  return TRUE;
}

static gboolean
knows_request (OakBootloader *self, OakRequestCommand command)
{
  return oak_version_compare (self->version, oak_request_command_get_since (command)) >= 0;
}

static gboolean
read_commit (OakBootloader *self, GCancellable *cancellable, GError **error)
{
  const OakBootloaderRequest request = { .command = OAK_REQUEST_GET_COMMIT };
  OakBootloaderResponse response;

  if (!knows_request (self, request.command))
    return TRUE;
  if (!oak_bootloader_ask (self, &request, OAK_RESPONSE_COMMIT, &response, cancellable, error))
    return FALSE;
  g_free (self->commit);
  self->commit = oak_text_escape (response.commit.commit, -1, OAK_COMMIT_SIZE);
  return TRUE;
}

/* Bootloaders before 0.0.12 exist for USB only and cannot be asked (bootloader.md §3.5). */
static gboolean
read_type (OakBootloader *self, GCancellable *cancellable, GError **error)
{
  const OakBootloaderRequest request = { .command = OAK_REQUEST_GET_TYPE };
  OakBootloaderResponse response;

  if (!knows_request (self, request.command)) {
    self->type = OAK_BOOTLOADER_TYPE_USB;
    return TRUE;
  }
  if (!oak_bootloader_ask (self, &request, OAK_RESPONSE_TYPE, &response, cancellable, error))
    return FALSE;

  if (response.type.type == OAK_BOOTLOADER_TYPE_USB ||
      response.type.type == OAK_BOOTLOADER_TYPE_NETWORK)
    self->type = (OakBootloaderType) response.type.type;
  else
    oak_report_log (self->report,
                    OAK_LOG_LEVEL_WARNING,
                    "bootloader type %d is not known",
                    response.type.type);
  return TRUE;
}

gboolean
oak_bootloader_read_identity (OakBootloader *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *version = NULL;

  if (!read_version (self, cancellable, error) || !read_commit (self, cancellable, error) ||
      !read_type (self, cancellable, error)) {
    g_prefix_error (error, "asking the bootloader who it is: ");
    return FALSE;
  }

  version = oak_version_to_string (self->version);
  oak_report_log (self->report,
                  OAK_LOG_LEVEL_INFO,
                  "bootloader %s%s%s, type %s",
                  version,
                  *self->commit != '\0' ? "+" : "",
                  self->commit,
                  oak_bootloader_type_to_string (self->type));
  return TRUE;
}

/* Escaped text may have to be cut to fit: never inside a character. */
static void
copy_escaped (char *target, gsize target_size, const char *camera_text, gsize max_characters)
{
  g_autofree char *text = oak_text_escape (camera_text, -1, max_characters);
  const char *end = NULL;

  g_strlcpy (target, text, target_size);
  g_utf8_validate (target, -1, &end);
  target[end - target] = '\0';
}

gboolean
oak_bootloader_read_memory_details (OakBootloader *self,
                                    OakMemory memory,
                                    OakMemoryDetails *details,
                                    GCancellable *cancellable,
                                    GError **error)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_GET_MEMORY_DETAILS };
  OakBootloaderResponse response;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (details != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  memset (details, 0, sizeof *details);
  request.get_memory_details.memory = memory;
  if (!oak_bootloader_ask (self,
                           &request,
                           OAK_RESPONSE_MEMORY_DETAILS,
                           &response,
                           cancellable,
                           error)) {
    g_prefix_error (error, "asking about the %s memory: ", oak_memory_to_string (memory));
    return FALSE;
  }

  details->available = response.memory_details.has_memory != 0;
  if (response.memory_details.memory_size > 0 &&
      response.memory_details.memory_size <= LARGEST_MEMORY)
    details->size = (guint64) response.memory_details.memory_size;
  copy_escaped (details->description,
                sizeof details->description,
                response.memory_details.memory_info,
                OAK_MEMORY_INFO_SIZE);
  return TRUE;
}

void
oak_application_details_clear (OakApplicationDetails *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->firmware_version, g_free);
  self->present = FALSE;
}

gboolean
oak_bootloader_read_application_details (OakBootloader *self,
                                         OakMemory memory,
                                         OakApplicationDetails *details,
                                         GCancellable *cancellable,
                                         GError **error)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_GET_APPLICATION_DETAILS };
  OakBootloaderResponse response;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (details != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  memset (details, 0, sizeof *details);
  request.get_application_details.memory = memory;
  if (!oak_bootloader_ask (self,
                           &request,
                           OAK_RESPONSE_APPLICATION_DETAILS,
                           &response,
                           cancellable,
                           error)) {
    g_prefix_error (error, "asking about the application in %s: ", oak_memory_to_string (memory));
    return FALSE;
  }
  if (response.application_details.success == 0) {
    oak_bootloader_set_refused (error, response.application_details.error_text);
    g_prefix_error (error, "asking about the application in %s: ", oak_memory_to_string (memory));
    return FALSE;
  }

  details->present = response.application_details.has_application != 0;
  if (response.application_details.has_firmware_version != 0)
    details->firmware_version = oak_text_escape (response.application_details.firmware_version,
                                                 -1,
                                                 OAK_FIRMWARE_VERSION_SIZE);
  if (response.application_details.has_application_name != 0)
    details->name = oak_text_escape (response.application_details.application_name,
                                     -1,
                                     OAK_APPLICATION_NAME_SIZE);
  return TRUE;
}

gboolean
oak_bootloader_read_is_user_bootloader (OakBootloader *self,
                                        gboolean *is_user_bootloader,
                                        GCancellable *cancellable,
                                        GError **error)
{
  const OakBootloaderRequest request = { .command = OAK_REQUEST_IS_USER_BOOTLOADER };
  OakBootloaderResponse response;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (is_user_bootloader != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!oak_bootloader_ask (self,
                           &request,
                           OAK_RESPONSE_IS_USER_BOOTLOADER,
                           &response,
                           cancellable,
                           error)) {
    g_prefix_error (error, "asking whether the user bootloader runs: ");
    return FALSE;
  }
  *is_user_bootloader = response.is_user_bootloader.is_user_bootloader != 0;
  return TRUE;
}

/* The announced packet must be exactly what follows (bootloader.md §5.6: one packet, whatever the
 * number says). */
static GBytes *
read_config_packet (OakBootloader *self,
                    guint32 announced,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (GBytes) packet = NULL;

  if (announced == 0 || announced > OAK_BSON_MAX_SIZE) {
    self->out_of_step = TRUE;
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_PROTOCOL,
                 "the camera announced a configuration of %u bytes",
                 announced);
    return NULL;
  }
  packet = oak_bootloader_read_packet (self, self->timeouts.query_ms, cancellable, error);
  if (packet == NULL)
    return NULL;
  if (g_bytes_get_size (packet) != announced) {
    self->out_of_step = TRUE;
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_PROTOCOL,
                 "the camera announced a configuration of %u bytes and sent %" G_GSIZE_FORMAT,
                 announced,
                 g_bytes_get_size (packet));
    return NULL;
  }
  return g_steal_pointer (&packet);
}

static OakConfig *
read_config (OakBootloader *self, GCancellable *cancellable, GError **error)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_GET_CONFIG };
  OakBootloaderResponse response;
  g_autoptr (GBytes) packet = NULL;
  gsize size = 0;
  gconstpointer data;

  request.get_config.memory = OAK_MEMORY_AUTO;
  request.get_config.offset = -1;
  request.get_config.max_size = 0;
  if (!oak_bootloader_ask (self, &request, OAK_RESPONSE_CONFIG, &response, cancellable, error))
    return NULL;
  if (response.data.success == 0) {
    oak_bootloader_set_refused (error, response.data.error_text);
    return NULL;
  }

  packet = read_config_packet (self, response.data.total_size, cancellable, error);
  if (packet == NULL)
    return NULL;
  data = g_bytes_get_data (packet, &size);
  return oak_config_new_from_bson (data, size, error);
}

OakConfig *
oak_bootloader_read_config (OakBootloader *self, GCancellable *cancellable, GError **error)
{
  OakConfig *config;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  config = read_config (self, cancellable, error);
  if (config == NULL)
    g_prefix_error (error, "reading the configuration: ");
  return config;
}

/* @bson: (nullable): NULL clears. Exactly one answer follows, without progress (bootloader.md
 * §4.2). */
static gboolean
set_config (OakBootloader *self, GBytes *bson, GCancellable *cancellable, GError **error)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_SET_CONFIG };
  OakBootloaderResponse response;

  request.set_config.memory = OAK_MEMORY_AUTO;
  request.set_config.offset = -1;
  request.set_config.clear_config = bson == NULL;
  request.set_config.total_size = bson != NULL ? (guint32) g_bytes_get_size (bson) : 0;
  request.set_config.n_packets = bson != NULL ? 1 : 0;

  if (!oak_bootloader_begin_request (self, request.command, cancellable, error) ||
      !oak_bootloader_send_request (self, &request, error))
    return FALSE;
  if (bson != NULL && !oak_bootloader_send_packet (self,
                                                   bson,
                                                   oak_deadline_in_ms (self->timeouts.packet_ms),
                                                   NULL,
                                                   error)) {
    self->out_of_step = TRUE;
    return FALSE;
  }
  if (!oak_bootloader_read_response (self,
                                     request.command,
                                     OAK_RESPONSE_FLASH_COMPLETE,
                                     self->timeouts.progress_silence_ms,
                                     &response,
                                     NULL,
                                     error))
    return FALSE;

  if (response.flash_complete.success == 0)
    oak_bootloader_set_refused (error, response.flash_complete.error_text);
  return response.flash_complete.success != 0;
}

gboolean
oak_bootloader_write_config (OakBootloader *self,
                             const OakConfig *config,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (GBytes) bson = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (config != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  bson = oak_config_to_bson (config, error);
  if (bson != NULL && set_config (self, bson, cancellable, error))
    return TRUE;
  g_prefix_error (error, "writing the configuration: ");
  return FALSE;
}

gboolean
oak_bootloader_clear_config (OakBootloader *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (set_config (self, NULL, cancellable, error))
    return TRUE;
  g_prefix_error (error, "clearing the configuration: ");
  return FALSE;
}
