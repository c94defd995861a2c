/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include <inttypes.h>

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-app-verdict.h"
#include "oak-text.h"

#include "cli-file.h"
#include "cli-inspect-lists.h"
#include "cli-json.h"
#include "cli-package.h"
#include "cli-program.h"
#include "cli-text.h"

/* "oakflash inspect FILE": what is inside a package, and whether it may be flashed. Findings come
 * first, they are what matters. Main thread. */

#define EXIT_DONE    0
#define EXIT_REFUSED 4

#define INDENT 2
#define GAP    2

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define CYAN   "\033[36m"
#define PLAIN  "\033[0m"

typedef struct {
  const char *label;
  char *value; /* (owned) (nullable): nothing to tell */
} Fact;

static int
get_exit_code (const OakAppVerdict *verdict)
{
  return oak_app_verdict_get_result (verdict) == OAK_APP_REJECT ? EXIT_REFUSED : EXIT_DONE;
}

static void
print_json (const OakAppVerdict *verdict)
{
  const OakAppPackage *package =
      oak_app_contents_get_package (oak_app_verdict_get_contents (verdict));
  g_autoptr (JsonNode) root = oak_app_verdict_to_json (verdict);
  JsonObject *object = json_node_get_object (root);
  int exit_code = get_exit_code (verdict);

  json_object_set_boolean_member (object, "ok", exit_code == EXIT_DONE);
  json_object_set_string_member (object, "command", "inspect");
  json_object_set_string_member (object, "sha256", oak_app_package_get_sha256 (package));
  json_object_set_int_member (object, "exitCode", exit_code);
  cli_json_print_node (root);
}

static const char *
get_severity_word (OakFindingSeverity severity)
{
  switch (severity) {
  case OAK_FINDING_ERROR:
    return _ ("error");
  case OAK_FINDING_WARNING:
    return _ ("warning");
  case OAK_FINDING_NOTE:
  default:
    return _ ("note");
  }
}

static const char *
get_severity_colour (OakFindingSeverity severity)
{
  switch (severity) {
  case OAK_FINDING_ERROR:
    return RED;
  case OAK_FINDING_WARNING:
    return YELLOW;
  case OAK_FINDING_NOTE:
  default:
    return CYAN;
  }
}

static const char *
get_headline (OakAppResult result)
{
  switch (result) {
  case OAK_APP_OK:
    return _ ("%s can be flashed.");
  case OAK_APP_WARN:
    return _ ("%s can be flashed; read the warnings first.");
  case OAK_APP_REJECT:
  default:
    return _ ("%s must not be flashed.");
  }
}

static const char *
get_headline_colour (OakAppResult result)
{
  if (result == OAK_APP_REJECT)
    return RED;
  return result == OAK_APP_WARN ? YELLOW : GREEN;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
print_headline (const OakAppVerdict *verdict, const char *file, const CliTerminal *terminal)
{
  OakAppResult result = oak_app_verdict_get_result (verdict);
  g_autofree char *sentence = g_strdup_printf (get_headline (result), file);

  if (terminal->colour)
    cli_terminal_write (terminal, get_headline_colour (result));
  cli_terminal_write_wrapped (terminal, sentence, 0);
  cli_terminal_print (terminal, "%s\n", terminal->colour ? PLAIN : "");
}
#pragma GCC diagnostic pop

static void
print_finding (const OakFinding *finding, guint width, const CliTerminal *terminal)
{
  g_autofree char *word = cli_text_pad (get_severity_word (finding->severity), width + GAP);
  g_autofree char *text = cli_text_show (finding->text);
  guint indent = INDENT + width + GAP;
  g_autofree char *line = g_strconcat (text, "\n", NULL);

  cli_terminal_print (terminal,
                      "%*s%s%s%s",
                      INDENT,
                      "",
                      terminal->colour ? get_severity_colour (finding->severity) : "",
                      word,
                      terminal->colour ? PLAIN : "");
  cli_terminal_write_wrapped (terminal, line, indent);
}

static void
print_findings (const OakAppVerdict *verdict, const CliTerminal *terminal)
{
  guint n_findings = oak_app_verdict_get_n_findings (verdict);
  guint width = 0;

  for (guint i = 0; i < n_findings; i++) {
    const OakFinding *finding = oak_app_verdict_get_finding (verdict, i);

    width = MAX (width, cli_text_get_width (get_severity_word (finding->severity)));
  }
  for (guint i = 0; i < n_findings; i++)
    print_finding (oak_app_verdict_get_finding (verdict, i), width, terminal);
}

static char *
describe_size (guint64 size)
{
  g_autofree char *text = oak_text_size (size);

  if (size < 1024)
    return g_steal_pointer (&text);
  return g_strdup_printf (_ ("%s (%" PRIu64 " bytes)"), text, size);
}

static char *
describe_firmware (const OakAppContents *contents)
{
  const OakFirmwareFacts *firmware = oak_app_contents_get_firmware (contents);
  g_autofree char *stored = oak_text_size (firmware->stored_size);
  g_autofree char *inflated = oak_text_size (firmware->inflated_size);

  if (firmware->state == OAK_FIRMWARE_ABSENT)
    return g_strdup (_ ("none"));
  if (firmware->state != OAK_FIRMWARE_READABLE)
    return g_strdup_printf (_ ("%s, cannot be unpacked"), stored);
  if (!firmware->compressed)
    return g_strdup_printf (_ ("%s, not compressed"), stored);
  return g_strdup_printf (_ ("%s, compressed from %s"), stored, inflated);
}

/* Returns: (transfer full): the same with what the camera makes of its checksum. */
static char *
describe_firmware_check (const OakAppContents *contents)
{
  const OakAppPackage *package = oak_app_contents_get_package (contents);
  g_autofree char *firmware = describe_firmware (contents);

  if (oak_app_contents_get_firmware (contents)->state == OAK_FIRMWARE_ABSENT)
    return g_steal_pointer (&firmware);
  if (oak_app_package_is_checked_at_boot (package))
    return g_strdup_printf (_ ("%s, checked at every start"), firmware);
  return g_strdup_printf (_ ("%s, not checked at start"), firmware);
}

static const char *
describe_generation (OakPipelineGeneration generation)
{
  switch (generation) {
  case OAK_PIPELINE_GENERATION_MESSAGE_PACK:
    return _ ("library before 2.14");
  case OAK_PIPELINE_GENERATION_V2:
    return _ ("library version 2");
  case OAK_PIPELINE_GENERATION_V3:
    return _ ("library version 3");
  case OAK_PIPELINE_GENERATION_UNKNOWN:
  default:
    return _ ("not known");
  }
}

static char *
describe_standalone (const OakAppVerdict *verdict)
{
  guint n_streams = oak_app_verdict_get_n_host_streams (verdict);
  gboolean standalone_ok = FALSE;

  if (!oak_app_verdict_get_standalone (verdict, &standalone_ok))
    return g_strdup (_ ("not known"));
  if (standalone_ok)
    return g_strdup (_ ("yes, no node waits for a computer"));
  return g_strdup_printf (
      ngettext ("no, %u node waits for a computer", "no, %u nodes wait for a computer", n_streams),
      n_streams);
}

static void
print_fact (const Fact *fact, guint width, const CliTerminal *terminal)
{
  g_autofree char *label = cli_text_pad (fact->label, width + GAP);
  g_autofree char *line = NULL;

  if (fact->value == NULL)
    return;
  line = g_strconcat (fact->value, "\n", NULL);
  cli_terminal_write (terminal, label);
  cli_terminal_write_wrapped (terminal, line, width + GAP);
}

static void
print_facts (const OakAppVerdict *verdict, const CliTerminal *terminal)
{
  OakAppContents *contents = oak_app_verdict_get_contents (verdict);
  const OakAppPackage *package = oak_app_contents_get_package (contents);
  const char *name = oak_app_package_get_application_name (package);
  Fact facts[] = {
    { _ ("Application"), g_strdup (name != NULL ? name : _ ("without a name")) },
    { _ ("Size"), describe_size (oak_app_package_get_size (package)) },
    { _ ("Firmware"), describe_firmware_check (contents) },
    { _ ("Version"), g_strdup (oak_app_package_get_firmware_version (package)) },
    { _ ("Made with"),
      g_strdup (describe_generation (oak_app_contents_get_generation (contents))) },
    { _ ("Standalone"), describe_standalone (verdict) },
    { _ ("SHA-256"), g_strdup (oak_app_package_get_sha256 (package)) },
  };
  guint width = 0;

  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    width = MAX (width, cli_text_get_width (facts[i].label));
  for (guint i = 0; i < G_N_ELEMENTS (facts); i++) {
    print_fact (&facts[i], width, terminal);
    g_free (facts[i].value);
  }
}

static void
print_text (const OakAppVerdict *verdict, const CliTerminal *terminal)
{
  OakAppContents *contents = oak_app_verdict_get_contents (verdict);
  const OakAppPackage *package = oak_app_contents_get_package (contents);
  const char *file = oak_app_package_get_file_name (package);

  print_headline (verdict, file, terminal);
  print_findings (verdict, terminal);
  /* What is no package has no parts to tell about. */
  if (oak_app_package_get_n_sections (package) == 0)
    return;
  cli_terminal_write (terminal, "\n");
  print_facts (verdict, terminal);
  cli_inspect_print_lists (contents, file, terminal);
}

int
cli_inspect_run (CliProgram *program)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAppContents) contents = NULL;
  g_autoptr (OakAppVerdict) verdict = NULL;

  contents = cli_file_load_contents (program, program->options.file_path, &error);
  if (contents == NULL)
    return cli_package_fail (program, error);
  verdict = oak_app_verdict_new (contents, NULL, FALSE);
  if (program->options.json)
    print_json (verdict);
  else
    print_text (verdict, &program->output);
  return get_exit_code (verdict);
}
