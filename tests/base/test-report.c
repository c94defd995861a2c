/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-report.h"

/* The sink for progress and log lines: what goes in arrives, and no sink is needed. */

typedef struct {
  OakReport report; /* first: the callbacks get it */
  OakProgress progress;
  OakLogLevel level;
  char *text; /* (owned) */
  guint n_calls;
} Sink;

static void
on_progress (OakReport *report, const OakProgress *progress)
{
  Sink *sink = (Sink *) report;

  sink->progress = *progress;
  sink->n_calls++;
}

static void
on_log (OakReport *report, OakLogLevel level, const char *text)
{
  Sink *sink = (Sink *) report;

  sink->level = level;
  g_free (sink->text);
  sink->text = g_strdup (text);
  sink->n_calls++;
}

static void
test_facts_arrive_unchanged (void)
{
  Sink sink = { .report = { on_progress, on_log } };
  const OakProgress progress = { OAK_STAGE_WRITING, 0.25, 0.5, 7, 14 };

  oak_report_progress (&sink.report, &progress);
  oak_report_log (&sink.report, OAK_LOG_LEVEL_WARNING, "block %d of %s", 3, "12");
  g_assert_cmpuint (sink.n_calls, ==, 2);
  g_assert_cmpint (sink.progress.stage, ==, OAK_STAGE_WRITING);
  g_assert_cmpfloat (sink.progress.fraction, ==, 0.25);
  g_assert_cmpuint (sink.progress.bytes_total, ==, 14);
  g_assert_cmpint (sink.level, ==, OAK_LOG_LEVEL_WARNING);
  g_assert_cmpstr (sink.text, ==, "block 3 of 12");
  g_free (sink.text);
}

static void
test_no_sink_is_no_error (void)
{
  OakReport deaf = { NULL, NULL };
  const OakProgress progress = { .stage = OAK_STAGE_BOOTING };

  oak_report_progress (NULL, &progress);
  oak_report_log (NULL, OAK_LOG_LEVEL_INFO, "%s", "nobody listens");
  oak_report_progress (&deaf, &progress);
  oak_report_log (&deaf, OAK_LOG_LEVEL_INFO, "%s", "nobody listens");
}

static void
test_every_stage_and_level_has_its_own_word (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint stage = 0; stage < OAK_STAGE_N; stage++)
    g_assert_true (g_hash_table_add (seen, (gpointer) oak_stage_to_string ((OakStage) stage)));
  for (guint level = OAK_LOG_LEVEL_DEBUG; level <= OAK_LOG_LEVEL_ERROR; level++)
    g_assert_true (
        g_hash_table_add (seen, (gpointer) oak_log_level_to_string ((OakLogLevel) level)));
  g_assert_false (g_hash_table_contains (seen, "unknown"));
  g_assert_cmpstr (oak_stage_to_string (OAK_STAGE_WRITING), ==, "writing");
  g_assert_cmpstr (oak_stage_to_string ((OakStage) OAK_STAGE_N), ==, "unknown");
  g_assert_cmpstr (oak_log_level_to_string ((OakLogLevel) 99), ==, "unknown");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/report/facts-arrive-unchanged", test_facts_arrive_unchanged);
  g_test_add_func ("/base/report/no-sink-is-no-error", test_no_sink_is_no_error);
  g_test_add_func ("/base/report/every-stage-and-level-has-its-own-word",
                   test_every_stage_and_level_has_its_own_word);
  return g_test_run ();
}
