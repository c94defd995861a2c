/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-flash-map.h"
#include "oak-sbr.h"
#include "sim-bootloader-private.h"

/* The requests that only ask (bootloader.md §4, §5.6 to §5.8). No threads. */

#define SIM_TEXT_OUT_OF_RANGE "Out of memory range"
#define SIM_TEXT_NO_MEMORY    "Memory not available"

static void
sim_query_version (SimBootloader *self)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_VERSION };

  response.version.major = self->identity.version.major;
  response.version.minor = self->identity.version.minor;
  response.version.patch = self->identity.version.patch;
  sim_bootloader_respond (self, &response);
}

static void
sim_query_type (SimBootloader *self)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_TYPE };

  response.type.type = self->identity.type;
  sim_bootloader_respond (self, &response);
}

static void
sim_query_commit (SimBootloader *self)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_COMMIT };

  g_strlcpy (response.commit.commit, self->board->commit, sizeof response.commit.commit);
  sim_bootloader_respond (self, &response);
}

static void
sim_query_bootloader_memory (SimBootloader *self)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_BOOTLOADER_MEMORY };

  response.bootloader_memory.memory = OAK_MEMORY_FLASH;
  sim_bootloader_respond (self, &response);
}

static void
sim_query_is_user (SimBootloader *self)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_IS_USER_BOOTLOADER };

  response.is_user_bootloader.is_user_bootloader = self->identity.is_user;
  sim_bootloader_respond (self, &response);
}

static void
sim_respond_data (SimBootloader *self,
                  OakResponseCommand command,
                  guint32 size,
                  const char *error_text)
{
  OakBootloaderResponse response = { .command = command };

  response.data.success = error_text == NULL;
  g_strlcpy (response.data.error_text,
             error_text == NULL ? "" : error_text,
             sizeof response.data.error_text);
  response.data.total_size = size;
  response.data.n_packets = size == 0 ? 0 : oak_bootloader_count_packets (size);
  sim_bootloader_respond (self, &response);
}

static void
sim_query_config (SimBootloader *self, const OakBootloaderRequest *request)
{
  gint32 memory = request->get_config.memory;
  guint32 max_size = request->get_config.max_size;
  g_autoptr (GBytes) document = NULL;

  document =
      sim_board_read_config (self->board, self->identity.type, memory, request->get_config.offset);
  if (sim_board_get_memory (self->board, memory) == NULL) {
    sim_respond_data (self, OAK_RESPONSE_CONFIG, 0, SIM_TEXT_NO_MEMORY);
  } else if (document == NULL) {
    sim_respond_data (self, OAK_RESPONSE_CONFIG, 0, "No bootloader configuration found");
  } else if (max_size != 0 && g_bytes_get_size (document) > max_size) {
    sim_respond_data (self, OAK_RESPONSE_CONFIG, 0, "Configuration is larger than asked for");
  } else {
    sim_respond_data (self, OAK_RESPONSE_CONFIG, (guint32) g_bytes_get_size (document), NULL);
    sim_bootloader_send_data (self, document);
  }
}

/* Returns: (transfer full): a copy, as the content may change while it is on its way. */
static GBytes *
sim_query_copy (SimBootloader *self,
                const SimFlash *flash,
                guint64 offset,
                guint64 size,
                gboolean spoil)
{
  guint8 *copy = g_memdup2 (sim_flash_get_data (flash) + offset, size);

  if (spoil)
    copy[size / 2] ^= 0x10;
  return g_bytes_new_take (copy, size);
}

static void
sim_query_read_flash (SimBootloader *self, const OakBootloaderRequest *request)
{
  SimFlash *flash = sim_board_get_memory (self->board, request->read_flash.memory);
  guint64 offset = request->read_flash.offset;
  guint32 size = request->read_flash.total_size;
  gboolean spoil;

  if (flash == NULL || !sim_flash_contains (flash, offset, size)) {
    sim_respond_data (self,
                      OAK_RESPONSE_READ_FLASH,
                      0,
                      flash == NULL ? SIM_TEXT_NO_MEMORY : SIM_TEXT_OUT_OF_RANGE);
    return;
  }
  spoil = size > 0 && sim_faults_take (self->board->faults, SIM_FAULT_LIE_READ) != NULL;
  sim_respond_data (self, OAK_RESPONSE_READ_FLASH, size, NULL);
  for (guint32 done = 0; done < size;) {
    guint32 packet_size = MIN (size - done, (guint32) OAK_BOOTLOADER_PACKET_SIZE);
    g_autoptr (GBytes) packet =
        sim_query_copy (self, flash, offset + done, packet_size, spoil && done == 0);

    sim_bootloader_send_data (self, packet);
    done += packet_size;
  }
}

/* Returns: TRUE when the section exists and has a text inside the memory. */
static gboolean
sim_query_section_text (const SimFlash *flash,
                        guint64 start,
                        const OakSbr *sbr,
                        const char *name,
                        char *text,
                        gsize text_size)
{
  const OakSbrEntry *entry = oak_sbr_find (sbr, name);
  gsize size;

  if (entry == NULL || entry->size == 0 ||
      !sim_flash_contains (flash, start + entry->offset, entry->size))
    return FALSE;
  size = MIN (entry->size, text_size - 1);
  memcpy (text, sim_flash_get_data (flash) + start + entry->offset, size);
  text[size] = '\0';
  return TRUE;
}

static void
sim_query_application (SimBootloader *self, const OakBootloaderRequest *request)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_APPLICATION_DETAILS };
  SimFlash *flash = sim_board_get_memory (self->board, request->get_application_details.memory);
  guint64 start = oak_flash_map_get_application_offset (self->identity.type);
  OakSbr sbr;

  response.application_details.success = flash != NULL;
  if (flash == NULL) {
    g_strlcpy (response.application_details.error_text,
               SIM_TEXT_NO_MEMORY,
               sizeof response.application_details.error_text);
  } else if (sim_flash_contains (flash, start, OAK_SBR_SIZE) &&
             oak_sbr_decode (&sbr, sim_flash_get_data (flash) + start, OAK_SBR_SIZE, NULL)) {
    response.application_details.has_application = TRUE;
    response.application_details.has_firmware_version =
        sim_query_section_text (flash,
                                start,
                                &sbr,
                                "__fw_version",
                                response.application_details.firmware_version,
                                OAK_FIRMWARE_VERSION_SIZE);
    response.application_details.has_application_name =
        sim_query_section_text (flash,
                                start,
                                &sbr,
                                "app_name",
                                response.application_details.application_name,
                                OAK_APPLICATION_NAME_SIZE);
  }
  sim_bootloader_respond (self, &response);
}

static void
sim_query_memory (SimBootloader *self, const OakBootloaderRequest *request)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_MEMORY_DETAILS };
  gint32 memory = request->get_memory_details.memory;
  SimFlash *flash = sim_board_get_memory (self->board, memory);
  const SimFault *lie = sim_faults_peek (self->board->faults, SIM_FAULT_LIE_SIZE);

  response.memory_details.memory = memory;
  if (flash != NULL && sim_faults_peek (self->board->faults, SIM_FAULT_NO_MEMORY_DETAILS) == NULL) {
    response.memory_details.has_memory = TRUE;
    response.memory_details.memory_size =
        lie != NULL ? lie->number : (gint64) sim_flash_get_size (flash);
    g_strlcpy (response.memory_details.memory_info,
               memory == OAK_MEMORY_EMMC ? "eMMC (simulated)" : "JEDEC ID: 01 02 19 (simulated)",
               sizeof response.memory_details.memory_info);
  }
  sim_bootloader_respond (self, &response);
}

gboolean
sim_bootloader_query (SimBootloader *self, const OakBootloaderRequest *request)
{
  switch ((guint) request->command) {
  case OAK_REQUEST_GET_VERSION:
    sim_query_version (self);
    return TRUE;
  case OAK_REQUEST_GET_TYPE:
    sim_query_type (self);
    return TRUE;
  case OAK_REQUEST_GET_COMMIT:
    sim_query_commit (self);
    return TRUE;
  case OAK_REQUEST_GET_BOOTLOADER_MEMORY:
    sim_query_bootloader_memory (self);
    return TRUE;
  case OAK_REQUEST_IS_USER_BOOTLOADER:
    sim_query_is_user (self);
    return TRUE;
  case OAK_REQUEST_GET_CONFIG:
    sim_query_config (self, request);
    return TRUE;
  case OAK_REQUEST_READ_FLASH:
    sim_query_read_flash (self, request);
    return TRUE;
  case OAK_REQUEST_GET_APPLICATION_DETAILS:
    sim_query_application (self, request);
    return TRUE;
  case OAK_REQUEST_GET_MEMORY_DETAILS:
    sim_query_memory (self, request);
    return TRUE;
  default:
    return FALSE;
  }
}
