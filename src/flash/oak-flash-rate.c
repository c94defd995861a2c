/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-rate.h"

#include <string.h>

/* A window of samples; cameras report about once a second, so single steps say little. One thread.
 */

#define WINDOW_US      (15 * G_USEC_PER_SEC)
#define MIN_SPACING_US (WINDOW_US / (OAK_FLASH_RATE_N_SAMPLES - 1))

void
oak_flash_rate_reset (OakFlashRate *self)
{
  self->n_samples = 0;
}

static void
drop_oldest (OakFlashRate *self)
{
  self->n_samples--;
  memmove (self->times_us, self->times_us + 1, self->n_samples * sizeof *self->times_us);
  memmove (self->bytes, self->bytes + 1, self->n_samples * sizeof *self->bytes);
}

/* The newest sample is moved on until it stands clear of the one before it, so that the window is
 * always covered. */
static gboolean
replaces_newest (const OakFlashRate *self, gint64 time_us)
{
  guint n_samples = self->n_samples;

  return n_samples >= 2 && time_us - self->times_us[n_samples - 2] < MIN_SPACING_US;
}

void
oak_flash_rate_add (OakFlashRate *self, gint64 time_us, guint64 bytes)
{
  if (self->n_samples > 0 && bytes < self->bytes[self->n_samples - 1])
    self->n_samples = 0;
  if (replaces_newest (self, time_us))
    self->n_samples--;
  while (self->n_samples == OAK_FLASH_RATE_N_SAMPLES ||
         (self->n_samples > 2 && time_us - self->times_us[1] >= WINDOW_US))
    drop_oldest (self);
  self->times_us[self->n_samples] = time_us;
  self->bytes[self->n_samples] = bytes;
  self->n_samples++;
}

double
oak_flash_rate_get_speed (const OakFlashRate *self)
{
  guint last = self->n_samples - 1;
  gint64 span_us;

  if (self->n_samples < 2)
    return 0;
  span_us = self->times_us[last] - self->times_us[0];
  if (span_us < OAK_FLASH_RATE_WARM_UP_US)
    return 0;
  return (double) (self->bytes[last] - self->bytes[0]) * G_USEC_PER_SEC / (double) span_us;
}

/* Up to ten seconds by the second, up to a minute by five, up to ten minutes by half a minute, then
 * by the minute. */
static int
round_coarsely (double seconds)
{
  static const struct {
    int limit, step;
  } steps[] = { { 10, 1 }, { 60, 5 }, { 600, 30 }, { G_MAXINT, 60 } };
  int step = 1;

  if (seconds > 24 * 3600)
    return 24 * 3600;
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++) {
    step = steps[i].step;
    if (seconds <= steps[i].limit)
      break;
  }
  return MAX (((int) seconds + step) / step * step, 1);
}

int
oak_flash_rate_get_seconds_left (const OakFlashRate *self, guint64 bytes_left)
{
  double speed = oak_flash_rate_get_speed (self);

  if (speed <= 0)
    return -1;
  return round_coarsely ((double) bytes_left / speed);
}
