/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-plan.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "oak-flash-plan.h"

#include "cli-json.h"
#include "cli-text.h"

/* Shows a plan: what will be done, what it does to the camera, and which risks remain. The words
 * are the plan's own. Main thread. */

static const char *
get_kind_word (OakStepKind kind)
{
  switch (kind) {
  case OAK_STEP_BOOT_MEMORY:
    return "boot-memory";
  case OAK_STEP_COMPARE:
    return "compare";
  case OAK_STEP_WRITE_STORAGE:
    return "write-storage";
  case OAK_STEP_WRITE_REGION:
    return "write-region";
  case OAK_STEP_CHECK_ERASE:
    return "check-erase";
  case OAK_STEP_READ_BACK:
    return "read-back";
  case OAK_STEP_SET_APP_MEMORY:
    return "set-application-memory";
  case OAK_STEP_RESTART:
    return "restart";
  case OAK_STEP_WAIT_FOR_STATE:
    return "wait-for-state";
  case OAK_STEP_CHECK_VERSION:
    return "check-version";
  default:
    return "unknown";
  }
}

static const char *
get_cancel_word (OakCancelPolicy policy)
{
  switch (policy) {
  case OAK_CANCEL_CLEAN:
    return "clean";
  case OAK_CANCEL_BOUNDARY:
    return "boundary";
  case OAK_CANCEL_DROPS_LINK:
    return "drops-link";
  case OAK_CANCEL_NEVER:
    return "never";
  case OAK_CANCEL_AFTER_PATIENCE:
    return "after-patience";
  case OAK_CANCEL_STOP_WATCHING:
    return "stop-watching";
  default:
    return "unknown";
  }
}

static void
print_point (const CliTerminal *terminal, const char *text)
{
  g_autofree char *shown = cli_text_show (text);
  g_autofree char *line = NULL;

  line = g_strdup_printf ("  %s %s\n", terminal->unicode ? "•" : "-", shown);
  cli_terminal_write_wrapped (terminal, line, 4);
}

static void
print_points (const CliTerminal *terminal, const char *heading, char **texts)
{
  if (texts == NULL || texts[0] == NULL)
    return;
  if (heading != NULL)
    cli_terminal_print (terminal, "%s\n", heading);
  for (guint i = 0; texts[i] != NULL; i++)
    print_point (terminal, texts[i]);
}

void
cli_plan_print (const OakFlashPlan *plan, const CliTerminal *terminal)
{
  g_autofree char *title = oak_flash_plan_get_title (plan);
  g_autofree char *shown = cli_text_show (title);
  g_auto (GStrv) effects = oak_flash_plan_get_effects (plan);
  g_auto (GStrv) warnings = oak_flash_plan_get_warnings (plan);

  cli_terminal_print (terminal, "%s\n", shown);
  print_points (terminal, NULL, effects);
  print_points (terminal, _ ("Warnings:"), warnings);
  cli_terminal_print (terminal, "%s\n", _ ("Steps:"));
  for (guint i = 0; i < oak_flash_plan_get_n_steps (plan); i++) {
    g_autofree char *words = oak_flash_plan_describe_step (plan, i);
    g_autofree char *step = cli_text_show (words);
    g_autofree char *line = g_strdup_printf ("  %u. %s\n", i + 1, step);

    cli_terminal_write_wrapped (terminal, line, 5);
  }
}

static void
add_step (JsonBuilder *builder, const OakFlashPlan *plan, guint index)
{
  const OakFlashStep *step = oak_flash_plan_get_step (plan, index);
  g_autofree char *words = oak_flash_plan_describe_step (plan, index);
  gboolean on_memory = step->kind == OAK_STEP_COMPARE || step->kind == OAK_STEP_WRITE_STORAGE ||
                       step->kind == OAK_STEP_WRITE_REGION || step->kind == OAK_STEP_CHECK_ERASE ||
                       step->kind == OAK_STEP_READ_BACK;

  json_builder_begin_object (builder);
  cli_json_add_text (builder, "kind", get_kind_word (step->kind));
  cli_json_add_text (builder, "description", words);
  if (on_memory) {
    cli_json_add_text (builder, "memory", oak_memory_to_string (step->memory));
    cli_json_add_number (builder, "offset", step->offset);
    cli_json_add_number (builder, "size", step->size);
  }
  cli_json_add_text (builder, "cancel", get_cancel_word (step->cancel));
  json_builder_set_member_name (builder, "weight");
  json_builder_add_double_value (builder, oak_flash_plan_get_step_weight (plan, index));
  json_builder_end_object (builder);
}

void
cli_plan_add_json (JsonBuilder *builder, const OakFlashPlan *plan)
{
  g_autofree char *title = oak_flash_plan_get_title (plan);
  g_auto (GStrv) effects = oak_flash_plan_get_effects (plan);
  g_auto (GStrv) warnings = oak_flash_plan_get_warnings (plan);

  json_builder_set_member_name (builder, "plan");
  json_builder_begin_object (builder);
  cli_json_add_text (builder, "title", title);
  cli_json_add_boolean (builder, "writes", oak_flash_plan_writes (plan));
  cli_json_add_boolean (builder, "needsTypedId", oak_flash_plan_needs_typed_id (plan));
  cli_json_add_texts (builder, "effects", (const char *const *) effects);
  cli_json_add_texts (builder, "warnings", (const char *const *) warnings);
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < oak_flash_plan_get_n_steps (plan); i++)
    add_step (builder, plan, i);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}
