/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include <unistd.h>

#include "oak-app-contents.h"

#include "cli-file.h"
#include "cli-package.h"
#include "cli-program.h"

/* "oakflash extract FILE": copies one part of a package, a damaged one too as far as it can be
 * read. Main thread. */

static GBytes *
dup_part (OakAppContents *contents, const CliOptions *options, GError **error)
{
  if (options->section != NULL)
    return oak_app_contents_dup_section (contents, options->section, error);
  if (options->asset != NULL)
    return oak_app_contents_dup_asset (contents, options->asset, error);
  return oak_app_contents_dup_script (contents, options->script_node, error);
}

/* A script is text from strangers: what a terminal would obey is escaped, while files and pipes get
 * the very bytes. Returns: FALSE when this is something else. */
static gboolean
show_script (CliProgram *program, OakAppContents *contents)
{
  g_autofree char *text = NULL;

  if (program->options.script_word == NULL || !cli_package_writes_to_output (program) ||
      isatty (STDOUT_FILENO) != 1)
    return FALSE;
  text = oak_app_contents_dup_script_text (contents, program->options.script_node);
  if (text == NULL)
    return FALSE;
  cli_terminal_write (&program->output, text);
  if (!g_str_has_suffix (text, "\n"))
    cli_terminal_write (&program->output, "\n");
  return TRUE;
}

int
cli_extract_run (CliProgram *program)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAppContents) contents = NULL;
  g_autoptr (GBytes) bytes = NULL;

  contents = cli_file_load_contents (program, program->options.file_path, &error);
  if (contents == NULL)
    return cli_package_fail (program, error);
  bytes = dup_part (contents, &program->options, &error);
  if (bytes == NULL)
    return cli_package_fail (program, error);
  if (show_script (program, contents))
    return 0;
  if (!cli_package_check_output (program, &error) || !cli_package_write (program, bytes, &error))
    return cli_package_fail (program, error);
  cli_package_report_written (program, bytes, NULL);
  return 0;
}
