/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _CliProgram CliProgram;
typedef struct _OakFlashJob OakFlashJob;

/**
 * CliProgress:
 *
 * Shows a job's progress and log: one line redrawn in place on a terminal, plain lines in a pipe,
 * nothing but warnings with --json in a pipe. Owned by whoever runs the job; main thread.
 */
typedef struct _CliProgress CliProgress;

/* @job is kept alive; @program is borrowed. Shows nothing before the job's first news. */
CliProgress *
cli_progress_new (CliProgram *program, OakFlashJob *job);
/* Takes the line away and stops watching. */
void
cli_progress_free (CliProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliProgress, cli_progress_free)

/* Takes the line away for as long as something else is being written or asked, and brings it back.
 */
void
cli_progress_pause (CliProgress *self);
void
cli_progress_resume (CliProgress *self);

/* FALSE with --json in a pipe: nobody watches. */
gboolean
cli_progress_is_shown (const CliProgress *self);

/* Writes @text and a line feed above the line. */
void
cli_progress_say (CliProgress *self, const char *text);

G_END_DECLS
