/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-flash-work-private.h"
#include "plan-support.h"

/* What a job may claim: nothing is a success of which one proof is missing. */

typedef struct {
  const char *name;
  const char *wish;
  gboolean read_back;
  gboolean watched;
  gboolean seen;
  OakDeviceState state;
  int version; /* that the camera started; 28 was written; -1: not told */
  OakOutcome outcome;
  const char *evidence;
  const char *next;
} Case;

static const Case cases[] = {
  { "reset-with-all-proof",
    "reset auto 300000",
    TRUE,
    TRUE,
    TRUE,
    OAK_DEVICE_STATE_BOOTLOADER,
    28,
    OAK_OUTCOME_CONFIRMED,
    "started bootloader 0.0.28 by itself",
    "169.254.1.222" },
  { "reset-with-the-old-version",
    "reset auto 300000",
    TRUE,
    TRUE,
    TRUE,
    OAK_DEVICE_STATE_BOOTLOADER,
    26,
    OAK_OUTCOME_NOT_CONFIRMED,
    "started bootloader 0.0.26, but 0.0.28 was written",
    "Wait a minute" },
  { "reset-with-an-untold-version",
    "reset auto 300000",
    TRUE,
    TRUE,
    TRUE,
    OAK_DEVICE_STATE_BOOTLOADER,
    -1,
    OAK_OUTCOME_NOT_CONFIRMED,
    "could not be asked (it hung up)",
    "Wait a minute" },
  { "reset-nobody-waited-for-the-version",
    "reset auto 300000",
    TRUE,
    FALSE,
    TRUE,
    OAK_DEVICE_STATE_BOOTLOADER,
    -1,
    OAK_OUTCOME_START_NOT_OBSERVED,
    "could not be asked",
    "169.254.1.222" },
  { "reset-not-read-back",
    "reset auto 300000",
    FALSE,
    TRUE,
    TRUE,
    OAK_DEVICE_STATE_BOOTLOADER,
    28,
    OAK_OUTCOME_NOT_CONFIRMED,
    "Not proven",
    NULL },
  { "reset-into-recovery",
    "reset auto 300000",
    TRUE,
    TRUE,
    FALSE,
    OAK_DEVICE_STATE_UNBOOTED,
    -1,
    OAK_OUTCOME_NOT_CONFIRMED,
    "recovery mode",
    "switches for recovery" },
  { "flash-with-all-proof",
    "flash auto 1000",
    TRUE,
    TRUE,
    TRUE,
    OAK_DEVICE_STATE_FLASH_BOOTED,
    -1,
    OAK_OUTCOME_CONFIRMED,
    "The application runs",
    "safe to unplug" },
  { "flash-does-not-start",
    "flash auto 1000",
    TRUE,
    TRUE,
    FALSE,
    OAK_DEVICE_STATE_BOOTLOADER,
    -1,
    OAK_OUTCOME_NOT_CONFIRMED,
    "did not start in time",
    "power off and on" },
  { "flash-nobody-watched",
    "flash auto 1000",
    TRUE,
    FALSE,
    FALSE,
    OAK_DEVICE_STATE_UNKNOWN,
    -1,
    OAK_OUTCOME_START_NOT_OBSERVED,
    "was not watched",
    "30 seconds" },
};

static void
fill_work (OakFlashWork *work, const Case *test)
{
  work->read_back = test->read_back;
  work->watched = test->watched;
  work->seen = test->seen;
  work->state = test->state;
  work->bytes_written = 1000;
  work->bytes_verified = 1000;
  work->version_written = OAK_VERSION (0, 0, 28);
  work->version_checked = test->version >= 0;
  work->version_started = OAK_VERSION (0, 0, (guint32) MAX (test->version, 0));
  work->version_problem = g_strdup ("it hung up");
  work->wait_problem = g_strdup ("silence");
}

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (OakDeviceFacts) facts = plan_facts_new ("network 28 32 none", NULL);
  g_autoptr (OakFlashPlan) plan = NULL;
  g_autoptr (OakFlashResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *evidence = NULL;
  OakFlashWork work = { 0 };

  plan_wish_init (&work.wish, test->wish);
  plan = oak_flash_plan_new (facts, &work.wish, &error);
  g_assert_no_error (error);
  work.plan = plan;
  work.facts = facts;
  fill_work (&work, test);
  result = oak_flash_work_make_result (&work);
  evidence = g_strjoinv ("\n", result->evidence);
  g_test_message ("%s: %s", evidence, result->next);
  g_assert_cmpint (result->outcome, ==, test->outcome);
  g_assert_nonnull (strstr (evidence, test->evidence));
  if (test->next != NULL)
    g_assert_nonnull (strstr (result->next, test->next));
  oak_flash_wish_clear (&work.wish);
  g_free (work.version_problem);
  g_free (work.wait_problem);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/flash/result/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  return g_test_run ();
}
