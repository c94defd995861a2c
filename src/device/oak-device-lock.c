/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-device-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oak-error.h"

/* One lock file per camera, in a folder that the sandbox of a Flatpak shares with the machine:
 * programs inside and outside see each other's locks. The file itself stays behind: taking it away
 * would let two holders lock two different files of one name. Any thread. */

#define LOCK_FOLDER "app/io.github.oakflasher.OakFlasher"

struct _OakDeviceLock {
  int fd;
};

/* An id comes from the network: everything that is not a letter or a digit is written as _XX, so
 * that no id names another file. */
char *
oak_device_file_name_for_id (const char *id, const char *suffix)
{
  GString *name = g_string_new (NULL);

  for (const char *c = id; *c != '\0'; c++) {
    if (g_ascii_isalnum (*c))
      g_string_append_c (name, g_ascii_toupper (*c));
    else
      g_string_append_printf (name, "_%02x", (guint8) *c);
  }
  g_string_append (name, suffix);
  return g_string_free (name, FALSE);
}

/* Read from the environment at every call, not once per process as GLib does it. */
static char *
lock_folder_path (void)
{
  const char *runtime_folder = g_getenv ("XDG_RUNTIME_DIR");

  if (runtime_folder == NULL || !g_path_is_absolute (runtime_folder))
    runtime_folder = g_get_user_runtime_dir ();
  return g_build_filename (runtime_folder, LOCK_FOLDER, NULL);
}

static void
set_lock_error (GError **error, int error_number, const char *what, const char *path)
{
  OakError code = error_number == EACCES || error_number == EPERM || error_number == EROFS
                      ? OAK_ERROR_NO_ACCESS
                      : OAK_ERROR_BUSY;
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, OAK_ERROR, code, "%s “%s”: %s", what, shown, g_strerror (error_number));
}

static int
open_lock_file (const char *mxid, GError **error)
{
  g_autofree char *folder = lock_folder_path ();
  g_autofree char *name = oak_device_file_name_for_id (mxid, ".lock");
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd;

  if (g_mkdir_with_parents (folder, 0700) != 0) {
    set_lock_error (error, errno, "cannot make the folder of lock files", folder);
    return -1;
  }
  fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0)
    set_lock_error (error, errno, "cannot open the lock file", path);
  return fd;
}

OakDeviceLock *
oak_device_lock_acquire (const char *mxid, GError **error)
{
  OakDeviceLock *self;
  int fd;

  g_return_val_if_fail (mxid != NULL && *mxid != '\0', NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  fd = open_lock_file (mxid, error);
  if (fd < 0)
    return NULL;

  while (flock (fd, LOCK_EX | LOCK_NB) != 0) {
    int error_number = errno;

    if (error_number == EINTR)
      continue;
    close (fd);
    if (error_number == EWOULDBLOCK)
      g_set_error (error,
                   OAK_ERROR,
                   OAK_ERROR_BUSY,
                   "another job or program is working on camera %s",
                   mxid);
    else
      g_set_error (error,
                   OAK_ERROR,
                   OAK_ERROR_BUSY,
                   "cannot lock camera %s: %s",
                   mxid,
                   g_strerror (error_number));
    return NULL;
  }

  self = g_new0 (OakDeviceLock, 1);
  self->fd = fd;
  return self;
}

void
oak_device_lock_free (OakDeviceLock *self)
{
  if (self == NULL)
    return;
  close (self->fd);
  g_free (self);
}
