/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OakFlashRate:
 *
 * Bytes per second and seconds left out of samples, for people: nothing is said before three
 * seconds of samples, times are rounded coarsely, and a time left is never zero. Plain struct, one
 * thread.
 */
#define OAK_FLASH_RATE_N_SAMPLES  64
#define OAK_FLASH_RATE_WARM_UP_US (3 * G_USEC_PER_SEC)

typedef struct {
  gint64 times_us[OAK_FLASH_RATE_N_SAMPLES];
  guint64 bytes[OAK_FLASH_RATE_N_SAMPLES];
  guint n_samples; /* used; the oldest is dropped when a new one needs its place */
} OakFlashRate;

void
oak_flash_rate_reset (OakFlashRate *self);
/* @time_us: monotonic; @bytes: done so far. Fewer bytes than before start over. */
void
oak_flash_rate_add (OakFlashRate *self, gint64 time_us, guint64 bytes);
/* Returns: bytes per second, 0 while not known. */
double
oak_flash_rate_get_speed (const OakFlashRate *self);
/* Returns: whole seconds, rounded up coarsely, at least 1; -1 while not known. */
int
oak_flash_rate_get_seconds_left (const OakFlashRate *self, guint64 bytes_left);

G_END_DECLS
