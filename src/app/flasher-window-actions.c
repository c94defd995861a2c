/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "flasher-address-dialog.h"
#include "flasher-package-dialog.h"
#include "flasher-recent.h"
#include "flasher-text.h"
#include "flasher-widgets.h"
#include "flasher-window-private.h"
#include "oak-device.h"
#include "oak-discovery.h"

/* What can be done with the window itself. Main thread. */

static void
added_cb (FlasherWindow *self, const char *address)
{
  OakDevice *device = oak_discovery_find (self->discovery, address, NULL);

  if (device != NULL)
    flasher_device_list_select (self->device_list, device);
}

static void
add_address_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FlasherWindow *self = FLASHER_WINDOW (user_data);
  FlasherAddressDialog *dialog = flasher_address_dialog_new (GTK_WINDOW (self), self->discovery);

  g_signal_connect_object (dialog, "added", G_CALLBACK (added_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
refresh_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  oak_discovery_refresh (FLASHER_WINDOW (user_data)->discovery);
}

static void
bundle_chosen_cb (gpointer object, GFile *file)
{
  flasher_window_open_file (FLASHER_WINDOW (object), file);
}

static void
open_bundle_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  flasher_open_file (GTK_WINDOW (user_data),
                     _ ("Open Application Package"),
                     NULL,
                     TRUE,
                     bundle_chosen_cb,
                     user_data);
}

static void
use_sample_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FlasherWindow *self = FLASHER_WINDOW (user_data);

  if (self->demo != NULL && flasher_demo_get_sample (self->demo) != NULL)
    flasher_window_open_file (self, flasher_demo_get_sample (self->demo));
}

static void
open_recent_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));

  flasher_window_open_file (FLASHER_WINDOW (user_data), file);
}

static void
package_details_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FlasherWindow *self = FLASHER_WINDOW (user_data);
  FlasherDeviceView *view = flasher_window_get_view (self);
  const OakAppTarget *target = NULL;
  g_autofree char *camera = NULL;

  if (view != NULL) {
    OakDevice *device = flasher_device_view_get_device (view);

    target = flasher_device_view_get_target (view);
    camera =
        flasher_camera_name (oak_device_get_short_id (device), oak_device_get_address (device));
  }
  gtk_window_present (flasher_package_dialog_new (GTK_WINDOW (self), self->bundle, target, camera));
}

/* A package that was opened can be looked at, and is remembered when it is a whole one. */
static void
bundle_changed_cb (FlasherWindow *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "package-details");
  GFile *file = flasher_bundle_get_file (self->bundle);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), file != NULL);
  if (flasher_bundle_get_package (self->bundle) != NULL && file != self->remembered) {
    g_set_object (&self->remembered, file);
    flasher_recent_add (file);
  }
}

static void
camera_help_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FlasherWindow *self = FLASHER_WINDOW (user_data);

  self->wants_help = TRUE;
  flasher_window_update_content (self);
}

static void
main_action_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FlasherDeviceView *view = flasher_window_get_view (FLASHER_WINDOW (user_data));

  if (view != NULL)
    flasher_device_view_activate_main_action (view);
}

static void
search_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FlasherWindow *self = FLASHER_WINDOW (user_data);

  if (gtk_widget_get_visible (GTK_WIDGET (self->device_list)))
    flasher_device_list_focus_search (self->device_list);
}

static void
log_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  flasher_log_view_toggle (FLASHER_WINDOW (user_data)->log_view);
}

static void
save_log_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  flasher_log_view_save (FLASHER_WINDOW (user_data)->log_view);
}

static void
back_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FlasherWindow *self = FLASHER_WINDOW (user_data);

  if (flasher_clamp_get_narrow (self->clamp))
    flasher_device_list_select (self->device_list, NULL);
}

void
flasher_window_install_actions (FlasherWindow *self)
{
  static const GActionEntry entries[] = {
    { .name = "add-address", .activate = add_address_cb },
    { .name = "refresh", .activate = refresh_cb },
    { .name = "open-bundle", .activate = open_bundle_cb },
    { .name = "open-recent", .activate = open_recent_cb, .parameter_type = "s" },
    { .name = "package-details", .activate = package_details_cb },
    { .name = "use-sample", .activate = use_sample_cb },
    { .name = "camera-help", .activate = camera_help_cb },
    { .name = "main-action", .activate = main_action_cb },
    { .name = "search", .activate = search_cb },
    { .name = "log", .activate = log_cb },
    { .name = "save-log", .activate = save_log_cb },
    { .name = "back", .activate = back_cb },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect_object (self->bundle,
                           "changed",
                           G_CALLBACK (bundle_changed_cb),
                           self,
                           G_CONNECT_SWAPPED);
  bundle_changed_cb (self);
}
