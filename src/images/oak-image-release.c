/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-image-release.h"

#include <string.h>

#include <gio/gio.h>

#include "oak-error.h"
#include "oak-firmware-archive.h"
#include "oak-image-private.h"
#include "oak-text.h"

/* Addresses of releases, and which of them may be used at all. Any thread. */

#define RELEASES         "luxonis-myriad-release-local"
#define SNAPSHOTS        "luxonis-myriad-snapshot-local"
#define MAX_SHOWN_LENGTH 200

static const char *const versions[] = { "0.0.29", "0.0.28", "0.0.27", "0.0.26", NULL };

const char *const *
oak_image_release_get_versions (void)
{
  return versions;
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return address != NULL && g_inet_address_get_is_loopback (address);
}

static gboolean
has_scheme (GUri *uri, const char *scheme)
{
  return g_str_equal (g_uri_get_scheme (uri), scheme);
}

gboolean
oak_image_release_is_test (const char *address)
{
  g_autoptr (GUri) uri = g_uri_parse (address, G_URI_FLAGS_NONE, NULL);

  return uri != NULL && has_scheme (uri, "http") && g_uri_get_host (uri) != NULL &&
         is_loopback (g_uri_get_host (uri));
}

gboolean
oak_image_release_check_address (const char *address, gboolean is_test, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (address, G_URI_FLAGS_HAS_PASSWORD, NULL);
  g_autofree char *shown = oak_text_escape (address, -1, MAX_SHOWN_LENGTH);
  const char *fault = NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL || g_uri_get_host (uri)[0] == '\0')
    fault = "is no address of a server";
  else if (g_uri_get_userinfo (uri) != NULL)
    fault = "has a user's name in it";
  else if (!has_scheme (uri, "https") && !(is_test && oak_image_release_is_test (address)))
    fault = "is not safe on its way: it does not begin with https://";
  if (fault == NULL)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_UNSUPPORTED,
               "the address \"%s\" %s, so nothing is fetched from there",
               shown,
               fault);
  return FALSE;
}

char *
oak_image_release_make_address (const char *server, const char *version, GError **error)
{
  const char *base = server != NULL ? server : g_getenv (OAK_IMAGE_SERVER_VARIABLE);
  g_autofree char *escaped = NULL;

  g_return_val_if_fail (version != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (base == NULL || base[0] == '\0')
    base = OAK_IMAGE_SERVER;
  if (!oak_firmware_check_version (version, NULL)) {
    g_autofree char *shown = oak_text_escape (version, -1, MAX_SHOWN_LENGTH);

    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_UNSUPPORTED,
                 "\"%s\" is no version of a bootloader; one looks like 0.0.28",
                 shown);
    return NULL;
  }
  if (!oak_image_release_check_address (base, TRUE, error))
    return NULL;
  escaped = g_uri_escape_string (version, NULL, FALSE);
  return g_strdup_printf ("%s%s%s/depthai-bootloader/%s/depthai-bootloader-fwp-%s.tar.xz",
                          base,
                          g_str_has_suffix (base, "/") ? "" : "/",
                          strchr (version, '+') != NULL ? SNAPSHOTS : RELEASES,
                          escaped,
                          escaped);
}

char *
oak_image_release_parse_sidecar (const void *data, gsize size, GError **error)
{
  const char *text = data;
  g_autofree char *digits = NULL;

  if (size == OAK_IMAGE_SHA256_LENGTH + 1 && text[OAK_IMAGE_SHA256_LENGTH] == '\n')
    size--;
  digits = size == OAK_IMAGE_SHA256_LENGTH ? g_strndup (text, size) : NULL;
  if (digits != NULL && oak_image_is_sha256 (digits))
    return g_steal_pointer (&digits);
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_PROTOCOL,
               "the file with the checksum is not what it should be: %" G_GSIZE_FORMAT
               " bytes instead of %u hexadecimal digits",
               size,
               OAK_IMAGE_SHA256_LENGTH);
  return NULL;
}
