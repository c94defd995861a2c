/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "job-cases.h"

#include <string.h>

#include "oak-error.h"

void
impatient_timeouts (OakTimeouts *timeouts)
{
  run_default_timeouts (timeouts);
  timeouts->discovery_answer_ms = 400;
  timeouts->connect_ms = 800;
  timeouts->ping_ms = 800;
  timeouts->open_stream_ms = 800;
  timeouts->query_ms = 1000;
  timeouts->packet_ms = 2000;
  timeouts->progress_silence_ms = 500;
  timeouts->reboot_ms = 4000;
  timeouts->start_margin_ms = 500;
}

void
start_camera (Camera *camera, const char *const *extra)
{
  const char *options[10] = { "--reboot-ms=50" };
  guint n = 1;

  for (guint i = 0; extra != NULL && extra[i] != NULL; i++)
    options[n++] = extra[i];
  camera_start (camera, options);
}

void
assert_case (Run *run, const Case *test)
{
  if (test->code < 0) {
    if (run->error != NULL)
      g_error ("%s", run->error->message);
    g_assert_cmpint (OUTCOME (run->result->outcome), ==, test->code);
    g_assert_nonnull (run->result->next);
    g_assert_true (g_str_has_prefix (run->result->evidence[0], "The camera itself reported"));
    if (test->words != NULL) {
      g_autofree char *text = g_strjoinv ("\n", run->result->evidence);

      g_test_message ("%s", text);
      g_assert_nonnull (strstr (text, test->words));
    }
    return;
  }
  run_assert_error (run, OAK_ERROR, test->code, test->words);
  g_assert_true (oak_flash_job_has_written (run->job) == (!test->in_prepare && !test->unwritten));
  g_assert_cmpint (oak_flash_job_get_remains (run->job), ==, test->remains);
  g_assert_true (run_log_has (run, run->error->message));
}

void
run_case (Run *run, const Case *test)
{
  run_prepare (run);
  if (test->in_prepare)
    return;
  g_assert_no_error (run->error);
  run_run (run);
}

gboolean
is_bricked (Camera *camera)
{
  g_autofree char *state = sim_process_get_string (camera->sim, 0, "state");

  return strcmp (state, "bricked") == 0;
}

void
add_cases (const char *prefix, const Case *cases, gsize n_cases, GTestDataFunc function)
{
  for (gsize i = 0; i < n_cases; i++) {
    g_autofree char *path = g_strdup_printf ("/flash/job/%s-%s", prefix, cases[i].name);

    g_test_add_data_func (path, &cases[i], function);
  }
}
