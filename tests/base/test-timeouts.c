/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-timeouts.h"

/* All waits in one place, and deadlines on the monotonic clock. */

#define N_TIMEOUTS (sizeof (OakTimeouts) / sizeof (guint))

static void
test_every_wait_has_a_limit (void)
{
  OakTimeouts timeouts;
  guint values[N_TIMEOUTS];

  memset (&timeouts, 0, sizeof timeouts);
  oak_timeouts_init (&timeouts);
  memcpy (values, &timeouts, sizeof values);
  for (guint i = 0; i < N_TIMEOUTS; i++)
    g_assert_cmpuint (values[i], >, 0);
}

static void
test_keep_alive_is_half_of_what_the_bootloader_allows (void)
{
  OakTimeouts timeouts;

  oak_timeouts_init (&timeouts);
  g_assert_cmpuint (timeouts.keep_alive_ms, ==, 750);
}

static void
test_scaling_leaves_only_the_keep_alive (void)
{
  OakTimeouts timeouts;
  guint before[N_TIMEOUTS];
  guint after[N_TIMEOUTS];
  guint n_kept = 0;

  oak_timeouts_init (&timeouts);
  memcpy (before, &timeouts, sizeof before);
  oak_timeouts_scale (&timeouts, 4);
  memcpy (after, &timeouts, sizeof after);
  for (guint i = 0; i < N_TIMEOUTS; i++) {
    if (after[i] == before[i])
      n_kept++;
    else
      g_assert_cmpuint (after[i], ==, 4 * before[i]);
  }
  g_assert_cmpuint (n_kept, ==, 1);
  g_assert_cmpuint (timeouts.keep_alive_ms, ==, OAK_KEEP_ALIVE_MS);
}

static void
test_scaling_keeps_inside_the_range (void)
{
  OakTimeouts timeouts;

  oak_timeouts_init (&timeouts);
  oak_timeouts_scale (&timeouts, 1e-9);
  g_assert_cmpuint (timeouts.ping_ms, ==, 1);
  oak_timeouts_init (&timeouts);
  oak_timeouts_scale (&timeouts, 1e12);
  g_assert_cmpuint (timeouts.confirm_ms, ==, G_MAXINT);
}

static void
test_a_deadline_runs_down_to_zero (void)
{
  gint64 past = g_get_monotonic_time () - 1;
  gint64 far = oak_deadline_in_ms (3600 * 1000);

  g_assert_true (oak_deadline_has_passed (past));
  g_assert_cmpint (oak_deadline_left_ms (past), ==, 0);
  g_assert_false (oak_deadline_has_passed (far));
  g_assert_cmpint (oak_deadline_left_ms (far), >, 3000 * 1000);
  g_assert_cmpint (oak_deadline_left_ms (far), <=, 3600 * 1000);
}

static void
test_time_left_is_rounded_up (void)
{
  /* So that a wait for it does not end early and spin. */
  for (guint i = 0; i < 1000; i++) {
    gint64 deadline = g_get_monotonic_time () + 300;
    int left = oak_deadline_left_ms (deadline);

    g_assert_true (left == 1 || g_get_monotonic_time () >= deadline);
  }
}

static void
test_a_far_deadline_does_not_wrap (void)
{
  g_assert_cmpint (oak_deadline_left_ms (G_MAXINT64), ==, G_MAXINT);
  g_assert_cmpint (oak_deadline_left_ms (0), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/timeouts/every-wait-has-a-limit", test_every_wait_has_a_limit);
  g_test_add_func ("/base/timeouts/keep-alive-is-half-of-what-the-bootloader-allows",
                   test_keep_alive_is_half_of_what_the_bootloader_allows);
  g_test_add_func ("/base/timeouts/scaling-leaves-only-the-keep-alive",
                   test_scaling_leaves_only_the_keep_alive);
  g_test_add_func ("/base/timeouts/scaling-keeps-inside-the-range",
                   test_scaling_keeps_inside_the_range);
  g_test_add_func ("/base/timeouts/a-deadline-runs-down-to-zero",
                   test_a_deadline_runs_down_to_zero);
  g_test_add_func ("/base/timeouts/time-left-is-rounded-up", test_time_left_is_rounded_up);
  g_test_add_func ("/base/timeouts/a-far-deadline-does-not-wrap",
                   test_a_far_deadline_does_not_wrap);
  return g_test_run ();
}
