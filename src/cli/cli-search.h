/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _CliProgram CliProgram;
typedef struct _OakDeviceInfo OakDeviceInfo;
typedef struct _OakDiscovery OakDiscovery;

/* Finding the camera a command is about. Blocking on the main loop; main thread. */

/* Checks the addresses among the options, so that a mistyped one is a matter of the command line.
 * Returns: FALSE with CLI_USAGE_ERROR. */
gboolean
cli_search_check_addresses (CliProgram *program, GError **error);

/* Returns: (transfer full): a discovery set up by the options, not started. */
OakDiscovery *
cli_search_new_discovery (CliProgram *program);

/* The one camera that was asked for. An address is taken as it is and nothing else is asked; an
 * MXID ends the search with its answer; with neither the search runs its full time, and exactly one
 * camera must have answered. Returns: (transfer full): NULL with OAK_ERROR_NOT_FOUND,
 * OAK_ERROR_UNREACHABLE, CLI_ERROR_SEVERAL_CAMERAS, OAK_ERROR_WRONG_DEVICE (two ids at one
 * address), OAK_ERROR_UNSUPPORTED or G_IO_ERROR_CANCELLED. */
OakDeviceInfo *
cli_search_find (CliProgram *program, GError **error);

G_END_DECLS
