/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _CliProgram CliProgram;
typedef struct _OakAppPackage OakAppPackage;

/* Loading the files named on the command line, in a worker thread, so that Ctrl+C works however
 * slow the disk is. Blocking on the main loop; main thread. Paths are in the file system's
 * encoding. */

/* The factory bootloader's section of the larger layout is 4 MiB (bootloader.md §6.1). */
#define CLI_FILE_MAX_BOOTLOADER_SIZE ((gsize) 8 * 1024 * 1024)

/* Returns: (transfer full): NULL with the errors of oak_app_package_load (). */
OakAppPackage *
cli_file_load_package (CliProgram *program, const char *path, GError **error);

/* Returns: (transfer full): NULL with the errors of oak_file_bytes_load (). */
GBytes *
cli_file_load_bytes (CliProgram *program, const char *path, gsize max_size, GError **error);

G_END_DECLS
