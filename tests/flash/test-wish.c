/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-error.h"
#include "oak-flash-wish.h"

#include "test-daps.h"

/* A wish is judged by what is inside its package, and by nothing else. */

static void
wish_bytes (OakFlashWish *wish, GBytes *bytes)
{
  oak_flash_wish_init (wish, OAK_OPERATION_FLASH_APPLICATION);
  wish->package = oak_app_package_open_bytes (bytes, "test.dap");
}

static void
wish_package (OakFlashWish *wish, const char *file)
{
  g_autoptr (GBytes) bytes = test_daps_load (file);

  wish_bytes (wish, bytes);
}

static void
assert_refused (OakFlashWish *wish, OakError code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (oak_flash_wish_judge (wish, NULL, &error));
  g_assert_error (error, OAK_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
assert_passes (OakFlashWish *wish)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (oak_flash_wish_judge (wish, NULL, &error));
  g_assert_no_error (error);
}

static void
test_host_streams (void)
{
  static const char *const files[] = { "xlinkout.dap", "xlinkin.dap.gz", "xlinkout-loose.dap.gz" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_auto (OakFlashWish) wish = { 0 };

    wish_package (&wish, files[i]);
    assert_refused (&wish, OAK_ERROR_NOT_STANDALONE, "XLink");
    wish.allow_host_streams = TRUE;
    assert_passes (&wish);
  }
}

static void
test_damaged (void)
{
  g_autoptr (GBytes) bytes = test_daps_load ("xlinkout.dap");
  gsize size = 0;
  gpointer data = g_memdup2 (g_bytes_get_data (bytes, &size), g_bytes_get_size (bytes));
  g_autoptr (GBytes) damaged = g_bytes_new_take (data, size);
  g_auto (OakFlashWish) wish = { 0 };

  ((guint8 *) data)[600] ^= 1;
  wish_bytes (&wish, damaged);
  assert_refused (&wish, OAK_ERROR_BAD_FILE, "__firmware");
  wish.allow_host_streams = TRUE;
  assert_refused (&wish, OAK_ERROR_BAD_FILE, "__firmware");
}

static void
test_looks_once (void)
{
  g_auto (OakFlashWish) wish = { 0 };
  g_auto (OakFlashWish) copy = { 0 };
  OakAppContents *contents;

  wish_package (&wish, "script-spi.dap");
  assert_passes (&wish);
  contents = wish.contents;
  g_assert_nonnull (contents);
  assert_passes (&wish);
  g_assert_true (wish.contents == contents);
  oak_flash_wish_copy (&copy, &wish);
  assert_passes (&copy);
  g_assert_true (copy.contents == contents);
}

static void
test_other_contents (void)
{
  g_auto (OakFlashWish) good = { 0 };
  g_auto (OakFlashWish) wish = { 0 };

  wish_package (&good, "script-spi.dap");
  assert_passes (&good);
  wish_package (&wish, "xlinkout.dap");
  wish.contents = oak_app_contents_ref (good.contents);
  assert_refused (&wish, OAK_ERROR_NOT_STANDALONE, "XLinkOut");
}

static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (OakFlashWish) wish = { 0 };

  wish_package (&wish, "utf8-name-zlib.dap.gz");
  g_cancellable_cancel (cancellable);
  g_assert_false (oak_flash_wish_judge (&wish, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_passes (&wish);
}

static void
test_no_package (void)
{
  g_auto (OakFlashWish) wish = { 0 };

  oak_flash_wish_init (&wish, OAK_OPERATION_CLEAR_APPLICATION);
  assert_passes (&wish);
  g_assert_null (wish.contents);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flash/wish/host-streams-need-permission", test_host_streams);
  g_test_add_func ("/flash/wish/no-permission-helps-a-damaged-package", test_damaged);
  g_test_add_func ("/flash/wish/looks-inside-only-once", test_looks_once);
  g_test_add_func ("/flash/wish/contents-of-another-package-are-not-believed", test_other_contents);
  g_test_add_func ("/flash/wish/cancelling-ends-the-look", test_cancelled);
  g_test_add_func ("/flash/wish/without-a-package-there-is-nothing-to-refuse", test_no_package);
  return g_test_run ();
}
