/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-log.h"

G_BEGIN_DECLS

/* Entries are made where the fact arose, by the outbox in any thread, and so carry the time of the
 * fact and not that of its arrival in the main thread. */

OakLogEntry *
oak_log_entry_new (OakLogLevel level, const char *text);

G_END_DECLS
