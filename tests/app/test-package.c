/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

#include "app-support.h"
#include "flasher-application.h"
#include "flasher-bundle.h"
#include "flasher-device-page.h"
#include "flasher-package-page.h"
#include "flasher-package-text.h"
#include "flasher-recent.h"
#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "test-daps.h"

/* The page about a package, with every recorded one, good or damaged. No network. */

#define FLASH_LABEL "_Flash Application…"

/* A package on disk and what the window makes of it: its own page, and a camera's page. */
typedef struct {
  char *folder;          /* (owned) */
  char *path;            /* (owned) */
  FlasherBundle *bundle; /* (owned) */
  OakDevice *device;     /* (owned) */
  GtkWidget *windows[2];
  FlasherPackagePage *page;
  FlasherDevicePage *device_page;
} Scene;

static gboolean
bundle_is_loaded (gpointer bundle)
{
  return !flasher_bundle_get_loading (FLASHER_BUNDLE (bundle));
}

static GtkWidget *
show_in_window (GtkWidget *child)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 700, 900);
  gtk_window_set_child (GTK_WINDOW (window), child);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static void
scene_load (Scene *scene, const char *file_name)
{
  g_autoptr (GBytes) bytes = test_daps_load (file_name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = NULL;

  g_assert_true (g_file_set_contents (scene->path,
                                      g_bytes_get_data (bytes, NULL),
                                      (gssize) g_bytes_get_size (bytes),
                                      &error));
  g_assert_no_error (error);
  file = g_file_new_for_path (scene->path);
  flasher_bundle_load (scene->bundle, file);
  test_wait (bundle_is_loaded, scene->bundle, 60);
}

static void
scene_open (Scene *scene, const char *file_name)
{
  *scene = (Scene){ 0 };
  scene->folder = g_dir_make_tmp ("oak-package-XXXXXX", NULL);
  scene->path = g_build_filename (scene->folder, "tested.dap", NULL);
  scene->bundle = flasher_bundle_new ();
  scene->device = test_device_new (TEST_MXID, TEST_ADDRESS, OAK_DEVICE_STATE_BOOTLOADER);
  scene->page = g_object_new (FLASHER_TYPE_PACKAGE_PAGE, NULL);
  scene->device_page = g_object_new (FLASHER_TYPE_DEVICE_PAGE, NULL);
  flasher_package_page_set_bundle (scene->page, scene->bundle, NULL, NULL);
  flasher_device_page_set_bundle (scene->device_page, scene->bundle, FALSE);
  flasher_device_page_set_device (scene->device_page, scene->device);
  scene->windows[0] = show_in_window (GTK_WIDGET (scene->page));
  scene->windows[1] = show_in_window (GTK_WIDGET (scene->device_page));
  scene_load (scene, file_name);
}

static void
scene_close (Scene *scene)
{
  for (guint i = 0; i < G_N_ELEMENTS (scene->windows); i++)
    gtk_window_destroy (GTK_WINDOW (scene->windows[i]));
  test_settle ();
  g_unlink (scene->path);
  g_rmdir (scene->folder);
  g_free (scene->path);
  g_free (scene->folder);
  g_object_unref (scene->device);
  g_object_unref (scene->bundle);
}

static gboolean
scene_can_flash (Scene *scene)
{
  GtkWidget *button = test_find_button (GTK_WIDGET (scene->device_page), FLASH_LABEL);

  return gtk_widget_is_sensitive (button);
}

static gboolean
scene_says (Scene *scene, const char *text)
{
  return test_says (GTK_WIDGET (scene->page), text);
}

static GtkCheckButton *
scene_find_override (Scene *scene)
{
  return GTK_CHECK_BUTTON (test_find_type (GTK_WIDGET (scene->page), GTK_TYPE_CHECK_BUTTON));
}

/* Returns: (transfer full). */
static JsonParser *
read_manifest (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("OAK_TEST_DATA"), "daps", "MANIFEST.json", NULL);
  g_autoptr (GError) error = NULL;
  JsonParser *parser = json_parser_new ();

  g_assert_true (json_parser_load_from_file (parser, path, &error));
  return parser;
}

static JsonArray *
get_entries (JsonParser *manifest, const char *member)
{
  return json_object_get_array_member (json_node_get_object (json_parser_get_root (manifest)),
                                       member);
}

static void
assert_count (Scene *scene, const char *heading, gint64 n)
{
  g_autofree char *counted = g_strdup_printf ("%s (%" G_GINT64_FORMAT ")", heading, n);
  g_autofree char *opened = g_strdup_printf ("%s (", heading);

  if (n > 0)
    g_assert_true (scene_says (scene, counted));
  else
    g_assert_false (scene_says (scene, opened));
}

static void
assert_good (Scene *scene, JsonObject *entry)
{
  gboolean needs_host = json_object_get_boolean_member (entry, "hasXLinkIn") ||
                        json_object_get_boolean_member (entry, "hasXLinkOut");

  g_assert_null (flasher_bundle_get_error (scene->bundle));
  assert_count (scene, "Nodes", json_object_get_int_member (entry, "nodeCount"));
  assert_count (scene, "Connections", json_object_get_int_member (entry, "connectionCount"));
  assert_count (scene, "Assets", json_object_get_int_member (entry, "assetCount"));
  g_assert_cmpint (scene_says (scene, "Must not be flashed"), ==, needs_host);
  g_assert_cmpint (scene_can_flash (scene), ==, !needs_host);
  g_assert_cmpint (scene_find_override (scene) != NULL, ==, needs_host);
}

static void
test_good_packages_show_their_counts (void)
{
  g_autoptr (JsonParser) manifest = read_manifest ();
  JsonArray *entries = get_entries (manifest, "packages");
  Scene scene;

  g_assert_cmpuint (json_array_get_length (entries), >=, 20);
  scene_open (&scene, "script-spi.dap");
  for (guint i = 0; i < json_array_get_length (entries); i++) {
    JsonObject *entry = json_array_get_object_element (entries, i);
    const char *file = json_object_get_string_member (entry, "file");

    g_test_message ("%s", file);
    scene_load (&scene, file);
    assert_good (&scene, entry);
  }
  scene_close (&scene);
}

static void
test_damaged_packages_cannot_be_flashed (void)
{
  g_autoptr (JsonParser) manifest = read_manifest ();
  JsonArray *entries = get_entries (manifest, "damaged");
  guint n_rejected = 0;
  Scene scene;

  scene_open (&scene, "script-spi.dap");
  for (guint i = 0; i < json_array_get_length (entries); i++) {
    JsonObject *entry = json_array_get_object_element (entries, i);
    const char *file = json_object_get_string_member (entry, "file");

    g_test_message ("%s", file);
    scene_load (&scene, file);
    if (!g_str_equal (json_object_get_string_member (entry, "expected"), "reject"))
      continue;
    n_rejected++;
    g_assert_true (scene_says (&scene, "Must not be flashed"));
    g_assert_true (scene_says (&scene, "Error"));
    g_assert_false (scene_can_flash (&scene));
    /* Damage is nothing that anybody can override. */
    g_assert_null (scene_find_override (&scene));
  }
  g_assert_cmpuint (n_rejected, >=, 15);
  scene_close (&scene);
}

static void
test_override_is_for_host_streams_only (void)
{
  Scene scene;

  scene_open (&scene, "xlinkout.dap");
  g_assert_false (scene_can_flash (&scene));
  g_assert_false (gtk_check_button_get_active (scene_find_override (&scene)));
  g_assert_true (scene_says (&scene, "XLinkOut"));
  g_assert_true (test_says (GTK_WIDGET (scene.device_page), "XLinkOut"));
  gtk_check_button_set_active (scene_find_override (&scene), TRUE);
  g_assert_true (flasher_bundle_get_allow_host_streams (scene.bundle));
  g_assert_true (scene_can_flash (&scene));
  g_assert_true (scene_says (&scene, "Can be flashed; read the warnings first"));
  gtk_check_button_set_active (scene_find_override (&scene), FALSE);
  g_assert_false (scene_can_flash (&scene));
  /* The decision was about that package and no other. */
  gtk_check_button_set_active (scene_find_override (&scene), TRUE);
  scene_load (&scene, "xlinkin.dap.gz");
  g_assert_false (flasher_bundle_get_allow_host_streams (scene.bundle));
  g_assert_false (scene_can_flash (&scene));
  scene_close (&scene);
}

static void
test_camera_decides_too (void)
{
  g_autoptr (OakDeviceFacts) facts = test_facts_new ();
  Scene scene;

  scene_open (&scene, "script-spi.dap");
  flasher_device_page_set_facts (scene.device_page, facts);
  g_assert_true (flasher_device_page_get_target (scene.device_page)->room_known);
  g_assert_true (scene_can_flash (&scene));
  facts->flash.size = 9 * OAK_MIB;
  flasher_device_page_set_facts (scene.device_page, facts);
  g_assert_false (scene_can_flash (&scene));
  g_assert_true (test_says (GTK_WIDGET (scene.device_page), "bytes too much"));
  facts->flash.size = 32 * OAK_MIB;
  facts->version = OAK_VERSION (0, 0, 11);
  flasher_device_page_set_facts (scene.device_page, facts);
  g_assert_false (scene_can_flash (&scene));
  g_assert_true (test_says (GTK_WIDGET (scene.device_page), "0.0.14"));
  flasher_device_page_set_facts (scene.device_page, NULL);
  g_assert_true (scene_can_flash (&scene));
  scene_close (&scene);
}

static void
test_connections_are_readable (void)
{
  g_autoptr (GBytes) bytes = test_daps_load ("script-spi.dap");
  g_autoptr (OakAppPackage) package = oak_app_package_open_bytes (bytes, "script-spi.dap");
  g_autoptr (OakAppContents) contents = oak_app_contents_read (package, NULL, NULL);
  g_autoptr (GtkStringList) nodes = flasher_package_list_nodes (contents);
  g_autoptr (GtkStringList) connections = flasher_package_list_connections (contents);
  g_autoptr (GtkStringList) assets = flasher_package_list_assets (contents);

  g_assert_cmpstr (gtk_string_list_get_string (nodes, 0), ==, "0  Script: 1 output");
  g_assert_cmpstr (gtk_string_list_get_string (nodes, 1), ==, "1  SPIOut: 1 input, stream “s”");
  g_assert_cmpstr (gtk_string_list_get_string (connections, 0), ==, "Script.io[o] → SPIOut.in");
  g_assert_cmpstr (gtk_string_list_get_string (assets, 0), ==, "/node/0/__script: 38 bytes");
}

static void
test_script_is_shown_when_opened (void)
{
  Scene scene;
  GtkWidget *expander = NULL;
  GtkWidget *view = NULL;
  g_autofree char *text = NULL;

  scene_open (&scene, "script-spi.dap");
  expander = test_find_type (GTK_WIDGET (scene.page), GTK_TYPE_EXPANDER);
  g_assert_nonnull (expander);
  g_assert_null (test_find_type (GTK_WIDGET (scene.page), GTK_TYPE_TEXT_VIEW));
  gtk_expander_set_expanded (GTK_EXPANDER (expander), TRUE);
  view = test_find_type (GTK_WIDGET (scene.page), GTK_TYPE_TEXT_VIEW);
  g_assert_nonnull (view);
  g_assert_false (gtk_text_view_get_editable (GTK_TEXT_VIEW (view)));
  g_assert_true (gtk_text_view_get_monospace (GTK_TEXT_VIEW (view)));
  g_object_get (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), "text", &text, NULL);
  g_assert_cmpstr (text, ==, "while 1: node.io['o'].send(Buffer(4))\n");
  scene_close (&scene);
}

static gboolean
recent_has_items (gpointer expected)
{
  g_autoptr (GMenuModel) menu = flasher_recent_make_menu ();

  return g_menu_model_get_n_items (menu) == GPOINTER_TO_INT (expected);
}

static void
test_recent_are_files_that_exist (void)
{
  g_autofree char *folder = g_dir_make_tmp ("oak-recent-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "with_line.dap", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GMenuModel) menu = NULL;
  g_autofree char *label = NULL;

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  flasher_recent_add (file);
  test_wait (recent_has_items, GINT_TO_POINTER (1), 30);
  menu = flasher_recent_make_menu ();
  g_assert_true (g_menu_model_get_item_attribute (menu, 0, G_MENU_ATTRIBUTE_LABEL, "s", &label));
  g_assert_cmpstr (label, ==, "with__line.dap");
  g_unlink (path);
  test_wait (recent_has_items, GINT_TO_POINTER (0), 30);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  flasher_application_load_resources ();
  flasher_application_load_style (gdk_display_get_default ());
  g_test_add_func ("/app/package/good-packages-show-their-counts",
                   test_good_packages_show_their_counts);
  g_test_add_func ("/app/package/damaged-packages-cannot-be-flashed",
                   test_damaged_packages_cannot_be_flashed);
  g_test_add_func ("/app/package/override-is-for-host-streams-only",
                   test_override_is_for_host_streams_only);
  g_test_add_func ("/app/package/camera-decides-too", test_camera_decides_too);
  g_test_add_func ("/app/package/connections-are-readable", test_connections_are_readable);
  g_test_add_func ("/app/package/script-is-shown-when-opened", test_script_is_shown_when_opened);
  g_test_add_func ("/app/package/recent-are-files-that-exist", test_recent_are_files_that_exist);
  return g_test_run ();
}
