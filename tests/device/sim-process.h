/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SimProcess:
 *
 * An oak-sim as a child process (environment: OAK_SIM says where it is), for tests that need a
 * whole camera. Any trouble with it aborts the test. One thread.
 *
 *   g_autoptr (SimProcess) sim = sim_process_start ("--address=127.0.0.2", "--type=usb", NULL);
 *   ...
 *   g_assert_cmpint (sim_process_get_int (sim, 0, "connections"), ==, 0);
 */
typedef struct _SimProcess SimProcess;

/* Starts one with these arguments and returns when it is ready. */
SimProcess *
sim_process_start (const char *first_argument, ...) G_GNUC_NULL_TERMINATED;
/* Ends it and checks that it ended well. */
void
sim_process_stop (SimProcess *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimProcess, sim_process_stop)

/* Asks camera number @camera, from 0, for one of its facts (oak-sim prints them as JSON). */
gint64
sim_process_get_int (SimProcess *self, guint camera, const char *name);
/* Returns: (transfer full). */
char *
sim_process_get_string (SimProcess *self, guint camera, const char *name);

/* Nobody has connected to that camera, written to it or reset it. */
void
sim_process_assert_untouched (SimProcess *self, guint camera);

/* Stops the process in its tracks, so that its sockets stay and nobody answers, and lets it go on.
 */
void
sim_process_freeze (SimProcess *self, gboolean frozen);

G_END_DECLS
