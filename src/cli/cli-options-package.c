/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <glib/gi18n.h>

#include "cli-options-private.h"

/* What must be right on the command line of inspect, extract and repack before a file is opened.
 * Main thread. */

#define SAVING_COMMANDS  (CLI_COMMAND_EXTRACT | CLI_COMMAND_REPACK)
#define PACKAGE_COMMANDS (CLI_COMMAND_INSPECT | SAVING_COMMANDS)

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, CLI_USAGE_ERROR, CLI_USAGE_ERROR_FAILED, message);
  return FALSE;
}

static gboolean
check_part (CliOptions *self, GError **error)
{
  guint n_parts = (self->section != NULL) + (self->asset != NULL) + (self->script_word != NULL);
  g_autoptr (GError) local_error = NULL;

  if (n_parts != 1)
    return refuse (error, _ ("what to extract? Give one of --section, --asset and --script"));
  if (self->script_word != NULL && !g_ascii_string_to_signed (self->script_word,
                                                              10,
                                                              G_MININT64,
                                                              G_MAXINT64,
                                                              &self->script_node,
                                                              &local_error))
    return refuse (error, _ ("--script needs the number of a Script node"));
  return TRUE;
}

static gboolean
check_change (CliOptions *self, GError **error)
{
  static const char *const words[] = { "no", "yes", NULL };

  if (self->compress && self->no_compress)
    return refuse (error, _ ("--compress and --no-compress exclude each other"));
  if (self->check_word != NULL && !g_strv_contains (words, self->check_word))
    return refuse (error, _ ("--check-at-boot is “yes” or “no”"));
  self->check_at_boot = g_strcmp0 (self->check_word, "yes") == 0;
  for (guint i = 0; self->replacements != NULL && self->replacements[i] != NULL; i++)
    if (strchr (self->replacements[i], '=') == NULL)
      return refuse (error, _ ("--replace-asset needs the asset’s name and a file: NAME=FILE"));
  return TRUE;
}

gboolean
cli_options_check_package (CliOptions *self, CliCommandId command, GError **error)
{
  if ((command & PACKAGE_COMMANDS) != 0 && self->file_path == NULL)
    return refuse (error, _ ("which package? Give its file (.dap)"));
  if (command == CLI_COMMAND_EXTRACT && !check_part (self, error))
    return FALSE;
  if (command == CLI_COMMAND_REPACK && !check_change (self, error))
    return FALSE;
  if ((command & SAVING_COMMANDS) != 0 && self->output_path == NULL)
    return refuse (error, _ ("where to? Give the file to write with --output FILE"));
  if ((command & SAVING_COMMANDS) != 0 && self->json && g_str_equal (self->output_path, "-"))
    return refuse (error, _ ("--json and “--output -” both need the standard output"));
  return TRUE;
}
