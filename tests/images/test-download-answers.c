/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "download-support.h"

#include <string.h>

#include "oak-file-bytes.h"
#include "oak-image-store.h"

#include "image-support.h"

/* What a server on the loopback may answer instead of the file that was asked for. */

static void
test_redirects_are_followed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *absolute =
      g_strconcat (image_server_get_base (fixture->server), "/second", NULL);

  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .status = 302, .location = absolute });
  image_server_add (fixture->server, "/second", &(Answer){ .status = 307, .location = "third" });
  image_server_add (fixture->server,
                    "/third",
                    &(Answer){ .kind = ANSWER_CUT, .body = fixture->archive, .n_bytes = 10000 });
  image_server_add (fixture->server, "/third", &(Answer){ .body = fixture->archive });
  assert_fetched (fixture);
  g_assert_cmpuint (image_server_get_offset (fixture->server, "/third"), ==, 10000);
}

static void
test_redirects_without_an_end_are_refused (Fixture *fixture, gconstpointer data)
{
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .status = 302, .location = PATH });
  assert_refused (fixture, OAK_ERROR_PROTOCOL, "without an end");
  g_assert_cmpuint (image_server_count (fixture->server, PATH), <, 10);
}

static void
test_redirects_to_other_schemes_are_refused (Fixture *fixture, gconstpointer data)
{
  static const char *const locations[] = { "http://example.org/a",
                                           "http://10.0.0.1/a",
                                           "file:///etc/passwd",
                                           "ftp://127.0.0.1/a",
                                           "data:text/plain,x" };

  add_sidecar (fixture, fixture->archive);
  for (guint i = 0; i < G_N_ELEMENTS (locations); i++)
    add_archive (fixture, &(Answer){ .status = 301, .location = locations[i] });
  for (guint i = 0; i < G_N_ELEMENTS (locations); i++)
    assert_refused (fixture, OAK_ERROR_UNSUPPORTED, "sends on");
}

static void
test_redirects_to_nowhere_are_refused (Fixture *fixture, gconstpointer data)
{
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .status = 302 });
  assert_refused (fixture, OAK_ERROR_PROTOCOL, "not to an address");
}

static void
test_a_version_the_server_has_not_is_not_found (Fixture *fixture, gconstpointer data)
{
  assert_refused (fixture, OAK_ERROR_NOT_FOUND, "404");
  g_assert_cmpuint (image_server_count_all (fixture->server), ==, 1);
}

static void
test_a_file_without_its_checksum_is_not_fetched (Fixture *fixture, gconstpointer data)
{
  add_archive (fixture, &(Answer){ 0 });
  assert_refused (fixture, OAK_ERROR_NOT_FOUND, ".sha256");
  g_assert_cmpuint (image_server_count (fixture->server, PATH), ==, 0);
}

static void
test_refusals_are_told_and_bad_moments_tried_again (Fixture *fixture, gconstpointer data)
{
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .status = 403 });
  add_archive (fixture, &(Answer){ .status = 503 });
  add_archive (fixture, &(Answer){ .status = 500 });
  add_archive (fixture, &(Answer){ 0 });
  assert_refused (fixture, OAK_ERROR_REFUSED, "403");
  g_assert_cmpuint (image_server_count (fixture->server, PATH), ==, 1);
  assert_fetched (fixture);
  g_assert_cmpuint (image_server_count (fixture->server, PATH), ==, 4);
}

static void
test_sidecars_that_are_none_are_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *sha256 = oak_file_bytes_get_sha256 (fixture->archive);
  g_autoptr (GBytes) cut = g_bytes_new (sha256, 40);
  g_autoptr (GBytes) page = g_bytes_new_static ("<html>Please log in</html>", 26);
  g_autoptr (GBytes) large = image_make (1, 5000);
  GBytes *const sidecars[] = { cut, page };

  add_archive (fixture, &(Answer){ 0 });
  for (guint i = 0; i < G_N_ELEMENTS (sidecars); i++)
    image_server_add (fixture->server, SIDECAR, &(Answer){ .body = sidecars[i] });
  image_server_add (fixture->server, SIDECAR, &(Answer){ .body = large });
  for (guint i = 0; i < G_N_ELEMENTS (sidecars); i++)
    assert_refused (fixture, OAK_ERROR_PROTOCOL, "checksum");
  assert_refused (fixture, OAK_ERROR_TOO_LARGE, "4.0 KiB");
  g_assert_cmpuint (image_server_count (fixture->server, PATH), ==, 0);
}

static void
test_a_server_that_is_not_there_is_unreachable (Fixture *fixture, gconstpointer data)
{
  fixture->download.server = "http://127.0.0.1:1";
  assert_refused (fixture, OAK_ERROR_UNREACHABLE, "127.0.0.1:1");
}

/* The checksum may match all the same: it only says what the server wants us to have. */
static void
test_a_bomb_with_its_right_checksum_is_refused (Fixture *fixture, gconstpointer data)
{
  const ArchiveEntry entry = { .name = ETH_NAME, .zeros = 48 * OAK_MIB };
  g_autoptr (GBytes) bomb = archive_make (&entry, 1);

  add_sidecar (fixture, bomb);
  add_archive (fixture, &(Answer){ .body = bomb });
  assert_refused (fixture, OAK_ERROR_TOO_LARGE, "32.0 MiB");
}

static void
test_a_name_that_leads_out_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) image = image_make (1, 3000);
  const ArchiveEntry entries[] = { { .name = ETH_NAME, .bytes = image },
                                   { .name = "../../../" ETH_NAME, .bytes = image } };
  g_autoptr (GBytes) archive = archive_make (entries, G_N_ELEMENTS (entries));

  add_sidecar (fixture, archive);
  add_archive (fixture, &(Answer){ .body = archive });
  assert_refused (fixture, OAK_ERROR_BAD_FILE, "outside");
}

static void
test_addresses_without_https_are_not_even_asked (Fixture *fixture, gconstpointer data)
{
  static const char *const servers[] = { "http://example.org", "ftp://127.0.0.1", "127.0.0.1" };

  for (guint i = 0; i < G_N_ELEMENTS (servers); i++) {
    fixture->download.server = servers[i];
    assert_refused (fixture, OAK_ERROR_UNSUPPORTED, "nothing is fetched");
  }
  g_assert_cmpuint (image_server_count_all (fixture->server), ==, 0);
}

static void
trust_the_server (Fixture *fixture)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("OAK_TEST_DATA"), "tls", "loopback.pem", NULL);
  g_autoptr (GError) error = NULL;

  fixture->download.trust = g_tls_file_database_new (path, &error);
  g_assert_no_error (error);
}

static void
test_tls_and_redirects_within_it_work (Fixture *fixture, gconstpointer data)
{
  trust_the_server (fixture);
  g_assert_true (g_str_has_prefix (fixture->download.server, "https://"));
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .status = 302, .location = "/second" });
  image_server_add (fixture->server, "/second", &(Answer){ .body = fixture->archive });
  assert_fetched (fixture);
}

static void
test_tls_that_is_cut_is_gone_on_with (Fixture *fixture, gconstpointer data)
{
  trust_the_server (fixture);
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .kind = ANSWER_CUT, .n_bytes = 100000 });
  add_archive (fixture, &(Answer){ 0 });
  assert_fetched (fixture);
  g_assert_cmpuint (image_server_count (fixture->server, PATH), ==, 2);
}

/* Not even to the loopback, which is allowed only where all of it is a test. */
static void
test_tls_is_never_left (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ImageServer) plain = image_server_new (NULL);
  g_autofree char *location = g_strconcat (image_server_get_base (plain), "/a", NULL);

  trust_the_server (fixture);
  image_server_add (plain, "/a", &(Answer){ .body = fixture->archive });
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .status = 302, .location = location });
  assert_refused (fixture, OAK_ERROR_UNSUPPORTED, "https://");
  g_assert_cmpuint (image_server_count_all (plain), ==, 0);
}

static void
test_a_certificate_nobody_knows_is_refused (Fixture *fixture, gconstpointer data)
{
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ 0 });
  assert_refused (fixture, OAK_ERROR_WRONG_DEVICE, "ertificate");
  g_assert_cmpuint (image_server_count_all (fixture->server), ==, 0);
}

#define ADD_WITH(name, make, function)                                                             \
  g_test_add ("/images/download/" name, Fixture, NULL, make, function, download_tear_down)
#define ADD(name, function) ADD_WITH (name, download_set_up, function)

int
main (int argc, char **argv)
{
  download_init (&argc, &argv);
  ADD ("redirects-are-followed", test_redirects_are_followed);
  ADD ("redirects-without-an-end-are-refused", test_redirects_without_an_end_are_refused);
  ADD ("redirects-to-other-schemes-are-refused", test_redirects_to_other_schemes_are_refused);
  ADD ("redirects-to-nowhere-are-refused", test_redirects_to_nowhere_are_refused);
  ADD ("a-version-the-server-has-not-is-not-found", test_a_version_the_server_has_not_is_not_found);
  ADD ("a-file-without-its-checksum-is-not-fetched",
       test_a_file_without_its_checksum_is_not_fetched);
  ADD ("refusals-are-told-and-bad-moments-tried-again",
       test_refusals_are_told_and_bad_moments_tried_again);
  ADD ("sidecars-that-are-none-are-refused", test_sidecars_that_are_none_are_refused);
  ADD ("a-server-that-is-not-there-is-unreachable", test_a_server_that_is_not_there_is_unreachable);
  ADD ("a-bomb-with-its-right-checksum-is-refused", test_a_bomb_with_its_right_checksum_is_refused);
  ADD ("a-name-that-leads-out-is-refused", test_a_name_that_leads_out_is_refused);
  ADD ("addresses-without-https-are-not-even-asked",
       test_addresses_without_https_are_not_even_asked);
  ADD_WITH ("tls-and-redirects-within-it-work",
            download_set_up_tls,
            test_tls_and_redirects_within_it_work);
  ADD_WITH ("tls-that-is-cut-is-gone-on-with",
            download_set_up_tls,
            test_tls_that_is_cut_is_gone_on_with);
  ADD_WITH ("tls-is-never-left", download_set_up_tls, test_tls_is_never_left);
  ADD_WITH ("a-certificate-nobody-knows-is-refused",
            download_set_up_tls,
            test_a_certificate_nobody_knows_is_refused);
  return g_test_run ();
}
