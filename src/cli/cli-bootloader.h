/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _CliProgram CliProgram;
typedef struct _OakFlashWish OakFlashWish;

/* What the actions of "oakflash bootloader" share, and what others want of the store of images.
 * Main thread. */

/* Tells what went wrong with images, the store or the server. Returns: the exit code. */
int
cli_bootloader_fail (CliProgram *program, const GError *error);

/* Writes @images, (element-type OakImage), as text or as one document. @note: (nullable): a line
 * above them. Returns: exit code 0. */
int
cli_bootloader_report (CliProgram *program, GPtrArray *images, const char *note);

/* "fetch VERSION". Returns: the program's exit code. */
int
cli_bootloader_fetch (CliProgram *program);

/* TRUE when @text names an image of the store by its version, and no file. */
gboolean
cli_bootloader_is_stored (const char *text);

/* Takes the image of @version from the store into @wish, which then is about cameras of its type
 * only. Returns: FALSE with OAK_ERROR_BAD_FILE or G_IO_ERROR_CANCELLED. */
gboolean
cli_bootloader_load (CliProgram *program, const char *version, OakFlashWish *wish, GError **error);

G_END_DECLS
