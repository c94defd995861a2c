/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _OakDeviceFacts OakDeviceFacts;

/* Keeping what a factory reset is about to erase. Main thread. */

/* Writes the configuration in @facts to a new file in the person's state directory, readable by
 * that person only. Returns: (transfer full) (nullable): its path, in the file system's encoding;
 * NULL without an error when the camera has none, with an error when it could not be written. */
char *
cli_keep_configuration (const OakDeviceFacts *facts, GError **error);

G_END_DECLS
