/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include <glib/gi18n.h>

#include "oak-usb-rule.h"

#include "cli-json.h"
#include "cli-program.h"

/* "oakflash rules": the udev rule for cameras on USB on standard output, fit to be that file, and
 * how to install it on standard error. Main thread. */

/* The same is done by hand with what this program prints. */
#define SAVE_COMMAND "oakflash rules 2>/dev/null | sudo tee " OAK_USB_RULE_PATH " >/dev/null"

static void
print_json (CliProgram *program)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *script = oak_usb_rule_get_script ();

  json_builder_begin_object (builder);
  cli_json_add_boolean (builder, "ok", TRUE);
  cli_json_add_text (builder, "command", program->command->name);
  cli_json_add_text (builder, "path", OAK_USB_RULE_PATH);
  cli_json_add_text (builder, "rule", oak_usb_rule_get_text ());
  cli_json_add_text (builder, "script", script);
  cli_json_add_number (builder, "exitCode", 0);
  json_builder_end_object (builder);
  cli_json_print (builder);
}

static void
print_text (CliProgram *program)
{
  const char *const *commands = oak_usb_rule_get_reload_commands ();
  const CliTerminal *errors = &program->errors;

  cli_terminal_write (&program->output, oak_usb_rule_get_text ());
  cli_terminal_write (errors, "\n");
  cli_terminal_write_wrapped (errors, _ ("To install this rule, once on each computer, run:\n"), 0);
  cli_terminal_print (errors, "  %s\n", SAVE_COMMAND);
  for (guint i = 0; commands[i] != NULL; i++)
    cli_terminal_print (errors, "  %s\n", commands[i]);
  cli_terminal_write_wrapped (
      errors,
      _ ("A camera that is plugged in can be used right afterwards; otherwise unplug it and plug "
         "it in again.\n"),
      0);
}

int
cli_rules_run (CliProgram *program)
{
  if (program->options.json)
    print_json (program);
  else
    print_text (program);
  return 0;
}
