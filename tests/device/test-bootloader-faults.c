/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "device-support.h"
#include "oak-bootloader-message.h"
#include "oak-bootloader.h"
#include "oak-config.h"
#include "oak-device-facts.h"
#include "oak-error.h"
#include "sim-process.h"
#include "test-support.h"

/* Cameras that lie, stumble and vanish: each fault of the simulator ends in the error that says
 * what it is, before its deadline, and leaves neither descriptors nor threads behind. */

typedef struct {
  const char *name;
  const char *fault;
  const char *option; /* (nullable): one more for the camera */
  /* What is done once the connection is tried; NULL: the opening itself fails. */
  gboolean (*act) (OakBootloader *bootloader, GError **error);
  OakError expected;
} FaultCase;

static gboolean
read_memory (OakBootloader *bootloader, GError **error)
{
  OakMemoryDetails details;

  return oak_bootloader_read_memory_details (bootloader, OAK_MEMORY_FLASH, &details, NULL, error);
}

static gboolean
read_application (OakBootloader *bootloader, GError **error)
{
  g_auto (OakApplicationDetails) details = { 0 };

  return oak_bootloader_read_application_details (bootloader,
                                                  OAK_MEMORY_FLASH,
                                                  &details,
                                                  NULL,
                                                  error);
}

static gboolean
read_user_bootloader (OakBootloader *bootloader, GError **error)
{
  gboolean is_user_bootloader;

  return oak_bootloader_read_is_user_bootloader (bootloader, &is_user_bootloader, NULL, error);
}

static gboolean
read_configuration (OakBootloader *bootloader, GError **error)
{
  g_autoptr (OakConfig) config = oak_bootloader_read_config (bootloader, NULL, error);

  return config != NULL;
}

static gboolean
write_configuration (OakBootloader *bootloader, GError **error)
{
  g_autoptr (OakConfig) config = oak_config_new ();

  oak_config_set_app_memory (config, OAK_MEMORY_FLASH);
  return oak_bootloader_write_config (bootloader, config, NULL, error);
}

static gboolean
write_header (OakBootloader *bootloader, GError **error)
{
  return oak_bootloader_write_boot_header (bootloader, 2, -1, -1, -1, -1, 7, NULL, error);
}

static gboolean
drop_piece (guint32 offset, const guint8 *data, gsize size, gpointer user_data, GError **error)
{
  return TRUE;
}

static gboolean
read_flash (OakBootloader *bootloader, GError **error)
{
  return oak_bootloader_read_region (bootloader,
                                     OAK_MEMORY_FLASH,
                                     0,
                                     2 * OAK_MIB,
                                     drop_piece,
                                     NULL,
                                     NULL,
                                     error);
}

static gboolean
write_flash (OakBootloader *bootloader, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (OAK_MIB), OAK_MIB);

  return oak_bootloader_write_region (bootloader,
                                      OAK_MEMORY_FLASH,
                                      0x800000,
                                      bytes,
                                      OAK_WRITE_FLAGS_NONE,
                                      NULL,
                                      NULL,
                                      NULL,
                                      error);
}

static gboolean
write_storage (OakBootloader *bootloader, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (6 * OAK_MIB), 6 * OAK_MIB);

  return oak_bootloader_write_storage (bootloader,
                                       OAK_STORAGE_SBR,
                                       bytes,
                                       OAK_WRITE_FLAGS_NONE,
                                       NULL,
                                       NULL,
                                       NULL,
                                       error);
}

static gboolean
write_storage_patiently (OakBootloader *bootloader, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (6 * OAK_MIB), 6 * OAK_MIB);

  return oak_bootloader_write_storage (bootloader,
                                       OAK_STORAGE_SBR,
                                       bytes,
                                       OAK_WRITE_FLAGS_PATIENT,
                                       NULL,
                                       NULL,
                                       NULL,
                                       error);
}

#define NO_WATCHDOG "--watchdog-ms=0"

static const FaultCase cases[] = {
  /* The opening. */
  { "close-on-accept", "close-on-accept", NULL, NULL, OAK_ERROR_DISCONNECTED },
  { "reset-tcp", "reset-tcp", NULL, NULL, OAK_ERROR_DISCONNECTED },
  { "reset-tcp-later", "reset-tcp=500", NULL, NULL, OAK_ERROR_DISCONNECTED },
  { "drop-in-the-first-header", "drop-at-byte=40", NULL, NULL, OAK_ERROR_DISCONNECTED },
  { "drop-in-the-streams", "drop-at-byte=300", NULL, NULL, OAK_ERROR_DISCONNECTED },
  { "no-ping", "no-ping", NULL, NULL, OAK_ERROR_TIMED_OUT },
  { "no-create", "no-create", NULL, NULL, OAK_ERROR_TIMED_OUT },
  { "huge-size", "huge-size", NULL, NULL, OAK_ERROR_PROTOCOL },
  { "bad-event-type", "bad-event-type", NULL, NULL, OAK_ERROR_PROTOCOL },
  { "no-version", "no-response=GetBootloaderVersion", NULL, NULL, OAK_ERROR_TIMED_OUT },
  { "short-version", "short-response=GetBootloaderVersion", NULL, NULL, OAK_ERROR_UNSUPPORTED },
  { "garbage-version", "garbage-response=GetBootloaderVersion", NULL, NULL, OAK_ERROR_PROTOCOL },
  { "wrong-version", "wrong-response=GetBootloaderVersion", NULL, NULL, OAK_ERROR_PROTOCOL },
  { "no-commit", "no-response=GetBootloaderCommit", NULL, NULL, OAK_ERROR_TIMED_OUT },
  { "garbage-type", "garbage-response=GetBootloaderType", NULL, NULL, OAK_ERROR_PROTOCOL },
  /* Questions. */
  { "no-memory-answer", "no-response=GetMemoryDetails", NULL, read_memory, OAK_ERROR_TIMED_OUT },
  { "short-memory-answer",
    "short-response=GetMemoryDetails",
    NULL,
    read_memory,
    OAK_ERROR_UNSUPPORTED },
  { "garbage-memory-answer",
    "garbage-response=GetMemoryDetails",
    NULL,
    read_memory,
    OAK_ERROR_PROTOCOL },
  { "wrong-memory-answer",
    "wrong-response=GetMemoryDetails",
    NULL,
    read_memory,
    OAK_ERROR_PROTOCOL },
  { "drop-instead-of-memory-answer",
    "drop-after-request=GetMemoryDetails",
    NULL,
    read_memory,
    OAK_ERROR_DISCONNECTED },
  { "wrong-application-answer",
    "wrong-response=GetApplicationDetails",
    NULL,
    read_application,
    OAK_ERROR_PROTOCOL },
  { "short-application-answer",
    "short-response=GetApplicationDetails",
    NULL,
    read_application,
    OAK_ERROR_UNSUPPORTED },
  { "garbage-user-bootloader-answer",
    "garbage-response=IsUserBootloader",
    NULL,
    read_user_bootloader,
    OAK_ERROR_PROTOCOL },
  { "no-configuration-answer",
    "no-response=GetBootloaderConfig",
    NULL,
    read_configuration,
    OAK_ERROR_TIMED_OUT },
  { "garbage-configuration-answer",
    "garbage-response=GetBootloaderConfig",
    NULL,
    read_configuration,
    OAK_ERROR_PROTOCOL },
  { "configuration-refused",
    "config-error=full of it",
    NULL,
    write_configuration,
    OAK_ERROR_REFUSED },
  { "drop-instead-of-configuration-result",
    "drop-after-request=SetBootloaderConfig",
    NULL,
    write_configuration,
    OAK_ERROR_DISCONNECTED },
  { "no-header-result",
    "no-response=UpdateFlashBootHeader",
    NULL,
    write_header,
    OAK_ERROR_TIMED_OUT },
  /* Reading. */
  { "no-read-answer", "no-response=ReadFlash", NULL, read_flash, OAK_ERROR_TIMED_OUT },
  { "short-read-answer", "short-response=ReadFlash", NULL, read_flash, OAK_ERROR_PROTOCOL },
  { "wrong-read-answer", "wrong-response=ReadFlash", NULL, read_flash, OAK_ERROR_PROTOCOL },
  { "garbage-read-answer", "garbage-response=ReadFlash", NULL, read_flash, OAK_ERROR_PROTOCOL },
  { "drop-instead-of-read-answer",
    "drop-after-request=ReadFlash",
    NULL,
    read_flash,
    OAK_ERROR_DISCONNECTED },
  /* Writing. */
  { "write-refused", "flash-error=bad block", NULL, write_flash, OAK_ERROR_REFUSED },
  { "write-fails-half-way", "flash-error-at=50", NULL, write_flash, OAK_ERROR_REFUSED },
  { "storage-refused", "flash-error=bad block", NULL, write_storage, OAK_ERROR_REFUSED },
  { "drop-in-data", "drop-in-data=30", NULL, write_storage, OAK_ERROR_DISCONNECTED },
  { "drop-at-progress",
    "drop-at-progress=50",
    "--write-kbps=20000",
    write_storage,
    OAK_ERROR_DISCONNECTED },
  { "drop-at-progress-patiently",
    "drop-at-progress=50",
    "--write-kbps=20000",
    write_storage_patiently,
    OAK_ERROR_DISCONNECTED },
  { "drop-in-data-patiently",
    "drop-in-data=30",
    NULL,
    write_storage_patiently,
    OAK_ERROR_DISCONNECTED },
  { "no-release", "no-release", NO_WATCHDOG, write_storage, OAK_ERROR_TIMED_OUT },
  { "silent-while-writing", "progress-silence", NO_WATCHDOG, write_flash, OAK_ERROR_TIMED_OUT },
  { "garbage-result", "garbage-response=UpdateFlashEx2", NULL, write_flash, OAK_ERROR_PROTOCOL },
  { "wrong-result", "wrong-response=UpdateFlashEx2", NULL, write_flash, OAK_ERROR_PROTOCOL },
};

static void
test_fault (gconstpointer data)
{
  const FaultCase *fault = data;
  g_autofree char *argument = g_strdup_printf ("--fault=%s", fault->fault);
  g_auto (TestReport) report = { 0 };
  TestResources before;
  OakTimeouts timeouts;

  test_resources_take (&before);
  test_report_init (&report);
  test_timeouts_init_short (&timeouts);
  {
    G_GNUC_UNUSED g_autoptr (SimProcess) sim =
        sim_process_start ("--address=" ADDRESS_A, argument, fault->option, NULL);
    g_autoptr (OakConnector) connector = test_connector_new (NULL, ADDRESS_A, &timeouts, &report);
    g_autoptr (GError) error = NULL;
    g_autoptr (OakBootloader) bootloader = oak_connector_open (connector, TRUE, NULL, &error);

    if (fault->act == NULL) {
      g_assert_null (bootloader);
    } else {
      g_assert_no_error (error);
      g_assert_false (fault->act (bootloader, &error));
    }
    g_assert_nonnull (error);
    g_test_message ("%s", error->message);
    g_assert_error (error, OAK_ERROR, (int) fault->expected);
  }
  test_resources_assert_equal (&before);
}

/* Answers that come late, but before the deadline, and credit that is not given back for
 * keep-alives, harm nobody. */
static void
test_harmless (gconstpointer data)
{
  g_autofree char *argument = g_strdup_printf ("--fault=%s", (const char *) data);
  g_auto (TestReport) report = { 0 };
  OakTimeouts timeouts;
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, argument, NULL);
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;

  test_report_init (&report);
  test_timeouts_init_long (&timeouts);
  connector = test_connector_new (NULL, ADDRESS_A, &timeouts, &report);
  bootloader = oak_connector_open (connector, TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (write_flash (bootloader, &error));
  g_assert_no_error (error);
}

static void
test_lying_size_is_told_as_it_is (void)
{
  g_auto (TestReport) report = { 0 };
  OakTimeouts timeouts;
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--fault=lie-size=9223372036854775807", NULL);
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;
  OakMemoryDetails details;

  test_report_init (&report);
  test_timeouts_init_long (&timeouts);
  connector = test_connector_new (NULL, ADDRESS_A, &timeouts, &report);
  bootloader = oak_connector_open (connector, TRUE, NULL, &error);
  g_assert_no_error (error);
  oak_bootloader_read_memory_details (bootloader, OAK_MEMORY_FLASH, &details, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (details.size, ==, 0);
}

/* What is not understood stays unknown, what is out of step is an error. */
static void
assert_facts (const char *fault, gboolean expect_facts)
{
  g_autofree char *argument = g_strdup_printf ("--fault=%s", fault);
  g_auto (TestReport) report = { 0 };
  OakTimeouts timeouts;
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, argument, NULL);
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (OakDeviceFacts) facts = NULL;
  g_autoptr (GError) error = NULL;

  test_report_init (&report);
  test_timeouts_init_short (&timeouts);
  connector = test_connector_new (NULL, ADDRESS_A, &timeouts, &report);
  bootloader = oak_connector_open (connector, TRUE, NULL, &error);
  g_assert_no_error (error);
  facts = oak_device_facts_read (bootloader, oak_connector_get_info (connector), NULL, &error);
  if (!expect_facts) {
    g_assert_null (facts);
    g_assert_nonnull (error);
    return;
  }
  g_assert_no_error (error);
  g_assert_false (facts->flash.known);
  g_assert_true (facts->user_bootloader_known);
}

static void
test_facts_without_an_answer (void)
{
  assert_facts ("short-response=GetMemoryDetails", TRUE);
  assert_facts ("short-response=GetBootloaderConfig", FALSE);
  assert_facts ("garbage-response=GetMemoryDetails", FALSE);
  assert_facts ("wrong-response=GetBootloaderConfig", FALSE);
  assert_facts ("drop-after-request=GetBootloaderConfig", FALSE);
}

/* A patient write goes on, and the log says that nothing is heard. */
static void
test_patient_write_only_warns (void)
{
  g_auto (TestReport) report = { 0 };
  OakTimeouts timeouts;
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--fault=progress-silence=2500", NULL);
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;

  test_report_init (&report);
  test_timeouts_init_short (&timeouts);
  timeouts.progress_silence_ms = 500;
  connector = test_connector_new (NULL, ADDRESS_A, &timeouts, &report);
  bootloader = oak_connector_open (connector, TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (write_storage_patiently (bootloader, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (test_report_get_n_warnings (&report), >=, 3);
}

static gpointer
cut_soon (gpointer bootloader)
{
  g_usleep (300 * 1000);
  oak_bootloader_cut (bootloader);
  return NULL;
}

static void
test_patient_write_ends_when_cut (void)
{
  g_auto (TestReport) report = { 0 };
  OakTimeouts timeouts;
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--fault=progress-silence", NULL);
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  test_report_init (&report);
  test_timeouts_init_long (&timeouts);
  connector = test_connector_new (NULL, ADDRESS_A, &timeouts, &report);
  bootloader = oak_connector_open (connector, TRUE, NULL, &error);
  g_assert_no_error (error);
  thread = g_thread_new ("cut", cut_soon, bootloader);
  g_assert_false (write_storage_patiently (bootloader, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
  g_thread_join (thread);
}

/* An unanswered question leaves nothing that a later one could take for its own answer. */
static void
test_unanswered_question_ends_the_conversation (void)
{
  g_auto (TestReport) report = { 0 };
  OakTimeouts timeouts;
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--fault=no-response=GetMemoryDetails", NULL);
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;

  test_report_init (&report);
  test_timeouts_init_short (&timeouts);
  connector = test_connector_new (NULL, ADDRESS_A, &timeouts, &report);
  bootloader = oak_connector_open (connector, TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (read_memory (bootloader, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_false (read_user_bootloader (bootloader, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_assert_true (oak_bootloader_reset (&bootloader, &error));
  g_assert_no_error (error);
}

/* The data behind an answer that was not understood are not taken for the next answer. */
static void
test_data_behind_a_short_answer_are_no_answer (void)
{
  g_auto (TestReport) report = { 0 };
  OakTimeouts timeouts;
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--fault=short-response=ReadFlash", NULL);
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;

  test_report_init (&report);
  test_timeouts_init_long (&timeouts);
  connector = test_connector_new (NULL, ADDRESS_A, &timeouts, &report);
  bootloader = oak_connector_open (connector, TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (read_flash (bootloader, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_assert_false (read_memory (bootloader, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "out of step"));
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  test_device_main_begin ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/device/faults/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_fault);
  }
  g_test_add_data_func ("/device/faults/late-answers-are-taken",
                        "slow-response=150",
                        test_harmless);
  g_test_add_data_func ("/device/faults/unreleased-keep-alives-harm-nobody",
                        "no-watchdog-release",
                        test_harmless);
  g_test_add_func ("/device/faults/senseless-size-is-unknown", test_lying_size_is_told_as_it_is);
  g_test_add_func ("/device/faults/facts-without-an-answer", test_facts_without_an_answer);
  g_test_add_func ("/device/faults/patient-write-only-warns", test_patient_write_only_warns);
  g_test_add_func ("/device/faults/patient-write-ends-when-cut", test_patient_write_ends_when_cut);
  g_test_add_func ("/device/faults/unanswered-question-ends-the-conversation",
                   test_unanswered_question_ends_the_conversation);
  g_test_add_func ("/device/faults/data-behind-a-short-answer-are-no-answer",
                   test_data_behind_a_short_answer_are_no_answer);
  result = g_test_run ();
  test_device_main_end ();
  return result;
}
