/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-error.h"

/* Codes as words: logs and JSON depend on them. */

static void
test_every_code_has_its_own_word (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint code = 0; code < OAK_ERROR_N_CODES; code++) {
    const char *word = oak_error_code_to_string ((OakError) code);

    g_assert_nonnull (word);
    g_assert_cmpstr (word, !=, "unknown");
    g_assert_true (g_regex_match_simple ("^[a-z]+(-[a-z]+)*$", word, 0, 0));
    g_assert_true (g_hash_table_add (seen, (gpointer) word));
  }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 16);
}

static void
test_words_are_the_promised_ones (void)
{
  g_assert_cmpstr (oak_error_code_to_string (OAK_ERROR_NO_ACCESS), ==, "no-access");
  g_assert_cmpstr (oak_error_code_to_string (OAK_ERROR_WRONG_DEVICE), ==, "wrong-device");
  g_assert_cmpstr (oak_error_code_to_string (OAK_ERROR_NOT_CONFIRMED), ==, "not-confirmed");
}

static void
test_numbers_outside_are_unknown (void)
{
  g_assert_cmpstr (oak_error_code_to_string ((OakError) OAK_ERROR_N_CODES), ==, "unknown");
  g_assert_cmpstr (oak_error_code_to_string ((OakError) -1), ==, "unknown");
}

static void
test_domain_has_its_own_name (void)
{
  g_assert_cmpstr (g_quark_to_string (OAK_ERROR), ==, "oak-error-quark");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/error/every-code-has-its-own-word", test_every_code_has_its_own_word);
  g_test_add_func ("/base/error/words-are-the-promised-ones", test_words_are_the_promised_ones);
  g_test_add_func ("/base/error/numbers-outside-are-unknown", test_numbers_outside_are_unknown);
  g_test_add_func ("/base/error/domain-has-its-own-name", test_domain_has_its_own_name);
  return g_test_run ();
}
