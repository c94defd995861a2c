/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-options.h"

#include <string.h>

#include "cli-command.h"

/* Reading the words behind a sub-command. */

static gboolean
parse (CliOptions *options, CliCommandId command, const char *line, GError **error)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);

  return cli_options_parse (options, command, (const char *const *) words, error);
}

static void
test_everything_given_arrives (void)
{
  g_auto (CliOptions) options = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (parse (
      &options,
      CLI_COMMAND_FLASH,
      "--device 75CB0F app.dap --address 10.0.0.1 --address 10.0.0.2 --interface eth0 --json "
      "--dry-run --yes --no-wait --stop-application --size-unknown-ok --memory emmc --demo "
      "--timeout-scale 0.5 --verbose --wait 2.5",
      &error));
  g_assert_no_error (error);
  g_assert_cmpstr (options.device, ==, "75CB0F");
  g_assert_cmpstr (options.file_path, ==, "app.dap");
  g_assert_cmpuint (g_strv_length (options.addresses), ==, 2);
  g_assert_cmpstr (options.addresses[1], ==, "10.0.0.2");
  g_assert_cmpstr (options.interface_name, ==, "eth0");
  g_assert_true (options.json && options.dry_run && options.yes && options.no_wait && options.demo);
  g_assert_true (options.stop_application && options.size_unknown_ok && options.verbose);
  g_assert_cmpint (options.memory, ==, OAK_MEMORY_EMMC);
  g_assert_cmpuint (options.wait_ms, ==, 2500);
  g_assert_cmpfloat (options.timeout_scale, ==, 0.5);
}

static void
test_nothing_is_agreed_to_by_itself (void)
{
  g_auto (CliOptions) options = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (parse (&options, CLI_COMMAND_FLASH, "app.dap", &error));
  g_assert_false (options.yes || options.stop_application || options.size_unknown_ok ||
                  options.no_wait);
  g_assert_null (options.device);
  g_assert_cmpint (options.memory, ==, OAK_MEMORY_AUTO);
  g_assert_cmpuint (options.wait_ms, ==, 0);
}

static void
test_words_behind_two_dashes_are_files (void)
{
  g_auto (CliOptions) options = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (parse (&options, CLI_COMMAND_FLASH, "--yes -- --json.dap", &error));
  g_assert_no_error (error);
  g_assert_cmpstr (options.file_path, ==, "--json.dap");
  g_assert_false (options.json);
}

typedef struct {
  const char *name;
  CliCommandId command;
  const char *line;
  const char *says; /* part of the message */
} Row;

static const Row rows[] = {
  { "misspelt-option", CLI_COMMAND_FLASH, "a.dap --dry-rum", "--dry-run" },
  { "unknown-option", CLI_COMMAND_FLASH, "a.dap --xyzzyx", "unknown option --xyzzyx" },
  { "option-of-another-command", CLI_COMMAND_LIST, "--memory flash", "does not belong to" },
  { "unknown-letter", CLI_COMMAND_FLASH, "a.dap -q", "unknown option -q" },
  { "value-missing", CLI_COMMAND_INFO, "--device", "--device" },
  { "empty-device", CLI_COMMAND_INFO, "--device=", "--device" },
  { "file-missing", CLI_COMMAND_FLASH, "--yes", ".dap" },
  { "two-files", CLI_COMMAND_FLASH, "a.dap b.dap", "unexpected argument" },
  { "argument-nobody-takes", CLI_COMMAND_CLEAR, "a.dap", "unexpected argument" },
  { "bootloader-missing", CLI_COMMAND_RESET, "--yes", "--bootloader" },
  { "misspelt-memory", CLI_COMMAND_CLEAR, "--memory flsh", "“flash”?" },
  { "unknown-memory", CLI_COMMAND_CLEAR, "--memory tape", "“emmc”" },
  { "wait-is-no-number", CLI_COMMAND_LIST, "--wait soon", "--wait" },
  { "wait-is-zero", CLI_COMMAND_LIST, "--wait 0", "--wait" },
  { "wait-is-negative", CLI_COMMAND_LIST, "--wait=-1", "--wait" },
  { "wait-is-not-finite", CLI_COMMAND_LIST, "--wait nan", "--wait" },
  { "wait-is-endless", CLI_COMMAND_LIST, "--wait 1e9", "--wait" },
  { "scale-is-zero", CLI_COMMAND_INFO, "--timeout-scale 0", "--timeout-scale" },
};

static void
test_wrong_line_is_refused (gconstpointer data)
{
  const Row *row = data;
  g_auto (CliOptions) options = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (parse (&options, row->command, row->line, &error));
  g_assert_error (error, CLI_USAGE_ERROR, CLI_USAGE_ERROR_FAILED);
  if (strstr (error->message, row->says) == NULL)
    g_error ("“%s” does not say “%s”", error->message, row->says);
}

static void
test_help_needs_no_other_argument (void)
{
  g_auto (CliOptions) options = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (parse (&options, CLI_COMMAND_FLASH, "--help", &error));
  g_assert_true (options.help);
}

static void
test_help_names_the_options_of_the_command (void)
{
  g_autofree char *flash = cli_options_get_help (CLI_COMMAND_FLASH);
  g_autofree char *list = cli_options_get_help (CLI_COMMAND_LIST);

  g_assert_nonnull (strstr (flash, "oakflash flash"));
  g_assert_nonnull (strstr (flash, "FILE"));
  g_assert_nonnull (strstr (flash, "--memory"));
  g_assert_null (strstr (flash, "--timeout-scale"));
  g_assert_null (strstr (list, "--memory"));
}

static void
test_addresses_are_recognised (void)
{
  g_assert_true (cli_options_looks_like_address ("192.168.1.40"));
  g_assert_true (cli_options_looks_like_address ("300.1"));
  g_assert_false (cli_options_looks_like_address ("19443010A1B2C3D400"));
  g_assert_false (cli_options_looks_like_address ("192168140"));
  g_assert_false (cli_options_looks_like_address ("oak.local"));
}

static void
test_unknown_command_gets_a_suggestion (void)
{
  g_assert_cmpstr (cli_command_suggest ("flsh"), ==, "flash");
  g_assert_null (cli_command_suggest ("defenestrate"));
  g_assert_null (cli_command_find ("flsh"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/options/everything-given-arrives", test_everything_given_arrives);
  g_test_add_func ("/cli/options/nothing-is-agreed-to-by-itself",
                   test_nothing_is_agreed_to_by_itself);
  g_test_add_func ("/cli/options/words-behind-two-dashes-are-files",
                   test_words_behind_two_dashes_are_files);
  g_test_add_func ("/cli/options/help-needs-no-other-argument", test_help_needs_no_other_argument);
  g_test_add_func ("/cli/options/help-names-the-options-of-the-command",
                   test_help_names_the_options_of_the_command);
  g_test_add_func ("/cli/options/addresses-are-recognised", test_addresses_are_recognised);
  g_test_add_func ("/cli/options/unknown-command-gets-a-suggestion",
                   test_unknown_command_gets_a_suggestion);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strconcat ("/cli/options/refuses/", rows[i].name, NULL);

    g_test_add_data_func (path, &rows[i], test_wrong_line_is_refused);
  }
  return g_test_run ();
}
