/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-columns.h"

#include <string.h>

#include "cli-text.h"

/* Lays out rows of cells. Main thread. */

#define GAP 2

struct _CliColumns {
  char *alignment;
  guint n_columns;
  guint *widths;    /* (owned): of the widest cell so far */
  GPtrArray *cells; /* (owned) of char *, row after row */
};

CliColumns *
cli_columns_new (const char *alignment)
{
  CliColumns *self = g_new0 (CliColumns, 1);

  self->alignment = g_strdup (alignment);
  self->n_columns = (guint) strlen (alignment);
  self->widths = g_new0 (guint, self->n_columns);
  self->cells = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
cli_columns_free (CliColumns *self)
{
  g_free (self->alignment);
  g_free (self->widths);
  g_ptr_array_unref (self->cells);
  g_free (self);
}

void
cli_columns_add (CliColumns *self, ...)
{
  va_list arguments;

  va_start (arguments, self);
  for (guint i = 0; i < self->n_columns; i++) {
    const char *cell = va_arg (arguments, const char *);

    self->widths[i] = MAX (self->widths[i], cli_text_get_width (cell));
    g_ptr_array_add (self->cells, g_strdup (cell));
  }
  va_end (arguments);
}

guint
cli_columns_get_n_rows (const CliColumns *self)
{
  return self->cells->len / self->n_columns;
}

static void
append_cell (const CliColumns *self, GString *line, guint column, const char *cell)
{
  g_autofree char *padded = cli_text_pad (cell, self->widths[column]);
  gsize padding = strlen (padded) - strlen (cell);

  if (column > 0)
    g_string_append_printf (line, "%*s", GAP, "");
  if (self->alignment[column] == 'r')
    g_string_append_printf (line, "%*s%s", (int) padding, "", cell);
  else
    g_string_append (line, padded);
}

static char *
format_row (const CliColumns *self, guint row, guint indent)
{
  GString *line = g_string_new (NULL);

  g_string_append_printf (line, "%*s", (int) indent, "");
  for (guint i = 0; i < self->n_columns; i++)
    append_cell (self, line, i, g_ptr_array_index (self->cells, row * self->n_columns + i));
  return g_strchomp (g_string_free (line, FALSE));
}

void
cli_columns_print (const CliColumns *self, const CliTerminal *terminal, guint indent)
{
  for (guint i = 0; i < cli_columns_get_n_rows (self); i++) {
    g_autofree char *line = format_row (self, i, indent);
    g_autofree char *fitted = NULL;

    if (terminal->interactive)
      fitted = cli_text_fit (line, cli_terminal_get_width (terminal), terminal->unicode);
    cli_terminal_print (terminal, "%s\n", fitted != NULL ? fitted : line);
  }
}
