/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-pace.h"

/* The arithmetic of "read first or just write". A byte that is read first and differs costs a
 * reading, a writing and a reading back; one that does not differ costs a reading. A byte that is
 * just written costs a writing and a reading back. */

/* As if this many blocks had been equal and as many different: a few blocks decide where reading
 * costs about as much as writing, and many are needed where reading costs next to nothing. */
#define ASSUMED_BLOCKS 4

gboolean
oak_flash_pace_is_worth_comparing (const OakFlashPace *self)
{
  double read_cost;
  double write_cost;
  double differing;

  g_return_val_if_fail (self->n_differing <= self->n_seen, TRUE);

  if (self->read_bytes == 0 || self->written_bytes == 0)
    return TRUE;
  read_cost = (double) MAX (self->read_us, 1) / (double) self->read_bytes;
  write_cost = (double) MAX (self->write_us, 1) / (double) self->written_bytes;
  differing =
      ((double) self->n_differing + ASSUMED_BLOCKS) / ((double) self->n_seen + 2 * ASSUMED_BLOCKS);
  return read_cost + differing * (write_cost + read_cost) < write_cost + read_cost;
}
