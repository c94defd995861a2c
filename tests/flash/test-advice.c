/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-advice.h"

#include <gio/gio.h>
#include <string.h>

#include "oak-error.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"

/* Every error a person can meet has all its parts, and none of them says the wrong thing. */

static void
assert_text (const char *text)
{
  g_assert_nonnull (text);
  g_assert_cmpuint (strlen (text), >=, 8);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

static void
assert_whole (const OakAdvice *advice)
{
  assert_text (advice->title);
  assert_text (advice->what);
  assert_text (advice->why);
  assert_text (advice->todo);
  assert_text (advice->state);
  assert_text (advice->details);
}

static void
assert_all_situations (const GError *error)
{
  for (int operation = -1; operation <= OAK_OPERATION_N; operation++) {
    for (int remains = -1; remains <= OAK_REMAINS_WRITTEN + 1; remains++) {
      for (gboolean written = FALSE; written <= TRUE; written++) {
        g_autoptr (OakAdvice) advice = oak_advice_new (error, operation, remains, written);

        assert_whole (advice);
      }
    }
  }
}

static void
test_no_part_is_empty (void)
{
  for (int code = 0; code < OAK_ERROR_N_CODES; code++) {
    g_autoptr (GError) error = g_error_new (OAK_ERROR, code, "a technical fragment");

    assert_all_situations (error);
  }
}

static void
test_unknown_errors (void)
{
  g_autoptr (GError) foreign = g_error_new (G_FILE_ERROR, G_FILE_ERROR_IO, "disk trouble");
  g_autoptr (GError) beyond = g_error_new (OAK_ERROR, OAK_ERROR_N_CODES, "a code from tomorrow");
  g_autoptr (GError) cancelled = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped by hand");

  assert_all_situations (foreign);
  assert_all_situations (beyond);
  assert_all_situations (cancelled);
  assert_all_situations (NULL);
}

static void
test_codes_differ (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int code = 0; code < OAK_ERROR_N_CODES; code++) {
    g_autoptr (GError) error = g_error_new (OAK_ERROR, code, "x");
    g_autoptr (OakAdvice) advice =
        oak_advice_new (error, OAK_OPERATION_CLEAR_APPLICATION, OAK_REMAINS_UNCHANGED, FALSE);

    g_assert_true (g_hash_table_add (seen, g_strdup (advice->what)));
  }
}

static void
test_stopped_is_no_failure (void)
{
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "whatever");

  for (int operation = 0; operation < OAK_OPERATION_N; operation++) {
    g_autoptr (OakAdvice) advice =
        oak_advice_new (error, operation, OAK_REMAINS_NO_APPLICATION, TRUE);

    g_assert_nonnull (strstr (advice->title, "Stopped"));
    g_assert_null (strstr (advice->title, "Not"));
    g_assert_null (strstr (advice->what, "fail"));
    g_assert_nonnull (strstr (advice->state, "can be flashed again"));
  }
}

/* Not the harmless stop it is elsewhere. */
static void
test_stopped_with_half_a_bootloader (void)
{
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");
  g_autoptr (OakAdvice) advice =
      oak_advice_new (error, OAK_OPERATION_FACTORY_RESET, OAK_REMAINS_BOOTLOADER_AT_RISK, TRUE);

  g_assert_nonnull (strstr (advice->title, "Stopped"));
  g_assert_null (strstr (advice->why, "Nothing is wrong"));
  g_assert_true (g_str_has_prefix (advice->todo, "Do not switch the camera off."));
  g_assert_nonnull (strstr (advice->state, "may be damaged"));
}

static void
test_state_is_what_remains (void)
{
  g_autoptr (GError) error = g_error_new (OAK_ERROR, OAK_ERROR_DISCONNECTED, "x");

  for (int remains = OAK_REMAINS_UNCHANGED; remains <= OAK_REMAINS_WRITTEN; remains++) {
    g_autoptr (OakAdvice) before =
        oak_advice_new (error, OAK_OPERATION_FACTORY_RESET, remains, FALSE);
    g_autoptr (OakAdvice) after =
        oak_advice_new (error, OAK_OPERATION_FACTORY_RESET, remains, TRUE);
    g_autofree char *unchanged = oak_remains_describe (OAK_REMAINS_UNCHANGED);
    g_autofree char *remaining = oak_remains_describe ((OakRemains) remains);

    g_assert_cmpstr (before->state, ==, unchanged);
    g_assert_cmpstr (after->state, ==, remaining);
  }
}

static void
test_bootloader_at_risk_is_not_switched_off (void)
{
  static const OakError codes[] = { OAK_ERROR_DISCONNECTED,
                                    OAK_ERROR_REFUSED,
                                    OAK_ERROR_VERIFY_FAILED };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++) {
    g_autoptr (GError) error = g_error_new (OAK_ERROR, (int) codes[i], "x");
    g_autoptr (OakAdvice) advice =
        oak_advice_new (error, OAK_OPERATION_FACTORY_RESET, OAK_REMAINS_BOOTLOADER_AT_RISK, TRUE);

    g_assert_true (g_str_has_prefix (advice->todo, "Do not switch the camera off."));
    g_assert_nonnull (strstr (advice->todo, "again at once"));
  }
}

/* All bytes are right and were compared: saying that proof is missing would be as wrong as saying
 * that nothing was installed. */
static void
test_setting_alone_is_told_apart (void)
{
  g_autoptr (GError) error = g_error_new (OAK_ERROR, OAK_ERROR_REFUSED, "locked");
  g_autoptr (OakAdvice) advice =
      oak_advice_new (error, OAK_OPERATION_FLASH_APPLICATION, OAK_REMAINS_NOT_SELECTED, TRUE);

  g_assert_cmpstr (advice->title, ==, "The Application Was Written, but Is Not Set to Start");
  g_assert_nonnull (strstr (advice->what, "not the setting"));
  g_assert_nonnull (strstr (advice->state, "may start another application, or none"));
  g_assert_nonnull (strstr (advice->todo, "Install the application once more"));
  g_assert_cmpint (oak_advice_get_exit_code (error, TRUE), ==, 1);
}

static void
test_details_are_escaped (void)
{
  g_autoptr (GError) error =
      g_error_new (OAK_ERROR, OAK_ERROR_REFUSED, "the camera refused: \x1b[31m\xe2\x80\xae<b>");
  g_autoptr (OakAdvice) advice =
      oak_advice_new (error, OAK_OPERATION_FLASH_APPLICATION, OAK_REMAINS_UNCHANGED, FALSE);

  g_assert_cmpstr (advice->details, ==, "refused: the camera refused: \\x1b[31m\\u{202e}<b>");
}

static void
test_exit_codes (void)
{
  static const struct {
    int code;
    int before, after;
  } cases[] = {
    { OAK_ERROR_NO_ACCESS, 4, 1 },     { OAK_ERROR_BUSY, 4, 1 },
    { OAK_ERROR_NOT_FOUND, 3, 1 },     { OAK_ERROR_UNREACHABLE, 3, 1 },
    { OAK_ERROR_DISCONNECTED, 4, 1 },  { OAK_ERROR_TIMED_OUT, 4, 1 },
    { OAK_ERROR_WRONG_DEVICE, 4, 1 },  { OAK_ERROR_PROTOCOL, 4, 1 },
    { OAK_ERROR_REFUSED, 4, 1 },       { OAK_ERROR_UNSUPPORTED, 4, 1 },
    { OAK_ERROR_NEEDS_CONSENT, 4, 1 }, { OAK_ERROR_NOT_STANDALONE, 4, 1 },
    { OAK_ERROR_BAD_FILE, 4, 1 },      { OAK_ERROR_TOO_LARGE, 4, 1 },
    { OAK_ERROR_VERIFY_FAILED, 4, 1 }, { OAK_ERROR_NOT_CONFIRMED, 5, 5 },
  };
  g_autoptr (GError) cancelled = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");
  g_autoptr (GError) foreign = g_error_new (G_FILE_ERROR, G_FILE_ERROR_IO, "x");

  g_assert_cmpuint (G_N_ELEMENTS (cases), ==, OAK_ERROR_N_CODES);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = g_error_new (OAK_ERROR, cases[i].code, "x");

    g_assert_cmpint (oak_advice_get_exit_code (error, FALSE), ==, cases[i].before);
    g_assert_cmpint (oak_advice_get_exit_code (error, TRUE), ==, cases[i].after);
  }
  g_assert_cmpint (oak_advice_get_exit_code (NULL, TRUE), ==, 0);
  g_assert_cmpint (oak_advice_get_exit_code (cancelled, TRUE), ==, 6);
  g_assert_cmpint (oak_advice_get_exit_code (cancelled, FALSE), ==, 6);
  g_assert_cmpint (oak_advice_get_exit_code (foreign, FALSE), ==, 4);
  g_assert_cmpint (oak_advice_get_exit_code (foreign, TRUE), ==, 1);
}

/* Whatever a job met is told after what is left, and only once. */
static void
test_whereabouts_are_told (void)
{
  static const struct {
    OakDeviceState state;
    const char *words;
  } rows[] = {
    { OAK_DEVICE_STATE_BOOTLOADER, "answers again and is in its bootloader." },
    { OAK_DEVICE_STATE_FLASH_BOOTED, "answers again and runs an application." },
    { OAK_DEVICE_STATE_UNKNOWN, "has not answered again so far." },
    { OAK_DEVICE_STATE_BOOTED, "has not answered again so far." },
  };
  g_autofree char *left = oak_remains_describe (OAK_REMAINS_NO_APPLICATION);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = g_error_new (OAK_ERROR,
                                            OAK_ERROR_DISCONNECTED,
                                            "gone; %s",
                                            oak_advice_name_whereabouts (rows[i].state));
    g_autoptr (OakAdvice) advice =
        oak_advice_new (error, OAK_OPERATION_FLASH_APPLICATION, OAK_REMAINS_NO_APPLICATION, TRUE);

    g_assert_true (g_str_has_prefix (advice->state, left));
    g_assert_true (g_str_has_suffix (advice->state, rows[i].words));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flash/advice/no-part-is-empty-for-any-code", test_no_part_is_empty);
  g_test_add_func ("/flash/advice/unknown-errors-have-all-parts", test_unknown_errors);
  g_test_add_func ("/flash/advice/each-code-says-something-of-its-own", test_codes_differ);
  g_test_add_func ("/flash/advice/stopped-is-no-failure", test_stopped_is_no_failure);
  g_test_add_func ("/flash/advice/stopped-with-half-a-bootloader-says-so",
                   test_stopped_with_half_a_bootloader);
  g_test_add_func ("/flash/advice/state-is-what-remains", test_state_is_what_remains);
  g_test_add_func ("/flash/advice/half-a-bootloader-is-not-switched-off",
                   test_bootloader_at_risk_is_not_switched_off);
  g_test_add_func ("/flash/advice/setting-alone-is-told-apart", test_setting_alone_is_told_apart);
  g_test_add_func ("/flash/advice/details-are-escaped", test_details_are_escaped);
  g_test_add_func ("/flash/advice/exit-codes-are-the-table", test_exit_codes);
  g_test_add_func ("/flash/advice/whereabouts-are-told", test_whereabouts_are_told);
  return g_test_run ();
}
