/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli-options.h"

G_BEGIN_DECLS

/* All that is checked once the words are taken apart. Returns: FALSE with CLI_USAGE_ERROR. */
gboolean
cli_options_check (CliOptions *self, CliCommandId command, GError **error);

/* The checks of the commands that work on packages without a camera; others pass. */
gboolean
cli_options_check_package (CliOptions *self, CliCommandId command, GError **error);

/* The checks of the store of bootloader images; other commands pass. */
gboolean
cli_options_check_bootloader (CliOptions *self, CliCommandId command, GError **error);

G_END_DECLS
