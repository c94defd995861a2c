/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-remedy.h"

#include <glib/gi18n.h>

#include "oak-device.h"

#include "cli-text.h"

/* The way on for cameras that are seen but cannot be used yet. Main thread. */

static const char *
get_for_access (OakUsbAccess access)
{
  switch (access) {
  case OAK_USB_ACCESS_DENIED:
    return _ ("“oakflash rules” prints the udev rule that is missing, and how to install it.");
  case OAK_USB_ACCESS_BUSY:
    return _ ("Close the program on this computer that holds the camera.");
  case OAK_USB_ACCESS_FAILED:
    return _ ("Unplug the camera and plug it in again, straight into this computer and with "
              "another cable.");
  case OAK_USB_ACCESS_UNTRIED:
  case OAK_USB_ACCESS_FINE:
  default:
    return NULL;
  }
}

static const char *
get_for_state (OakDevice *device)
{
  switch (oak_device_get_state (device)) {
  case OAK_DEVICE_STATE_UNBOOTED:
    return _ ("Its flash has no bootloader, or its recovery switch is set. “oakflash reset” with "
              "--type and --bootloader puts a bootloader on it.");
  case OAK_DEVICE_STATE_BOOTED:
    return _ ("A program has started firmware of its own on the camera: close that program, or "
              "take the camera’s power away for a moment.");
  case OAK_DEVICE_STATE_UNKNOWN:
  case OAK_DEVICE_STATE_BOOTLOADER:
  case OAK_DEVICE_STATE_FLASH_BOOTED:
  default:
    return oak_device_get_usb_could_be_faster (device)
               ? _ ("It could do USB 3: use a USB 3 cable of 2 m at most, in a USB 3 socket.")
               : NULL;
  }
}

const char *
cli_remedy_get (OakDevice *device)
{
  const char *remedy = NULL;

  g_return_val_if_fail (OAK_IS_DEVICE (device), NULL);

  if (oak_device_get_presence (device) != OAK_PRESENCE_ANSWERING ||
      oak_device_get_conflict (device) || !oak_device_is_supported (device, NULL))
    return NULL;
  remedy = get_for_access (oak_device_get_usb_access (device));
  return remedy != NULL ? remedy : get_for_state (device);
}

static void
add_name (GHashTable *names, GPtrArray *remedies, OakDevice *device)
{
  const char *remedy = cli_remedy_get (device);
  const char *short_id = oak_device_get_short_id (device);
  g_autofree char *name =
      cli_text_show (short_id != NULL ? short_id : oak_device_get_address (device));
  const char *before = NULL;

  if (remedy == NULL)
    return;
  before = g_hash_table_lookup (names, remedy);
  if (before == NULL)
    g_ptr_array_add (remedies, (gpointer) remedy);
  g_hash_table_replace (names,
                        (gpointer) remedy,
                        before != NULL ? g_strdup_printf ("%s, %s", before, name)
                                       : g_steal_pointer (&name));
}

void
cli_remedy_print (GListModel *devices, const CliTerminal *terminal)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (GPtrArray) remedies = g_ptr_array_new ();

  for (guint i = 0; i < g_list_model_get_n_items (devices); i++) {
    g_autoptr (OakDevice) device = g_list_model_get_item (devices, i);

    add_name (names, remedies, device);
  }
  for (guint i = 0; i < remedies->len; i++) {
    const char *remedy = g_ptr_array_index (remedies, i);
    g_autofree char *line =
        g_strdup_printf ("%s: %s\n", (char *) g_hash_table_lookup (names, remedy), remedy);

    cli_terminal_write_wrapped (terminal, line, 2);
  }
}
