/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-tracker.h"

#include "oak-app-package.h"
#include "oak-device-facts.h"
#include "oak-device-info.h"
#include "oak-flash-wish.h"
#include "oak-log.h"
#include "test-daps.h"

/* One progress out of many steps: it never falls, stages follow each other, and bytes add up. */

typedef struct {
  OakOutbox *outbox;
  OakFlashPlan *plan;
  OakFlashTracker tracker;
  guint n_news;
  OakProgress last;
  GString *stages; /* each new one */
} Fixture;

static void
receive (const OakNews *news, gpointer user_data)
{
  Fixture *self = user_data;

  if (!news->has_progress)
    return;
  g_assert_cmpfloat (news->progress.fraction, >=, self->last.fraction);
  g_assert_cmpfloat (news->progress.fraction, <=, 1.0);
  g_assert_cmpfloat (news->progress.stage_fraction, <=, 1.0);
  g_assert_cmpuint (news->progress.bytes_done, <=, news->progress.bytes_total);
  if (self->n_news == 0 || news->progress.stage != self->last.stage)
    g_string_append_printf (self->stages, "%s ", oak_stage_to_string (news->progress.stage));
  self->last = news->progress;
  self->n_news++;
}

static void
take_news (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static OakFlashPlan *
make_plan (guint32 patch, OakOperation operation)
{
  g_autoptr (OakDeviceFacts) facts = oak_device_facts_new ();
  g_autoptr (GBytes) bytes = test_daps_load ("script-spi.dap");
  g_auto (OakFlashWish) wish = { 0 };
  g_autoptr (GError) error = NULL;
  OakFlashPlan *plan;

  facts->info =
      oak_device_info_new_network ("18443010E1B2C3D400", "127.0.0.2", OAK_DEVICE_STATE_BOOTLOADER);
  facts->version = OAK_VERSION (0, 0, patch);
  facts->type = OAK_BOOTLOADER_TYPE_NETWORK;
  facts->type_trusted = TRUE;
  facts->flash = (OakMemoryFacts){ .known = patch >= 19, .available = TRUE, .size = 32 * OAK_MIB };
  oak_flash_wish_init (&wish, operation);
  wish.size_unknown_ok = TRUE;
  wish.package = oak_app_package_new_from_bytes (bytes, "x", NULL);
  plan = oak_flash_plan_new (facts, &wish, &error);
  g_assert_no_error (error);
  return plan;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->stages = g_string_new (NULL);
  self->outbox = oak_outbox_new (receive, self);
  self->plan = make_plan (GPOINTER_TO_UINT (data), OAK_OPERATION_FLASH_APPLICATION);
  oak_flash_tracker_init (&self->tracker, self->outbox);
  oak_flash_tracker_enter_stage (&self->tracker, OAK_STAGE_CONNECTING);
  take_news ();
  oak_flash_tracker_set_plan (&self->tracker, self->plan);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  oak_outbox_close (self->outbox);
  oak_flash_tracker_clear (&self->tracker);
  oak_outbox_unref (self->outbox);
  oak_flash_plan_unref (self->plan);
  g_string_free (self->stages, TRUE);
}

/* As the worker would go through a step; every piece of news is taken at once. */
static void
play_step (Fixture *self, guint index)
{
  const OakFlashStep *step = oak_flash_plan_get_step (self->plan, index);

  oak_flash_tracker_enter_step (&self->tracker, index);
  take_news ();
  if (step->kind == OAK_STEP_WAIT_FOR_STATE) {
    oak_flash_tracker_set_wait (&self->tracker, 20500, 41000);
    take_news ();
  }
  for (guint i = 1; step->bytes != NULL && i <= 10; i++) {
    guint64 sent = MIN ((guint64) step->size * i / 5, step->size);

    oak_flash_tracker_set_transfer (&self->tracker,
                                    sent,
                                    (guint64) step->size * i / 10,
                                    step->size);
    take_news ();
  }
  oak_flash_tracker_leave_step (&self->tracker);
  take_news ();
}

static void
play_all (Fixture *self)
{
  for (guint i = 0; i < oak_flash_plan_get_n_steps (self->plan); i++)
    play_step (self, i);
}

static void
test_stages_follow_each_other (Fixture *self, gconstpointer data)
{
  play_all (self);
  g_assert_cmpstr (self->stages->str,
                   ==,
                   "connecting comparing writing verifying configuring restarting checking ");
  g_assert_cmpfloat_with_epsilon (self->last.fraction, 1.0, 1e-9);
}

static void
test_single_request_is_sent_then_written (Fixture *self, gconstpointer data)
{
  play_all (self);
  g_assert_cmpstr (self->stages->str, ==, "connecting sending writing restarting checking ");
  g_assert_cmpfloat_with_epsilon (self->last.fraction, 1.0, 1e-9);
}

static void
test_bytes_add_up_over_steps (Fixture *self, gconstpointer data)
{
  guint64 size = 1310723;

  play_step (self, 0);
  g_assert_cmpint (self->last.stage, ==, OAK_STAGE_COMPARING);
  g_assert_cmpuint (self->last.bytes_done, ==, size);
  play_step (self, 1);
  play_step (self, 2);
  play_step (self, 3);
  g_assert_cmpint (self->last.stage, ==, OAK_STAGE_WRITING);
  g_assert_cmpuint (self->last.bytes_total, ==, 512 + size - 0x40000);
  g_assert_cmpuint (self->last.bytes_done, ==, self->last.bytes_total);
  play_step (self, 4);
  g_assert_cmpint (self->last.stage, ==, OAK_STAGE_VERIFYING);
  g_assert_cmpuint (self->last.bytes_done, ==, size - 0x40000);
  g_assert_cmpuint (self->last.bytes_total, ==, size + 0x40000);
  play_step (self, 5);
  g_assert_cmpint (self->last.stage, ==, OAK_STAGE_VERIFYING);
  g_assert_cmpuint (self->last.bytes_done, ==, size - 0x40000);
  play_step (self, 6);
  g_assert_cmpuint (self->last.bytes_done, ==, self->last.bytes_total);
}

static void
test_news_are_not_too_many (Fixture *self, gconstpointer data)
{
  guint before;

  oak_flash_tracker_enter_step (&self->tracker, 0);
  take_news ();
  before = self->n_news;
  for (guint i = 0; i < 10000; i++) {
    oak_flash_tracker_set_transfer (&self->tracker, i % 512, i % 512, 512);
    take_news ();
  }
  /* Ten a second, and this takes much less than ten seconds. */
  g_assert_cmpuint (self->n_news - before, <, 100);
}

static void
test_wait_tells_the_seconds (Fixture *self, gconstpointer data)
{
  guint last = oak_flash_plan_get_n_steps (self->plan) - 1;

  oak_flash_tracker_enter_step (&self->tracker, last);
  g_usleep (110 * 1000);
  oak_flash_tracker_set_wait (&self->tracker, 10001, 40000);
  take_news ();
  g_assert_cmpint (self->last.stage, ==, OAK_STAGE_CHECKING);
  g_assert_cmpint (self->last.seconds_left, ==, 11);
  g_assert_cmpfloat_with_epsilon (self->last.stage_fraction, 0.75, 0.01);
}

static void
test_failure_moves_nothing (Fixture *self, gconstpointer data)
{
  double fraction;

  play_step (self, 0);
  fraction = self->last.fraction;
  oak_flash_tracker_enter_stage (&self->tracker, OAK_STAGE_RESTARTING);
  oak_flash_tracker_enter_stage (&self->tracker, OAK_STAGE_CHECKING);
  g_usleep (110 * 1000);
  oak_flash_tracker_set_wait (&self->tracker, 1, 1000);
  take_news ();
  g_assert_cmpfloat (self->last.fraction, ==, fraction);
}

static void
test_starting_over_goes_back (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i <= 4; i++)
    play_step (self, i);
  oak_flash_tracker_start_over (&self->tracker, 3);
  play_step (self, 3);
  g_assert_cmpint (self->last.stage, ==, OAK_STAGE_WRITING);
  g_assert_cmpuint (self->last.bytes_done, <=, self->last.bytes_total);
}

static void
count_lines (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  *(guint *) user_data += added;
}

static void
log_lines (const OakNews *news, gpointer user_data)
{
  if (news->entries != NULL)
    oak_log_append_entries (user_data, news->entries);
}

/* The layers below know nothing of the whole: what they say of progress is not passed on, their
 * lines are. */
static void
test_layers_below_only_log (void)
{
  g_autoptr (OakLog) log = oak_log_new ();
  g_autoptr (OakOutbox) outbox = oak_outbox_new (log_lines, log);
  OakProgress progress = { .fraction = 0.9 };
  OakFlashTracker tracker;
  guint n_lines = 0;

  g_signal_connect (log, "items-changed", G_CALLBACK (count_lines), &n_lines);
  oak_flash_tracker_init (&tracker, outbox);
  oak_report_progress (&tracker.report, &progress);
  oak_report_log (&tracker.report, OAK_LOG_LEVEL_INFO, "100%% sure");
  take_news ();
  g_assert_cmpuint (n_lines, ==, 1);
  oak_flash_tracker_clear (&tracker);
}

#define ADD(name, patch, function)                                                                 \
  g_test_add ("/flash/tracker/" name,                                                              \
              Fixture,                                                                             \
              GUINT_TO_POINTER (patch),                                                            \
              set_up,                                                                              \
              function,                                                                            \
              tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("stages-follow-each-other", 28, test_stages_follow_each_other);
  ADD ("single-request-is-sent-then-written", 17, test_single_request_is_sent_then_written);
  ADD ("bytes-add-up-over-steps", 28, test_bytes_add_up_over_steps);
  ADD ("news-are-not-too-many", 28, test_news_are_not_too_many);
  ADD ("wait-tells-the-seconds", 28, test_wait_tells_the_seconds);
  ADD ("failure-moves-nothing", 28, test_failure_moves_nothing);
  ADD ("starting-over-goes-back", 28, test_starting_over_goes_back);
  g_test_add_func ("/flash/tracker/layers-below-only-log", test_layers_below_only_log);
  return g_test_run ();
}
