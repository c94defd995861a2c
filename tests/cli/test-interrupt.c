/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-interrupt.h"

#include "oak-flash-job.h"
#include "oak-flash-plan.h"

/* What Ctrl+C means, and when it has to be meant twice. */

#define SECOND G_USEC_PER_SEC

static void
test_harmless_ones_cancel_at_once (void)
{
  static const int policies[] = { OAK_CANCEL_CLEAN,
                                  OAK_CANCEL_BOUNDARY,
                                  OAK_CANCEL_DROPS_LINK,
                                  OAK_CANCEL_STOP_WATCHING };
  gint64 asked_us = 0;

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    g_assert_cmpint (cli_interrupt_judge (OAK_JOB_STATE_RUNNING, policies[i], &asked_us, SECOND),
                     ==,
                     CLI_INTERRUPT_CANCELS);
  g_assert_cmpint (
      cli_interrupt_judge (OAK_JOB_STATE_PREPARING, OAK_CANCEL_NEVER, &asked_us, SECOND),
      ==,
      CLI_INTERRUPT_CANCELS);
  g_assert_cmpint (asked_us, ==, 0);
}

static void
test_a_bootloader_that_is_written_is_never_cut_off (void)
{
  gint64 asked_us = 0;

  for (gint64 now_us = SECOND; now_us < 4 * SECOND; now_us += SECOND / 2)
    g_assert_cmpint (
        cli_interrupt_judge (OAK_JOB_STATE_RUNNING, OAK_CANCEL_NEVER, &asked_us, now_us),
        ==,
        CLI_INTERRUPT_SAYS);
  g_assert_cmpint (cli_interrupt_judge (OAK_JOB_STATE_CLOSING, OAK_CANCEL_CLEAN, &asked_us, SECOND),
                   ==,
                   CLI_INTERRUPT_SAYS);
}

/* A press from before the offer counts for nothing, and neither does one long ago. */
static void
test_giving_up_wants_a_second_press_soon (void)
{
  const int running = OAK_JOB_STATE_RUNNING;
  const int patience = OAK_CANCEL_AFTER_PATIENCE;
  gint64 asked_us = 0;

  cli_interrupt_judge (running, OAK_CANCEL_NEVER, &asked_us, SECOND);
  g_assert_cmpint (cli_interrupt_judge (running, patience, &asked_us, 2 * SECOND),
                   ==,
                   CLI_INTERRUPT_ASKS);
  g_assert_cmpint (cli_interrupt_judge (running, patience, &asked_us, 60 * SECOND),
                   ==,
                   CLI_INTERRUPT_ASKS);
  g_assert_cmpint (cli_interrupt_judge (running, patience, &asked_us, 62 * SECOND),
                   ==,
                   CLI_INTERRUPT_CANCELS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/interrupt/harmless-ones-cancel-at-once",
                   test_harmless_ones_cancel_at_once);
  g_test_add_func ("/cli/interrupt/a-bootloader-that-is-written-is-never-cut-off",
                   test_a_bootloader_that_is_written_is_never_cut_off);
  g_test_add_func ("/cli/interrupt/giving-up-wants-a-second-press-soon",
                   test_giving_up_wants_a_second_press_soon);
  return g_test_run ();
}
