/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-pace.h"

#include "cuts-camera.h"

/* Stands in for the product's measuring of speeds in programs that link this file: how often
 * comparing is worth it is told beforehand, so that every run takes the same steps. */

static guint n_worth = G_MAXUINT;

void
cuts_pace_set (guint n_times)
{
  n_worth = n_times;
}

gboolean
oak_flash_pace_is_worth_comparing (const OakFlashPace *self)
{
  if (n_worth == 0)
    return FALSE;
  n_worth--;
  return TRUE;
}
