/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "cli-command.h"
#include "cli-failure.h"
#include "cli-program.h"
#include "cli-search.h"

/* The terminal program "oakflash": picks the sub-command and gives it its options. What only
 * bootloader images need, a web client and an unpacker with all their libraries, would make every
 * start slower and larger: it is in a second program, "oakflash-images", built from the same
 * sources, which this one becomes for that command. Main thread. */

#define EXIT_USAGE   2
#define EXIT_REFUSED 4

static void
set_up_language (void)
{
  const char *directory = g_getenv ("APP_LOCALEDIR");

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, directory != NULL ? directory : OAK_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

static int
run_command (CliProgram *program)
{
  switch (program->command->id) {
  case CLI_COMMAND_LIST:
    return cli_list_run (program);
  case CLI_COMMAND_INFO:
    return cli_info_run (program);
  case CLI_COMMAND_FLASH:
    return cli_flash_run (program);
  case CLI_COMMAND_CLEAR:
    return cli_clear_run (program);
  case CLI_COMMAND_RESET:
    return cli_reset_run (program);
  case CLI_COMMAND_VERIFY:
    return cli_verify_run (program);
  case CLI_COMMAND_INSPECT:
    return cli_inspect_run (program);
  case CLI_COMMAND_EXTRACT:
    return cli_extract_run (program);
  case CLI_COMMAND_REPACK:
    return cli_repack_run (program);
  case CLI_COMMAND_RULES:
    return cli_rules_run (program);
#if OAKFLASH_HAS_IMAGES
  case CLI_COMMAND_BOOTLOADER:
    return cli_bootloader_run (program);
#else
  case CLI_COMMAND_BOOTLOADER: /* never comes here */
#endif
  default:
    g_assert_not_reached ();
  }
}

/* Whether a document is wanted also when the command line is too wrong to be parsed. */
static gboolean
wants_json (const char *const *arguments)
{
  return g_strv_contains (arguments, "--json");
}

static int
run_with_arguments (const CliCommand *command, const char *const *arguments)
{
  CliProgram program;
  g_autoptr (GError) error = NULL;
  int exit_code = 0;

  cli_program_init (&program, command);
  if (!cli_options_parse (&program.options, command->id, arguments, &error)) {
    exit_code = cli_failure_report_usage (wants_json (arguments), command->name, error->message);
  } else if (program.options.help) {
    g_autofree char *help = cli_options_get_help (command->id);

    cli_terminal_write (&program.output, help);
  } else {
    cli_program_begin (&program);
    if (cli_search_check_addresses (&program, &error))
      exit_code = run_command (&program);
    else
      exit_code = cli_failure_report_usage (program.options.json, command->name, error->message);
  }
  cli_program_clear (&program);
  return exit_code;
}

/* Returns: (transfer full): beside this program, as in a build folder, or where it is installed. */
static char *
find_images_program (void)
{
  g_autofree char *here = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = here != NULL ? g_path_get_dirname (here) : NULL;
  g_autofree char *beside =
      folder != NULL ? g_build_filename (folder, OAKFLASH_IMAGES_PROGRAM, NULL) : NULL;

  if (beside != NULL && g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  return g_build_filename (OAKFLASH_LIBEXEC_DIR, OAKFLASH_IMAGES_PROGRAM, NULL);
}

/* Returns only when that program cannot be started. */
static int
become_images_program (const CliCommand *command, const char *const *words)
{
  g_autofree char *path = find_images_program ();
  g_autofree char *message = NULL;
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();

  g_ptr_array_add (arguments, (char *) "oakflash");
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (arguments, (char *) words[i]);
  g_ptr_array_add (arguments, NULL);
  execv (path, (char **) arguments->pdata);

  message = g_strdup_printf (_ ("“%s” cannot be started (%s); install OAK Flasher again"),
                             path,
                             g_strerror (errno));
  return cli_failure_report_usage (wants_json (words), command->name, message);
}

static int
run_or_become (const CliCommand *command, const char *const *words, const char *const *arguments)
{
  if (!OAKFLASH_HAS_IMAGES && command->id == CLI_COMMAND_BOOTLOADER)
    return become_images_program (command, words);
  return run_with_arguments (command, arguments);
}

static int
report_unknown_command (const char *word, gboolean json)
{
  g_autofree char *shown = g_filename_display_name (word);
  g_autofree char *message = NULL;
  const char *suggestion = cli_command_suggest (word);

  if (word[0] == '-')
    message = g_strdup_printf (_ ("options stand behind a command; “%s” stands before it"), shown);
  else if (suggestion != NULL)
    message = g_strdup_printf (_ ("unknown command “%s”; did you mean “%s”?"), shown, suggestion);
  else
    message = g_strdup_printf (_ ("unknown command “%s”"), shown);
  return cli_failure_report_usage (json, NULL, message);
}

static int
show_overview (FILE *stream, int exit_code)
{
  g_autofree char *overview = cli_command_get_overview ();
  CliTerminal terminal;

  cli_terminal_init (&terminal, stream);
  cli_terminal_write (&terminal, overview);
  return exit_code;
}

static int
show_version (void)
{
  CliTerminal terminal;

  cli_terminal_init (&terminal, stdout);
  cli_terminal_print (&terminal, "oakflash %s\n", OAK_VERSION_TEXT);
  return 0;
}

static int
dispatch (const char *const *words)
{
  const CliCommand *command = NULL;

  if (words[0] == NULL)
    return show_overview (stderr, EXIT_USAGE);
  if (g_strcmp0 (words[0], "--version") == 0)
    return show_version ();
  if (g_strcmp0 (words[0], "--help") == 0 || g_strcmp0 (words[0], "-h") == 0 ||
      (g_strcmp0 (words[0], "help") == 0 && words[1] == NULL))
    return show_overview (stdout, 0);
  if (g_strcmp0 (words[0], "help") == 0) {
    static const char *const help[] = { "--help", NULL };

    command = cli_command_find (words[1]);
    return command != NULL ? run_or_become (command, words, help)
                           : report_unknown_command (words[1], wants_json (words));
  }
  command = cli_command_find (words[0]);
  if (command == NULL)
    return report_unknown_command (words[0], wants_json (words));
  return run_or_become (command, words, words + 1);
}

/* A result nobody could read is no success, where nothing was written to a camera. */
static int
close_output (int exit_code)
{
  if (!ferror (stdout) && fflush (stdout) == 0)
    return exit_code;
  fprintf (stderr, "oakflash: %s\n", g_strerror (errno));
  return exit_code == 0 ? EXIT_REFUSED : exit_code;
}

int
main (int argc, char **argv)
{
  set_up_language ();
  return close_output (dispatch ((const char *const *) argv + 1));
}
