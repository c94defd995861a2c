/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include <glib/gi18n.h>

#include "oak-flash-wish.h"

#include "cli-camera.h"
#include "cli-checked.h"
#include "cli-job.h"
#include "cli-json.h"
#include "cli-program.h"
#include "cli-text.h"

/* "oakflash verify FILE": is this package on that camera? Writes nothing. Main thread. */

static gboolean
is_equal (const OakFlashResult *result)
{
  return result->outcome == OAK_OUTCOME_CONFIRMED;
}

static void
print_json (CliProgram *program, OakFlashJob *job, const OakFlashResult *result)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_boolean (builder, "ok", TRUE);
  cli_json_add_text (builder, "command", program->command->name);
  cli_camera_add_json (builder, oak_flash_job_get_info (job));
  cli_json_add_boolean (builder, "equal", is_equal (result));
  cli_json_add_texts (builder, "evidence", (const char *const *) result->evidence);
  cli_json_add_number (builder, "bytesVerified", (gint64) result->bytes_verified);
  cli_json_add_number (builder, "totalUs", result->total_us);
  cli_json_add_number (builder, "exitCode", is_equal (result) ? 0 : 1);
  json_builder_end_object (builder);
  cli_json_print (builder);
}

static void
print_result (CliProgram *program, OakFlashJob *job, const OakFlashResult *result)
{
  g_autofree char *camera = cli_camera_get_name (oak_flash_job_get_info (job));

  if (program->options.json) {
    print_json (program, job, result);
    return;
  }
  cli_terminal_print (&program->output,
                      "%s: %s\n",
                      is_equal (result) ? _ ("Equal") : _ ("Different"),
                      camera);
  for (guint i = 0; result->evidence[i] != NULL; i++) {
    g_autofree char *shown = cli_text_show (result->evidence[i]);

    cli_terminal_print (&program->output, "  %s\n", shown);
  }
}

int
cli_verify_run (CliProgram *program)
{
  g_auto (OakFlashWish) wish;
  g_autoptr (GError) error = NULL;

  oak_flash_wish_init (&wish, OAK_OPERATION_VERIFY_APPLICATION);
  if (!cli_checked_load (program, &wish, &error))
    return cli_job_report_early (program, &wish, error);
  return cli_job_run (program, &wish, print_result);
}
