/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-plan.h"

#include <string.h>

#include "oak-error.h"
#include "plan-support.h"

/* Plans as a pure function of what a camera said and what a person wants, as a table; and what
 * holds for every one of them. */

#define PLANNED (-1)

typedef struct {
  const char *name;
  const char *camera;
  const char *config; /* (nullable) */
  const char *wish;
  int code;             /* OakError or PLANNED */
  const char *expected; /* the steps, or words of the message */
} Case;

static const Case cases[] = {
  { "details", "network 28 32 none", NULL, "details auto 0", PLANNED, "restart" },
  { "details-of-a-bare-camera",
    "network 12 unknown unknown",
    NULL,
    "details auto 0",
    PLANNED,
    "restart" },
  { "network-auto-is-flash",
    "network 28 32 none",
    "{\"appMem\":0}",
    "flash auto 600000",
    PLANNED,
    "compare flash@800000+927c0, blank flash@800000, check flash@800000, differing "
    "flash@840000+527c0, read-differing flash@840000+527c0, head flash@800000+40000, read "
    "flash@800000+80000, restart, wait flash-booted 30000" },
  { "network-auto-is-emmc-where-there-is-one",
    "network 28 32 32",
    "{\"appMem\":1,\"network\":{\"timeoutMs\":100}}",
    "flash auto 1000",
    PLANNED,
    "compare emmc@800000+3e8, blank emmc@800000, check emmc@800000, head emmc@800000+3e8, read "
    "emmc@800000+3e8, restart, wait flash-booted 100" },
  { "usb-auto-is-flash-also-with-emmc",
    "usb 28 16 32",
    "{\"appMem\":0,\"usb\":{\"timeoutMs\":0}}",
    "flash auto 1000",
    PLANNED,
    "compare flash@100000+3e8, blank flash@100000, check flash@100000, head flash@100000+3e8, read "
    "flash@100000+3e8, restart, wait flash-booted 0" },
  { "usb-waits-three-seconds",
    "usb 28 16 none",
    "{\"appMem\":0}",
    "flash auto 1000",
    PLANNED,
    "compare flash@100000+3e8, blank flash@100000, check flash@100000, head flash@100000+3e8, read "
    "flash@100000+3e8, restart, wait flash-booted 3000" },
  { "explicit-flash-beside-emmc-sets-it",
    "network 28 32 32",
    "{\"appMem\":1}",
    "flash flash 1000 no-wait",
    PLANNED,
    "compare flash@800000+3e8, blank flash@800000, check flash@800000, head flash@800000+3e8, read "
    "flash@800000+3e8, config flash, restart" },
  { "no-configuration-yet-sets-it",
    "network 28 32 none",
    NULL,
    "flash auto 1000 no-wait",
    PLANNED,
    "compare flash@800000+3e8, blank flash@800000, check flash@800000, head flash@800000+3e8, read "
    "flash@800000+3e8, config flash, restart" },
  { "waits-for-ever-is-not-watched",
    "network 28 32 none",
    "{\"appMem\":0,\"network\":{\"timeoutMs\":-1}}",
    "flash auto 1000",
    PLANNED,
    "compare flash@800000+3e8, blank flash@800000, check flash@800000, head flash@800000+3e8, read "
    "flash@800000+3e8, restart" },
  { "waits-for-hours-is-not-watched",
    "network 28 32 none",
    "{\"appMem\":0,\"network\":{\"timeoutMs\":7200000}}",
    "flash auto 1000",
    PLANNED,
    "compare flash@800000+3e8, blank flash@800000, check flash@800000, head flash@800000+3e8, read "
    "flash@800000+3e8, restart" },
  { "fits-exactly",
    "network 28 16 none",
    "{\"appMem\":0}",
    "flash auto 8388608 no-wait",
    PLANNED,
    "compare flash@800000+800000, blank flash@800000, check flash@800000, differing "
    "flash@840000+7c0000, read-differing flash@840000+7c0000, head flash@800000+40000, read "
    "flash@800000+80000, restart" },
  { "one-byte-too-much",
    "network 28 16 none",
    NULL,
    "flash auto 8388609",
    OAK_ERROR_TOO_LARGE,
    " 1 bytes too much" },
  { "usb-has-more-room",
    "usb 28 16 none",
    NULL,
    "flash auto 15728647",
    OAK_ERROR_TOO_LARGE,
    " 7 bytes too much" },
  { "no-flash-at-all",
    "usb 28 none none",
    NULL,
    "flash auto 1000",
    OAK_ERROR_UNSUPPORTED,
    "no flash memory" },
  { "no-emmc",
    "network 28 32 none",
    NULL,
    "flash emmc 1000",
    OAK_ERROR_UNSUPPORTED,
    "no eMMC memory" },
  { "size-not-told",
    "network 28 sizeless none",
    NULL,
    "flash auto 1000",
    OAK_ERROR_NEEDS_CONSENT,
    "0.0.28" },
  { "size-not-told-but-agreed",
    "network 28 sizeless none",
    "{\"appMem\":0}",
    "flash auto 1000 agreed no-wait",
    PLANNED,
    "compare flash@800000+3e8, blank flash@800000, check flash@800000, head flash@800000+3e8, read "
    "flash@800000+3e8, restart" },
  { "memories-not-told-but-agreed",
    "network 28 unknown unknown",
    "{\"appMem\":1}",
    "flash auto 1000 agreed no-wait",
    PLANNED,
    "storage 0+3e8, restart" },
  { "soft-brick",
    "network 13 unknown unknown",
    NULL,
    "flash auto 1000 agreed",
    OAK_ERROR_UNSUPPORTED,
    "0.0.14" },
  { "soft-brick-explicit",
    "network 12 unknown unknown",
    NULL,
    "flash flash 1000 agreed",
    OAK_ERROR_UNSUPPORTED,
    "0.0.14" },
  { "old-needs-consent",
    "network 18 unknown unknown",
    NULL,
    "flash auto 1000",
    OAK_ERROR_NEEDS_CONSENT,
    "0.0.18" },
  { "old-auto-is-one-request",
    "network 18 unknown unknown",
    "{\"appMem\":0}",
    "flash auto 1000 agreed",
    PLANNED,
    "storage 0+3e8, restart, wait flash-booted 30000" },
  { "old-explicit-is-one-region",
    "network 14 unknown unknown",
    NULL,
    "flash emmc 600000 agreed no-wait",
    PLANNED,
    "write emmc@800000+927c0, config emmc, restart" },
  { "usb-0.0.12-has-no-configuration",
    "usb 12 unknown unknown",
    NULL,
    "flash flash 1000 agreed no-wait",
    PLANNED,
    "write flash@100000+3e8, restart" },
  { "usb-0.0.11-knows-no-memories",
    "usb 11 unknown unknown",
    NULL,
    "flash flash 1000 agreed no-wait",
    OAK_ERROR_UNSUPPORTED,
    "0.0.12 or newer" },
  { "usb-0.0.11-auto",
    "usb 11 unknown unknown",
    NULL,
    "flash auto 1000 agreed no-wait",
    PLANNED,
    "storage 0+3e8, restart" },
  { "type-not-known",
    "auto 28 32 none",
    NULL,
    "flash auto 1000 agreed",
    OAK_ERROR_UNSUPPORTED,
    "of which type" },
  { "full-writes-everything",
    "network 28 32 none",
    "{\"appMem\":0}",
    "flash auto 600000 full no-wait",
    PLANNED,
    "blank flash@800000, check flash@800000, write flash@840000+527c0, read flash@840000+527c0, "
    "head flash@800000+40000, read flash@800000+80000, restart" },
  { "verify",
    "network 28 32 none",
    NULL,
    "verify auto 600000",
    PLANNED,
    "compare flash@800000+927c0, restart" },
  { "verify-looks-where-the-camera-starts-from",
    "network 28 32 32",
    "{\"appMem\":0}",
    "verify auto 1000",
    PLANNED,
    "compare flash@800000+3e8, restart" },
  { "verify-looks-where-it-is-told",
    "usb 28 32 32",
    "{\"appMem\":0}",
    "verify emmc 1000",
    PLANNED,
    "compare emmc@100000+3e8, restart" },
  { "verify-needs-no-known-size",
    "network 28 sizeless none",
    NULL,
    "verify auto 1000",
    PLANNED,
    "compare flash@800000+3e8, restart" },
  { "verify-too-old",
    "network 18 unknown unknown",
    NULL,
    "verify auto 1000",
    OAK_ERROR_UNSUPPORTED,
    "0.0.19 or newer" },
  { "verify-too-large",
    "network 28 16 none",
    NULL,
    "verify auto 8388609",
    OAK_ERROR_TOO_LARGE,
    " 1 bytes too much" },
  { "verify-nothing",
    "network 28 16 none",
    NULL,
    "verify auto 0",
    OAK_ERROR_BAD_FILE,
    "no application package" },
  { "clear",
    "network 28 32 none",
    NULL,
    "clear auto 0",
    PLANNED,
    "blank flash@800000, read flash@800000+200, restart, wait bootloader 0" },
  { "clear-both",
    "network 28 32 32",
    NULL,
    "clear auto 0 no-wait",
    PLANNED,
    "blank flash@800000, read flash@800000+200, blank emmc@800000, read emmc@800000+200, restart" },
  { "clear-only-emmc-is-there",
    "network 28 none 32",
    NULL,
    "clear auto 0 no-wait",
    PLANNED,
    "blank emmc@800000, read emmc@800000+200, restart" },
  { "clear-one-of-two",
    "network 28 32 32",
    NULL,
    "clear emmc 0 no-wait",
    PLANNED,
    "blank emmc@800000, read emmc@800000+200, restart" },
  { "clear-old",
    "usb 12 unknown unknown",
    NULL,
    "clear auto 0",
    PLANNED,
    "blank flash@100000, restart, wait bootloader 0" },
  { "clear-too-old",
    "usb 11 unknown unknown",
    NULL,
    "clear auto 0",
    OAK_ERROR_UNSUPPORTED,
    "0.0.12 or newer" },
  { "clear-nothing-there",
    "network 28 none none",
    NULL,
    "clear auto 0",
    OAK_ERROR_UNSUPPORTED,
    "no flash memory" },
  { "reset-network",
    "network 28 32 none",
    NULL,
    "reset auto 300000",
    PLANNED,
    "boot 493e0, storage 1+800200, read flash@200+800200, restart, wait bootloader 0, version" },
  { "reset-usb",
    "usb 28 16 none",
    NULL,
    "reset auto 300000 no-wait",
    PLANNED,
    "boot 493e0, storage 1+100200, read flash@200+100200, restart" },
  { "reset-0.0.12",
    "usb 12 unknown unknown",
    NULL,
    "reset auto 300000 no-wait",
    PLANNED,
    "boot 493e0, storage 1+100200, read flash@200+100200, restart" },
  { "reset-too-old",
    "usb 11 unknown unknown",
    NULL,
    "reset auto 300000",
    OAK_ERROR_UNSUPPORTED,
    "0.0.12 or newer" },
  { "reset-image-fits-exactly",
    "usb 28 16 none",
    NULL,
    "reset auto 1031680 no-wait",
    PLANNED,
    "boot fbe00, storage 1+100200, read flash@200+100200, restart" },
  { "reset-image-too-large-for-usb",
    "usb 28 16 none",
    NULL,
    "reset auto 1031681",
    OAK_ERROR_TOO_LARGE,
    "1 bytes too much" },
  { "reset-image-too-large-for-network",
    "network 28 16 none",
    NULL,
    "reset auto 4193793",
    OAK_ERROR_TOO_LARGE,
    "1 bytes too much" },
  { "reset-image-too-small",
    "network 28 16 none",
    NULL,
    "reset auto 1024",
    OAK_ERROR_BAD_FILE,
    "too small" },
  { "reset-without-flash",
    "network 28 none 32",
    NULL,
    "reset auto 300000",
    OAK_ERROR_UNSUPPORTED,
    "no flash memory" },
  { "reset-type-not-known",
    "auto 28 32 none",
    NULL,
    "reset auto 300000",
    OAK_ERROR_UNSUPPORTED,
    "of which type" },
};

static gboolean
is_blank (const OakFlashStep *step)
{
  const guint8 *data = g_bytes_get_data (step->bytes, NULL);

  for (guint32 i = 0; i < step->size; i++)
    if (data[i] != 0xff)
      return FALSE;
  return step->size == 512;
}

static void
describe_step (GString *text, const OakFlashStep *step)
{
  const char *memory = oak_memory_to_string (step->memory);

  switch (step->kind) {
  case OAK_STEP_BOOT_MEMORY:
    g_string_append_printf (text, "boot %x", step->size);
    break;
  case OAK_STEP_WRITE_STORAGE:
    g_string_append_printf (text, "storage %u+%x", step->storage, step->size);
    break;
  case OAK_STEP_WRITE_REGION:
    if (is_blank (step))
      g_string_append_printf (text, "blank %s@%x", memory, step->offset);
    else
      g_string_append_printf (text,
                              "%s %s@%x+%x",
                              step->only_what_differs ? "differing"
                              : step->table_last      ? "head"
                                                      : "write",
                              memory,
                              step->offset,
                              step->size);
    break;
  case OAK_STEP_COMPARE:
    g_string_append_printf (text, "compare %s@%x+%x", memory, step->offset, step->size);
    break;
  case OAK_STEP_CHECK_ERASE:
    g_string_append_printf (text, "check %s@%x", memory, step->offset);
    break;
  case OAK_STEP_READ_BACK:
    g_string_append_printf (text,
                            "%s %s@%x+%x",
                            step->only_what_differs ? "read-differing" : "read",
                            memory,
                            step->offset,
                            step->size);
    break;
  case OAK_STEP_SET_APP_MEMORY:
    g_string_append_printf (text, "config %s", oak_memory_to_string (step->app_memory));
    break;
  case OAK_STEP_RESTART:
    g_string_append (text, "restart");
    break;
  case OAK_STEP_WAIT_FOR_STATE:
    g_string_append_printf (text,
                            "wait %s %u",
                            step->state_mask == 1u << OAK_DEVICE_STATE_BOOTLOADER ? "bootloader"
                                                                                  : "flash-booted",
                            step->timeout_ms);
    break;
  case OAK_STEP_CHECK_VERSION:
    g_string_append (text, "version");
    break;
  default:
    g_assert_not_reached ();
  }
}

static char *
describe_plan (const OakFlashPlan *plan)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < oak_flash_plan_get_n_steps (plan); i++) {
    if (i > 0)
      g_string_append (text, ", ");
    describe_step (text, oak_flash_plan_get_step (plan, i));
  }
  return g_string_free (text, FALSE);
}

static void
assert_sentences (char **lines, guint minimum)
{
  g_assert_cmpuint (g_strv_length (lines), >=, minimum);
  for (guint i = 0; lines[i] != NULL; i++) {
    assert_shown (lines[i]);
    g_assert_true (g_str_has_suffix (lines[i], "."));
  }
}

static void
assert_words (const OakFlashPlan *plan)
{
  g_autofree char *title = oak_flash_plan_get_title (plan);
  g_auto (GStrv) effects = oak_flash_plan_get_effects (plan);
  g_auto (GStrv) warnings = oak_flash_plan_get_warnings (plan);

  assert_shown (title);
  g_assert_nonnull (strstr (title, "B2C3D4"));
  g_assert_nonnull (strstr (title, PLAN_ADDRESS));
  assert_sentences (effects, 2);
  assert_sentences (warnings, 0);
  for (guint i = 0; i < oak_flash_plan_get_n_steps (plan); i++) {
    g_autofree char *step = oak_flash_plan_describe_step (plan, i);

    assert_shown (step);
  }
}

static void
assert_weights (const OakFlashPlan *plan)
{
  double sum = 0;

  for (guint i = 0; i < oak_flash_plan_get_n_steps (plan); i++) {
    g_assert_cmpfloat (oak_flash_plan_get_step_weight (plan, i), >, 0);
    sum += oak_flash_plan_get_step_weight (plan, i);
  }
  g_assert_cmpfloat_with_epsilon (sum, 1.0, 1e-9);
}

/* Nothing outside the application is written but by plans that ask for a typed id, and what lies
 * below it cannot be cancelled. */
static void
assert_guards (const OakDeviceFacts *facts, OakOperation operation, const OakFlashPlan *plan)
{
  guint32 application = facts->type == OAK_BOOTLOADER_TYPE_NETWORK ? 0x800000 : 0x100000;

  g_assert_true (oak_flash_plan_needs_typed_id (plan) ==
                 (operation == OAK_OPERATION_FACTORY_RESET));
  g_assert_true (oak_flash_plan_writes (plan) == (operation != OAK_OPERATION_READ_DETAILS &&
                                                  operation != OAK_OPERATION_VERIFY_APPLICATION));
  for (guint i = 0; i < oak_flash_plan_get_n_steps (plan); i++) {
    const OakFlashStep *step = oak_flash_plan_get_step (plan, i);

    if (step->kind == OAK_STEP_WRITE_REGION)
      g_assert_cmpuint (step->offset, >=, application);
    if (step->kind == OAK_STEP_WRITE_STORAGE && step->storage == 1) {
      g_assert_true (step->patient);
      g_assert_cmpint (step->cancel, ==, OAK_CANCEL_NEVER);
    }
    if (step->remains == OAK_REMAINS_BOOTLOADER_AT_RISK)
      g_assert_cmpint (step->cancel, ==, OAK_CANCEL_NEVER);
    if (step->bytes != NULL)
      g_assert_cmpuint (g_bytes_get_size (step->bytes), ==, step->size);
  }
}

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (OakDeviceFacts) facts = plan_facts_new (test->camera, test->config);
  g_auto (OakFlashWish) wish = { 0 };
  g_autoptr (OakFlashPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *steps = NULL;

  plan_wish_init (&wish, test->wish);
  plan = oak_flash_plan_new (facts, &wish, &error);
  if (test->code != PLANNED) {
    g_assert_null (plan);
    g_assert_error (error, OAK_ERROR, test->code);
    g_test_message ("%s", error->message);
    g_assert_nonnull (strstr (error->message, test->expected));
    return;
  }
  g_assert_no_error (error);
  steps = describe_plan (plan);
  g_assert_cmpstr (steps, ==, test->expected);
  assert_words (plan);
  assert_weights (plan);
  assert_guards (facts, wish.operation, plan);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/flash/plan/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  return g_test_run ();
}
