/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "flasher-text.h"
#include "flasher-window-private.h"
#include "oak-device.h"
#include "oak-discovery.h"
#include "oak-flash-plan.h"

/* What a running job means for the window and for the session: no closing without a question, no
 * suspend and no logout from the first write to the last read-back, and word when it has ended
 * unseen. Main thread. */

static void
flasher_window_update_inhibit (FlasherWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));
  gboolean writing = FALSE;

  for (guint i = 0; i < self->views->len; i++)
    writing = writing || flasher_device_view_get_writing (g_ptr_array_index (self->views, i));
  if (application == NULL)
    return;
  if (writing && self->inhibit_cookie == 0) {
    self->inhibit_cookie =
        gtk_application_inhibit (application,
                                 GTK_WINDOW (self),
                                 GTK_APPLICATION_INHIBIT_LOGOUT | GTK_APPLICATION_INHIBIT_SUSPEND,
                                 _ ("A camera is being written"));
  } else if (!writing && self->inhibit_cookie != 0) {
    gtk_application_uninhibit (application, self->inhibit_cookie);
    self->inhibit_cookie = 0;
  }
}

/* A camera that restarts is silent for a while, and keeps its row. */
static void
busy_cb (FlasherWindow *self, GParamSpec *pspec, FlasherDeviceView *view)
{
  OakDevice *device = flasher_device_view_get_device (view);
  gboolean busy = flasher_device_view_get_busy (view);

  if (busy)
    oak_discovery_hold (self->discovery, device);
  else
    oak_discovery_release (self->discovery, device);
  flasher_device_list_set_busy (self->device_list, device, busy);
  if (self->closing && flasher_window_count_busy (self) == 0)
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
finished_cb (FlasherWindow *self, const char *title, FlasherDeviceView *view)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));
  OakDevice *device = flasher_device_view_get_device (view);
  g_autoptr (GNotification) notification = NULL;
  g_autofree char *name = NULL;

  if (application == NULL || gtk_window_is_active (GTK_WINDOW (self)))
    return;
  name = flasher_camera_name (oak_device_get_short_id (device), oak_device_get_address (device));
  notification = g_notification_new (title);
  g_notification_set_body (notification, name);
  g_application_send_notification (G_APPLICATION (application), "job-finished", notification);
}

void
flasher_window_watch_view (FlasherWindow *self, FlasherDeviceView *view)
{
  g_signal_connect_object (view, "notify::busy", G_CALLBACK (busy_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view,
                           "notify::writing",
                           G_CALLBACK (flasher_window_update_inhibit),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "finished", G_CALLBACK (finished_cb), self, G_CONNECT_SWAPPED);
}

static FlasherDeviceView *
flasher_window_find_busy (FlasherWindow *self)
{
  FlasherDeviceView *found = NULL;

  for (guint i = 0; i < self->views->len; i++) {
    FlasherDeviceView *view = g_ptr_array_index (self->views, i);

    if (!flasher_device_view_get_busy (view))
      continue;
    if (found == NULL || flasher_device_view_get_cancel_policy (view) == OAK_CANCEL_NEVER)
      found = view;
  }
  return found;
}

static void
flasher_window_stop_all (FlasherWindow *self)
{
  self->closing = TRUE;
  for (guint i = 0; i < self->views->len; i++)
    flasher_device_view_cancel (g_ptr_array_index (self->views, i));
  if (flasher_window_count_busy (self) == 0)
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
guard_response_cb (GtkDialog *dialog, int response, FlasherWindow *self)
{
  FlasherDeviceView *view = flasher_window_find_busy (self);

  g_clear_weak_pointer (&self->guard);
  gtk_window_destroy (GTK_WINDOW (dialog));
  if (response != GTK_RESPONSE_ACCEPT)
    return;
  /* While the question was asked the job went on. */
  if (view != NULL && flasher_device_view_get_cancel_policy (view) == OAK_CANCEL_NEVER)
    flasher_window_refuse_to_close (self);
  else
    flasher_window_stop_all (self);
}

static GtkWidget *
flasher_window_make_guard (FlasherWindow *self, FlasherDeviceView *view)
{
  OakDevice *device = flasher_device_view_get_device (view);
  int policy = flasher_device_view_get_cancel_policy (view);
  g_autofree char *meaning = oak_cancel_policy_describe (policy);
  g_autofree char *name =
      flasher_camera_name (oak_device_get_short_id (device), oak_device_get_address (device));
  gboolean never = policy == OAK_CANCEL_NEVER;
  GtkWidget *dialog = gtk_message_dialog_new (GTK_WINDOW (self),
                                              GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                              GTK_MESSAGE_WARNING,
                                              GTK_BUTTONS_NONE,
                                              "%s",
                                              never ? _ ("The Camera Must Not Be Left Now")
                                                    : _ ("Stop and Close?"));

  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog),
                                            _ ("%s is being worked on. %s"),
                                            name,
                                            meaning);
  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Keep Running"), GTK_RESPONSE_CANCEL);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_CANCEL);
  if (!never) {
    GtkWidget *button =
        gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Stop and Close"), GTK_RESPONSE_ACCEPT);

    gtk_widget_add_css_class (button, "destructive-action");
  }
  return dialog;
}

gboolean
flasher_window_refuse_to_close (FlasherWindow *self)
{
  FlasherDeviceView *view = flasher_window_find_busy (self);

  if (view == NULL)
    return FALSE;
  if (self->guard == NULL) {
    g_set_weak_pointer (&self->guard, flasher_window_make_guard (self, view));
    g_signal_connect_object (self->guard, "response", G_CALLBACK (guard_response_cb), self, 0);
  }
  gtk_window_present (GTK_WINDOW (self->guard));
  return TRUE;
}
