/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Writing new files, all or nothing. Blocking; any thread. Paths are in the file system's encoding.
 */

/* Whether something could be written to @path, as far as that can be told beforehand: nothing is
 * there yet, or with @replace a plain file. Returns: FALSE with CLI_ERROR_EXISTS or
 * CLI_ERROR_NOT_SAVED. */
gboolean
cli_save_check (const char *path, gboolean replace, GError **error);

/* The bytes become visible as @path only once all of them are on the disk. Whatever goes wrong, and
 * also when the program is ended meanwhile, @path is what it was before, and no other file is left.
 * @replace: a plain file that is there may be replaced; it is not when it appears meanwhile.
 * Returns: FALSE with CLI_ERROR_EXISTS, CLI_ERROR_NOT_SAVED or G_IO_ERROR_CANCELLED. */
gboolean
cli_save (const char *path,
          GBytes *bytes,
          gboolean replace,
          GCancellable *cancellable,
          GError **error);

G_END_DECLS
