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

/* Borrows @text. */
OakRawText
oak_raw_text (const char *text);

gboolean
oak_raw_text_equal (OakRawText a, OakRawText b);
gboolean
oak_raw_text_equal_string (OakRawText a, const char *b);
gboolean
oak_raw_text_has_prefix (OakRawText text, const char *prefix);
/* By their bytes, like strcmp (). */
int
oak_raw_text_compare (OakRawText a, OakRawText b);
/* TRUE when it is UTF-8 without NUL, so that a C string or JSON can hold it. */
gboolean
oak_raw_text_is_plain (OakRawText text);

G_END_DECLS
