/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-suggest.h"

#include <string.h>

/* Finds what was meant by a word that was not known: the fewest letters to insert, leave out,
 * change or swap. Pure functions, any thread. */

#define MAX_WORD_SIZE 40

static guint
min3 (guint a, guint b, guint c)
{
  return MIN (a, MIN (b, c));
}

/* Both words are ASCII, lower case, at most MAX_WORD_SIZE long. */
static guint
count_edits (const char *a, const char *b)
{
  guint table[MAX_WORD_SIZE + 1][MAX_WORD_SIZE + 1];
  gsize rows = strlen (a);
  gsize columns = strlen (b);

  for (gsize i = 0; i <= rows; i++)
    table[i][0] = (guint) i;
  for (gsize j = 0; j <= columns; j++)
    table[0][j] = (guint) j;

  for (gsize i = 1; i <= rows; i++) {
    for (gsize j = 1; j <= columns; j++) {
      guint change = a[i - 1] == b[j - 1] ? 0 : 1;

      table[i][j] = min3 (table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + change);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        table[i][j] = MIN (table[i][j], table[i - 2][j - 2] + 1);
    }
  }
  return table[rows][columns];
}

const char *
cli_suggest (const char *typed, const char *const *candidates)
{
  const char *best = NULL;
  g_autofree char *word = NULL;
  guint best_edits = 0;

  if (typed[0] == '\0' || strlen (typed) > MAX_WORD_SIZE)
    return NULL;
  word = g_ascii_strdown (typed, -1);
  best_edits = 1 + (guint) strlen (word) / 3;

  for (gsize i = 0; candidates[i] != NULL; i++) {
    guint edits = 0;

    if (strlen (candidates[i]) > MAX_WORD_SIZE)
      continue;
    edits = count_edits (word, candidates[i]);
    if (g_str_has_prefix (candidates[i], word))
      edits = MIN (edits, 1);
    if (edits < best_edits || (edits == best_edits && best == NULL)) {
      best = candidates[i];
      best_edits = edits;
    }
  }
  return best;
}
