/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-text.h"

#include <string.h>

static gboolean
is_unsafe (gunichar character)
{
  GUnicodeType type = g_unichar_type (character);

  return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
         type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR ||
         type == G_UNICODE_PRIVATE_USE || type == G_UNICODE_UNASSIGNED ||
         type == G_UNICODE_SURROGATE;
}

static void
append_escaped (GString *result, gunichar character)
{
  switch (character) {
  case '\n':
    g_string_append (result, "\\n");
    break;
  case '\r':
    g_string_append (result, "\\r");
    break;
  case '\t':
    g_string_append (result, "\\t");
    break;
  default:
    if (character < 0x100)
      g_string_append_printf (result, "\\x%02x", character);
    else
      g_string_append_printf (result, "\\u{%x}", character);
    break;
  }
}

char *
oak_text_escape (const char *text, gssize size, gsize max_characters)
{
  GString *result = g_string_new (NULL);
  gsize left = size < 0 ? strlen (text) : (gsize) size;
  gsize n_characters = 0;

  while (left > 0) {
    gunichar character = g_utf8_get_char_validated (text, (gssize) left);
    gsize length = 1;

    if (n_characters++ == max_characters) {
      g_string_append (result, "…");
      break;
    }
    if (character == (gunichar) -1 || character == (gunichar) -2)
      g_string_append_printf (result, "\\x%02x", (guint8) *text);
    else {
      length = (gsize) g_unichar_to_utf8 (character, NULL);
      if (is_unsafe (character))
        append_escaped (result, character);
      else
        g_string_append_unichar (result, character);
    }
    text += length;
    left -= length;
  }
  return g_string_free (result, FALSE);
}

char *
oak_text_size (guint64 bytes)
{
  static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
  double value = (double) bytes / 1024.0;
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  gsize unit = 0;

  if (bytes < 1024)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " bytes", bytes);
  /* What would be rounded to 1024.0 is one of the next unit. */
  while (value >= 1023.95 && unit + 1 < G_N_ELEMENTS (units)) {
    value /= 1024.0;
    unit++;
  }
  return g_strdup_printf ("%s %s",
                          g_ascii_formatd (number, sizeof number, "%.1f", value),
                          units[unit]);
}

char *
oak_text_usb_speed (guint mbps)
{
  if (mbps == 0)
    return g_strdup ("USB");
  if (mbps >= 1000)
    return g_strdup_printf ("USB 3, %u Gbit/s", mbps / 1000);
  return g_strdup_printf ("USB %u, %u Mbit/s", mbps >= 480 ? 2 : 1, mbps);
}
