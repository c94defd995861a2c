/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OakFlashPace:
 *
 * What was measured while a region is compared with what shall be there and only differing blocks
 * are written: whether comparing on still saves time. A plain value and a pure function, any
 * thread. All zero: nothing measured yet.
 */
typedef struct {
  guint64 read_bytes; /* read in order to compare */
  gint64 read_us;
  guint64 written_bytes;
  gint64 write_us;
  guint n_seen; /* blocks compared */
  guint n_differing;
} OakFlashPace;

/* Returns: FALSE as soon as writing all of the rest is going to be faster than reading it first and
 * writing what differs. */
gboolean
oak_flash_pace_is_worth_comparing (const OakFlashPace *self);

G_END_DECLS
