/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdio.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliTerminal:
 *
 * Where text goes and what that place can show: a terminal with a width, letters beyond ASCII and
 * colours, or a plain pipe or file. Lives on the stack, borrows the stream, main thread.
 */
typedef struct {
  FILE *stream;         /* (unowned) */
  gboolean interactive; /* a terminal that understands cursor movement */
  gboolean unicode;     /* the locale's letters are UTF-8 */
  gboolean colour;      /* interactive, and NO_COLOR is not set */
} CliTerminal;

void
cli_terminal_init (CliTerminal *self, FILE *stream);

/* Columns a line may have; 80 where nobody knows. Asked anew each time, so that resizing needs no
 * signal. */
guint
cli_terminal_get_width (const CliTerminal *self);

/* Lines of it; 24 where nobody knows. */
guint
cli_terminal_get_height (const CliTerminal *self);

/* Writes UTF-8 text in the locale's encoding, replacing what it lacks, and flushes. A stream nobody
 * reads any more is no error. */
void
cli_terminal_write (const CliTerminal *self, const char *text);
void
cli_terminal_print (const CliTerminal *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The same with words broken at the terminal's width; lines after the first begin with @indent
 * spaces. Nothing is broken in a pipe. */
void
cli_terminal_write_wrapped (const CliTerminal *self, const char *text, guint indent);

G_END_DECLS
