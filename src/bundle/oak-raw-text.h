/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OakRawText:
 *
 * A text from a file as its bytes: it may hold NUL, need not be UTF-8, is not terminated and is
 * only borrowed from whoever gave it. For comparing and for machines; what people see is made of it
 * by oak_text_escape ().
 */
typedef struct {
  const char *data; /* (unowned), never NULL */
  gsize size;
} OakRawText;

gboolean
oak_raw_text_equal (OakRawText a, OakRawText b);
gboolean
oak_raw_text_equal_string (OakRawText a, const char *b);
gboolean
oak_raw_text_has_prefix (OakRawText text, const char *prefix);
guint
oak_raw_text_hash (OakRawText text);

G_END_DECLS
