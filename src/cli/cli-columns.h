/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli-terminal.h"

G_BEGIN_DECLS

/**
 * CliColumns:
 *
 * Rows of cells that are written below each other with their columns aligned. Main thread.
 */
typedef struct _CliColumns CliColumns;

/* @alignment: one letter a column, 'l' or 'r'. */
CliColumns *
cli_columns_new (const char *alignment);
void
cli_columns_free (CliColumns *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliColumns, cli_columns_free)

/* As many texts as there are columns, fit to be shown; they are copied. */
void
cli_columns_add (CliColumns *self, ...);
guint
cli_columns_get_n_rows (const CliColumns *self);

/* Each row on a line of its own, begun with @indent spaces, without spaces at its end; on a
 * terminal it is cut to fit. */
void
cli_columns_print (const CliColumns *self, const CliTerminal *terminal, guint indent);

G_END_DECLS
