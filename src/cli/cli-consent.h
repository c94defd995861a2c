/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _CliProgram CliProgram;
typedef struct _OakFlashJob OakFlashJob;

/* Asking a person before something is changed. Blocking on the main loop, so that a held session
 * stays fed; Ctrl+C is a no. Main thread. */

/* How long a question may stand is for @job to say (nullable): it ends when the job is no longer
 * waiting for the decision. */

/* Before anything is opened: may the application that runs on the camera called @name be stopped?
 * Returns: FALSE with G_IO_ERROR_CANCELLED for a no, CLI_ERROR_NOBODY_TO_ASK. */
gboolean
cli_consent_ask_to_stop (CliProgram *program, const char *name, GError **error);

/* After prepare: shows the plan and asks the question that fits its operation, or has the id typed
 * where the plan needs that; with --yes and --confirm-id only checks. Returns: FALSE with
 * G_IO_ERROR_CANCELLED for a no, CLI_ERROR. */
gboolean
cli_consent_ask_for_plan (CliProgram *program, OakFlashJob *job, GError **error);

/* Before anything is opened: whether the question can be answered at all, by options or by a
 * terminal. */
gboolean
cli_consent_check_possible (CliProgram *program, gboolean needs_typed_id, GError **error);

G_END_DECLS
