/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-plan.h"

#include <string.h>

#include "oak-app-package.h"
#include "oak-config.h"
#include "oak-device-facts.h"
#include "oak-device-info.h"
#include "oak-error.h"
#include "oak-flash-wish.h"
#include "oak-sbr.h"

/* Plans as a pure function of what a camera said and what a person wants: tables of cases, and
 * promises that every plan keeps. */

#define MXID    "18443010E1B2C3D400"
#define ADDRESS "192.168.1.40"
#define MIB     ((guint64) 1024 * 1024)
#define KIB     ((guint64) 1024)

typedef enum {
  MEMORY_UNKNOWN,
  MEMORY_NONE,
  MEMORY_SIZELESS,
  MEMORY_16_MIB,
  MEMORY_32_MIB,
} Memory;

typedef struct {
  const char *name;
  OakBootloaderType type;
  guint32 patch; /* version 0.0.patch */
  Memory flash;
  Memory emmc;
  const char *config; /* NULL: none */
  OakOperation operation;
  OakMemory memory;
  guint64 size; /* of the package or the bootloader image */
  gboolean size_unknown_ok;
  gboolean no_wait;
  int code;             /* OakError, or -1 */
  const char *expected; /* steps, or words of the message */
} Case;

#define NETWORK OAK_BOOTLOADER_TYPE_NETWORK
#define USB     OAK_BOOTLOADER_TYPE_USB
#define FLASH   OAK_OPERATION_FLASH_APPLICATION
#define CLEAR   OAK_OPERATION_CLEAR_APPLICATION
#define RESET   OAK_OPERATION_FACTORY_RESET
#define DETAILS OAK_OPERATION_READ_DETAILS
#define TO_AUTO OAK_MEMORY_AUTO
#define TO_NOR  OAK_MEMORY_FLASH
#define TO_EMMC OAK_MEMORY_EMMC

static const Case cases[] = {
  { "details",
    NETWORK,
    28,
    MEMORY_32_MIB,
    MEMORY_NONE,
    NULL,
    DETAILS,
    TO_AUTO,
    0,
    FALSE,
    FALSE,
    -1,
    "restart" },
  { "details-of-a-bare-camera",
    NETWORK,
    12,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    NULL,
    DETAILS,
    TO_AUTO,
    0,
    FALSE,
    FALSE,
    -1,
    "restart" },

  { "network-auto-is-flash",
    NETWORK,
    28,
    MEMORY_32_MIB,
    MEMORY_NONE,
    "{\"appMem\":0}",
    FLASH,
    TO_AUTO,
    600000,
    FALSE,
    FALSE,
    -1,
    "blank flash@800000, write flash@840000+527c0, read flash@840000+527c0, write "
    "flash@800000+40000, read flash@800000+80000, "
    "restart, wait flash-booted 30000" },
  { "network-auto-is-emmc-where-there-is-one",
    NETWORK,
    28,
    MEMORY_32_MIB,
    MEMORY_32_MIB,
    "{\"appMem\":1,\"network\":{\"timeoutMs\":100}}",
    FLASH,
    TO_AUTO,
    1000,
    FALSE,
    FALSE,
    -1,
    "blank emmc@800000, write emmc@800000+3e8, read emmc@800000+3e8, restart, wait flash-booted "
    "100" },
  { "usb-auto-is-flash-also-with-emmc",
    USB,
    28,
    MEMORY_16_MIB,
    MEMORY_32_MIB,
    "{\"appMem\":0,\"usb\":{\"timeoutMs\":0}}",
    FLASH,
    TO_AUTO,
    1000,
    FALSE,
    FALSE,
    -1,
    "blank flash@100000, write flash@100000+3e8, read flash@100000+3e8, restart, wait flash-booted "
    "0" },
  { "usb-waits-three-seconds",
    USB,
    28,
    MEMORY_16_MIB,
    MEMORY_NONE,
    "{\"appMem\":0}",
    FLASH,
    TO_AUTO,
    1000,
    FALSE,
    FALSE,
    -1,
    "blank flash@100000, write flash@100000+3e8, read flash@100000+3e8, restart, wait flash-booted "
    "3000" },
  { "explicit-flash-beside-emmc-sets-it",
    NETWORK,
    28,
    MEMORY_32_MIB,
    MEMORY_32_MIB,
    "{\"appMem\":1}",
    FLASH,
    TO_NOR,
    1000,
    FALSE,
    TRUE,
    -1,
    "blank flash@800000, write flash@800000+3e8, read flash@800000+3e8, config flash, restart" },
  { "no-configuration-yet-sets-it",
    NETWORK,
    28,
    MEMORY_32_MIB,
    MEMORY_NONE,
    NULL,
    FLASH,
    TO_AUTO,
    1000,
    FALSE,
    TRUE,
    -1,
    "blank flash@800000, write flash@800000+3e8, read flash@800000+3e8, config flash, restart" },
  { "waits-for-ever-is-not-watched",
    NETWORK,
    28,
    MEMORY_32_MIB,
    MEMORY_NONE,
    "{\"appMem\":0,\"network\":{\"timeoutMs\":-1}}",
    FLASH,
    TO_AUTO,
    1000,
    FALSE,
    FALSE,
    -1,
    "blank flash@800000, write flash@800000+3e8, read flash@800000+3e8, restart" },
  { "waits-for-hours-is-not-watched",
    NETWORK,
    28,
    MEMORY_32_MIB,
    MEMORY_NONE,
    "{\"appMem\":0,\"network\":{\"timeoutMs\":7200000}}",
    FLASH,
    TO_AUTO,
    1000,
    FALSE,
    FALSE,
    -1,
    "blank flash@800000, write flash@800000+3e8, read flash@800000+3e8, restart" },
  { "fits-exactly",
    NETWORK,
    28,
    MEMORY_16_MIB,
    MEMORY_NONE,
    "{\"appMem\":0}",
    FLASH,
    TO_AUTO,
    8 * MIB,
    FALSE,
    TRUE,
    -1,
    "blank flash@800000, write flash@840000+7c0000, read flash@840000+7c0000, write "
    "flash@800000+40000, read flash@800000+80000, "
    "restart" },
  { "one-byte-too-much",
    NETWORK,
    28,
    MEMORY_16_MIB,
    MEMORY_NONE,
    NULL,
    FLASH,
    TO_AUTO,
    8 * MIB + 1,
    FALSE,
    FALSE,
    OAK_ERROR_TOO_LARGE,
    "(1 bytes) too much" },
  { "usb-has-more-room",
    USB,
    28,
    MEMORY_16_MIB,
    MEMORY_NONE,
    NULL,
    FLASH,
    TO_AUTO,
    15 * MIB + 7,
    FALSE,
    FALSE,
    OAK_ERROR_TOO_LARGE,
    "(7 bytes) too much" },
  { "no-flash-at-all",
    USB,
    28,
    MEMORY_NONE,
    MEMORY_NONE,
    NULL,
    FLASH,
    TO_AUTO,
    1000,
    FALSE,
    FALSE,
    OAK_ERROR_UNSUPPORTED,
    "no flash memory" },
  { "no-emmc",
    NETWORK,
    28,
    MEMORY_32_MIB,
    MEMORY_NONE,
    NULL,
    FLASH,
    TO_EMMC,
    1000,
    FALSE,
    FALSE,
    OAK_ERROR_UNSUPPORTED,
    "no eMMC memory" },
  { "size-not-told",
    NETWORK,
    28,
    MEMORY_SIZELESS,
    MEMORY_NONE,
    NULL,
    FLASH,
    TO_AUTO,
    1000,
    FALSE,
    FALSE,
    OAK_ERROR_NEEDS_CONSENT,
    "0.0.28" },
  { "size-not-told-but-agreed",
    NETWORK,
    28,
    MEMORY_SIZELESS,
    MEMORY_NONE,
    "{\"appMem\":0}",
    FLASH,
    TO_AUTO,
    1000,
    TRUE,
    TRUE,
    -1,
    "blank flash@800000, write flash@800000+3e8, read flash@800000+3e8, restart" },
  { "memories-not-told-but-agreed",
    NETWORK,
    28,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    "{\"appMem\":1}",
    FLASH,
    TO_AUTO,
    1000,
    TRUE,
    TRUE,
    -1,
    "storage 0+3e8, restart" },

  { "soft-brick",
    NETWORK,
    13,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    NULL,
    FLASH,
    TO_AUTO,
    1000,
    TRUE,
    FALSE,
    OAK_ERROR_UNSUPPORTED,
    "0.0.14" },
  { "soft-brick-explicit",
    NETWORK,
    12,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    NULL,
    FLASH,
    TO_NOR,
    1000,
    TRUE,
    FALSE,
    OAK_ERROR_UNSUPPORTED,
    "0.0.14" },
  { "old-needs-consent",
    NETWORK,
    18,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    NULL,
    FLASH,
    TO_AUTO,
    1000,
    FALSE,
    FALSE,
    OAK_ERROR_NEEDS_CONSENT,
    "0.0.18" },
  { "old-auto-is-one-request",
    NETWORK,
    18,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    "{\"appMem\":0}",
    FLASH,
    TO_AUTO,
    1000,
    TRUE,
    FALSE,
    -1,
    "storage 0+3e8, restart, wait flash-booted 30000" },
  { "old-explicit-is-one-region",
    NETWORK,
    14,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    NULL,
    FLASH,
    TO_EMMC,
    600000,
    TRUE,
    TRUE,
    -1,
    "write emmc@800000+927c0, config emmc, restart" },
  { "usb-0.0.12-has-no-configuration",
    USB,
    12,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    NULL,
    FLASH,
    TO_NOR,
    1000,
    TRUE,
    TRUE,
    -1,
    "write flash@100000+3e8, restart" },
  { "usb-0.0.11-knows-no-memories",
    USB,
    11,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    NULL,
    FLASH,
    TO_NOR,
    1000,
    TRUE,
    TRUE,
    OAK_ERROR_UNSUPPORTED,
    "0.0.12 or newer" },
  { "usb-0.0.11-auto",
    USB,
    11,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    NULL,
    FLASH,
    TO_AUTO,
    1000,
    TRUE,
    TRUE,
    -1,
    "storage 0+3e8, restart" },
  { "type-not-known",
    OAK_BOOTLOADER_TYPE_AUTO,
    28,
    MEMORY_32_MIB,
    MEMORY_NONE,
    NULL,
    FLASH,
    TO_AUTO,
    1000,
    TRUE,
    FALSE,
    OAK_ERROR_UNSUPPORTED,
    "of which type" },

  { "clear",
    NETWORK,
    28,
    MEMORY_32_MIB,
    MEMORY_NONE,
    NULL,
    CLEAR,
    TO_AUTO,
    0,
    FALSE,
    FALSE,
    -1,
    "blank flash@800000, read flash@800000+200, restart, wait bootloader 0" },
  { "clear-both",
    NETWORK,
    28,
    MEMORY_32_MIB,
    MEMORY_32_MIB,
    NULL,
    CLEAR,
    TO_AUTO,
    0,
    FALSE,
    TRUE,
    -1,
    "blank flash@800000, read flash@800000+200, blank emmc@800000, read emmc@800000+200, restart" },
  { "clear-only-emmc-is-there",
    NETWORK,
    28,
    MEMORY_NONE,
    MEMORY_32_MIB,
    NULL,
    CLEAR,
    TO_AUTO,
    0,
    FALSE,
    TRUE,
    -1,
    "blank emmc@800000, read emmc@800000+200, restart" },
  { "clear-one-of-two",
    NETWORK,
    28,
    MEMORY_32_MIB,
    MEMORY_32_MIB,
    NULL,
    CLEAR,
    TO_EMMC,
    0,
    FALSE,
    TRUE,
    -1,
    "blank emmc@800000, read emmc@800000+200, restart" },
  { "clear-old",
    USB,
    12,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    NULL,
    CLEAR,
    TO_AUTO,
    0,
    FALSE,
    FALSE,
    -1,
    "blank flash@100000, restart, wait bootloader 0" },
  { "clear-too-old",
    USB,
    11,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    NULL,
    CLEAR,
    TO_AUTO,
    0,
    FALSE,
    FALSE,
    OAK_ERROR_UNSUPPORTED,
    "0.0.12 or newer" },
  { "clear-nothing-there",
    NETWORK,
    28,
    MEMORY_NONE,
    MEMORY_NONE,
    NULL,
    CLEAR,
    TO_AUTO,
    0,
    FALSE,
    FALSE,
    OAK_ERROR_UNSUPPORTED,
    "no flash memory" },

  { "reset-network",
    NETWORK,
    28,
    MEMORY_32_MIB,
    MEMORY_NONE,
    NULL,
    RESET,
    TO_AUTO,
    300000,
    FALSE,
    FALSE,
    -1,
    "boot 493e0, storage 1+800200, read flash@200+800200, restart, wait bootloader 0" },
  { "reset-usb",
    USB,
    28,
    MEMORY_16_MIB,
    MEMORY_NONE,
    NULL,
    RESET,
    TO_AUTO,
    300000,
    FALSE,
    TRUE,
    -1,
    "boot 493e0, storage 1+100200, read flash@200+100200, restart" },
  { "reset-0.0.12",
    USB,
    12,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    NULL,
    RESET,
    TO_AUTO,
    300000,
    FALSE,
    TRUE,
    -1,
    "boot 493e0, storage 1+100200, read flash@200+100200, restart" },
  { "reset-too-old",
    USB,
    11,
    MEMORY_UNKNOWN,
    MEMORY_UNKNOWN,
    NULL,
    RESET,
    TO_AUTO,
    300000,
    FALSE,
    FALSE,
    OAK_ERROR_UNSUPPORTED,
    "0.0.12 or newer" },
  { "reset-image-fits-exactly",
    USB,
    28,
    MEMORY_16_MIB,
    MEMORY_NONE,
    NULL,
    RESET,
    TO_AUTO,
    1031680,
    FALSE,
    TRUE,
    -1,
    "boot fbe00, storage 1+100200, read flash@200+100200, restart" },
  { "reset-image-too-large-for-usb",
    USB,
    28,
    MEMORY_16_MIB,
    MEMORY_NONE,
    NULL,
    RESET,
    TO_AUTO,
    1031681,
    FALSE,
    FALSE,
    OAK_ERROR_TOO_LARGE,
    "1 bytes too much" },
  { "reset-image-too-large-for-network",
    NETWORK,
    28,
    MEMORY_16_MIB,
    MEMORY_NONE,
    NULL,
    RESET,
    TO_AUTO,
    4193793,
    FALSE,
    FALSE,
    OAK_ERROR_TOO_LARGE,
    "1 bytes too much" },
  { "reset-image-too-small",
    NETWORK,
    28,
    MEMORY_16_MIB,
    MEMORY_NONE,
    NULL,
    RESET,
    TO_AUTO,
    1024,
    FALSE,
    FALSE,
    OAK_ERROR_BAD_FILE,
    "too small" },
  { "reset-without-flash",
    NETWORK,
    28,
    MEMORY_NONE,
    MEMORY_32_MIB,
    NULL,
    RESET,
    TO_AUTO,
    300000,
    FALSE,
    FALSE,
    OAK_ERROR_UNSUPPORTED,
    "no flash memory" },
  { "reset-type-not-known",
    OAK_BOOTLOADER_TYPE_AUTO,
    28,
    MEMORY_32_MIB,
    MEMORY_NONE,
    NULL,
    RESET,
    TO_AUTO,
    300000,
    FALSE,
    FALSE,
    OAK_ERROR_UNSUPPORTED,
    "of which type" },
};

static OakMemoryFacts
make_memory (Memory memory)
{
  OakMemoryFacts facts = { .known = memory != MEMORY_UNKNOWN, .available = memory > MEMORY_NONE };

  if (memory == MEMORY_16_MIB)
    facts.size = 16 * MIB;
  if (memory == MEMORY_32_MIB)
    facts.size = 32 * MIB;
  return facts;
}

static OakDeviceFacts *
make_facts (const Case *test)
{
  OakDeviceFacts *facts = oak_device_facts_new ();

  facts->info = oak_device_info_new_network (MXID, ADDRESS, OAK_DEVICE_STATE_BOOTLOADER);
  facts->version = OAK_VERSION (0, 0, test->patch);
  facts->type = test->type;
  facts->type_trusted = TRUE;
  facts->flash = make_memory (test->flash);
  facts->emmc = make_memory (test->emmc);
  if (test->config != NULL)
    facts->config = oak_config_new_from_text (test->config, NULL);
  return facts;
}

/* An empty pipeline and an empty map of assets, bootloader.md §8.3 and §8.4. */
static const guint8 empty_pipeline[] = {
  0xb9, 0x03, 0xba, 0x00, 0xb9, 0x0a, 0x89, 0x00, 0x00, 0x00, 0x80, 0x93, 0xdc,
  0xc4, 0x41, 0x89, 0x00, 0x00, 0x00, 0x80, 0x93, 0xdc, 0xc4, 0x41, 0xbe, 0xbe,
  0xbe, 0xbd, 0x00, 0xbe, 0xff, 0x81, 0x00, 0x48, 0x81, 0x00, 0x40, 0xbb, 0x00,
};
static const guint8 no_assets[] = { 0xb9, 0x01, 0xbb, 0x00 };

static void
set_section (OakSbr *table,
             guint slot,
             const char *name,
             guint8 *data,
             guint32 offset,
             guint32 size,
             guint8 flags)
{
  OakSbrEntry *entry = &table->entries[slot];

  *entry = (OakSbrEntry){ .size = size, .offset = offset, .flags = flags };
  g_strlcpy (entry->name, name, sizeof entry->name);
  entry->checksum = oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data + offset, size);
}

/* A valid package of exactly @size bytes: its firmware is a pattern, its pipeline is empty. */
static OakAppPackage *
make_package (gsize size, gboolean checked)
{
  guint32 assets = (guint32) (size - sizeof no_assets);
  guint32 pipeline = assets - (guint32) sizeof empty_pipeline;
  guint8 *data = g_malloc (size);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  OakAppPackage *package;
  OakSbr table = { 0 };

  g_assert_cmpuint (size, >, 600);
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 17 + (i >> 8) + 3);
  memcpy (data + OAK_SBR_SIZE, "MA2x", 4);
  memcpy (data + pipeline, empty_pipeline, sizeof empty_pipeline);
  memcpy (data + assets, no_assets, sizeof no_assets);
  set_section (&table,
               0,
               "__firmware",
               data,
               OAK_SBR_SIZE,
               pipeline - OAK_SBR_SIZE,
               checked ? 0x01 : 0x03);
  set_section (&table, 1, "pipeline", data, pipeline, sizeof empty_pipeline, 0);
  set_section (&table, 2, "assets", data, assets, sizeof no_assets, 0);
  oak_sbr_encode (&table, data);
  bytes = g_bytes_new_take (data, size);
  package = oak_app_package_new_from_bytes (bytes, "made.dap", &error);
  g_assert_no_error (error);
  return package;
}

static GBytes *
make_image (gsize size, const char *magic)
{
  guint8 *data = g_malloc (size);

  memset (data, 0x5a, size);
  memcpy (data, magic, MIN (strlen (magic), size));
  return g_bytes_new_take (data, size);
}

static void
make_wish (const Case *test, OakFlashWish *wish)
{
  oak_flash_wish_init (wish, test->operation);
  wish->memory = test->memory;
  wish->size_unknown_ok = test->size_unknown_ok;
  wish->no_wait = test->no_wait;
  if (test->operation == FLASH)
    wish->package = make_package (test->size, FALSE);
  if (test->operation == RESET) {
    wish->bootloader_image = make_image (test->size, "MA2x");
    wish->bootloader_name = g_strdup ("depthai-bootloader.cmd");
  }
}

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
      g_string_append_printf (text, "write %s@%x+%x", memory, step->offset, step->size);
    break;
  case OAK_STEP_READ_BACK:
    g_string_append_printf (text, "read %s@%x+%x", memory, step->offset, step->size);
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
assert_shown (const char *text)
{
  g_assert_nonnull (text);
  g_assert_cmpuint (strlen (text), >, 5);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *c = text; *c != '\0'; c++)
    g_assert_true ((guint8) *c >= 0x20);
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
  g_assert_nonnull (strstr (title, ADDRESS));
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
assert_guards (const Case *test, const OakFlashPlan *plan)
{
  guint32 application = test->type == NETWORK ? 0x800000 : 0x100000;

  g_assert_true (oak_flash_plan_needs_typed_id (plan) == (test->operation == RESET));
  g_assert_true (oak_flash_plan_writes (plan) == (test->operation != DETAILS));
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
  g_autoptr (OakDeviceFacts) facts = make_facts (test);
  g_auto (OakFlashWish) wish = { 0 };
  g_autoptr (OakFlashPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *steps = NULL;

  make_wish (test, &wish);
  plan = oak_flash_plan_new (facts, &wish, &error);
  if (test->code >= 0) {
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
  assert_guards (test, plan);
}

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

static void
test_order_is_safe_at_all_sizes (void)
{
  static const gsize erase_sizes[] = { 512, 4 * 1024, 64 * 1024, 256 * 1024 };
  static const gsize sizes[] = { 601,    4096,   262143, 262144,  262145, 262656,
                                 524287, 524288, 524289, 1048576, 3000001 };
  Case test = { .type = NETWORK,
                .patch = 28,
                .flash = MEMORY_16_MIB,
                .emmc = MEMORY_NONE,
                .operation = FLASH,
                .memory = TO_AUTO };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (OakDeviceFacts) facts = make_facts (&test);
    g_auto (OakFlashWish) wish = { 0 };
    g_autoptr (OakFlashPlan) plan = NULL;

    test.size = sizes[i];
    make_wish (&test, &wish);
    plan = oak_flash_plan_new (facts, &wish, NULL);
    g_assert_nonnull (plan);
    for (gsize j = 0; j < G_N_ELEMENTS (erase_sizes); j++)
      run_on_model (plan, wish.package, erase_sizes[j]);
  }
}

static OakFlashPlan *
plan_for (const Case *test, OakDeviceFacts *facts, OakFlashWish *wish)
{
  g_autoptr (GError) error = NULL;
  OakFlashPlan *plan;

  make_wish (test, wish);
  plan = oak_flash_plan_new (facts, wish, &error);
  g_assert_no_error (error);
  return plan;
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
  static const Case test = { .type = NETWORK,
                             .patch = 28,
                             .flash = MEMORY_32_MIB,
                             .emmc = MEMORY_NONE,
                             .operation = FLASH,
                             .memory = TO_AUTO,
                             .size = 1000 };
  g_autoptr (OakDeviceFacts) facts = make_facts (&test);
  g_auto (OakFlashWish) wish = { 0 };
  g_autoptr (OakFlashPlan) plan = NULL;
  g_auto (GStrv) effects = NULL;
  g_autofree char *title = NULL;

  facts->flash.application_known = TRUE;
  facts->flash.application_present = TRUE;
  facts->flash.application_name = g_strdup ("people-counter");
  facts->flash.application_version = g_strdup ("2.28");
  plan = plan_for (&test, facts, &wish);
  title = oak_flash_plan_get_title (plan);
  effects = oak_flash_plan_get_effects (plan);
  g_assert_cmpstr (title, ==, "Replace the application on OAK B2C3D4 at " ADDRESS);
  g_assert_true (has_words (effects, "\"people-counter\" (firmware 2.28)"));
  g_assert_true (has_words (effects, "made.dap"));
  g_assert_true (has_words (effects, "24.0 MiB"));
  g_assert_true (has_words (effects, "waits 30 seconds"));
}

static void
test_title_without_an_application (void)
{
  static const Case test = { .type = NETWORK,
                             .patch = 28,
                             .flash = MEMORY_32_MIB,
                             .emmc = MEMORY_NONE,
                             .operation = FLASH,
                             .memory = TO_AUTO,
                             .size = 1000 };
  g_autoptr (OakDeviceFacts) facts = make_facts (&test);
  g_auto (OakFlashWish) wish = { 0 };
  g_autoptr (OakFlashPlan) plan = NULL;
  g_autofree char *title = NULL;

  facts->flash.application_known = TRUE;
  plan = plan_for (&test, facts, &wish);
  title = oak_flash_plan_get_title (plan);
  g_assert_cmpstr (title, ==, "Install an application on OAK B2C3D4 at " ADDRESS);
}

/* 192.168.1.150, bootloader.md §9.2 */
static void
test_reset_says_what_is_lost (void)
{
  static const Case test = { .type = NETWORK,
                             .patch = 28,
                             .flash = MEMORY_32_MIB,
                             .emmc = MEMORY_32_MIB,
                             .config = "{\"network\":{\"staticIpv4\":true,\"ipv4\":2516691136}}",
                             .operation = RESET,
                             .size = 300000 };
  g_autoptr (OakDeviceFacts) facts = make_facts (&test);
  g_auto (OakFlashWish) wish = { 0 };
  g_autoptr (OakFlashPlan) plan = plan_for (&test, facts, &wish);
  g_auto (GStrv) effects = oak_flash_plan_get_effects (plan);
  g_auto (GStrv) warnings = oak_flash_plan_get_warnings (plan);

  g_assert_true (has_words (effects, "static IP address 192.168.1.150"));
  g_assert_true (has_words (effects, "user bootloader"));
  g_assert_true (has_words (effects, "depthai-bootloader.cmd"));
  g_assert_true (has_words (effects, "NETWORK"));
  g_assert_true (has_words (effects, "169.254.1.222"));
  g_assert_true (has_words (warnings, "USB"));
  g_assert_true (has_words (warnings, "eMMC"));
}

static void
test_warnings_are_few_and_fit (void)
{
  static const struct {
    guint32 patch;
    gboolean checked;
    guint n_warnings;
    const char *words;
  } rows[] = {
    { 28, TRUE, 0, "" },
    { 28, FALSE, 1, "not to check the firmware" },
    { 26, TRUE, 1, "this camera runs 0.0.26" },
    { 17, TRUE, 4, "its own order: " },
    { 17, FALSE, 4, "tells it not to check" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    Case test = { .type = NETWORK,
                  .patch = rows[i].patch,
                  .config = "{\"appMem\":0}",
                  .operation = FLASH,
                  .memory = TO_AUTO,
                  .size = 1000,
                  .size_unknown_ok = TRUE };
    g_autoptr (OakDeviceFacts) facts = NULL;
    g_auto (OakFlashWish) wish = { 0 };
    g_autoptr (OakFlashPlan) plan = NULL;
    g_auto (GStrv) warnings = NULL;

    test.flash = rows[i].patch >= 19 ? MEMORY_32_MIB : MEMORY_UNKNOWN;
    test.emmc = rows[i].patch >= 19 ? MEMORY_NONE : MEMORY_UNKNOWN;
    facts = make_facts (&test);
    make_wish (&test, &wish);
    oak_app_package_unref (wish.package);
    wish.package = make_package (1000, rows[i].checked);
    plan = oak_flash_plan_new (facts, &wish, NULL);
    warnings = oak_flash_plan_get_warnings (plan);
    g_assert_cmpuint (g_strv_length (warnings), ==, rows[i].n_warnings);
    g_assert_true (has_words (warnings, rows[i].words));
  }
}

static void
test_untrusted_type_decides_nothing (void)
{
  for (int operation = FLASH; operation <= (int) RESET; operation++) {
    const Case test = { .type = NETWORK,
                        .patch = 28,
                        .flash = MEMORY_32_MIB,
                        .emmc = MEMORY_NONE,
                        .operation = (OakOperation) operation,
                        .memory = TO_AUTO,
                        .size = 300000 };
    g_autoptr (OakDeviceFacts) facts = make_facts (&test);
    g_auto (OakFlashWish) wish = { 0 };
    g_autoptr (GError) error = NULL;

    facts->type_trusted = FALSE;
    make_wish (&test, &wish);
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
    { "MA2x", ADDRESS, TRUE },         { "MA2x", "127.0.0.2", TRUE },
    { "OAKSIMBL", "127.0.0.2", TRUE }, { "OAKSIMBL", ADDRESS, FALSE },
    { "BR", "127.0.0.2", FALSE },      { "", ADDRESS, FALSE },
  };
  static const Case test = { .type = NETWORK,
                             .patch = 28,
                             .flash = MEMORY_32_MIB,
                             .emmc = MEMORY_NONE,
                             .operation = RESET,
                             .size = 300000 };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (OakDeviceFacts) facts = make_facts (&test);
    g_auto (OakFlashWish) wish = { 0 };
    g_autoptr (OakFlashPlan) plan = NULL;
    g_autoptr (GError) error = NULL;

    oak_device_info_unref (facts->info);
    facts->info = oak_device_info_new_network (MXID, rows[i].address, OAK_DEVICE_STATE_BOOTLOADER);
    oak_flash_wish_init (&wish, RESET);
    wish.bootloader_image = make_image (300000, rows[i].magic);
    plan = oak_flash_plan_new (facts, &wish, &error);
    g_assert_true ((plan != NULL) == rows[i].good);
    if (plan == NULL)
      g_assert_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE);
  }
}

/* The image, then erased bytes, and both are parts of one buffer's content as planned. */
static void
test_reset_payload (void)
{
  static const Case test = { .type = USB,
                             .patch = 28,
                             .flash = MEMORY_16_MIB,
                             .emmc = MEMORY_NONE,
                             .operation = RESET,
                             .size = 5000 };
  g_autoptr (OakDeviceFacts) facts = make_facts (&test);
  g_auto (OakFlashWish) wish = { 0 };
  g_autoptr (OakFlashPlan) plan = plan_for (&test, facts, &wish);
  const OakFlashStep *write = oak_flash_plan_get_step (plan, 1);
  const guint8 *data = g_bytes_get_data (write->bytes, NULL);

  g_assert_cmpuint (write->size, ==, 1049088);
  g_assert_cmpmem (data, 5000, g_bytes_get_data (wish.bootloader_image, NULL), 5000);
  for (guint32 i = 5000; i < write->size; i++)
    g_assert_cmpuint (data[i], ==, 0xff);
  g_assert_true (g_bytes_equal (write->bytes, oak_flash_plan_get_step (plan, 2)->bytes));
}

static void
test_nothing_chosen (void)
{
  static const Case test = { .type = NETWORK,
                             .patch = 28,
                             .flash = MEMORY_32_MIB,
                             .emmc = MEMORY_NONE };
  g_autoptr (OakDeviceFacts) facts = make_facts (&test);

  for (int operation = FLASH; operation <= (int) RESET; operation++) {
    g_auto (OakFlashWish) wish = { 0 };
    g_autoptr (GError) error = NULL;

    oak_flash_wish_init (&wish, (OakOperation) operation);
    if (operation == (int) CLEAR)
      continue;
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
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/flash/plan/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_case);
  }
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
