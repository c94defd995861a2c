/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-result.h"

#include <glib/gi18n.h>

#include "oak-flash-wish.h"

#include "cli-camera.h"
#include "cli-json.h"
#include "cli-program.h"
#include "cli-text.h"

/* Tells how a job that changed something ended well. Main thread. */

#define GREEN "\033[32m"
#define PLAIN "\033[0m"

static const char *
get_outcome_word (OakOutcome outcome)
{
  switch (outcome) {
  case OAK_OUTCOME_CONFIRMED:
    return "confirmed";
  case OAK_OUTCOME_START_NOT_OBSERVED:
    return "start-not-observed";
  case OAK_OUTCOME_DIFFERENT:
    return "different";
  case OAK_OUTCOME_NOT_CONFIRMED:
  default:
    return "not-confirmed";
  }
}

static const char *
get_title (OakOperation operation)
{
  switch (operation) {
  case OAK_OPERATION_FLASH_APPLICATION:
    return _ ("Application installed");
  case OAK_OPERATION_CLEAR_APPLICATION:
    return _ ("Application removed");
  case OAK_OPERATION_FACTORY_RESET:
    return _ ("Camera reset");
  case OAK_OPERATION_READ_DETAILS:
  case OAK_OPERATION_VERIFY_APPLICATION:
  default:
    return _ ("Done");
  }
}

static void
print_json (CliProgram *program, OakFlashJob *job, const OakFlashResult *result)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *kept = NULL;

  json_builder_begin_object (builder);
  cli_json_add_boolean (builder, "ok", TRUE);
  cli_json_add_text (builder, "command", program->command->name);
  cli_camera_add_json (builder, oak_flash_job_get_info (job));
  cli_json_add_text (builder, "outcome", get_outcome_word (result->outcome));
  cli_json_add_texts (builder, "evidence", (const char *const *) result->evidence);
  cli_json_add_text (builder, "next", result->next);
  if (program->kept_path != NULL)
    kept = g_filename_display_name (program->kept_path);
  cli_json_add_text (builder, "configurationSavedAs", kept);
  cli_json_add_text (builder, "state", oak_device_state_to_string (result->state));
  cli_json_add_number (builder, "bytesWritten", (gint64) result->bytes_written);
  cli_json_add_number (builder, "bytesVerified", (gint64) result->bytes_verified);
  cli_json_add_number (builder, "transferUs", result->transfer_us);
  cli_json_add_number (builder, "writeUs", result->write_us);
  cli_json_add_number (builder, "totalUs", result->total_us);
  cli_json_add_number (builder, "exitCode", 0);
  json_builder_end_object (builder);
  cli_json_print (builder);
}

static void
print_text (CliProgram *program, OakFlashJob *job, const OakFlashResult *result)
{
  const CliTerminal *terminal = &program->output;
  g_autofree char *camera = cli_camera_get_name (oak_flash_job_get_info (job));

  cli_terminal_print (terminal,
                      "%s: %s\n",
                      get_title (oak_flash_job_get_wish (job)->operation),
                      camera);
  for (guint i = 0; result->evidence != NULL && result->evidence[i] != NULL; i++) {
    g_autofree char *shown = cli_text_show (result->evidence[i]);

    cli_terminal_print (terminal,
                        "  %s%s%s %s\n",
                        terminal->colour ? GREEN : "",
                        terminal->unicode ? "✓" : "*",
                        terminal->colour ? PLAIN : "",
                        shown);
  }
  if (result->next != NULL) {
    g_autofree char *shown = cli_text_show (result->next);

    cli_terminal_print (terminal, "%s\n", shown);
  }
}

void
cli_result_print (CliProgram *program, OakFlashJob *job, const OakFlashResult *result)
{
  if (program->options.json)
    print_json (program, job, result);
  else
    print_text (program, job, result);
}
