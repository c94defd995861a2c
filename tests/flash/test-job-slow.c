/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "job-support.h"
#include "oak-bootloader-message.h"
#include "oak-error.h"

/* A link of 4 Mbit/s, made by the kernel's own traffic control in this test's namespace: a packet
 * of 5 MiB would take ten seconds and the camera restarts after 1.5 s without a keep-alive
 * (bootloader.md §2.2), so everything has to go out in small requests. */

#define KEEP_ALIVE_LIMIT_S (OAK_BOOTLOADER_WATCHDOG_MS / 1000.0)

static gboolean
run_command (const char *command)
{
  g_auto (GStrv) words = g_strsplit (command, " ", -1);
  g_autoptr (GError) error = NULL;
  g_autofree char *errors = NULL;
  int status = -1;

  if (g_spawn_sync (NULL,
                    words,
                    NULL,
                    G_SPAWN_SEARCH_PATH,
                    NULL,
                    NULL,
                    NULL,
                    &errors,
                    &status,
                    &error) &&
      status == 0)
    return TRUE;
  g_test_message ("%s: %s", command, error != NULL ? error->message : errors);
  return FALSE;
}

/* The namespace is this program's alone and ends with it. */
static gboolean
slow_down (void)
{
  return run_command ("ip link set lo mtu 1500") &&
         run_command ("tc qdisc add dev lo root tbf rate 4mbit burst 32kbit latency 400ms");
}

static void
test_keep_alive_is_never_starved (void)
{
  g_auto (OakFlashWish) wish = { 0 };
  const char *options[] = { "--reboot-ms=50", "--boot-wait-ms=100", NULL };
  Camera camera;
  Run run;

  if (!slow_down ()) {
    g_test_skip ("the kernel or its tools cannot slow a link down (tc of iproute2, tbf)");
    return;
  }
  wish_package (&wish, "script-spi.dap");
  camera_init (&camera, OAK_BOOTLOADER_TYPE_NETWORK, NULL, 12, 0, 64, TRUE);
  camera_start (&camera, options);
  run_init (&run, &wish, NULL);
  run_both (&run);
  if (run.error != NULL)
    g_error ("%s", run.error->message);
  g_assert_cmpint (run.result->outcome, ==, OAK_OUTCOME_CONFIRMED);
  g_assert_cmpuint (run.result->bytes_verified, ==, oak_app_package_get_size (wish.package));
  /* It was slow indeed, and a single request would have been far too long. */
  g_assert_cmpfloat ((double) run.result->write_us / G_USEC_PER_SEC, >, KEEP_ALIVE_LIMIT_S);
  g_assert_cmpint (sim_process_get_int (camera.sim, 0, "connections"), ==, 1);
  g_assert_cmpint (sim_process_get_int (camera.sim, 0, "resets"), ==, 1);
  g_assert_cmpint (sim_process_get_int (camera.sim, 0, "protocolErrors"), ==, 0);
  g_assert_false (run_log_has (&run, "may miss its keep-alive"));
  run_clear (&run);
  camera_clear (&camera);
}

int
main (int argc, char **argv)
{
  job_test_init (&argc, &argv);
  g_test_add_func ("/flash/job/slow-link-never-starves-the-keep-alive",
                   test_keep_alive_is_never_starved);
  return job_test_run ();
}
