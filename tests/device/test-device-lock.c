/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-device-lock.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oak-error.h"

/* One lock per camera, across programs. */

static char *folder;

static void
test_second_lock_of_one_camera_is_busy (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakDeviceLock) first = oak_device_lock_acquire ("A", &error);
  g_autoptr (OakDeviceLock) second = NULL;
  g_autoptr (OakDeviceLock) other = NULL;

  g_assert_no_error (error);
  second = oak_device_lock_acquire ("A", &error);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BUSY);
  g_assert_null (second);
  g_clear_error (&error);

  other = oak_device_lock_acquire ("B", &error);
  g_assert_no_error (error);

  g_clear_pointer (&first, oak_device_lock_free);
  second = oak_device_lock_acquire ("A", &error);
  g_assert_no_error (error);
}

static void
test_lock_of_a_dead_process_is_free (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OakDeviceLock) lock = NULL;
  int ready[2];
  char byte = 0;
  int status = 0;
  pid_t child;

  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  if (child == 0) {
    OakDeviceLock *held = oak_device_lock_acquire ("C", NULL);

    _exit (held != NULL && write (ready[1], "x", 1) == 1 && pause () != 0 ? 0 : 1);
  }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  lock = oak_device_lock_acquire ("C", &error);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BUSY);
  g_clear_error (&error);

  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  lock = oak_device_lock_acquire ("C", &error);
  g_assert_no_error (error);
  close (ready[0]);
  close (ready[1]);
}

static void
test_no_id_names_another_file (void)
{
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autoptr (OakDeviceLock) lock = oak_device_lock_acquire ("../../x y", &error);
  g_autofree char *path = g_build_filename (folder,
                                            "app/io.github.oakflasher.OakFlasher",
                                            "_2e_2e_2f_2e_2e_2fX_20Y.lock",
                                            NULL);

  g_assert_no_error (error);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
}

static void
test_unusable_folder_is_told (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_build_filename (folder, "file", NULL);
  g_autoptr (OakDeviceLock) lock = NULL;

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_setenv ("XDG_RUNTIME_DIR", file, TRUE);
  lock = oak_device_lock_acquire ("D", &error);
  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_assert_null (lock);
  g_assert_nonnull (error);
  g_assert_true (strstr (error->message, "lock files") != NULL);
  g_unlink (file);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    if (g_unlink (child) != 0)
      remove_folder (child);
  }
  g_rmdir (path);
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("oak-lock-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_test_add_func ("/device/lock/second-lock-of-one-camera-is-busy",
                   test_second_lock_of_one_camera_is_busy);
  g_test_add_func ("/device/lock/lock-of-a-dead-process-is-free",
                   test_lock_of_a_dead_process_is_free);
  g_test_add_func ("/device/lock/no-id-names-another-file", test_no_id_names_another_file);
  g_test_add_func ("/device/lock/unusable-folder-is-told", test_unusable_folder_is_told);
  result = g_test_run ();
  remove_folder (folder);
  g_free (folder);
  return result;
}
