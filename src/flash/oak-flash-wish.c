/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-wish.h"

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-app-verdict.h"

/* What a person asked for, as a plain value. Any thread, one owner. */

static const char *const operation_words[] = {
  [OAK_OPERATION_READ_DETAILS] = "read-details",
  [OAK_OPERATION_FLASH_APPLICATION] = "flash-application",
  [OAK_OPERATION_CLEAR_APPLICATION] = "clear-application",
  [OAK_OPERATION_FACTORY_RESET] = "factory-reset",
};

G_STATIC_ASSERT (G_N_ELEMENTS (operation_words) == OAK_OPERATION_N);

void
oak_flash_wish_init (OakFlashWish *self, OakOperation operation)
{
  *self = (OakFlashWish){ .operation = operation, .memory = OAK_MEMORY_AUTO };
}

void
oak_flash_wish_copy (OakFlashWish *self, const OakFlashWish *from)
{
  *self = *from;
  self->package = from->package != NULL ? oak_app_package_ref (from->package) : NULL;
  self->contents = from->contents != NULL ? oak_app_contents_ref (from->contents) : NULL;
  self->bootloader_image =
      from->bootloader_image != NULL ? g_bytes_ref (from->bootloader_image) : NULL;
  self->bootloader_name = g_strdup (from->bootloader_name);
}

void
oak_flash_wish_clear (OakFlashWish *self)
{
  g_clear_pointer (&self->package, oak_app_package_unref);
  g_clear_pointer (&self->contents, oak_app_contents_unref);
  g_clear_pointer (&self->bootloader_image, g_bytes_unref);
  g_clear_pointer (&self->bootloader_name, g_free);
}

gboolean
oak_flash_wish_judge (OakFlashWish *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (OakAppVerdict) verdict = NULL;

  if (self->package == NULL)
    return TRUE;
  if (self->contents != NULL && oak_app_contents_get_package (self->contents) != self->package)
    g_clear_pointer (&self->contents, oak_app_contents_unref);
  if (self->contents == NULL)
    self->contents = oak_app_contents_read (self->package, cancellable, error);
  if (self->contents == NULL)
    return FALSE;
  verdict = oak_app_verdict_new (self->contents, NULL, self->allow_host_streams);
  return oak_app_verdict_check (verdict, error);
}

const char *
oak_operation_to_string (OakOperation operation)
{
  if ((guint) operation >= G_N_ELEMENTS (operation_words))
    return "unknown";
  return operation_words[operation];
}
