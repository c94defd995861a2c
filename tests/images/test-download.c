/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "download-support.h"

#include <string.h>

#include "oak-file-bytes.h"
#include "oak-image-store.h"

#include "image-support.h"

/* Transfers from a server on the loopback that go well, break off, stand still or never end. */

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
  g_assert_cmpuint (image_server_count (fixture->server, PATH), ==, 2);
  g_assert_cmpuint (folder_count (fixture->partial, ""), ==, 0);
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
  fixture->timeouts.download_ms = 500 * (guint) download_get_slowdown ();
  add_sidecar (fixture, fixture->archive);
  add_archive (fixture, &(Answer){ .kind = ANSWER_TRICKLE });
  assert_refused (fixture, OAK_ERROR_TIMED_OUT, "longer than is allowed");
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

#define ADD(name, function)                                                                        \
  g_test_add ("/images/download/" name,                                                            \
              Fixture,                                                                             \
              NULL,                                                                                \
              download_set_up,                                                                     \
              function,                                                                            \
              download_tear_down)

int
main (int argc, char **argv)
{
  download_init (&argc, &argv);
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
  return g_test_run ();
}
