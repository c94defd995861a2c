/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#include "cli-options-private.h"
#include "cli-suggest.h"

/* What must be right about options before anything is done: numbers, words with few values, what is
 * missing. Main thread. */

#define MAX_WAIT_S        3600.0
#define MAX_TIMEOUT_SCALE 1000.0

/* @word: (nullable): leaves @value as it is. */
static gboolean
parse_number (const char *word, double max, const char *option, double *value, GError **error)
{
  char *end = NULL;
  double number = 0;

  if (word == NULL)
    return TRUE;
  number = g_ascii_strtod (word, &end);
  if (end == word || *end != '\0' || !isfinite (number) || number <= 0 || number > max) {
    g_set_error (error,
                 CLI_USAGE_ERROR,
                 CLI_USAGE_ERROR_FAILED,
                 _ ("--%s needs a number above 0 and not above %.0f"),
                 option,
                 max);
    return FALSE;
  }
  *value = number;
  return TRUE;
}

static gboolean
check_numbers (CliOptions *self, GError **error)
{
  double wait_s = 0;

  if (!parse_number (self->wait_word, MAX_WAIT_S, "wait", &wait_s, error) ||
      !parse_number (self->scale_word,
                     MAX_TIMEOUT_SCALE,
                     "timeout-scale",
                     &self->timeout_scale,
                     error))
    return FALSE;
  if (self->wait_word != NULL)
    self->wait_ms = MAX ((guint) (wait_s * 1000), 1);
  return TRUE;
}

static gboolean
check_memory (CliOptions *self, GError **error)
{
  static const char *const words[] = { "auto", "flash", "emmc", NULL };
  const char *suggestion = NULL;

  if (self->memory_word == NULL || oak_memory_parse (self->memory_word, &self->memory))
    return TRUE;
  suggestion = cli_suggest (self->memory_word, words);
  if (suggestion != NULL)
    g_set_error (error,
                 CLI_USAGE_ERROR,
                 CLI_USAGE_ERROR_FAILED,
                 _ ("--memory is “auto”, “flash” or “emmc”; did you mean “%s”?"),
                 suggestion);
  else
    g_set_error (error,
                 CLI_USAGE_ERROR,
                 CLI_USAGE_ERROR_FAILED,
                 _ ("--memory is “auto”, “flash” or “emmc”"));
  return FALSE;
}

static gboolean
check_type (CliOptions *self, GError **error)
{
  if (self->type_word == NULL ||
      oak_bootloader_type_parse (self->type_word, &self->bootloader_type))
    return TRUE;
  g_set_error (error, CLI_USAGE_ERROR, CLI_USAGE_ERROR_FAILED, _ ("--type is “usb” or “network”"));
  return FALSE;
}

gboolean
cli_options_check (CliOptions *self, CliCommandId command, GError **error)
{
  if (!check_numbers (self, error) || !check_memory (self, error) || !check_type (self, error))
    return FALSE;

  if (self->device != NULL && self->device[0] == '\0') {
    g_set_error (
        error,
        CLI_USAGE_ERROR,
        CLI_USAGE_ERROR_FAILED,
        _ ("--device needs an MXID, a short id, an IP address or a USB socket (usb:1.2.13)"));
    return FALSE;
  }
  if (command == CLI_COMMAND_FLASH && self->file_path == NULL) {
    g_set_error (error,
                 CLI_USAGE_ERROR,
                 CLI_USAGE_ERROR_FAILED,
                 _ ("which application? Give the package (.dap) to flash"));
    return FALSE;
  }
  if (command == CLI_COMMAND_VERIFY && self->file_path == NULL) {
    g_set_error (error,
                 CLI_USAGE_ERROR,
                 CLI_USAGE_ERROR_FAILED,
                 _ ("which application? Give the package (.dap) to compare with"));
    return FALSE;
  }
  if (command == CLI_COMMAND_RESET && self->bootloader_path == NULL) {
    g_set_error (error,
                 CLI_USAGE_ERROR,
                 CLI_USAGE_ERROR_FAILED,
                 _ ("which bootloader? Give its image, or the version of one in the store, with "
                    "--bootloader"));
    return FALSE;
  }
  return cli_options_check_bootloader (self, command, error) &&
         cli_options_check_package (self, command, error);
}
