/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OakWriter:
 *
 * Appends little-endian fields to a growing buffer; the counterpart of OakReader. It cannot fail.
 * Lives on the stack, one thread; clear it with g_auto (OakWriter) or hand its bytes over with
 * oak_writer_steal_bytes ().
 */
typedef struct {
  GByteArray *buffer; /* (owned) (nullable) */
} OakWriter;

void
oak_writer_init (OakWriter *self);
void
oak_writer_clear (OakWriter *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OakWriter, oak_writer_clear)

void
oak_writer_u8 (OakWriter *self, guint8 value);
void
oak_writer_u16 (OakWriter *self, guint16 value);
void
oak_writer_u32 (OakWriter *self, guint32 value);
void
oak_writer_i32 (OakWriter *self, gint32 value);
void
oak_writer_u64 (OakWriter *self, guint64 value);
void
oak_writer_i64 (OakWriter *self, gint64 value);
void
oak_writer_f32 (OakWriter *self, float value);
void
oak_writer_bytes (OakWriter *self, const void *data, gsize size);
/* A fixed field: @text cut to @field_size - 1 bytes and filled with NUL, so that it is always
 * terminated inside the field. */
void
oak_writer_text (OakWriter *self, const char *text, gsize field_size);
void
oak_writer_pad (OakWriter *self, gsize size);

/* Overwrites four bytes written earlier, for lengths that are known last. */
void
oak_writer_patch_u32 (OakWriter *self, gsize offset, guint32 value);

gsize
oak_writer_get_size (const OakWriter *self);
/* Returns: (transfer none): valid until the next append. */
const guint8 *
oak_writer_get_data (const OakWriter *self);
/* Returns: (transfer full): everything written; the writer is empty afterwards. */
GBytes *
oak_writer_steal_bytes (OakWriter *self);

G_END_DECLS
