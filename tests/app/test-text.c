/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>

#include "app-support.h"
#include "flasher-facts-text.h"
#include "flasher-text.h"
#include "oak-config.h"

/* The words of the window: pure functions, no display. */

static FlasherSituation
make_situation (void)
{
  return (FlasherSituation){ .state = OAK_DEVICE_STATE_BOOTLOADER,
                             .presence = OAK_PRESENCE_ANSWERING,
                             .supported = TRUE,
                             .has_package = TRUE };
}

static void
test_state_words_differ (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int state = OAK_DEVICE_STATE_UNKNOWN; state <= OAK_DEVICE_STATE_FLASH_BOOTED; state++) {
    FlasherSituation situation = make_situation ();

    situation.state = state;
    g_assert_true (g_hash_table_add (seen, (gpointer) flasher_describe_state (&situation)));
    g_assert_cmpstr (flasher_explain_state (&situation), !=, "");
    g_assert_cmpstr (flasher_state_style (&situation), !=, "");
  }
}

static void
test_trouble_comes_before_state (void)
{
  FlasherSituation situation = make_situation ();

  g_assert_cmpstr (flasher_describe_state (&situation), ==, "Ready");
  situation.supported = FALSE;
  g_assert_cmpstr (flasher_describe_state (&situation), ==, "Not supported");
  situation.presence = OAK_PRESENCE_MISSING;
  g_assert_cmpstr (flasher_describe_state (&situation), ==, "Not answering");
  situation.presence = OAK_PRESENCE_NO_ANSWER;
  g_assert_cmpstr (flasher_describe_state (&situation), ==, "No answer");
  situation.conflict = TRUE;
  g_assert_cmpstr (flasher_describe_state (&situation), ==, "Address conflict");
  g_assert_cmpstr (flasher_state_style (&situation), ==, "error");
}

static void
test_every_obstacle_has_a_reason (void)
{
  for (int operation = 0; operation < OAK_OPERATION_N; operation++) {
    FlasherSituation situation = make_situation ();

    g_assert_null (flasher_why_not (operation, &situation));
    situation.state = OAK_DEVICE_STATE_FLASH_BOOTED;
    g_assert_null (flasher_why_not (operation, &situation));
    situation.state = OAK_DEVICE_STATE_BOOTED;
    g_assert_nonnull (flasher_why_not (operation, &situation));
    for (int access = OAK_USB_ACCESS_DENIED; access <= OAK_USB_ACCESS_FAILED; access++) {
      situation = make_situation ();
      situation.transport = OAK_TRANSPORT_USB;
      situation.usb_access = access;
      g_assert_nonnull (flasher_why_not (operation, &situation));
      situation.state = OAK_DEVICE_STATE_UNBOOTED;
      g_assert_nonnull (flasher_why_not (operation, &situation));
    }
    situation = make_situation ();
    situation.conflict = TRUE;
    g_assert_nonnull (flasher_why_not (operation, &situation));
    situation = make_situation ();
    situation.presence = OAK_PRESENCE_MISSING;
    g_assert_nonnull (flasher_why_not (operation, &situation));
    situation = make_situation ();
    situation.supported = FALSE;
    g_assert_nonnull (flasher_why_not (operation, &situation));
    situation = make_situation ();
    situation.busy = TRUE;
    g_assert_nonnull (flasher_why_not (operation, &situation));
  }
}

/* What it waits for is a bootloader, and only a reset brings one. */
static void
test_unbooted_cameras_can_only_be_reset (void)
{
  FlasherSituation situation = make_situation ();

  situation.transport = OAK_TRANSPORT_USB;
  situation.state = OAK_DEVICE_STATE_UNBOOTED;
  g_assert_cmpstr (flasher_describe_state (&situation), ==, "Waits for a bootloader");
  for (int operation = 0; operation < OAK_OPERATION_N; operation++) {
    const char *reason = flasher_why_not (operation, &situation);

    if (operation == OAK_OPERATION_FACTORY_RESET)
      g_assert_null (reason);
    else
      g_assert_nonnull (strstr (reason, "factory reset first"));
  }
}

static void
test_access_comes_before_state (void)
{
  static const struct {
    OakUsbAccess access;
    const char *words;
    const char *explanation;
  } rows[] = {
    { OAK_USB_ACCESS_DENIED, "No permission", "tried again by itself" },
    { OAK_USB_ACCESS_BUSY, "Busy", "Close that program" },
    { OAK_USB_ACCESS_FAILED, "Cannot be opened", "another cable" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    FlasherSituation situation = make_situation ();

    situation.transport = OAK_TRANSPORT_USB;
    situation.usb_access = rows[i].access;
    g_assert_cmpstr (flasher_describe_state (&situation), ==, rows[i].words);
    g_assert_nonnull (strstr (flasher_explain_state (&situation), rows[i].explanation));
    g_assert_cmpstr (flasher_state_style (&situation), ==, "warning");
    situation.presence = OAK_PRESENCE_MISSING;
    g_assert_cmpstr (flasher_describe_state (&situation), ==, "Not plugged in");
  }
}

static void
test_speed_is_named_and_judged (void)
{
  FlasherSituation situation = make_situation ();
  g_autofree char *network = flasher_transport_name (&situation);
  g_autofree char *fast = NULL;
  g_autofree char *slow = NULL;

  g_assert_cmpstr (network, ==, "Network");
  situation.transport = OAK_TRANSPORT_USB;
  situation.usb_speed_mbps = 5000;
  fast = flasher_transport_name (&situation);
  g_assert_cmpstr (fast, ==, "USB 3, 5 Gbit/s");
  g_assert_null (flasher_speed_hint (&situation));
  situation.usb_speed_mbps = 480;
  situation.usb_could_be_faster = TRUE;
  slow = flasher_transport_name (&situation);
  g_assert_cmpstr (slow, ==, "USB 2, 480 Mbit/s");
  g_assert_nonnull (strstr (flasher_speed_hint (&situation), "USB 3 cable"));
  situation.transport = OAK_TRANSPORT_NETWORK; /* the other way in is the one that counts */
  g_assert_null (flasher_speed_hint (&situation));
}

static void
test_only_flashing_needs_a_package (void)
{
  FlasherSituation situation = make_situation ();

  situation.has_package = FALSE;
  for (int operation = 0; operation < OAK_OPERATION_N; operation++)
    g_assert_true ((flasher_why_not (operation, &situation) != NULL) ==
                   (operation == OAK_OPERATION_FLASH_APPLICATION));
}

static void
test_cameras_are_named (void)
{
  g_autofree char *title = flasher_camera_title (TEST_SHORT_ID, "10.0.4.9");
  g_autofree char *nameless = flasher_camera_title (NULL, "10.0.4.9");
  g_autofree char *name = flasher_camera_name (TEST_SHORT_ID, "10.0.4.9");
  g_autofree char *label = flasher_row_label (title, "Ready", "10.0.4.9");

  g_assert_cmpstr (title, ==, "OAK Camera 75CB0F");
  g_assert_cmpstr (nameless, ==, "Camera at 10.0.4.9");
  g_assert_cmpstr (name, ==, "OAK 75CB0F at 10.0.4.9");
  g_assert_cmpstr (label, ==, "OAK Camera 75CB0F, Ready, 10.0.4.9");
}

static void
test_stage_text_says_how_far (void)
{
  OakProgress progress = { .stage = OAK_STAGE_WRITING,
                           .fraction = 0.2,
                           .stage_fraction = 0.469,
                           .bytes_done = 6 * OAK_MIB,
                           .bytes_total = 13 * OAK_MIB,
                           .seconds_left = -1 };
  g_autofree char *bytes = flasher_stage_text (&progress);
  g_autofree char *percent = NULL;
  g_autofree char *nothing = NULL;

  g_assert_cmpstr (bytes, ==, "Writing: 6.0 MiB of 13.0 MiB");
  progress.bytes_total = 0;
  percent = flasher_stage_text (&progress);
  g_assert_cmpstr (percent, ==, "Writing: 46 %");
  progress.stage_fraction = -1;
  nothing = flasher_stage_text (&progress);
  g_assert_cmpstr (nothing, ==, "Writing…");
}

static void
test_time_left_is_coarse_and_never_zero (void)
{
  for (int seconds = 0; seconds < 4000; seconds++) {
    g_autofree char *text = flasher_time_left_text (OAK_STAGE_WRITING, seconds);
    g_autofree char *wait = flasher_time_left_text (OAK_STAGE_CHECKING, seconds);

    g_assert_null (strstr (text, " 0 "));
    g_assert_null (strstr (wait, " 0 "));
  }
  g_assert_null (flasher_time_left_text (OAK_STAGE_WRITING, -1));
  g_assert_null (flasher_speed_text (0));
}

static void
test_only_writing_is_fragile (void)
{
  for (int stage = 0; stage < OAK_STAGE_N; stage++)
    g_assert_true (flasher_stage_is_fragile (stage) ==
                   (stage >= OAK_STAGE_SENDING && stage <= OAK_STAGE_CONFIGURING));
}

static void
test_log_title_counts (void)
{
  g_autofree char *plain = flasher_log_title (0, 0);
  g_autofree char *one = flasher_log_title (1, 0);
  g_autofree char *two = flasher_log_title (2, 0);
  g_autofree char *errors = flasher_log_title (2, 3);

  g_assert_cmpstr (plain, ==, "Log");
  g_assert_cmpstr (one, ==, "Log (1 warning)");
  g_assert_cmpstr (two, ==, "Log (2 warnings)");
  g_assert_cmpstr (errors, ==, "Log (3 errors)");
}

static void
test_fragments_become_sentences (void)
{
  g_autofree char *sentence = flasher_sentence ("block 3: camera disconnected");
  g_autofree char *done = flasher_sentence ("Ends well.");
  g_autofree char *empty = flasher_sentence ("");
  g_autofree char *bidi = flasher_sentence ("a\xe2\x80\xae"
                                            "b");

  g_assert_cmpstr (sentence, ==, "Block 3: camera disconnected.");
  g_assert_cmpstr (done, ==, "Ends well.");
  g_assert_cmpstr (empty, ==, "");
  g_assert_null (strstr (bidi, "\xe2\x80\xae"));
}

static void
test_facts_are_told (void)
{
  g_autoptr (OakDeviceFacts) facts = test_facts_new ();
  g_autofree char *bootloader = flasher_describe_bootloader (facts);
  g_autofree char *memories = flasher_describe_memories (facts);
  g_autofree char *none = flasher_describe_application (facts);
  g_autofree char *configuration = flasher_describe_configuration (facts);
  g_autofree char *application = NULL;
  g_autofree char *configured = NULL;

  g_assert_cmpstr (bootloader, ==, "0.0.28, NETWORK type\nThis is the factory bootloader.");
  g_assert_cmpstr (memories, ==, "Flash: 32.0 MiB\neMMC: none");
  g_assert_cmpstr (none, ==, "None");
  g_assert_cmpstr (configuration, ==, "None");
  facts->flash.application_present = TRUE;
  facts->flash.application_name = g_strdup ("people-counter");
  facts->flash.application_version = g_strdup ("2.28.0");
  application = flasher_describe_application (facts);
  g_assert_cmpstr (application, ==, "people-counter (firmware 2.28.0), in flash");
  facts->config =
      oak_config_new_from_text ("{\"appMem\":1,\"network\":{\"timeoutMs\":-1,\"staticIpv4\":true}}",
                                NULL);
  configured = flasher_describe_configuration (facts);
  g_assert_nonnull (strstr (configured, "never starts by itself"));
  g_assert_nonnull (strstr (configured, "Starts the application from eMMC"));
  g_assert_nonnull (strstr (configured, "Static address"));
}

static void
test_unknown_is_not_none (void)
{
  g_autoptr (OakDeviceFacts) facts = oak_device_facts_new ();
  g_autofree char *memories = flasher_describe_memories (facts);
  g_autofree char *application = flasher_describe_application (facts);

  g_assert_nonnull (strstr (memories, "not known"));
  g_assert_null (strstr (memories, "none"));
  g_assert_cmpstr (application, !=, "None");
}

static void
test_start_names_the_wait (void)
{
  g_autoptr (OakDeviceFacts) facts = test_facts_new ();
  g_autofree char *usual = flasher_describe_start (OAK_OPERATION_FLASH_APPLICATION, facts);
  g_autofree char *unknown = flasher_describe_start (OAK_OPERATION_FLASH_APPLICATION, NULL);
  g_autofree char *reset = flasher_describe_start (OAK_OPERATION_FACTORY_RESET, facts);
  g_autofree char *configured = NULL;

  g_assert_nonnull (strstr (usual, "up to 30 s"));
  g_assert_null (strstr (unknown, "up to"));
  g_assert_nonnull (strstr (reset, "bootloader"));
  facts->config = oak_config_new_from_text ("{\"network\":{\"timeoutMs\":2500}}", NULL);
  configured = flasher_describe_start (OAK_OPERATION_FLASH_APPLICATION, facts);
  g_assert_nonnull (strstr (configured, "up to 2.5 s"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/text/state-words-differ", test_state_words_differ);
  g_test_add_func ("/app/text/trouble-comes-before-state", test_trouble_comes_before_state);
  g_test_add_func ("/app/text/every-obstacle-has-a-reason", test_every_obstacle_has_a_reason);
  g_test_add_func ("/app/text/unbooted-cameras-can-only-be-reset",
                   test_unbooted_cameras_can_only_be_reset);
  g_test_add_func ("/app/text/access-comes-before-state", test_access_comes_before_state);
  g_test_add_func ("/app/text/speed-is-named-and-judged", test_speed_is_named_and_judged);
  g_test_add_func ("/app/text/only-flashing-needs-a-package", test_only_flashing_needs_a_package);
  g_test_add_func ("/app/text/cameras-are-named", test_cameras_are_named);
  g_test_add_func ("/app/text/stage-text-says-how-far", test_stage_text_says_how_far);
  g_test_add_func ("/app/text/time-left-is-coarse-and-never-zero",
                   test_time_left_is_coarse_and_never_zero);
  g_test_add_func ("/app/text/only-writing-is-fragile", test_only_writing_is_fragile);
  g_test_add_func ("/app/text/log-title-counts", test_log_title_counts);
  g_test_add_func ("/app/text/fragments-become-sentences", test_fragments_become_sentences);
  g_test_add_func ("/app/text/facts-are-told", test_facts_are_told);
  g_test_add_func ("/app/text/unknown-is-not-none", test_unknown_is_not_none);
  g_test_add_func ("/app/text/start-names-the-wait", test_start_names_the_wait);
  return g_test_run ();
}
