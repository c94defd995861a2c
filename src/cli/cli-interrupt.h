/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Within this time a second Ctrl+C means the first one. */
#define CLI_INTERRUPT_AGAIN_S 5

/* What Ctrl+C does to a job, by its OakJobState and OakCancelPolicy. */
typedef enum {
  CLI_INTERRUPT_SAYS,    /* only says why nothing is done */
  CLI_INTERRUPT_ASKS,    /* would do harm: says which, and wants to be pressed once more */
  CLI_INTERRUPT_CANCELS, /* asks the job to end */
} CliInterruptEffect;

/* @asked_us: (inout): when it was asked last, 0: never; @now_us: as g_get_monotonic_time (). Pure
 * but for that; any thread. */
CliInterruptEffect
cli_interrupt_judge (int job_state, int policy, gint64 *asked_us, gint64 now_us);

G_END_DECLS
