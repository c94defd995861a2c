/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include <glib/gi18n.h>

#include "cli-suggest.h"
#include "cli-text.h"

/* The list of sub-commands and the words about them. Main thread. */

#define NAME_WIDTH 17 /* of the longest name with its argument, in the overview */

static const CliCommand commands[] = {
  { CLI_COMMAND_LIST, "list", NULL, N_ ("Look for cameras and list them; disturbs none"), NULL },
  { CLI_COMMAND_INFO, "info", NULL, N_ ("Read a camera’s details; restarts it"), NULL },
  { CLI_COMMAND_FLASH,
    "flash",
    "FILE",
    N_ ("Write an application package (.dap) to a camera"),
    N_ ("The camera then starts the application by itself whenever it has power. Everything is "
        "read back and "
        "compared where the bootloader can do that.") },
  { CLI_COMMAND_CLEAR,
    "clear",
    NULL,
    N_ ("Remove the application from a camera"),
    N_ ("Removes the record the bootloader starts the application by; the configuration is "
        "kept.") },
  { CLI_COMMAND_RESET,
    "reset",
    NULL,
    N_ ("Bring a camera back to its factory state"),
    N_ ("Writes the factory bootloader again and erases the user bootloader, the configuration and "
        "the "
        "application’s start record. This cannot be cancelled once it writes. --yes alone is not "
        "enough: it also needs --confirm-id.") },
  { CLI_COMMAND_VERIFY,
    "verify",
    "FILE",
    N_ ("Compare an application package with what a camera holds"),
    N_ ("Writes nothing, but restarts the camera. Ends with exit code 0 when all bytes are equal, "
        "with 1 when they differ, and with 4 when they cannot be compared.") },
  { CLI_COMMAND_INSPECT,
    "inspect",
    "FILE",
    N_ ("Show what is inside an application package and judge it"),
    N_ ("Needs no camera. Ends with exit code 0 when the package may be flashed, perhaps with "
        "warnings, and with 4 when it must not be.") },
  { CLI_COMMAND_EXTRACT,
    "extract",
    "FILE",
    N_ ("Copy a part of an application package into a file of its own"),
    N_ ("“oakflash inspect FILE” lists the parts there are.") },
  { CLI_COMMAND_REPACK,
    "repack",
    "FILE",
    N_ ("Make a package with another name, compression or other assets"),
    N_ ("The firmware stays the same program. All parts are put in their usual places, with new "
        "checksums; the file appears once it is complete.") },
  { CLI_COMMAND_BOOTLOADER,
    "bootloader",
    "ACTION",
    N_ ("Keep bootloader images: list, import, download, remove"),
    N_ ("“list” shows what is in the store, and what can be downloaded. “import FILE” takes the "
        "vendor’s package (depthai-bootloader-fwp-….tar.xz) or a single "
        "image (.cmd, .mvcmd); a checksum file (.sha256) beside it has to match. “fetch VERSION” "
        "downloads a release from the vendor and compares it with its checksum, which shows that "
        "it was not damaged on the way; images are not signed. “remove VERSION” takes an image out "
        "of the store.") },
  { CLI_COMMAND_RULES,
    "rules",
    NULL,
    N_ ("Print the udev rule that opens cameras on USB to you"),
    N_ ("The rule goes to the standard output, fit to be saved as a file; how to install it to the "
        "standard error.") },
};

const CliCommand *
cli_command_get (CliCommandId id)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (commands[i].id == id)
      return &commands[i];
  g_assert_not_reached ();
}

const CliCommand *
cli_command_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_strcmp0 (commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

const char *
cli_command_suggest (const char *word)
{
  const char *names[G_N_ELEMENTS (commands) + 1] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    names[i] = commands[i].name;
  return cli_suggest (word, names);
}

static void
append_row (GString *text, const char *name, const char *summary)
{
  g_autofree char *padded = cli_text_pad (name, NAME_WIDTH);

  g_string_append_printf (text, "  %s  %s\n", padded, summary);
}

char *
cli_command_get_overview (void)
{
  GString *text = g_string_new (NULL);

  g_string_append (text, _ ("Usage: oakflash COMMAND [OPTION…]\n"));
  g_string_append_c (text, '\n');
  g_string_append (text, _ ("Flashes standalone applications onto Luxonis OAK cameras.\n"));
  g_string_append_c (text, '\n');
  g_string_append (text, _ ("Commands:\n"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    g_autofree char *name = NULL;

    name = commands[i].argument != NULL
               ? g_strdup_printf ("%s %s", commands[i].name, commands[i].argument)
               : g_strdup (commands[i].name);
    append_row (text, name, _ (commands[i].summary));
  }
  g_string_append_c (text, '\n');
  append_row (text,
              "--help",
              _ ("Show this help; “oakflash COMMAND --help” tells about a command"));
  append_row (text, "--version", _ ("Show the version"));
  g_string_append_c (text, '\n');
  g_string_append (text, _ ("Exit codes:\n"));
  append_row (text, "0", _ ("done"));
  append_row (text, "1", _ ("failed after writing began; “verify”: something else is there"));
  append_row (text, "2", _ ("wrong command line"));
  append_row (text, "3", _ ("no camera found, or none at that address"));
  append_row (text, "4", _ ("refused or failed before anything was written"));
  append_row (text, "5", _ ("written, but not confirmed"));
  append_row (text, "6", _ ("cancelled"));
  return g_string_free (text, FALSE);
}
