/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-types.h"

G_BEGIN_DECLS

/* Where things lie in a camera's flash (bootloader.md §6.1 and §6.2). Pure functions, any thread.
 */

typedef struct {
  guint32 start;
  guint32 size; /* 0: up to the end of the memory */
} OakFlashRange;

/* Returns: FALSE when the layout of @type (NETWORK or USB; AUTO has none) has no such section. */
gboolean
oak_flash_map_get (OakBootloaderType type, OakSection section, OakFlashRange *range);

/* Where an application may lie: start of the section, and how many bytes fit into a memory of
 * @memory_size bytes (0 if none). */
guint32
oak_flash_map_get_application_offset (OakBootloaderType type);
guint64
oak_flash_map_get_application_room (OakBootloaderType type, guint64 memory_size);

/* Bytes a factory reset writes with storage BOOTLOADER (bootloader.md §6.3): 8 MiB + 512 for
 * NETWORK, 1 MiB + 512 for USB. */
guint32
oak_flash_map_get_factory_reset_size (OakBootloaderType type);

G_END_DECLS
