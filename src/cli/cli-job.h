/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-flash-job.h"

G_BEGIN_DECLS

typedef struct _CliProgram CliProgram;

/* From a wish to the end of a job on one camera: find it, prepare, show the plan, ask, run, tell.
 * Blocking on the main loop; main thread. */

/* Writes what a job that came to its end has to tell. */
typedef void (*CliJobPrintFunc) (CliProgram *program,
                                 OakFlashJob *job,
                                 const OakFlashResult *result);

/* @wish: changed where options or a person agree to something. Everything that goes wrong is
 * reported here. Returns: the program's exit code. */
int
cli_job_run (CliProgram *program, OakFlashWish *wish, CliJobPrintFunc print);

/* A failure before there is a job, such as a file that cannot be read. Returns: the exit code. */
int
cli_job_report_early (CliProgram *program, const OakFlashWish *wish, const GError *error);

G_END_DECLS
