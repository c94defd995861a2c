/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-job.h"

#include <glib/gi18n.h>

#include "oak-advice.h"
#include "oak-config.h"
#include "oak-device-facts.h"
#include "oak-device-info.h"
#include "oak-error.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"

#include "cli-camera.h"
#include "cli-consent.h"
#include "cli-failure.h"
#include "cli-inhibit.h"
#include "cli-interrupt.h"
#include "cli-json.h"
#include "cli-keep.h"
#include "cli-plan.h"
#include "cli-program.h"
#include "cli-progress.h"
#include "cli-search.h"

/* Drives one OakFlashJob from the terminal. Reads from top to bottom: each half is awaited on the
 * main loop. Main thread. */

#define EXIT_DONE          0
#define EXIT_DIFFERENT     1
#define EXIT_NOT_CONFIRMED 5

typedef struct {
  CliProgram *program; /* (unowned) */
  guint n_interrupts;  /* of the program, when the job was opened or a question was answered last */
  gint64 asked_us;     /* when a second Ctrl+C was asked for; 0: not yet */
  OakFlashJob *job;    /* (owned) (nullable) */
  CliProgress *progress; /* (owned) (nullable) */
} CliJob;

static void
cli_job_close (CliJob *self)
{
  cli_program_set_interrupt (self->program, NULL, NULL);
  g_clear_pointer (&self->progress, cli_progress_free);
  g_clear_object (&self->job);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliJob, cli_job_close)

static OakCancelPolicy
get_cancel_policy (OakFlashJob *job)
{
  int policy = OAK_CANCEL_CLEAN;

  g_object_get (job, "cancel-policy", &policy, NULL);
  return (OakCancelPolicy) policy;
}

/* Ctrl+C, at any time: says what it does now, and does it where that is allowed. */
static void
on_interrupt (gpointer user_data)
{
  CliJob *self = user_data;
  OakJobState state = oak_flash_job_get_state (self->job);
  OakCancelPolicy policy = get_cancel_policy (self->job);
  g_autofree char *words = NULL;

  if (state == OAK_JOB_STATE_CLOSING)
    cli_progress_say (self->progress, _ ("The camera is being restarted; this takes a moment."));
  if (state == OAK_JOB_STATE_PREPARING)
    cli_progress_say (self->progress, _ ("Stopping. Nothing has been written."));
  if (state == OAK_JOB_STATE_RUNNING) {
    words = oak_cancel_policy_describe (policy);
    cli_progress_say (self->progress, words);
  }
  switch (cli_interrupt_judge (state, policy, &self->asked_us, g_get_monotonic_time ())) {
  case CLI_INTERRUPT_ASKS:
    cli_progress_say (self->progress,
                      _ ("To stop waiting, press Ctrl+C once more within five seconds."));
    break;
  case CLI_INTERRUPT_CANCELS:
    oak_flash_job_cancel (self->job);
    break;
  case CLI_INTERRUPT_SAYS:
  default:
    break;
  }
}

static gboolean
is_unbooted (OakFlashJob *job)
{
  return job != NULL &&
         oak_device_info_get_state (oak_flash_job_get_info (job)) == OAK_DEVICE_STATE_UNBOOTED;
}

/* A hint about the option that would have helped. Returns: (transfer none) (nullable). */
static const char *
get_hint (CliProgram *program, OakFlashJob *job, const OakFlashWish *wish, const GError *error)
{
  if (g_error_matches (error, CLI_ERROR, CLI_ERROR_NOBODY_TO_ASK))
    return wish->operation == OAK_OPERATION_FACTORY_RESET
               ? _ ("In a script: --yes together with --confirm-id SHORT-ID.")
               : _ ("In a script: --yes.");
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_NOT_STANDALONE))
    return _ (
        "“oakflash inspect FILE” shows all of its nodes. Experts can flash it all the same with "
        "--allow-host-streams.");
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_BAD_FILE) && wish->contents != NULL)
    return _ ("“oakflash inspect FILE” tells everything that is wrong with it.");
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED) && is_unbooted (job))
    return _ ("“oakflash reset” with --type and --bootloader puts a bootloader on it.");
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_NO_ACCESS) && job != NULL &&
      oak_device_info_get_transport (oak_flash_job_get_info (job)) == OAK_TRANSPORT_USB)
    return _ ("“oakflash rules” prints that rule, and how to install it.");
  if (!g_error_matches (error, OAK_ERROR, OAK_ERROR_NEEDS_CONSENT))
    return NULL;
  if (!wish->stop_application && job != NULL && oak_flash_job_get_facts (job) == NULL)
    return _ ("Add --stop-application to stop it.");
  if (!wish->size_unknown_ok)
    return _ ("Add --size-unknown-ok to go on all the same.");
  return NULL;
}

static int
report (CliProgram *program, OakFlashJob *job, const OakFlashWish *wish, const GError *error)
{
  CliFailure failure = {
    .operation = wish->operation,
    .remains = OAK_REMAINS_UNCHANGED,
    .hint = get_hint (program, job, wish, error),
  };

  if (job != NULL) {
    failure.info = oak_flash_job_get_info (job);
    failure.remains = oak_flash_job_get_remains (job);
    failure.written = oak_flash_job_has_written (job);
    failure.untouched = g_error_matches (error, OAK_ERROR, OAK_ERROR_NEEDS_CONSENT) &&
                        oak_flash_job_get_facts (job) == NULL;
  }
  return cli_failure_report (program, error, &failure);
}

int
cli_job_report_early (CliProgram *program, const OakFlashWish *wish, const GError *error)
{
  return report (program, NULL, wish, error);
}

static void
open_job (CliJob *self, OakDeviceInfo *info, const OakFlashWish *wish)
{
  cli_job_close (self);
  self->job = oak_flash_job_new (info, wish, self->program->scope, &self->program->timeouts);
  self->progress = cli_progress_new (self->program, self->job);
  cli_program_set_interrupt (self->program, on_interrupt, self);
  self->n_interrupts = self->program->n_interrupts;
}

/* Ctrl+C that came too late for one half ends the job before the next. */
static gboolean
check_interrupt (CliJob *self, GError **error)
{
  if (self->program->n_interrupts == self->n_interrupts)
    return TRUE;
  g_set_error_literal (error,
                       G_IO_ERROR,
                       G_IO_ERROR_CANCELLED,
                       "stopped before anything was written");
  return FALSE;
}

static gboolean
prepare (CliJob *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oak_flash_job_prepare_async (self->job, cli_program_store_result, &result);
  if (oak_flash_job_prepare_finish (self->job, cli_program_await (&result), error) == NULL)
    return FALSE;
  return check_interrupt (self, error);
}

/* Restarts the camera where a session is open; harmless elsewhere. What goes wrong here changes
 * nothing any more. */
static void
abandon (CliJob *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) local_error = NULL;

  oak_flash_job_abandon_async (self->job, cli_program_store_result, &result);
  if (!oak_flash_job_abandon_finish (self->job, cli_program_await (&result), &local_error))
    g_debug ("abandoning: %s", local_error->message);
}

/* Lets a question have the terminal for itself. @name: (nullable): the camera whose application is
 * to be stopped; else the plan is asked about. */
static gboolean
ask (CliJob *self, const char *name, GError **error)
{
  gboolean agreed = FALSE;

  cli_progress_pause (self->progress);
  cli_program_set_interrupt (self->program, NULL, NULL);
  agreed = name != NULL ? cli_consent_ask_to_stop (self->program, name, error)
                        : cli_consent_ask_for_plan (self->program, self->job, error);
  cli_program_set_interrupt (self->program, on_interrupt, self);
  cli_progress_resume (self->progress);
  if (agreed)
    self->n_interrupts = self->program->n_interrupts;
  return agreed;
}

/* TRUE when prepare failed only because an application runs that nobody agreed to stop; then
 * nothing was sent. */
static gboolean
is_running_application (OakFlashJob *job, const OakFlashWish *wish, const GError *error)
{
  return g_error_matches (error, OAK_ERROR, OAK_ERROR_NEEDS_CONSENT) && !wish->stop_application &&
         oak_flash_job_get_facts (job) == NULL;
}

/* Looking never stops an application by itself; for everything else a person may agree here and
 * now. */
static gboolean
prepare_with_consent (CliJob *self, OakDeviceInfo *info, OakFlashWish *wish, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *name = NULL;

  open_job (self, info, wish);
  if (prepare (self, &local_error))
    return TRUE;
  if (!is_running_application (self->job, wish, local_error) || self->program->options.dry_run ||
      oak_flash_wish_only_looks (wish) || !cli_program_can_ask (self->program)) {
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
  }

  name = cli_camera_get_name (oak_flash_job_get_info (self->job));
  if (!ask (self, name, error))
    return FALSE;
  wish->stop_application = TRUE;
  open_job (self, info, wish);
  return prepare (self, error);
}

/* What lies below the application is only touched after the configuration, which goes with it, was
 * kept. Where it cannot be written to a file it is shown, so that it is not lost either. */
static void
keep_configuration (CliJob *self)
{
  const OakDeviceFacts *facts = oak_flash_job_get_facts (self->job);
  g_autoptr (GError) local_error = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *line = NULL;

  g_free (self->program->kept_path);
  self->program->kept_path = cli_keep_configuration (facts, &local_error);
  if (self->program->kept_path != NULL) {
    shown = g_filename_display_name (self->program->kept_path);
    line = g_strdup_printf (_ ("The configuration was saved as %s."), shown);
    if (cli_progress_is_shown (self->progress))
      cli_progress_say (self->progress, line);
  } else if (local_error != NULL) {
    shown = oak_config_to_text (facts->config, FALSE);
    cli_terminal_print (&self->program->errors,
                        _ ("The configuration could not be saved (%s). It is: %s\n"),
                        local_error->message,
                        shown);
  }
}

static OakFlashResult *
run_plan (CliJob *self, GError **error)
{
  const OakFlashPlan *plan = oak_flash_job_get_plan (self->job);
  g_autoptr (CliInhibit) inhibit = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  if (oak_flash_plan_needs_typed_id (plan))
    keep_configuration (self);
  if (oak_flash_plan_writes (plan)) {
    inhibit = cli_inhibit_new (oak_flash_plan_needs_typed_id (plan));
    if (cli_progress_is_shown (self->progress))
      cli_progress_say (self->progress, _ ("Do not unplug the camera until this is done."));
  }
  if (!check_interrupt (self, error))
    return NULL;
  oak_flash_job_run_async (self->job, cli_program_store_result, &result);
  return oak_flash_job_run_finish (self->job, cli_program_await (&result), error);
}

static int
show_dry_run (CliJob *self)
{
  CliProgram *program = self->program;
  const OakFlashPlan *plan = oak_flash_job_get_plan (self->job);
  g_autoptr (JsonBuilder) builder = NULL;

  abandon (self);
  g_clear_pointer (&self->progress, cli_progress_free);
  if (!program->options.json) {
    cli_plan_print (plan, &program->output);
    cli_terminal_print (&program->output, "%s\n", _ ("Nothing was written."));
    return EXIT_DONE;
  }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  cli_json_add_boolean (builder, "ok", TRUE);
  cli_json_add_text (builder, "command", program->command->name);
  cli_json_add_boolean (builder, "dryRun", TRUE);
  cli_camera_add_json (builder, oak_flash_job_get_info (self->job));
  cli_plan_add_json (builder, plan);
  cli_json_add_number (builder, "exitCode", EXIT_DONE);
  json_builder_end_object (builder);
  cli_json_print (builder);
  return EXIT_DONE;
}

/* Written, but without proof: a third result, told like a failure together with what was proved. */
static int
report_not_confirmed (CliJob *self, const OakFlashWish *wish, const OakFlashResult *result)
{
  g_autoptr (GError) error = NULL;
  guint n_sentences = g_strv_length (result->evidence);
  CliFailure failure = {
    .operation = wish->operation,
    .remains = OAK_REMAINS_WRITTEN,
    .written = TRUE,
    .info = oak_flash_job_get_info (self->job),
    .evidence = result->evidence,
    .hint = result->next,
  };

  error = g_error_new (OAK_ERROR,
                       OAK_ERROR_NOT_CONFIRMED,
                       "%s",
                       n_sentences > 0 ? result->evidence[n_sentences - 1] : "no proof");
  return cli_failure_report (self->program, error, &failure);
}

static int
conclude (CliJob *self,
          const OakFlashWish *wish,
          const OakFlashResult *result,
          CliJobPrintFunc print)
{
  g_clear_pointer (&self->progress, cli_progress_free);
  if (result->outcome == OAK_OUTCOME_NOT_CONFIRMED)
    return report_not_confirmed (self, wish, result);
  print (self->program, self->job, result);
  return result->outcome == OAK_OUTCOME_DIFFERENT ? EXIT_DIFFERENT : EXIT_DONE;
}

static int
give_up (CliJob *self, const OakFlashWish *wish, const GError *error)
{
  abandon (self);
  g_clear_pointer (&self->progress, cli_progress_free);
  return report (self->program, self->job, wish, error);
}

/* The id that was given on the command line is compared as soon as that of the camera is known. */
static gboolean
check_given_id (CliProgram *program, OakDeviceInfo *info, GError **error)
{
  const char *given = program->options.confirm_id;
  const char *mxid = oak_device_info_get_mxid (info);

  if (given == NULL || mxid == NULL || oak_short_id_matches (mxid, given))
    return TRUE;
  g_set_error (error,
               CLI_ERROR,
               CLI_ERROR_WRONG_ID,
               "“%s” was given, the camera is %s",
               given,
               mxid);
  return FALSE;
}

static OakDeviceInfo *
find_camera (CliProgram *program, const OakFlashWish *wish, GError **error)
{
  g_autoptr (OakDeviceInfo) info = NULL;
  gboolean needs_typed_id = wish->operation == OAK_OPERATION_FACTORY_RESET;

  if (!oak_flash_wish_only_looks (wish) &&
      !cli_consent_check_possible (program, needs_typed_id, error))
    return NULL;
  info = cli_search_find (program, error);
  if (info == NULL || !check_given_id (program, info, error) ||
      !cli_program_check_interrupt (program, error))
    return NULL;
  return g_steal_pointer (&info);
}

static void
apply_options (const CliOptions *options, OakFlashWish *wish)
{
  wish->memory = options->memory;
  wish->no_wait = options->no_wait;
  wish->full = options->full;
  wish->size_unknown_ok = options->size_unknown_ok;
  /* Agreeing to a write agrees to stopping what runs; looking alone does not. */
  wish->stop_application = options->stop_application || (options->yes && !options->dry_run);
}

int
cli_job_run (CliProgram *program, OakFlashWish *wish, CliJobPrintFunc print)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakDeviceInfo) info = NULL;
  g_autoptr (OakFlashResult) result = NULL;
  g_auto (CliJob) self = { .program = program };

  apply_options (&program->options, wish);
  info = find_camera (program, wish, &error);
  if (info == NULL)
    return cli_job_report_early (program, wish, error);

  if (!prepare_with_consent (&self, info, wish, &error))
    return give_up (&self, wish, error);
  if (program->options.dry_run)
    return show_dry_run (&self);

  if (!oak_flash_wish_only_looks (wish) && !ask (&self, NULL, &error))
    return give_up (&self, wish, error);

  result = run_plan (&self, &error);
  if (result == NULL)
    return give_up (&self, wish, error);
  return conclude (&self, wish, result, print);
}
