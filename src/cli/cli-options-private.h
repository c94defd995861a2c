/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli-options.h"

G_BEGIN_DECLS

/* The checks of the commands that work on packages without a camera; others pass. */
gboolean
cli_options_check_package (CliOptions *self, CliCommandId command, GError **error);

G_END_DECLS
