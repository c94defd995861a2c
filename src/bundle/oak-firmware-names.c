/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-firmware-archive.h"

#include <string.h>

#include "oak-demo-image.h"
#include "oak-error.h"
#include "oak-flash-map.h"
#include "oak-text.h"

/* What names and first bytes say about bootloader images. An image itself tells neither its type
 * nor its version, so nothing is concluded from anything but the vendor's exact names. Pure
 * functions, any thread. */

#define ARCHIVE_PREFIX "depthai-bootloader-fwp-"
#define ARCHIVE_SUFFIX ".tar.xz"

#define MIN_IMAGE_SIZE    1024u
#define MIN_COMMIT_LENGTH 7
#define MAX_COMMIT_LENGTH 40

static const guint8 archive_magic[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
static const guint8 image_magic[] = { 'M', 'A', '2', 'x' }; /* bootloader.md §10.3 */

static const struct {
  const char *stem;
  OakBootloaderType type;
} image_names[] = {
  { "depthai-bootloader-usb", OAK_BOOTLOADER_TYPE_USB },
  { "depthai-bootloader-eth", OAK_BOOTLOADER_TYPE_NETWORK },
};

static gboolean
begins_with (GBytes *bytes, const guint8 *magic, gsize magic_size)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return size >= magic_size && memcmp (data, magic, magic_size) == 0;
}

gboolean
oak_firmware_is_made_up (GBytes *image)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (image, &size);

  return oak_demo_image_recognise (data, size);
}

OakFirmwareKind
oak_firmware_recognise (GBytes *bytes)
{
  g_return_val_if_fail (bytes != NULL, OAK_FIRMWARE_UNKNOWN);

  if (begins_with (bytes, archive_magic, sizeof archive_magic))
    return OAK_FIRMWARE_ARCHIVE;
  if (begins_with (bytes, image_magic, sizeof image_magic) || oak_firmware_is_made_up (bytes))
    return OAK_FIRMWARE_IMAGE;
  return OAK_FIRMWARE_UNKNOWN;
}

static gsize
get_room (OakBootloaderType type)
{
  OakFlashRange range = { 0 };

  if (type == OAK_BOOTLOADER_TYPE_AUTO)
    type = OAK_BOOTLOADER_TYPE_NETWORK;
  return oak_flash_map_get (type, OAK_SECTION_BOOTLOADER, &range) ? range.size : 0;
}

gboolean
oak_firmware_check_image (GBytes *image, OakBootloaderType type, const char *name, GError **error)
{
  g_return_val_if_fail (image != NULL && name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (oak_firmware_recognise (image) != OAK_FIRMWARE_IMAGE ||
      g_bytes_get_size (image) <= MIN_IMAGE_SIZE) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "\"%s\" is no bootloader image: it %s",
                 name,
                 g_bytes_get_size (image) <= MIN_IMAGE_SIZE ? "is too small to be one"
                                                            : "does not begin like one");
    return FALSE;
  }
  if (g_bytes_get_size (image) > get_room (type)) {
    g_autofree char *size = oak_text_size (g_bytes_get_size (image));
    g_autofree char *room = oak_text_size (get_room (type));

    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_TOO_LARGE,
                 "\"%s\" is %s large, and a camera of that type has %s for its bootloader",
                 name,
                 size,
                 room);
    return FALSE;
  }
  return TRUE;
}

OakBootloaderType
oak_firmware_type_of_name (const char *name)
{
  g_return_val_if_fail (name != NULL, OAK_BOOTLOADER_TYPE_AUTO);

  for (gsize i = 0; i < G_N_ELEMENTS (image_names); i++)
    if (g_str_has_prefix (name, image_names[i].stem) &&
        g_str_equal (name + strlen (image_names[i].stem), ".cmd"))
      return image_names[i].type;
  return OAK_BOOTLOADER_TYPE_AUTO;
}

gboolean
oak_firmware_parse_image_name (const char *name, OakBootloaderType *type)
{
  g_autofree char *as_packed = NULL;

  g_return_val_if_fail (name != NULL, FALSE);

  *type = OAK_BOOTLOADER_TYPE_AUTO;
  if (!g_str_has_suffix (name, ".cmd") && !g_str_has_suffix (name, ".mvcmd"))
    return FALSE;
  as_packed = g_strdup_printf ("%.*s.cmd", (int) (strrchr (name, '.') - name), name);
  *type = oak_firmware_type_of_name (as_packed);
  return TRUE;
}

char *
oak_firmware_version_of_name (const char *name)
{
  g_autofree char *version = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  if (!g_str_has_prefix (name, ARCHIVE_PREFIX) || !g_str_has_suffix (name, ARCHIVE_SUFFIX) ||
      strlen (name) <= strlen (ARCHIVE_PREFIX) + strlen (ARCHIVE_SUFFIX))
    return NULL;
  version = g_strndup (name + strlen (ARCHIVE_PREFIX),
                       strlen (name) - strlen (ARCHIVE_PREFIX) - strlen (ARCHIVE_SUFFIX));
  return oak_firmware_check_version (version, NULL) ? g_steal_pointer (&version) : NULL;
}

static gboolean
is_commit (const char *text)
{
  gsize length = strlen (text);

  return length >= MIN_COMMIT_LENGTH && length <= MAX_COMMIT_LENGTH &&
         strspn (text, "0123456789abcdef") == length;
}

gboolean
oak_firmware_check_version (const char *text, OakVersion *version)
{
  g_autofree char *number = NULL;
  g_autofree char *usual = NULL;
  const char *plus = NULL;
  OakVersion parsed;

  g_return_val_if_fail (text != NULL, FALSE);

  plus = strchr (text, '+');
  number = plus != NULL ? g_strndup (text, (gsize) (plus - text)) : g_strdup (text);
  if (!oak_version_parse (number, &parsed) || (plus != NULL && !is_commit (plus + 1)))
    return FALSE;
  /* One version, one text: it becomes part of addresses and is compared. */
  usual = oak_version_to_string (parsed);
  if (!g_str_equal (usual, number))
    return FALSE;
  if (version != NULL)
    *version = parsed;
  return TRUE;
}
