/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-wish.h"

#include <string.h>

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-app-verdict.h"
#include "oak-demo-image.h"
#include "oak-error.h"

/* What a person asked for, as a plain value. Any thread, one owner. */

#define MIN_IMAGE_SIZE 1024u

static const guint8 image_magic[] = { 0x4d, 0x41, 0x32, 0x78 }; /* "MA2x", bootloader.md §10.3 */

static const char *const operation_words[] = {
  [OAK_OPERATION_READ_DETAILS] = "read-details",
  [OAK_OPERATION_FLASH_APPLICATION] = "flash-application",
  [OAK_OPERATION_CLEAR_APPLICATION] = "clear-application",
  [OAK_OPERATION_FACTORY_RESET] = "factory-reset",
  [OAK_OPERATION_VERIFY_APPLICATION] = "verify-application",
};

G_STATIC_ASSERT (G_N_ELEMENTS (operation_words) == OAK_OPERATION_N);

void
oak_flash_wish_init (OakFlashWish *self, OakOperation operation)
{
  *self = (OakFlashWish){ .operation = operation,
                          .memory = OAK_MEMORY_AUTO,
                          .bootloader_type = OAK_BOOTLOADER_TYPE_AUTO };
}

void
oak_flash_wish_copy (OakFlashWish *self, const OakFlashWish *from)
{
  *self = *from;
  self->package = from->package != NULL ? oak_app_package_ref (from->package) : NULL;
  self->contents = from->contents != NULL ? oak_app_contents_ref (from->contents) : NULL;
  self->bootloader_image =
      from->bootloader_image != NULL ? g_bytes_ref (from->bootloader_image) : NULL;
  self->boot_image = from->boot_image != NULL ? g_bytes_ref (from->boot_image) : NULL;
  self->bootloader_name = g_strdup (from->bootloader_name);
}

void
oak_flash_wish_clear (OakFlashWish *self)
{
  g_clear_pointer (&self->package, oak_app_package_unref);
  g_clear_pointer (&self->contents, oak_app_contents_unref);
  g_clear_pointer (&self->bootloader_image, g_bytes_unref);
  g_clear_pointer (&self->boot_image, g_bytes_unref);
  g_clear_pointer (&self->bootloader_name, g_free);
}

gboolean
oak_flash_wish_judge (OakFlashWish *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (OakAppVerdict) verdict = NULL;

  if (self->package == NULL || oak_flash_wish_only_looks (self))
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

static const char *
find_fault (GBytes *image, gboolean is_simulated)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (image, &size);

  if (size <= MIN_IMAGE_SIZE)
    return "is too small to be one";
  if (oak_demo_image_recognise (data, size))
    return is_simulated ? NULL : "was made up for simulated cameras and is refused for a real one";
  if (memcmp (data, image_magic, sizeof image_magic) != 0)
    return "does not begin like a bootloader image";
  return NULL;
}

gboolean
oak_flash_wish_check_image (GBytes *image, const char *name, gboolean is_simulated, GError **error)
{
  const char *fault;

  g_return_val_if_fail (image != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  fault = find_fault (image, is_simulated);
  if (fault == NULL)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_BAD_FILE,
               "the bootloader image \"%s\" %s",
               name != NULL ? name : "?",
               fault);
  return FALSE;
}

/* Returns: (transfer none) (nullable): why it makes no sense on an unbooted camera. */
static const char *
find_objection (const OakFlashWish *self, GBytes *image)
{
  if (self->operation == OAK_OPERATION_FLASH_APPLICATION)
    return "the camera is unbooted: without a bootloader in its memory an application never "
           "starts; "
           "do a factory reset first";
  if (self->operation == OAK_OPERATION_VERIFY_APPLICATION)
    return "the camera is unbooted: without a bootloader nothing can be read from its memory";
  if (self->operation != OAK_OPERATION_READ_DETAILS &&
      self->bootloader_type == OAK_BOOTLOADER_TYPE_AUTO)
    return "the camera is unbooted and cannot say of which type it is: the type has to be chosen, "
           "USB or network";
  if (image == NULL)
    return "the camera is unbooted: its chip waits for a bootloader image on USB, and none was "
           "chosen";
  return NULL;
}

GBytes *
oak_flash_wish_check_unbooted (const OakFlashWish *self, GError **error)
{
  GBytes *image;
  const char *objection;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  image = self->boot_image != NULL ? self->boot_image : self->bootloader_image;
  objection = find_objection (self, image);
  if (objection != NULL) {
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED, objection);
    return NULL;
  }
  return oak_flash_wish_check_image (image, self->bootloader_name, self->made_up_image_ok, error)
             ? image
             : NULL;
}

gboolean
oak_flash_wish_only_looks (const OakFlashWish *self)
{
  return self->operation == OAK_OPERATION_READ_DETAILS ||
         self->operation == OAK_OPERATION_VERIFY_APPLICATION;
}

const char *
oak_operation_to_string (OakOperation operation)
{
  if ((guint) operation >= G_N_ELEMENTS (operation_words))
    return "unknown";
  return operation_words[operation];
}
