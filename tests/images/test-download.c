/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-image-download.h"

#include <stdlib.h>
#include <string.h>

#include "oak-error.h"
#include "oak-file-bytes.h"
#include "oak-image-release.h"
#include "oak-image-store.h"
#include "oak-image.h"

#include "image-server.h"
#include "image-support.h"
#include "network-guard.h"

/* Downloads from a server on the loopback that does well or badly. Waits that must end by
 * themselves are short, all others generous. */

#define PATH                                                                                       \
  "/luxonis-myriad-release-local/depthai-bootloader/0.0.28/depthai-bootloader-fwp-0.0.28.tar.xz"
#define SIDECAR PATH ".sha256"

typedef struct {
  char *folder;
  char *partial;
  OakImageStore *store;
  ImageServer *server;
  OakTimeouts timeouts;
  OakImageDownload download;
  GBytes *archive;
  guint64 n_progress; /* calls */
  guint64 bytes_done; /* of the last one */
  guint64 bytes_total;
  GCancellable *cancel_on_progress; /* (unowned) (nullable) */
} Fixture;

static double
get_slowdown (void)
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
  oak_timeouts_scale (&fixture->timeouts, get_slowdown ());
  fixture->timeouts.server_pause_ms = 1;
  fixture->download = (OakImageDownload){
    .server = image_server_get_base (fixture->server),
    .timeouts = &fixture->timeouts,
    .partial_folder = fixture->partial,
    .progress = on_progress,
    .user_data = fixture,
  };
}

static void
set_up (Fixture *fixture, gconstpointer data)
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

static void
set_up_tls (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GTlsCertificate) certificate = load_certificate ();

  set_up_server (fixture, certificate);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  image_server_free (fixture->server);
  oak_image_store_free (fixture->store);
  folder_remove (fixture->folder);
  g_bytes_unref (fixture->archive);
  g_clear_object (&fixture->download.trust);
  g_free (fixture->partial);
  g_free (fixture->folder);
}

/* The file beside @path that says what @bytes should be. */
static void
add_sidecar (Fixture *fixture, GBytes *bytes)
{
  g_autofree char *sha256 = oak_file_bytes_get_sha256 (bytes);
  g_autoptr (GBytes) sidecar = g_bytes_new (sha256, strlen (sha256));

  image_server_add (fixture->server, SIDECAR, &(Answer){ .body = sidecar });
}

static void
add_archive (Fixture *fixture, const Answer *answer)
{
  Answer own = *answer;

  if (own.body == NULL)
    own.body = fixture->archive;
  image_server_add (fixture->server, PATH, &own);
}

static GPtrArray *
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

static void
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

/* Nothing came into the store. */
static void
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

static void
test_a_good_release_comes_into_the_store (Fixture *fixture, gconstpointer data)
{
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ 0 });
  assert_fetched (fixture);
  g_assert_cmpuint (fixture->bytes_done, ==, g_bytes_get_size (fixture->archive));
  g_assert_cmpuint (fixture->bytes_total, ==, g_bytes_get_size (fixture->archive));
  g_assert_cmpuint (fixture->n_progress, >, 2);
}

static void
test_what_is_there_is_not_downloaded_again (Fixture *fixture, gconstpointer data)
{
  guint n_requests = 0;
  gboolean is_new = TRUE;
  g_autoptr (GPtrArray) images = NULL;

  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ 0 });
  assert_fetched (fixture);
  n_requests = image_server_count_all (fixture->server);
  images =
      oak_image_fetch (fixture->store, &fixture->download, "0.0.28", FALSE, &is_new, NULL, NULL);
  g_assert_cmpuint (images->len, ==, 2);
  g_assert_false (is_new);
  g_assert_cmpuint (image_server_count_all (fixture->server), ==, n_requests);
}

static void
test_a_wrong_checksum_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) other = archive_make_release (2);

  add_sidecar (fixture, other);
  add_archive (fixture, &(Answer){ 0 });
  assert_refused (fixture, OAK_ERROR_VERIFY_FAILED, "checksum");
  g_assert_cmpuint (folder_count (fixture->partial, ""), ==, 0);
}

static void
test_a_cut_connection_is_gone_on_with (Fixture *fixture, gconstpointer data)
{
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .kind = ANSWER_CUT, .n_bytes = 100000 });
  add_archive (fixture, &(Answer){ .kind = ANSWER_CUT, .n_bytes = 50000 });
  add_archive (fixture, &(Answer){ 0 });
  assert_fetched (fixture);
  g_assert_cmpuint (image_server_count (fixture->server, PATH), ==, 3);
  g_assert_cmpuint (image_server_get_offset (fixture->server, PATH), ==, 150000);
}

static void
test_a_server_without_ranges_sends_all_again (Fixture *fixture, gconstpointer data)
{
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .kind = ANSWER_CUT, .n_bytes = 100000 });
  add_archive (fixture, &(Answer){ .kind = ANSWER_NO_RANGE });
  assert_fetched (fixture);
  g_assert_cmpuint (image_server_get_offset (fixture->server, PATH), ==, 100000);
}

/* Not in the same run: what came is kept beside the store, and the next download goes on there. */
static void
test_what_came_is_kept_for_the_next_time (Fixture *fixture, gconstpointer data)
{
  add_sidecar (fixture, fixture->archive);
  for (guint i = 0; i < 5; i++)
    add_archive (fixture, &(Answer){ .kind = ANSWER_CUT, .n_bytes = 10000 });
  add_archive (fixture, &(Answer){ 0 });
  assert_refused (fixture, OAK_ERROR_DISCONNECTED, PATH);
  g_assert_cmpuint (image_server_count (fixture->server, PATH), ==, 5);
  g_assert_cmpuint (folder_count (fixture->partial, ".part"), ==, 1);

  assert_fetched (fixture);
  g_assert_cmpuint (image_server_get_offset (fixture->server, PATH), ==, 50000);
}

/* A beginning of something else, under the name of the right file. */
static void
test_a_wrong_beginning_is_thrown_away (Fixture *fixture, gconstpointer data)
{
  g_autofree char *sha256 = oak_file_bytes_get_sha256 (fixture->archive);
  g_autofree char *name = g_strconcat (sha256, ".part", NULL);
  g_autoptr (GBytes) wrong = image_make (1, 20000);
  g_autofree char *path = NULL;

  g_assert_cmpint (g_mkdir_with_parents (fixture->partial, 0700), ==, 0);
  path = folder_add (fixture->partial, name, wrong);
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ 0 });
  assert_fetched (fixture);
  g_assert_cmpuint (image_server_count (fixture->server, PATH), ==, 2);
}

/* Longer than the file itself, which a server answers with "not satisfiable". */
static void
test_a_beginning_longer_than_the_file_is_thrown_away (Fixture *fixture, gconstpointer data)
{
  g_autofree char *sha256 = oak_file_bytes_get_sha256 (fixture->archive);
  g_autofree char *name = g_strconcat (sha256, ".part", NULL);
  g_autoptr (GBytes) wrong = image_make (1, g_bytes_get_size (fixture->archive) + 1000);
  g_autofree char *path = NULL;

  g_assert_cmpint (g_mkdir_with_parents (fixture->partial, 0700), ==, 0);
  path = folder_add (fixture->partial, name, wrong);
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ 0 });
  assert_fetched (fixture);
}

static void
test_another_part_than_asked_for_is_refused (Fixture *fixture, gconstpointer data)
{
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .kind = ANSWER_CUT, .n_bytes = 10000 });
  add_archive (fixture, &(Answer){ .kind = ANSWER_SHIFTED });
  assert_refused (fixture, OAK_ERROR_PROTOCOL, "another part");
}

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
test_an_endless_body_ends_at_the_limit (Fixture *fixture, gconstpointer data)
{
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .kind = ANSWER_ENDLESS });
  assert_refused (fixture, OAK_ERROR_TOO_LARGE, "16.0 MiB");
  g_assert_cmpuint (folder_count (fixture->partial, ""), ==, 0);
}

/* The connection stays, but nothing comes: tried again from there, because something had come. */
static void
test_silence_ends_at_its_deadline (Fixture *fixture, gconstpointer data)
{
  fixture->timeouts.server_silence_ms = 100;
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .kind = ANSWER_SILENT, .n_bytes = 10000 });
  add_archive (fixture, &(Answer){ .kind = ANSWER_SILENT, .n_bytes = 0 });
  assert_refused (fixture, OAK_ERROR_TIMED_OUT, "silent");
  g_assert_cmpuint (image_server_count (fixture->server, PATH), ==, 2);
  g_assert_cmpuint (folder_count (fixture->partial, ".part"), ==, 1);
}

static void
test_a_server_that_never_answers_is_given_up (Fixture *fixture, gconstpointer data)
{
  fixture->timeouts.server_answer_ms = 100;
  image_server_add (fixture->server, SIDECAR, &(Answer){ .kind = ANSWER_MUTE });
  assert_refused (fixture, OAK_ERROR_TIMED_OUT, "silent");
}

/* Always a byte before the silence is too long: the time altogether ends it. */
static void
test_a_slow_body_ends_at_its_deadline (Fixture *fixture, gconstpointer data)
{
  fixture->timeouts.download_ms = 500 * (guint) get_slowdown ();
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .kind = ANSWER_TRICKLE });
  assert_refused (fixture, OAK_ERROR_TIMED_OUT, "longer than is allowed");
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
test_cancelling_ends_it_and_keeps_what_came (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  fixture->cancel_on_progress = cancellable;
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .kind = ANSWER_SILENT, .n_bytes = 10000 });
  add_archive (fixture, &(Answer){ 0 });
  g_assert_null (fetch (fixture, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (folder_count (fixture->partial, ".part"), ==, 1);

  fixture->cancel_on_progress = NULL;
  assert_fetched (fixture);
  g_assert_cmpuint (image_server_get_offset (fixture->server, PATH), >, 0);
}

static gpointer
cancel_soon (gpointer data)
{
  Fixture *fixture = data;

  while (image_server_count (fixture->server, SIDECAR) == 0)
    g_usleep (1000);
  g_cancellable_cancel (fixture->cancel_on_progress);
  return NULL;
}

/* From another thread, while nothing comes at all. */
static void
test_cancelling_ends_a_wait (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = NULL;

  fixture->cancel_on_progress = cancellable;
  image_server_add (fixture->server, SIDECAR, &(Answer){ .kind = ANSWER_MUTE });
  thread = g_thread_new ("cancel", cancel_soon, fixture);
  g_assert_null (fetch (fixture, cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
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
  g_test_add ("/images/download/" name, Fixture, NULL, make, function, tear_down)
#define ADD(name, function) ADD_WITH (name, set_up, function)

static void
add_good_and_bad_transfers (void)
{
  ADD ("a-good-release-comes-into-the-store", test_a_good_release_comes_into_the_store);
  ADD ("what-is-there-is-not-downloaded-again", test_what_is_there_is_not_downloaded_again);
  ADD ("a-wrong-checksum-is-refused", test_a_wrong_checksum_is_refused);
  ADD ("a-cut-connection-is-gone-on-with", test_a_cut_connection_is_gone_on_with);
  ADD ("a-server-without-ranges-sends-all-again", test_a_server_without_ranges_sends_all_again);
  ADD ("what-came-is-kept-for-the-next-time", test_what_came_is_kept_for_the_next_time);
  ADD ("a-wrong-beginning-is-thrown-away", test_a_wrong_beginning_is_thrown_away);
  ADD ("a-beginning-longer-than-the-file-is-thrown-away",
       test_a_beginning_longer_than_the_file_is_thrown_away);
  ADD ("another-part-than-asked-for-is-refused", test_another_part_than_asked_for_is_refused);
  ADD ("an-endless-body-ends-at-the-limit", test_an_endless_body_ends_at_the_limit);
  ADD ("silence-ends-at-its-deadline", test_silence_ends_at_its_deadline);
  ADD ("a-server-that-never-answers-is-given-up", test_a_server_that_never_answers_is_given_up);
  ADD ("a-slow-body-ends-at-its-deadline", test_a_slow_body_ends_at_its_deadline);
  ADD ("cancelling-ends-it-and-keeps-what-came", test_cancelling_ends_it_and_keeps_what_came);
  ADD ("cancelling-ends-a-wait", test_cancelling_ends_a_wait);
}

static void
add_answers (void)
{
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
  ADD_WITH ("tls-and-redirects-within-it-work", set_up_tls, test_tls_and_redirects_within_it_work);
  ADD_WITH ("tls-is-never-left", set_up_tls, test_tls_is_never_left);
  ADD_WITH ("a-certificate-nobody-knows-is-refused",
            set_up_tls,
            test_a_certificate_nobody_knows_is_refused);
}

int
main (int argc, char **argv)
{
  network_guard_check ();
  g_unsetenv (OAK_IMAGE_SERVER_VARIABLE);
  g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
  g_test_init (&argc, &argv, NULL);
  add_good_and_bad_transfers ();
  add_answers ();
  return g_test_run ();
}
