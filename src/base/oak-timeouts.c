/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-timeouts.h"

void
oak_timeouts_init (OakTimeouts *self)
{
  *self = (OakTimeouts){
    .discovery_answer_ms = 1000,
    .discovery_settle_ms = 25,
    .search_ms = 3000,
    .connect_ms = 5000,
    .ping_ms = 3000,
    .open_stream_ms = 3000,
    .greeting_ms = 500,
    .query_ms = 5000,
    .packet_ms = 30000,
    .progress_silence_ms = 30000,
    .reboot_ms = 15000,
    .reset_ms = 2000,
    .keep_alive_ms = OAK_KEEP_ALIVE_MS,
    .start_margin_ms = 10000,
    .confirm_ms = 5 * 60 * 1000,
    .give_up_offer_ms = 10 * 60 * 1000,
    .server_answer_ms = 30 * 1000,
    .server_silence_ms = 30 * 1000,
    .server_pause_ms = 1000,
    .download_ms = 15 * 60 * 1000,
  };
}

static guint
scaled (guint timeout_ms, double factor)
{
  double value = timeout_ms * factor;

  return value < 1.0 ? 1 : (guint) MIN (value, (double) G_MAXINT);
}

void
oak_timeouts_scale (OakTimeouts *self, double factor)
{
  guint *const fields[] = {
    &self->discovery_answer_ms,
    &self->discovery_settle_ms,
    &self->search_ms,
    &self->connect_ms,
    &self->ping_ms,
    &self->open_stream_ms,
    &self->greeting_ms,
    &self->query_ms,
    &self->packet_ms,
    &self->progress_silence_ms,
    &self->reboot_ms,
    &self->reset_ms,
    &self->start_margin_ms,
    &self->confirm_ms,
    &self->give_up_offer_ms,
    &self->server_answer_ms,
    &self->server_silence_ms,
    &self->server_pause_ms,
    &self->download_ms,
  };

  g_return_if_fail (factor > 0);

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    *fields[i] = scaled (*fields[i], factor);
}

gint64
oak_deadline_in_ms (guint timeout_ms)
{
  return g_get_monotonic_time () + (gint64) timeout_ms * 1000;
}

int
oak_deadline_left_ms (gint64 deadline_us)
{
  gint64 left_us = deadline_us - g_get_monotonic_time ();

  if (left_us <= 0)
    return 0;
  return (int) MIN ((left_us + 999) / 1000, (gint64) G_MAXINT);
}

gboolean
oak_deadline_has_passed (gint64 deadline_us)
{
  return g_get_monotonic_time () >= deadline_us;
}
