/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What text looks like in a terminal. Pure functions, any thread. All text is UTF-8. */

/* Columns @text takes: wide letters count two, combining marks none. */
guint
cli_text_get_width (const char *text);

/* Returns: (transfer full): @text cut to at most @width columns; what was cut ends in an ellipsis.
 */
char *
cli_text_fit (const char *text, guint width, gboolean unicode);

/* Returns: (transfer full): @text followed by spaces up to @width columns; never cut. */
char *
cli_text_pad (const char *text, guint width);

/* Returns: (transfer full): @text broken at spaces so that no line is wider than @width columns
 * where that can be done; every line after the first begins with @indent spaces, those behind a
 * line feed in @text too. @width 0: nothing is broken. */
char *
cli_text_wrap (const char *text, guint width, guint indent);

/* Returns: (transfer full): one line from a camera, a file or a log, safe to be written to a
 * terminal. The layers below have done it already; doing it again changes nothing, so this is the
 * place to be sure. */
char *
cli_text_show (const char *text);

G_END_DECLS
