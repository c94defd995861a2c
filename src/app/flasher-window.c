/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-window.h"

#include <glib/gi18n.h>

#include "flasher-paths.h"
#include "flasher-text.h"
#include "flasher-widgets.h"
#include "flasher-window-private.h"
#include "oak-device.h"
#include "oak-discovery.h"
#include "oak-log.h"

/* Main thread. */

#define FLASHER_NETWORK_SECONDS 2

G_DEFINE_FINAL_TYPE (FlasherWindow, flasher_window, GTK_TYPE_APPLICATION_WINDOW)

FlasherDeviceView *
flasher_window_get_view (FlasherWindow *self)
{
  GtkWidget *child = gtk_stack_get_visible_child (self->content);

  return FLASHER_IS_DEVICE_VIEW (child) ? FLASHER_DEVICE_VIEW (child) : NULL;
}

static gboolean
flasher_window_lists (FlasherWindow *self, OakDevice *device)
{
  GListModel *devices = G_LIST_MODEL (self->discovery);

  for (guint i = 0; i < g_list_model_get_n_items (devices); i++) {
    g_autoptr (OakDevice) item = g_list_model_get_item (devices, i);

    if (item == device)
      return TRUE;
  }
  return FALSE;
}

/* With both sides too wide for the window, the camera's page covers the list while a camera is
 * selected. */
static void
flasher_window_update_sides (FlasherWindow *self)
{
  gboolean narrow = flasher_clamp_get_narrow (self->clamp);
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (self->discovery)) == 0;
  gboolean show_page =
      !narrow || empty || flasher_device_list_get_selected (self->device_list) != NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->device_list), !narrow || !show_page);
  gtk_widget_set_visible (GTK_WIDGET (self->content), show_page);
  gtk_widget_set_visible (GTK_WIDGET (self->back_button), narrow && show_page && !empty);
  gtk_widget_set_visible (self->list_buttons, !narrow || !show_page || empty);
}

static gboolean
update_network_cb (gpointer user_data)
{
  FlasherWindow *self = FLASHER_WINDOW (user_data);
  g_auto (GStrv) interfaces = NULL;
  g_autofree char *problem = NULL;

  if (gtk_stack_get_visible_child (self->content) != GTK_WIDGET (self->empty_page))
    return G_SOURCE_CONTINUE;
  interfaces = oak_discovery_list_interfaces (self->discovery);
  g_object_get (self->discovery, "problem", &problem, NULL);
  flasher_empty_page_set_network (self->empty_page, (const char *const *) interfaces, problem);
  return G_SOURCE_CONTINUE;
}

static FlasherDeviceView *
flasher_window_find_view (FlasherWindow *self, OakDevice *device)
{
  const char *mxid = oak_device_get_mxid (device);

  for (guint i = 0; i < self->views->len; i++) {
    FlasherDeviceView *view = g_ptr_array_index (self->views, i);
    OakDevice *old = flasher_device_view_get_device (view);

    if (old == device)
      return view;
    if (mxid != NULL && g_strcmp0 (oak_device_get_mxid (old), mxid) == 0 &&
        !flasher_window_lists (self, old))
      return view;
  }
  return NULL;
}

/* Selects the next camera that can be flashed, so that one package goes onto one camera after the
 * other. */
static void
flash_another_cb (FlasherWindow *self, FlasherDeviceView *view)
{
  GListModel *devices = G_LIST_MODEL (self->discovery);
  OakDevice *current = flasher_device_view_get_device (view);

  for (guint i = 0; i < g_list_model_get_n_items (devices); i++) {
    g_autoptr (OakDevice) device = g_list_model_get_item (devices, i);

    if (device != current && oak_device_get_state (device) == OAK_DEVICE_STATE_BOOTLOADER &&
        oak_device_get_presence (device) == OAK_PRESENCE_ANSWERING &&
        flasher_device_list_select (self->device_list, device))
      return;
  }
}

static FlasherDeviceView *
flasher_window_add_view (FlasherWindow *self, OakDevice *device)
{
  gboolean sample = self->demo != NULL && flasher_demo_get_sample (self->demo) != NULL;
  FlasherDeviceView *view =
      flasher_device_view_new (device, self->bundle, self->log, self->scope, sample);

  if (self->demo != NULL)
    flasher_device_view_set_image_file (view, flasher_demo_get_image (self->demo));
  g_ptr_array_add (self->views, view);
  gtk_stack_add_child (self->content, GTK_WIDGET (view));
  flasher_window_watch_view (self, view);
  g_signal_connect_object (view,
                           "flash-another",
                           G_CALLBACK (flash_another_cb),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (view,
                           "save-log",
                           G_CALLBACK (flasher_log_view_save),
                           self->log_view,
                           G_CONNECT_SWAPPED);
  return view;
}

/* No camera is chosen. A package can be looked at without one. */
static void
flasher_window_show_nothing (FlasherWindow *self)
{
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (self->discovery)) == 0;

  if (flasher_bundle_get_file (self->bundle) != NULL && !(empty && self->wants_help)) {
    gtk_label_set_text (self->camera_label,
                        empty ? _ ("No camera was found yet. It appears by itself as soon as it "
                                   "answers.")
                              : _ ("Choose the camera that this package is for."));
    gtk_widget_set_visible (self->camera_help_button, empty);
    flasher_stack_show_name (self->content, "package");
    return;
  }
  flasher_stack_show_name (self->content, empty ? "empty" : "choose");
  if (empty)
    update_network_cb (self);
}

void
flasher_window_update_content (FlasherWindow *self)
{
  OakDevice *selected = flasher_device_list_get_selected (self->device_list);
  FlasherDeviceView *view = flasher_window_get_view (self);

  if (selected != NULL) {
    self->chosen = TRUE;
    view = flasher_window_find_view (self, selected);
    if (view == NULL)
      view = flasher_window_add_view (self, selected);
    flasher_stack_show (self->content, GTK_WIDGET (view));
  } else if (view == NULL ||
             (flasher_device_view_is_idle (view) &&
              !flasher_window_lists (self, flasher_device_view_get_device (view)))) {
    /* A camera that restarts or is only hidden by the search keeps its page. */
    flasher_window_show_nothing (self);
  }
  flasher_window_update_sides (self);
}

/* Pages of cameras that are gone for good are let go of; one that came back gets its page again. */
static void
flasher_window_update_views (FlasherWindow *self)
{
  GListModel *devices = G_LIST_MODEL (self->discovery);

  for (guint i = 0; i < g_list_model_get_n_items (devices); i++) {
    g_autoptr (OakDevice) device = g_list_model_get_item (devices, i);
    FlasherDeviceView *view = flasher_window_find_view (self, device);

    if (view == NULL || flasher_device_view_get_device (view) == device)
      continue;
    flasher_device_view_set_device (view, device);
    flasher_device_list_set_busy (self->device_list, device, flasher_device_view_get_busy (view));
    if (view == flasher_window_get_view (self) &&
        flasher_device_list_get_selected (self->device_list) == NULL)
      flasher_device_list_select (self->device_list, device);
  }
  for (guint i = self->views->len; i > 0; i--) {
    FlasherDeviceView *view = g_ptr_array_index (self->views, i - 1);

    if (view == flasher_window_get_view (self) || !flasher_device_view_is_idle (view) ||
        flasher_window_lists (self, flasher_device_view_get_device (view)))
      continue;
    g_ptr_array_remove_index (self->views, i - 1);
    gtk_stack_remove (self->content, GTK_WIDGET (view));
  }
}

static void
devices_changed_cb (FlasherWindow *self)
{
  flasher_window_update_views (self);
  if (!self->chosen && !flasher_clamp_get_narrow (self->clamp) &&
      g_list_model_get_n_items (G_LIST_MODEL (self->discovery)) > 0) {
    g_autoptr (OakDevice) first = g_list_model_get_item (G_LIST_MODEL (self->discovery), 0);

    flasher_device_list_select (self->device_list, first);
  }
  flasher_window_update_content (self);
}

static gboolean
close_request_cb (FlasherWindow *self)
{
  return flasher_window_refuse_to_close (self) ? GDK_EVENT_STOP : GDK_EVENT_PROPAGATE;
}

static void
flasher_window_set_drop_active (FlasherWindow *self, gboolean active)
{
  FlasherDeviceView *view = flasher_window_get_view (self);

  if (view != NULL)
    flasher_device_view_set_drop_active (view, active);
}

static GdkDragAction
drop_enter_cb (FlasherWindow *self, double x, double y, GtkDropTarget *target)
{
  flasher_window_set_drop_active (self, TRUE);
  return GDK_ACTION_COPY;
}

static void
drop_leave_cb (FlasherWindow *self, GtkDropTarget *target)
{
  flasher_window_set_drop_active (self, FALSE);
}

static gboolean
drop_cb (FlasherWindow *self, const GValue *value, double x, double y, GtkDropTarget *target)
{
  flasher_window_set_drop_active (self, FALSE);
  flasher_window_open_file (self, G_FILE (g_value_get_object (value)));
  return TRUE;
}

static void
flasher_window_accept_drops (FlasherWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  g_signal_connect_object (target, "enter", G_CALLBACK (drop_enter_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "leave", G_CALLBACK (drop_leave_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

static void
demo_failed_cb (FlasherWindow *self, const char *text)
{
  gtk_label_set_text (self->demo_label, text);
  gtk_info_bar_set_message_type (self->demo_bar, GTK_MESSAGE_ERROR);
  oak_log_append (self->log, OAK_LOG_LEVEL_ERROR, text);
}

static void
flasher_window_dispose (GObject *object)
{
  FlasherWindow *self = FLASHER_WINDOW (object);

  g_clear_handle_id (&self->network_source, g_source_remove);
  g_clear_weak_pointer (&self->guard);
  g_ptr_array_set_size (self->views, 0);
  g_clear_object (&self->demo);
  g_clear_object (&self->discovery);
  G_OBJECT_CLASS (flasher_window_parent_class)->dispose (object);
}

static void
flasher_window_finalize (GObject *object)
{
  FlasherWindow *self = FLASHER_WINDOW (object);

  g_clear_object (&self->bundle);
  g_clear_object (&self->remembered);
  g_clear_object (&self->log);
  g_ptr_array_unref (self->views);
  G_OBJECT_CLASS (flasher_window_parent_class)->finalize (object);
}

static void
flasher_window_class_init (FlasherWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (FLASHER_TYPE_CLAMP);
  g_type_ensure (FLASHER_TYPE_DEVICE_LIST);
  g_type_ensure (FLASHER_TYPE_EMPTY_PAGE);
  g_type_ensure (FLASHER_TYPE_LOG_VIEW);
  g_type_ensure (FLASHER_TYPE_PACKAGE_PAGE);
  object_class->dispose = flasher_window_dispose;
  object_class->finalize = flasher_window_finalize;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-window.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, list_buttons);
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, demo_bar);
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, demo_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, clamp);
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, paned);
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, device_list);
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, content);
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, empty_page);
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, camera_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, camera_help_button);
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, package_page);
  gtk_widget_class_bind_template_child (widget_class, FlasherWindow, log_view);
  gtk_widget_class_bind_template_callback (widget_class, flasher_window_update_content);
  gtk_widget_class_bind_template_callback (widget_class, flasher_window_update_sides);
  gtk_widget_class_bind_template_callback (widget_class, close_request_cb);
}

static void
flasher_window_init (FlasherWindow *self)
{
  self->views = g_ptr_array_new ();
  self->bundle = flasher_bundle_new ();
  self->log = oak_log_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  flasher_log_view_set_log (self->log_view, self->log);
  flasher_package_page_set_bundle (self->package_page, self->bundle, NULL, NULL);
  flasher_empty_page_set_bundle (self->empty_page, self->bundle);
  flasher_window_install_actions (self);
  flasher_window_accept_drops (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->device_list));
}

/* A saved log begins with what it was made with. */
static void
flasher_window_log_versions (FlasherWindow *self)
{
  g_autofree char *text = g_strdup_printf ("OAK Flasher %s, GTK %u.%u.%u, GLib %u.%u.%u",
                                           FLASHER_VERSION,
                                           gtk_get_major_version (),
                                           gtk_get_minor_version (),
                                           gtk_get_micro_version (),
                                           glib_major_version,
                                           glib_minor_version,
                                           glib_micro_version);

  oak_log_append (self->log, OAK_LOG_LEVEL_INFO, text);
}

FlasherWindow *
flasher_window_new (GtkApplication *application, OakDiscovery *discovery, OakNetworkScope scope)
{
  FlasherWindow *self = g_object_new (FLASHER_TYPE_WINDOW, "application", application, NULL);

  flasher_window_log_versions (self);
  self->discovery = g_object_ref (discovery);
  self->scope = scope;
  /* The list comes first: what is selected below must be in it already. */
  flasher_device_list_set_model (self->device_list, G_LIST_MODEL (discovery));
  g_signal_connect_object (discovery,
                           "items-changed",
                           G_CALLBACK (devices_changed_cb),
                           self,
                           G_CONNECT_SWAPPED);
  self->network_source = g_timeout_add_seconds (FLASHER_NETWORK_SECONDS, update_network_cb, self);
  devices_changed_cb (self);
  return self;
}

void
flasher_window_set_demo (FlasherWindow *self, FlasherDemo *demo)
{
  g_return_if_fail (FLASHER_IS_WINDOW (self));
  g_return_if_fail (FLASHER_IS_DEMO (demo));

  g_set_object (&self->demo, demo);
  g_signal_connect_object (demo, "failed", G_CALLBACK (demo_failed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (demo,
                           "ready",
                           G_CALLBACK (oak_discovery_refresh),
                           self->discovery,
                           G_CONNECT_SWAPPED);
  gtk_widget_set_visible (GTK_WIDGET (self->demo_bar), TRUE);
}

void
flasher_window_open_file (FlasherWindow *self, GFile *file)
{
  FlasherDeviceView *view = NULL;

  g_return_if_fail (FLASHER_IS_WINDOW (self));
  g_return_if_fail (G_IS_FILE (file));

  self->wants_help = FALSE;
  flasher_bundle_load (self->bundle, file);
  flasher_window_update_content (self);
  view = flasher_window_get_view (self);
  if (view != NULL)
    flasher_device_view_show_page (view);
  else if (!gtk_widget_get_visible (GTK_WIDGET (self->content)))
    /* In a narrow window the list covers what is without a camera. */
    g_action_group_activate_action (G_ACTION_GROUP (self), "package-details", NULL);
}

guint
flasher_window_count_busy (FlasherWindow *self)
{
  guint n = 0;

  g_return_val_if_fail (FLASHER_IS_WINDOW (self), 0);

  for (guint i = 0; i < self->views->len; i++)
    n += flasher_device_view_get_busy (g_ptr_array_index (self->views, i)) ? 1 : 0;
  return n;
}
