/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _CliProgram CliProgram;

/* What the commands that work on packages without a camera share. Main thread. */

/* Tells what went wrong. Returns: the exit code for @error. */
int
cli_package_fail (CliProgram *program, const GError *error);

/* TRUE when the result goes to the standard output. */
gboolean
cli_package_writes_to_output (const CliProgram *program);

/* Before any work: whether the result can be written where it was asked for. Returns: FALSE with
 * CLI_ERROR_EXISTS or CLI_ERROR_NOT_SAVED. */
gboolean
cli_package_check_output (CliProgram *program, GError **error);

/* Writes the result of a command to where it was asked for. Returns: FALSE with CLI_ERROR_EXISTS,
 * CLI_ERROR_NOT_SAVED or G_IO_ERROR_CANCELLED. */
gboolean
cli_package_write (CliProgram *program, GBytes *bytes, GError **error);

/* Says what was written where; @note: (nullable): a line more, without line feed. Silent when the
 * result is the standard output. */
void
cli_package_report_written (CliProgram *program, GBytes *bytes, const char *note);

G_END_DECLS
