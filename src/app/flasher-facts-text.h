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
/* "Application memory: flash; waits 30 s for a host; static address 192.168.1.40". */
char *
flasher_describe_configuration (const OakDeviceFacts *facts);

G_END_DECLS
