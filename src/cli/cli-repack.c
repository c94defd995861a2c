/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include <string.h>

#include <glib/gi18n.h>

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-app-repack.h"
#include "oak-asset-map.h"
#include "oak-error.h"

#include "cli-failure.h"
#include "cli-file.h"
#include "cli-package.h"
#include "cli-program.h"

/* "oakflash repack FILE": makes a package from another one. Main thread, but for the thread
 * function. */

typedef struct {
  OakAppContents *contents; /* (owned) */
  OakRepackWish wish;
  GArray *assets;   /* (owned) of OakRepackAsset, which @wish borrows */
  GPtrArray *names; /* (owned) of char *, which @assets borrow */
} Repack;

static void
clear_asset (gpointer data)
{
  OakRepackAsset *asset = data;

  g_clear_pointer (&asset->bytes, g_bytes_unref);
}

static void
repack_init (Repack *self)
{
  *self = (Repack){
    .assets = g_array_new (FALSE, FALSE, sizeof (OakRepackAsset)),
    .names = g_ptr_array_new_with_free_func (g_free),
  };
  g_array_set_clear_func (self->assets, clear_asset);
}

static void
repack_clear (Repack *self)
{
  g_clear_pointer (&self->assets, g_array_unref);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->contents, oak_app_contents_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Repack, repack_clear)

/* Assets' names may have an equals sign as well as files': the first one that ends the name of an
 * asset is meant. Returns: (transfer full): that name; what is before the first one if there is no
 * such asset; @path is what follows. */
static char *
split_replacement (const OakAssetMap *map, const char *word, const char **path)
{
  for (const char *sign = strchr (word, '='); sign != NULL; sign = strchr (sign + 1, '=')) {
    g_autofree char *name = g_strndup (word, (gsize) (sign - word));

    *path = sign + 1;
    if (map != NULL && oak_asset_map_find_typed (map, name) != NULL)
      return g_steal_pointer (&name);
  }
  *path = strchr (word, '=') + 1;
  return g_strndup (word, (gsize) (*path - 1 - word));
}

static gboolean
load_replacement (Repack *self, CliProgram *program, const char *word, GError **error)
{
  const OakAssetMap *map = oak_app_contents_get_assets (self->contents, NULL);
  OakRepackAsset asset = { 0 };
  const char *path = NULL;
  char *name = split_replacement (map, word, &path);

  g_ptr_array_add (self->names, name);
  asset.name = name;
  asset.bytes = cli_file_load_bytes (program, path, OAK_APP_PACKAGE_MAX_SIZE, error);
  if (asset.bytes == NULL)
    return FALSE;
  g_array_append_val (self->assets, asset);
  return TRUE;
}

static void
apply_options (Repack *self, const CliOptions *options)
{
  self->wish.application_name = options->application_name;
  if (options->compress)
    self->wish.compress = OAK_REPACK_YES;
  if (options->no_compress)
    self->wish.compress = OAK_REPACK_NO;
  if (options->check_word != NULL)
    self->wish.check_at_boot = options->check_at_boot ? OAK_REPACK_YES : OAK_REPACK_NO;
  self->wish.assets = (const OakRepackAsset *) (gconstpointer) self->assets->data;
  self->wish.n_assets = self->assets->len;
}

static gboolean
load (Repack *self, CliProgram *program, GError **error)
{
  char **words = program->options.replacements;

  self->contents = cli_file_load_contents (program, program->options.file_path, error);
  if (self->contents == NULL)
    return FALSE;
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    if (!load_replacement (self, program, words[i], error))
      return FALSE;
  apply_options (self, &program->options);
  return TRUE;
}

/* What we make must pass our own strictest reader before anybody gets it. */
static gboolean
check_result (GBytes *bytes, GError **error)
{
  g_autoptr (OakAppPackage) package = oak_app_package_new_from_bytes (bytes, "the result", error);

  return package != NULL;
}

/* worker thread */
static void
repack_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Repack *self = task_data;
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;

  bytes = oak_app_repack (self->contents, &self->wish, cancellable, &error);
  if (bytes != NULL && check_result (bytes, &error))
    g_task_return_pointer (task, g_steal_pointer (&bytes), (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

/* A whole package that is refused is not to blame itself. */
static int
fail (CliProgram *program, const Repack *self, const GError *error)
{
  g_autoptr (GError) converted = NULL;
  OakAppPackage *package = oak_app_contents_get_package (self->contents);

  if (!g_error_matches (error, OAK_ERROR, OAK_ERROR_BAD_FILE) ||
      oak_app_package_get_n_problems (package) > 0)
    return cli_package_fail (program, error);
  converted = g_error_new_literal (CLI_ERROR, CLI_ERROR_NOT_POSSIBLE, error->message);
  return cli_package_fail (program, converted);
}

static const char *
get_note (const Repack *self, GBytes *bytes)
{
  OakAppPackage *package = oak_app_contents_get_package (self->contents);

  if (g_bytes_equal (bytes, oak_app_package_get_bytes (package)))
    return _ ("It is the same, byte for byte.");
  return NULL;
}

int
cli_repack_run (CliProgram *program)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_auto (Repack) self;

  repack_init (&self);
  if (!cli_package_check_output (program, &error) || !load (&self, program, &error))
    return cli_package_fail (program, error);
  bytes = cli_file_run (program, repack_thread, &self, &error);
  if (bytes == NULL)
    return fail (program, &self, error);
  if (!cli_package_write (program, bytes, &error))
    return cli_package_fail (program, error);
  cli_package_report_written (program, bytes, get_note (&self, bytes));
  return 0;
}
