/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-options.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli-command.h"
#include "cli-options-private.h"
#include "cli-suggest.h"

/* Turns the words behind a sub-command into checked options. What is not known is answered with
 * what may have been meant, also when the option exists but for another sub-command. Main thread.
 */

G_DEFINE_QUARK (cli - usage - error - quark, cli_usage_error)

#define CAMERA_COMMANDS                                                                            \
  (CLI_COMMAND_LIST | CLI_COMMAND_INFO | CLI_COMMAND_FLASH | CLI_COMMAND_CLEAR |                   \
   CLI_COMMAND_RESET | CLI_COMMAND_VERIFY)
#define SAVING_COMMANDS (CLI_COMMAND_EXTRACT | CLI_COMMAND_REPACK)
#define ALL_COMMANDS                                                                               \
  (CAMERA_COMMANDS | CLI_COMMAND_INSPECT | SAVING_COMMANDS | CLI_COMMAND_RULES |                   \
   CLI_COMMAND_BOOTLOADER)
#define JOB_COMMANDS     (CAMERA_COMMANDS & ~CLI_COMMAND_LIST)
#define WRITING_COMMANDS (JOB_COMMANDS & ~(CLI_COMMAND_INFO | CLI_COMMAND_VERIFY))
#define MEMORY_COMMANDS  (CLI_COMMAND_FLASH | CLI_COMMAND_CLEAR | CLI_COMMAND_VERIFY)

typedef struct {
  guint commands;     /* CliCommandId bits */
  GOptionEntry entry; /* arg_data: the member's offset in CliOptions */
} OptionRow;

#define MEMBER(name) GSIZE_TO_POINTER (G_STRUCT_OFFSET (CliOptions, name))

static const OptionRow option_rows[] = {
  { JOB_COMMANDS,
    { "device",
      'd',
      0,
      G_OPTION_ARG_STRING,
      MEMBER (device),
      N_ ("The camera: its MXID, short id, IP address, or USB socket such as usb:1.2.13"),
      N_ ("MXID|SHORT-ID|IP|usb:PATH") } },
  { CAMERA_COMMANDS,
    { "address",
      'a',
      0,
      G_OPTION_ARG_STRING_ARRAY,
      MEMBER (addresses),
      N_ ("Also ask at this address; may be given several times"),
      N_ ("IP") } },
  { CAMERA_COMMANDS,
    { "interface",
      'i',
      0,
      G_OPTION_ARG_STRING,
      MEMBER (interface_name),
      N_ ("Look for cameras on this network interface only"),
      N_ ("NAME") } },
  { CAMERA_COMMANDS,
    { "wait",
      'w',
      0,
      G_OPTION_ARG_STRING,
      MEMBER (wait_word),
      N_ ("How long to look for cameras"),
      N_ ("SECONDS") } },
  { MEMORY_COMMANDS,
    { "memory",
      'm',
      0,
      G_OPTION_ARG_STRING,
      MEMBER (memory_word),
      N_ ("Which of the camera’s memories holds the application"),
      N_ ("auto|flash|emmc") } },
  { CLI_COMMAND_RESET,
    { "bootloader",
      'b',
      0,
      G_OPTION_ARG_FILENAME,
      MEMBER (bootloader_path),
      N_ ("The bootloader image to write: a file, or the version of one in the store"),
      N_ ("FILE|VERSION") } },
  { CLI_COMMAND_BOOTLOADER,
    { "version",
      0,
      0,
      G_OPTION_ARG_STRING,
      MEMBER (image_version),
      N_ ("Which version the file is, where its name does not say it"),
      N_ ("VERSION") } },
  { CLI_COMMAND_BOOTLOADER,
    { "type",
      't',
      0,
      G_OPTION_ARG_STRING,
      MEMBER (type_word),
      N_ ("For which type of cameras the image is, where its name does not say it"),
      N_ ("usb|network") } },
  { CLI_COMMAND_BOOTLOADER,
    { "server",
      0,
      0,
      G_OPTION_ARG_STRING,
      MEMBER (server),
      N_ ("Download from this address instead of the vendor’s"),
      N_ ("HTTPS-ADDRESS") } },
  { CLI_COMMAND_RESET,
    { "type",
      't',
      0,
      G_OPTION_ARG_STRING,
      MEMBER (type_word),
      N_ ("Of which type the camera is; needed when it is unbooted and cannot say it"),
      N_ ("usb|network") } },
  { JOB_COMMANDS,
    { "dry-run",
      'n',
      0,
      G_OPTION_ARG_NONE,
      MEMBER (dry_run),
      N_ ("Show what would be done, write nothing; still restarts the camera"),
      NULL } },
  { WRITING_COMMANDS,
    { "yes",
      'y',
      0,
      G_OPTION_ARG_NONE,
      MEMBER (yes),
      N_ ("Do not ask; also agrees to stopping a running application"),
      NULL } },
  { CLI_COMMAND_RESET,
    { "confirm-id",
      0,
      0,
      G_OPTION_ARG_STRING,
      MEMBER (confirm_id),
      N_ ("The short id of the camera to reset, instead of typing it when asked"),
      N_ ("SHORT-ID") } },
  { WRITING_COMMANDS,
    { "no-wait",
      0,
      0,
      G_OPTION_ARG_NONE,
      MEMBER (no_wait),
      N_ ("End after reading back; do not watch the camera start"),
      NULL } },
  { CLI_COMMAND_FLASH | CLI_COMMAND_VERIFY,
    { "check-at-boot",
      0,
      0,
      G_OPTION_ARG_NONE,
      MEMBER (check_firmware),
      N_ ("Change the package so that the camera checks the firmware at every start"),
      NULL } },
  { CLI_COMMAND_FLASH,
    { "full",
      0,
      0,
      G_OPTION_ARG_NONE,
      MEMBER (full),
      N_ ("Write everything, also what the camera holds already"),
      NULL } },
  { JOB_COMMANDS,
    { "stop-application",
      0,
      0,
      G_OPTION_ARG_NONE,
      MEMBER (stop_application),
      N_ ("Stop the application that runs on the camera"),
      NULL } },
  { WRITING_COMMANDS,
    { "size-unknown-ok",
      0,
      0,
      G_OPTION_ARG_NONE,
      MEMBER (size_unknown_ok),
      N_ ("Go on when the bootloader is too old to tell the size of the memory"),
      NULL } },
  { CLI_COMMAND_FLASH,
    { "allow-host-streams",
      0,
      0,
      G_OPTION_ARG_NONE,
      MEMBER (allow_host_streams),
      N_ ("Also flash an application that waits for a computer; for experts"),
      NULL } },
  { CLI_COMMAND_EXTRACT,
    { "section",
      0,
      0,
      G_OPTION_ARG_STRING,
      MEMBER (section),
      N_ ("Extract this section as it is stored"),
      N_ ("NAME") } },
  { CLI_COMMAND_EXTRACT,
    { "asset",
      0,
      0,
      G_OPTION_ARG_STRING,
      MEMBER (asset),
      N_ ("Extract this asset, such as /node/0/__blob"),
      N_ ("NAME") } },
  { CLI_COMMAND_EXTRACT,
    { "script",
      0,
      0,
      G_OPTION_ARG_STRING,
      MEMBER (script_word),
      N_ ("Extract the source of this Script node"),
      N_ ("NODE") } },
  { CLI_COMMAND_REPACK,
    { "name",
      0,
      0,
      G_OPTION_ARG_STRING,
      MEMBER (application_name),
      N_ ("The application’s new name"),
      N_ ("TEXT") } },
  { CLI_COMMAND_REPACK,
    { "compress",
      0,
      0,
      G_OPTION_ARG_NONE,
      MEMBER (compress),
      N_ ("Compress the firmware"),
      NULL } },
  { CLI_COMMAND_REPACK,
    { "no-compress",
      0,
      0,
      G_OPTION_ARG_NONE,
      MEMBER (no_compress),
      N_ ("Store the firmware uncompressed"),
      NULL } },
  { CLI_COMMAND_REPACK,
    { "check-at-boot",
      0,
      0,
      G_OPTION_ARG_STRING,
      MEMBER (check_word),
      N_ ("Whether the camera checks the firmware at every start"),
      N_ ("yes|no") } },
  { CLI_COMMAND_REPACK,
    { "replace-asset",
      0,
      0,
      G_OPTION_ARG_FILENAME_ARRAY,
      MEMBER (replacements),
      N_ ("Take this asset from a file; may be given several times"),
      N_ ("NAME=FILE") } },
  { SAVING_COMMANDS,
    { "output",
      'o',
      0,
      G_OPTION_ARG_FILENAME,
      MEMBER (output_path),
      N_ ("The file to write; “-” is the standard output"),
      N_ ("FILE") } },
  { CLI_COMMAND_BOOTLOADER,
    { "force",
      'f',
      0,
      G_OPTION_ARG_NONE,
      MEMBER (force),
      N_ ("Replace what the store has or knows already; download it again"),
      NULL } },
  { SAVING_COMMANDS,
    { "force",
      'f',
      0,
      G_OPTION_ARG_NONE,
      MEMBER (force),
      N_ ("Replace the file if it is there already"),
      NULL } },
  { ALL_COMMANDS,
    { "json",
      0,
      0,
      G_OPTION_ARG_NONE,
      MEMBER (json),
      N_ ("Write one JSON document instead of text"),
      NULL } },
  { CAMERA_COMMANDS,
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, MEMBER (verbose), N_ ("Also write the log"), NULL } },
  { CAMERA_COMMANDS,
    { "demo",
      0,
      0,
      G_OPTION_ARG_NONE,
      MEMBER (demo),
      N_ ("Speak to simulated cameras on this computer only"),
      NULL } },
  { JOB_COMMANDS,
    { "timeout-scale",
      0,
      G_OPTION_FLAG_HIDDEN,
      G_OPTION_ARG_STRING,
      MEMBER (scale_word),
      "",
      "FACTOR" } },
  { ALL_COMMANDS,
    { "help", 'h', 0, G_OPTION_ARG_NONE, MEMBER (help), N_ ("Show this help"), NULL } },
};

void
cli_options_clear (CliOptions *self)
{
  g_clear_pointer (&self->device, g_free);
  g_clear_pointer (&self->addresses, g_strfreev);
  g_clear_pointer (&self->interface_name, g_free);
  g_clear_pointer (&self->confirm_id, g_free);
  g_clear_pointer (&self->memory_word, g_free);
  g_clear_pointer (&self->type_word, g_free);
  g_clear_pointer (&self->wait_word, g_free);
  g_clear_pointer (&self->scale_word, g_free);
  g_clear_pointer (&self->bootloader_path, g_free);
  g_clear_pointer (&self->file_path, g_free);
  g_clear_pointer (&self->action, g_free);
  g_clear_pointer (&self->image_version, g_free);
  g_clear_pointer (&self->server, g_free);
  g_clear_pointer (&self->output_path, g_free);
  g_clear_pointer (&self->section, g_free);
  g_clear_pointer (&self->asset, g_free);
  g_clear_pointer (&self->script_word, g_free);
  g_clear_pointer (&self->application_name, g_free);
  g_clear_pointer (&self->check_word, g_free);
  g_clear_pointer (&self->replacements, g_strfreev);
}

/* The entries of @command, pointing into @self. Returns: (transfer full): free with g_free (). */
static GOptionEntry *
make_entries (CliOptions *self, CliCommandId command)
{
  GOptionEntry *entries = g_new0 (GOptionEntry, G_N_ELEMENTS (option_rows) + 1);
  guint n_entries = 0;

  for (guint i = 0; i < G_N_ELEMENTS (option_rows); i++) {
    if ((option_rows[i].commands & (guint) command) == 0)
      continue;
    entries[n_entries] = option_rows[i].entry;
    entries[n_entries].arg_data =
        (guint8 *) self + GPOINTER_TO_SIZE (option_rows[i].entry.arg_data);
    n_entries++;
  }
  return entries;
}

static GOptionContext *
make_context (CliOptions *self, CliCommandId command)
{
  const CliCommand *description = cli_command_get (command);
  g_autofree GOptionEntry *entries = make_entries (self, command);
  GOptionContext *context = g_option_context_new (description->argument);

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _ (description->summary));
  if (description->details != NULL)
    g_option_context_set_description (context, _ (description->details));
  return context;
}

static const OptionRow *
find_row (const char *long_name)
{
  for (guint i = 0; i < G_N_ELEMENTS (option_rows); i++)
    if (g_strcmp0 (option_rows[i].entry.long_name, long_name) == 0)
      return &option_rows[i];
  return NULL;
}

static const char *
suggest_option (CliCommandId command, const char *name)
{
  const char *names[G_N_ELEMENTS (option_rows) + 1] = { NULL };
  guint n_names = 0;

  for (guint i = 0; i < G_N_ELEMENTS (option_rows); i++)
    if ((option_rows[i].commands & (guint) command) != 0 &&
        (option_rows[i].entry.flags & G_OPTION_FLAG_HIDDEN) == 0)
      names[n_names++] = option_rows[i].entry.long_name;
  return cli_suggest (name, names);
}

static void
set_unknown_option_error (GError **error, CliCommandId command, const char *word)
{
  const char *start = word + strspn (word, "-");
  g_autofree char *name = g_strndup (start, strcspn (start, "="));
  g_autofree char *shown = g_str_to_ascii (word, NULL);
  const char *command_name = cli_command_get (command)->name;
  const OptionRow *row = find_row (name);
  const char *suggestion = NULL;

  if (row != NULL && (row->commands & (guint) command) == 0) {
    g_set_error (error,
                 CLI_USAGE_ERROR,
                 CLI_USAGE_ERROR_FAILED,
                 _ ("the option --%s does not belong to “%s”"),
                 name,
                 command_name);
    return;
  }
  suggestion = suggest_option (command, name);
  if (suggestion != NULL)
    g_set_error (error,
                 CLI_USAGE_ERROR,
                 CLI_USAGE_ERROR_FAILED,
                 _ ("unknown option %s; did you mean --%s?"),
                 shown,
                 suggestion);
  else
    g_set_error (error, CLI_USAGE_ERROR, CLI_USAGE_ERROR_FAILED, _ ("unknown option %s"), shown);
}

/* Where the next argument belongs. Returns: NULL when there is no room for one. */
static char **
get_argument_slot (CliOptions *self, CliCommandId command)
{
  if (command == CLI_COMMAND_BOOTLOADER && self->action == NULL)
    return &self->action;
  return cli_command_get (command)->argument != NULL && self->file_path == NULL ? &self->file_path
                                                                                : NULL;
}

/* What the parser left over: unknown options, and the arguments some commands take. */
static gboolean
take_arguments (CliOptions *self, CliCommandId command, char **left, GError **error)
{
  gboolean only_arguments = FALSE;

  for (guint i = 0; left[i] != NULL; i++) {
    char **slot = get_argument_slot (self, command);

    if (!only_arguments && g_strcmp0 (left[i], "--") == 0) {
      only_arguments = TRUE;
      continue;
    }
    if (!only_arguments && left[i][0] == '-' && left[i][1] != '\0') {
      set_unknown_option_error (error, command, left[i]);
      return FALSE;
    }
    if (slot == NULL) {
      g_autofree char *shown = g_filename_display_name (left[i]);

      g_set_error (error,
                   CLI_USAGE_ERROR,
                   CLI_USAGE_ERROR_FAILED,
                   _ ("unexpected argument “%s”"),
                   shown);
      return FALSE;
    }
    *slot = g_strdup (left[i]);
  }
  return TRUE;
}

gboolean
cli_options_parse (CliOptions *self,
                   CliCommandId command,
                   const char *const *arguments,
                   GError **error)
{
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;

  *self = (CliOptions){ .memory = OAK_MEMORY_AUTO,
                        .bootloader_type = OAK_BOOTLOADER_TYPE_AUTO,
                        .timeout_scale = 1.0 };
  g_strv_builder_add (builder, "oakflash");
  g_strv_builder_addv (builder, (const char **) arguments);
  words = g_strv_builder_end (builder);

  context = make_context (self, command);
  if (!g_option_context_parse_strv (context, &words, &local_error)) {
    g_set_error_literal (error, CLI_USAGE_ERROR, CLI_USAGE_ERROR_FAILED, local_error->message);
    return FALSE;
  }
  if (!take_arguments (self, command, words + 1, error))
    return FALSE;
  if (self->help)
    return TRUE;
  return cli_options_check (self, command, error);
}

char *
cli_options_get_help (CliCommandId command)
{
  g_auto (CliOptions) unused = { 0 };
  g_autoptr (GOptionContext) context = make_context (&unused, command);
  g_autofree char *program = g_strdup_printf ("oakflash %s", cli_command_get (command)->name);

  g_set_prgname (program);
  return g_option_context_get_help (context, TRUE, NULL);
}

gboolean
cli_options_looks_like_address (const char *text)
{
  return strchr (text, '.') != NULL && text[strspn (text, "0123456789.")] == '\0';
}
