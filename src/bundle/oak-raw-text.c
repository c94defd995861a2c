/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-raw-text.h"

#include <string.h>

/* Texts from files as bytes. Pure functions, any thread. */

gboolean
oak_raw_text_equal (OakRawText a, OakRawText b)
{
  return a.size == b.size && memcmp (a.data, b.data, a.size) == 0;
}

gboolean
oak_raw_text_equal_string (OakRawText a, const char *b)
{
  return oak_raw_text_equal (a, oak_raw_text (b));
}

gboolean
oak_raw_text_has_prefix (OakRawText text, const char *prefix)
{
  gsize size = strlen (prefix);

  return text.size >= size && memcmp (text.data, prefix, size) == 0;
}

int
oak_raw_text_compare (OakRawText a, OakRawText b)
{
  int order = memcmp (a.data, b.data, MIN (a.size, b.size));

  if (order != 0)
    return order;
  return (a.size > b.size) - (a.size < b.size);
}

OakRawText
oak_raw_text (const char *text)
{
  return (OakRawText){ text, strlen (text) };
}

gboolean
oak_raw_text_is_plain (OakRawText text)
{
  return g_utf8_validate_len (text.data, text.size, NULL);
}
