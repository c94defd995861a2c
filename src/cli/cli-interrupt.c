/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-interrupt.h"

#include "oak-flash-job.h"
#include "oak-flash-plan.h"

/* Decides what Ctrl+C means. One press too many must not be able to leave a camera without its
 * bootloader. */

CliInterruptEffect
cli_interrupt_judge (int job_state, int policy, gint64 *asked_us, gint64 now_us)
{
  gboolean again =
      *asked_us != 0 && now_us - *asked_us <= (gint64) CLI_INTERRUPT_AGAIN_S * G_USEC_PER_SEC;

  if (job_state == OAK_JOB_STATE_PREPARING)
    return CLI_INTERRUPT_CANCELS;
  if (job_state != OAK_JOB_STATE_RUNNING || policy == OAK_CANCEL_NEVER)
    return CLI_INTERRUPT_SAYS;
  if (policy != OAK_CANCEL_AFTER_PATIENCE || again)
    return CLI_INTERRUPT_CANCELS;
  *asked_us = now_us;
  return CLI_INTERRUPT_ASKS;
}
