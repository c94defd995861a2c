/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-bootloader.h"

#include <glib/gi18n.h>

#include "oak-flash-plan.h"
#include "oak-flash-wish.h"
#include "oak-image-advice.h"
#include "oak-image-release.h"
#include "oak-image-store.h"
#include "oak-image.h"
#include "oak-text.h"

#include "cli-failure.h"
#include "cli-json.h"
#include "cli-program.h"
#include "cli-text.h"

/* What is said of bootloader images. Main thread. */

#define INDENT 2

int
cli_bootloader_fail (CliProgram *program, const GError *error)
{
  OakImageAdvice advice = oak_image_advice_get (error);
  CliFailure failure = {
    .operation = OAK_OPERATION_FACTORY_RESET,
    .remains = OAK_REMAINS_UNCHANGED,
    .title = advice.title,
    .what = advice.what,
    .why = advice.why,
    .todo = advice.todo,
    .no_camera = TRUE,
  };

  return cli_failure_report (program, error, &failure);
}

/* Returns: (transfer none). */
static const char *
get_type_words (OakImage *image)
{
  switch (oak_image_get_type (image)) {
  case OAK_BOOTLOADER_TYPE_USB:
    return _ ("for USB cameras");
  case OAK_BOOTLOADER_TYPE_NETWORK:
    return _ ("for network cameras");
  case OAK_BOOTLOADER_TYPE_AUTO:
  default:
    return _ ("type unknown");
  }
}

/* Returns: (transfer none). A checksum is no signature, and is not to be taken for one. */
static const char *
get_proof_words (OakImage *image)
{
  if (!oak_image_is_whole (image))
    return _ ("damaged: import or download it again");
  if (oak_image_is_made_up (image))
    return _ ("made up for simulated cameras; a real one is never given it");
  if (oak_image_get_checksum (image) == OAK_IMAGE_CHECKSUM_MATCHES)
    return _ ("checksum matches; images are not signed");
  return _ ("no checksum to compare with; images are not signed");
}

static void
print_fact (const CliTerminal *terminal, const char *label, const char *text)
{
  g_autofree char *padded = cli_text_pad (label, 9);
  g_autofree char *shown = cli_text_show (text);

  cli_terminal_print (terminal, "%*s%s %s\n", INDENT, "", padded, shown);
}

static void
print_image (const CliTerminal *terminal, OakImage *image)
{
  const char *version = oak_image_get_version (image);
  g_autofree char *size = oak_text_size (oak_image_get_size (image));

  cli_terminal_print (terminal,
                      "%s, %s\n",
                      version != NULL ? version : _ ("version unknown"),
                      get_type_words (image));
  print_fact (terminal, _ ("Size:"), size);
  print_fact (terminal, "SHA-256:", oak_image_get_sha256 (image));
  print_fact (terminal, _ ("From:"), oak_image_get_origin (image));
  print_fact (terminal, _ ("Proof:"), get_proof_words (image));
  if (version == NULL || oak_image_get_type (image) == OAK_BOOTLOADER_TYPE_AUTO)
    print_fact (terminal,
                _ ("To do:"),
                _ ("import it again with --version and --type to say what it is"));
}

static void
print_text (CliProgram *program, GPtrArray *images, const char *note)
{
  const CliTerminal *terminal = &program->output;
  g_autofree char *versions = g_strjoinv (", ", (char **) oak_image_release_get_versions ());

  if (note != NULL)
    cli_terminal_print (terminal, "%s\n", note);
  for (guint i = 0; i < images->len; i++)
    print_image (terminal, g_ptr_array_index (images, i));
  if (note != NULL)
    return;
  if (images->len == 0)
    cli_terminal_print (terminal, "%s\n", _ ("The store is empty."));
  /* Translators: %s is a list of versions. */
  cli_terminal_print (terminal,
                      _ ("“oakflash bootloader fetch VERSION” downloads %s, or another one.\n"),
                      versions);
}

static void
add_image (JsonBuilder *builder, OakImage *image)
{
  OakBootloaderType type = oak_image_get_type (image);

  json_builder_begin_object (builder);
  cli_json_add_text (builder, "version", oak_image_get_version (image));
  cli_json_add_text (builder,
                     "type",
                     type != OAK_BOOTLOADER_TYPE_AUTO ? oak_bootloader_type_to_string (type)
                                                      : NULL);
  cli_json_add_number (builder, "size", (gint64) oak_image_get_size (image));
  cli_json_add_text (builder, "sha256", oak_image_get_sha256 (image));
  cli_json_add_text (builder, "origin", oak_image_get_origin (image));
  cli_json_add_boolean (builder,
                        "checksumMatches",
                        oak_image_get_checksum (image) == OAK_IMAGE_CHECKSUM_MATCHES);
  cli_json_add_boolean (builder, "signed", FALSE);
  cli_json_add_boolean (builder, "whole", oak_image_is_whole (image));
  cli_json_add_boolean (builder, "madeUp", oak_image_is_made_up (image));
  cli_json_add_number (builder, "time", oak_image_get_time (image));
  json_builder_end_object (builder);
}

static void
print_json (CliProgram *program, GPtrArray *images)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (OakImageStore) store = oak_image_store_new (NULL);
  g_autofree char *folder = g_filename_display_name (oak_image_store_get_folder (store));

  json_builder_begin_object (builder);
  cli_json_add_boolean (builder, "ok", TRUE);
  cli_json_add_text (builder, "command", program->command->name);
  cli_json_add_text (builder, "action", program->options.action);
  cli_json_add_text (builder, "store", folder);
  json_builder_set_member_name (builder, "images");
  json_builder_begin_array (builder);
  for (guint i = 0; i < images->len; i++)
    add_image (builder, g_ptr_array_index (images, i));
  json_builder_end_array (builder);
  cli_json_add_texts (builder, "released", oak_image_release_get_versions ());
  cli_json_add_number (builder, "exitCode", 0);
  json_builder_end_object (builder);
  cli_json_print (builder);
}

int
cli_bootloader_report (CliProgram *program, GPtrArray *images, const char *note)
{
  if (program->options.json)
    print_json (program, images);
  else
    print_text (program, images, note);
  return 0;
}
