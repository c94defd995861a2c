/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "camera-fixture.h"
#include "oak-bootloader-message.h"
#include "oak-bootloader-private.h"
#include "oak-config.h"
#include "oak-device-facts.h"
#include "oak-device-info.h"
#include "oak-error.h"

/* Every operation against a simulated camera: what it does and what it refuses. How it can be
 * stopped is in test-bootloader-cancel.c, faults of the camera are in test-bootloader-faults.c. */

typedef struct {
  const guint8 *expected;
  gsize size;
  guint32 start;
  gsize n_read;
  guint n_pieces;
} Comparison;

static gboolean
compare_piece (guint32 offset, const guint8 *data, gsize size, gpointer user_data, GError **error)
{
  Comparison *self = user_data;

  g_assert_cmpuint (offset, ==, self->start + self->n_read);
  g_assert_cmpuint (size, <=, OAK_MIB);
  g_assert_cmpmem (data, size, self->expected + self->n_read, size);
  self->n_read += size;
  self->n_pieces++;
  return TRUE;
}

static void
assert_flash_holds (Fixture *fixture, guint32 offset, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  const guint8 *expected = g_bytes_get_data (bytes, &size);
  Comparison comparison = { .expected = expected, .size = size, .start = offset };

  g_assert_true (oak_bootloader_read_region (fixture->bootloader,
                                             OAK_MEMORY_FLASH,
                                             offset,
                                             (guint32) size,
                                             compare_piece,
                                             &comparison,
                                             NULL,
                                             &error));
  g_assert_no_error (error);
  g_assert_cmpuint (comparison.n_read, ==, size);
  g_assert_cmpuint (comparison.n_pieces, ==, (size + OAK_MIB - 1) / OAK_MIB);
}

static void
test_region_holds_what_was_written (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (12 * OAK_MIB + 12345);
  g_autoptr (GError) error = NULL;
  Transfer transfer = { 0 };

  camera_open (fixture, NULL, NULL);
  camera_write_region (fixture, APPLICATION_OFFSET, bytes, &transfer, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (transfer.confirmed, ==, g_bytes_get_size (bytes));
  g_assert_cmpuint (transfer.total, ==, g_bytes_get_size (bytes));
  g_assert_cmpuint (oak_bootloader_get_send_speed (fixture->bootloader), >, 0);
  assert_flash_holds (fixture, APPLICATION_OFFSET, bytes);
}

static void
test_small_region_is_one_request (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (256 * OAK_KIB);
  g_autoptr (GError) error = NULL;
  Transfer transfer = { 0 };

  camera_open (fixture, NULL, NULL);
  camera_write_region (fixture, APPLICATION_OFFSET + 512, bytes, &transfer, &error);
  g_assert_no_error (error);
  g_assert_cmpint (camera_count_writes (fixture), ==, 1);
  assert_flash_holds (fixture, APPLICATION_OFFSET + 512, bytes);
}

/* A piece to measure the link by, then everything else in one request. */
static void
test_fast_link_takes_two_requests (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (12 * OAK_MIB);
  g_autoptr (GError) error = NULL;
  Transfer transfer = { 0 };

  camera_open (fixture, NULL, NULL);
  fixture->bootloader->timeouts.keep_alive_ms = 60000;
  camera_write_region (fixture, APPLICATION_OFFSET, bytes, &transfer, &error);
  g_assert_no_error (error);
  g_assert_cmpint (camera_count_writes (fixture), ==, 2);
}

/* Nothing is fast enough for a keep-alive of 1 ms: one piece of 256 KiB a request. */
static void
test_slow_link_takes_pieces_cut_at_256_kib (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (OAK_MIB);
  g_autoptr (GError) error = NULL;
  Transfer transfer = { 0 };

  camera_open (fixture, NULL, NULL);
  fixture->bootloader->timeouts.keep_alive_ms = 1;
  fixture->bootloader->send_speed = 1000;
  camera_write_region (fixture, APPLICATION_OFFSET + 1000, bytes, &transfer, &error);
  g_assert_no_error (error);
  g_assert_cmpint (camera_count_writes (fixture), ==, 5);
  g_assert_cmpuint (transfer.confirmed, ==, OAK_MIB);
  assert_flash_holds (fixture, APPLICATION_OFFSET + 1000, bytes);
}

static void
test_region_beyond_the_memory_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (4096);
  g_autoptr (GError) error = NULL;
  Transfer transfer = { 0 };
  gboolean is_user_bootloader = TRUE;

  camera_open (fixture, "--flash-size=16", NULL);
  g_assert_false (camera_write_region (fixture, 16 * OAK_MIB - 100, bytes, &transfer, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_REFUSED);
  g_clear_error (&error);
  /* The session is still of use. */
  oak_bootloader_read_is_user_bootloader (fixture->bootloader, &is_user_bootloader, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (is_user_bootloader);
}

static void
test_storage_goes_where_the_camera_keeps_it (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (6 * OAK_MIB);
  g_autoptr (GError) error = NULL;
  Transfer transfer = { 0 };

  camera_open (fixture, NULL, NULL);
  oak_bootloader_write_storage (fixture->bootloader,
                                OAK_STORAGE_SBR,
                                bytes,
                                OAK_WRITE_FLAGS_PATIENT,
                                watch_transfer,
                                &transfer,
                                NULL,
                                &error);
  g_assert_no_error (error);
  g_assert_cmpint (camera_count_writes (fixture), ==, 1);
  g_assert_cmpuint (transfer.confirmed, ==, g_bytes_get_size (bytes));
  assert_flash_holds (fixture, APPLICATION_OFFSET, bytes);
}

static void
test_configuration_is_kept (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakConfig) config = NULL;
  g_autoptr (OakConfig) read = NULL;

  camera_open (fixture, NULL, NULL);
  config = oak_config_new_from_text ("{\"appMem\":1,\"x\":{\"y\":[1,2.5,null,\"z\"]}}", &error);
  g_assert_no_error (error);

  g_assert_null (oak_bootloader_read_config (fixture->bootloader, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_REFUSED);
  g_clear_error (&error);

  oak_bootloader_write_config (fixture->bootloader, config, NULL, &error);
  g_assert_no_error (error);
  read = oak_bootloader_read_config (fixture->bootloader, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oak_config_equal (read, config));

  oak_bootloader_clear_config (fixture->bootloader, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (oak_bootloader_read_config (fixture->bootloader, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_REFUSED);
}

static void
test_newer_requests_are_not_sent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  OakMemoryDetails details;
  gboolean is_user_bootloader = FALSE;
  gint64 n_requests;

  camera_open (fixture, "--version=0.0.18", NULL);
  n_requests = sim_process_get_int (fixture->sim, 0, "requests");
  g_assert_false (oak_bootloader_read_memory_details (fixture->bootloader,
                                                      OAK_MEMORY_FLASH,
                                                      &details,
                                                      NULL,
                                                      &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED);
  g_assert_true (strstr (error->message, "0.0.18") != NULL);
  g_assert_true (strstr (error->message, "0.0.19") != NULL);
  g_clear_error (&error);
  g_assert_false (oak_bootloader_read_is_user_bootloader (fixture->bootloader,
                                                          &is_user_bootloader,
                                                          NULL,
                                                          &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED);
  g_assert_cmpint (sim_process_get_int (fixture->sim, 0, "requests"), ==, n_requests);
}

static void
test_oldest_bootloader_counts_as_usb (Fixture *fixture, gconstpointer data)
{
  camera_open (fixture, "--version=0.0.11", "--type=usb");
  g_assert_cmpint (oak_bootloader_get_type (fixture->bootloader), ==, OAK_BOOTLOADER_TYPE_USB);
  g_assert_cmpint (oak_bootloader_get_version (fixture->bootloader).patch, ==, 11);
  g_assert_cmpint (sim_process_get_int (fixture->sim, 0, "requests"), ==, 1);
}

static OakDeviceFacts *
read_facts (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  OakDeviceFacts *facts = oak_device_facts_read (fixture->bootloader,
                                                 oak_connector_get_info (fixture->connector),
                                                 NULL,
                                                 &error);

  g_assert_no_error (error);
  return facts;
}

static void
test_facts_of_a_new_camera (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakDeviceFacts) facts = NULL;

  camera_open (fixture, "--flash-size=32", "--emmc=16");
  facts = read_facts (fixture);
  g_assert_cmpstr (oak_device_info_get_mxid (facts->info), ==, CAMERA_A);
  g_assert_cmpint (facts->type, ==, OAK_BOOTLOADER_TYPE_NETWORK);
  g_assert_true (facts->type_trusted);
  g_assert_true (facts->user_bootloader_known);
  g_assert_false (facts->is_user_bootloader);
  g_assert_true (facts->flash.known && facts->flash.available);
  g_assert_cmpuint (facts->flash.size, ==, 32 * OAK_MIB);
  g_assert_cmpstr (facts->flash.description, !=, "");
  g_assert_true (facts->flash.application_known);
  g_assert_false (facts->flash.application_present);
  g_assert_true (facts->emmc.known && facts->emmc.available);
  g_assert_cmpuint (facts->emmc.size, ==, 16 * OAK_MIB);
  g_assert_true (oak_device_facts_get_memory (facts, OAK_MEMORY_EMMC) == &facts->emmc);
  g_assert_null (facts->config);
  g_assert_nonnull (facts->config_problem);
}

static void
test_facts_of_an_old_camera_stay_unknown (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakDeviceFacts) facts = NULL;

  camera_open (fixture, "--version=0.0.13", NULL);
  facts = read_facts (fixture);
  g_assert_false (facts->user_bootloader_known);
  g_assert_false (facts->flash.known);
  g_assert_cmpuint (facts->flash.size, ==, 0);
  g_assert_false (facts->flash.application_known);
  g_assert_false (facts->emmc.known);
  g_assert_null (facts->config);
  g_assert_true (strstr (facts->config_problem, "0.0.14") != NULL);
}

static void
test_image_boots_in_memory (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (g_getenv ("XDG_RUNTIME_DIR"), "image", NULL);
  g_autofree char *make = g_strdup_printf ("--make-image=%s", path);
  const char *arguments[] = { g_getenv ("OAK_SIM"),
                              make,
                              "--version=0.0.21",
                              "--image-size=6000000",
                              NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) image = NULL;
  Transfer transfer = { 0 };
  char *contents = NULL;
  gsize size = 0;

  g_spawn_sync (NULL, (char **) arguments, NULL, 0, NULL, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &contents, &size, &error));
  g_assert_cmpint (g_unlink (path), ==, 0);
  image = g_bytes_new_take (contents, size);

  camera_open (fixture, "--version=0.0.28", "--reboot-ms=100");
  g_assert_cmpint (oak_bootloader_get_version (fixture->bootloader).patch, ==, 28);
  oak_bootloader_boot_memory (fixture->bootloader, image, watch_transfer, &transfer, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (transfer.sent, ==, size);
  g_assert_cmpuint (transfer.confirmed, ==, 0);
  g_clear_pointer (&fixture->bootloader, oak_bootloader_free);

  fixture->bootloader = oak_connector_reopen (fixture->connector, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oak_bootloader_get_version (fixture->bootloader).patch, ==, 21);
  g_assert_true (oak_connector_confirm (fixture->connector, NULL, &error));
  g_assert_no_error (error);
}

static void
test_leaves_for_the_usb_rom (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  camera_open (fixture, NULL, NULL);
  oak_bootloader_boot_usb_rom (fixture->bootloader, NULL, &error);
  g_assert_no_error (error);
}

static void
test_boot_header_is_written (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  camera_open (fixture, NULL, NULL);
  oak_bootloader_write_boot_header (fixture->bootloader,
                                    OAK_BOOT_HEADER_NORMAL,
                                    -1,
                                    -1,
                                    -1,
                                    -1,
                                    7,
                                    NULL,
                                    &error);
  g_assert_no_error (error);
}

static void
test_session_is_fed_while_nobody_works (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean is_user_bootloader = FALSE;

  camera_open (fixture, NULL, NULL);
  g_usleep (2500 * 1000);
  oak_bootloader_read_is_user_bootloader (fixture->bootloader, &is_user_bootloader, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sim_process_get_int (fixture->sim, 0, "resets"), ==, 0);
}

static gboolean
stop_reading (guint32 offset, const guint8 *data, gsize size, gpointer user_data, GError **error)
{
  g_set_error_literal (error, OAK_ERROR, OAK_ERROR_VERIFY_FAILED, "differs");
  return FALSE;
}

static void
test_reader_may_stop_the_reading (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean is_user_bootloader = FALSE;

  camera_open (fixture, NULL, NULL);
  g_assert_false (oak_bootloader_read_region (fixture->bootloader,
                                              OAK_MEMORY_FLASH,
                                              0,
                                              3 * OAK_MIB,
                                              stop_reading,
                                              NULL,
                                              NULL,
                                              &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_VERIFY_FAILED);
  g_clear_error (&error);
  oak_bootloader_read_is_user_bootloader (fixture->bootloader, &is_user_bootloader, NULL, &error);
  g_assert_no_error (error);
}

static void
test_progress_is_heard_while_the_camera_writes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (2 * OAK_MIB);
  g_autoptr (GError) error = NULL;
  Transfer transfer = { 0 };

  camera_open (fixture, "--write-kbps=2000", NULL);
  fixture->bootloader->send_speed = 1e12;
  camera_write_region (fixture, APPLICATION_OFFSET, bytes, &transfer, &error);
  g_assert_no_error (error);
  /* Sent, and confirmed in more than one go. */
  g_assert_cmpuint (transfer.n_calls, >=, 4);
}

#define add(name, function)                                                                        \
  g_test_add ("/device/bootloader/" name, Fixture, NULL, camera_set_up, function, camera_tear_down)

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  test_device_main_begin ();
  add ("region-holds-what-was-written", test_region_holds_what_was_written);
  add ("small-region-is-one-request", test_small_region_is_one_request);
  add ("fast-link-takes-two-requests", test_fast_link_takes_two_requests);
  add ("slow-link-takes-pieces-cut-at-256-kib", test_slow_link_takes_pieces_cut_at_256_kib);
  add ("region-beyond-the-memory-is-refused", test_region_beyond_the_memory_is_refused);
  add ("storage-goes-where-the-camera-keeps-it", test_storage_goes_where_the_camera_keeps_it);
  add ("configuration-is-kept", test_configuration_is_kept);
  add ("newer-requests-are-not-sent", test_newer_requests_are_not_sent);
  add ("oldest-bootloader-counts-as-usb", test_oldest_bootloader_counts_as_usb);
  add ("facts-of-a-new-camera", test_facts_of_a_new_camera);
  add ("facts-of-an-old-camera-stay-unknown", test_facts_of_an_old_camera_stay_unknown);
  add ("image-boots-in-memory", test_image_boots_in_memory);
  add ("leaves-for-the-usb-rom", test_leaves_for_the_usb_rom);
  add ("boot-header-is-written", test_boot_header_is_written);
  add ("session-is-fed-while-nobody-works", test_session_is_fed_while_nobody_works);
  add ("reader-may-stop-the-reading", test_reader_may_stop_the_reading);
  add ("progress-is-heard-while-the-camera-writes", test_progress_is_heard_while_the_camera_writes);
  result = g_test_run ();
  test_device_main_end ();
  return result;
}
