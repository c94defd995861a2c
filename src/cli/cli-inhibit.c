/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-inhibit.h"

#include <unistd.h>

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>

/* Holds a block on sleep and shutdown while a camera is being written to. The login manager gives a
 * file descriptor; closing it ends the block, also when this process dies. Main thread. */

#define WAIT_MS 1000

struct _CliInhibit {
  GCancellable *cancellable; /* (owned) */
  gboolean answered;
  gboolean freed; /* by its owner; the answer is still to come and frees the rest */
  int descriptor; /* (owned): -1 when nothing is blocked */
};

static void
finish (CliInhibit *self)
{
  self->answered = TRUE;
  if (!self->freed)
    return;
  if (self->descriptor >= 0)
    close (self->descriptor);
  g_object_unref (self->cancellable);
  g_free (self);
}

static void
on_inhibited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CliInhibit *self = user_data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) local_error = NULL;

  reply = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source),
                                                           &descriptors,
                                                           result,
                                                           &local_error);
  if (reply != NULL && descriptors != NULL && g_unix_fd_list_get_length (descriptors) > 0)
    self->descriptor = g_unix_fd_list_get (descriptors, 0, NULL);
  finish (self);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CliInhibit *self = user_data;
  g_autoptr (GDBusConnection) connection = g_bus_get_finish (result, NULL);

  if (connection == NULL) {
    finish (self);
    return;
  }
  g_dbus_connection_call_with_unix_fd_list (connection,
                                            "org.freedesktop.login1",
                                            "/org/freedesktop/login1",
                                            "org.freedesktop.login1.Manager",
                                            "Inhibit",
                                            g_variant_new ("(ssss)",
                                                           "sleep:shutdown",
                                                           "oakflash",
                                                           _ ("A camera is being written to"),
                                                           "block"),
                                            G_VARIANT_TYPE ("(h)"),
                                            G_DBUS_CALL_FLAGS_NONE,
                                            WAIT_MS,
                                            NULL,
                                            self->cancellable,
                                            on_inhibited,
                                            self);
}

/* Only wakes the loop. */
static gboolean
on_deadline (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

CliInhibit *
cli_inhibit_new (gboolean wait)
{
  CliInhibit *self = g_new0 (CliInhibit, 1);
  gint64 deadline_us = g_get_monotonic_time () + WAIT_MS * G_TIME_SPAN_MILLISECOND;
  guint timer = 0;

  self->descriptor = -1;
  self->cancellable = g_cancellable_new ();
  g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, on_connected, self);

  if (wait)
    timer = g_timeout_add (WAIT_MS, on_deadline, NULL);
  while (wait && !self->answered && g_get_monotonic_time () < deadline_us)
    g_main_context_iteration (NULL, TRUE);
  g_clear_handle_id (&timer, g_source_remove);
  return self;
}

void
cli_inhibit_free (CliInhibit *self)
{
  self->freed = TRUE;
  if (self->answered)
    finish (self);
  else
    g_cancellable_cancel (self->cancellable);
}
