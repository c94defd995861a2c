/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-image-download.h"

#include <string.h>

#include <glib/gstdio.h>

#include "oak-error.h"
#include "oak-file-bytes.h"
#include "oak-firmware-archive.h"
#include "oak-http-private.h"
#include "oak-image-import.h"
#include "oak-image-release.h"
#include "oak-image-store.h"
#include "oak-image.h"
#include "oak-text.h"

/* Gets a release from the vendor's server. The checksum comes first: it names the file that is
 * wanted, so that a beginning kept from an earlier time can only be that of the same file. Any
 * thread. */

#define MAX_TRIES        5
#define MAX_SIDECAR_SIZE ((gsize) 4 * 1024)
#define PARTIAL_SUFFIX   ".part"

static char *
make_partial_path (const OakImageDownload *self, const char *sha256)
{
  return self->partial_folder != NULL
             ? g_strdup_printf ("%s/%s%s", self->partial_folder, sha256, PARTIAL_SUFFIX)
             : NULL;
}

/* What an earlier download left; nothing when that cannot be read. */
static GByteArray *
load_partial (const char *path)
{
  g_autoptr (GBytes) bytes = NULL;

  if (path != NULL)
    bytes = oak_file_bytes_load (path, OAK_FIRMWARE_ARCHIVE_MAX_SIZE, NULL, NULL);
  if (bytes == NULL)
    return g_byte_array_new ();
  return g_byte_array_append (g_byte_array_new (),
                              g_bytes_get_data (bytes, NULL),
                              (guint) g_bytes_get_size (bytes));
}

/* Keeping it is a convenience: where it fails, the next download begins anew. */
static void
keep_partial (const OakImageDownload *self, const char *path, GByteArray *body)
{
  g_autoptr (GError) local_error = NULL;

  if (path == NULL)
    return;
  if (body->len == 0) {
    g_unlink (path);
    return;
  }
  if (g_mkdir_with_parents (self->partial_folder, 0700) == 0 &&
      !g_file_set_contents_full (path,
                                 (const char *) body->data,
                                 (gssize) body->len,
                                 G_FILE_SET_CONTENTS_CONSISTENT,
                                 0600,
                                 &local_error))
    oak_report_log (self->report,
                    OAK_LOG_LEVEL_WARNING,
                    "the beginning of the download was not kept: %s",
                    local_error->message);
}

/* Beginnings of files that the server has replaced since would lie there for ever. */
static void
remove_partials (const OakImageDownload *self)
{
  g_autoptr (GDir) folder = NULL;
  const char *name = NULL;

  if (self->partial_folder != NULL)
    folder = g_dir_open (self->partial_folder, 0, NULL);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *path = g_build_filename (self->partial_folder, name, NULL);

    if (g_str_has_suffix (name, PARTIAL_SUFFIX))
      g_unlink (path);
  }
}

static void
log_next_try (const OakImageDownload *self, guint n_tries, const GByteArray *body, GError *reason)
{
  g_autofree char *size = oak_text_size (body->len);

  oak_report_log (self->report,
                  OAK_LOG_LEVEL_WARNING,
                  "%s; trying again behind %s, %u of %u",
                  reason->message,
                  size,
                  n_tries + 1,
                  MAX_TRIES);
}

/* Tries as often as it may help. Returns: FALSE with the last try's error; @body has what came. */
static gboolean
fetch (const OakImageDownload *self,
       OakHttp *http,
       const OakHttpRequest *request,
       GByteArray *body,
       GError **error)
{
  guint pause_ms = self->timeouts->server_pause_ms;

  for (guint n_tries = 1;; n_tries++) {
    g_autoptr (GError) local_error = NULL;
    gboolean may_help = FALSE;

    if (oak_http_fetch (http, request, body, &may_help, &local_error))
      return TRUE;
    if (!may_help || n_tries == MAX_TRIES ||
        g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
    log_next_try (self, n_tries, body, local_error);
    if (!oak_http_pause (http, pause_ms, error))
      return FALSE;
    pause_ms *= 2;
  }
}

/* Returns: (transfer full): what the file's checksum should be. */
static char *
fetch_checksum (const OakImageDownload *self, OakHttp *http, const char *address, GError **error)
{
  g_autofree char *sidecar = g_strconcat (address, ".sha256", NULL);
  OakHttpRequest request = { .address = sidecar, .max_size = MAX_SIDECAR_SIZE };
  g_autoptr (GByteArray) body = g_byte_array_new ();
  char *sha256 = NULL;

  if (!fetch (self, http, &request, body, error))
    return NULL;
  sha256 = oak_image_release_parse_sidecar (body->data, body->len, error);
  if (sha256 == NULL)
    g_prefix_error (error, "%s: ", sidecar);
  return sha256;
}

/* Returns: (transfer full) (nullable): @body's bytes when they are the right ones. */
static GBytes *
check_body (GByteArray *body, const char *sha256)
{
  g_autofree char *found = g_compute_checksum_for_data (G_CHECKSUM_SHA256, body->data, body->len);

  return g_str_equal (found, sha256) ? g_bytes_new (body->data, body->len) : NULL;
}

/* What was kept may be wrong itself: then once more, all of it. */
static GBytes *
fetch_file (const OakImageDownload *self,
            OakHttp *http,
            const OakHttpRequest *request,
            const char *sha256,
            GByteArray *body,
            GError **error)
{
  gboolean had_beginning = body->len > 0;
  GBytes *bytes = NULL;

  if (!fetch (self, http, request, body, error))
    return NULL;
  bytes = check_body (body, sha256);
  if (bytes == NULL && had_beginning) {
    oak_report_log (self->report,
                    OAK_LOG_LEVEL_WARNING,
                    "what an earlier download left does not fit; downloading all of it again");
    g_byte_array_set_size (body, 0);
    if (!fetch (self, http, request, body, error))
      return NULL;
    bytes = check_body (body, sha256);
  }
  if (bytes == NULL) {
    g_byte_array_set_size (body, 0);
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_VERIFY_FAILED,
                 "%s: what came does not have the checksum %.12s… that the server names for it; "
                 "it was thrown away",
                 request->address,
                 sha256);
  }
  return bytes;
}

GBytes *
oak_image_download (const OakImageDownload *self,
                    const char *address,
                    GCancellable *cancellable,
                    GError **error)
{
  OakHttpRequest request = {
    .address = address,
    .max_size = OAK_FIRMWARE_ARCHIVE_MAX_SIZE,
    .func = self->progress,
    .user_data = self->user_data,
  };
  g_autoptr (OakHttp) http = NULL;
  g_autofree char *sha256 = NULL;
  g_autofree char *partial = NULL;
  g_autoptr (GByteArray) body = NULL;
  GBytes *bytes = NULL;

  g_return_val_if_fail (self->timeouts != NULL && address != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  http =
      oak_http_new (self->timeouts, self->trust, oak_image_release_is_test (address), cancellable);
  sha256 = fetch_checksum (self, http, address, error);
  if (sha256 == NULL)
    return NULL;

  partial = make_partial_path (self, sha256);
  body = load_partial (partial);
  bytes = fetch_file (self, http, &request, sha256, body, error);
  if (bytes == NULL)
    keep_partial (self, partial, body);
  else
    remove_partials (self);
  return bytes;
}

/* Returns: (transfer full) (nullable): the images of @version that are in the store already, when
 * nothing is missing among them. */
static GPtrArray *
find_release (OakImageStore *store, const char *version, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) images = oak_image_store_list (store, cancellable, NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) oak_image_unref);

  for (guint i = 0; images != NULL && i < images->len; i++) {
    OakImage *image = g_ptr_array_index (images, i);

    if (g_strcmp0 (oak_image_get_version (image), version) == 0 && oak_image_is_whole (image) &&
        oak_image_get_type (image) != OAK_BOOTLOADER_TYPE_AUTO &&
        oak_image_get_checksum (image) == OAK_IMAGE_CHECKSUM_MATCHES)
      g_ptr_array_add (found, oak_image_ref (image));
  }
  return found->len == 2 ? g_steal_pointer (&found) : NULL;
}

GPtrArray *
oak_image_fetch (OakImageStore *store,
                 const OakImageDownload *download,
                 const char *version,
                 gboolean replace,
                 gboolean *is_new,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autofree char *address = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GBytes) archive = NULL;
  OakImageFacts facts;

  g_return_val_if_fail (store != NULL && download != NULL && version != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  address = oak_image_release_make_address (download->server, version, error);
  if (address == NULL)
    return NULL;
  if (!replace)
    found = find_release (store, version, cancellable);
  if (is_new != NULL)
    *is_new = found == NULL;
  if (found != NULL)
    return g_steal_pointer (&found);

  archive = oak_image_download (download, address, cancellable, error);
  if (archive == NULL)
    return NULL;
  facts = (OakImageFacts){ .type = OAK_BOOTLOADER_TYPE_AUTO,
                           .version = version,
                           .origin = address,
                           .checksum = OAK_IMAGE_CHECKSUM_MATCHES };
  return oak_image_import_archive (store, archive, &facts, replace, cancellable, error);
}
