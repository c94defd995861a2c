/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-map.h"

/* The two layouts of a camera's flash as tables (bootloader.md §6.1, §6.2). Pure functions, any
 * thread. */

#define KIB 1024u
#define MIB (1024u * KIB)

#define N_SECTIONS (OAK_SECTION_USER_BOOTLOADER + 1)

#define HEADER_SIZE 512u
#define CONFIG_SIZE (16u * KIB)

typedef struct {
  OakFlashRange range;
  gboolean exists;
} Section;

static const Section network_sections[N_SECTIONS] = {
  [OAK_SECTION_HEADER] = { { 0, HEADER_SIZE }, TRUE },
  [OAK_SECTION_BOOTLOADER] = { { HEADER_SIZE, 4 * MIB - HEADER_SIZE }, TRUE },
  [OAK_SECTION_USER_BOOTLOADER] = { { 4 * MIB, 4 * MIB - CONFIG_SIZE }, TRUE },
  [OAK_SECTION_BOOTLOADER_CONFIG] = { { 8 * MIB - CONFIG_SIZE, CONFIG_SIZE }, TRUE },
  [OAK_SECTION_APPLICATION] = { { 8 * MIB, 0 }, TRUE },
};

static const Section usb_sections[N_SECTIONS] = {
  [OAK_SECTION_HEADER] = { { 0, HEADER_SIZE }, TRUE },
  [OAK_SECTION_BOOTLOADER] = { { HEADER_SIZE, MIB - CONFIG_SIZE - HEADER_SIZE }, TRUE },
  [OAK_SECTION_BOOTLOADER_CONFIG] = { { MIB - CONFIG_SIZE, CONFIG_SIZE }, TRUE },
  [OAK_SECTION_APPLICATION] = { { MIB, 0 }, TRUE },
};

static const Section *
find_sections (OakBootloaderType type)
{
  switch (type) {
  case OAK_BOOTLOADER_TYPE_NETWORK:
    return network_sections;
  case OAK_BOOTLOADER_TYPE_USB:
    return usb_sections;
  case OAK_BOOTLOADER_TYPE_AUTO:
  default:
    return NULL;
  }
}

gboolean
oak_flash_map_get (OakBootloaderType type, OakSection section, OakFlashRange *range)
{
  const Section *sections = find_sections (type);

  if (sections == NULL || (guint) section >= N_SECTIONS || !sections[section].exists)
    return FALSE;
  *range = sections[section].range;
  return TRUE;
}

guint32
oak_flash_map_get_application_offset (OakBootloaderType type)
{
  OakFlashRange range = { 0 };

  oak_flash_map_get (type, OAK_SECTION_APPLICATION, &range);
  return range.start;
}

guint64
oak_flash_map_get_application_room (OakBootloaderType type, guint64 memory_size)
{
  guint32 offset = oak_flash_map_get_application_offset (type);

  /* A layout that is not known has offset 0, and no room. */
  if (offset == 0 || memory_size <= offset)
    return 0;
  return memory_size - offset;
}

guint32
oak_flash_map_get_factory_reset_size (OakBootloaderType type)
{
  guint32 offset = oak_flash_map_get_application_offset (type);

  /* Everything below the application and the section table it begins with (bootloader.md §6.3). */
  return offset == 0 ? 0 : offset + 512;
}
