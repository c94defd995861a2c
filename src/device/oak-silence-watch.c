/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-silence-watch.h"

#include "oak-report.h"

/* One thread that sleeps until nothing has moved for long enough, writes a line, and sleeps again.
 */

struct _OakSilenceWatch {
  OakReport *report; /* (unowned) (nullable) */
  guint silence_ms;
  char *what;
  GThread *thread; /* (nullable): without one, nothing is logged */
  GMutex lock;
  GCond changed;
  gint64 touched_us;
  gint64 warned_us;
  gboolean ending;
};

/* Called with the lock, which it gives up while it logs. */
static void
warn (OakSilenceWatch *self)
{
  gint64 silent_s = (g_get_monotonic_time () - self->touched_us) / G_USEC_PER_SEC;

  self->warned_us = g_get_monotonic_time ();
  g_mutex_unlock (&self->lock);
  oak_report_log (self->report,
                  OAK_LOG_LEVEL_WARNING,
                  "%s: nothing was heard for %" G_GINT64_FORMAT
                  " s; waiting on, because stopping now could damage the camera",
                  self->what,
                  silent_s);
  g_mutex_lock (&self->lock);
}

/* The watch's own thread. */
static gpointer
run (gpointer data)
{
  OakSilenceWatch *self = data;

  g_mutex_lock (&self->lock);
  while (!self->ending) {
    gint64 due_us = MAX (self->touched_us, self->warned_us) + (gint64) self->silence_ms * 1000;

    if (g_get_monotonic_time () >= due_us)
      warn (self);
    else
      g_cond_wait_until (&self->changed, &self->lock, due_us);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

OakSilenceWatch *
oak_silence_watch_new (OakReport *report, guint silence_ms, const char *what)
{
  OakSilenceWatch *self = g_new0 (OakSilenceWatch, 1);

  self->report = report;
  self->silence_ms = MAX (silence_ms, 1);
  self->what = g_strdup (what);
  self->touched_us = g_get_monotonic_time ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->thread = g_thread_try_new ("oak-silence", run, self, NULL);
  return self;
}

void
oak_silence_watch_free (OakSilenceWatch *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->ending = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&self->thread, g_thread_join);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self->what);
  g_free (self);
}

void
oak_silence_watch_touch (OakSilenceWatch *self)
{
  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->lock);
  self->touched_us = g_get_monotonic_time ();
  g_mutex_unlock (&self->lock);
}
