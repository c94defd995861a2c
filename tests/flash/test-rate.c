/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-rate.h"

/* Speed and time left as people are told. Times are made up. */

#define SECOND ((gint64) G_USEC_PER_SEC)

static void
test_silent_at_first (void)
{
  OakFlashRate rate = { 0 };

  g_assert_cmpfloat (oak_flash_rate_get_speed (&rate), ==, 0);
  g_assert_cmpint (oak_flash_rate_get_seconds_left (&rate, 100), ==, -1);
  for (guint i = 0; i < 30; i++)
    oak_flash_rate_add (&rate, i * SECOND / 10, i * 1000);
  g_assert_cmpfloat (oak_flash_rate_get_speed (&rate), ==, 0);
  oak_flash_rate_add (&rate, 3 * SECOND, 30000);
  g_assert_cmpfloat_with_epsilon (oak_flash_rate_get_speed (&rate), 10000, 1);
}

static void
test_window_moves_on (void)
{
  OakFlashRate rate = { 0 };
  guint64 bytes = 0;

  for (guint i = 0; i < 6000; i++)
    oak_flash_rate_add (&rate, i * SECOND / 100, bytes += 100);
  g_assert_cmpfloat_with_epsilon (oak_flash_rate_get_speed (&rate), 10000, 200);
  for (guint i = 6000; i < 8500; i++)
    oak_flash_rate_add (&rate, i * SECOND / 100, bytes += 10);
  g_assert_cmpfloat_with_epsilon (oak_flash_rate_get_speed (&rate), 1000, 100);
}

/* A camera speaks once a second, whoever asks more often. */
static void
test_steps_do_not_shake_it (void)
{
  OakFlashRate rate = { 0 };

  for (guint i = 0; i <= 200; i++) {
    oak_flash_rate_add (&rate, i * SECOND / 10, (i / 10) * 5000);
    if (i > 60)
      g_assert_cmpfloat_with_epsilon (oak_flash_rate_get_speed (&rate), 5000, 1300);
  }
}

static void
test_starts_over (void)
{
  OakFlashRate rate = { 0 };

  for (guint i = 0; i <= 10; i++)
    oak_flash_rate_add (&rate, i * SECOND, i * 1000);
  g_assert_cmpfloat (oak_flash_rate_get_speed (&rate), >, 0);
  oak_flash_rate_add (&rate, 11 * SECOND, 5);
  g_assert_cmpfloat (oak_flash_rate_get_speed (&rate), ==, 0);
  oak_flash_rate_reset (&rate);
  g_assert_cmpint (oak_flash_rate_get_seconds_left (&rate, 1), ==, -1);
}

static void
test_stall_is_not_known (void)
{
  OakFlashRate rate = { 0 };

  for (guint i = 0; i <= 40; i++)
    oak_flash_rate_add (&rate, i * SECOND, 777);
  g_assert_cmpfloat (oak_flash_rate_get_speed (&rate), ==, 0);
  g_assert_cmpint (oak_flash_rate_get_seconds_left (&rate, 100), ==, -1);
}

static void
test_rounding (void)
{
  static const struct {
    guint64 left;
    int seconds;
  } cases[] = {
    { 0, 1 },      { 1, 1 },        { 999, 1 },      { 1500, 2 },
    { 9900, 10 },  { 11000, 15 },   { 44000, 45 },   { 59000, 60 },
    { 61000, 90 }, { 590000, 600 }, { 610000, 660 }, { G_MAXUINT64, 24 * 3600 },
  };
  OakFlashRate rate = { 0 };

  for (guint i = 0; i <= 10; i++)
    oak_flash_rate_add (&rate, i * SECOND, i * 1000);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (oak_flash_rate_get_seconds_left (&rate, cases[i].left), ==, cases[i].seconds);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flash/rate/says-nothing-before-three-seconds", test_silent_at_first);
  g_test_add_func ("/flash/rate/forgets-what-is-long-ago", test_window_moves_on);
  g_test_add_func ("/flash/rate/steps-of-a-second-do-not-shake-it", test_steps_do_not_shake_it);
  g_test_add_func ("/flash/rate/fewer-bytes-start-over", test_starts_over);
  g_test_add_func ("/flash/rate/stall-is-not-known", test_stall_is_not_known);
  g_test_add_func ("/flash/rate/seconds-are-coarse-and-never-zero", test_rounding);
  return g_test_run ();
}
