/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <gtk/gtk.h>
#include <string.h>

#include "app-support.h"
#include "flasher-application.h"
#include "flasher-confirm-dialog.h"
#include "flasher-device-list.h"
#include "flasher-device-page.h"
#include "flasher-device-row.h"
#include "flasher-rule-card.h"
#include "flasher-window.h"
#include "oak-device.h"
#include "oak-discovery.h"
#include "oak-flash-job.h"
#include "oak-usb-mark.h"
#include "oak-usb-rule.h"
#include "usb-bed.h"

/* The whole window in this process above a virtual USB bus: what people see of cameras in every
 * state, and what changes by itself. Runs in a loopback namespace. */

#define MXID_A     "14442C10D1234567D0"
#define MXID_B     "1944301031C3765B00"
#define IMAGE_SIZE (300 * 1024)

typedef struct {
  UsbBed *bed;
  OakDiscovery *discovery;
  FlasherWindow *window;
} Fixture;

static void
fixture_set_up (Fixture *self, gconstpointer unused)
{
  self->bed = usb_bed_new ();
  self->discovery = oak_discovery_new (OAK_NETWORK_SCOPE_ANY, NULL);
  self->window = flasher_window_new (NULL, self->discovery, OAK_NETWORK_SCOPE_ANY);
  gtk_window_present (GTK_WINDOW (self->window));
  oak_discovery_start (self->discovery);
}

static void
fixture_tear_down (Fixture *self, gconstpointer unused)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  oak_discovery_stop (self->discovery);
  g_clear_object (&self->discovery);
  test_settle ();
  usb_bed_free (self->bed);
}

static UsbCamera *
fixture_add_camera (Fixture *self, const char *mxid, const char *ports, OakDeviceState state)
{
  UsbCameraOptions options;

  usb_camera_options_init (&options);
  options.mxid = mxid;
  options.ports = ports;
  options.state = state;
  options.watchdog_ms = 5000 * usb_get_slowdown ();
  return usb_bed_add_camera (self->bed, &options);
}

/* From its first moment on: one that could be opened once is not tried again. */
static UsbCamera *
fixture_add_busy_camera (Fixture *self, const char *mxid, const char *ports)
{
  UsbCameraOptions options;
  UsbCamera *camera = NULL;

  usb_camera_options_init (&options);
  options.mxid = mxid;
  options.ports = ports;
  options.is_unplugged = TRUE;
  camera = usb_bed_add_camera (self->bed, &options);
  usb_camera_set_busy (camera, TRUE);
  usb_camera_plug (camera);
  return camera;
}

typedef struct {
  Fixture *fixture;
  const char *text;
} Wanted;

static gboolean
is_row_with_label (GtkWidget *widget, gconstpointer label)
{
  g_autofree char *said = NULL;

  if (!FLASHER_IS_DEVICE_ROW (widget))
    return FALSE;
  said = flasher_device_row_to_label (FLASHER_DEVICE_ROW (widget));
  return g_str_equal (said, label);
}

static gboolean
row_is_there (gpointer data)
{
  Wanted *wanted = data;

  return test_find (GTK_WIDGET (wanted->fixture->window), is_row_with_label, wanted->text) != NULL;
}

static void
fixture_await_row (Fixture *self, const char *label)
{
  Wanted wanted = { self, label };

  g_test_message ("waiting for the row “%s”", label);
  test_wait (row_is_there, &wanted, 60);
}

static gboolean
words_are_there (gpointer data)
{
  Wanted *wanted = data;

  return test_says (GTK_WIDGET (wanted->fixture->window), wanted->text);
}

static void
fixture_await_words (Fixture *self, const char *text)
{
  Wanted wanted = { self, text };

  g_test_message ("waiting for “%s”", text);
  test_wait (words_are_there, &wanted, 60);
}

static void
fixture_select (Fixture *self, const char *text)
{
  GtkWidget *list = test_find_type (GTK_WIDGET (self->window), FLASHER_TYPE_DEVICE_LIST);
  OakDevice *device = oak_discovery_find (self->discovery, text, NULL);

  g_assert_nonnull (device);
  g_assert_true (flasher_device_list_select (FLASHER_DEVICE_LIST (list), device));
  test_settle ();
}

static GtkWidget *
fixture_get_page (Fixture *self)
{
  return test_find_type (GTK_WIDGET (self->window), FLASHER_TYPE_DEVICE_PAGE);
}

static void
test_every_state_is_said_with_its_remedy (Fixture *self, gconstpointer unused)
{
  static const struct {
    const char *select;
    const char *label;
    const char *words;
  } rows[] = {
    { "usb:1.1",
      "Camera at usb:1.1, Waits for a bootloader, usb:1.1",
      "A factory reset writes one" },
    { MXID_A, "OAK Camera 234567, Ready, usb:1.2", "can be flashed now" },
    { MXID_B, "OAK Camera C3765B, Application running, usb:1.3", "application is stopped" },
    { "18443010B2B2B2B200", "OAK Camera B2B2B2, In use, usb:1.4", "Close that program" },
    { "18443010C3C3C3C300",
      "OAK Camera C3C3C3, No permission, usb:1.5",
      "udevadm control --reload" },
    { "18443010D4D4D4D400", "OAK Camera D4D4D4, Busy, usb:1.6", "tried again by itself" },
  };
  UsbCamera *camera = NULL;

  fixture_add_camera (self, "18443010A1A1A1A100", "1", OAK_DEVICE_STATE_UNBOOTED);
  fixture_add_camera (self, MXID_A, "2", OAK_DEVICE_STATE_BOOTLOADER);
  fixture_add_camera (self, MXID_B, "3", OAK_DEVICE_STATE_FLASH_BOOTED);
  fixture_add_camera (self, "18443010B2B2B2B200", "4", OAK_DEVICE_STATE_BOOTED);
  camera = fixture_add_camera (self, "18443010C3C3C3C300", "5", OAK_DEVICE_STATE_BOOTLOADER);
  usb_camera_set_access (camera, FALSE);
  fixture_add_busy_camera (self, "18443010D4D4D4D400", "6");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    fixture_await_row (self, rows[i].label);
    fixture_select (self, rows[i].select);
    g_assert_true (test_says (fixture_get_page (self), rows[i].words));
    g_assert_true (test_says (fixture_get_page (self), "USB 2, 480 Mbit/s"));
    test_shot (rows[i].select);
  }
}

static void
text_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  char **text = user_data;

  *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
}

static gboolean
text_is_read (gpointer text)
{
  return *(char **) text != NULL;
}

/* Nobody presses anything: the camera becomes usable when its rights come. */
static void
test_permission_is_explained_until_it_comes (Fixture *self, gconstpointer unused)
{
  UsbCamera *camera = fixture_add_camera (self, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_autofree char *script = oak_usb_rule_get_script ();
  g_autofree char *copied = NULL;
  GtkWidget *button = NULL;

  usb_camera_set_access (camera, FALSE);
  fixture_await_row (self, "OAK Camera 234567, No permission, usb:1.1");
  g_assert_nonnull (test_find_type (fixture_get_page (self), FLASHER_TYPE_RULE_CARD));
  button = test_find_button (fixture_get_page (self), "Factory _Reset…");
  g_assert_false (gtk_widget_is_sensitive (button));
  g_assert_true (test_says (fixture_get_page (self), "You have no permission"));

  g_signal_emit_by_name (test_find_button (fixture_get_page (self), "_Copy Lines"), "clicked");
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (button), NULL, text_read_cb, &copied);
  test_wait (text_is_read, &copied, 30);
  g_assert_cmpstr (copied, ==, script);
  g_assert_true (test_says (fixture_get_page (self), "Copied"));

  usb_camera_set_access (camera, TRUE);
  fixture_await_row (self, "OAK Camera 234567, Ready, usb:1.1");
  g_assert_null (test_find_type (fixture_get_page (self), FLASHER_TYPE_RULE_CARD));
  g_assert_true (gtk_widget_is_sensitive (button));
}

static void
test_a_busy_camera_is_tried_again (Fixture *self, gconstpointer unused)
{
  UsbCamera *camera = fixture_add_busy_camera (self, MXID_A, "1");

  fixture_await_row (self, "OAK Camera 234567, Busy, usb:1.1");
  usb_camera_set_busy (camera, FALSE);
  fixture_await_row (self, "OAK Camera 234567, Ready, usb:1.1");
}

static void
test_a_slow_cable_is_noticed (Fixture *self, gconstpointer unused)
{
  UsbCameraOptions options;

  usb_camera_options_init (&options);
  options.mxid = MXID_A;
  options.super_speed = TRUE;
  options.is_held_back = TRUE;
  usb_bed_add_camera (self->bed, &options);
  fixture_await_row (self, "OAK Camera 234567, Ready, usb:1.1");
  g_assert_true (test_says (fixture_get_page (self), "USB 2, 480 Mbit/s"));
  g_assert_true (test_says (fixture_get_page (self), "use a USB 3 cable"));
  test_shot ("slow");

  options.mxid = MXID_B;
  options.ports = "2";
  options.is_held_back = FALSE;
  usb_bed_add_camera (self->bed, &options);
  fixture_await_row (self, "OAK Camera C3765B, Ready, usb:2.2");
  fixture_select (self, MXID_B);
  g_assert_true (test_says (fixture_get_page (self), "USB 3, 5 Gbit/s"));
  g_assert_false (test_says (fixture_get_page (self), "use a USB 3 cable"));
}

static void
test_unplugging_is_said (Fixture *self, gconstpointer unused)
{
  UsbCamera *camera = fixture_add_camera (self, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);

  fixture_await_row (self, "OAK Camera 234567, Ready, usb:1.1");
  usb_camera_unplug (camera);
  fixture_await_row (self, "OAK Camera 234567, Not plugged in, usb:1.1");
  fixture_await_words (self, "cable was pulled");
  usb_camera_plug (camera);
  fixture_await_row (self, "OAK Camera 234567, Ready, usb:1.1");
}

/* --- the type of an unbooted camera --- */

static GtkWidget *
fixture_ask_for_reset (Fixture *self, const char *camera)
{
  OakDevice *device = oak_discovery_find (self->discovery, camera, NULL);
  g_auto (OakFlashWish) wish;
  FlasherConfirmDialog *dialog = NULL;

  oak_flash_wish_init (&wish, OAK_OPERATION_FACTORY_RESET);
  wish.bootloader_image =
      usb_make_image (OAK_BOOTLOADER_TYPE_USB, OAK_VERSION (0, 0, 29), IMAGE_SIZE);
  wish.bootloader_name = g_strdup ("usb.img");
  wish.made_up_image_ok = TRUE;
  dialog = flasher_confirm_dialog_new (GTK_WINDOW (self->window),
                                       "Camera",
                                       NULL,
                                       oak_device_get_info (device),
                                       &wish,
                                       OAK_NETWORK_SCOPE_ANY);
  flasher_confirm_dialog_begin (dialog, FALSE);
  return GTK_WIDGET (dialog);
}

static gboolean
is_check_button (GtkWidget *widget, gconstpointer label)
{
  return GTK_IS_CHECK_BUTTON (widget) &&
         strstr (gtk_check_button_get_label (GTK_CHECK_BUTTON (widget)), label) != NULL;
}

static gboolean
plan_is_shown (gpointer dialog)
{
  return test_find_button (dialog, "_Reset Device") != NULL;
}

static void
assert_nothing_is_chosen (GtkWidget *dialog)
{
  g_assert_false (gtk_widget_is_sensitive (test_find_button (dialog, "_Continue")));
  g_assert_false (gtk_check_button_get_active (
      GTK_CHECK_BUTTON (test_find (dialog, is_check_button, "USB camera"))));
  g_assert_false (gtk_check_button_get_active (
      GTK_CHECK_BUTTON (test_find (dialog, is_check_button, "Network camera"))));
}

static void
store_error (GError **stored, const GError *error)
{
  *stored = g_error_copy (error);
}

static gboolean
error_is_stored (gpointer stored)
{
  return *(GError **) stored != NULL;
}

static void
test_the_type_is_asked_for (Fixture *self, gconstpointer unused)
{
  UsbCamera *camera = fixture_add_camera (self, MXID_A, "1", OAK_DEVICE_STATE_UNBOOTED);
  GtkWidget *dialog = NULL;
  GtkWidget *entry = NULL;

  fixture_await_row (self, "Camera at usb:1.1, Waits for a bootloader, usb:1.1");
  dialog = fixture_ask_for_reset (self, "usb:1.1");
  g_assert_true (test_says (dialog, "Which Type of Camera Is It?"));
  assert_nothing_is_chosen (dialog);
  test_shot ("type");
  g_assert_true (usb_camera_wait_for_state (camera, OAK_DEVICE_STATE_UNBOOTED));

  gtk_check_button_set_active (GTK_CHECK_BUTTON (test_find (dialog, is_check_button, "USB camera")),
                               TRUE);
  g_signal_emit_by_name (test_find_button (dialog, "_Continue"), "clicked");
  test_wait (plan_is_shown, dialog, 60);
  g_assert_true (test_says (dialog, MXID_A));
  entry = test_find_type (dialog, GTK_TYPE_ENTRY);
  g_assert_false (gtk_widget_is_sensitive (test_find_button (dialog, "_Reset Device")));
  gtk_editable_set_text (GTK_EDITABLE (entry), "234567");
  g_assert_true (gtk_widget_is_sensitive (test_find_button (dialog, "_Reset Device")));
  gtk_widget_activate_action (dialog, "dialog.cancel", NULL);
  fixture_await_row (self, "OAK Camera 234567, Waits for a bootloader, usb:1.1");
}

/* The image says what it is, and a choice that contradicts it goes no further. */
static void
test_the_wrong_type_is_refused (Fixture *self, gconstpointer unused)
{
  UsbCamera *camera = fixture_add_camera (self, MXID_A, "1", OAK_DEVICE_STATE_UNBOOTED);
  g_autoptr (GError) error = NULL;
  GtkWidget *dialog = NULL;
  UsbCameraStats stats;

  fixture_await_row (self, "Camera at usb:1.1, Waits for a bootloader, usb:1.1");
  dialog = fixture_ask_for_reset (self, "usb:1.1");
  g_signal_connect_swapped (dialog, "failed", G_CALLBACK (store_error), &error);
  gtk_check_button_set_active (
      GTK_CHECK_BUTTON (test_find (dialog, is_check_button, "Network camera")),
      TRUE);
  g_signal_emit_by_name (test_find_button (dialog, "_Continue"), "clicked");
  test_wait (error_is_stored, &error, 60);
  g_assert_nonnull (strstr (error->message, "network was chosen"));
  usb_camera_get_stats (camera, &stats);
  g_assert_cmpuint (stats.writes, ==, 0);
}

static void
refuse_error (gpointer unused, const GError *error)
{
  g_error ("no plan: %s", error->message);
}

static gboolean
type_is_asked_for (gpointer dialog)
{
  return test_says (dialog, "Which Type of Camera Is It?");
}

static gboolean
has_restarted (gpointer camera)
{
  UsbCameraStats stats;

  usb_camera_get_stats (camera, &stats);
  return stats.resets > 0;
}

/* What runs in it was started by this program once, perhaps before it was started anew: the type
 * that it tells is that of the image. */
static void
test_the_type_of_an_own_image_is_not_believed (Fixture *self, gconstpointer unused)
{
  OakUsbMark mark = { 0 };
  UsbCamera *camera = fixture_add_camera (self, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (GError) error = NULL;
  GtkWidget *dialog = NULL;

  oak_usb_mark_save (MXID_A, &mark, &error);
  g_assert_no_error (error);
  fixture_await_row (self, "OAK Camera 234567, Ready, usb:1.1");
  dialog = fixture_ask_for_reset (self, MXID_A);
  g_signal_connect_swapped (dialog, "failed", G_CALLBACK (refuse_error), NULL);
  g_assert_false (type_is_asked_for (dialog));
  test_wait (type_is_asked_for, dialog, 60);
  assert_nothing_is_chosen (dialog);
  /* It restarts after the first attempt, and nobody chooses as quickly as that. */
  test_wait (has_restarted, camera, 60);
  g_assert_true (usb_camera_wait_for_state (camera, OAK_DEVICE_STATE_BOOTLOADER));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (test_find (dialog, is_check_button, "USB camera")),
                               TRUE);
  g_signal_emit_by_name (test_find_button (dialog, "_Continue"), "clicked");
  test_wait (plan_is_shown, dialog, 60);
  gtk_widget_activate_action (dialog, "dialog.cancel", NULL);
  oak_usb_mark_remove (MXID_A);
}

static void
test_a_camera_that_can_say_its_type_is_not_asked (Fixture *self, gconstpointer unused)
{
  GtkWidget *dialog = NULL;

  fixture_add_camera (self, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  fixture_await_row (self, "OAK Camera 234567, Ready, usb:1.1");
  dialog = fixture_ask_for_reset (self, MXID_A);
  g_assert_false (test_says (dialog, "Which Type of Camera Is It?"));
  test_wait (plan_is_shown, dialog, 60);
  gtk_widget_activate_action (dialog, "dialog.cancel", NULL);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("oak-usb-app-XXXXXX", NULL);

  g_setenv ("XDG_STATE_HOME", folder, TRUE);
  gtk_test_init (&argc, &argv, NULL);
  flasher_application_load_resources ();
  flasher_application_load_style (gdk_display_get_default ());
#define ADD(name, function)                                                                        \
  g_test_add ("/app/usb/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("every-state-is-said-with-its-remedy", test_every_state_is_said_with_its_remedy);
  ADD ("permission-is-explained-until-it-comes", test_permission_is_explained_until_it_comes);
  ADD ("a-busy-camera-is-tried-again", test_a_busy_camera_is_tried_again);
  ADD ("a-slow-cable-is-noticed", test_a_slow_cable_is_noticed);
  ADD ("unplugging-is-said", test_unplugging_is_said);
  ADD ("the-type-of-an-unbooted-camera-is-asked-for", test_the_type_is_asked_for);
  ADD ("the-wrong-type-is-refused", test_the_wrong_type_is_refused);
  ADD ("the-type-of-an-own-image-is-not-believed", test_the_type_of_an_own_image_is_not_believed);
  ADD ("a-camera-that-can-say-its-type-is-not-asked",
       test_a_camera_that_can_say_its_type_is_not_asked);
#undef ADD
  return g_test_run ();
}
