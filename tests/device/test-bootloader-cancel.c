/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "camera-fixture.h"
#include "oak-bootloader-message.h"
#include "oak-error.h"

/* Where a person's Cancel takes effect, and where it does not. */

static void
test_cancelled_question_leaves_the_session (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gboolean is_user_bootloader = FALSE;

  camera_open (fixture, NULL, NULL);
  g_cancellable_cancel (cancellable);
  g_assert_false (oak_bootloader_read_is_user_bootloader (fixture->bootloader,
                                                          &is_user_bootloader,
                                                          cancellable,
                                                          &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  oak_bootloader_read_is_user_bootloader (fixture->bootloader, &is_user_bootloader, NULL, &error);
  g_assert_no_error (error);
}

/* Between two requests: what was begun is finished, and the session can still be reset. */
static void
test_cancel_takes_effect_between_pieces (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (4 * OAK_MIB);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Transfer transfer = { .cancellable = cancellable };
  g_autoptr (GError) error = NULL;

  camera_open (fixture, NULL, NULL);
  g_assert_false (camera_write_region (fixture, APPLICATION_OFFSET, bytes, &transfer, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (camera_count_writes (fixture), ==, 1);
  g_assert_cmpuint (transfer.confirmed, ==, 256 * OAK_KIB);
  g_clear_error (&error);
  g_assert_true (oak_bootloader_reset (&fixture->bootloader, &error));
  g_assert_no_error (error);
}

static void
test_cancel_inside_one_request_drops_the_link (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (6 * OAK_MIB);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Transfer transfer = { .cancellable = cancellable };
  g_autoptr (GError) error = NULL;
  gboolean is_user_bootloader = FALSE;

  camera_open (fixture, "--write-kbps=1000", NULL);
  g_assert_false (oak_bootloader_write_storage (fixture->bootloader,
                                                OAK_STORAGE_SBR,
                                                bytes,
                                                OAK_WRITE_FLAGS_NONE,
                                                watch_transfer,
                                                &transfer,
                                                cancellable,
                                                &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (oak_bootloader_read_is_user_bootloader (fixture->bootloader,
                                                          &is_user_bootloader,
                                                          NULL,
                                                          &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_DISCONNECTED);
}

static void
test_patient_write_cannot_be_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (OAK_MIB);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Transfer transfer = { .cancellable = cancellable };
  g_autoptr (GError) error = NULL;

  camera_open (fixture, NULL, NULL);
  oak_bootloader_write_storage (fixture->bootloader,
                                OAK_STORAGE_SBR,
                                bytes,
                                OAK_WRITE_FLAGS_PATIENT,
                                watch_transfer,
                                &transfer,
                                cancellable,
                                &error);
  g_assert_no_error (error);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
}

#define add(name, function)                                                                        \
  g_test_add ("/device/cancel/" name, Fixture, NULL, camera_set_up, function, camera_tear_down)

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  test_device_main_begin ();
  add ("cancelled-question-leaves-the-session", test_cancelled_question_leaves_the_session);
  add ("cancel-takes-effect-between-pieces", test_cancel_takes_effect_between_pieces);
  add ("cancel-inside-one-request-drops-the-link", test_cancel_inside_one_request_drops_the_link);
  add ("patient-write-cannot-be-cancelled", test_patient_write_cannot_be_cancelled);
  result = g_test_run ();
  test_device_main_end ();
  return result;
}
