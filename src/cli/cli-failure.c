/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-failure.h"

#include <glib/gi18n.h>

#include "oak-advice.h"
#include "oak-error.h"
#include "oak-flash-plan.h"

#include "cli-camera.h"
#include "cli-json.h"
#include "cli-program.h"
#include "cli-text.h"

/* Tells what went wrong in four parts: what, likely why, what to do, and what state the camera is
 * in. Main thread. */

G_DEFINE_QUARK (cli - error - quark, cli_error)

#define LABEL_INDENT 2
#define EXIT_REFUSED 4
#define EXIT_USAGE   2

static const char *const cli_error_words[] = {
  [CLI_ERROR_SEVERAL_CAMERAS] = "several-cameras",
  [CLI_ERROR_NOBODY_TO_ASK] = "nobody-to-ask",
  [CLI_ERROR_WRONG_ID] = "wrong-id",
  [CLI_ERROR_NOT_DECIDED] = "not-decided",
  [CLI_ERROR_EXISTS] = "file-exists",
  [CLI_ERROR_NOT_SAVED] = "not-saved",
  [CLI_ERROR_NO_SUCH_PART] = "no-such-part",
  [CLI_ERROR_NOT_POSSIBLE] = "not-possible",
  [CLI_ERROR_FILE_TOO_LARGE] = "too-large",
};

static const char *
get_code_word (const GError *error)
{
  if (error->domain == OAK_ERROR)
    return oak_error_code_to_string ((OakError) error->code);
  if (error->domain == CLI_ERROR)
    return cli_error_words[error->code];
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return "cancelled";
  return "failed";
}

static const char *
get_remains_word (OakRemains remains)
{
  switch (remains) {
  case OAK_REMAINS_NO_APPLICATION:
    return "no-application";
  case OAK_REMAINS_BOOTLOADER_AT_RISK:
    return "bootloader-at-risk";
  case OAK_REMAINS_NOT_SELECTED:
    return "not-selected";
  case OAK_REMAINS_WRITTEN:
    return "written";
  case OAK_REMAINS_UNCHANGED:
  default:
    return "unchanged";
  }
}

/* The four parts for this program's own refusals. */
static void
fill_own_parts (OakAdvice *advice, CliError code)
{
  switch (code) {
  case CLI_ERROR_SEVERAL_CAMERAS:
    advice->title = g_strdup (_ ("Which Camera?"));
    advice->what = g_strdup (_ ("More than one camera answered, and none was named."));
    advice->why = g_strdup (_ ("Several cameras are connected or share the network."));
    advice->todo = g_strdup (_ ("Name one with --device and its id or address."));
    break;
  case CLI_ERROR_NOBODY_TO_ASK:
    advice->title = g_strdup (_ ("Nobody Agreed"));
    advice->what = g_strdup (_ ("This changes a camera, so somebody has to agree first."));
    advice->why = g_strdup (_ ("There is no terminal to ask on."));
    advice->todo = g_strdup (_ ("Run it in a terminal, or agree on the command line."));
    break;
  case CLI_ERROR_WRONG_ID:
    advice->title = g_strdup (_ ("Another Id"));
    advice->what = g_strdup (_ ("The id that was given is not the id of this camera."));
    advice->why = g_strdup (_ ("A typing error, or another camera than the one that was meant."));
    advice->todo = g_strdup (_ ("Compare with “oakflash list” and with the label on the camera."));
    break;
  case CLI_ERROR_EXISTS:
    advice->title = g_strdup (_ ("The File Is There Already"));
    advice->what = g_strdup (_ ("Nothing was written, so that nothing is lost."));
    advice->why = g_strdup (_ ("A file of that name exists."));
    advice->todo = g_strdup (_ ("Choose another name, or add --force to replace the file."));
    break;
  case CLI_ERROR_NOT_SAVED:
    advice->title = g_strdup (_ ("The File Was Not Written"));
    advice->what = g_strdup (_ ("The file could not be written, and no part of it was left."));
    advice->why =
        g_strdup (_ ("The disk is full, the folder does not exist, or it must not be written to."));
    advice->todo = g_strdup (_ ("Choose another place, or make room, and try again."));
    break;
  case CLI_ERROR_NO_SUCH_PART:
    advice->title = g_strdup (_ ("No Such Part"));
    advice->what = g_strdup (_ ("The package does not have the part that was named."));
    advice->why = g_strdup (_ ("A typing error, or another package than the one that was meant."));
    advice->todo = g_strdup (_ ("Look with “oakflash inspect FILE” what there is."));
    break;
  case CLI_ERROR_NOT_POSSIBLE:
    advice->title = g_strdup (_ ("That Is Not Possible"));
    advice->what = g_strdup (_ ("The package cannot be changed like that."));
    advice->why = g_strdup (_ ("Another part of it relies on what would change; the details say "
                               "which."));
    advice->todo = g_strdup (_ ("Build the package again with the change in it."));
    break;
  case CLI_ERROR_FILE_TOO_LARGE:
    advice->title = g_strdup (_ ("The File Is Too Large"));
    advice->what = g_strdup (_ ("No camera could hold a package of this size."));
    advice->why = g_strdup (_ ("It is probably a file of another kind."));
    advice->todo = g_strdup (_ ("Choose another file."));
    break;
  case CLI_ERROR_NOT_DECIDED:
  default:
    advice->title = g_strdup (_ ("Not Decided in Time"));
    advice->what =
        g_strdup (_ ("The camera was held for the answer, and that ended before there was one."));
    advice->why =
        g_strdup (_ ("The question stood for too long, or the camera went away meanwhile."));
    advice->todo = g_strdup (_ ("Run the command again."));
    break;
  }
  advice->state = g_strdup (
      _ ("Nothing was written: the camera is as it was, though it may have been restarted."));
}

static void
replace_text (char **text, const char *instead)
{
  if (instead == NULL)
    return;
  g_free (*text);
  *text = g_strdup (instead);
}

/* Returns: (transfer full). */
static OakAdvice *
make_advice (const GError *error, const CliFailure *failure)
{
  OakAdvice *advice = NULL;

  if (error->domain != CLI_ERROR) {
    advice = oak_advice_new (error, failure->operation, failure->remains, failure->written);
    if (failure->untouched) {
      g_free (advice->state);
      advice->state = g_strdup (_ ("Nothing was sent to the camera: it goes on as before."));
    }
    replace_text (&advice->title, failure->title);
    replace_text (&advice->what, failure->what);
    replace_text (&advice->why, failure->why);
    replace_text (&advice->todo, failure->todo);
    return advice;
  }
  advice = g_new0 (OakAdvice, 1);
  fill_own_parts (advice, (CliError) error->code);
  advice->details = g_strdup_printf ("%s: %s", get_code_word (error), error->message);
  return advice;
}

/* Where no camera is worked on none can be missing. */
static int
get_exit_code (const GError *error, const CliFailure *failure)
{
  gboolean cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  if (error->domain == CLI_ERROR || (failure->no_camera && !cancelled))
    return EXIT_REFUSED;
  return oak_advice_get_exit_code (error, failure->written);
}

static char *
get_todo (const OakAdvice *advice, const CliFailure *failure)
{
  if (failure->hint == NULL)
    return g_strdup (advice->todo);
  return g_strdup_printf ("%s\n%s", advice->todo, failure->hint);
}

static void
print_json (CliProgram *program,
            const GError *error,
            const OakAdvice *advice,
            const CliFailure *failure,
            int exit_code)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *message = cli_text_show (error->message);
  g_autofree char *todo = get_todo (advice, failure);

  json_builder_begin_object (builder);
  cli_json_add_boolean (builder, "ok", FALSE);
  cli_json_add_text (builder, "command", program->command->name);
  if (!failure->no_camera)
    cli_camera_add_json (builder, failure->info);
  json_builder_set_member_name (builder, "error");
  json_builder_begin_object (builder);
  cli_json_add_text (builder, "code", get_code_word (error));
  cli_json_add_text (builder, "message", message);
  cli_json_add_text (builder, "title", advice->title);
  cli_json_add_text (builder, "what", advice->what);
  cli_json_add_text (builder, "why", advice->why);
  cli_json_add_text (builder, "todo", todo);
  if (!failure->no_camera)
    cli_json_add_text (builder, "state", advice->state);
  json_builder_end_object (builder);
  if (failure->evidence != NULL)
    cli_json_add_texts (builder, "evidence", (const char *const *) failure->evidence);
  if (!failure->no_camera) {
    cli_json_add_boolean (builder, "written", failure->written);
    cli_json_add_text (builder, "remains", get_remains_word ((OakRemains) failure->remains));
  }
  cli_json_add_number (builder, "exitCode", exit_code);
  json_builder_end_object (builder);
  cli_json_print (builder);
}

static void
print_part (const CliTerminal *terminal, const char *label, guint label_width, const char *text)
{
  g_autofree char *padded = cli_text_pad (label, label_width);
  g_autofree char *part = g_strdup_printf ("%*s%s %s\n", LABEL_INDENT, "", padded, text);

  cli_terminal_write_wrapped (terminal, part, LABEL_INDENT + label_width + 1);
}

static void
print_text (CliProgram *program, const OakAdvice *advice, const CliFailure *failure)
{
  const CliTerminal *terminal = &program->errors;
  g_autofree char *todo = get_todo (advice, failure);
  g_autofree char *details = cli_text_show (advice->details);
  const struct {
    const char *label;
    const char *text;
  } parts[] = {
    { _ ("What happened:"), advice->what },
    { _ ("Likely cause:"), advice->why },
    { _ ("What to do:"), todo },
    { _ ("Camera now:"), failure->no_camera ? NULL : advice->state },
    { _ ("Details:"), details },
  };
  guint label_width = 0;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    label_width = MAX (label_width, cli_text_get_width (parts[i].label));

  cli_terminal_print (terminal, "oakflash: %s\n", advice->title);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (parts[i].text != NULL)
      print_part (terminal, parts[i].label, label_width, parts[i].text);
}

int
cli_failure_report (CliProgram *program, const GError *error, const CliFailure *failure)
{
  g_autoptr (OakAdvice) advice = make_advice (error, failure);
  int exit_code = get_exit_code (error, failure);

  if (program->options.json)
    print_json (program, error, advice, failure, exit_code);
  print_text (program, advice, failure);
  return exit_code;
}

int
cli_failure_report_text (CliProgram *program, const GError *error, const CliFailure *failure)
{
  g_autoptr (OakAdvice) advice = make_advice (error, failure);

  print_text (program, advice, failure);
  return get_exit_code (error, failure);
}

int
cli_failure_report_usage (gboolean json, const char *command_name, const char *message)
{
  CliTerminal errors;

  cli_terminal_init (&errors, stderr);
  if (json) {
    g_autoptr (JsonBuilder) builder = json_builder_new ();

    json_builder_begin_object (builder);
    cli_json_add_boolean (builder, "ok", FALSE);
    cli_json_add_text (builder, "command", command_name);
    json_builder_set_member_name (builder, "error");
    json_builder_begin_object (builder);
    cli_json_add_text (builder, "code", "usage");
    cli_json_add_text (builder, "message", message);
    json_builder_end_object (builder);
    cli_json_add_number (builder, "exitCode", EXIT_USAGE);
    json_builder_end_object (builder);
    cli_json_print (builder);
  }
  cli_terminal_print (&errors, "oakflash: %s\n", message);
  if (command_name != NULL)
    cli_terminal_print (&errors, _ ("Try “oakflash %s --help”.\n"), command_name);
  else
    cli_terminal_write (&errors, _ ("Try “oakflash --help”.\n"));
  return EXIT_USAGE;
}
