/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-report.h"

G_BEGIN_DECLS

/**
 * OakOutbox:
 *
 * The way of news from a worker to the thread that made the job: an OakReport that any thread may
 * call. The newest progress and the newest step replace older ones that were not delivered yet, log
 * lines queue. One GSource at the default priority, the priority of a task's result, is attached
 * when the first piece of news arrives: sources of one priority run in the order in which they
 * became ready, so news always arrives before the result of the task that sent it. Atomically
 * reference-counted.
 */
typedef struct _OakOutbox OakOutbox;

/* What is delivered in one go. */
typedef struct {
  gboolean has_progress;
  OakProgress progress;
  gboolean has_step;
  int step;
  int cancel_policy;
  GPtrArray *entries; /* (owned) (nullable) of OakLogEntry */
} OakNews;

/* Called in the context the outbox was made in. */
typedef void (*OakNewsFunc) (const OakNews *news, gpointer user_data);

/* Captures the thread-default main context. */
OakOutbox *
oak_outbox_new (OakNewsFunc deliver, gpointer user_data);
OakOutbox *
oak_outbox_ref (OakOutbox *self);
void
oak_outbox_unref (OakOutbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakOutbox, oak_outbox_unref)

/* In the context's thread: nothing is delivered any more, whatever other threads still post. */
void
oak_outbox_close (OakOutbox *self);

/* Returns: (transfer none): the same object, as what every layer gets passed down. */
OakReport *
oak_outbox_get_report (OakOutbox *self);
/* Index into the plan, -1 outside, and what Cancel means from now on. */
void
oak_outbox_post_step (OakOutbox *self, int step, int cancel_policy);

G_END_DECLS
