/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-types.h"

G_BEGIN_DECLS

/* Requests to and responses from the bootloader (bootloader.md §4). Requests and responses are
 * numbered separately. Encoded sizes are exact, tail padding included (requests 9, 10, 13: 32, 24,
 * 40 bytes; response 10: 536); decoders accept longer messages, because both ends of the original
 * do, and ignore padding. Pure functions, any thread. */

#define OAK_BOOTLOADER_STREAM      "__bootloader"
#define OAK_WATCHDOG_STREAM        "__watchdog"
#define OAK_BOOTLOADER_PACKET_SIZE (5 * 1024 * 1024)
#define OAK_BOOTLOADER_WATCHDOG_MS 1500
#define OAK_WATCHDOG_STREAM_SIZE   64

typedef enum {
  OAK_REQUEST_USB_ROM_BOOT = 0,
  OAK_REQUEST_BOOT_APPLICATION = 1,
  OAK_REQUEST_UPDATE_FLASH = 2,
  OAK_REQUEST_GET_VERSION = 3,
  OAK_REQUEST_BOOT_MEMORY = 4,
  OAK_REQUEST_UPDATE_FLASH_EX = 5,
  OAK_REQUEST_UPDATE_FLASH_EX2 = 6,
  OAK_REQUEST_GET_TYPE = 8,
  OAK_REQUEST_SET_CONFIG = 9,
  OAK_REQUEST_GET_CONFIG = 10,
  OAK_REQUEST_GET_BOOTLOADER_MEMORY = 11,
  OAK_REQUEST_GET_COMMIT = 12,
  OAK_REQUEST_UPDATE_BOOT_HEADER = 13,
  OAK_REQUEST_READ_FLASH = 14,
  OAK_REQUEST_GET_APPLICATION_DETAILS = 15,
  OAK_REQUEST_GET_MEMORY_DETAILS = 16,
  OAK_REQUEST_IS_USER_BOOTLOADER = 17,
} OakRequestCommand;

typedef enum {
  OAK_RESPONSE_FLASH_COMPLETE = 0,
  OAK_RESPONSE_FLASH_STATUS = 1,
  OAK_RESPONSE_VERSION = 2,
  OAK_RESPONSE_TYPE = 3,
  OAK_RESPONSE_CONFIG = 4,
  OAK_RESPONSE_BOOTLOADER_MEMORY = 5,
  OAK_RESPONSE_BOOT_APPLICATION = 6,
  OAK_RESPONSE_COMMIT = 7,
  OAK_RESPONSE_READ_FLASH = 8,
  OAK_RESPONSE_APPLICATION_DETAILS = 9,
  OAK_RESPONSE_MEMORY_DETAILS = 10,
  OAK_RESPONSE_IS_USER_BOOTLOADER = 11,
  OAK_RESPONSE_NO_OP = 12,
} OakResponseCommand;

typedef enum {
  OAK_STORAGE_SBR = 0, /* the application, wherever the bootloader keeps it */
  OAK_STORAGE_BOOTLOADER = 1,
} OakStorage;

typedef enum {
  OAK_BOOT_HEADER_GPIO_MODE = 0,
  OAK_BOOT_HEADER_USB_RECOVERY = 1,
  OAK_BOOT_HEADER_NORMAL = 2,
  OAK_BOOT_HEADER_FAST = 3,
} OakBootHeaderType;

/* One request; which member of the union counts follows from @command. Memory and section fields
 * keep unknown numbers. */
typedef struct {
  OakRequestCommand command;
  union {
    struct {
      guint32 storage, total_size, n_packets;
    } update_flash;
    struct {
      guint32 total_size, n_packets;
    } boot_memory;
    struct {
      gint32 memory, section;
      guint32 total_size, n_packets;
    } update_flash_ex;
    struct {
      gint32 memory;
      guint32 offset, total_size, n_packets;
    } update_flash_ex2;
    struct {
      gint32 memory;
      gint64 offset;
      guint32 clear_config, total_size, n_packets;
    } set_config;
    struct {
      gint32 memory;
      gint64 offset;
      guint32 max_size;
    } get_config;
    struct {
      gint32 type;
      gint64 offset, location;
      gint32 dummy_cycles, frequency, gpio_mode;
    } update_boot_header;
    struct {
      gint32 memory;
      guint32 offset, total_size;
    } read_flash;
    struct {
      gint32 memory;
    } get_application_details;
    struct {
      gint32 memory;
    } get_memory_details;
  };
} OakBootloaderRequest;

#define OAK_ERROR_TEXT_SIZE       64
#define OAK_COMMIT_SIZE           64
#define OAK_FIRMWARE_VERSION_SIZE 256
#define OAK_APPLICATION_NAME_SIZE 4096
#define OAK_MEMORY_INFO_SIZE      512

/* One response. Text members are terminated, but otherwise whatever the camera sent: escape them
 * before showing them. */
typedef struct {
  OakResponseCommand command;
  union {
    struct {
      guint32 success;
      char error_text[OAK_ERROR_TEXT_SIZE + 1];
    } flash_complete; /* also boot_application */
    struct {
      float progress;
    } flash_status;
    struct {
      guint32 major, minor, patch;
    } version;
    struct {
      gint32 type;
    } type;
    /* also read_flash: success, text, then the announced data */
    struct {
      guint32 success;
      char error_text[OAK_ERROR_TEXT_SIZE + 1];
      guint32 total_size, n_packets;
    } data;
    struct {
      gint32 memory;
    } bootloader_memory;
    struct {
      char commit[OAK_COMMIT_SIZE + 1];
    } commit;
    struct {
      guint32 success;
      char error_text[OAK_ERROR_TEXT_SIZE + 1];
      guint32 has_application, has_firmware_version, has_application_name;
      char firmware_version[OAK_FIRMWARE_VERSION_SIZE + 1];
      char application_name[OAK_APPLICATION_NAME_SIZE + 1];
    } application_details;
    struct {
      guint32 has_memory;
      gint32 memory;
      gint64 memory_size;
      char memory_info[OAK_MEMORY_INFO_SIZE + 1];
    } memory_details;
    struct {
      guint32 is_user_bootloader;
    } is_user_bootloader;
    struct {
      guint32 invalid_op;
    } no_op;
  };
} OakBootloaderResponse;

/* Returns: (transfer full): the exact bytes of bootloader.md §4.1, padding zeroed. */
GBytes *
oak_bootloader_request_encode (const OakBootloaderRequest *self);
/* Returns: FALSE with OAK_ERROR_PROTOCOL for an unknown command (the number is in the message) or
 * too few bytes. */
gboolean
oak_bootloader_request_decode (OakBootloaderRequest *self,
                               const void *data,
                               gsize size,
                               GError **error);

GBytes *
oak_bootloader_response_encode (const OakBootloaderResponse *self);
gboolean
oak_bootloader_response_decode (OakBootloaderResponse *self,
                                const void *data,
                                gsize size,
                                GError **error);

/* Returns: (transfer none): the name of bootloader.md §4.1 / §4.2, such as "UpdateFlashEx2", or
 * "unknown". */
const char *
oak_request_command_to_string (guint32 command);
const char *
oak_response_command_to_string (guint32 command);

/* The first bootloader version that knows @command (bootloader.md §4.1, "Since BL"). */
OakVersion
oak_request_command_get_since (OakRequestCommand command);

/* (totalSize - 1) / 5 MiB + 1 (bootloader.md §4.3). @total_size must not be 0: such a request would
 * make the camera wait for ever. */
guint32
oak_bootloader_count_packets (guint32 total_size);

G_END_DECLS
