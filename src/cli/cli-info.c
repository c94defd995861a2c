/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include <glib/gi18n.h>

#include "oak-config.h"
#include "oak-device-facts.h"
#include "oak-device-info.h"
#include "oak-flash-wish.h"
#include "oak-text.h"

#include "cli-camera.h"
#include "cli-job.h"
#include "cli-json.h"
#include "cli-program.h"
#include "cli-text.h"

/* "oakflash info": reads a camera's details in its bootloader, which restarts it. Main thread. */

static void
add_memory (JsonBuilder *builder, const char *name, const OakMemoryFacts *memory)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  cli_json_add_boolean (builder, "known", memory->known);
  cli_json_add_boolean (builder, "available", memory->available);
  cli_json_add_number (builder, "size", (gint64) MIN (memory->size, (guint64) G_MAXINT64));
  cli_json_add_text (builder, "description", memory->description);
  cli_json_add_boolean (builder, "applicationKnown", memory->application_known);
  cli_json_add_boolean (builder, "applicationPresent", memory->application_present);
  cli_json_add_text (builder, "applicationName", memory->application_name);
  cli_json_add_text (builder, "applicationVersion", memory->application_version);
  json_builder_end_object (builder);
}

static void
add_bootloader (JsonBuilder *builder, const OakDeviceFacts *facts)
{
  g_autofree char *version = oak_version_to_string (facts->version);

  json_builder_set_member_name (builder, "bootloader");
  json_builder_begin_object (builder);
  cli_json_add_text (builder, "version", version);
  cli_json_add_text (builder, "commit", facts->commit);
  cli_json_add_text (builder, "type", oak_bootloader_type_to_string (facts->type));
  cli_json_add_boolean (builder, "typeTrusted", facts->type_trusted);
  json_builder_set_member_name (builder, "isUserBootloader");
  if (facts->user_bootloader_known)
    json_builder_add_boolean_value (builder, facts->is_user_bootloader);
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
}

static void
add_config (JsonBuilder *builder, const OakDeviceFacts *facts)
{
  json_builder_set_member_name (builder, "configuration");
  if (facts->config != NULL)
    json_builder_add_value (builder, oak_config_to_json (facts->config));
  else
    json_builder_add_null_value (builder);
  cli_json_add_text (builder, "configurationProblem", facts->config_problem);
}

static void
print_json (CliProgram *program, const OakDeviceFacts *facts)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_boolean (builder, "ok", TRUE);
  cli_json_add_text (builder, "command", program->command->name);
  cli_camera_add_json (builder, facts->info);
  add_bootloader (builder, facts);
  add_memory (builder, "flash", &facts->flash);
  add_memory (builder, "emmc", &facts->emmc);
  add_config (builder, facts);
  cli_json_add_number (builder, "exitCode", 0);
  json_builder_end_object (builder);
  cli_json_print (builder);
}

static void
print_row (const CliTerminal *terminal, const char *label, const char *text)
{
  g_autofree char *padded = cli_text_pad (label, 16);
  g_autofree char *shown = cli_text_show (text);

  cli_terminal_print (terminal, "%s %s\n", padded, shown);
}

static char *
describe_memory (const OakMemoryFacts *memory)
{
  g_autofree char *size = NULL;

  if (!memory->known)
    return g_strdup (_ ("not known"));
  if (!memory->available)
    return g_strdup (_ ("none"));
  size = memory->size > 0 ? oak_text_size (memory->size) : g_strdup (_ ("size not known"));
  if (memory->description == NULL || memory->description[0] == '\0')
    return g_steal_pointer (&size);
  return g_strdup_printf ("%s (%s)", size, memory->description);
}

static char *
describe_application (const OakMemoryFacts *memory)
{
  const char *name = memory->application_name != NULL && memory->application_name[0] != '\0'
                         ? memory->application_name
                         : _ ("without a name");

  if (!memory->application_known)
    return g_strdup (_ ("not known"));
  if (!memory->application_present)
    return g_strdup (_ ("none"));
  if (memory->application_version == NULL || memory->application_version[0] == '\0')
    return g_strdup (name);
  /* Translators: an application's name and the version of the firmware it was built with. */
  return g_strdup_printf (_ ("%s (firmware %s)"), name, memory->application_version);
}

static void
print_memory (const CliTerminal *terminal,
              const char *label,
              const char *application_label,
              const OakMemoryFacts *memory)
{
  g_autofree char *words = describe_memory (memory);
  g_autofree char *application = describe_application (memory);

  print_row (terminal, label, words);
  if (memory->known && memory->available)
    print_row (terminal, application_label, application);
}

static char *
describe_bootloader (const OakDeviceFacts *facts)
{
  g_autofree char *version = oak_version_to_string (facts->version);
  g_autoptr (GString) text = g_string_new (version);

  if (facts->commit != NULL && facts->commit[0] != '\0')
    g_string_append_printf (text, "+%s", facts->commit);
  g_string_append_printf (text, ", %s", oak_bootloader_type_to_string (facts->type));
  if (!facts->type_trusted)
    g_string_append_printf (text, " (%s)", _ ("type not certain"));
  if (facts->user_bootloader_known)
    g_string_append_printf (text,
                            ", %s",
                            facts->is_user_bootloader ? _ ("user bootloader")
                                                      : _ ("factory bootloader"));
  return g_strdup (text->str);
}

static void
print_config (const CliTerminal *terminal, const OakDeviceFacts *facts)
{
  g_autofree char *text = NULL;

  if (facts->config == NULL) {
    print_row (terminal,
               _ ("Configuration"),
               facts->config_problem != NULL ? facts->config_problem : _ ("none"));
    return;
  }
  text = oak_config_to_text (facts->config, FALSE);
  print_row (terminal, _ ("Configuration"), text);
}

static void
print_text (CliProgram *program, const OakDeviceFacts *facts)
{
  const CliTerminal *terminal = &program->output;
  g_autofree char *camera = cli_camera_get_name (facts->info);
  g_autofree char *bootloader = describe_bootloader (facts);
  const char *mxid = oak_device_info_get_mxid (facts->info);

  print_row (terminal, _ ("Camera"), camera);
  print_row (terminal, _ ("MXID"), mxid != NULL ? mxid : "");
  print_row (terminal,
             _ ("State before"),
             oak_device_state_to_string (oak_device_info_get_state (facts->info)));
  print_row (terminal, _ ("Bootloader"), bootloader);
  print_memory (terminal, _ ("Flash"), _ ("Application"), &facts->flash);
  print_memory (terminal, _ ("eMMC"), _ ("Application there"), &facts->emmc);
  print_config (terminal, facts);
}

static void
print_facts (CliProgram *program, OakFlashJob *job, const OakFlashResult *result)
{
  const OakDeviceFacts *facts = oak_flash_job_get_facts (job);

  if (program->options.json)
    print_json (program, facts);
  else
    print_text (program, facts);
}

int
cli_info_run (CliProgram *program)
{
  g_auto (OakFlashWish) wish;

  oak_flash_wish_init (&wish, OAK_OPERATION_READ_DETAILS);
  return cli_job_run (program, &wish, print_facts);
}
