/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-text.h"

#include <string.h>

#include "oak-text.h"

/* Measures, cuts, pads and breaks text for terminals. Pure functions, any thread. */

#define MAX_SHOWN_CHARACTERS 4000

static guint
character_width (gunichar character)
{
  if (g_unichar_iszerowidth (character))
    return 0;
  return g_unichar_iswide (character) ? 2 : 1;
}

guint
cli_text_get_width (const char *text)
{
  guint width = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    width += character_width (g_utf8_get_char (at));
  return width;
}

char *
cli_text_fit (const char *text, guint width, gboolean unicode)
{
  const char *mark = unicode ? "…" : "...";
  guint mark_width = unicode ? 1 : 3;
  guint used = 0;
  const char *end = text;

  if (cli_text_get_width (text) <= width)
    return g_strdup (text);
  if (width < mark_width)
    return g_strdup ("");

  while (used + character_width (g_utf8_get_char (end)) <= width - mark_width) {
    used += character_width (g_utf8_get_char (end));
    end = g_utf8_next_char (end);
  }
  return g_strdup_printf ("%.*s%s", (int) (end - text), text, mark);
}

char *
cli_text_pad (const char *text, guint width)
{
  guint used = cli_text_get_width (text);

  return g_strdup_printf ("%s%*s", text, used < width ? (int) (width - used) : 0, "");
}

static void
append_indent (GString *result, guint indent)
{
  g_string_append_printf (result, "%*s", (int) indent, "");
}

static void
append_wrapped_line (GString *result, const char *line, guint width, guint indent)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  guint column = indent;

  for (guint i = 0; words[i] != NULL; i++) {
    guint word_width = cli_text_get_width (words[i]);

    if (i > 0 && width != 0 && column + 1 + word_width > width) {
      g_string_append_c (result, '\n');
      append_indent (result, indent);
      column = indent;
    } else if (i > 0) {
      g_string_append_c (result, ' ');
      column++;
    }
    g_string_append (result, words[i]);
    column += word_width;
  }
}

char *
cli_text_wrap (const char *text, guint width, guint indent)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *result = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++) {
    if (i > 0)
      g_string_append_c (result, '\n');
    if (i > 0 && lines[i][0] != '\0')
      append_indent (result, indent);
    append_wrapped_line (result, lines[i], width, indent);
  }
  return g_string_free (result, FALSE);
}

char *
cli_text_show (const char *text)
{
  return oak_text_escape (text, -1, MAX_SHOWN_CHARACTERS);
}
