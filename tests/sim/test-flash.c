/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim-flash.h"

/* The memory chips of the simulator, for every erase size. No threads, no sockets. */

#define CHIP_SIZE ((gsize) 1024 * 1024)

typedef struct {
  const char *name;
  gsize erase_size;
} FlashCase;

static const FlashCase cases[] = {
  { "4-kib", 4 * OAK_KIB },
  { "64-kib", 64 * OAK_KIB },
  { "256-kib", 256 * OAK_KIB },
};

static SimFlash *
make_chip (gsize erase_size, gboolean preserve)
{
  SimFlashOptions options = { CHIP_SIZE, erase_size, preserve, 150000000, 1600 };

  return sim_flash_new (&options);
}

static void
fill (guint8 *bytes, gsize size, guint seed)
{
  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 31 + i / 256 * 17 + seed);
}

/* A chip full of one pattern, and a copy of that. */
static SimFlash *
make_full_chip (gsize erase_size, gboolean preserve, guint8 **content)
{
  SimFlash *flash = make_chip (erase_size, preserve);

  *content = g_malloc (CHIP_SIZE);
  fill (*content, CHIP_SIZE, 3);
  sim_flash_put (flash, 0, *content, CHIP_SIZE);
  return flash;
}

static void
test_starts_erased (gconstpointer data)
{
  const FlashCase *flash_case = data;
  g_autoptr (SimFlash) flash = make_chip (flash_case->erase_size, TRUE);

  g_assert_true (sim_flash_is_blank (flash, 0, CHIP_SIZE));
  g_assert_cmpuint (sim_flash_get_size (flash), ==, CHIP_SIZE);
  g_assert_true (sim_flash_contains (flash, CHIP_SIZE, 0));
  g_assert_false (sim_flash_contains (flash, CHIP_SIZE - 1, 2));
  g_assert_false (sim_flash_contains (flash, G_MAXUINT64, 2));
}

static void
test_programming_only_clears_bits (gconstpointer data)
{
  const FlashCase *flash_case = data;
  g_autoptr (SimFlash) flash = make_chip (flash_case->erase_size, TRUE);
  guint8 first[700];
  guint8 second[700];

  fill (first, sizeof first, 1);
  fill (second, sizeof second, 90);
  g_assert_true (sim_flash_program (flash, 1001, first, sizeof first));
  g_assert_cmpmem (sim_flash_get_data (flash) + 1001, sizeof first, first, sizeof first);
  g_assert_true (sim_flash_program (flash, 1001, second, sizeof second));
  for (gsize i = 0; i < sizeof first; i++)
    g_assert_cmpuint (sim_flash_get_data (flash)[1001 + i], ==, first[i] & second[i]);
}

static void
test_erasing_takes_one_block (gconstpointer data)
{
  const FlashCase *flash_case = data;
  g_autofree guint8 *content = NULL;
  g_autoptr (SimFlash) flash = make_full_chip (flash_case->erase_size, TRUE, &content);
  gsize block = flash_case->erase_size;

  g_assert_true (sim_flash_erase_block (flash, block));
  memset (content + block, 0xff, flash_case->erase_size);
  g_assert_cmpmem (sim_flash_get_data (flash), CHIP_SIZE, content, CHIP_SIZE);
}

/* Unaligned at both ends, over several blocks. */
static void
test_write_keeps_neighbours (gconstpointer data)
{
  const FlashCase *flash_case = data;
  g_autofree guint8 *content = NULL;
  g_autoptr (SimFlash) flash = make_full_chip (flash_case->erase_size, TRUE, &content);
  gsize offset = flash_case->erase_size - 777;
  gsize size = flash_case->erase_size + 1555;

  fill (content + offset, size, 200);
  g_assert_true (sim_flash_write (flash, offset, content + offset, size));
  g_assert_cmpmem (sim_flash_get_data (flash), CHIP_SIZE, content, CHIP_SIZE);
}

static void
test_write_loses_neighbours (gconstpointer data)
{
  const FlashCase *flash_case = data;
  g_autofree guint8 *content = NULL;
  g_autoptr (SimFlash) flash = make_full_chip (flash_case->erase_size, FALSE, &content);
  gsize offset = flash_case->erase_size - 777;
  gsize size = flash_case->erase_size + 1555;

  memset (content, 0xff, 3 * flash_case->erase_size);
  fill (content + offset, size, 200);
  g_assert_true (sim_flash_write (flash, offset, content + offset, size));
  g_assert_cmpmem (sim_flash_get_data (flash), CHIP_SIZE, content, CHIP_SIZE);
}

static void
test_clear_leaves_the_rest (gconstpointer data)
{
  const FlashCase *flash_case = data;
  g_autofree guint8 *content = NULL;
  g_autoptr (SimFlash) flash = make_full_chip (flash_case->erase_size, TRUE, &content);

  memset (content + 512, 0xff, 512);
  g_assert_true (sim_flash_clear (flash, 512, 512));
  g_assert_cmpmem (sim_flash_get_data (flash), CHIP_SIZE, content, CHIP_SIZE);
}

/* 150 ms a block and 1.6 us a byte, only counted. */
static void
test_clock_counts_erasing_and_programming (gconstpointer data)
{
  const FlashCase *flash_case = data;
  g_autoptr (SimFlash) flash = make_chip (flash_case->erase_size, FALSE);
  g_autofree guint8 *bytes = g_malloc (2 * flash_case->erase_size);

  fill (bytes, 2 * flash_case->erase_size, 5);
  g_assert_true (sim_flash_write (flash, 0, bytes, 2 * flash_case->erase_size));
  g_assert_cmpuint (sim_flash_get_busy_ns (flash),
                    ==,
                    2 * 150000000 + 2 * flash_case->erase_size * 1600);
}

typedef struct {
  GArray *kinds; /* of SimFlashStepKind */
  guint64 cut_at;
} StepLog;

static gboolean
on_step (const SimFlashStep *step, gpointer user_data)
{
  StepLog *log = user_data;

  g_assert_cmpuint (step->index, ==, log->kinds->len);
  g_array_append_val (log->kinds, step->kind);
  return step->index != log->cut_at;
}

static void
test_steps_are_blocks_and_pages (gconstpointer data)
{
  const FlashCase *flash_case = data;
  g_autoptr (SimFlash) flash = make_chip (flash_case->erase_size, TRUE);
  StepLog log = { g_array_new (FALSE, FALSE, sizeof (SimFlashStepKind)), G_MAXUINT64 };
  guint8 bytes[SIM_FLASH_PAGE_SIZE * 2];

  fill (bytes, sizeof bytes, 5);
  sim_flash_set_step_func (flash, on_step, &log);
  g_assert_true (sim_flash_write (flash, SIM_FLASH_PAGE_SIZE, bytes, sizeof bytes));
  g_assert_cmpuint (log.kinds->len, ==, 3);
  g_assert_cmpint (g_array_index (log.kinds, SimFlashStepKind, 0), ==, SIM_FLASH_STEP_ERASE);
  g_assert_cmpint (g_array_index (log.kinds, SimFlashStepKind, 1), ==, SIM_FLASH_STEP_PROGRAM);
  g_assert_cmpint (g_array_index (log.kinds, SimFlashStepKind, 2), ==, SIM_FLASH_STEP_PROGRAM);
  g_assert_cmpuint (sim_flash_get_n_steps (flash), ==, 3);
  g_array_unref (log.kinds);
}

/* The power goes at the first program step behind the erasing: erased, that page in between, the
 * rest as erased. */
static void
test_power_cut_leaves_a_step_half_done (gconstpointer data)
{
  const FlashCase *flash_case = data;
  g_autofree guint8 *content = NULL;
  g_autoptr (SimFlash) flash = make_full_chip (flash_case->erase_size, TRUE, &content);
  StepLog log = { g_array_new (FALSE, FALSE, sizeof (SimFlashStepKind)), 1 };
  g_autofree guint8 *bytes = g_malloc0 (flash_case->erase_size);
  const guint8 *page = sim_flash_get_data (flash);

  sim_flash_set_step_func (flash, on_step, &log);
  g_assert_false (sim_flash_write (flash, 0, bytes, flash_case->erase_size));
  g_assert_false (sim_flash_is_powered (flash));
  g_assert_false (sim_flash_is_blank (flash, 0, SIM_FLASH_PAGE_SIZE));
  g_assert_cmpint (memcmp (page, bytes, SIM_FLASH_PAGE_SIZE), !=, 0);
  g_assert_true (sim_flash_is_blank (flash,
                                     SIM_FLASH_PAGE_SIZE,
                                     flash_case->erase_size - SIM_FLASH_PAGE_SIZE));

  g_assert_false (sim_flash_write (flash, 0, bytes, flash_case->erase_size));
  sim_flash_restore_power (flash);
  g_assert_true (sim_flash_write (flash, 0, bytes, flash_case->erase_size));
  g_assert_cmpint (memcmp (page, bytes, flash_case->erase_size), ==, 0);
  g_array_unref (log.kinds);
}

/* Cut while erasing: a mixture of what was there and ones, never a zero that was not there before.
 */
static void
test_power_cut_while_erasing_only_sets_bits (gconstpointer data)
{
  const FlashCase *flash_case = data;
  g_autofree guint8 *content = NULL;
  g_autoptr (SimFlash) flash = make_full_chip (flash_case->erase_size, TRUE, &content);
  StepLog log = { g_array_new (FALSE, FALSE, sizeof (SimFlashStepKind)), 0 };
  const guint8 *after = sim_flash_get_data (flash);

  sim_flash_set_step_func (flash, on_step, &log);
  g_assert_false (sim_flash_erase_block (flash, 0));
  g_assert_false (sim_flash_is_blank (flash, 0, flash_case->erase_size));
  g_assert_cmpint (memcmp (after, content, flash_case->erase_size), !=, 0);
  for (gsize i = 0; i < flash_case->erase_size; i++)
    g_assert_cmpuint (after[i] & content[i], ==, content[i]);
  g_array_unref (log.kinds);
}

/* Returns: a chip whose power went while its first block was being erased, or programmed with
 * zeros. */
static SimFlash *
make_cut_chip (gsize erase_size, SimFlashStepKind kind, guint32 seed, guint8 **content)
{
  SimFlash *flash = make_full_chip (erase_size, TRUE, content);
  StepLog log = { g_array_new (FALSE, FALSE, sizeof (SimFlashStepKind)), 0 };
  guint8 zeros[SIM_FLASH_PAGE_SIZE] = { 0 };

  sim_flash_set_cut_seed (flash, seed);
  sim_flash_set_step_func (flash, on_step, &log);
  if (kind == SIM_FLASH_STEP_ERASE)
    g_assert_false (sim_flash_erase_block (flash, 0));
  else
    g_assert_false (sim_flash_program (flash, 0, zeros, sizeof zeros));
  sim_flash_set_step_func (flash, NULL, NULL);
  g_array_unref (log.kinds);
  return flash;
}

/* Over some seeds an erasure is met before it began, while it still clears bits, and while it sets
 * them, but never both at once; the same seed always leaves the same. */
static void
test_cut_seed_decides_how_far_a_step_came (gconstpointer data)
{
  const FlashCase *flash_case = data;
  guint n_untouched = 0;
  guint n_cleared = 0;
  guint n_set = 0;

  for (guint32 seed = 1; seed <= 10; seed++) {
    g_autofree guint8 *content = NULL;
    g_autofree guint8 *again_content = NULL;
    g_autoptr (SimFlash) flash =
        make_cut_chip (flash_case->erase_size, SIM_FLASH_STEP_ERASE, seed, &content);
    g_autoptr (SimFlash) again =
        make_cut_chip (flash_case->erase_size, SIM_FLASH_STEP_ERASE, seed, &again_content);
    const guint8 *after = sim_flash_get_data (flash);
    gboolean cleared = FALSE;
    gboolean set = FALSE;

    for (gsize i = 0; i < flash_case->erase_size; i++) {
      cleared |= (content[i] & ~after[i]) != 0;
      set |= (after[i] & ~content[i]) != 0;
    }
    g_assert_false (cleared && set);
    n_cleared += cleared;
    n_set += set;
    n_untouched += !cleared && !set;
    g_assert_cmpint (memcmp (after, sim_flash_get_data (again), CHIP_SIZE), ==, 0);
    g_assert_cmpint (memcmp (after + flash_case->erase_size,
                             content + flash_case->erase_size,
                             CHIP_SIZE - flash_case->erase_size),
                     ==,
                     0);
  }
  g_assert_cmpuint (n_untouched, ==, 2);
  g_assert_cmpuint (n_cleared, ==, 2);
  g_assert_cmpuint (n_set, ==, 6);
}

static void
test_cut_programming_clears_some_bits (gconstpointer data)
{
  const FlashCase *flash_case = data;

  for (guint32 seed = 1; seed <= 10; seed++) {
    g_autofree guint8 *content = NULL;
    g_autoptr (SimFlash) flash =
        make_cut_chip (flash_case->erase_size, SIM_FLASH_STEP_PROGRAM, seed, &content);
    const guint8 *after = sim_flash_get_data (flash);
    guint n_left = 0;

    for (gsize i = 0; i < SIM_FLASH_PAGE_SIZE; i++) {
      g_assert_cmpuint (after[i] & ~content[i], ==, 0);
      n_left += after[i] != 0;
    }
    g_assert_cmpuint (n_left, >, 0);
    g_assert_cmpint (memcmp (after + SIM_FLASH_PAGE_SIZE,
                             content + SIM_FLASH_PAGE_SIZE,
                             CHIP_SIZE - SIM_FLASH_PAGE_SIZE),
                     ==,
                     0);
  }
}

static void
test_pages_take_their_time (gconstpointer data)
{
  const FlashCase *flash_case = data;
  SimFlashOptions options = { .size = CHIP_SIZE,
                              .erase_size = flash_case->erase_size,
                              .erase_ns = 150000000,
                              .page_ns = 400000 };
  g_autoptr (SimFlash) flash = sim_flash_new (&options);
  g_autofree guint8 *bytes = g_malloc (CHIP_SIZE);
  guint64 busy_ns;
  StepLog log = { g_array_new (FALSE, FALSE, sizeof (SimFlashStepKind)), G_MAXUINT64 };

  memset (bytes, 0xff, CHIP_SIZE);
  memset (bytes, 0, 3 * SIM_FLASH_PAGE_SIZE);
  g_assert_true (sim_flash_write (flash, 0, bytes, flash_case->erase_size));
  busy_ns = sim_flash_get_busy_ns (flash);
  g_assert_cmpuint (busy_ns, ==, 150000000 + 3 * 400000);

  /* It takes no less when somebody watches. */
  g_array_set_size (log.kinds, (guint) sim_flash_get_n_steps (flash));
  sim_flash_set_step_func (flash, on_step, &log);
  g_assert_true (sim_flash_write (flash, 0, bytes, flash_case->erase_size));
  g_assert_cmpuint (sim_flash_get_busy_ns (flash), ==, 2 * busy_ns);
  g_array_unref (log.kinds);
}

static void
test_emmc_is_overwritten_in_place (void)
{
  SimFlashOptions options = { CHIP_SIZE, 0, TRUE, 0, 0 };
  g_autoptr (SimFlash) flash = sim_flash_new (&options);
  g_autofree guint8 *content = g_malloc (CHIP_SIZE);

  fill (content, CHIP_SIZE, 9);
  g_assert_true (sim_flash_write (flash, 0, content, CHIP_SIZE));
  memset (content + 5000, 0xff, 9000);
  g_assert_true (sim_flash_write (flash, 5000, content + 5000, 9000));
  g_assert_cmpmem (sim_flash_get_data (flash), CHIP_SIZE, content, CHIP_SIZE);
  memset (content + 100, 0xff, 10000);
  g_assert_true (sim_flash_clear (flash, 100, 10000));
  g_assert_cmpmem (sim_flash_get_data (flash), CHIP_SIZE, content, CHIP_SIZE);
}

static void
test_every_change_counts (gconstpointer data)
{
  const FlashCase *flash_case = data;
  g_autofree guint8 *content = NULL;
  g_autoptr (SimFlash) flash = make_full_chip (flash_case->erase_size, TRUE, &content);
  guint64 n_changes = 0;

  for (guint i = 0; i < 6; i++) {
    if (i == 1)
      sim_flash_put (flash, 7, "put", 3);
    if (i == 2)
      g_assert_true (sim_flash_write (flash, 0, content + 1, 2 * flash_case->erase_size));
    if (i == 3)
      g_assert_true (sim_flash_program (flash, 1000, "\0", 1));
    if (i == 4)
      g_assert_true (sim_flash_erase_block (flash, flash_case->erase_size));
    if (i == 5)
      g_assert_true (sim_flash_clear (flash, 10, 20));
    g_assert_cmpuint (sim_flash_get_n_changes (flash), >, n_changes);
    n_changes = sim_flash_get_n_changes (flash);
    g_assert_nonnull (sim_flash_get_data (flash));
    g_assert_cmpuint (sim_flash_get_n_changes (flash), ==, n_changes);
  }
}

typedef struct {
  const char *claim;
  void (*run) (gconstpointer data);
} FlashTest;

static const FlashTest tests[] = {
  { "starts-erased", test_starts_erased },
  { "programming-only-clears-bits", test_programming_only_clears_bits },
  { "erasing-takes-one-block", test_erasing_takes_one_block },
  { "write-keeps-neighbours", test_write_keeps_neighbours },
  { "write-loses-neighbours-without-preserve", test_write_loses_neighbours },
  { "clear-leaves-the-rest", test_clear_leaves_the_rest },
  { "clock-counts-erasing-and-programming", test_clock_counts_erasing_and_programming },
  { "steps-are-blocks-and-pages", test_steps_are_blocks_and_pages },
  { "power-cut-leaves-a-step-half-done", test_power_cut_leaves_a_step_half_done },
  { "power-cut-while-erasing-only-sets-bits", test_power_cut_while_erasing_only_sets_bits },
  { "cut-seed-decides-how-far-a-step-came", test_cut_seed_decides_how_far_a_step_came },
  { "cut-programming-clears-some-bits", test_cut_programming_clears_some_bits },
  { "pages-take-their-time", test_pages_take_their_time },
  { "every-change-counts", test_every_change_counts },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    for (guint j = 0; j < G_N_ELEMENTS (cases); j++) {
      g_autofree char *path = g_strdup_printf ("/sim/flash/%s/%s", tests[i].claim, cases[j].name);

      g_test_add_data_func (path, &cases[j], tests[i].run);
    }
  g_test_add_func ("/sim/flash/emmc-is-overwritten-in-place", test_emmc_is_overwritten_in_place);
  return g_test_run ();
}
