/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-consent.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "oak-device-info.h"
#include "oak-flash-job.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"

#include "cli-failure.h"
#include "cli-plan.h"
#include "cli-program.h"
#include "cli-text.h"

/* Asks questions on the terminal while the main loop goes on turning. Main thread. */

#define MAX_ANSWER_SIZE 256

/* One line being typed. */
typedef struct {
  GString *text;
  gboolean done;
  guint source;
} Answer;

static gboolean
on_input (int descriptor, GIOCondition condition, gpointer user_data)
{
  Answer *answer = user_data;
  char bytes[MAX_ANSWER_SIZE];
  gssize n_bytes = read (descriptor, bytes, sizeof bytes);
  const char *end = NULL;

  if (n_bytes < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  if (n_bytes > 0) {
    g_string_append_len (answer->text, bytes, n_bytes);
    end = memchr (answer->text->str, '\n', answer->text->len);
    if (end != NULL)
      g_string_truncate (answer->text, (gsize) (end - answer->text->str));
  }
  if (n_bytes > 0 && end == NULL && answer->text->len < MAX_ANSWER_SIZE)
    return G_SOURCE_CONTINUE;
  answer->done = TRUE;
  answer->source = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
is_held (OakFlashJob *job)
{
  return job == NULL || oak_flash_job_get_state (job) == OAK_JOB_STATE_READY;
}

/* Returns: (transfer full): what was typed, without the line feed. NULL with G_IO_ERROR_CANCELLED
 * or CLI_ERROR_NOT_DECIDED. */
static char *
ask (CliProgram *program, OakFlashJob *job, const char *question, GError **error)
{
  const CliTerminal *terminal = cli_program_get_news (program);
  guint n_interrupts = program->n_interrupts;
  Answer answer = { .text = g_string_new (NULL) };

  cli_terminal_write (terminal, question);
  answer.source = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, &answer);
  while (!answer.done && program->n_interrupts == n_interrupts && is_held (job))
    g_main_context_iteration (NULL, TRUE);
  g_clear_handle_id (&answer.source, g_source_remove);

  if (answer.done)
    return g_strstrip (g_string_free (answer.text, FALSE));
  cli_terminal_write (terminal, "\n");
  g_string_free (answer.text, TRUE);
  if (program->n_interrupts != n_interrupts)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped at the question");
  else
    g_set_error_literal (error,
                         CLI_ERROR,
                         CLI_ERROR_NOT_DECIDED,
                         "the session ended before the question was answered");
  return NULL;
}

static gboolean
is_yes (const char *answer)
{
  g_autofree char *folded =
      g_utf8_validate (answer, -1, NULL) ? g_utf8_casefold (answer, -1) : NULL;
  /* Translators: what is typed for yes: its first letter, and the whole word, in lower case. */
  const char *const words[] = { "y", "yes", C_ ("answer", "y"), C_ ("answer", "yes") };

  for (guint i = 0; folded != NULL && i < G_N_ELEMENTS (words); i++) {
    g_autofree char *word = g_utf8_casefold (words[i], -1);

    if (g_strcmp0 (folded, word) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
ask_yes_or_no (CliProgram *program, OakFlashJob *job, const char *question, GError **error)
{
  g_autofree char *answer = ask (program, job, question, error);

  if (answer == NULL)
    return FALSE;
  if (is_yes (answer))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the answer was not yes");
  return FALSE;
}

static void
set_nobody_error (GError **error, const char *missing)
{
  g_set_error (error,
               CLI_ERROR,
               CLI_ERROR_NOBODY_TO_ASK,
               "%s was not given and there is no terminal",
               missing);
}

gboolean
cli_consent_check_possible (CliProgram *program, gboolean needs_typed_id, GError **error)
{
  const CliOptions *options = &program->options;

  if (options->dry_run || cli_program_can_ask (program))
    return TRUE;
  if (!options->yes) {
    set_nobody_error (error, needs_typed_id ? "--yes with --confirm-id" : "--yes");
    return FALSE;
  }
  if (needs_typed_id && options->confirm_id == NULL) {
    set_nobody_error (error, "--confirm-id");
    return FALSE;
  }
  return TRUE;
}

gboolean
cli_consent_ask_to_stop (CliProgram *program, const char *name, GError **error)
{
  g_autofree char *question = NULL;

  if (!cli_program_can_ask (program)) {
    set_nobody_error (error, "--stop-application");
    return FALSE;
  }
  question =
      g_strdup_printf (_ ("The application on %s is running. Stop it to go on? [y/N] "), name);
  return ask_yes_or_no (program, NULL, question, error);
}

static const char *
get_question (OakOperation operation)
{
  switch (operation) {
  case OAK_OPERATION_FLASH_APPLICATION:
    return _ ("Flash? [y/N] ");
  case OAK_OPERATION_CLEAR_APPLICATION:
    return _ ("Clear? [y/N] ");
  case OAK_OPERATION_FACTORY_RESET:
    return _ ("Reset? [y/N] ");
  case OAK_OPERATION_READ_DETAILS:
  case OAK_OPERATION_VERIFY_APPLICATION:
  default:
    return _ ("Go on? [y/N] ");
  }
}

static gboolean
check_id (const char *mxid, const char *typed, GError **error)
{
  if (mxid != NULL && oak_short_id_matches (mxid, typed))
    return TRUE;
  g_set_error (error,
               CLI_ERROR,
               CLI_ERROR_WRONG_ID,
               "“%s” was given, the camera is %s",
               typed,
               mxid != NULL ? mxid : "without an id");
  return FALSE;
}

/* On a terminal, without --confirm-id. An empty line is a no. */
static gboolean
ask_for_id (CliProgram *program, OakFlashJob *job, const char *mxid, GError **error)
{
  g_autofree char *short_id = oak_short_id (mxid, NULL);
  g_autofree char *question = g_strdup_printf (_ ("Type the id %s to go on: "), short_id);
  g_autofree char *typed = ask (program, job, question, error);

  if (typed == NULL)
    return FALSE;
  if (typed[0] == '\0') {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "no id was typed");
    return FALSE;
  }
  return check_id (mxid, typed, error);
}

static gboolean
ask_for_typed_id (CliProgram *program, OakFlashJob *job, GError **error)
{
  const char *mxid = oak_device_info_get_mxid (oak_flash_job_get_info (job));
  const CliOptions *options = &program->options;

  if (options->confirm_id != NULL)
    return check_id (mxid, options->confirm_id, error) &&
           (options->yes ||
            ask_yes_or_no (program, job, get_question (OAK_OPERATION_FACTORY_RESET), error));
  if (!cli_program_can_ask (program)) {
    set_nobody_error (error, "--confirm-id");
    return FALSE;
  }
  return ask_for_id (program, job, mxid, error);
}

gboolean
cli_consent_ask_for_plan (CliProgram *program, OakFlashJob *job, GError **error)
{
  const OakFlashPlan *plan = oak_flash_job_get_plan (job);
  const CliTerminal *terminal = cli_program_get_news (program);

  if (!program->options.json || !program->options.yes)
    cli_plan_print (plan, terminal);
  if (oak_flash_plan_needs_typed_id (plan))
    return ask_for_typed_id (program, job, error);
  if (program->options.yes || !oak_flash_plan_writes (plan))
    return TRUE;
  if (!cli_program_can_ask (program)) {
    set_nobody_error (error, "--yes");
    return FALSE;
  }
  return ask_yes_or_no (program,
                        job,
                        get_question (oak_flash_job_get_wish (job)->operation),
                        error);
}
