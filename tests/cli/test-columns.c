/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "cli-columns.h"

/* What rows of cells look like. */

static char *
print (const CliColumns *columns, guint indent)
{
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream (&text, &size);
  CliTerminal terminal = { .stream = stream, .unicode = TRUE };
  char *copy;

  cli_columns_print (columns, &terminal, indent);
  fclose (stream);
  copy = g_strndup (text, size);
  free (text);
  return copy;
}

static void
test_aligned (void)
{
  g_autoptr (CliColumns) columns = cli_columns_new ("lrl");
  g_autofree char *text = NULL;

  cli_columns_add (columns, "NAME", "BYTES", "");
  cli_columns_add (columns, "a", "1", "first");
  cli_columns_add (columns, "much longer", "1234567", "");
  g_assert_cmpuint (cli_columns_get_n_rows (columns), ==, 3);
  text = print (columns, 2);
  g_assert_cmpstr (text,
                   ==,
                   "  NAME           BYTES\n"
                   "  a                  1  first\n"
                   "  much longer  1234567\n");
}

static void
test_wide_letters (void)
{
  g_autoptr (CliColumns) columns = cli_columns_new ("ll");
  g_autofree char *text = NULL;

  cli_columns_add (columns, "日本", "x");
  cli_columns_add (columns, "abcd", "x");
  cli_columns_add (columns, "ü", "x");
  text = print (columns, 0);
  g_assert_cmpstr (text, ==, "日本  x\nabcd  x\nü     x\n");
}

static void
test_none (void)
{
  g_autoptr (CliColumns) columns = cli_columns_new ("l");
  g_autofree char *text = print (columns, 4);

  g_assert_cmpstr (text, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/columns/are-aligned", test_aligned);
  g_test_add_func ("/cli/columns/count-wide-letters-as-two", test_wide_letters);
  g_test_add_func ("/cli/columns/without-rows-write-nothing", test_none);
  return g_test_run ();
}
