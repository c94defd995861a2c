/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-config-private.h"

#include <string.h>

/* Looks over JSON text from people before the parser gets it. Pure functions, any thread. */

/* Returns: how many characters the escape at @text has, 0 when it is none of JSON's or stands for a
 * NUL. */
static gsize
measure_escape (const char *text)
{
  if (text[1] != 'u')
    return text[1] != '\0' && strchr ("\"\\/bfnrt", text[1]) != NULL ? 2 : 0;
  for (gsize i = 2; i < 6; i++)
    if (!g_ascii_isxdigit (text[i]))
      return 0;
  return strncmp (text + 2, "0000", 4) != 0 ? 6 : 0;
}

static gsize
measure_digits (const char *text)
{
  return strspn (text, "0123456789");
}

/* ".25", "e-5" and the like behind a number. Returns: FALSE when digits are missing. */
static gboolean
measure_fraction (const char *text, gsize *size)
{
  gsize n_digits = 0;

  *size = 0;
  if (text[*size] == '.') {
    n_digits = measure_digits (text + *size + 1);
    *size += 1 + n_digits;
    if (n_digits == 0)
      return FALSE;
  }
  if (text[*size] != 'e' && text[*size] != 'E')
    return TRUE;
  *size += text[*size + 1] == '+' || text[*size + 1] == '-' ? 2 : 1;
  n_digits = measure_digits (text + *size);
  *size += n_digits;
  return n_digits > 0;
}

static gboolean
fits_64_bits (const char *text, gsize size)
{
  g_autofree char *number = g_strndup (text, size);

  return g_ascii_string_to_signed (number, 10, G_MININT64, G_MAXINT64, NULL, NULL);
}

/* Returns: how many characters the number at @text has, 0 when it is none of JSON's or an integer
 * beyond 64 bits. */
static gsize
measure_number (const char *text)
{
  gsize sign_size = *text == '-' ? 1 : 0;
  gsize integer_size = measure_digits (text + sign_size);
  gsize fraction_size = 0;

  if (integer_size == 0 || (integer_size > 1 && text[sign_size] == '0'))
    return 0;
  integer_size += sign_size;
  if (!measure_fraction (text + integer_size, &fraction_size))
    return 0;
  if (fraction_size == 0 && !fits_64_bits (text, integer_size))
    return 0;
  return integer_size + fraction_size;
}

static gsize
measure_word (const char *text)
{
  static const char *const words[] = { "true", "false", "null" };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_has_prefix (text, words[i]))
      return strlen (words[i]);
  return 0;
}

static gboolean
is_part_of_token (char character)
{
  return g_ascii_isalnum (character) || character == '+' || character == '-' || character == '.';
}

/* Outside of texts. Returns: how many characters belong together at @text, 0 when they are no JSON.
 */
static gsize
measure_token (const char *text)
{
  gsize size = 1;

  if (strchr (" \t\r\n{}[]:,\"", *text) != NULL)
    return 1;
  size = *text == '-' || g_ascii_isdigit (*text) ? measure_number (text) : measure_word (text);
  return is_part_of_token (text[size]) ? 0 : size;
}

static guint
count_depth (guint depth, char character)
{
  if (character == '{' || character == '[')
    return depth + 1;
  if ((character == '}' || character == ']') && depth > 0)
    return depth - 1;
  return depth;
}

const char *
oak_config_find_fault (const char *text)
{
  gboolean is_text = FALSE;
  guint depth = 0;
  gsize step = 1;

  for (const char *at = text; *at != '\0'; at += step) {
    if (is_text)
      step = *at == '\\' ? measure_escape (at) : 1;
    else
      step = measure_token (at);
    if (step == 0)
      return is_text ? "configuration has a text with an escape that cannot be kept"
                     : "configuration has a word or number that is no JSON";
    if (*at == '"')
      is_text = !is_text;
    if (!is_text)
      depth = count_depth (depth, *at);
    if (depth > OAK_CONFIG_MAX_DEPTH)
      return "configuration is nested too deep";
  }
  return NULL;
}
