/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-device.h"

G_BEGIN_DECLS

/* The list of cameras as lines of text, and what stands in its cells. Main thread. */

/* Returns: (transfer full): what the camera is doing or why nothing can be done with it, in words.
 */
char *
cli_table_describe_device (OakDevice *device);

/* Returns: (transfer full): a heading and one line a camera, columns aligned, no line wider than
 * @width columns (0: as wide as they are).
 * @devices: a GListModel of OakDevice. */
char **
cli_table_format (GListModel *devices, guint width, gboolean unicode);

G_END_DECLS
