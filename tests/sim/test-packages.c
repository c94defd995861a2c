/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <gio/gio.h>

#include "oak-bootloader-message.h"
#include "sim-board.h"
#include "sim-flash.h"
#include "sim-host.h"

/* Real application packages start on a simulated camera when they are whole, and only then. */

static GBytes *
load_package (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = G_INPUT_STREAM (g_file_read (file, NULL, &error));
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();

  g_assert_no_error (error);
  if (g_str_has_suffix (path, ".gz")) {
    g_autoptr (GConverter) converter =
        G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
    GInputStream *unpacked = g_converter_input_stream_new (stream, converter);

    g_object_unref (stream);
    stream = unpacked;
  }
  g_output_stream_splice (memory, stream, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, &error);
  g_assert_no_error (error);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

static SimCameraState
flash_and_start (GBytes *package, gsize size)
{
  g_auto (SimHost) host = { 0 };
  SimBoardOptions options;

  sim_host_default_options (&options);
  options.flash_size = 32 * OAK_MIB;
  options.has_boot_wait = TRUE;
  options.boot_wait_ms = 100;
  sim_host_start (&host, sim_host_make_board (&options, NULL));
  sim_host_open (&host);
  sim_host_send_write (&host, SIM_HOST_APPLICATION, g_bytes_get_data (package, NULL), size);
  g_assert_cmpint (sim_host_wait_for_write (&host), ==, 1);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 101);
  return sim_camera_get_state (host.camera);
}

/* Whole, it runs; of one whose second half never came, the firmware starts and hangs, or is refused
 * where its checksum counts. */
static void
test_package_starts (gconstpointer data)
{
  g_autoptr (GBytes) package = load_package (data);
  gsize size = g_bytes_get_size (package);

  g_assert_cmpint (flash_and_start (package, size), ==, SIM_CAMERA_FLASH_BOOTED);
  g_assert_cmpint (flash_and_start (package, size / 2), !=, SIM_CAMERA_FLASH_BOOTED);
}

int
main (int argc, char **argv)
{
  g_autofree char *directory = NULL;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) listing = NULL;
  const char *name;

  g_test_init (&argc, &argv, NULL);
  directory = g_build_filename (g_getenv ("OAK_TEST_DATA"), "daps", NULL);
  listing = g_dir_open (directory, 0, NULL);
  g_assert_nonnull (listing);
  while ((name = g_dir_read_name (listing)) != NULL)
    if ((g_str_has_suffix (name, ".dap") || g_str_has_suffix (name, ".dap.gz")) &&
        !g_str_has_prefix (name, "bad-"))
      g_ptr_array_add (paths, g_build_filename (directory, name, NULL));
  g_assert_cmpuint (paths->len, >=, 15);
  for (guint i = 0; i < paths->len; i++) {
    g_autofree char *base = g_path_get_basename (paths->pdata[i]);
    g_autofree char *path =
        g_strdup_printf ("/sim/packages/starts-when-whole/%.*s", (int) strcspn (base, "."), base);

    g_test_add_data_func (path, paths->pdata[i], test_package_starts);
  }
  return g_test_run ();
}
