/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli-failure.h"

/* Writes a new file beside its place, without a name where the file system can do that, so that
 * nothing is left when the program is ended; names it, synchronises, and moves it where it belongs.
 * Any thread. */

#define CHUNK_SIZE ((gsize) 1024 * 1024)
#define MAX_NAMES  16 /* attempts to find one that is free */

typedef struct {
  char *path;      /* where it belongs, symbolic links resolved */
  char *temporary; /* (nullable): its name meanwhile; NULL: it has none */
  int descriptor;
} NewFile;

/* Takes away what is not in its place. */
static void
new_file_clear (NewFile *self)
{
  if (self->descriptor >= 0)
    close (self->descriptor);
  if (self->temporary != NULL)
    unlink (self->temporary);
  g_free (self->temporary);
  g_free (self->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NewFile, new_file_clear)

static void
set_error (GError **error, const char *path, int code)
{
  g_autofree char *shown = g_filename_display_name (path);

  if (code == EEXIST)
    g_set_error (error, CLI_ERROR, CLI_ERROR_EXISTS, "%s is there already", shown);
  else
    g_set_error (error, CLI_ERROR, CLI_ERROR_NOT_SAVED, "%s: %s", shown, g_strerror (code));
}

static gboolean
check_replaceable (const char *path, const struct stat *status, GError **error)
{
  g_autofree char *shown = NULL;

  if (S_ISREG (status->st_mode))
    return TRUE;
  shown = g_filename_display_name (path);
  g_set_error (error, CLI_ERROR, CLI_ERROR_NOT_SAVED, "%s is not a plain file", shown);
  return FALSE;
}

gboolean
cli_save_check (const char *path, gboolean replace, GError **error)
{
  struct stat status;
  g_autofree char *folder = g_path_get_dirname (path);

  if (lstat (path, &status) == 0 && !replace) {
    set_error (error, path, EEXIST);
    return FALSE;
  }
  if (stat (path, &status) == 0)
    return check_replaceable (path, &status, error);
  if (access (folder, W_OK | X_OK) == 0)
    return TRUE;
  set_error (error, path, errno);
  return FALSE;
}

/* A file behind a symbolic link is replaced itself, the link stays. */
static char *
resolve (const char *path, gboolean replace)
{
  char *resolved = NULL;
  char *result = NULL;

  if (!replace)
    return g_strdup (path);
  resolved = realpath (path, NULL);
  result = g_strdup (resolved != NULL ? resolved : path);
  free (resolved);
  return result;
}

static gboolean
new_file_open (NewFile *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *template = NULL;

  self->descriptor = open (folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  if (self->descriptor >= 0)
    return TRUE;
  /* What file systems and kernels without nameless files say (open(2)). */
  if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) {
    template = g_build_filename (folder, ".oakflash-XXXXXX", NULL);
    self->descriptor = g_mkstemp_full (template, O_WRONLY | O_CLOEXEC, 0666);
    if (self->descriptor >= 0) {
      self->temporary = g_steal_pointer (&template);
      return TRUE;
    }
  }
  set_error (error, self->path, errno);
  return FALSE;
}

static gboolean
write_chunk (int descriptor, const guint8 *data, gsize size)
{
  while (size > 0) {
    gssize n_written = write (descriptor, data, size);

    if (n_written < 0 && errno == EINTR)
      continue;
    if (n_written < 0)
      return FALSE;
    data += n_written;
    size -= (gsize) n_written;
  }
  return TRUE;
}

static gboolean
new_file_write (NewFile *self, GBytes *bytes, GCancellable *cancellable, GError **error)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  for (gsize offset = 0; offset < size; offset += CHUNK_SIZE) {
    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    if (!write_chunk (self->descriptor, data + offset, MIN (size - offset, CHUNK_SIZE))) {
      set_error (error, self->path, errno);
      return FALSE;
    }
  }
  if (fsync (self->descriptor) == 0)
    return TRUE;
  set_error (error, self->path, errno);
  return FALSE;
}

/* Gives a nameless file @name. Returns: FALSE with errno. */
static gboolean
link_descriptor (int descriptor, const char *name)
{
  g_autofree char *own = g_strdup_printf ("/proc/self/fd/%d", descriptor);

  return linkat (AT_FDCWD, own, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* Names the file, which is complete by now, beside its place. */
static gboolean
new_file_name (NewFile *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  for (guint i = 0; i < MAX_NAMES && self->temporary == NULL; i++) {
    g_autofree char *name = g_strdup_printf ("%s/.oakflash-%08x", folder, g_random_int ());

    if (link_descriptor (self->descriptor, name))
      self->temporary = g_steal_pointer (&name);
    else if (errno != EEXIST)
      break;
  }
  if (self->temporary != NULL)
    return TRUE;
  set_error (error, self->path, errno);
  return FALSE;
}

/* Some file systems know no renaming without replacing, and no hard links either. */
static gboolean
move_without_replacing (const char *from, const char *to)
{
  struct stat status;

  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  if (lstat (to, &status) == 0) {
    errno = EEXIST;
    return FALSE;
  }
  return rename (from, to) == 0;
}

static void
keep_mode (NewFile *self)
{
  struct stat status;

  if (stat (self->path, &status) == 0 && fchmod (self->descriptor, status.st_mode & 07777) != 0)
    g_debug ("%s: %s", self->path, g_strerror (errno));
}

static gboolean
new_file_place (NewFile *self, gboolean replace, GError **error)
{
  gboolean placed = FALSE;

  if (self->temporary == NULL && !replace) {
    placed = link_descriptor (self->descriptor, self->path);
  } else {
    if (replace)
      keep_mode (self);
    if (self->temporary == NULL && !new_file_name (self, error))
      return FALSE;
    placed = replace ? rename (self->temporary, self->path) == 0
                     : move_without_replacing (self->temporary, self->path);
    if (placed)
      g_clear_pointer (&self->temporary, g_free);
  }
  if (!placed)
    set_error (error, self->path, errno);
  return placed;
}

/* So that the name survives losing power, too. A file system that cannot do that is no failure. */
static void
synchronise_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int descriptor = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (descriptor < 0)
    return;
  if (fsync (descriptor) != 0)
    g_debug ("%s: %s", folder, g_strerror (errno));
  close (descriptor);
}

gboolean
cli_save (const char *path,
          GBytes *bytes,
          gboolean replace,
          GCancellable *cancellable,
          GError **error)
{
  g_auto (NewFile) file = { .path = resolve (path, replace), .descriptor = -1 };

  if (!cli_save_check (path, replace, error) || !new_file_open (&file, error) ||
      !new_file_write (&file, bytes, cancellable, error) ||
      g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !new_file_place (&file, replace, error))
    return FALSE;
  synchronise_folder (file.path);
  return TRUE;
}
