/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakDeviceFacts OakDeviceFacts;

/* What a camera said of itself, in words; pure functions. Each returns (transfer full) plain text,
 * never markup. */

/* "0.0.28, NETWORK type, user bootloader". */
char *
flasher_describe_bootloader (const OakDeviceFacts *facts);
/* "Flash 32.0 MiB; eMMC none". */
char *
flasher_describe_memories (const OakDeviceFacts *facts);
/* "people-counter (firmware 2.28.0), in flash". */
char *
flasher_describe_application (const OakDeviceFacts *facts);
/* "Waits 30 s for a host, then starts the application", and what else differs from a new camera. */
char *
flasher_describe_configuration (const OakDeviceFacts *facts);

/* Why a job waits after the restart: "The camera waits up to 30 s for a host before it starts the
 * application." @operation: OakOperation; @facts: (nullable). */
char *
flasher_describe_start (int operation, const OakDeviceFacts *facts);

G_END_DECLS
