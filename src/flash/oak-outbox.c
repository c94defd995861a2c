/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-outbox.h"

#include "oak-log-private.h"

/* One mutex, one source. Posting: any thread. Delivering and closing: the thread of the context. */

struct _OakOutbox {
  OakReport report; /* first member: the report is the outbox */
  GMainContext *context;
  OakNewsFunc deliver;
  gpointer user_data; /* (unowned) */

  GMutex mutex; /* guards what follows */
  gboolean closed;
  GSource *source; /* (owned) (nullable): attached while news waits */
  OakNews news;
};

static void
news_clear (OakNews *news)
{
  g_clear_pointer (&news->entries, g_ptr_array_unref);
}

static void
outbox_clear (gpointer data)
{
  OakOutbox *self = data;

  g_assert (self->source == NULL);
  news_clear (&self->news);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->mutex);
}

static gboolean
deliver_news (gpointer user_data)
{
  OakOutbox *self = user_data;
  OakNews news;
  gboolean closed;

  g_mutex_lock (&self->mutex);
  news = self->news;
  self->news = (OakNews){ 0 };
  g_clear_pointer (&self->source, g_source_unref);
  closed = self->closed;
  g_mutex_unlock (&self->mutex);

  if (!closed)
    self->deliver (&news, self->user_data);
  news_clear (&news);
  return G_SOURCE_REMOVE;
}

static void
unref_outbox (gpointer data)
{
  oak_outbox_unref (data);
}

/* With the mutex held. The source keeps the outbox alive until it has run or was destroyed. */
static void
attach_source (OakOutbox *self)
{
  if (self->source != NULL)
    return;
  self->source = g_idle_source_new ();
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (self->source, "oak-outbox");
  g_source_set_callback (self->source, deliver_news, oak_outbox_ref (self), unref_outbox);
  g_source_attach (self->source, self->context);
}

static void
outbox_progress (OakReport *report, const OakProgress *progress)
{
  OakOutbox *self = (OakOutbox *) report;

  g_mutex_lock (&self->mutex);
  if (!self->closed) {
    self->news.has_progress = TRUE;
    self->news.progress = *progress;
    attach_source (self);
  }
  g_mutex_unlock (&self->mutex);
}

static void
outbox_log (OakReport *report, OakLogLevel level, const char *text)
{
  OakOutbox *self = (OakOutbox *) report;
  g_autoptr (OakLogEntry) entry = oak_log_entry_new (level, text);

  g_mutex_lock (&self->mutex);
  if (!self->closed) {
    if (self->news.entries == NULL)
      self->news.entries = g_ptr_array_new_with_free_func (g_object_unref);
    g_ptr_array_add (self->news.entries, g_steal_pointer (&entry));
    attach_source (self);
  }
  g_mutex_unlock (&self->mutex);
}

void
oak_outbox_post_step (OakOutbox *self, int step, int cancel_policy)
{
  g_mutex_lock (&self->mutex);
  if (!self->closed) {
    self->news.has_step = TRUE;
    self->news.step = step;
    self->news.cancel_policy = cancel_policy;
    attach_source (self);
  }
  g_mutex_unlock (&self->mutex);
}

OakOutbox *
oak_outbox_new (OakNewsFunc deliver, gpointer user_data)
{
  OakOutbox *self = g_atomic_rc_box_new0 (OakOutbox);

  self->report = (OakReport){ .progress = outbox_progress, .log = outbox_log };
  self->context = g_main_context_ref_thread_default ();
  self->deliver = deliver;
  self->user_data = user_data;
  g_mutex_init (&self->mutex);
  return self;
}

OakOutbox *
oak_outbox_ref (OakOutbox *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
oak_outbox_unref (OakOutbox *self)
{
  g_atomic_rc_box_release_full (self, outbox_clear);
}

void
oak_outbox_close (OakOutbox *self)
{
  g_autoptr (GSource) source = NULL;
  OakNews news;

  g_mutex_lock (&self->mutex);
  self->closed = TRUE;
  source = g_steal_pointer (&self->source);
  news = self->news;
  self->news = (OakNews){ 0 };
  g_mutex_unlock (&self->mutex);

  if (source != NULL)
    g_source_destroy (source);
  news_clear (&news);
}

OakReport *
oak_outbox_get_report (OakOutbox *self)
{
  return &self->report;
}
