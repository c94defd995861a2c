/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-usb-rule.h"

#include "oak-usb-rule-text.h"

/* The udev rule in words. Any thread. */

/* The change gives a camera that is plugged in its rights: nobody has to pull the cable. */
static const char *const reload_commands[] = {
  "sudo udevadm control --reload",
  "sudo udevadm trigger --subsystem-match=usb --attr-match=idVendor=03e7",
  NULL,
};

const char *
oak_usb_rule_get_text (void)
{
  return OAK_USB_RULE_TEXT;
}

const char *const *
oak_usb_rule_get_reload_commands (void)
{
  return reload_commands;
}

/* The rule alone: what its comments explain is read in the file. */
static void
append_rule (GString *script)
{
  g_auto (GStrv) lines = g_strsplit (OAK_USB_RULE_TEXT, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '#' && lines[i][0] != '\0')
      g_string_append_printf (script, "%s\n", lines[i]);
}

char *
oak_usb_rule_get_script (void)
{
  GString *script = g_string_new ("sudo tee " OAK_USB_RULE_PATH " >/dev/null <<'END'\n");

  append_rule (script);
  g_string_append (script, "END\n");
  for (guint i = 0; reload_commands[i] != NULL; i++)
    g_string_append_printf (script, "%s\n", reload_commands[i]);
  return g_string_free (script, FALSE);
}
