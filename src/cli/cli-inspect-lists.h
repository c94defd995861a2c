/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli-terminal.h"

G_BEGIN_DECLS

typedef struct _OakAppContents OakAppContents;

/* Writes what is inside a package as lists: sections, nodes, connections, assets and scripts, as
 * far as they can be read. @file: the name of the package, fit to be shown. Main thread. */
void
cli_inspect_print_lists (OakAppContents *contents, const char *file, const CliTerminal *terminal);

G_END_DECLS
