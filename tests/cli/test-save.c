/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "cli-failure.h"
#include "cli-save.h"

/* Saving on file systems that lack something, and where calls fail. The linker puts the functions
 * below in the place of the C library's. */

typedef struct {
  const char *name;
  int no_nameless;         /* what open () says to O_TMPFILE; 0: it can */
  int no_replacing_rename; /* what renameat2 () says */
  int no_links;            /* what linkat () says */
  int no_synchronising;    /* what fsync () says to the file */
  int no_rename;           /* what rename () says */
} Lacking;

static const Lacking *lacking;
static guint n_failed; /* calls that failed because of it */

int
__real_open64 (const char *path, int flags, ...);
int
__wrap_open64 (const char *path, int flags, ...);
int
__real_renameat2 (int from_folder, const char *from, int to_folder, const char *to, guint flags);
int
__wrap_renameat2 (int from_folder, const char *from, int to_folder, const char *to, guint flags);
int
__real_linkat (int from_folder, const char *from, int to_folder, const char *to, int flags);
int
__wrap_linkat (int from_folder, const char *from, int to_folder, const char *to, int flags);
int
__real_fsync (int descriptor);
int
__wrap_fsync (int descriptor);
int
__real_rename (const char *from, const char *to);
int
__wrap_rename (const char *from, const char *to);

static gboolean
fails (int code)
{
  if (code == 0)
    return FALSE;
  errno = code;
  n_failed++;
  return TRUE;
}

int
__wrap_open64 (const char *path, int flags, ...)
{
  va_list arguments;
  mode_t mode = 0;

  va_start (arguments, flags);
  if ((flags & (O_CREAT | O_TMPFILE)) != 0)
    mode = va_arg (arguments, mode_t);
  va_end (arguments);
  if ((flags & O_TMPFILE) == O_TMPFILE && fails (lacking->no_nameless))
    return -1;
  return __real_open64 (path, flags, mode);
}

int
__wrap_renameat2 (int from_folder, const char *from, int to_folder, const char *to, guint flags)
{
  if (fails (lacking->no_replacing_rename))
    return -1;
  return __real_renameat2 (from_folder, from, to_folder, to, flags);
}

int
__wrap_linkat (int from_folder, const char *from, int to_folder, const char *to, int flags)
{
  if (fails (lacking->no_links))
    return -1;
  return __real_linkat (from_folder, from, to_folder, to, flags);
}

int
__wrap_fsync (int descriptor)
{
  if (fails (lacking->no_synchronising))
    return -1;
  return __real_fsync (descriptor);
}

int
__wrap_rename (const char *from, const char *to)
{
  if (fails (lacking->no_rename))
    return -1;
  return __real_rename (from, to);
}

static const Lacking able[] = {
  { "nothing" },
  { "nameless-files", EOPNOTSUPP },
  { "nameless-files-on-old-kernels", EISDIR },
  { "everything-but-renaming", EOPNOTSUPP, EINVAL },
  { "the-newer-rename", EOPNOTSUPP, ENOSYS },
};

static const Lacking unable[] = {
  { "synchronising", .no_synchronising = EIO },
  { "synchronising-of-named-files", EOPNOTSUPP, .no_synchronising = ENOSPC },
  { "links", .no_links = ENOENT },
  { "renaming", EOPNOTSUPP, EIO, .no_rename = EIO },
  { "opening", EACCES },
};

typedef struct {
  char *folder;
  char *path;
  GBytes *bytes;
} Place;

static void
place_init (Place *self)
{
  self->folder = g_dir_make_tmp ("oak-save-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "file", NULL);
  self->bytes = g_bytes_new_take (g_strnfill (3 * 1024 * 1024 + 5, 'x'), 3 * 1024 * 1024 + 5);
}

static void
place_clear (Place *self)
{
  g_unlink (self->path);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0); /* so nothing else was left */
  g_free (self->path);
  g_free (self->folder);
  g_bytes_unref (self->bytes);
}

static void
assert_holds (const Place *place, const char *expected, gsize size)
{
  g_autofree char *content = NULL;
  gsize content_size = 0;

  g_assert_true (g_file_get_contents (place->path, &content, &content_size, NULL));
  g_assert_cmpmem (content, content_size, expected, size);
}

static void
test_able (gconstpointer data)
{
  g_autoptr (GBytes) other = g_bytes_new_static ("other", 5);
  g_autoptr (GError) error = NULL;
  Place place;
  struct stat status;

  place_init (&place);
  n_failed = 0;
  lacking = data;
  g_assert_true (cli_save (place.path, place.bytes, FALSE, NULL, &error));
  g_assert_no_error (error);
  assert_holds (&place, g_bytes_get_data (place.bytes, NULL), g_bytes_get_size (place.bytes));

  g_assert_false (cli_save (place.path, other, FALSE, NULL, &error));
  g_assert_error (error, CLI_ERROR, CLI_ERROR_EXISTS);
  g_clear_error (&error);
  assert_holds (&place, g_bytes_get_data (place.bytes, NULL), g_bytes_get_size (place.bytes));

  g_assert_cmpint (g_chmod (place.path, 0600), ==, 0);
  g_assert_true (cli_save (place.path, other, TRUE, NULL, &error));
  g_assert_no_error (error);
  assert_holds (&place, "other", 5);
  g_assert_cmpint (stat (place.path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
  g_assert_true (lacking == &able[0] || n_failed >= 2);
  place_clear (&place);
}

static void
test_unable (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Place place;

  place_init (&place);
  lacking = data;
  g_assert_false (cli_save (place.path, place.bytes, FALSE, NULL, &error));
  g_assert_error (error, CLI_ERROR, CLI_ERROR_NOT_SAVED);
  g_clear_error (&error);
  g_assert_false (g_file_test (place.path, G_FILE_TEST_EXISTS));

  lacking = &able[0];
  g_assert_true (g_file_set_contents (place.path, "precious", -1, NULL));
  lacking = data;
  g_assert_false (cli_save (place.path, place.bytes, TRUE, NULL, &error));
  g_assert_error (error, CLI_ERROR, CLI_ERROR_NOT_SAVED);
  assert_holds (&place, "precious", 8);
  place_clear (&place);
}

static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Place place;

  place_init (&place);
  lacking = &able[1];
  g_cancellable_cancel (cancellable);
  g_assert_false (cli_save (place.path, place.bytes, FALSE, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (place.path, G_FILE_TEST_EXISTS));
  place_clear (&place);
}

/* No more than this much of the file: whoever runs out of space keeps what was there. */
static void
test_no_space (void)
{
  struct rlimit before;
  struct rlimit small;
  g_autoptr (GError) error = NULL;
  gboolean saved = FALSE;
  Place place;

  place_init (&place);
  lacking = &able[0];
  g_assert_true (g_file_set_contents (place.path, "precious", -1, NULL));
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  small = (struct rlimit){ 4096, before.rlim_max };
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  saved = cli_save (place.path, place.bytes, TRUE, NULL, &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_false (saved);
  g_assert_error (error, CLI_ERROR, CLI_ERROR_NOT_SAVED);
  assert_holds (&place, "precious", 8);
  place_clear (&place);
}

static void
add_rows (const char *prefix, const Lacking *rows, gsize n_rows, GTestDataFunc function)
{
  for (gsize i = 0; i < n_rows; i++) {
    g_autofree char *path = g_strconcat (prefix, rows[i].name, NULL);

    g_test_add_data_func (path, &rows[i], function);
  }
}

int
main (int argc, char **argv)
{
  lacking = &able[0];
  g_test_init (&argc, &argv, NULL);
  add_rows ("/cli/save/does-without/", able, G_N_ELEMENTS (able), test_able);
  add_rows ("/cli/save/leaves-nothing-without/", unable, G_N_ELEMENTS (unable), test_unable);
  g_test_add_func ("/cli/save/leaves-nothing-when-cancelled", test_cancelled);
  g_test_add_func ("/cli/save/without-space-the-old-file-stays", test_no_space);
  return g_test_run ();
}
