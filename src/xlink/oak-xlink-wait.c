/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-error.h"
#include "oak-xlink-session-private.h"

/* How the worker thread waits for something that the private threads bring about: under the
 * session's lock, with a deadline, and woken by its cancellable. */

/* Any thread. The lock makes sure that the waiting thread has either not yet looked or is asleep.
 */
static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  OakXlinkSession *session = user_data;

  g_mutex_lock (&session->lock);
  g_cond_broadcast (&session->changed);
  g_mutex_unlock (&session->lock);
}

/* Connecting may run the callback, and disconnecting waits for one that runs; both therefore happen
 * without the lock. */
void
oak_xlink_wait_begin (OakXlinkWait *self,
                      OakXlinkSession *session,
                      gint64 deadline_us,
                      GCancellable *cancellable)
{
  *self = (OakXlinkWait){
    .session = session,
    .cancellable = cancellable,
    .deadline_us = deadline_us == 0 ? G_MAXINT64 : deadline_us,
  };
  if (cancellable != NULL)
    self->handler_id =
        g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), session, NULL);
  g_mutex_lock (&session->lock);
}

gboolean
oak_xlink_wait_next (OakXlinkWait *self, const char *what, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;

  if (self->deadline_us == G_MAXINT64) {
    g_cond_wait (&self->session->changed, &self->session->lock);
    return TRUE;
  }

  if (oak_deadline_has_passed (self->deadline_us)) {
    g_set_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT, "no %s before the deadline", what);
    return FALSE;
  }

  /* That the deadline passed is found out by the next call, after the caller has looked once more.
   */
  g_cond_wait_until (&self->session->changed, &self->session->lock, self->deadline_us);
  return TRUE;
}

gboolean
oak_xlink_wait_for_answer (OakXlinkWait *self,
                           OakXlinkRequest *request,
                           const char *what,
                           GError **error)
{
  while (!request->answered) {
    if (!oak_xlink_session_check_loss (self->session, error))
      return FALSE;

    if (!oak_xlink_wait_next (self, what, error))
      return FALSE;
  }

  return TRUE;
}

void
oak_xlink_wait_end (OakXlinkWait *self)
{
  g_mutex_unlock (&self->session->lock);
  if (self->handler_id != 0)
    g_cancellable_disconnect (self->cancellable, self->handler_id);
}
