/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-raw-text.h"

G_BEGIN_DECLS

/**
 * OakNopReader:
 *
 * A bounded cursor over libnop (bootloader.md §8.3): every value is a prefix byte and what belongs
 * to it. Like OakReader it is sticky: after the first thing that is wrong every read returns zero
 * and an empty text, and oak_nop_reader_finish () reports what was wrong, in which field and at
 * which byte. Counts and sizes are compared with the bytes left before anything is made of them.
 * Lives on the stack, borrows the bytes, one thread.
 */
typedef struct {
  const guint8 *data; /* (unowned) */
  gsize size;
  gsize offset;
  gsize failed_offset;
  const char *failed_field;  /* (unowned) (nullable): NULL as long as all is well */
  const char *failed_reason; /* (unowned) (nullable) */
} OakNopReader;

/* Values inside each other that oak_nop_reader_skip () follows; the deepest seen in a package is 7.
 */
#define OAK_NOP_MAX_DEPTH 32

void
oak_nop_reader_init (OakNopReader *self, const void *data, gsize size);

/* Whole numbers, strict about signedness and width of the declared type: what is longer than
 * needed is read, what is wider than the type or of the other signedness is an error. */
guint32
oak_nop_reader_u32 (OakNopReader *self, const char *field);
guint64
oak_nop_reader_u64 (OakNopReader *self, const char *field);
gint32
oak_nop_reader_i32 (OakNopReader *self, const char *field);
gint64
oak_nop_reader_i64 (OakNopReader *self, const char *field);
gboolean
oak_nop_reader_boolean (OakNopReader *self, const char *field);
float
oak_nop_reader_float (OakNopReader *self, const char *field);
double
oak_nop_reader_double (OakNopReader *self, const char *field);
OakRawText
oak_nop_reader_string (OakNopReader *self, const char *field);
/* Numbers of @element_size bytes, little-endian, one behind the other. */
OakRawText
oak_nop_reader_binary (OakNopReader *self, gsize element_size, const char *field);

/* Returns: how many members, elements or pairs follow. At most as many as bytes are left (half of
 * that for pairs). */
gsize
oak_nop_reader_structure (OakNopReader *self, const char *field);
gsize
oak_nop_reader_array (OakNopReader *self, const char *field);
gsize
oak_nop_reader_map (OakNopReader *self, const char *field);
/* A structure or an array of exactly @count. */
void
oak_nop_reader_exact_structure (OakNopReader *self, gsize count, const char *field);
void
oak_nop_reader_exact_array (OakNopReader *self, gsize count, const char *field);

/* Returns: TRUE, and consumes it, when the optional value that follows is not there. */
gboolean
oak_nop_reader_take_empty (OakNopReader *self);
gboolean
oak_nop_reader_next_is_string (const OakNopReader *self);

/* Any value, whatever it is, of known prefixes, nested no deeper than OAK_NOP_MAX_DEPTH. */
void
oak_nop_reader_skip (OakNopReader *self, const char *field);
/* The same; @on_text is called with every text on the way. */
typedef void (*OakNopTextFunc) (OakRawText text, gpointer user_data);
void
oak_nop_reader_walk (OakNopReader *self,
                     const char *field,
                     OakNopTextFunc on_text,
                     gpointer user_data);

/* Marks the reader as failed, for what only the caller can judge; @reason is a static fragment. */
void
oak_nop_reader_fail (OakNopReader *self, const char *field, const char *reason);
gboolean
oak_nop_reader_is_failed (const OakNopReader *self);
gsize
oak_nop_reader_get_left (const OakNopReader *self);
/* Returns: FALSE with OAK_ERROR_BAD_FILE "`node name` at byte 71: ..." when something was wrong.
 * Bytes left over are allowed. */
gboolean
oak_nop_reader_finish (const OakNopReader *self, GError **error);

G_END_DECLS
