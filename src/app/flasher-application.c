/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-application.h"

#include <glib/gi18n.h>

#include "flasher-demo.h"
#include "flasher-paths.h"
#include "flasher-resources.h"
#include "flasher-window.h"
#include "oak-discovery.h"

/* Main thread. */

/* A camera that restarts is away for some seconds, longer on a slow switch: it keeps its row
 * meanwhile. */
#define FLASHER_ROUND_MS             1000
#define FLASHER_ROUNDS_UNTIL_MISSING 3
#define FLASHER_ROUNDS_UNTIL_REMOVED 60

struct _FlasherApplication {
  GtkApplication parent_instance;

  OakDiscovery *discovery; /* (owned) (nullable) */
  FlasherDemo *demo;       /* (owned) (nullable) */
  gboolean wants_demo;
};

G_DEFINE_FINAL_TYPE (FlasherApplication, flasher_application, GTK_TYPE_APPLICATION)

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkApplication *application = GTK_APPLICATION (user_data);
  static const char *const authors[] = { "The OAK Flasher authors", NULL };

  gtk_show_about_dialog (gtk_application_get_active_window (application),
                         "program-name",
                         _ ("OAK Flasher"),
                         "logo-icon-name",
                         FLASHER_APPLICATION_ID,
                         "version",
                         FLASHER_VERSION,
                         "comments",
                         _ ("Puts standalone applications onto Luxonis OAK cameras"),
                         "license-type",
                         GTK_LICENSE_GPL_3_0,
                         "copyright",
                         "© 2026 The OAK Flasher authors",
                         "authors",
                         authors,
                         NULL);
}

/* Made anew each time. A help overlay that GTK keeps hidden from the start is a window without an
 * accessible path, and GTK 4.8 crashes when assistive technology asks for a window that has just
 * vanished and gets that one. */
static void
shortcuts_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource ("/io/github/oakflasher/OakFlasher/flasher-shortcuts.ui");
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));

  gtk_window_set_transient_for (window,
                                gtk_application_get_active_window (GTK_APPLICATION (user_data)));
  gtk_window_present (window);
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (user_data));

  /* By way of the window, which may have a reason to stay. */
  if (window != NULL && gtk_window_get_transient_for (window) != NULL)
    window = gtk_window_get_transient_for (window);
  if (window != NULL)
    gtk_window_close (window);
}

static void
flasher_application_set_accelerators (GtkApplication *application)
{
  static const struct {
    const char *action;
    const char *keys[3];
  } rows[] = {
    { "win.open-bundle", { "<Control>o" } },
    { "win.refresh", { "F5", "<Control>r" } },
    { "win.add-address", { "<Control>n" } },
    { "win.search", { "<Control>f" } },
    { "win.main-action", { "<Control>Return", "<Control>KP_Enter" } },
    { "win.log", { "<Control>l" } },
    { "win.save-log", { "<Control><Shift>s" } },
    { "device.copy-details", { "<Control><Shift>c" } },
    { "win.back", { "<Alt>Left" } },
    { "app.shortcuts", { "<Control>question", "F1" } },
    { "window.close", { "<Control>w" } },
    { "app.quit", { "<Control>q" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    gtk_application_set_accels_for_action (application, rows[i].action, rows[i].keys);
}

void
flasher_application_load_resources (void)
{
  static gsize loaded = 0;

  /* A static library's own constructor would be dropped by the linker. */
  if (g_once_init_enter (&loaded)) {
    g_resources_register (flasher_get_resource ());
    g_once_init_leave (&loaded, 1);
  }
}

void
flasher_application_load_style (GdkDisplay *display)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (provider, "/io/github/oakflasher/OakFlasher/style.css");
  gtk_style_context_add_provider_for_display (display,
                                              GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display),
                                    "/io/github/oakflasher/OakFlasher/icons");
}

static void
flasher_application_startup (GApplication *application)
{
  static const GActionEntry entries[] = {
    { .name = "about", .activate = about_cb },
    { .name = "quit", .activate = quit_cb },
    { .name = "shortcuts", .activate = shortcuts_cb },
  };

  flasher_application_load_resources ();
  G_APPLICATION_CLASS (flasher_application_parent_class)->startup (application);
  flasher_application_load_style (gdk_display_get_default ());
  gtk_window_set_default_icon_name (FLASHER_APPLICATION_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (application),
                                   entries,
                                   G_N_ELEMENTS (entries),
                                   application);
  flasher_application_set_accelerators (GTK_APPLICATION (application));
}

static void
flasher_application_start_demo (FlasherApplication *self, FlasherWindow *window)
{
  g_autoptr (GError) error = NULL;

  self->demo = flasher_demo_new ();
  flasher_window_set_demo (window, self->demo);
  if (!flasher_demo_start (self->demo, &error))
    g_signal_emit_by_name (self->demo, "failed", error->message);
}

static FlasherWindow *
flasher_application_get_window (FlasherApplication *self)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));
  OakNetworkScope scope = self->wants_demo ? OAK_NETWORK_SCOPE_LOOPBACK : OAK_NETWORK_SCOPE_ANY;
  FlasherWindow *window = NULL;

  for (GList *link = windows; link != NULL; link = link->next)
    if (FLASHER_IS_WINDOW (link->data))
      return FLASHER_WINDOW (link->data);
  self->discovery = oak_discovery_new (scope, NULL);
  oak_discovery_set_pace (self->discovery,
                          FLASHER_ROUND_MS,
                          FLASHER_ROUNDS_UNTIL_MISSING,
                          FLASHER_ROUNDS_UNTIL_REMOVED);
  window = flasher_window_new (GTK_APPLICATION (self), self->discovery, scope);
  if (self->wants_demo)
    flasher_application_start_demo (self, window);
  oak_discovery_start (self->discovery);
  return window;
}

static void
flasher_application_activate (GApplication *application)
{
  FlasherWindow *window = flasher_application_get_window (FLASHER_APPLICATION (application));

  gtk_window_present (GTK_WINDOW (window));
}

static void
flasher_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  FlasherWindow *window = flasher_application_get_window (FLASHER_APPLICATION (application));

  if (n_files > 0)
    flasher_window_open_file (window, files[0]);
  gtk_window_present (GTK_WINDOW (window));
}

static int
flasher_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  FlasherApplication *self = FLASHER_APPLICATION (application);

  if (g_variant_dict_contains (options, "version")) {
    g_print ("oak-flasher %s\n", FLASHER_VERSION);
    return 0;
  }
  self->wants_demo = g_variant_dict_contains (options, "demo");
  if (self->wants_demo)
    g_application_set_flags (application,
                             g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  return -1;
}

static void
flasher_application_shutdown (GApplication *application)
{
  FlasherApplication *self = FLASHER_APPLICATION (application);

  if (self->discovery != NULL)
    oak_discovery_stop (self->discovery);
  g_clear_object (&self->demo);
  G_APPLICATION_CLASS (flasher_application_parent_class)->shutdown (application);
  g_clear_object (&self->discovery);
}

static void
flasher_application_class_init (FlasherApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = flasher_application_startup;
  application_class->activate = flasher_application_activate;
  application_class->open = flasher_application_open;
  application_class->handle_local_options = flasher_application_handle_local_options;
  application_class->shutdown = flasher_application_shutdown;
}

static void
flasher_application_init (FlasherApplication *self)
{
  static const GOptionEntry entries[] = {
    { .long_name = "demo",
      .arg = G_OPTION_ARG_NONE,
      .description = N_ ("Work with simulated cameras on this computer only") },
    { .long_name = "version", .arg = G_OPTION_ARG_NONE, .description = N_ ("Show the version") },
    G_OPTION_ENTRY_NULL,
  };

  g_application_add_main_option_entries (G_APPLICATION (self), entries);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[PACKAGE.dap]"));
}

FlasherApplication *
flasher_application_new (void)
{
  return g_object_new (FLASHER_TYPE_APPLICATION,
                       "application-id",
                       FLASHER_APPLICATION_ID,
                       "flags",
                       G_APPLICATION_HANDLES_OPEN,
                       NULL);
}
