/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-raw-text.h"

G_BEGIN_DECLS

/* Appends values of libnop to a growing buffer, in the shortest form, as the original does; the
 * counterpart of OakNopReader for the few kinds of value that are ever written. It cannot fail. */

void
oak_nop_write_unsigned (GByteArray *buffer, guint64 value);
void
oak_nop_write_string (GByteArray *buffer, OakRawText text);
void
oak_nop_write_binary (GByteArray *buffer, const void *data, gsize size);
void
oak_nop_write_structure (GByteArray *buffer, gsize n_members);
void
oak_nop_write_map (GByteArray *buffer, gsize n_pairs);

G_END_DECLS
