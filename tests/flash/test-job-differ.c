/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "job-support.h"
#include "oak-error.h"
#include "oak-sbr.h"
#include "plan-support.h"

/* Writing only what differs, on chips of all kinds: what is there in the end is the new package and
 * nothing else has changed, and no more is written than has to be. */

#define MIB         ((gsize) 1024 * 1024)
#define BLOCK       ((gsize) 64 * 1024)
#define HEAD        ((gsize) 256 * 1024)
#define SIZE        (3 * MIB)
#define EDIT        (MIB + 100000) /* in the middle of a block */
#define TABLE_SIZE  512u
#define APPLICATION NETWORK_APPLICATION_OFFSET

/* The same package with @n_bytes changed at @position of its firmware, and a table that fits. */
static OakAppPackage *
edit_package (OakAppPackage *package, gsize position, gsize n_bytes)
{
  GBytes *bytes = oak_app_package_get_bytes (package);
  gsize size = 0;
  gconstpointer content = g_bytes_get_data (bytes, &size);
  guint8 *data = g_memdup2 (content, size);
  g_autoptr (GBytes) edited = NULL;
  g_autoptr (GError) error = NULL;
  OakAppPackage *result;
  OakSbr table;

  g_assert_true (oak_sbr_decode (&table, data, size, NULL));
  for (gsize i = 0; i < n_bytes; i++)
    data[position + i] ^= 0x55;
  table.entries[0].checksum = oak_sbr_checksum (OAK_SBR_CHECKSUM_START,
                                                data + table.entries[0].offset,
                                                table.entries[0].size);
  oak_sbr_encode (&table, data);
  edited = g_bytes_new_take (data, size);
  result = oak_app_package_new_from_bytes (edited, "edited.dap", &error);
  g_assert_no_error (error);
  return result;
}

typedef struct {
  guint erase_kib;
  gboolean preserve;
} Chip;

typedef struct {
  OakAppPackage *old; /* what is on the camera */
  Camera camera;
  OakFlashWish wish;
  Run run;
} Fixture;

/* A camera that holds a package of 3 MiB and is to be given one that differs in @n_bytes. */
static void
fixture_init (Fixture *self, const Chip *chip, gsize position, gsize n_bytes)
{
  GBytes *bytes;

  self->old = plan_package_new (SIZE, FALSE);
  bytes = oak_app_package_get_bytes (self->old);
  oak_flash_wish_init (&self->wish, OAK_OPERATION_FLASH_APPLICATION);
  self->wish.package = edit_package (self->old, position, n_bytes);
  self->wish.stop_application = TRUE;
  camera_init (&self->camera,
               OAK_BOOTLOADER_TYPE_NETWORK,
               NULL,
               12,
               0,
               chip->erase_kib,
               chip->preserve);
  camera_put (&self->camera,
              OAK_MEMORY_FLASH,
              APPLICATION,
              g_bytes_get_data (bytes, NULL),
              g_bytes_get_size (bytes));
  camera_expect_config (&self->camera,
                        NETWORK_CONFIG_OFFSET,
                        "{\"appMem\":0,\"network\":{\"timeoutMs\":100}}");
}

/* The camera waits long enough before it starts what would hang it. */
static const char caught_in_time[] = "--boot-wait-ms=8000";

static void
fixture_start (Fixture *self, const char *option)
{
  const char *options[] = { "--reboot-ms=50", "--state=flash-booted", option, NULL, NULL };

  if (g_strcmp0 (option, caught_in_time) == 0)
    options[3] = "--state=bootloader";

  camera_start (&self->camera, options);
  run_init (&self->run, &self->wish, NULL);
}

static void
fixture_assert_confirmed (Fixture *self)
{
  Run *run = &self->run;

  if (run->error != NULL)
    g_error ("%s", run->error->message);
  for (guint i = 0; run->result->evidence[i] != NULL; i++)
    g_test_message ("%s", run->result->evidence[i]);
  g_assert_cmpint (run->result->outcome, ==, OAK_OUTCOME_CONFIRMED);
  g_assert_cmpint (run->result->state, ==, OAK_DEVICE_STATE_FLASH_BOOTED);
  g_assert_cmpuint (run->result->bytes_verified, ==, SIZE);
  g_assert_cmpfloat (run->fraction, >, 0.999);
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "protocolErrors"), ==, 0);
}

/* The camera holds the new package, and all around it is what it was. */
static void
fixture_assert_content (Fixture *self)
{
  GBytes *bytes = oak_app_package_get_bytes (self->wish.package);

  camera_stop (&self->camera);
  camera_expect_write (&self->camera,
                       OAK_MEMORY_FLASH,
                       APPLICATION,
                       g_bytes_get_data (bytes, NULL),
                       g_bytes_get_size (bytes));
  camera_assert_content (&self->camera);
}

static void
fixture_clear (Fixture *self)
{
  run_clear (&self->run);
  camera_clear (&self->camera);
  oak_flash_wish_clear (&self->wish);
  oak_app_package_unref (self->old);
}

static gsize
count_expected (const Chip *chip)
{
  if (chip->preserve)
    return TABLE_SIZE + BLOCK + TABLE_SIZE;
  return chip->erase_kib > 64 ? TABLE_SIZE + SIZE : TABLE_SIZE + BLOCK + HEAD;
}

static void
test_small_edit (gconstpointer data)
{
  const Chip *chip = data;
  Fixture self;

  fixture_init (&self, chip, EDIT, 1);
  fixture_start (&self, NULL);
  run_both (&self.run);
  fixture_assert_confirmed (&self);
  g_assert_cmpuint (self.run.result->bytes_written, ==, count_expected (chip));
  g_assert_true (run_log_has (&self.run, "the start record is written last and alone") ==
                 chip->preserve);
  g_assert_true (run_log_has (&self.run, "everything is written") ==
                 (chip->erase_kib > 64 && !chip->preserve));
  fixture_assert_content (&self);
  fixture_clear (&self);
}

/* In the block of the table nothing but the table may stand last. */
static void
test_edit_beside_the_table (gconstpointer data)
{
  const Chip *chip = data;
  gsize expected = chip->preserve ? TABLE_SIZE + BLOCK + TABLE_SIZE : TABLE_SIZE + HEAD;
  Fixture self;

  if (chip->erase_kib > 64 && !chip->preserve)
    expected = TABLE_SIZE + SIZE;
  fixture_init (&self, chip, 30000, 20000);
  fixture_start (&self, NULL);
  run_both (&self.run);
  fixture_assert_confirmed (&self);
  g_assert_cmpuint (self.run.result->bytes_written, ==, expected);
  fixture_assert_content (&self);
  fixture_clear (&self);
}

static void
test_full_writes_everything (gconstpointer data)
{
  const Chip *chip = data;
  Fixture self;

  fixture_init (&self, chip, EDIT, 1);
  self.wish.full = TRUE;
  fixture_start (&self, NULL);
  run_both (&self.run);
  fixture_assert_confirmed (&self);
  g_assert_cmpuint (self.run.result->bytes_written,
                    ==,
                    TABLE_SIZE + SIZE + (chip->preserve ? TABLE_SIZE : 0));
  fixture_assert_content (&self);
  fixture_clear (&self);
}

/* @neighbours_change: that was seen already, so that nothing is tried any more. */
static gsize
count_over_an_erased_head (const Chip *chip, gboolean neighbours_change)
{
  if (neighbours_change)
    return TABLE_SIZE + BLOCK + SIZE;
  return TABLE_SIZE + BLOCK + HEAD + TABLE_SIZE + (chip->preserve ? TABLE_SIZE : HEAD);
}

/* After a loss of power nothing tells what the camera keeps: the place of the first block is
 * erased. It is found out at the first block that is written, or, when the first block but for its
 * table is written, by erasing the table once more. */
static void
test_over_an_erased_head (gconstpointer data)
{
  const Chip *chip = data;
  gboolean neighbours_change = chip->erase_kib > 64 && !chip->preserve;
  g_autofree guint8 *erased = g_malloc (HEAD);
  Fixture self;

  fixture_init (&self, chip, EDIT, 1);
  memset (erased, 0xff, HEAD);
  camera_put (&self.camera, OAK_MEMORY_FLASH, APPLICATION, erased, HEAD);
  fixture_start (&self, "--state=bootloader");
  run_both (&self.run);
  fixture_assert_confirmed (&self);
  g_assert_true (run_log_has (&self.run, "writing changed what lies beside it") ==
                 neighbours_change);
  g_assert_cmpuint (self.run.result->bytes_written,
                    ==,
                    count_over_an_erased_head (chip, neighbours_change));
  g_assert_true (run_log_has (&self.run, "the start record is written last and alone") ==
                 chip->preserve);
  fixture_assert_content (&self);
  fixture_clear (&self);
}

/* A memory without erase blocks keeps what lies beside a write by its nature. */
static void
test_small_edit_in_emmc (void)
{
  g_autoptr (OakAppPackage) old = plan_package_new (SIZE, FALSE);
  g_auto (OakFlashWish) wish = { 0 };
  const char *options[] = { "--reboot-ms=50", "--boot-wait-ms=100", "--state=flash-booted", NULL };
  Camera camera;
  GBytes *bytes;
  Run run;

  oak_flash_wish_init (&wish, OAK_OPERATION_FLASH_APPLICATION);
  wish.memory = OAK_MEMORY_EMMC;
  wish.stop_application = TRUE;
  wish.package = edit_package (old, EDIT, 1);
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 12, 64, TRUE);
  bytes = oak_app_package_get_bytes (old);
  camera_put (&camera, OAK_MEMORY_EMMC, APPLICATION, g_bytes_get_data (bytes, NULL), SIZE);
  camera_expect_config (&camera, NETWORK_CONFIG_OFFSET, "{\"appMem\":1}");
  camera_start (&camera, options);
  run_init (&run, &wish, NULL);
  run_both (&run);
  g_assert_no_error (run.error);
  g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_CONFIRMED);
  g_assert_cmpuint (run.result->bytes_written, ==, TABLE_SIZE + BLOCK + TABLE_SIZE);
  camera_stop (&camera);
  bytes = oak_app_package_get_bytes (wish.package);
  camera_expect_write (&camera, OAK_MEMORY_EMMC, APPLICATION, g_bytes_get_data (bytes, NULL), SIZE);
  camera_assert_content (&camera);
  run_clear (&run);
  camera_clear (&camera);
}

/* Not one write request, and the start is proof as ever. */
static void
test_nothing_differs (void)
{
  static const Chip chip = { 64, TRUE };
  Fixture self;

  fixture_init (&self, &chip, EDIT, 0);
  fixture_start (&self, NULL);
  run_both (&self.run);
  fixture_assert_confirmed (&self);
  g_assert_false (oak_flash_job_has_written (self.run.job));
  g_assert_cmpuint (self.run.result->bytes_written, ==, 0);
  g_assert_cmpint (sim_process_get_int (self.camera.sim, 0, "writes"), ==, 0);
  g_assert_nonnull (strstr (self.run.result->evidence[0], "not written again"));
  g_assert_nonnull (strstr (self.run.result->evidence[1], "3.0 MiB"));
  camera_stop (&self.camera);
  camera_assert_content (&self.camera);
  fixture_clear (&self);
}

/* The setting from which memory to start is another matter than the application. */
static void
test_only_the_setting_differs (void)
{
  static const Chip chip = { 64, TRUE };
  Fixture self;

  fixture_init (&self, &chip, EDIT, 0);
  camera_expect_config (&self.camera, NETWORK_CONFIG_OFFSET, "{\"network\":{\"timeoutMs\":100}}");
  fixture_start (&self, NULL);
  run_both (&self.run);
  fixture_assert_confirmed (&self);
  g_assert_true (oak_flash_job_has_written (self.run.job));
  g_assert_cmpuint (self.run.result->bytes_written, ==, 0);
  g_assert_cmpint (sim_process_get_int (self.camera.sim, 0, "writes"), ==, 1);
  camera_expect_config (&self.camera,
                        NETWORK_CONFIG_OFFSET,
                        "{\"network\":{\"timeoutMs\":100},\"appMem\":0}");
  fixture_assert_content (&self);
  fixture_clear (&self);
}

/* The table is right, and something behind it is not: such an application starts damaged, so it
 * must not be left standing while it is mended. */
static void
test_damage_behind_a_right_table (void)
{
  static const Chip chip = { 64, TRUE };
  guint8 damage[16] = { 0 };
  Fixture self;

  fixture_init (&self, &chip, EDIT, 0);
  camera_put (&self.camera, OAK_MEMORY_FLASH, APPLICATION + EDIT, damage, sizeof damage);
  fixture_start (&self, caught_in_time);
  run_both (&self.run);
  fixture_assert_confirmed (&self);
  g_assert_cmpuint (self.run.result->bytes_written, ==, TABLE_SIZE + BLOCK + TABLE_SIZE);
  g_assert_true (run_log_has (&self.run, "something differs, first at 0x9"));
  fixture_assert_content (&self);
  fixture_clear (&self);
}

/* What arrived before the link was lost is not written again. */
static void
test_retry_goes_on (void)
{
  static const Chip chip = { 64, TRUE };
  guint64 bytes_written;
  Fixture self;

  fixture_init (&self, &chip, HEAD, SIZE - HEAD - 1000);
  fixture_start (&self, "--fault=drop-at-byte=2000000:once");
  run_both (&self.run);
  g_assert_error (self.run.error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  run_clear (&self.run);
  run_init (&self.run, &self.wish, NULL);
  run_both (&self.run);
  fixture_assert_confirmed (&self);
  bytes_written = self.run.result->bytes_written;
  g_assert_cmpuint (bytes_written, <=, SIZE - 4 * BLOCK);
  fixture_assert_content (&self);
  fixture_clear (&self);
}

/* Every answer takes so long that reading costs as much as writing, and everything differs: the
 * first 256 KiB behind the head are enough to know. */
static void
test_comparing_ends_where_it_costs (void)
{
  static const Chip chip = { 64, TRUE };
  Fixture self;

  fixture_init (&self, &chip, 1000, SIZE - 2000);
  fixture_start (&self, "--fault=slow-response=400");
  run_both (&self.run);
  fixture_assert_confirmed (&self);
  g_assert_true (
      run_log_has (&self.run, "4 of 4 blocks differ: from here on everything is written"));
  g_assert_cmpuint (self.run.result->bytes_written, ==, TABLE_SIZE + SIZE + TABLE_SIZE);
  fixture_assert_content (&self);
  fixture_clear (&self);
}

/* Nothing was written yet: the camera is as it was. */
static void
test_cancel_while_comparing (void)
{
  static const Chip chip = { 64, TRUE };
  Fixture self;

  fixture_init (&self, &chip, EDIT, 0);
  fixture_start (&self, "--fault=slow-response=1000");
  self.run.cancel_at_stage = OAK_STAGE_COMPARING;
  run_both (&self.run);
  g_assert_error (self.run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (oak_flash_job_has_written (self.run.job));
  g_assert_cmpint (oak_flash_job_get_remains (self.run.job), ==, OAK_REMAINS_UNCHANGED);
  camera_stop (&self.camera);
  camera_assert_content (&self.camera);
  fixture_clear (&self);
}

/* Nothing is written, whatever comes out. */
static void
run_verify (Fixture *self, gsize n_bytes, OakOutcome outcome, const char *words)
{
  static const Chip chip = { 64, TRUE };
  g_autofree char *text = NULL;

  fixture_init (self, &chip, EDIT, n_bytes);
  self->wish.operation = OAK_OPERATION_VERIFY_APPLICATION;
  fixture_start (self, NULL);
  run_both (&self->run);
  g_assert_no_error (self->run.error);
  g_assert_cmpint (self->run.result->outcome, ==, outcome);
  text = g_strjoinv ("\n", self->run.result->evidence);
  g_test_message ("%s", text);
  g_assert_nonnull (strstr (text, words));
  g_assert_false (oak_flash_job_has_written (self->run.job));
  g_assert_cmpint (sim_process_get_int (self->camera.sim, 0, "writes"), ==, 0);
  camera_stop (&self->camera);
  camera_assert_content (&self->camera);
  fixture_clear (self);
}

static void
test_verify_equal (void)
{
  Fixture self;

  run_verify (&self, 0, OAK_OUTCOME_CONFIRMED, "3.0 MiB in flash were read and are equal");
}

static void
test_verify_different (void)
{
  Fixture self;

  run_verify (&self, 1, OAK_OUTCOME_DIFFERENT, "differs from the package, first at 0x8000");
}

/* A camera that will not be read is no different camera. */
static void
test_verify_refused (void)
{
  static const Chip chip = { 64, TRUE };
  OakTimeouts timeouts;
  Fixture self;

  fixture_init (&self, &chip, EDIT, 0);
  self.wish.operation = OAK_OPERATION_VERIFY_APPLICATION;
  fixture_start (&self, "--fault=no-response=ReadFlash");
  run_clear (&self.run);
  run_default_timeouts (&timeouts);
  timeouts.packet_ms = 1000;
  run_init (&self.run, &self.wish, &timeouts);
  run_both (&self.run);
  run_assert_error (&self.run, OAK_ERROR, OAK_ERROR_TIMED_OUT, "reading from flash");
  g_assert_false (oak_flash_job_has_written (self.run.job));
  fixture_clear (&self);
}

static void
add_chips (const char *name, GTestDataFunc function)
{
  static const Chip chips[] = { { 4, TRUE },  { 64, TRUE },  { 256, TRUE },
                                { 4, FALSE }, { 64, FALSE }, { 256, FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (chips); i++) {
    g_autofree char *path =
        g_strdup_printf ("/flash/job/%s-erase-%u-%s",
                         name,
                         chips[i].erase_kib,
                         chips[i].preserve ? "neighbours-kept" : "neighbours-lost");

    g_test_add_data_func (path, &chips[i], function);
  }
}

int
main (int argc, char **argv)
{
  job_test_init (&argc, &argv);
  add_chips ("small-edit-writes-little", test_small_edit);
  add_chips ("edit-beside-the-table", test_edit_beside_the_table);
  add_chips ("full-writes-everything", test_full_writes_everything);
  add_chips ("small-edit-over-an-erased-head", test_over_an_erased_head);
  g_test_add_func ("/flash/job/small-edit-in-emmc-writes-little", test_small_edit_in_emmc);
  g_test_add_func ("/flash/job/nothing-differs-nothing-is-written", test_nothing_differs);
  g_test_add_func ("/flash/job/only-the-setting-differs", test_only_the_setting_differs);
  g_test_add_func ("/flash/job/damage-behind-a-right-table-is-mended",
                   test_damage_behind_a_right_table);
  g_test_add_func ("/flash/job/comparing-ends-where-it-costs-as-much-as-writing",
                   test_comparing_ends_where_it_costs);
  g_test_add_func ("/flash/job/retry-goes-on-where-the-link-was-lost", test_retry_goes_on);
  g_test_add_func ("/flash/job/verify-equal", test_verify_equal);
  g_test_add_func ("/flash/job/verify-different", test_verify_different);
  g_test_add_func ("/flash/job/verify-without-an-answer-is-an-error", test_verify_refused);
  g_test_add_func ("/flash/job/cancel-while-comparing-leaves-all-as-it-was",
                   test_cancel_while_comparing);
  return job_test_run ();
}
