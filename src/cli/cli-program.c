/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-program.h"

#include <signal.h>
#include <unistd.h>

#include <glib-unix.h>

/* What one run of the program shares. Main thread. */

static gboolean
on_signal (gpointer user_data)
{
  CliProgram *self = user_data;

  self->n_interrupts++;
  if (self->on_interrupt != NULL)
    self->on_interrupt (self->on_interrupt_data);
  return G_SOURCE_CONTINUE;
}

void
cli_program_init (CliProgram *self, const CliCommand *command)
{
  *self = (CliProgram){ .command = command, .scope = OAK_NETWORK_SCOPE_ANY };
  cli_terminal_init (&self->output, stdout);
  cli_terminal_init (&self->errors, stderr);
  oak_timeouts_init (&self->timeouts);
}

static void
watch_signals (CliProgram *self)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

  G_STATIC_ASSERT (G_N_ELEMENTS (numbers) == G_N_ELEMENTS (self->signal_sources));
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    self->signal_sources[i] = g_unix_signal_add (numbers[i], on_signal, self);
  /* A stopped program sends no keep-alive, and the camera restarts after 1500 ms without
   * (bootloader.md §2.2). */
  signal (SIGTSTP, SIG_IGN);
  signal (SIGTTOU, SIG_IGN);
  signal (SIGTTIN, SIG_IGN);
  signal (SIGPIPE, SIG_IGN);
}

void
cli_program_clear (CliProgram *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->signal_sources); i++)
    g_clear_handle_id (&self->signal_sources[i], g_source_remove);
  g_clear_pointer (&self->kept_path, g_free);
  cli_options_clear (&self->options);
}

void
cli_program_begin (CliProgram *self)
{
  watch_signals (self);
  if (self->options.demo)
    self->scope = OAK_NETWORK_SCOPE_LOOPBACK;
  if (self->options.timeout_scale != 1.0)
    oak_timeouts_scale (&self->timeouts, self->options.timeout_scale);
  /* A camera named by its address is not looked for: there, waiting means for its answer. */
  if (self->options.wait_ms != 0)
    self->timeouts.discovery_answer_ms = self->options.wait_ms;
}

void
cli_program_set_interrupt (CliProgram *self, CliInterruptFunc on_interrupt, gpointer user_data)
{
  self->on_interrupt = on_interrupt;
  self->on_interrupt_data = user_data;
}

gboolean
cli_program_check_interrupt (const CliProgram *self, GError **error)
{
  if (self->n_interrupts == 0)
    return TRUE;
  g_set_error_literal (error,
                       G_IO_ERROR,
                       G_IO_ERROR_CANCELLED,
                       "stopped before anything was opened");
  return FALSE;
}

void
cli_program_store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **slot = user_data;

  *slot = g_object_ref (result);
}

GAsyncResult *
cli_program_await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

const CliTerminal *
cli_program_get_news (const CliProgram *self)
{
  return self->options.json ? &self->errors : &self->output;
}

gboolean
cli_program_can_ask (const CliProgram *self)
{
  return isatty (STDIN_FILENO) == 1 && isatty (fileno (cli_program_get_news (self)->stream)) == 1;
}
