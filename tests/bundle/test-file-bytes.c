/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-file-bytes.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "oak-error.h"

/* What a chosen path can be, and what can happen to the file while it is read. */

#define LARGE_SIZE (64 * 1024 * 1024)

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("oak-file-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
  self->path = g_build_filename (self->folder, "chosen.dap", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_unlink (self->path);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->path);
  g_free (self->folder);
}

static void
write_file (const char *path, gsize size)
{
  g_autofree guint8 *data = g_malloc (size + 1);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i ^ (i >> 8));
  g_assert_true (g_file_set_contents (path, (char *) data, (gssize) size, NULL));
}

static guint
count_open_files (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint count = 0;

  while (g_dir_read_name (folder) != NULL)
    count++;
  return count;
}

static void
assert_fails (const char *path, gsize max_size, OakError code, const char *reason)
{
  guint open_before = count_open_files ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = oak_file_bytes_load (path, max_size, NULL, &error);
  g_autofree char *name = g_path_get_basename (path);

  g_assert_null (bytes);
  g_assert_error (error, OAK_ERROR, (int) code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_nonnull (strstr (error->message, reason));
  g_assert_cmpuint (count_open_files (), ==, open_before);
}

static void
test_reads_all (Fixture *self, gconstpointer data)
{
  static const gsize sizes[] = { 1, 4095, 4096, 4097, 1024 * 1024, 3 * 1024 * 1024 + 5 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint open_before = count_open_files ();
    g_autofree char *expected = NULL;
    gsize expected_size = 0;
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes = NULL;

    write_file (self->path, sizes[i]);
    bytes = oak_file_bytes_load (self->path, sizes[i], NULL, &error);
    g_assert_no_error (error);
    g_assert_true (g_file_get_contents (self->path, &expected, &expected_size, NULL));
    g_assert_cmpmem (g_bytes_get_data (bytes, NULL),
                     g_bytes_get_size (bytes),
                     expected,
                     expected_size);
    g_assert_cmpuint (count_open_files (), ==, open_before);
  }
}

static void
test_later_changes_do_not_show (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  write_file (self->path, 100000);
  bytes = oak_file_bytes_load (self->path, 1 << 20, NULL, NULL);
  before = oak_file_bytes_get_sha256 (bytes);
  g_assert_true (g_file_set_contents (self->path, "short", -1, NULL));
  g_unlink (self->path);
  after = oak_file_bytes_get_sha256 (bytes);
  g_assert_cmpstr (before, ==, after);
}

/* Opens the memory behind the mapping through /proc and tries to change it. */
static void
test_memory_is_sealed (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *link = NULL;
  gconstpointer address;
  gsize size;
  int memory;

  write_file (self->path, 8192);
  bytes = oak_file_bytes_load (self->path, 1 << 20, NULL, NULL);
  address = g_bytes_get_data (bytes, &size);
  link =
      g_strdup_printf ("/proc/self/map_files/%lx-%lx", (gulong) address, (gulong) address + size);
  memory = open (link, O_RDWR | O_CLOEXEC);
  if (memory < 0) {
    g_test_skip ("the kernel does not let this user open mapped files");
    return;
  }
  g_assert_cmpint (fcntl (memory, F_GET_SEALS),
                   ==,
                   F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  g_assert_cmpint (ftruncate (memory, 0), ==, -1);
  g_assert_cmpint (write (memory, "x", 1), ==, -1);
  close (memory);
}

static void
test_sha256 (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("abc", 3);
  g_autofree char *sha256 = oak_file_bytes_get_sha256 (bytes);

  g_assert_cmpstr (sha256, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
test_missing (Fixture *self, gconstpointer data)
{
  assert_fails (self->path, 1000, OAK_ERROR_BAD_FILE, "cannot be read");
}

static void
test_folder (Fixture *self, gconstpointer data)
{
  assert_fails (self->folder, 1000, OAK_ERROR_BAD_FILE, "is a folder");
}

static void
test_empty (Fixture *self, gconstpointer data)
{
  write_file (self->path, 0);
  assert_fails (self->path, 1000, OAK_ERROR_BAD_FILE, "is empty");
}

static void
test_too_large (Fixture *self, gconstpointer data)
{
  write_file (self->path, 1001);
  assert_fails (self->path, 1000, OAK_ERROR_TOO_LARGE, "1001 bytes");
}

/* Nobody writes to it: must come back at once. */
static void
test_fifo (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (mkfifo (self->path, 0600), ==, 0);
  assert_fails (self->path, 1000, OAK_ERROR_BAD_FILE, "no regular file");
}

static void
test_device (void)
{
  assert_fails ("/dev/zero", 1000, OAK_ERROR_BAD_FILE, "no regular file");
}

static void
test_no_rights (Fixture *self, gconstpointer data)
{
  write_file (self->path, 10);
  g_assert_cmpint (g_chmod (self->path, 0), ==, 0);
  if (g_access (self->path, R_OK) == 0) {
    g_test_skip ("this user may read everything");
    return;
  }
  assert_fails (self->path, 1000, OAK_ERROR_BAD_FILE, "cannot be read");
}

static void
test_name_is_escaped (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "a\nb\xff", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_file_bytes_load (path, 10, NULL, &error));
  g_assert_nonnull (strstr (error->message, "\"a\\nb\\xff\""));
}

static void
test_cancelled (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  write_file (self->path, 10);
  g_cancellable_cancel (cancellable);
  g_assert_null (oak_file_bytes_load (self->path, 1000, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Somebody who keeps changing the file. */
typedef struct {
  const char *path;
  gboolean shrink;
  gint n_changes;
  gint stop;
} Disturber;

static gpointer
disturb (gpointer data)
{
  Disturber *self = data;
  int file = open (self->path, O_RDWR | O_CLOEXEC);
  off_t size = LARGE_SIZE;

  g_assert_cmpint (file, >=, 0);
  while (!g_atomic_int_get (&self->stop)) {
    if (self->shrink && size > 4096) {
      size -= 4096;
      g_assert_cmpint (ftruncate (file, size), ==, 0);
    } else {
      g_assert_cmpint (pwrite (file, "changed", 7, 100), ==, 7);
    }
    g_atomic_int_inc (&self->n_changes);
  }
  close (file);
  return NULL;
}

static void
test_changing (Fixture *self, gconstpointer data)
{
  Disturber disturber = { .path = self->path, .shrink = GPOINTER_TO_INT (data) };
  GThread *thread;

  write_file (self->path, LARGE_SIZE);
  thread = g_thread_new ("disturber", disturb, &disturber);
  while (g_atomic_int_get (&disturber.n_changes) == 0)
    g_thread_yield ();
  assert_fails (self->path, LARGE_SIZE, OAK_ERROR_BAD_FILE, "while it was read");
  g_atomic_int_set (&disturber.stop, 1);
  g_thread_join (thread);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/bundle/file/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("reads-every-byte", test_reads_all);
  ADD ("later-changes-do-not-show", test_later_changes_do_not_show);
  ADD ("memory-is-sealed", test_memory_is_sealed);
  ADD ("missing-file-is-an-error", test_missing);
  ADD ("folder-is-an-error", test_folder);
  ADD ("empty-file-is-an-error", test_empty);
  ADD ("large-file-is-refused-before-reading", test_too_large);
  ADD ("fifo-does-not-block", test_fifo);
  ADD ("unreadable-file-is-an-error", test_no_rights);
  ADD ("name-in-the-message-is-escaped", test_name_is_escaped);
  ADD ("cancelled-before-reading", test_cancelled);
  g_test_add ("/bundle/file/change-while-reading-is-found",
              Fixture,
              GINT_TO_POINTER (FALSE),
              set_up,
              test_changing,
              tear_down);
  g_test_add ("/bundle/file/shrinking-while-reading-is-found",
              Fixture,
              GINT_TO_POINTER (TRUE),
              set_up,
              test_changing,
              tear_down);
  g_test_add_func ("/bundle/file/device-is-no-file", test_device);
  g_test_add_func ("/bundle/file/sha256-is-the-standard-one", test_sha256);
  return g_test_run ();
}
