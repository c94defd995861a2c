/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-bson.h"

G_BEGIN_DECLS

/* What the parts of the configuration share; private to wire/. */

/* Beyond what BSON may nest: the stand-in of a raw element is an object in an object. */
#define OAK_CONFIG_MAX_DEPTH (OAK_BSON_MAX_DEPTH + 2)

/* Returns: (transfer none) (nullable): what in @text, in words for an error, must not reach the
 * JSON parser: that one recurses without a limit, knows comments, cuts texts at an escaped NUL, and
 * makes something up for numbers beyond 64 bits and for escapes that are none. Commas, colons and
 * the order of things are left to it. */
const char *
oak_config_find_fault (const char *text);

G_END_DECLS
