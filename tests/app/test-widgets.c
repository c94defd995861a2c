/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>

#include "app-support.h"
#include "flasher-action-row.h"
#include "flasher-application.h"
#include "flasher-clamp.h"
#include "flasher-confirm-dialog.h"
#include "flasher-details-card.h"
#include "flasher-device-list.h"
#include "flasher-device-page.h"
#include "flasher-device-row.h"
#include "flasher-empty-page.h"
#include "flasher-phases.h"
#include "flasher-result-page.h"
#include "flasher-text.h"
#include "oak-error.h"

/* The window's parts, one by one, in this process. No network. */

/* Puts @child into a window of its own. Returns: (transfer none): destroy it at the end. */
static GtkWidget *
show_in_window (GtkWidget *child)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 800, 900);
  gtk_window_set_child (GTK_WINDOW (window), child);
  gtk_window_present (GTK_WINDOW (window));
  gtk_test_widget_wait_for_draw (window);
  return window;
}

static void
destroy_window (GtkWidget *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
  test_settle ();
}

static void
test_row_follows_its_camera (void)
{
  g_autoptr (OakDevice) device =
      test_device_new (TEST_MXID, TEST_ADDRESS, OAK_DEVICE_STATE_BOOTLOADER);
  FlasherDeviceRow *row = g_object_ref_sink (flasher_device_row_new ());
  g_autofree char *ready = NULL;
  g_autofree char *running = NULL;
  g_autofree char *busy = NULL;

  flasher_device_row_set_device (row, device);
  ready = flasher_device_row_to_label (row);
  g_assert_cmpstr (ready, ==, "OAK Camera 75CB0F, Ready, 127.0.0.2");
  test_device_change (device, OAK_DEVICE_STATE_FLASH_BOOTED, OAK_PRESENCE_ANSWERING, FALSE, 0);
  running = flasher_device_row_to_label (row);
  g_assert_cmpstr (running, ==, "OAK Camera 75CB0F, Application running, 127.0.0.2");
  flasher_device_row_set_busy (row, TRUE);
  busy = flasher_device_row_to_label (row);
  g_assert_cmpstr (busy, ==, "OAK Camera 75CB0F, Working, 127.0.0.2");
  g_object_unref (row);
}

static void
test_selection_follows_its_camera (void)
{
  g_autoptr (GListStore) store = g_list_store_new (OAK_TYPE_DEVICE);
  FlasherDeviceList *list = g_object_ref_sink (g_object_new (FLASHER_TYPE_DEVICE_LIST, NULL));
  OakDevice *devices[3];

  for (guint i = 0; i < 3; i++) {
    g_autofree char *mxid = g_strdup_printf ("1844301021AAAA%02X00", i);
    g_autofree char *address = g_strdup_printf ("127.0.0.%u", i + 2);

    devices[i] = test_device_new (mxid, address, OAK_DEVICE_STATE_BOOTLOADER);
    g_list_store_append (store, devices[i]);
    g_object_unref (devices[i]);
  }
  flasher_device_list_set_model (list, G_LIST_MODEL (store));
  g_assert_null (flasher_device_list_get_selected (list));
  g_assert_true (flasher_device_list_select (list, devices[1]));
  g_list_store_remove (store, 0);
  g_assert_true (flasher_device_list_get_selected (list) == devices[1]);
  g_list_store_insert (store, 0, devices[2]);
  g_assert_true (flasher_device_list_get_selected (list) == devices[1]);
  g_object_unref (list);
}

typedef struct {
  const char *name;
  OakDeviceState state;
  OakPresence presence;
  gboolean conflict;
  guint platform;
} Situation;

static const Situation situations[] = {
  { "bootloader", OAK_DEVICE_STATE_BOOTLOADER, OAK_PRESENCE_ANSWERING, FALSE, 0 },
  { "flash-booted", OAK_DEVICE_STATE_FLASH_BOOTED, OAK_PRESENCE_ANSWERING, FALSE, 0 },
  { "booted", OAK_DEVICE_STATE_BOOTED, OAK_PRESENCE_ANSWERING, FALSE, 0 },
  { "unbooted", OAK_DEVICE_STATE_UNBOOTED, OAK_PRESENCE_ANSWERING, FALSE, 0 },
  { "unknown", OAK_DEVICE_STATE_UNKNOWN, OAK_PRESENCE_ANSWERING, FALSE, 0 },
  { "missing", OAK_DEVICE_STATE_BOOTLOADER, OAK_PRESENCE_MISSING, FALSE, 0 },
  { "no-answer", OAK_DEVICE_STATE_UNKNOWN, OAK_PRESENCE_NO_ANSWER, FALSE, 0 },
  { "conflict", OAK_DEVICE_STATE_BOOTLOADER, OAK_PRESENCE_ANSWERING, TRUE, 0 },
  { "unsupported", OAK_DEVICE_STATE_BOOTLOADER, OAK_PRESENCE_ANSWERING, FALSE, 4 },
};

static const struct {
  const char *label;
  OakOperation operation;
} buttons[] = {
  { "_Flash Application…", OAK_OPERATION_FLASH_APPLICATION },
  { "_Clear Application…", OAK_OPERATION_CLEAR_APPLICATION },
  { "Factory _Reset…", OAK_OPERATION_FACTORY_RESET },
  { "Read _Details", OAK_OPERATION_READ_DETAILS },
};

static void
assert_buttons (FlasherDevicePage *page, const FlasherSituation *situation)
{
  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++) {
    const char *reason = flasher_why_not (buttons[i].operation, situation);
    GtkWidget *button = test_find_button (GTK_WIDGET (page), buttons[i].label);
    GtkWidget *row = NULL;

    g_assert_nonnull (button);
    row = gtk_widget_get_ancestor (button, FLASHER_TYPE_ACTION_ROW);
    g_assert_true (gtk_widget_is_sensitive (button) == (reason == NULL));
    if (reason != NULL)
      g_assert_cmpstr (flasher_action_row_get_text (FLASHER_ACTION_ROW (row)), ==, reason);
  }
}

static void
test_insensitive_buttons_say_why (gconstpointer data)
{
  const Situation *row = data;
  g_autoptr (OakDevice) device = test_device_new (TEST_MXID, TEST_ADDRESS, row->state);
  g_autoptr (FlasherBundle) bundle = flasher_bundle_new ();
  FlasherDevicePage *page = g_object_new (FLASHER_TYPE_DEVICE_PAGE, NULL);
  GtkWidget *window = NULL;
  FlasherSituation situation;

  flasher_device_page_set_bundle (page, bundle, FALSE);
  flasher_device_page_set_device (page, device);
  window = show_in_window (GTK_WIDGET (page));
  test_device_change (device, row->state, row->presence, row->conflict, row->platform);
  flasher_situation_init (&situation, device);
  assert_buttons (page, &situation);
  g_assert_true (test_says (GTK_WIDGET (page), flasher_describe_state (&situation)));
  g_assert_true (test_says (GTK_WIDGET (page), flasher_explain_state (&situation)));
  flasher_device_page_set_busy (page, TRUE);
  situation.busy = TRUE;
  assert_buttons (page, &situation);
  destroy_window (window);
}

static gboolean
bundle_is_loaded (gpointer bundle)
{
  return !flasher_bundle_get_loading (FLASHER_BUNDLE (bundle));
}

static void
test_good_package_enables_flashing (void)
{
  g_autoptr (OakDevice) device =
      test_device_new (TEST_MXID, TEST_ADDRESS, OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (FlasherBundle) bundle = flasher_bundle_new ();
  FlasherDevicePage *page = g_object_new (FLASHER_TYPE_DEVICE_PAGE, NULL);
  GtkWidget *window = NULL;
  GtkWidget *button = NULL;
  g_autofree char *good =
      g_build_filename (g_getenv ("OAK_TEST_DATA"), "daps", "script-spi.dap", NULL);
  g_autoptr (GFile) good_file = g_file_new_for_path (good);
  g_autoptr (GFile) bad_file = g_file_new_for_path (g_getenv ("OAK_TEST_DATA"));

  flasher_device_page_set_bundle (page, bundle, FALSE);
  flasher_device_page_set_device (page, device);
  window = show_in_window (GTK_WIDGET (page));
  button = test_find_button (GTK_WIDGET (page), "_Flash Application…");
  g_assert_false (gtk_widget_is_sensitive (button));
  flasher_bundle_load (bundle, good_file);
  test_wait (bundle_is_loaded, bundle, 30);
  g_assert_true (gtk_widget_is_sensitive (button));
  g_assert_true (test_says (GTK_WIDGET (page), "script-spi.dap"));
  flasher_bundle_load (bundle, bad_file);
  test_wait (bundle_is_loaded, bundle, 30);
  g_assert_false (gtk_widget_is_sensitive (button));
  g_assert_nonnull (flasher_bundle_get_error (bundle));
  g_assert_true (test_says (GTK_WIDGET (page), flasher_bundle_get_error (bundle)));
  destroy_window (window);
}

/* --- the confirmation --- */

static FlasherConfirmDialog *
show_confirmation (GtkWidget *parent, OakOperation operation)
{
  g_autoptr (OakFlashPlan) plan = test_plan_new (operation);
  g_autoptr (OakDeviceFacts) facts = test_facts_new ();
  g_auto (OakFlashWish) wish;
  FlasherConfirmDialog *dialog = NULL;

  oak_flash_wish_init (&wish, operation);
  dialog = flasher_confirm_dialog_new (GTK_WINDOW (parent),
                                       "OAK 75CB0F at 127.0.0.2",
                                       TEST_SHORT_ID,
                                       facts->info,
                                       &wish,
                                       OAK_NETWORK_SCOPE_LOOPBACK);
  flasher_confirm_dialog_show_plan (dialog, plan, TEST_MXID);
  gtk_window_present (GTK_WINDOW (dialog));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (dialog));
  return dialog;
}

static void
test_cancel_is_default_and_focused (void)
{
  GtkWidget *parent = show_in_window (gtk_label_new (NULL));
  FlasherConfirmDialog *dialog = show_confirmation (parent, OAK_OPERATION_FLASH_APPLICATION);
  GtkWidget *cancel = test_find_button (GTK_WIDGET (dialog), "_Cancel");
  GtkWidget *accept = test_find_button (GTK_WIDGET (dialog), "_Flash");

  g_assert_nonnull (cancel);
  g_assert_nonnull (accept);
  g_assert_true (gtk_window_get_default_widget (GTK_WINDOW (dialog)) == cancel);
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (dialog)) == cancel);
  g_assert_true (gtk_widget_is_sensitive (accept));
  g_assert_true (test_says (GTK_WIDGET (dialog), "75CB0F at 127.0.0.2"));
  g_assert_true (test_says (GTK_WIDGET (dialog), TEST_MXID));
  gtk_window_destroy (GTK_WINDOW (dialog));
  destroy_window (parent);
}

/* The steps of the plan as it describes them itself, all of them and in order. */
static void
test_shows_every_step (void)
{
  static const OakOperation operations[] = { OAK_OPERATION_FLASH_APPLICATION,
                                             OAK_OPERATION_CLEAR_APPLICATION,
                                             OAK_OPERATION_FACTORY_RESET };

  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++) {
    g_autoptr (OakFlashPlan) plan = test_plan_new (operations[i]);
    GtkWidget *parent = show_in_window (gtk_label_new (NULL));
    FlasherConfirmDialog *dialog = show_confirmation (parent, operations[i]);
    GtkWidget *expander = test_find_type (GTK_WIDGET (dialog), GTK_TYPE_EXPANDER);

    g_assert_nonnull (expander);
    gtk_expander_set_expanded (GTK_EXPANDER (expander), TRUE);
    for (guint step = 0; step < oak_flash_plan_get_n_steps (plan); step++) {
      g_autofree char *words = oak_flash_plan_describe_step (plan, step);
      g_autofree char *line = g_strdup_printf ("%u. %s", step + 1, words);

      g_assert_true (test_says (GTK_WIDGET (dialog), line));
    }
    gtk_window_destroy (GTK_WINDOW (dialog));
    destroy_window (parent);
  }
}

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_cancel_dismisses_without_a_word (void)
{
  GtkWidget *parent = show_in_window (gtk_label_new (NULL));
  FlasherConfirmDialog *dialog = show_confirmation (parent, OAK_OPERATION_FLASH_APPLICATION);
  guint dismissed = 0;
  guint confirmed = 0;

  g_signal_connect_swapped (dialog, "dismissed", G_CALLBACK (count_cb), &dismissed);
  g_signal_connect_swapped (dialog, "confirmed", G_CALLBACK (count_cb), &confirmed);
  gtk_widget_activate_action (GTK_WIDGET (dialog), "dialog.cancel", NULL);
  g_assert_cmpuint (dismissed, ==, 1);
  g_assert_cmpuint (confirmed, ==, 0);
  destroy_window (parent);
}

static void
test_reset_needs_the_typed_id (void)
{
  static const struct {
    const char *typed;
    gboolean good;
  } rows[] = {
    { "", FALSE },        { "75CB0", FALSE }, { "75CB0E", FALSE },
    { "75CB0F", TRUE },   { "75cb0f", TRUE }, { "184430102175CB0F00", TRUE },
    { "75CB0F ", FALSE },
  };
  GtkWidget *parent = show_in_window (gtk_label_new (NULL));
  FlasherConfirmDialog *dialog = show_confirmation (parent, OAK_OPERATION_FACTORY_RESET);
  GtkWidget *accept = test_find_button (GTK_WIDGET (dialog), "_Reset Device");
  GtkWidget *entry = test_find_type (GTK_WIDGET (dialog), GTK_TYPE_ENTRY);

  g_assert_false (gtk_widget_is_sensitive (accept));
  g_assert_true (gtk_widget_has_css_class (accept, "destructive-action"));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    gtk_editable_set_text (GTK_EDITABLE (entry), rows[i].typed);
    g_test_message ("typed “%s”", rows[i].typed);
    g_assert_true (gtk_widget_is_sensitive (accept) == rows[i].good);
  }
  gtk_window_destroy (GTK_WINDOW (dialog));
  destroy_window (parent);
}

/* --- endings --- */

static gboolean
is_part (GtkWidget *widget, gconstpointer heading)
{
  return GTK_IS_LABEL (widget) && g_strcmp0 (gtk_label_get_text (GTK_LABEL (widget)), heading) == 0;
}

static void
assert_four_parts (GtkWidget *page)
{
  static const char *const headings[] = { "What happened",
                                          "Likely cause",
                                          "What to do",
                                          "The camera now" };

  for (guint i = 0; i < G_N_ELEMENTS (headings); i++) {
    GtkWidget *heading = test_find (page, is_part, headings[i]);
    GtkWidget *text = NULL;

    g_assert_nonnull (heading);
    text = gtk_widget_get_next_sibling (heading);
    g_assert_true (GTK_IS_LABEL (text));
    g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (text)), !=, "");
    g_assert_false (gtk_label_get_use_markup (GTK_LABEL (text)));
  }
}

static void
test_error_has_four_parts (gconstpointer data)
{
  OakError code = GPOINTER_TO_INT (data);
  FlasherResultPage *page = g_object_new (FLASHER_TYPE_RESULT_PAGE, NULL);
  GtkWidget *window = show_in_window (GTK_WIDGET (page));

  for (int operation = 0; operation < OAK_OPERATION_N; operation++)
    for (int remains = OAK_REMAINS_UNCHANGED; remains <= OAK_REMAINS_WRITTEN; remains++) {
      g_autoptr (GError) error =
          g_error_new_literal (OAK_ERROR, (int) code, "the <b>camera</b> said & did");
      g_autofree char *text = NULL;

      flasher_result_page_show_error (page,
                                      operation,
                                      error,
                                      remains,
                                      remains != OAK_REMAINS_UNCHANGED,
                                      "OAK 75CB0F");
      g_assert_cmpint (flasher_result_page_get_ending (page), ==, FLASHER_ENDING_FAILURE);
      g_assert_cmpstr (flasher_result_page_get_title (page), !=, "");
      assert_four_parts (GTK_WIDGET (page));
      g_assert_true (test_is_visible (flasher_result_page_get_again_button (page)));
      text = flasher_result_page_to_text (page);
      g_assert_nonnull (strstr (text, "<b>camera</b>"));
    }
  destroy_window (window);
}

static void
test_cancelled_is_no_failure (void)
{
  FlasherResultPage *page = g_object_new (FLASHER_TYPE_RESULT_PAGE, NULL);
  GtkWidget *window = show_in_window (GTK_WIDGET (page));
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");

  flasher_result_page_show_error (page,
                                  OAK_OPERATION_FLASH_APPLICATION,
                                  error,
                                  OAK_REMAINS_NO_APPLICATION,
                                  TRUE,
                                  "OAK 75CB0F");
  g_assert_cmpint (flasher_result_page_get_ending (page), ==, FLASHER_ENDING_STOPPED);
  assert_four_parts (GTK_WIDGET (page));
  destroy_window (window);
}

static guint
count_labels_with (GtkWidget *widget, const char *text)
{
  guint n = 0;

  if (!gtk_widget_get_visible (widget))
    return 0;
  if (GTK_IS_LABEL (widget)) {
    g_autofree char *folded = g_utf8_casefold (gtk_label_get_text (GTK_LABEL (widget)), -1);

    return strstr (folded, text) != NULL ? 1 : 0;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_labels_with (child, text);
  return n;
}

/* Also where the next thing to know is just that. */
static void
test_unplugging_is_said_once (void)
{
  static const struct {
    OakOutcome outcome;
    OakOperation operation;
    const char *next;
  } rows[] = {
    { OAK_OUTCOME_CONFIRMED, OAK_OPERATION_FACTORY_RESET, "It is safe to unplug the camera." },
    { OAK_OUTCOME_CONFIRMED, OAK_OPERATION_FLASH_APPLICATION, "It is safe to unplug the camera." },
    { OAK_OUTCOME_CONFIRMED, OAK_OPERATION_FACTORY_RESET, "The camera now asks the network." },
    { OAK_OUTCOME_START_NOT_OBSERVED,
      OAK_OPERATION_FLASH_APPLICATION,
      "The application should start soon. It is safe to unplug the camera." },
  };
  FlasherResultPage *page = g_object_new (FLASHER_TYPE_RESULT_PAGE, NULL);
  GtkWidget *window = show_in_window (GTK_WIDGET (page));

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    OakFlashResult result = { .outcome = rows[i].outcome, .next = (char *) rows[i].next };

    flasher_result_page_show_result (page, rows[i].operation, &result, "OAK 75CB0F");
    g_assert_true (test_says (GTK_WIDGET (page), rows[i].next));
    g_assert_cmpuint (count_labels_with (GTK_WIDGET (page), "safe to unplug"), ==, 1);
  }
  destroy_window (window);
}

static void
test_only_proof_is_success (void)
{
  static const FlasherEnding endings[] = {
    [OAK_OUTCOME_CONFIRMED] = FLASHER_ENDING_SUCCESS,
    [OAK_OUTCOME_START_NOT_OBSERVED] = FLASHER_ENDING_NOT_CONFIRMED,
    [OAK_OUTCOME_NOT_CONFIRMED] = FLASHER_ENDING_NOT_CONFIRMED,
  };
  FlasherResultPage *page = g_object_new (FLASHER_TYPE_RESULT_PAGE, NULL);
  GtkWidget *window = show_in_window (GTK_WIDGET (page));
  char *evidence[] = { (char *) "1.0 MiB were read back <and> are equal.", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    OakFlashResult result = { .outcome = i, .evidence = evidence };

    flasher_result_page_show_result (page, OAK_OPERATION_FLASH_APPLICATION, &result, "OAK 75CB0F");
    g_assert_cmpint (flasher_result_page_get_ending (page), ==, endings[i]);
    g_assert_true (test_says (GTK_WIDGET (page), evidence[0]));
    g_assert_true ((g_strcmp0 (flasher_result_page_get_title (page), "Application Installed") ==
                    0) == (i == OAK_OUTCOME_CONFIRMED));
    g_assert_true (test_says (GTK_WIDGET (page), "Safe to unplug") ==
                   (i != OAK_OUTCOME_NOT_CONFIRMED));
  }
  destroy_window (window);
}

/* --- phases, details, remedies --- */

static void
test_phases_follow_the_plan (void)
{
  g_autoptr (OakFlashPlan) plan = test_plan_new (OAK_OPERATION_FLASH_APPLICATION);
  FlasherPhases *phases = g_object_ref_sink (g_object_new (FLASHER_TYPE_PHASES, NULL));
  int n_steps = (int) oak_flash_plan_get_n_steps (plan);
  OakStage stages[OAK_STAGE_N];
  guint n = flasher_phases_list_stages (plan, stages, NULL);

  g_assert_cmpuint (n, >, 3);
  g_assert_cmpint (stages[0], ==, OAK_STAGE_CONNECTING);
  g_assert_cmpint (stages[n - 1], ==, OAK_STAGE_CHECKING);
  flasher_phases_set_plan (phases, plan);
  flasher_phases_update (phases, OAK_STAGE_CONNECTING, -1);
  g_assert_cmpint (flasher_phases_get_mark (phases, OAK_STAGE_CONNECTING), ==, FLASHER_MARK_ACTIVE);
  flasher_phases_update (phases, OAK_STAGE_WRITING, 0);
  g_assert_cmpint (flasher_phases_get_mark (phases, OAK_STAGE_CONNECTING), ==, FLASHER_MARK_DONE);
  g_assert_cmpint (flasher_phases_get_mark (phases, OAK_STAGE_WRITING), ==, FLASHER_MARK_ACTIVE);
  g_assert_cmpint (flasher_phases_get_mark (phases, OAK_STAGE_VERIFYING), ==, FLASHER_MARK_PENDING);
  flasher_phases_update (phases, OAK_STAGE_CHECKING, n_steps - 1);
  for (guint i = 0; i + 1 < n; i++)
    g_assert_cmpint (flasher_phases_get_mark (phases, stages[i]), ==, FLASHER_MARK_DONE);
  g_object_unref (phases);
}

static void
test_words_of_cameras_are_no_markup (void)
{
  g_autoptr (OakDeviceFacts) facts = test_facts_new ();
  FlasherDetailsCard *card = g_object_ref_sink (g_object_new (FLASHER_TYPE_DETAILS_CARD, NULL));
  g_autofree char *text = NULL;

  facts->flash.application_present = TRUE;
  facts->flash.application_name = g_strdup ("<b>bold</b> & <broken");
  flasher_details_card_set_identity (card, "<i>id</i>", "127.0.0.2", "Network");
  flasher_details_card_set_facts (card, facts);
  g_assert_true (test_says (GTK_WIDGET (card), "<b>bold</b> & <broken"));
  g_assert_true (test_says (GTK_WIDGET (card), "<i>id</i>"));
  text = flasher_details_card_to_text (card);
  g_assert_nonnull (strstr (text, "Installed application: <b>bold</b> & <broken, in flash"));
  g_object_unref (card);
}

static void
test_remedies_know_the_own_addresses (void)
{
  const char *const without[] = { "eth0 192.168.1.5/24", NULL };
  const char *const with[] = { "eth0 192.168.1.5/24", "eth0 169.254.3.4/16", NULL };
  FlasherEmptyPage *page = g_object_ref_sink (g_object_new (FLASHER_TYPE_EMPTY_PAGE, NULL));

  g_assert_false (flasher_has_link_local (NULL));
  g_assert_false (flasher_has_link_local (without));
  g_assert_true (flasher_has_link_local (with));
  flasher_empty_page_set_network (page, without, NULL);
  g_assert_true (test_says (GTK_WIDGET (page), "eth0 192.168.1.5/24"));
  g_assert_true (test_says (GTK_WIDGET (page), "has none that begins with 169.254"));
  flasher_empty_page_set_network (page, with, "no network");
  g_assert_true (test_says (GTK_WIDGET (page), "has an address that begins with 169.254"));
  g_assert_true (test_says (GTK_WIDGET (page), "no network"));
  g_object_unref (page);
}

static gboolean
clamp_is_narrow (gpointer clamp)
{
  return flasher_clamp_get_narrow (FLASHER_CLAMP (clamp));
}

static gboolean
clamp_is_wide (gpointer clamp)
{
  return !clamp_is_narrow (clamp);
}

static void
test_clamp_turns_narrow_and_back (void)
{
  FlasherClamp *clamp = g_object_new (FLASHER_TYPE_CLAMP,
                                      "maximum-width",
                                      500,
                                      "narrow-below",
                                      400,
                                      "child",
                                      gtk_label_new ("x"),
                                      NULL);
  GtkWidget *window = show_in_window (GTK_WIDGET (clamp));

  g_assert_cmpint (gtk_widget_get_width (flasher_clamp_get_child (clamp)), ==, 500);
  g_assert_false (flasher_clamp_get_narrow (clamp));
  gtk_window_set_default_size (GTK_WINDOW (window), 320, 300);
  test_wait (clamp_is_narrow, clamp, 30);
  gtk_window_set_default_size (GTK_WINDOW (window), 700, 300);
  test_wait (clamp_is_wide, clamp, 30);
  destroy_window (window);
}

/* Text that is wrapped at the maximum width is as high as that, also when nobody says how wide. */
static void
test_clamp_knows_the_height_of_wrapped_text (void)
{
  GtkWidget *label = gtk_label_new ("many words that are wrapped again and again, and once more");
  FlasherClamp *clamp = g_object_ref_sink (
      g_object_new (FLASHER_TYPE_CLAMP, "maximum-width", 120, "child", label, NULL));
  int any_width = 0;
  int great_width = 0;
  int unlimited = 0;

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_measure (GTK_WIDGET (clamp),
                      GTK_ORIENTATION_VERTICAL,
                      -1,
                      &any_width,
                      NULL,
                      NULL,
                      NULL);
  gtk_widget_measure (GTK_WIDGET (clamp),
                      GTK_ORIENTATION_VERTICAL,
                      1 << 20,
                      &great_width,
                      NULL,
                      NULL,
                      NULL);
  gtk_widget_measure (label, GTK_ORIENTATION_VERTICAL, -1, &unlimited, NULL, NULL, NULL);
  g_assert_cmpint (any_width, ==, great_width);
  g_assert_cmpint (any_width, >, unlimited);
  g_object_unref (clamp);
}

static void
add_tests_with_data (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (situations); i++) {
    g_autofree char *path =
        g_strdup_printf ("/app/page/insensitive-buttons-say-why/%s", situations[i].name);

    g_test_add_data_func (path, &situations[i], test_insensitive_buttons_say_why);
  }
  for (int code = 0; code < OAK_ERROR_N_CODES; code++) {
    g_autofree char *path =
        g_strdup_printf ("/app/result/error-has-four-parts/%s", oak_error_code_to_string (code));

    g_test_add_data_func (path, GINT_TO_POINTER (code), test_error_has_four_parts);
  }
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  flasher_application_load_resources ();
  flasher_application_load_style (gdk_display_get_default ());
  g_test_add_func ("/app/row/follows-its-camera", test_row_follows_its_camera);
  g_test_add_func ("/app/list/selection-follows-its-camera", test_selection_follows_its_camera);
  g_test_add_func ("/app/page/good-package-enables-flashing", test_good_package_enables_flashing);
  g_test_add_func ("/app/confirm/cancel-is-default-and-focused",
                   test_cancel_is_default_and_focused);
  g_test_add_func ("/app/confirm/shows-every-step-of-the-plan", test_shows_every_step);
  g_test_add_func ("/app/confirm/cancel-dismisses-without-a-word",
                   test_cancel_dismisses_without_a_word);
  g_test_add_func ("/app/confirm/reset-needs-the-typed-id", test_reset_needs_the_typed_id);
  g_test_add_func ("/app/result/cancelled-is-no-failure", test_cancelled_is_no_failure);
  g_test_add_func ("/app/result/unplugging-is-said-once", test_unplugging_is_said_once);
  g_test_add_func ("/app/result/only-proof-is-success", test_only_proof_is_success);
  g_test_add_func ("/app/phases/follow-the-plan", test_phases_follow_the_plan);
  g_test_add_func ("/app/details/words-of-cameras-are-no-markup",
                   test_words_of_cameras_are_no_markup);
  g_test_add_func ("/app/empty/remedies-know-the-own-addresses",
                   test_remedies_know_the_own_addresses);
  g_test_add_func ("/app/clamp/turns-narrow-and-back", test_clamp_turns_narrow_and_back);
  g_test_add_func ("/app/clamp/knows-the-height-of-wrapped-text",
                   test_clamp_knows_the_height_of_wrapped_text);
  add_tests_with_data ();
  return g_test_run ();
}
