/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>

#include "app-support.h"
#include "flasher-application.h"
#include "flasher-device-list.h"
#include "flasher-device-view.h"
#include "flasher-window.h"
#include "network-guard.h"
#include "oak-device.h"
#include "oak-discovery.h"
#include "oak-flash-job.h"
#include "oak-timeouts.h"
#include "sim-process.h"

/* The whole window in this process, with a simulated camera as a child process. Runs in a loopback
 * namespace. */

typedef struct {
  SimProcess *sim;
  OakDiscovery *discovery;
  FlasherWindow *window; /* (nullable): destroyed */
} Fixture;

static void
fixture_set_up (Fixture *self, gconstpointer unused)
{
  self->sim = sim_process_start ("--address=127.0.0.2",
                                 "--mxid=" TEST_MXID,
                                 "--write-kbps=40",
                                 "--reboot-ms=300",
                                 "--boot-wait-ms=1000",
                                 NULL);
  self->discovery = oak_discovery_new (OAK_NETWORK_SCOPE_LOOPBACK, NULL);
  self->window = flasher_window_new (NULL, self->discovery, OAK_NETWORK_SCOPE_LOOPBACK);
  gtk_window_present (GTK_WINDOW (self->window));
  oak_discovery_start (self->discovery);
}

static gboolean
window_is_gone (gpointer weak)
{
  g_autoptr (GObject) object = g_weak_ref_get (weak);

  return object == NULL;
}

/* Destroys the window and waits until nothing holds it any more. */
static void
fixture_destroy_window (Fixture *self)
{
  GWeakRef weak;

  g_weak_ref_init (&weak, self->window);
  gtk_window_destroy (GTK_WINDOW (self->window));
  self->window = NULL;
  test_wait (window_is_gone, &weak, 60);
  g_weak_ref_clear (&weak);
}

static void
fixture_tear_down (Fixture *self, gconstpointer unused)
{
  if (self->window != NULL)
    fixture_destroy_window (self);
  oak_discovery_stop (self->discovery);
  g_clear_object (&self->discovery);
  test_settle ();
  sim_process_stop (self->sim);
}

static FlasherDeviceView *
fixture_get_view (Fixture *self)
{
  return (FlasherDeviceView *) test_find_type (GTK_WIDGET (self->window), FLASHER_TYPE_DEVICE_VIEW);
}

static gboolean
view_is_there (gpointer data)
{
  return fixture_get_view (data) != NULL;
}

static gboolean
can_flash (gpointer data)
{
  GtkWidget *button =
      test_find_button (GTK_WIDGET (((Fixture *) data)->window), "_Flash Application…");

  return button != NULL && gtk_widget_is_sensitive (button);
}

/* Returns: (transfer none) (nullable): a button in any window but the main one. */
static GtkWidget *
find_in_dialogs (Fixture *self, const char *label)
{
  g_autoptr (GListModel) windows = g_object_ref (gtk_window_get_toplevels ());

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);
    GtkWidget *button = NULL;

    if (window == GTK_WIDGET (self->window))
      continue;
    button = test_find_button (window, label);
    if (button != NULL && gtk_widget_is_sensitive (button))
      return button;
  }
  return NULL;
}

static gboolean
is_asked (gpointer data)
{
  return find_in_dialogs (data, "_Flash") != NULL;
}

static gboolean
is_writing (gpointer data)
{
  FlasherDeviceView *view = fixture_get_view (data);

  return flasher_device_view_get_writing (view) &&
         oak_flash_job_has_written (flasher_device_view_get_job (view));
}

static gboolean
is_not_busy (gpointer data)
{
  return flasher_window_count_busy (((Fixture *) data)->window) == 0;
}

/* As a person does it, as far as the question. */
static void
fixture_ask_to_flash (Fixture *self)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("OAK_TEST_DATA"), "daps", "script-spi.dap", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  flasher_window_open_file (self->window, file);
  test_wait (view_is_there, self, 60);
  test_wait (can_flash, self, 60);
  g_signal_emit_by_name (test_find_button (GTK_WIDGET (self->window), "_Flash Application…"),
                         "clicked");
  test_wait (is_asked, self, 60);
}

static void
fixture_flash (Fixture *self)
{
  fixture_ask_to_flash (self);
  g_signal_emit_by_name (find_in_dialogs (self, "_Flash"), "clicked");
  test_wait (is_writing, self, 60);
}

static void
test_destroyed_while_looking (Fixture *self, gconstpointer unused)
{
  test_wait (view_is_there, self, 60);
  fixture_destroy_window (self);
  sim_process_assert_untouched (self->sim, 0);
}

static void
test_destroyed_while_asked (Fixture *self, gconstpointer unused)
{
  fixture_ask_to_flash (self);
  fixture_destroy_window (self);
  g_assert_cmpint (sim_process_get_int (self->sim, 0, "writes"), ==, 0);
}

static void
test_destroyed_while_writing (Fixture *self, gconstpointer unused)
{
  fixture_flash (self);
  fixture_destroy_window (self);
}

static void
test_closing_asks_while_writing (Fixture *self, gconstpointer unused)
{
  GtkWidget *keep = NULL;

  fixture_flash (self);
  gtk_window_close (GTK_WINDOW (self->window));
  keep = find_in_dialogs (self, "_Keep Running");
  g_assert_nonnull (keep);
  g_assert_nonnull (find_in_dialogs (self, "_Stop and Close"));
  g_signal_emit_by_name (keep, "clicked");
  test_settle ();
  g_assert_null (find_in_dialogs (self, "_Keep Running"));
  g_assert_cmpuint (flasher_window_count_busy (self->window), ==, 1);
  flasher_device_view_cancel (fixture_get_view (self));
  test_wait (is_not_busy, self, 60);
  g_assert_true (test_says (GTK_WIDGET (self->window), "What happened"));
}

static gboolean
is_missing (gpointer device)
{
  return oak_device_get_presence (device) == OAK_PRESENCE_MISSING;
}

static gboolean
has_passed (gpointer end_us)
{
  return oak_deadline_has_passed (*(gint64 *) end_us);
}

static gboolean
list_is_empty (gpointer discovery)
{
  return g_list_model_get_n_items (discovery) == 0;
}

/* As long as somebody works on it, however long it is silent. */
static void
test_silent_camera_keeps_its_row_while_busy (Fixture *self, gconstpointer unused)
{
  OakDevice *device = NULL;
  gint64 end_us;

  fixture_flash (self);
  device = flasher_device_view_get_device (fixture_get_view (self));
  oak_discovery_set_pace (self->discovery, 100, 1, 3);
  sim_process_freeze (self->sim, TRUE);
  test_wait (is_missing, device, 60);
  end_us = oak_deadline_in_ms (1500);
  test_wait (has_passed, &end_us, 60);
  g_assert_cmpuint (flasher_window_count_busy (self->window), ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->discovery)), ==, 1);

  sim_process_freeze (self->sim, FALSE);
  flasher_device_view_cancel (fixture_get_view (self));
  test_wait (is_not_busy, self, 60);
  sim_process_freeze (self->sim, TRUE);
  test_wait (list_is_empty, self->discovery, 60);
  sim_process_freeze (self->sim, FALSE);
}

static gboolean
needs_a_name (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget))
    return gtk_button_get_label (GTK_BUTTON (widget)) == NULL &&
           test_find_type (widget, GTK_TYPE_LABEL) == NULL &&
           gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW_CONTROLS) == NULL &&
           gtk_widget_get_ancestor (widget, GTK_TYPE_MENU_BUTTON) == NULL &&
           gtk_widget_get_ancestor (widget, GTK_TYPE_INFO_BAR) == NULL;
  if (GTK_IS_MENU_BUTTON (widget))
    return gtk_menu_button_get_label (GTK_MENU_BUTTON (widget)) == NULL;
  return GTK_IS_ENTRY (widget) || GTK_IS_SEARCH_ENTRY (widget) || GTK_IS_LIST_VIEW (widget) ||
         GTK_IS_PROGRESS_BAR (widget) || GTK_IS_TEXT_VIEW (widget);
}

static void
assert_named (GtkWidget *widget)
{
  if (!gtk_widget_get_visible (widget))
    return;
  if (needs_a_name (widget) &&
      !gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL) &&
      !gtk_test_accessible_has_relation (GTK_ACCESSIBLE (widget),
                                         GTK_ACCESSIBLE_RELATION_LABELLED_BY))
    g_error ("a %s (%s) has no accessible name",
             G_OBJECT_TYPE_NAME (widget),
             gtk_widget_get_tooltip_text (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    assert_named (child);
}

static void
test_everything_has_a_name (Fixture *self, gconstpointer unused)
{
  test_wait (view_is_there, self, 60);
  assert_named (GTK_WIDGET (self->window));
}

int
main (int argc, char **argv)
{
  network_guard_check ();
  gtk_test_init (&argc, &argv, NULL);
  flasher_application_load_resources ();
  flasher_application_load_style (gdk_display_get_default ());
#define ADD(path, function)                                                                        \
  g_test_add (path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("/app/life/destroyed-while-looking-touches-nothing", test_destroyed_while_looking);
  ADD ("/app/life/destroyed-while-asked-writes-nothing", test_destroyed_while_asked);
  ADD ("/app/life/destroyed-while-writing-leaves-nothing-behind", test_destroyed_while_writing);
  ADD ("/app/life/closing-asks-while-writing", test_closing_asks_while_writing);
  ADD ("/app/life/silent-camera-keeps-its-row-while-busy",
       test_silent_camera_keeps_its_row_while_busy);
  ADD ("/app/life/everything-has-an-accessible-name", test_everything_has_a_name);
#undef ADD
  return g_test_run ();
}
