/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-progress.h"

#include <glib/gi18n.h>

#include "oak-flash-job.h"

#include "cli-program.h"
#include "cli-progress-line.h"
#include "cli-text.h"

/* Watches a job and shows where it is. On a terminal the line is drawn at most ten times a second
 * and at once when the stage changes; in a pipe a line is written per stage and per ten percent of
 * it. Main thread. */

#define REDRAW_MS     100
#define PLAIN_PERCENT 10

struct _CliProgress {
  CliProgram *program;         /* (unowned) */
  OakFlashJob *job;            /* (owned) */
  const CliTerminal *terminal; /* (unowned) (nullable): NULL when progress is not shown */
  OakStage shown_stage;
  gboolean started;
  gboolean drawn; /* a line stands on the terminal */
  guint n_pauses;
  int shown_percent; /* of the stage, in a pipe */
  guint tick;
  guint tick_source;
  gint64 drawn_us;
};

static CliProgressView
get_view (CliProgress *self)
{
  OakProgress progress = oak_flash_job_get_progress (self->job);
  CliProgressView view = {
    .stage = progress.stage,
    .fraction = progress.fraction,
    .stage_fraction = progress.stage_fraction,
    .bytes_done = progress.bytes_done,
    .bytes_total = progress.bytes_total,
    .tick = self->tick,
  };

  g_object_get (self->job,
                "bytes-per-second",
                &view.bytes_per_second,
                "seconds-left",
                &view.seconds_left,
                NULL);
  return view;
}

static void
erase_line (CliProgress *self)
{
  if (!self->drawn)
    return;
  cli_terminal_write (self->terminal, "\r\033[K");
  self->drawn = FALSE;
}

static void
draw_line (CliProgress *self)
{
  CliProgressView view = get_view (self);
  g_autofree char *line = NULL;

  if (self->n_pauses > 0)
    return;
  /* One column stays free: a full line makes some terminals wrap. */
  line = cli_progress_format_bar (&view,
                                  cli_terminal_get_width (self->terminal) - 1,
                                  self->terminal->unicode,
                                  self->terminal->colour);
  cli_terminal_print (self->terminal, "\r%s\033[K", line);
  self->drawn = TRUE;
  self->shown_stage = view.stage;
  self->drawn_us = g_get_monotonic_time ();
}

static void
write_plain (CliProgress *self)
{
  CliProgressView view = get_view (self);
  gboolean new_stage = !self->started || view.stage != self->shown_stage;
  int percent = view.stage_fraction < 0 ? -1 : (int) (view.stage_fraction * 100.0 + 1e-9);

  if (new_stage) {
    cli_terminal_print (self->terminal, "%s\n", cli_progress_get_stage_name (view.stage));
    self->shown_percent = 0;
  }
  if (view.bytes_total > 0 && percent / PLAIN_PERCENT > self->shown_percent / PLAIN_PERCENT) {
    g_autofree char *line = cli_progress_format_plain (&view);

    cli_terminal_print (self->terminal, "%s\n", line);
    self->shown_percent = percent;
  }
  self->shown_stage = view.stage;
}

static gboolean
is_busy (CliProgress *self)
{
  OakJobState state = oak_flash_job_get_state (self->job);

  return state == OAK_JOB_STATE_PREPARING || state == OAK_JOB_STATE_RUNNING ||
         state == OAK_JOB_STATE_CLOSING;
}

static void
on_news (CliProgress *self)
{
  gint64 age_us = g_get_monotonic_time () - self->drawn_us;

  if (self->terminal == NULL || !is_busy (self))
    return;
  if (!self->terminal->interactive)
    write_plain (self);
  else if (!self->drawn || age_us >= REDRAW_MS * 1000 ||
           oak_flash_job_get_progress (self->job).stage != self->shown_stage)
    draw_line (self);
  self->started = TRUE;
}

static gboolean
on_tick (gpointer user_data)
{
  CliProgress *self = user_data;

  self->tick++;
  if (self->started && is_busy (self))
    draw_line (self);
  return G_SOURCE_CONTINUE;
}

static void
show_entry (CliProgress *self, OakLogEntry *entry)
{
  OakLogLevel level = oak_log_entry_get_level (entry);
  g_autofree char *shown = NULL;
  g_autofree char *line = NULL;

  if (self->program->options.verbose) {
    line = oak_log_entry_format (entry);
    shown = cli_text_show (line);
  } else if (level == OAK_LOG_LEVEL_WARNING) {
    line = cli_text_show (oak_log_entry_get_text (entry));
    shown = g_strdup_printf (_ ("Warning: %s"), line);
  } else {
    return;
  }
  cli_progress_pause (self);
  cli_terminal_print (&self->program->errors, "%s\n", shown);
  cli_progress_resume (self);
}

static void
on_log_changed (GListModel *log, guint position, guint removed, guint added, CliProgress *self)
{
  for (guint i = position; i < position + added; i++) {
    g_autoptr (OakLogEntry) entry = g_list_model_get_item (log, i);

    show_entry (self, entry);
  }
}

CliProgress *
cli_progress_new (CliProgram *program, OakFlashJob *job)
{
  CliProgress *self = g_new0 (CliProgress, 1);
  const CliTerminal *terminal = cli_program_get_news (program);

  self->program = program;
  self->job = g_object_ref (job);
  if (!program->options.json || terminal->interactive)
    self->terminal = terminal;
  if (self->terminal != NULL && terminal->interactive)
    self->tick_source = g_timeout_add (REDRAW_MS, on_tick, self);

  g_signal_connect_swapped (job, "notify", G_CALLBACK (on_news), self);
  g_signal_connect (oak_flash_job_get_log (job),
                    "items-changed",
                    G_CALLBACK (on_log_changed),
                    self);
  return self;
}

void
cli_progress_free (CliProgress *self)
{
  erase_line (self);
  g_clear_handle_id (&self->tick_source, g_source_remove);
  g_signal_handlers_disconnect_by_data (oak_flash_job_get_log (self->job), self);
  g_signal_handlers_disconnect_by_data (self->job, self);
  g_object_unref (self->job);
  g_free (self);
}

void
cli_progress_pause (CliProgress *self)
{
  self->n_pauses++;
  erase_line (self);
}

void
cli_progress_resume (CliProgress *self)
{
  g_return_if_fail (self->n_pauses > 0);

  self->n_pauses--;
  if (self->terminal != NULL && self->terminal->interactive && self->started && is_busy (self))
    draw_line (self);
}

void
cli_progress_say (CliProgress *self, const char *text)
{
  cli_progress_pause (self);
  cli_terminal_print (cli_program_get_news (self->program), "%s\n", text);
  cli_progress_resume (self);
}

gboolean
cli_progress_is_shown (const CliProgress *self)
{
  return self->terminal != NULL;
}
