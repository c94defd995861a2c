/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-facts-text.h"

#include <glib/gi18n.h>

#include "oak-config.h"
#include "oak-device-facts.h"
#include "oak-flash-wish.h"
#include "oak-text.h"

/* Pure functions; any thread. */

static const char *
flasher_bootloader_type_name (OakBootloaderType type)
{
  switch (type) {
  case OAK_BOOTLOADER_TYPE_NETWORK:
    return _ ("NETWORK type");
  case OAK_BOOTLOADER_TYPE_USB:
    return _ ("USB type");
  case OAK_BOOTLOADER_TYPE_AUTO:
  default:
    return _ ("type not known");
  }
}

char *
flasher_describe_bootloader (const OakDeviceFacts *facts)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *version = oak_version_to_string (facts->version);

  g_string_append (text, version);
  if (facts->commit != NULL && facts->commit[0] != '\0')
    g_string_append_printf (text, " (%s)", facts->commit);
  g_string_append_printf (text, ", %s", flasher_bootloader_type_name (facts->type));
  if (facts->user_bootloader_known)
    g_string_append_printf (text,
                            "\n%s",
                            facts->is_user_bootloader
                                ? _ ("This is the user bootloader; the factory bootloader’s "
                                     "version cannot be read while it runs.")
                                : _ ("This is the factory bootloader."));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
flasher_describe_memory (const char *name, const OakMemoryFacts *memory)
{
  g_autofree char *size = NULL;

  if (!memory->known)
    /* Translators: a memory's name: "Flash: not known" */
    return g_strdup_printf (_ ("%s: not known, the bootloader is too old to be asked"), name);
  if (!memory->available)
    return g_strdup_printf (_ ("%s: none"), name);
  if (memory->size == 0)
    return g_strdup_printf (_ ("%s: present, size not known"), name);
  size = oak_text_size (memory->size);
  if (memory->description != NULL && memory->description[0] != '\0')
    return g_strdup_printf ("%s: %s (%s)", name, size, memory->description);
  return g_strdup_printf ("%s: %s", name, size);
}

char *
flasher_describe_memories (const OakDeviceFacts *facts)
{
  g_autofree char *flash = flasher_describe_memory (_ ("Flash"), &facts->flash);
  g_autofree char *emmc = flasher_describe_memory (_ ("eMMC"), &facts->emmc);

  return g_strdup_printf ("%s\n%s", flash, emmc);
}

static char *
flasher_describe_application_in (const OakMemoryFacts *memory, const char *place)
{
  const char *name = memory->application_name;

  if (!memory->application_known || !memory->application_present)
    return NULL;
  if (name == NULL || name[0] == '\0')
    name = _ ("without a name");
  if (memory->application_version != NULL && memory->application_version[0] != '\0')
    /* Translators: an application's name, its firmware version, and the memory it is in */
    return g_strdup_printf (_ ("%s (firmware %s), in %s"),
                            name,
                            memory->application_version,
                            place);
  return g_strdup_printf (_ ("%s, in %s"), name, place);
}

char *
flasher_describe_application (const OakDeviceFacts *facts)
{
  g_autofree char *in_flash = flasher_describe_application_in (&facts->flash, _ ("flash"));
  g_autofree char *in_emmc = flasher_describe_application_in (&facts->emmc, _ ("eMMC"));

  if (in_flash != NULL && in_emmc != NULL)
    return g_strdup_printf ("%s\n%s", in_flash, in_emmc);
  if (in_flash != NULL)
    return g_steal_pointer (&in_flash);
  if (in_emmc != NULL)
    return g_steal_pointer (&in_emmc);
  if (!facts->flash.application_known && !facts->emmc.application_known)
    return g_strdup (_ ("Not known, the bootloader is too old to be asked"));
  return g_strdup (_ ("None"));
}

static char *
flasher_describe_wait (int timeout_ms)
{
  if (timeout_ms < 0)
    return g_strdup (_ ("Waits for a host for ever, the application never starts by itself"));
  if (timeout_ms == 0)
    return g_strdup (_ ("Starts the application at once"));
  return g_strdup_printf (_ ("Waits %.3g s for a host, then starts the application"),
                          timeout_ms / 1000.0);
}

char *
flasher_describe_configuration (const OakDeviceFacts *facts)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *wait = NULL;

  if (facts->config == NULL)
    return facts->config_problem != NULL
               ? g_strdup_printf (_ ("None that could be read (%s)"), facts->config_problem)
               : g_strdup (_ ("None"));
  wait = flasher_describe_wait (oak_config_get_timeout_ms (facts->config, facts->type));
  g_string_append (text, wait);
  if (oak_config_get_static_ipv4 (facts->config)) {
    g_autofree char *address = oak_config_get_ipv4 (facts->config, "ipv4");
    g_autofree char *mask = oak_config_get_ipv4 (facts->config, "ipv4Mask");

    g_string_append_printf (text, "\n");
    g_string_append_printf (text, _ ("Static address %s, mask %s"), address, mask);
  }
  if (oak_config_has_app_memory (facts->config))
    g_string_append_printf (text,
                            "\n%s",
                            oak_config_get_app_memory (facts->config) == OAK_MEMORY_EMMC
                                ? _ ("Starts the application from eMMC")
                                : _ ("Starts the application from flash"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
flasher_describe_start (int operation, const OakDeviceFacts *facts)
{
  g_autoptr (OakConfig) usual = oak_config_new ();
  const OakConfig *config = facts != NULL && facts->config != NULL ? facts->config : usual;
  OakBootloaderType type = facts != NULL ? facts->type : OAK_BOOTLOADER_TYPE_AUTO;
  int timeout_ms = oak_config_get_timeout_ms (config, type);

  if (operation != OAK_OPERATION_FLASH_APPLICATION)
    return g_strdup (_ ("The camera is expected back in its bootloader."));
  if (type == OAK_BOOTLOADER_TYPE_AUTO || timeout_ms <= 0)
    return g_strdup (
        _ ("The camera waits for a host for a while before it starts the application."));
  return g_strdup_printf (
      _ ("The camera waits up to %.3g s for a host before it starts the application."),
      timeout_ms / 1000.0);
}
