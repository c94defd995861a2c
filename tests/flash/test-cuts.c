/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "cuts-scene.h"

/* The power-cut matrix: every plan, on every kind of chip, cut in every erase and program step and
 * at every message. A new plan joins by one line of the table. As a test it takes a sample of steps
 * on some of the chips; `./dev cuts` (OAK_CUTS=all in the environment) takes them all, and of plans
 * with thousands of steps as many as OAK_CUTS_LARGE says. No sockets, no real time. */

#define SAMPLE       2
#define LARGE_SAMPLE 150
#define TABLE_SEEDS  50
/* Each plan on every third of the chips. */
#define SAMPLED_MODELS 3

/* Longer than the first 256 KiB, which a plan may write last; and shorter. */
static const CutsPackage old_one = { .size = 330 * 1024, .dense = 10 * 1024, .seed = 3 };
static const CutsPackage new_one = { .size = 300 * 1024, .dense = 12 * 1024, .seed = 77 };
static const CutsPackage short_one = { .size = 100 * 1024, .dense = 8 * 1024, .seed = 78 };
static const CutsPackage checked_one = { .size = 300 * 1024,
                                         .dense = 12 * 1024,
                                         .seed = 79,
                                         .checked = TRUE };
/* Nearly the new one. */
static const CutsPackage edited_one = { .size = 300 * 1024,
                                        .dense = 12 * 1024,
                                        .seed = 77,
                                        .edits = { 290 * 1024 } };
static const CutsPackage twice_edited_one = { .size = 300 * 1024,
                                              .dense = 12 * 1024,
                                              .seed = 77,
                                              .edits = { 8 * 1024, 290 * 1024 } };
static const CutsPackage recorded_one = { .file = "script-spi.dap" };
static const CutsPackage other_recorded_one = { .file = "xlinkout.dap" };

#define FLASH_IT  OAK_OPERATION_FLASH_APPLICATION
#define CLEAR_IT  OAK_OPERATION_CLEAR_APPLICATION
#define RESET_IT  OAK_OPERATION_FACTORY_RESET
#define NETWORK   OAK_BOOTLOADER_TYPE_NETWORK
#define USB       OAK_BOOTLOADER_TYPE_USB
#define NOR       OAK_MEMORY_FLASH
#define EMMC      OAK_MEMORY_EMMC
#define FROM_NOR  "{\"appMem\":0}"
#define FROM_EMMC "{\"appMem\":1}"
#define TABLE     CUTS_DANGER_TABLE
#define HEAD      CUTS_DANGER_HEAD
#define WRITE     CUTS_DANGER_WRITE
#define FACTORY   CUTS_DANGER_FACTORY
#define NONE      CUTS_DANGER_NONE

/* Name; operation, type, bootloader 0.0.N, MiB of NOR and of eMMC, memory; what is there before,
 * where; what is flashed; configuration; danger; and whatever else. One line for each plan, which
 * is what the layout is switched off for. */
/* clang-format off */
static const CutsPlan plans[] = {
  { "application-first-time", FLASH_IT, NETWORK, 28, 9, 0, NOR, NULL, NOR, &new_one, FROM_NOR, HEAD },
  { "application-over-another", FLASH_IT, NETWORK, 28, 9, 0, NOR, &old_one, NOR, &new_one, FROM_NOR, HEAD },
  { "short-application", FLASH_IT, NETWORK, 28, 9, 0, NOR, &old_one, NOR, &short_one, FROM_NOR, HEAD },
  { "application-in-full", FLASH_IT, NETWORK, 28, 9, 0, NOR, &old_one, NOR, &new_one, FROM_NOR, HEAD, .full = TRUE },
  { "only-what-differs", FLASH_IT, NETWORK, 28, 9, 0, NOR, &edited_one, NOR, &new_one, FROM_NOR, HEAD },
  { "differs-in-two-places", FLASH_IT, NETWORK, 28, 9, 0, NOR, &twice_edited_one, NOR, &new_one, FROM_NOR, HEAD },
  { "gives-up-comparing", FLASH_IT, NETWORK, 28, 10, 0, NOR, &other_recorded_one, NOR, &recorded_one, FROM_NOR, HEAD, .n_compared = 1, .is_large = TRUE },
  { "checked-at-boot", FLASH_IT, NETWORK, 28, 9, 0, NOR, &old_one, NOR, &checked_one, FROM_NOR, TABLE },
  { "setting-written", FLASH_IT, NETWORK, 28, 9, 0, NOR, &old_one, NOR, &new_one, NULL, HEAD },
  { "to-emmc", FLASH_IT, NETWORK, 28, 9, 9, EMMC, &old_one, EMMC, &new_one, NULL, HEAD },
  { "from-emmc-to-nor", FLASH_IT, NETWORK, 28, 9, 9, NOR, &old_one, EMMC, &new_one, FROM_EMMC, HEAD },
  { "type-usb", FLASH_IT, USB, 28, 2, 0, NOR, &old_one, NOR, &new_one, FROM_NOR, HEAD },
  { "bootloader-0.0.18", FLASH_IT, NETWORK, 18, 9, 0, NOR, &old_one, NOR, &new_one, FROM_NOR, WRITE },
  { "clear", CLEAR_IT, NETWORK, 28, 9, 0, NOR, &old_one, NOR, &new_one, FROM_NOR, NONE },
  { "clear-emmc", CLEAR_IT, NETWORK, 28, 9, 9, EMMC, &old_one, EMMC, &new_one, FROM_EMMC, NONE },
  { "factory-reset-network", RESET_IT, NETWORK, 28, 9, 0, NOR, &old_one, NOR, NULL, FROM_NOR, FACTORY, .is_large = TRUE },
  { "factory-reset-usb", RESET_IT, USB, 28, 2, 0, NOR, &old_one, NOR, NULL, FROM_NOR, FACTORY },
  { "recorded-package", FLASH_IT, NETWORK, 28, 10, 0, NOR, &other_recorded_one, NOR, &recorded_one, FROM_NOR, HEAD, .is_large = TRUE },
};
/* clang-format on */

/* What a chip erases at once, and whether the bootloader keeps what else lies there. */
static const CutsModel models[] = {
  { "4-KiB-kept", 4, TRUE },    { "4-KiB-lost", 4, FALSE },    { "64-KiB-kept", 64, TRUE },
  { "64-KiB-lost", 64, FALSE }, { "256-KiB-kept", 256, TRUE }, { "256-KiB-lost", 256, FALSE },
};

typedef struct {
  const CutsPlan *plan;
  const CutsModel *model;
  CutsCount count;
} Row;

static Row rows[G_N_ELEMENTS (plans) * G_N_ELEMENTS (models)];

static gboolean
wants_all (void)
{
  return g_strcmp0 (g_getenv ("OAK_CUTS"), "all") == 0;
}

static guint
get_large_sample (void)
{
  const char *text = g_getenv ("OAK_CUTS_LARGE");

  return text == NULL ? LARGE_SAMPLE : (guint) atoi (text);
}

static guint32
make_seed (void)
{
  return (guint32) g_test_rand_int_range (1, G_MAXINT32);
}

/* Some of them, and the borders of the dangerous window in any case. */
static void
cut_some (CutsScene *scene, guint n)
{
  guint n_steps = cuts_scene_get_n_steps (scene);
  guint first;
  guint last;

  for (guint i = 0; i < n; i++)
    cuts_scene_cut_step (scene, (guint) g_test_rand_int_range (0, (gint32) n_steps), make_seed ());
  if (!cuts_scene_get_window (scene, &first, &last))
    return;
  cuts_scene_cut_step (scene, first, make_seed ());
  cuts_scene_cut_step (scene, last, make_seed ());
  if (last + 1 < n_steps)
    cuts_scene_cut_step (scene, last + 1, make_seed ());
}

static void
cut_all (CutsScene *scene)
{
  for (guint i = 0; i < cuts_scene_get_n_steps (scene); i++)
    cuts_scene_cut_step (scene, i, make_seed ());
}

/* What is left of a table depends on which of its bits have moved: so many more ways to be cut. */
static void
cut_table_again (CutsScene *scene)
{
  guint first;
  guint last;

  if (!cuts_scene_get_window (scene, &first, &last))
    return;
  for (guint i = 0; i < TABLE_SEEDS; i++)
    for (guint step = first; step <= last; step++)
      cuts_scene_cut_step (scene, step, make_seed ());
}

static void
test_row (gconstpointer data)
{
  Row *row = (Row *) data;
  g_autoptr (CutsScene) scene = cuts_scene_new (row->plan, row->model);
  guint n_messages = cuts_scene_get_n_messages (scene);

  if (!wants_all ())
    cut_some (scene, SAMPLE);
  else if (row->plan->is_large)
    cut_some (scene, get_large_sample ());
  else
    cut_all (scene);
  if (wants_all () && row->plan->danger == CUTS_DANGER_TABLE)
    cut_table_again (scene);
  if (wants_all ())
    for (guint i = 0; i < n_messages; i++)
      cuts_scene_cut_message (scene, i);
  else
    cuts_scene_cut_message (scene, (guint) g_test_rand_int_range (0, (gint32) n_messages));
  row->count = *cuts_scene_get_count (scene);
}

static void
print_row (const char *plan, const char *model, const CutsCount *count)
{
  g_autofree char *window = NULL;

  if (count->n_dangerous > 0 && count->n_steps > 0)
    window = g_strdup_printf ("  steps %u to %u: %.2f of %.2f s",
                              count->first_dangerous,
                              count->last_dangerous,
                              (double) count->danger_ns / 1e9,
                              (double) count->total_ns / 1e9);
  g_print ("# %-26s %-14s %6u %6u %6u %6u %6u %6u %6u%s\n",
           plan,
           model,
           count->n_steps,
           count->n_cuts,
           count->n_booted,
           count->n_none,
           count->n_old,
           count->n_new,
           count->n_dangerous,
           window == NULL ? "" : window);
}

static void
print_summary (void)
{
  CutsCount sum = { 0 };

  g_print ("# %-26s %-14s %6s %6s %6s %6s %6s %6s %6s\n",
           "plan",
           "erase model",
           "steps",
           "cuts",
           "booted",
           "no app",
           "old",
           "new",
           "danger");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const CutsCount *count = &rows[i].count;

    if (count->n_cuts == 0)
      continue;
    print_row (rows[i].plan->name, rows[i].model->name, count);
    sum.n_cuts += count->n_cuts;
    sum.n_booted += count->n_booted;
    sum.n_none += count->n_none;
    sum.n_old += count->n_old;
    sum.n_new += count->n_new;
    sum.n_dangerous += count->n_dangerous;
  }
  print_row ("all", "", &sum);
}

/* What the simulator says of itself would be a line for every state of every camera. */
static void
ignore_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
}

static void
add_row (Row *row, const CutsPlan *plan, const CutsModel *model)
{
  g_autofree char *path = g_strdup_printf ("/flash/cuts/%s/%s", plan->name, model->name);

  *row = (Row){ plan, model, { 0 } };
  g_test_add_data_func (path, row, test_row);
}

int
main (int argc, char **argv)
{
  int result;
  guint n = 0;

  g_test_init (&argc, &argv, NULL);
  g_log_set_handler (NULL, G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG, ignore_log, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    for (guint j = 0; j < G_N_ELEMENTS (models); j++)
      if (wants_all () || j % SAMPLED_MODELS == i % SAMPLED_MODELS)
        add_row (&rows[n++], &plans[i], &models[j]);
  result = g_test_run ();
  print_summary ();
  return result;
}
