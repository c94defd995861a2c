/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-suggest.h"

/* Which word was meant by a misspelt one. */

static const char *const words[] = { "list", "info", "flash", "clear", "reset", "stop-application",
                                     NULL };

typedef struct {
  const char *name;
  const char *typed;
  const char *meant; /* (nullable) */
} Row;

static const Row rows[] = {
  { "one-letter-left-out", "flsh", "flash" },
  { "one-letter-too-many", "lisst", "list" },
  { "two-letters-swapped", "falsh", "flash" },
  { "one-letter-changed", "resat", "reset" },
  { "upper-case", "LIST", "list" },
  { "a-beginning", "stop-app", "stop-application" },
  { "nothing-like-it", "bootloader", NULL },
  { "empty", "", NULL },
  { "too-long", "flashflashflashflashflashflashflashflashflash", NULL },
  { "not-ascii", "fläsh", "flash" },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;

  g_assert_cmpstr (cli_suggest (row->typed, words), ==, row->meant);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strconcat ("/cli/suggest/", rows[i].name, NULL);

    g_test_add_data_func (path, &rows[i], test_row);
  }
  return g_test_run ();
}
