/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-bootloader.h"

#include "oak-error.h"
#include "oak-firmware-archive.h"
#include "oak-flash-wish.h"
#include "oak-image-store.h"
#include "oak-image.h"

#include "cli-file.h"
#include "cli-program.h"

/* Takes an image out of the store, for a command that writes one to a camera. Main thread, but for
 * the thread function. */

typedef struct {
  const char *version;
  OakBootloaderType type;
  OakImage *image; /* (owned) (nullable): what was found */
} Load;

gboolean
cli_bootloader_is_stored (const char *text)
{
  return oak_firmware_check_version (text, NULL) && !g_file_test (text, G_FILE_TEST_EXISTS);
}

static GBytes *
load_image (Load *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (OakImageStore) store = oak_image_store_new (NULL);
  g_autoptr (GPtrArray) images = oak_image_store_list (store, cancellable, error);

  if (images != NULL)
    self->image = oak_image_store_find (images, self->version, self->type, error);
  return self->image != NULL ? oak_image_store_load (store, self->image, cancellable, error) : NULL;
}

/* worker thread */
static void
load_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  GBytes *bytes = load_image (task_data, cancellable, &error);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

/* For whoever wants to write it to a camera, whatever is wrong with the image is wrong with a file.
 */
static void
take_error (GError *local_error, GError **error)
{
  g_autoptr (GError) own = local_error;

  if (g_error_matches (own, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&own));
  else if (g_error_matches (own, OAK_ERROR, OAK_ERROR_NEEDS_CONSENT))
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "%s; give --type usb or --type network",
                 own->message);
  else
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_BAD_FILE, own->message);
}

gboolean
cli_bootloader_load (CliProgram *program, const char *version, OakFlashWish *wish, GError **error)
{
  Load load = { .version = version, .type = wish->bootloader_type };
  GError *local_error = NULL;

  wish->bootloader_image = cli_file_run (program, load_thread, &load, &local_error);
  if (wish->bootloader_image == NULL) {
    take_error (local_error, error);
  } else if (wish->bootloader_type == OAK_BOOTLOADER_TYPE_AUTO) {
    /* The store knows what the bytes do not say: it must be that of the camera. */
    wish->bootloader_type = oak_image_get_type (load.image);
  }
  g_clear_pointer (&load.image, oak_image_unref);
  return wish->bootloader_image != NULL && cli_program_check_interrupt (program, error);
}
