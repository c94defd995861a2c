/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-progress-line.h"

#include <string.h>

#include "cli-text.h"

/* The one line that says where the work is. */

static const CliProgressView writing = {
  .stage = OAK_STAGE_WRITING,
  .fraction = 0.46,
  .stage_fraction = 0.5,
  .bytes_done = 6921728,
  .bytes_total = 13843456,
  .bytes_per_second = 2.0 * 1024 * 1024,
  .seconds_left = 17,
};

static void
test_wide_line_tells_everything (void)
{
  g_autofree char *line = cli_progress_format_bar (&writing, 120, FALSE, FALSE);

  g_assert_nonnull (strstr (line, "Writing"));
  g_assert_nonnull (strstr (line, " 46 %"));
  g_assert_nonnull (strstr (line, "6.6 MiB of 13.2 MiB"));
  g_assert_nonnull (strstr (line, "about 20 seconds left"));
  g_assert_nonnull (strstr (line, "2.0 MiB/s"));
  g_assert_nonnull (strstr (line, "[=="));
  g_assert_true (g_str_is_ascii (line));
}

static void
test_no_line_is_wider_than_the_terminal (void)
{
  for (guint width = 1; width <= 140; width++) {
    g_autofree char *ascii = cli_progress_format_bar (&writing, width, FALSE, FALSE);
    g_autofree char *unicode = cli_progress_format_bar (&writing, width, TRUE, FALSE);

    g_assert_cmpuint (cli_text_get_width (ascii), <=, width);
    g_assert_cmpuint (cli_text_get_width (unicode), <=, width);
    g_assert_true (g_utf8_validate (unicode, -1, NULL));
  }
}

static void
test_narrow_line_keeps_stage_and_percent (void)
{
  g_autofree char *line = cli_progress_format_bar (&writing, 17, FALSE, FALSE);

  g_assert_nonnull (strstr (line, "Writing"));
  g_assert_nonnull (strstr (line, "46 %"));
  g_assert_null (strstr (line, "["));
}

static void
test_colour_only_where_wanted (void)
{
  g_autofree char *plain = cli_progress_format_bar (&writing, 80, TRUE, FALSE);
  g_autofree char *coloured = cli_progress_format_bar (&writing, 80, TRUE, TRUE);

  g_assert_null (strchr (plain, '\033'));
  g_assert_nonnull (strchr (coloured, '\033'));
}

static guint
count_filled (const char *line)
{
  guint n_filled = 0;

  for (const char *at = line; *at != '\0'; at++)
    n_filled += *at == '=';
  return n_filled;
}

static void
test_bar_grows_and_is_full_only_at_the_end (void)
{
  CliProgressView view = writing;
  guint before = 0;

  for (guint percent = 0; percent <= 100; percent++) {
    g_autofree char *line = NULL;

    view.fraction = percent / 100.0;
    line = cli_progress_format_bar (&view, 120, FALSE, FALSE);
    g_assert_cmpuint (count_filled (line), >=, before);
    before = count_filled (line);
    g_assert_cmpint (before == 40, ==, percent == 100);
  }
}

static void
test_hundred_percent_is_not_said_too_early (void)
{
  CliProgressView view = writing;
  g_autofree char *line = NULL;

  view.fraction = 0.9999;
  line = cli_progress_format_bar (&view, 80, FALSE, FALSE);
  g_assert_nonnull (strstr (line, " 99 %"));
}

static void
test_unknown_length_shows_activity (void)
{
  CliProgressView view = { .stage = OAK_STAGE_CONNECTING,
                           .stage_fraction = -1,
                           .seconds_left = -1 };
  g_autofree char *first = cli_progress_format_bar (&view, 60, TRUE, FALSE);
  g_autofree char *second = NULL;

  view.tick++;
  second = cli_progress_format_bar (&view, 60, TRUE, FALSE);
  g_assert_cmpstr (first, !=, second);
}

static void
assert_time (OakStage stage, int seconds_left, const char *expected)
{
  g_autofree char *words = cli_progress_describe_time_left (stage, seconds_left);

  g_assert_cmpstr (words, ==, expected);
}

static void
test_time_left_is_coarse_and_never_zero (void)
{
  assert_time (OAK_STAGE_WRITING, -1, NULL);
  assert_time (OAK_STAGE_WRITING, 0, "a few seconds left");
  assert_time (OAK_STAGE_WRITING, 5, "about 5 seconds left");
  assert_time (OAK_STAGE_WRITING, 41, "about 45 seconds left");
  assert_time (OAK_STAGE_WRITING, 60, "about 1 minute left");
  assert_time (OAK_STAGE_WRITING, 200, "about 3 minutes left");
  assert_time (OAK_STAGE_CHECKING, 0, "at most 1 second left");
  assert_time (OAK_STAGE_CHECKING, 33, "at most 33 seconds left");
}

static void
test_plain_line_counts_the_stage (void)
{
  CliProgressView view = writing;
  g_autofree char *counted = cli_progress_format_plain (&view);
  g_autofree char *share = NULL;
  g_autofree char *name = NULL;

  view.bytes_total = 0;
  share = cli_progress_format_plain (&view);
  view.stage_fraction = -1;
  name = cli_progress_format_plain (&view);
  g_assert_cmpstr (counted, ==, "Writing: 50 % (6.6 MiB of 13.2 MiB)");
  g_assert_cmpstr (share, ==, "Writing: 50 %");
  g_assert_cmpstr (name, ==, "Writing");
}

static void
test_every_stage_has_a_name (void)
{
  for (guint stage = 0; stage < OAK_STAGE_N; stage++)
    g_assert_cmpstr (cli_progress_get_stage_name ((OakStage) stage), !=, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/progress-line/wide-line-tells-everything",
                   test_wide_line_tells_everything);
  g_test_add_func ("/cli/progress-line/no-line-is-wider-than-the-terminal",
                   test_no_line_is_wider_than_the_terminal);
  g_test_add_func ("/cli/progress-line/narrow-line-keeps-stage-and-percent",
                   test_narrow_line_keeps_stage_and_percent);
  g_test_add_func ("/cli/progress-line/colour-only-where-wanted", test_colour_only_where_wanted);
  g_test_add_func ("/cli/progress-line/bar-grows-and-is-full-only-at-the-end",
                   test_bar_grows_and_is_full_only_at_the_end);
  g_test_add_func ("/cli/progress-line/hundred-percent-is-not-said-too-early",
                   test_hundred_percent_is_not_said_too_early);
  g_test_add_func ("/cli/progress-line/unknown-length-shows-activity",
                   test_unknown_length_shows_activity);
  g_test_add_func ("/cli/progress-line/time-left-is-coarse-and-never-zero",
                   test_time_left_is_coarse_and_never_zero);
  g_test_add_func ("/cli/progress-line/plain-line-counts-the-stage",
                   test_plain_line_counts_the_stage);
  g_test_add_func ("/cli/progress-line/every-stage-has-a-name", test_every_stage_has_a_name);
  return g_test_run ();
}
