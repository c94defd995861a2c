/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-progress-line.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#include "oak-text.h"

#include "cli-text.h"

/* Says in one line where the work is. Pure functions, any thread. */

#define MIN_BAR_WIDTH 10
#define MAX_BAR_WIDTH 40
#define GREEN         "\033[32m"
#define PLAIN         "\033[0m"

const char *
cli_progress_get_stage_name (OakStage stage)
{
  switch (stage) {
  case OAK_STAGE_CONNECTING:
    return _ ("Connecting");
  case OAK_STAGE_BOOTING:
    return _ ("Starting a bootloader");
  case OAK_STAGE_COMPARING:
    return _ ("Comparing");
  case OAK_STAGE_SENDING:
    return _ ("Sending");
  case OAK_STAGE_WRITING:
    return _ ("Writing");
  case OAK_STAGE_VERIFYING:
    return _ ("Reading back");
  case OAK_STAGE_CONFIGURING:
    return _ ("Configuring");
  case OAK_STAGE_RESTARTING:
    return _ ("Restarting");
  case OAK_STAGE_CHECKING:
    return _ ("Checking the start");
  default:
    return "";
  }
}

char *
cli_progress_describe_time_left (OakStage stage, int seconds_left)
{
  guint seconds = 0;

  if (seconds_left < 0)
    return NULL;
  if (stage == OAK_STAGE_CHECKING) {
    seconds = (guint) MAX (seconds_left, 1);
    return g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "at most %u second left", "at most %u seconds left", seconds),
        seconds);
  }
  if (seconds_left < 5)
    return g_strdup (_ ("a few seconds left"));
  if (seconds_left < 60) {
    seconds = ((guint) seconds_left + 4) / 5 * 5;
    return g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "about %u second left", "about %u seconds left", seconds),
        seconds);
  }
  seconds = ((guint) seconds_left + 30) / 60;
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "about %u minute left", "about %u minutes left", seconds),
      seconds);
}

/* Rounded down: 100 % is said of what is done, not of what is nearly done. */
static int
to_percent (double fraction)
{
  return (int) floor (CLAMP (fraction, 0.0, 1.0) * 100.0 + 1e-9);
}

static char *
format_bytes (const CliProgressView *view)
{
  g_autofree char *done = NULL;
  g_autofree char *total = NULL;

  if (view->bytes_total == 0)
    return NULL;
  done = oak_text_size (MIN (view->bytes_done, view->bytes_total));
  total = oak_text_size (view->bytes_total);
  return g_strdup_printf (_ ("%s of %s"), done, total);
}

static char *
format_speed (const CliProgressView *view)
{
  g_autofree char *size = NULL;

  if (!(view->bytes_per_second >= 1.0))
    return NULL;
  size = oak_text_size ((guint64) view->bytes_per_second);
  return g_strdup_printf (_ ("%s/s"), size);
}

static void
append_bar (GString *line, double fraction, guint width, gboolean unicode, gboolean colour)
{
  double filled = CLAMP (fraction, 0.0, 1.0) * width;
  guint whole = (guint) filled;

  g_string_append (line, unicode ? "▕" : "[");
  if (colour)
    g_string_append (line, GREEN);
  for (guint i = 0; i < width; i++) {
    if (i < whole)
      g_string_append (line, unicode ? "█" : "=");
    else if (i == whole && unicode && filled - whole >= 0.5)
      g_string_append (line, "▌");
    else if (i == whole && !unicode && fraction > 0)
      g_string_append (line, ">");
    else
      g_string_append (line, " ");
  }
  if (colour)
    g_string_append (line, PLAIN);
  g_string_append (line, unicode ? "▏" : "]");
}

/* A sign of activity where a stage's length is not known, a space elsewhere. */
static const char *
get_activity (const CliProgressView *view, gboolean unicode)
{
  static const char *const letters[] = { "|", "/", "-", "\\" };
  static const char *const dots[] = { "⠋", "⠙", "⠸", "⠴", "⠦", "⠇" };

  if (view->stage_fraction >= 0)
    return " ";
  return unicode ? dots[view->tick % G_N_ELEMENTS (dots)]
                 : letters[view->tick % G_N_ELEMENTS (letters)];
}

/* Appends @part, two columns away, when there is room in @width. */
static void
append_part (GString *line, guint *used, guint width, const char *part)
{
  guint part_width = part != NULL ? cli_text_get_width (part) : 0;

  if (part_width == 0 || *used + 2 + part_width > width)
    return;
  g_string_append_printf (line, "  %s", part);
  *used += 2 + part_width;
}

char *
cli_progress_format_bar (const CliProgressView *view,
                         guint width,
                         gboolean unicode,
                         gboolean colour)
{
  GString *line = g_string_new (NULL);
  g_autofree char *bytes = format_bytes (view);
  g_autofree char *left = cli_progress_describe_time_left (view->stage, view->seconds_left);
  g_autofree char *speed = format_speed (view);
  g_autofree char *head = NULL;
  g_autofree char *fitting = NULL;
  guint used = 0;
  guint bar_width = 0;

  head = g_strdup_printf ("%s %s %3d %%",
                          get_activity (view, unicode),
                          cli_progress_get_stage_name (view->stage),
                          to_percent (view->fraction));
  fitting = cli_text_fit (head, width, unicode);
  g_string_append (line, fitting);
  used = cli_text_get_width (fitting);

  if (used + 3 + MIN_BAR_WIDTH <= width) {
    bar_width = CLAMP (width / 3, MIN_BAR_WIDTH, MAX_BAR_WIDTH);
    bar_width = MIN (bar_width, width - used - 3);
    g_string_append_c (line, ' ');
    append_bar (line, view->fraction, bar_width, unicode, colour);
    used += 3 + bar_width;
  }
  append_part (line, &used, width, bytes);
  append_part (line, &used, width, left);
  append_part (line, &used, width, speed);
  return g_string_free (line, FALSE);
}

char *
cli_progress_format_plain (const CliProgressView *view)
{
  const char *name = cli_progress_get_stage_name (view->stage);
  g_autofree char *bytes = format_bytes (view);

  if (view->stage_fraction < 0)
    return g_strdup (name);
  if (bytes == NULL)
    return g_strdup_printf (_ ("%s: %d %%"), name, to_percent (view->stage_fraction));
  return g_strdup_printf (_ ("%s: %d %% (%s)"), name, to_percent (view->stage_fraction), bytes);
}
