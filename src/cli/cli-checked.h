/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _CliProgram CliProgram;
typedef struct _OakFlashWish OakFlashWish;

/* Loads the package named on the command line into @wish, as --check-at-boot wants it: then it is
 * another package, whose firmware the camera checks at every start, and the plan says so. Blocking
 * on the main loop; main thread. Returns: FALSE with the errors of loading and repacking. */
gboolean
cli_checked_load (CliProgram *program, OakFlashWish *wish, GError **error);

G_END_DECLS
