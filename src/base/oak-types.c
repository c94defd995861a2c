/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-types.h"

#include <string.h>

typedef struct {
  int value;
  const char *word;
} Word;

static const Word state_words[] = {
  { OAK_DEVICE_STATE_UNKNOWN, "unknown" },           { OAK_DEVICE_STATE_BOOTED, "booted" },
  { OAK_DEVICE_STATE_UNBOOTED, "unbooted" },         { OAK_DEVICE_STATE_BOOTLOADER, "bootloader" },
  { OAK_DEVICE_STATE_FLASH_BOOTED, "flash-booted" },
};

static const Word transport_words[] = {
  { OAK_TRANSPORT_NETWORK, "network" },
  { OAK_TRANSPORT_USB, "usb" },
};

static const Word type_words[] = {
  { OAK_BOOTLOADER_TYPE_AUTO, "auto" },
  { OAK_BOOTLOADER_TYPE_USB, "usb" },
  { OAK_BOOTLOADER_TYPE_NETWORK, "network" },
};

static const Word memory_words[] = {
  { OAK_MEMORY_AUTO, "auto" },
  { OAK_MEMORY_FLASH, "flash" },
  { OAK_MEMORY_EMMC, "emmc" },
};

static const Word section_words[] = {
  { OAK_SECTION_HEADER, "header" },
  { OAK_SECTION_BOOTLOADER, "bootloader" },
  { OAK_SECTION_BOOTLOADER_CONFIG, "configuration" },
  { OAK_SECTION_APPLICATION, "application" },
  { OAK_SECTION_USER_BOOTLOADER, "user-bootloader" },
};

static const char *
word_of (const Word *words, gsize n_words, int value)
{
  for (gsize i = 0; i < n_words; i++)
    if (words[i].value == value)
      return words[i].word;
  return "unknown";
}

static gboolean
value_of (const Word *words, gsize n_words, const char *text, int *value)
{
  for (gsize i = 0; i < n_words; i++) {
    if (g_strcmp0 (words[i].word, text) == 0) {
      *value = words[i].value;
      return TRUE;
    }
  }
  return FALSE;
}

int
oak_version_compare (OakVersion a, OakVersion b)
{
  if (a.major != b.major)
    return a.major < b.major ? -1 : 1;
  if (a.minor != b.minor)
    return a.minor < b.minor ? -1 : 1;
  if (a.patch != b.patch)
    return a.patch < b.patch ? -1 : 1;
  return 0;
}

gboolean
oak_version_at_least (OakVersion version, guint32 major, guint32 minor, guint32 patch)
{
  return oak_version_compare (version, OAK_VERSION (major, minor, patch)) >= 0;
}

char *
oak_version_to_string (OakVersion version)
{
  return g_strdup_printf ("%u.%u.%u", version.major, version.minor, version.patch);
}

gboolean
oak_version_parse (const char *text, OakVersion *version)
{
  g_auto (GStrv) parts = NULL;
  guint64 numbers[3] = { 0 };

  if (text == NULL)
    return FALSE;
  parts = g_strsplit (text, ".", -1);
  if (g_strv_length (parts) != 3)
    return FALSE;
  for (guint i = 0; i < 3; i++)
    if (!g_ascii_string_to_unsigned (parts[i], 10, 0, G_MAXUINT32, &numbers[i], NULL))
      return FALSE;
  *version = OAK_VERSION ((guint32) numbers[0], (guint32) numbers[1], (guint32) numbers[2]);
  return TRUE;
}

const char *
oak_device_state_to_string (OakDeviceState state)
{
  return word_of (state_words, G_N_ELEMENTS (state_words), (int) state);
}

const char *
oak_transport_to_string (OakTransport transport)
{
  return word_of (transport_words, G_N_ELEMENTS (transport_words), (int) transport);
}

const char *
oak_bootloader_type_to_string (OakBootloaderType type)
{
  return word_of (type_words, G_N_ELEMENTS (type_words), (int) type);
}

const char *
oak_memory_to_string (OakMemory memory)
{
  return word_of (memory_words, G_N_ELEMENTS (memory_words), (int) memory);
}

const char *
oak_section_to_string (OakSection section)
{
  return word_of (section_words, G_N_ELEMENTS (section_words), (int) section);
}

gboolean
oak_device_state_parse (const char *text, OakDeviceState *state)
{
  int value = 0;

  if (!value_of (state_words, G_N_ELEMENTS (state_words), text, &value))
    return FALSE;
  *state = (OakDeviceState) value;
  return TRUE;
}

gboolean
oak_bootloader_type_parse (const char *text, OakBootloaderType *type)
{
  int value = 0;

  if (!value_of (type_words, G_N_ELEMENTS (type_words), text, &value))
    return FALSE;
  *type = (OakBootloaderType) value;
  return TRUE;
}

gboolean
oak_memory_parse (const char *text, OakMemory *memory)
{
  int value = 0;

  if (!value_of (memory_words, G_N_ELEMENTS (memory_words), text, &value))
    return FALSE;
  *memory = (OakMemory) value;
  return TRUE;
}
