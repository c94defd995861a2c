/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-support.h"

#include "oak-app-package.h"
#include "oak-device-info.h"

/* Main thread. */

OakDevice *
test_device_new (const char *mxid, const char *address, OakDeviceState state)
{
  const char *addresses[] = { address, NULL };
  g_autofree char *short_id = mxid != NULL ? oak_short_id (mxid, NULL) : NULL;
  OakDeviceFields fields = {
    .mxid = mxid,
    .short_id = short_id,
    .addresses = addresses,
    .state = state,
    .presence = OAK_PRESENCE_ANSWERING,
  };

  return oak_device_new (&fields);
}

void
test_device_change (OakDevice *device,
                    OakDeviceState state,
                    OakPresence presence,
                    gboolean conflict,
                    guint platform)
{
  g_autofree char *mxid = g_strdup (oak_device_get_mxid (device));
  g_autofree char *short_id = g_strdup (oak_device_get_short_id (device));
  g_autofree char *address = g_strdup (oak_device_get_address (device));
  const char *addresses[] = { address, NULL };
  OakDeviceFields fields = {
    .mxid = mxid,
    .short_id = short_id,
    .addresses = addresses,
    .state = state,
    .presence = presence,
    .conflict = conflict,
    .platform = platform,
  };

  oak_device_update (device, &fields);
}

OakDeviceFacts *
test_facts_new (void)
{
  OakDeviceFacts *facts = oak_device_facts_new ();

  facts->info = oak_device_info_new_network (TEST_MXID, TEST_ADDRESS, OAK_DEVICE_STATE_BOOTLOADER);
  facts->version = OAK_VERSION (0, 0, 28);
  facts->type = OAK_BOOTLOADER_TYPE_NETWORK;
  facts->type_trusted = TRUE;
  facts->user_bootloader_known = TRUE;
  facts->flash = (OakMemoryFacts){ .known = TRUE,
                                   .available = TRUE,
                                   .size = 32 * OAK_MIB,
                                   .application_known = TRUE };
  facts->emmc = (OakMemoryFacts){ .known = TRUE };
  return facts;
}

static GBytes *
test_make_image (void)
{
  guint8 *data = g_malloc0 (300000);

  memcpy (data, "MA2x", 4);
  return g_bytes_new_take (data, 300000);
}

OakFlashPlan *
test_plan_new (OakOperation operation)
{
  g_autoptr (OakDeviceFacts) facts = test_facts_new ();
  g_autoptr (GError) error = NULL;
  g_auto (OakFlashWish) wish;
  OakFlashPlan *plan = NULL;

  oak_flash_wish_init (&wish, operation);
  if (operation == OAK_OPERATION_FLASH_APPLICATION) {
    g_autofree char *path =
        g_build_filename (g_getenv ("OAK_TEST_DATA"), "daps", "script-spi.dap", NULL);

    wish.package = oak_app_package_load (path, NULL, &error);
    g_assert_no_error (error);
  } else if (operation == OAK_OPERATION_FACTORY_RESET) {
    wish.bootloader_image = test_make_image ();
    wish.bootloader_name = g_strdup ("bootloader.bin");
  }
  plan = oak_flash_plan_new (facts, &wish, &error);
  g_assert_no_error (error);
  return plan;
}

GtkWidget *
test_find (GtkWidget *root, TestMatch match, gconstpointer data)
{
  if (!gtk_widget_get_visible (root))
    return NULL;
  if (match (root, data))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = test_find (child, match, data);

    if (found != NULL)
      return found;
  }
  return NULL;
}

static gboolean
is_button_with_label (GtkWidget *widget, gconstpointer label)
{
  return GTK_IS_BUTTON (widget) &&
         g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0;
}

GtkWidget *
test_find_button (GtkWidget *root, const char *label)
{
  return test_find (root, is_button_with_label, label);
}

static gboolean
is_of_type (GtkWidget *widget, gconstpointer type)
{
  return g_type_is_a (G_OBJECT_TYPE (widget), *(const GType *) type);
}

GtkWidget *
test_find_type (GtkWidget *root, GType type)
{
  return test_find (root, is_of_type, &type);
}

static gboolean
is_label_with (GtkWidget *widget, gconstpointer text)
{
  return GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

gboolean
test_says (GtkWidget *root, const char *text)
{
  return test_find (root, is_label_with, text) != NULL;
}

gboolean
test_is_visible (GtkWidget *widget)
{
  for (; widget != NULL; widget = gtk_widget_get_parent (widget))
    if (!gtk_widget_get_visible (widget))
      return FALSE;
  return TRUE;
}

static double
get_slowdown (void)
{
  const char *text = g_getenv ("TEST_SLOWDOWN");

  return text != NULL ? g_ascii_strtod (text, NULL) : 1;
}

static gboolean
wake_cb (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

void
test_wait (TestCondition condition, gpointer data, guint seconds)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) (seconds * get_slowdown () * G_USEC_PER_SEC);
  guint source = g_timeout_add (20, wake_cb, NULL);

  while (!condition (data)) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    g_main_context_iteration (NULL, TRUE);
  }
  g_source_remove (source);
}

void
test_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static gboolean
is_over (gpointer end_us)
{
  return g_get_monotonic_time () >= *(gint64 *) end_us;
}

void
test_shot (const char *name)
{
  const char *folder = g_getenv ("OAK_TEST_SHOTS");
  g_autofree char *path = g_strdup_printf ("%s/%s.png", folder, name);
  const char *const command[] = { "import", "-window", "root", path, NULL };
  gint64 end_us = g_get_monotonic_time () + G_USEC_PER_SEC / 2;

  if (folder == NULL)
    return;
  test_wait (is_over, &end_us, 60);
  g_spawn_sync (NULL,
                (char **) command,
                NULL,
                G_SPAWN_SEARCH_PATH,
                NULL,
                NULL,
                NULL,
                NULL,
                NULL,
                NULL);
}
