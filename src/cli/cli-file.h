/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _CliProgram CliProgram;
typedef struct _OakAppContents OakAppContents;

/* Loading the files named on the command line, and other work on files, in a worker thread, so that
 * Ctrl+C works however slow the disk is. Blocking on the main loop; main thread. Paths are in the
 * file system's encoding. */

/* The factory bootloader's section of the larger layout is 4 MiB (bootloader.md §6.1). */
#define CLI_FILE_MAX_BOOTLOADER_SIZE ((gsize) 8 * 1024 * 1024)

/* Opens a package and looks inside; it may be a damaged one. Returns: (transfer full): NULL with
 * the errors of oak_app_contents_load (). */
OakAppContents *
cli_file_load_contents (CliProgram *program, const char *path, GError **error);

/* Returns: (transfer full): NULL with the errors of oak_file_bytes_load (). */
GBytes *
cli_file_load_bytes (CliProgram *program, const char *path, gsize max_size, GError **error);

/* Runs @thread_func with @work as its task data, and a cancellable that Ctrl+C cancels. Returns:
 * what the function returned as its task's pointer; NULL with its error. */
gpointer
cli_file_run (CliProgram *program, GTaskThreadFunc thread_func, gpointer work, GError **error);

G_END_DECLS
