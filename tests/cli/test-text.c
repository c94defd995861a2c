/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-text.h"

/* What text looks like in a terminal. */

static void
test_width_counts_columns (void)
{
  g_assert_cmpuint (cli_text_get_width (""), ==, 0);
  g_assert_cmpuint (cli_text_get_width ("OAK"), ==, 3);
  g_assert_cmpuint (cli_text_get_width ("Größe"), ==, 5);
  g_assert_cmpuint (cli_text_get_width ("相机"), ==, 4);
  g_assert_cmpuint (cli_text_get_width ("e\u0301"), ==, 1);
}

static void
assert_fit (const char *text, guint width, gboolean unicode, const char *expected)
{
  g_autofree char *result = cli_text_fit (text, width, unicode);

  g_assert_cmpstr (result, ==, expected);
  g_assert_cmpuint (cli_text_get_width (result), <=, width);
}

static void
test_fit_cuts_and_says_so (void)
{
  assert_fit ("camera", 6, TRUE, "camera");
  assert_fit ("camera", 5, TRUE, "came…");
  assert_fit ("camera", 5, FALSE, "ca...");
  assert_fit ("camera", 2, FALSE, "");
  assert_fit ("相机相机", 6, TRUE, "相机…");
  assert_fit ("camera", 0, TRUE, "");
}

static void
test_pad_fills_up (void)
{
  g_autofree char *padded = cli_text_pad ("相机", 6);
  g_autofree char *full = cli_text_pad ("camera", 3);

  g_assert_cmpstr (padded, ==, "相机  ");
  g_assert_cmpstr (full, ==, "camera");
}

static void
assert_wrap (const char *text, guint width, guint indent, const char *expected)
{
  g_autofree char *result = cli_text_wrap (text, width, indent);

  g_assert_cmpstr (result, ==, expected);
}

static void
test_wrap_breaks_at_spaces (void)
{
  assert_wrap ("one two three", 0, 2, "one two three");
  assert_wrap ("one two three", 9, 0, "one two\nthree");
  assert_wrap ("one two three", 9, 2, "one two\n  three");
  assert_wrap ("incomprehensibilities", 5, 0, "incomprehensibilities");
  assert_wrap ("one\ntwo", 0, 4, "one\n    two");
  assert_wrap ("one\n", 0, 4, "one\n");
}

static void
test_show_lets_no_control_character_through (void)
{
  g_autofree char *shown = cli_text_show ("a\033[2Jb\r\nc\u202Ed\x80");

  g_assert_cmpstr (shown, ==, "a\\x1b[2Jb\\r\\nc\\u{202e}d\\x80");
}

static void
test_show_twice_is_show_once (void)
{
  g_autofree char *once = cli_text_show ("a\033\\n\u202E");
  g_autofree char *twice = cli_text_show (once);

  g_assert_cmpstr (once, ==, twice);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/text/width-counts-columns", test_width_counts_columns);
  g_test_add_func ("/cli/text/fit-cuts-and-says-so", test_fit_cuts_and_says_so);
  g_test_add_func ("/cli/text/pad-fills-up", test_pad_fills_up);
  g_test_add_func ("/cli/text/wrap-breaks-at-spaces", test_wrap_breaks_at_spaces);
  g_test_add_func ("/cli/text/show-lets-no-control-character-through",
                   test_show_lets_no_control_character_through);
  g_test_add_func ("/cli/text/show-twice-is-show-once", test_show_twice_is_show_once);
  return g_test_run ();
}
