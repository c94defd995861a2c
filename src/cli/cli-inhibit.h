/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliInhibit:
 *
 * Keeps the computer from going to sleep or being shut down while it exists, as far as the system's
 * login manager grants that; a system without one is no error. Main thread.
 */
typedef struct _CliInhibit CliInhibit;

/* @wait: turn the main loop until the answer is there, but no longer than a second. */
CliInhibit *
cli_inhibit_new (gboolean wait);
void
cli_inhibit_free (CliInhibit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliInhibit, cli_inhibit_free)

G_END_DECLS
