/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli-text.h"

/* Knows what the place that text goes to can show. Not a curses library: one line is redrawn at
 * most. Main thread. */

#define DEFAULT_WIDTH  80
#define DEFAULT_HEIGHT 24
#define MIN_WIDTH      20

static gboolean
is_interactive (FILE *stream)
{
  const char *kind = g_getenv ("TERM");

  if (isatty (fileno (stream)) != 1)
    return FALSE;
  return kind != NULL && kind[0] != '\0' && g_strcmp0 (kind, "dumb") != 0;
}

void
cli_terminal_init (CliTerminal *self, FILE *stream)
{
  const char *no_colour = g_getenv ("NO_COLOR");

  self->stream = stream;
  self->interactive = is_interactive (stream);
  self->unicode = g_get_charset (NULL);
  self->colour = self->interactive && (no_colour == NULL || no_colour[0] == '\0');
}

static gboolean
get_size (const CliTerminal *self, struct winsize *size)
{
  return self->interactive && ioctl (fileno (self->stream), TIOCGWINSZ, size) == 0 &&
         size->ws_col > 0 && size->ws_row > 0;
}

guint
cli_terminal_get_width (const CliTerminal *self)
{
  struct winsize size = { 0 };

  return get_size (self, &size) ? MAX (size.ws_col, MIN_WIDTH) : DEFAULT_WIDTH;
}

guint
cli_terminal_get_height (const CliTerminal *self)
{
  struct winsize size = { 0 };

  return get_size (self, &size) ? size.ws_row : DEFAULT_HEIGHT;
}

static char *
to_locale (const char *text)
{
  const char *charset = NULL;
  g_autofree char *target = NULL;
  char *converted = NULL;

  g_get_charset (&charset);
  /* "TRANSLIT" is the C library's: an ellipsis becomes three dots, a letter without a likeness a
   * question mark. */
  target = g_strconcat (charset, "//TRANSLIT", NULL);
  converted = g_convert (text, -1, target, "UTF-8", NULL, NULL, NULL);
  if (converted == NULL)
    converted = g_convert_with_fallback (text, -1, charset, "UTF-8", "?", NULL, NULL, NULL);
  return converted;
}

void
cli_terminal_write (const CliTerminal *self, const char *text)
{
  if (self->unicode) {
    fputs (text, self->stream);
  } else {
    g_autofree char *converted = to_locale (text);

    fputs (converted != NULL ? converted : text, self->stream);
  }
  fflush (self->stream);
}

void
cli_terminal_print (const CliTerminal *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  cli_terminal_write (self, text);
}

void
cli_terminal_write_wrapped (const CliTerminal *self, const char *text, guint indent)
{
  g_autofree char *wrapped = NULL;

  wrapped = cli_text_wrap (text, self->interactive ? cli_terminal_get_width (self) : 0, indent);
  cli_terminal_write (self, wrapped);
}
