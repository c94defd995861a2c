/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer none) (nullable): the word of @candidates (NULL-terminated) a person most
 * likely meant by @typed; NULL when none is near enough to be worth asking about. Case does not
 * count. Any thread. */
const char *
cli_suggest (const char *typed, const char *const *candidates);

G_END_DECLS
