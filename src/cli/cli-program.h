/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-timeouts.h"
#include "oak-types.h"

#include "cli-command.h"
#include "cli-options.h"
#include "cli-terminal.h"

G_BEGIN_DECLS

/**
 * CliProgram:
 *
 * What one run of the program shares: the options, where text goes, the waits, and Ctrl+C. The main
 * loop is turned by hand: a command reads from top to bottom and waits with cli_program_await ().
 * Lives on main's stack; main thread.
 */
typedef void (*CliInterruptFunc) (gpointer user_data);

struct _CliProgram {
  const CliCommand *command; /* (unowned) */
  CliOptions options;
  CliTerminal output; /* what was asked for; with --json nothing but the document */
  CliTerminal errors;
  OakTimeouts timeouts;
  OakNetworkScope scope;
  char *kept_path;    /* (owned) (nullable): where a configuration was saved before it was erased */
  guint n_interrupts; /* SIGINT, SIGTERM and SIGHUP so far */
  CliInterruptFunc on_interrupt; /* (nullable): called in the main loop at each */
  gpointer on_interrupt_data;    /* (unowned) */
  guint signal_sources[3];
};

/* Prepares terminals and waits. */
void
cli_program_init (CliProgram *self, const CliCommand *command);
void
cli_program_clear (CliProgram *self);
/* After the options are known: applies them and watches for signals. Writing to a closed pipe and
 * being sent to the background must not end or stop a program in the middle of a write, so both are
 * ignored from here on. */
void
cli_program_begin (CliProgram *self);

void
cli_program_set_interrupt (CliProgram *self, CliInterruptFunc on_interrupt, gpointer user_data);

/* Returns: FALSE with G_IO_ERROR_CANCELLED after Ctrl+C, for work that is not a job yet. */
gboolean
cli_program_check_interrupt (const CliProgram *self, GError **error);

/* Stores its result: the callback for cli_program_await (). @user_data: GAsyncResult **, initially
 * NULL. */
void
cli_program_store_result (GObject *source, GAsyncResult *result, gpointer user_data);
/* Turns the main loop until @result is stored. Returns: (transfer none): @result's content. */
GAsyncResult *
cli_program_await (GAsyncResult **result);

/* Where news about work in progress goes: with --json the document alone is on the output. Returns:
 * (transfer none). */
const CliTerminal *
cli_program_get_news (const CliProgram *self);

/* TRUE when somebody can be asked: there is a terminal to read from and one to write to. */
gboolean
cli_program_can_ask (const CliProgram *self);

G_END_DECLS
