/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-file-bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oak-error.h"
#include "oak-text.h"

/* Copies a chosen file into memory that nobody can change any more, not even we. What the file
 * means is not known here. Blocking; any thread. */

#define PIECE_SIZE      ((gsize) 1024 * 1024) /* between two looks at the cancellable */
#define MAX_NAME_LENGTH 120
#define SEALS           (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)
#define CLOSED          (-1)

/* A file descriptor that closes itself. */
typedef int Handle;

static void
handle_clear (Handle *handle)
{
  if (*handle != CLOSED)
    close (*handle);
  *handle = CLOSED;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Handle, handle_clear)

typedef struct {
  void *address;
  gsize size;
} Mapping;

static void
mapping_free (gpointer data)
{
  Mapping *self = data;

  munmap (self->address, self->size);
  g_free (self);
}

G_GNUC_PRINTF (4, 5)
static gboolean
fail (GError **error, OakError code, const char *path, const char *format, ...)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = oak_text_escape (base, -1, MAX_NAME_LENGTH);
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, OAK_ERROR, (int) code, "\"%s\" %s", name, reason);
  return FALSE;
}

static gboolean
check_kind (const char *path, const struct stat *facts, gsize max_size, GError **error)
{
  if (S_ISDIR (facts->st_mode))
    return fail (error, OAK_ERROR_BAD_FILE, path, "is a folder; choose a file");
  if (!S_ISREG (facts->st_mode))
    return fail (error, OAK_ERROR_BAD_FILE, path, "is no regular file; choose a file on a disk");
  if (facts->st_size <= 0)
    return fail (error, OAK_ERROR_BAD_FILE, path, "is empty; download or build it again");
  if ((guint64) facts->st_size > max_size) {
    g_autofree char *size = oak_text_size ((guint64) facts->st_size);
    g_autofree char *limit = oak_text_size (max_size);

    return fail (error,
                 OAK_ERROR_TOO_LARGE,
                 path,
                 "is %s large; no more than %s can be right",
                 size,
                 limit);
  }
  return TRUE;
}

/* Without O_NONBLOCK opening a FIFO that nobody writes to would wait for ever. */
static Handle
open_file (const char *path, struct stat *facts, gsize max_size, GError **error)
{
  g_auto (Handle) file = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  Handle opened = CLOSED;

  if (file == CLOSED || fstat (file, facts) != 0) {
    int code = errno;

    fail (error, OAK_ERROR_BAD_FILE, path, "cannot be read: %s", g_strerror (code));
    return CLOSED;
  }
  if (!check_kind (path, facts, max_size, error))
    return CLOSED;
  opened = file;
  file = CLOSED;
  return opened;
}

static gboolean
has_changed (const struct stat *before, const struct stat *after)
{
  return before->st_size != after->st_size || before->st_mtim.tv_sec != after->st_mtim.tv_sec ||
         before->st_mtim.tv_nsec != after->st_mtim.tv_nsec ||
         before->st_ctim.tv_sec != after->st_ctim.tv_sec ||
         before->st_ctim.tv_nsec != after->st_ctim.tv_nsec;
}

/* Returns: bytes read, 0 at the end of the file, -1 with errno. */
static gssize
read_piece (Handle file, guint8 *target, gsize size)
{
  gssize n_read;

  do
    n_read = read (file, target, MIN (size, PIECE_SIZE));
  while (n_read < 0 && errno == EINTR);
  return n_read;
}

static gboolean
read_all (Handle file,
          const char *path,
          guint8 *target,
          gsize size,
          GCancellable *cancellable,
          GError **error)
{
  gsize done = 0;

  while (done < size) {
    gssize n_read;

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    n_read = read_piece (file, target + done, size - done);
    if (n_read < 0) {
      int code = errno;

      return fail (error, OAK_ERROR_BAD_FILE, path, "cannot be read: %s", g_strerror (code));
    }
    if (n_read == 0)
      return fail (error,
                   OAK_ERROR_BAD_FILE,
                   path,
                   "became shorter while it was read; wait until it is complete and try again");
    done += (gsize) n_read;
  }
  return TRUE;
}

static gboolean
check_unchanged (Handle file, const char *path, const struct stat *before, GError **error)
{
  struct stat after;
  guint8 more;

  if (fstat (file, &after) == 0 && !has_changed (before, &after) &&
      read_piece (file, &more, sizeof more) == 0)
    return TRUE;
  return fail (error,
               OAK_ERROR_BAD_FILE,
               path,
               "changed while it was read; wait until it is complete and try again");
}

/* Reserving the memory first turns a lack of it into an error here, instead of a signal at some
 * later access. */
static Handle
make_memory (const char *path, gsize size, GError **error)
{
  g_auto (Handle) memory = memfd_create ("oak-file", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  Handle made = CLOSED;

  if (memory == CLOSED || fallocate (memory, 0, 0, (off_t) size) != 0) {
    int code = errno;

    fail (error, OAK_ERROR_BAD_FILE, path, "does not fit into memory: %s", g_strerror (code));
    return CLOSED;
  }
  made = memory;
  memory = CLOSED;
  return made;
}

static gboolean
fill_memory (Handle memory,
             Handle file,
             const char *path,
             gsize size,
             GCancellable *cancellable,
             GError **error)
{
  guint8 *target = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  gboolean complete;

  if (target == MAP_FAILED) {
    int code = errno;

    return fail (error,
                 OAK_ERROR_BAD_FILE,
                 path,
                 "does not fit into memory: %s",
                 g_strerror (code));
  }
  complete = read_all (file, path, target, size, cancellable, error);
  munmap (target, size);
  return complete;
}

/* The mapping outlives the descriptor. */
static GBytes *
seal_and_map (Handle memory, const char *path, gsize size, GError **error)
{
  Mapping *mapping;
  void *address = MAP_FAILED;

  if (fcntl (memory, F_ADD_SEALS, SEALS) == 0)
    address = mmap (NULL, size, PROT_READ, MAP_SHARED, memory, 0);
  if (address == MAP_FAILED) {
    int code = errno;

    fail (error, OAK_ERROR_BAD_FILE, path, "cannot be kept in memory: %s", g_strerror (code));
    return NULL;
  }
  mapping = g_new (Mapping, 1);
  *mapping = (Mapping){ address, size };
  return g_bytes_new_with_free_func (address, size, mapping_free, mapping);
}

GBytes *
oak_file_bytes_load (const char *path, gsize max_size, GCancellable *cancellable, GError **error)
{
  g_auto (Handle) file = CLOSED;
  g_auto (Handle) memory = CLOSED;
  struct stat facts;
  gsize size;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  file = open_file (path, &facts, max_size, error);
  if (file == CLOSED)
    return NULL;
  size = (gsize) facts.st_size;
  memory = make_memory (path, size, error);
  if (memory == CLOSED)
    return NULL;
  if (!fill_memory (memory, file, path, size, cancellable, error))
    return NULL;
  if (!check_unchanged (file, path, &facts, error))
    return NULL;
  return seal_and_map (memory, path, size, error);
}

char *
oak_file_bytes_get_sha256 (GBytes *bytes)
{
  return g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
}
