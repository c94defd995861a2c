/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "oak-firmware-archive.h"
#include "oak-image-release.h"

#include "cli-options-private.h"
#include "cli-suggest.h"

/* What must be right on the command line of "oakflash bootloader" before the store is opened. Main
 * thread. */

static const char *const actions[] = { "list", "import", "fetch", "remove", NULL };

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, CLI_USAGE_ERROR, CLI_USAGE_ERROR_FAILED, message);
  return FALSE;
}

static gboolean
check_action (const CliOptions *self, GError **error)
{
  const char *suggestion = NULL;

  if (self->action == NULL)
    return refuse (error, _ ("what to do with bootloaders? Say list, import, fetch or remove"));
  if (g_strv_contains (actions, self->action))
    return TRUE;
  suggestion = cli_suggest (self->action, actions);
  if (suggestion == NULL)
    return refuse (error, _ ("the actions are list, import, fetch and remove"));
  g_set_error (error,
               CLI_USAGE_ERROR,
               CLI_USAGE_ERROR_FAILED,
               _ ("the actions are list, import, fetch and remove; did you mean “%s”?"),
               suggestion);
  return FALSE;
}

static gboolean
check_version (const char *version, GError **error)
{
  g_autofree char *known = NULL;

  if (version != NULL && oak_firmware_check_version (version, NULL))
    return TRUE;
  known = g_strjoinv (", ", (char **) oak_image_release_get_versions ());
  g_set_error (error,
               CLI_USAGE_ERROR,
               CLI_USAGE_ERROR_FAILED,
               /* Translators: %s is a list of versions. */
               _ ("which version of the bootloader? Released are %s; another one is written the "
                  "same way"),
               known);
  return FALSE;
}

/* Options that mean nothing to the action are mistakes, not wishes to be passed over. */
static gboolean
check_belonging (const CliOptions *self, GError **error)
{
  const struct {
    gboolean is_given;
    const char *option;
    const char *actions[3];
  } rows[] = {
    { self->type_word != NULL, "type", { "import", "remove" } },
    { self->image_version != NULL, "version", { "import" } },
    { self->server != NULL, "server", { "fetch" } },
    { self->force, "force", { "import", "fetch" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (!rows[i].is_given || g_strv_contains (rows[i].actions, self->action))
      continue;
    g_set_error (error,
                 CLI_USAGE_ERROR,
                 CLI_USAGE_ERROR_FAILED,
                 _ ("the option --%s does not belong to “%s”"),
                 rows[i].option,
                 self->action);
    return FALSE;
  }
  return TRUE;
}

gboolean
cli_options_check_bootloader (CliOptions *self, CliCommandId command, GError **error)
{
  if (command != CLI_COMMAND_BOOTLOADER)
    return TRUE;
  if (!check_action (self, error) || !check_belonging (self, error))
    return FALSE;
  if (g_str_equal (self->action, "list") && self->file_path != NULL)
    return refuse (error, _ ("“list” takes nothing more; it shows all images"));
  if (g_str_equal (self->action, "import") && self->file_path == NULL)
    return refuse (error, _ ("which file? Give a package (.tar.xz) or an image (.cmd, .mvcmd)"));
  if (g_str_equal (self->action, "remove") && self->file_path == NULL)
    return refuse (error, _ ("which image? Give its version, or the beginning of its checksum"));
  if (g_str_equal (self->action, "fetch") && !check_version (self->file_path, error))
    return FALSE;
  return self->image_version == NULL || check_version (self->image_version, error);
}
