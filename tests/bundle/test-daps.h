/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

/* The recorded packages of tests/data/daps for tests of any layer: unpacked in memory. Any thread.
 */

/* Returns: (transfer full): the bytes of @file ("empty.dap.gz", "xlinkout.dap"), unpacked. */
static inline GBytes *
test_daps_load (const char *file)
{
  g_autofree char *path = g_build_filename (g_getenv ("OAK_TEST_DATA"), "daps", file, NULL);
  g_autoptr (GFile) source = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) input = G_INPUT_STREAM (g_file_read (source, NULL, &error));
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();

  g_assert_no_error (error);
  if (g_str_has_suffix (file, ".gz")) {
    g_autoptr (GZlibDecompressor) unpack = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
    g_autoptr (GInputStream) unpacked = g_converter_input_stream_new (input, G_CONVERTER (unpack));

    g_set_object (&input, unpacked);
  }
  g_output_stream_splice (output,
                          input,
                          G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                          NULL,
                          &error);
  g_assert_no_error (error);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
}
