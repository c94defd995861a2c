/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-image-advice.h"

#include <gio/gio.h>

#include "oak-error.h"

/* Whatever goes wrong, there are four parts to be told, and none of them speaks of a camera. */

static void
assert_told (GQuark domain, int code)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "reason");
  OakImageAdvice advice = oak_image_advice_get (error);
  const char *const parts[] = { advice.title, advice.what, advice.why, advice.todo };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_assert_nonnull (parts[i]);
    g_assert_cmpstr (parts[i], !=, "");
    g_assert_null (g_strstr_len (parts[i], -1, "camera"));
  }
}

static void
test_every_error_has_all_parts (void)
{
  for (int code = 0; code < OAK_ERROR_N_CODES; code++)
    assert_told (OAK_ERROR, code);
  assert_told (G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_told (G_FILE_ERROR, G_FILE_ERROR_NOSPC);
}

static void
test_stopped_is_no_failure (void)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");

  g_assert_cmpstr (oak_image_advice_get (error).title, ==, "Stopped");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/images/advice/every-error-has-all-parts", test_every_error_has_all_parts);
  g_test_add_func ("/images/advice/stopped-is-no-failure", test_stopped_is_no_failure);
  return g_test_run ();
}
