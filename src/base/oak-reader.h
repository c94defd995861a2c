/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OakReader:
 *
 * A bounded cursor over bytes from outside, little-endian. It is sticky: after the first overrun
 * every read returns zero, and oak_reader_finish () reports the field at which the bytes ended. So
 * a decoder is a straight list of fields with one check at its end. Lives on the stack, borrows the
 * bytes, one thread.
 */
typedef struct {
  const guint8 *data; /* (unowned) */
  gsize size;
  gsize offset;
  const char *failed_field; /* (unowned) (nullable): the first field that did not fit */
} OakReader;

void
oak_reader_init (OakReader *self, const void *data, gsize size);

guint8
oak_reader_u8 (OakReader *self, const char *field);
guint16
oak_reader_u16 (OakReader *self, const char *field);
guint32
oak_reader_u32 (OakReader *self, const char *field);
gint32
oak_reader_i32 (OakReader *self, const char *field);
guint64
oak_reader_u64 (OakReader *self, const char *field);
gint64
oak_reader_i64 (OakReader *self, const char *field);
float
oak_reader_f32 (OakReader *self, const char *field);

/* Copies a fixed field of @field_size bytes into @text, which holds @field_size + 1 bytes, and
 * terminates it at the first NUL; the bytes behind that NUL are garbage by the protocol's rules and
 * are not looked at. */
void
oak_reader_text (OakReader *self, char *text, gsize field_size, const char *field);

/* Returns: (transfer none) (nullable): @size bytes inside the buffer, or NULL on overrun (also of
 * size 0 at the end: non-NULL). */
const guint8 *
oak_reader_bytes (OakReader *self, gsize size, const char *field);

void
oak_reader_skip (OakReader *self, gsize size, const char *field);
gsize
oak_reader_get_left (const OakReader *self);

/* Returns: FALSE with OAK_ERROR_PROTOCOL "message ends inside `field`" after an overrun. Bytes left
 * over are allowed. */
gboolean
oak_reader_finish (const OakReader *self, GError **error);

G_END_DECLS
