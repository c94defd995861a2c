/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-plan.h"

#include <string.h>

#include "oak-device-info.h"
#include "oak-error.h"
#include "plan-support.h"

/* What every plan promises: an order of writing that no erase size breaks, words that say what
 * happens, and what it refuses. */

#define MIB ((gsize) 1024 * 1024)

/* A chip without mercy: whatever else lies in a touched erase block is lost. */
static void
model_write (guint8 *memory, gsize erase, const OakFlashStep *step)
{
  gsize start = step->offset / erase * erase;
  gsize end = ((gsize) step->offset + step->size + erase - 1) / erase * erase;

  memset (memory + start, 0xff, end - start);
  memcpy (memory + step->offset, g_bytes_get_data (step->bytes, NULL), step->size);
}

static gboolean
is_write (const OakFlashStep *step)
{
  return step->kind == OAK_STEP_WRITE_REGION;
}

static guint
count_writes (const OakFlashPlan *plan)
{
  guint n_writes = 0;

  for (guint i = 0; i < oak_flash_plan_get_n_steps (plan); i++)
    n_writes += is_write (oak_flash_plan_get_step (plan, i)) ? 1 : 0;
  return n_writes;
}

/* Whatever the erase size: after every write but the last there is no table to start from, after
 * the last the bytes are those of the package, and every reading back compares with what is there
 * at that moment. */
static void
run_on_model (const OakFlashPlan *plan, const OakAppPackage *package, gsize erase)
{
  g_autofree guint8 *memory = g_malloc (16 * MIB);
  GBytes *bytes = oak_app_package_get_bytes (package);
  guint left = count_writes (plan);

  memset (memory, 'B', 16 * MIB);
  memory[0x800001] = 'R';
  for (guint i = 0; i < oak_flash_plan_get_n_steps (plan); i++) {
    const OakFlashStep *step = oak_flash_plan_get_step (plan, i);

    if (is_write (step)) {
      model_write (memory, erase, step);
      left--;
    }
    if (step->kind == OAK_STEP_READ_BACK)
      g_assert_cmpmem (memory + step->offset,
                       step->size,
                       g_bytes_get_data (step->bytes, NULL),
                       g_bytes_get_size (step->bytes));
    if (is_write (step) && left > 0)
      g_assert_false (memory[0x800000] == 'B' && memory[0x800001] == 'R');
  }
  g_assert_cmpmem (memory + 0x800000,
                   g_bytes_get_size (bytes),
                   g_bytes_get_data (bytes, NULL),
                   g_bytes_get_size (bytes));
}

static OakFlashPlan *
plan_for (OakDeviceFacts *facts, const OakFlashWish *wish)
{
  g_autoptr (GError) error = NULL;
  OakFlashPlan *plan = oak_flash_plan_new (facts, wish, &error);

  g_assert_no_error (error);
  return plan;
}

static void
test_order_is_safe_at_all_sizes (void)
{
  static const gsize erase_sizes[] = { 512, 4 * 1024, 64 * 1024, 256 * 1024 };
  static const gsize sizes[] = { 601,    4096,   262143, 262144,  262145, 262656,
                                 524287, 524288, 524289, 1048576, 3000001 };
  g_autoptr (OakDeviceFacts) facts = plan_facts_new ("network 28 16 none", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_auto (OakFlashWish) wish = { 0 };
    g_autoptr (OakFlashPlan) plan = NULL;

    plan_wish_init (&wish, "flash auto 0");
    wish.package = plan_package_new (sizes[i], FALSE);
    plan = plan_for (facts, &wish);
    for (gsize j = 0; j < G_N_ELEMENTS (erase_sizes); j++)
      run_on_model (plan, wish.package, erase_sizes[j]);
  }
}

static gboolean
has_words (char **lines, const char *words)
{
  g_autofree char *text = g_strjoinv ("\n", lines);

  return strstr (text, words) != NULL;
}

static void
test_effects_name_what_is_installed (void)
{
  g_autoptr (OakDeviceFacts) facts = plan_facts_new ("network 28 32 none", NULL);
  g_auto (OakFlashWish) wish = { 0 };
  g_autoptr (OakFlashPlan) plan = NULL;
  g_auto (GStrv) effects = NULL;
  g_autofree char *title = NULL;

  facts->flash.application_known = TRUE;
  facts->flash.application_present = TRUE;
  facts->flash.application_name = g_strdup ("people-counter");
  facts->flash.application_version = g_strdup ("2.28");
  plan_wish_init (&wish, "flash auto 1000");
  plan = plan_for (facts, &wish);
  title = oak_flash_plan_get_title (plan);
  effects = oak_flash_plan_get_effects (plan);
  g_assert_cmpstr (title, ==, "Replace the application on OAK B2C3D4 at " PLAN_ADDRESS);
  g_assert_true (has_words (effects, "“people-counter” (firmware 2.28)"));
  g_assert_true (has_words (effects, "made.dap"));
  g_assert_true (has_words (effects, "24.0 MiB"));
  g_assert_true (has_words (effects, "waits 30 seconds"));
}

static void
test_title_without_an_application (void)
{
  g_autoptr (OakDeviceFacts) facts = plan_facts_new ("network 28 32 none", NULL);
  g_auto (OakFlashWish) wish = { 0 };
  g_autoptr (OakFlashPlan) plan = NULL;
  g_autofree char *title = NULL;

  facts->flash.application_known = TRUE;
  plan_wish_init (&wish, "flash auto 1000");
  plan = plan_for (facts, &wish);
  title = oak_flash_plan_get_title (plan);
  g_assert_cmpstr (title, ==, "Install an application on OAK B2C3D4 at " PLAN_ADDRESS);
}

/* The number is 192.168.1.150, bootloader.md §9.2. */
static void
test_reset_says_what_is_lost (void)
{
  g_autoptr (OakDeviceFacts) facts =
      plan_facts_new ("network 28 32 32",
                      "{\"network\":{\"staticIpv4\":true,\"ipv4\":2516691136}}");
  g_auto (OakFlashWish) wish = { 0 };
  g_autoptr (OakFlashPlan) plan = NULL;
  g_auto (GStrv) effects = NULL;
  g_auto (GStrv) warnings = NULL;

  plan_wish_init (&wish, "reset auto 300000");
  plan = plan_for (facts, &wish);
  effects = oak_flash_plan_get_effects (plan);
  warnings = oak_flash_plan_get_warnings (plan);
  g_assert_true (has_words (effects, "static IP address 192.168.1.150"));
  g_assert_true (has_words (effects, "user bootloader"));
  g_assert_true (has_words (effects, "depthai-bootloader.cmd"));
  g_assert_true (has_words (effects, "NETWORK"));
  g_assert_true (has_words (effects, "169.254.1.222"));
  g_assert_true (has_words (warnings, "USB"));
  g_assert_true (has_words (warnings, "slower than 1 MB/s"));
  g_assert_true (has_words (warnings, "eMMC"));
}

static void
test_warnings_are_few_and_fit (void)
{
  static const struct {
    const char *camera;
    gboolean checked;
    guint n_warnings;
    const char *words;
  } rows[] = {
    { "network 28 32 none", TRUE, 0, "" },
    { "network 28 32 none", FALSE, 1, "not to check the firmware" },
    { "network 26 32 none", TRUE, 1, "this camera runs 0.0.26" },
    { "network 17 unknown unknown", TRUE, 4, "its own order: " },
    { "network 17 unknown unknown", FALSE, 4, "tells it not to check" },
  };
  guint n_of_package = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (OakDeviceFacts) facts = plan_facts_new (rows[i].camera, "{\"appMem\":0}");
    g_auto (OakFlashWish) wish = { 0 };
    g_autoptr (OakFlashPlan) plan = NULL;
    g_auto (GStrv) warnings = NULL;

    plan_wish_init (&wish, "flash auto 0 agreed");
    wish.package = plan_package_new (1000, rows[i].checked);
    plan = plan_for (facts, &wish);
    warnings = oak_flash_plan_get_warnings (plan);
    /* What is said of the package itself is the same in every row. */
    if (i == 0)
      n_of_package = g_strv_length (warnings);
    for (guint j = 0; warnings[j] != NULL; j++)
      g_test_message ("%s: %s", rows[i].camera, warnings[j]);
    g_assert_cmpuint (g_strv_length (warnings), ==, n_of_package + rows[i].n_warnings);
    if (warnings[0] != NULL)
      g_assert_true (has_words (warnings, rows[i].words));
  }
}

static void
test_untrusted_type_decides_nothing (void)
{
  static const char *const wishes[] = { "flash auto 1000", "clear auto 0", "reset auto 300000" };

  for (gsize i = 0; i < G_N_ELEMENTS (wishes); i++) {
    g_autoptr (OakDeviceFacts) facts = plan_facts_new ("network 28 32 none", NULL);
    g_auto (OakFlashWish) wish = { 0 };
    g_autoptr (GError) error = NULL;

    facts->type_trusted = FALSE;
    plan_wish_init (&wish, wishes[i]);
    g_assert_null (oak_flash_plan_new (facts, &wish, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED);
  }
}

/* Made-up images are for addresses that cannot leave this computer, and everything else must begin
 * like an image. */
static void
test_image_must_be_one (void)
{
  static const struct {
    const char *magic;
    const char *address;
    gboolean good;
  } rows[] = {
    { "MA2x", PLAN_ADDRESS, TRUE },    { "MA2x", "127.0.0.2", TRUE },
    { "OAKSIMBL", "127.0.0.2", TRUE }, { "OAKSIMBL", PLAN_ADDRESS, FALSE },
    { "BR", "127.0.0.2", FALSE },      { "", PLAN_ADDRESS, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (OakDeviceFacts) facts = plan_facts_new ("network 28 32 none", NULL);
    g_auto (OakFlashWish) wish = { 0 };
    g_autoptr (OakFlashPlan) plan = NULL;
    g_autoptr (GError) error = NULL;

    oak_device_info_unref (facts->info);
    facts->info =
        oak_device_info_new_network (PLAN_MXID, rows[i].address, OAK_DEVICE_STATE_BOOTLOADER);
    plan_wish_init (&wish, "reset auto 0");
    wish.bootloader_image = plan_image_new (300000, rows[i].magic);
    plan = oak_flash_plan_new (facts, &wish, &error);
    g_assert_true ((plan != NULL) == rows[i].good);
    if (plan == NULL)
      g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  }
}

static void
test_reset_payload (void)
{
  g_autoptr (OakDeviceFacts) facts = plan_facts_new ("usb 28 16 none", NULL);
  g_auto (OakFlashWish) wish = { 0 };
  g_autoptr (OakFlashPlan) plan = NULL;
  const OakFlashStep *write;
  const guint8 *data;

  plan_wish_init (&wish, "reset auto 5000");
  plan = plan_for (facts, &wish);
  write = oak_flash_plan_get_step (plan, 1);
  data = g_bytes_get_data (write->bytes, NULL);
  g_assert_cmpuint (write->size, ==, 1049088);
  g_assert_cmpmem (data, 5000, g_bytes_get_data (wish.bootloader_image, NULL), 5000);
  for (guint32 i = 5000; i < write->size; i++)
    g_assert_cmpuint (data[i], ==, 0xff);
  g_assert_true (g_bytes_equal (write->bytes, oak_flash_plan_get_step (plan, 2)->bytes));
}

static void
test_nothing_chosen (void)
{
  static const char *const wishes[] = { "flash auto 0", "reset auto 0" };
  g_autoptr (OakDeviceFacts) facts = plan_facts_new ("network 28 32 none", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (wishes); i++) {
    g_auto (OakFlashWish) wish = { 0 };
    g_autoptr (GError) error = NULL;

    plan_wish_init (&wish, wishes[i]);
    g_assert_null (oak_flash_plan_new (facts, &wish, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  }
}

static void
test_policies_and_remains_have_words (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int i = OAK_CANCEL_CLEAN; i <= OAK_CANCEL_STOP_WATCHING; i++) {
    char *text = oak_cancel_policy_describe ((OakCancelPolicy) i);

    assert_shown (text);
    g_assert_true (g_hash_table_add (seen, text));
  }
  for (int i = OAK_REMAINS_UNCHANGED; i <= OAK_REMAINS_WRITTEN; i++) {
    char *text = oak_remains_describe ((OakRemains) i);

    assert_shown (text);
    g_assert_true (g_hash_table_add (seen, text));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flash/plan/order-is-safe-at-all-sizes", test_order_is_safe_at_all_sizes);
  g_test_add_func ("/flash/plan/effects-name-what-is-installed",
                   test_effects_name_what_is_installed);
  g_test_add_func ("/flash/plan/title-without-an-application", test_title_without_an_application);
  g_test_add_func ("/flash/plan/reset-says-what-is-lost", test_reset_says_what_is_lost);
  g_test_add_func ("/flash/plan/warnings-are-few-and-fit", test_warnings_are_few_and_fit);
  g_test_add_func ("/flash/plan/untrusted-type-decides-nothing",
                   test_untrusted_type_decides_nothing);
  g_test_add_func ("/flash/plan/image-must-be-one", test_image_must_be_one);
  g_test_add_func ("/flash/plan/reset-payload-is-image-and-erased-bytes", test_reset_payload);
  g_test_add_func ("/flash/plan/nothing-chosen-is-an-error", test_nothing_chosen);
  g_test_add_func ("/flash/plan/policies-and-remains-have-words",
                   test_policies_and_remains_have_words);
  return g_test_run ();
}
