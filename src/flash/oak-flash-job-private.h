/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-flash-job.h"
#include "oak-flash-rate.h"
#include "oak-flash-work.h"
#include "oak-outbox.h"

G_BEGIN_DECLS

struct _OakFlashJob {
  GObject parent_instance;
  OakDeviceInfo *info; /* (owned): as it was given */
  OakFlashWork *work;  /* (owned): while a worker is busy only its thread-safe part is touched */
  OakOutbox *outbox;   /* (owned) */
  GCancellable *cancellable;
  OakLog *log;
  guint confirm_ms;
  GSource *confirm_timer; /* (owned) (nullable): while the decision is awaited */
  guint give_up_offer_ms;
  GSource *patience_timer; /* (owned) (nullable): runs while a silent camera must be waited for */
  GPtrArray *abandons;     /* (owned) of GTask that wait for the end */
  OakJobState state;
  gboolean expired; /* nobody decided in time */
  OakProgress progress;
  OakFlashRate rate;
  double bytes_per_second;
  int step;
  int cancel_policy;
};

/* Notifies when it changes. */
void
oak_flash_job_set_state (OakFlashJob *self, OakJobState state);
void
oak_flash_job_set_cancel_policy (OakFlashJob *self, int cancel_policy);
/* Every piece of news starts the patience with a camera's silence anew. */
void
oak_flash_job_restart_patience (OakFlashJob *self);
void
oak_flash_job_stop_patience (OakFlashJob *self);
/* The end, whatever it was: what belongs to work in progress is over. */
void
oak_flash_job_end (OakFlashJob *self);
/* The timer of the decision, and the session that waits for it, when nobody is interested any more.
 */
void
oak_flash_job_let_go (OakFlashJob *self);

G_END_DECLS
