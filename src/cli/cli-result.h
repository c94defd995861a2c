/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-flash-job.h"

G_BEGIN_DECLS

typedef struct _CliProgram CliProgram;

/* Tells how a job that changed something ended well: what proves it, and what comes next; a
 * CliJobPrintFunc. Main thread. */
void
cli_result_print (CliProgram *program, OakFlashJob *job, const OakFlashResult *result);

G_END_DECLS
