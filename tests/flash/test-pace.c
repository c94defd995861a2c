/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-pace.h"

/* When comparing stops saving time. Speeds are made up. */

#define KIB ((guint64) 1024)

/* Speeds in KiB a second; both measured over ten seconds. */
static OakFlashPace
pace_of (guint64 read_speed, guint64 write_speed, guint n_seen, guint n_differing)
{
  return (OakFlashPace){ .read_bytes = 10 * read_speed * KIB,
                         .read_us = 10 * G_USEC_PER_SEC,
                         .written_bytes = 10 * write_speed * KIB,
                         .write_us = 10 * G_USEC_PER_SEC,
                         .n_seen = n_seen,
                         .n_differing = n_differing };
}

static gboolean
is_worth (guint64 read_speed, guint64 write_speed, guint n_seen, guint n_differing)
{
  OakFlashPace pace = pace_of (read_speed, write_speed, n_seen, n_differing);

  return oak_flash_pace_is_worth_comparing (&pace);
}

static void
test_nothing_measured_goes_on (void)
{
  OakFlashPace pace = { 0 };

  g_assert_true (oak_flash_pace_is_worth_comparing (&pace));
  pace = pace_of (1000, 1000, 100, 100);
  pace.written_bytes = 0;
  g_assert_true (oak_flash_pace_is_worth_comparing (&pace));
  pace = pace_of (1000, 1000, 100, 100);
  pace.read_bytes = 0;
  g_assert_true (oak_flash_pace_is_worth_comparing (&pace));
}

static void
test_little_differs (void)
{
  g_assert_true (is_worth (1000, 1000, 100, 3));
  g_assert_true (is_worth (10000, 300, 100, 3));
  /* Also where reading is slower than writing, as long as it is not absurd. */
  g_assert_true (is_worth (500, 1000, 100, 3));
  g_assert_false (is_worth (50, 1000, 100, 3));
}

static void
test_everything_differs (void)
{
  /* As quick: the first 256 KiB are enough to know. */
  g_assert_false (is_worth (1000, 1000, 4, 4));
  g_assert_true (is_worth (1000, 1000, 4, 0));
  /* Reading is nearly free: only many blocks tell. */
  g_assert_true (is_worth (30000, 300, 16, 16));
  g_assert_false (is_worth (30000, 300, 500, 500));
}

/* At the border both ways take the same time: 1/r + d (1/w + 1/r) = 1/w + 1/r, and so
 * d = r / (r + w). The four and four blocks that are assumed are too few to be noticed. */
static void
test_border_is_where_times_are_equal (void)
{
  static const struct {
    guint64 read_speed, write_speed;
  } rows[] = { { 1000, 1000 }, { 4000, 1000 }, { 1000, 3000 }, { 25000, 260 } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint64 r = rows[i].read_speed;
    guint64 w = rows[i].write_speed;
    guint n_seen = 1000000;
    guint border = (guint) (n_seen * r / (r + w));

    g_assert_true (is_worth (r, w, n_seen, border - 100));
    g_assert_false (is_worth (r, w, n_seen, border + 100));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flash/pace/nothing-measured-goes-on", test_nothing_measured_goes_on);
  g_test_add_func ("/flash/pace/little-differs-goes-on", test_little_differs);
  g_test_add_func ("/flash/pace/everything-differs-ends-soon-where-reading-costs",
                   test_everything_differs);
  g_test_add_func ("/flash/pace/border-is-where-times-are-equal",
                   test_border_is_where_times_are_equal);
  return g_test_run ();
}
