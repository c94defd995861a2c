/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-package.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "oak-error.h"
#include "oak-file-bytes.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"
#include "oak-text.h"

#include "cli-failure.h"
#include "cli-file.h"
#include "cli-json.h"
#include "cli-program.h"
#include "cli-save.h"
#include "cli-text.h"

/* Ends of the commands that work on packages without a camera: a file written, or a failure told.
 * Main thread, but for the thread function. */

typedef struct {
  const char *path;
  GBytes *bytes;
  gboolean replace;
} Save;

/* What the core calls not found or too large is so for a camera; here it is about files. */
static GError *
convert (const GError *error)
{
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_NOT_FOUND))
    return g_error_new_literal (CLI_ERROR, CLI_ERROR_NO_SUCH_PART, error->message);
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_TOO_LARGE))
    return g_error_new_literal (CLI_ERROR, CLI_ERROR_FILE_TOO_LARGE, error->message);
  return g_error_copy (error);
}

int
cli_package_fail (CliProgram *program, const GError *error)
{
  g_autoptr (GError) converted = convert (error);
  gboolean cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  CliFailure failure = {
    .operation = OAK_OPERATION_FLASH_APPLICATION,
    .remains = OAK_REMAINS_UNCHANGED,
    .title = cancelled ? _ ("Stopped") : _ ("The Package Cannot Be Used"),
    .no_camera = TRUE,
  };

  return cli_failure_report (program, converted, &failure);
}

gboolean
cli_package_writes_to_output (const CliProgram *program)
{
  return g_strcmp0 (program->options.output_path, "-") == 0;
}

static gboolean
check_standard_output (GError **error)
{
  if (isatty (STDOUT_FILENO) != 1)
    return TRUE;
  g_set_error_literal (error,
                       CLI_ERROR,
                       CLI_ERROR_NOT_SAVED,
                       "the standard output is a terminal, which cannot show such bytes: name a "
                       "file, or use a pipe");
  return FALSE;
}

gboolean
cli_package_check_output (CliProgram *program, GError **error)
{
  if (cli_package_writes_to_output (program))
    return check_standard_output (error);
  return cli_save_check (program->options.output_path, program->options.force, error);
}

/* worker thread */
static void
save_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Save *save = task_data;
  GError *error = NULL;

  if (cli_save (save->path, save->bytes, save->replace, cancellable, &error))
    g_task_return_pointer (task, g_bytes_ref (save->bytes), (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

static gboolean
write_to_output (GBytes *bytes, GError **error)
{
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);
  int code = 0;

  if (fwrite (data, 1, size, stdout) == size && fflush (stdout) == 0)
    return TRUE;
  code = errno;
  g_set_error (error, CLI_ERROR, CLI_ERROR_NOT_SAVED, "standard output: %s", g_strerror (code));
  return FALSE;
}

gboolean
cli_package_write (CliProgram *program, GBytes *bytes, GError **error)
{
  Save save = {
    .path = program->options.output_path,
    .bytes = bytes,
    .replace = program->options.force,
  };
  g_autoptr (GBytes) saved = NULL;

  if (cli_package_writes_to_output (program))
    return write_to_output (bytes, error);
  saved = cli_file_run (program, save_thread, &save, error);
  return saved != NULL;
}

static void
print_json (CliProgram *program, GBytes *bytes)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *input = g_filename_display_name (program->options.file_path);
  g_autofree char *output = g_filename_display_name (program->options.output_path);
  g_autofree char *sha256 = oak_file_bytes_get_sha256 (bytes);

  json_builder_begin_object (builder);
  cli_json_add_boolean (builder, "ok", TRUE);
  cli_json_add_text (builder, "command", program->command->name);
  cli_json_add_text (builder, "file", input);
  cli_json_add_text (builder, "output", output);
  cli_json_add_number (builder, "size", (gint64) g_bytes_get_size (bytes));
  cli_json_add_text (builder, "sha256", sha256);
  cli_json_add_number (builder, "exitCode", 0);
  json_builder_end_object (builder);
  cli_json_print (builder);
}

void
cli_package_report_written (CliProgram *program, GBytes *bytes, const char *note)
{
  g_autofree char *display = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *size = oak_text_size (g_bytes_get_size (bytes));

  if (cli_package_writes_to_output (program))
    return;
  if (program->options.json) {
    print_json (program, bytes);
    return;
  }
  display = g_filename_display_name (program->options.output_path);
  shown = cli_text_show (display);
  /* Translators: a file and its size. */
  cli_terminal_print (&program->output, _ ("%s was written: %s.\n"), shown, size);
  if (note != NULL)
    cli_terminal_print (&program->output, "%s\n", note);
}
