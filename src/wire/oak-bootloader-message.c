/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-bootloader-message.h"

/* What requests and responses have in common: names, versions, packet counts. Their bytes are in
 * oak-bootloader-request.c and oak-bootloader-response.c. Pure functions, any thread. */

typedef struct {
  const char *name;
  guint32 since_patch; /* of 0.0.x, the only series there is */
} RequestFacts;

static const RequestFacts requests[] = {
  [OAK_REQUEST_USB_ROM_BOOT] = { "UsbRomBoot", 2 },
  [OAK_REQUEST_BOOT_APPLICATION] = { "BootApplication", 2 },
  [OAK_REQUEST_UPDATE_FLASH] = { "UpdateFlash", 2 },
  [OAK_REQUEST_GET_VERSION] = { "GetBootloaderVersion", 2 },
  [OAK_REQUEST_BOOT_MEMORY] = { "BootMemory", 12 },
  [OAK_REQUEST_UPDATE_FLASH_EX] = { "UpdateFlashEx", 12 },
  [OAK_REQUEST_UPDATE_FLASH_EX2] = { "UpdateFlashEx2", 12 },
  [OAK_REQUEST_GET_TYPE] = { "GetBootloaderType", 12 },
  [OAK_REQUEST_SET_CONFIG] = { "SetBootloaderConfig", 14 },
  [OAK_REQUEST_GET_CONFIG] = { "GetBootloaderConfig", 14 },
  [OAK_REQUEST_GET_BOOTLOADER_MEMORY] = { "BootloaderMemory", 14 },
  [OAK_REQUEST_GET_COMMIT] = { "GetBootloaderCommit", 18 },
  [OAK_REQUEST_UPDATE_BOOT_HEADER] = { "UpdateFlashBootHeader", 19 },
  [OAK_REQUEST_READ_FLASH] = { "ReadFlash", 19 },
  [OAK_REQUEST_GET_APPLICATION_DETAILS] = { "GetApplicationDetails", 19 },
  [OAK_REQUEST_GET_MEMORY_DETAILS] = { "GetMemoryDetails", 19 },
  [OAK_REQUEST_IS_USER_BOOTLOADER] = { "IsUserBootloader", 21 },
};

static const char *const response_names[] = {
  [OAK_RESPONSE_FLASH_COMPLETE] = "FlashComplete",
  [OAK_RESPONSE_FLASH_STATUS] = "FlashStatusUpdate",
  [OAK_RESPONSE_VERSION] = "BootloaderVersion",
  [OAK_RESPONSE_TYPE] = "BootloaderType",
  [OAK_RESPONSE_CONFIG] = "GetBootloaderConfig",
  [OAK_RESPONSE_BOOTLOADER_MEMORY] = "BootloaderMemory",
  [OAK_RESPONSE_BOOT_APPLICATION] = "BootApplication",
  [OAK_RESPONSE_COMMIT] = "BootloaderCommit",
  [OAK_RESPONSE_READ_FLASH] = "ReadFlash",
  [OAK_RESPONSE_APPLICATION_DETAILS] = "ApplicationDetails",
  [OAK_RESPONSE_MEMORY_DETAILS] = "MemoryDetails",
  [OAK_RESPONSE_IS_USER_BOOTLOADER] = "IsUserBootloader",
  [OAK_RESPONSE_NO_OP] = "NoOp",
};

const char *
oak_request_command_to_string (guint32 command)
{
  if (command >= G_N_ELEMENTS (requests) || requests[command].name == NULL)
    return "unknown";
  return requests[command].name;
}

const char *
oak_response_command_to_string (guint32 command)
{
  return command < G_N_ELEMENTS (response_names) ? response_names[command] : "unknown";
}

OakVersion
oak_request_command_get_since (OakRequestCommand command)
{
  g_return_val_if_fail ((guint) command < G_N_ELEMENTS (requests), OAK_VERSION (0, 0, 0));

  return OAK_VERSION (0, 0, requests[command].since_patch);
}

guint32
oak_bootloader_count_packets (guint32 total_size)
{
  g_return_val_if_fail (total_size > 0, 0);

  return (total_size - 1) / OAK_BOOTLOADER_PACKET_SIZE + 1;
}
