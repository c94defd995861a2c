/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "download-support.h"

#include <stdlib.h>
#include <string.h>

#include "oak-file-bytes.h"
#include "oak-image-release.h"
#include "oak-image-store.h"
#include "oak-image.h"

#include "image-support.h"
#include "network-guard.h"

/* What the tests of downloads share. Main thread. */

double
download_get_slowdown (void)
{
  const char *text = g_getenv ("TEST_SLOWDOWN");

  return text != NULL && atof (text) > 1 ? atof (text) : 1;
}

static void
on_progress (guint64 bytes_done, guint64 bytes_total, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_progress++;
  fixture->bytes_done = bytes_done;
  fixture->bytes_total = bytes_total;
  if (fixture->cancel_on_progress != NULL && bytes_done > 0)
    g_cancellable_cancel (fixture->cancel_on_progress);
}

static void
set_up_server (Fixture *fixture, GTlsCertificate *certificate)
{
  g_autofree char *images = NULL;

  fixture->folder = g_dir_make_tmp ("oak-download-XXXXXX", NULL);
  images = g_build_filename (fixture->folder, "images", NULL);
  fixture->partial = g_build_filename (fixture->folder, "partial", NULL);
  fixture->store = oak_image_store_new (images);
  fixture->server = image_server_new (certificate);
  fixture->archive = archive_make_release (1);
  oak_timeouts_init (&fixture->timeouts);
  oak_timeouts_scale (&fixture->timeouts, download_get_slowdown ());
  fixture->timeouts.server_pause_ms = 1;
  fixture->download = (OakImageDownload){
    .server = image_server_get_base (fixture->server),
    .timeouts = &fixture->timeouts,
    .partial_folder = fixture->partial,
    .progress = on_progress,
    .user_data = fixture,
  };
}

void
download_set_up (Fixture *fixture, gconstpointer data)
{
  set_up_server (fixture, NULL);
}

static GTlsCertificate *
load_certificate (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("OAK_TEST_DATA"), "tls", "loopback.pem", NULL);
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_file (path, &error);

  g_assert_no_error (error);
  return certificate;
}

void
download_set_up_tls (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GTlsCertificate) certificate = load_certificate ();

  set_up_server (fixture, certificate);
}

void
download_tear_down (Fixture *fixture, gconstpointer data)
{
  image_server_free (fixture->server);
  oak_image_store_free (fixture->store);
  folder_remove (fixture->folder);
  g_bytes_unref (fixture->archive);
  g_clear_object (&fixture->download.trust);
  g_free (fixture->partial);
  g_free (fixture->folder);
}

void
add_sidecar (Fixture *fixture, GBytes *bytes)
{
  g_autofree char *sha256 = oak_file_bytes_get_sha256 (bytes);
  g_autoptr (GBytes) sidecar = g_bytes_new (sha256, strlen (sha256));

  image_server_add (fixture->server, SIDECAR, &(Answer){ .body = sidecar });
}

void
add_archive (Fixture *fixture, const Answer *answer)
{
  Answer own = *answer;

  if (own.body == NULL)
    own.body = fixture->archive;
  image_server_add (fixture->server, PATH, &own);
}

GPtrArray *
fetch (Fixture *fixture, GCancellable *cancellable, GError **error)
{
  return oak_image_fetch (fixture->store,
                          &fixture->download,
                          "0.0.28",
                          FALSE,
                          NULL,
                          cancellable,
                          error);
}

void
assert_fetched (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) fetched = fetch (fixture, NULL, &error);
  g_autoptr (GPtrArray) images = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (fetched->len, ==, 2);
  images = oak_image_store_list (fixture->store, NULL, NULL);
  g_assert_cmpuint (images->len, ==, 2);
  for (guint i = 0; i < 2; i++) {
    OakImage *image = g_ptr_array_index (images, i);

    g_assert_true (oak_image_is_whole (image));
    g_assert_cmpstr (oak_image_get_version (image), ==, "0.0.28");
    g_assert_cmpint (oak_image_get_checksum (image), ==, OAK_IMAGE_CHECKSUM_MATCHES);
    g_assert_true (g_str_has_suffix (oak_image_get_origin (image), PATH));
  }
  g_assert_cmpuint (folder_count (fixture->partial, ""), ==, 0);
}

void
assert_refused (Fixture *fixture, OakError code, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) images = fetch (fixture, NULL, &error);

  g_assert_null (images);
  g_assert_error (error, OAK_ERROR, (int) code);
  if (strstr (error->message, says) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, says);
  g_assert_cmpuint (folder_count (oak_image_store_get_folder (fixture->store), ""), ==, 0);
}

void
download_init (int *argc, char ***argv)
{
  network_guard_check ();
  g_unsetenv (OAK_IMAGE_SERVER_VARIABLE);
  g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
  g_test_init (argc, argv, NULL);
}
