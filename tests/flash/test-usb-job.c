/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "job-support.h"
#include "oak-app-package.h"
#include "oak-device-info.h"
#include "oak-error.h"
#include "oak-flash-job.h"
#include "oak-flash-wish.h"
#include "test-support.h"
#include "usb-bed.h"

/* Whole jobs on simulated cameras that hang on a virtual USB bus, by libusb as it is; the cable is
 * pulled at every stage of one. */

#define MXID_A       "14442C10D1234567D0"
#define MXID_B       "1944301031C3765B00"
#define PACKAGE_FILE "script-spi.dap"
#define IMAGE_SIZE   (512 * 1024 + 17)

typedef struct {
  UsbBed *bed;
  UsbCamera *camera;
  GBytes *image;
  OakTimeouts timeouts;
} Fixture;

typedef struct {
  OakFlashJob *job;
  OakFlashResult *result;
  GError *error;
  gboolean done;
} Work;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->bed = usb_bed_new ();
  fixture->image = usb_make_image (OAK_BOOTLOADER_TYPE_USB, OAK_VERSION (0, 0, 29), IMAGE_SIZE);
  run_default_timeouts (&fixture->timeouts);
  /* After each unplugging the job looks for the camera for so long. */
  fixture->timeouts.search_ms = 1000 * usb_get_slowdown ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_bytes_unref (fixture->image);
  usb_bed_free (fixture->bed);
}

static UsbCamera *
add_camera (Fixture *fixture, OakDeviceState state)
{
  UsbCameraOptions options;

  usb_camera_options_init (&options);
  options.mxid = MXID_A;
  options.state = state;
  options.boot_wait_ms = 1500;
  /* A machine that is busy with other tests keeps no pace of 1500 ms. */
  options.watchdog_ms = 5000 * usb_get_slowdown ();
  fixture->camera = usb_bed_add_camera (fixture->bed, &options);
  return fixture->camera;
}

static void
work_clear (Work *self)
{
  g_clear_object (&self->job);
  g_clear_pointer (&self->result, oak_flash_result_free);
  g_clear_error (&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static void
ran (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Work *self = user_data;

  self->result = oak_flash_job_run_finish (OAK_FLASH_JOB (source), result, &self->error);
  self->done = TRUE;
}

static void
prepared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Work *self = user_data;

  if (oak_flash_job_prepare_finish (OAK_FLASH_JOB (source), result, &self->error) != NULL)
    oak_flash_job_run_async (self->job, ran, self);
  else
    self->done = TRUE;
}

static gboolean
is_done (gpointer user_data)
{
  return ((Work *) user_data)->done;
}

/* Both halves, without anybody asking in between. */
static void
work (Fixture *fixture, Work *self, const char *mxid, const OakFlashWish *wish)
{
  g_autofree char *path = usb_camera_get_path (fixture->camera);
  g_autoptr (OakDeviceInfo) info =
      oak_device_info_new_usb (mxid, path, NULL, OAK_DEVICE_STATE_UNKNOWN);

  self->job = oak_flash_job_new (info, wish, OAK_NETWORK_SCOPE_ANY, &fixture->timeouts);
  oak_flash_job_prepare_async (self->job, prepared, self);
  wait_until (is_done, self, "the end of the job");
}

static void
work_well (Fixture *fixture, const char *mxid, const OakFlashWish *wish)
{
  g_auto (Work) self = { 0 };

  work (fixture, &self, mxid, wish);
  g_assert_no_error (self.error);
  g_assert_cmpint (self.result->outcome, ==, OAK_OUTCOME_CONFIRMED);
}

static void
work_badly (Fixture *fixture,
            const char *mxid,
            const OakFlashWish *wish,
            OakError code,
            const char *words)
{
  g_auto (Work) self = { 0 };

  work (fixture, &self, mxid, wish);
  g_assert_error (self.error, OAK_ERROR, (int) code);
  if (strstr (self.error->message, words) == NULL)
    g_error ("“%s” does not contain “%s”", self.error->message, words);
}

static void
assert_application (Fixture *fixture)
{
  g_autoptr (OakAppPackage) package = load_package (PACKAGE_FILE);
  GBytes *bytes = oak_app_package_get_bytes (package);
  g_autoptr (GBytes) memory = usb_camera_read_memory (fixture->camera,
                                                      OAK_MEMORY_FLASH,
                                                      USB_APPLICATION_OFFSET,
                                                      g_bytes_get_size (bytes));

  g_assert_true (g_bytes_equal (memory, bytes));
}

static void
wish_reset (Fixture *fixture, OakFlashWish *wish, OakBootloaderType type)
{
  oak_flash_wish_init (wish, OAK_OPERATION_FACTORY_RESET);
  wish->bootloader_image = g_bytes_ref (fixture->image);
  wish->bootloader_name = g_strdup ("image");
  wish->bootloader_type = type;
  wish->made_up_image_ok = TRUE;
}

static void
assert_bootloader (Fixture *fixture)
{
  g_autoptr (GBytes) memory =
      usb_camera_read_memory (fixture->camera, OAK_MEMORY_FLASH, 512, IMAGE_SIZE);

  g_assert_true (g_bytes_equal (memory, fixture->image));
}

static void
test_flashes_an_application (Fixture *fixture, gconstpointer data)
{
  g_auto (OakFlashWish) wish = { 0 };

  add_camera (fixture, OAK_DEVICE_STATE_BOOTLOADER);
  wish_package (&wish, PACKAGE_FILE);
  work_well (fixture, MXID_A, &wish);
  assert_application (fixture);
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_FLASH_BOOTED));
}

static void
test_replaces_a_running_application (Fixture *fixture, gconstpointer data)
{
  g_auto (OakFlashWish) wish = { 0 };

  add_camera (fixture, OAK_DEVICE_STATE_FLASH_BOOTED);
  wish_package (&wish, PACKAGE_FILE);
  work_badly (fixture, MXID_A, &wish, OAK_ERROR_NEEDS_CONSENT, "application");
  wish.stop_application = TRUE;
  work_well (fixture, MXID_A, &wish);
  assert_application (fixture);
}

static void
test_clears_an_application (Fixture *fixture, gconstpointer data)
{
  g_auto (OakFlashWish) wish = { 0 };
  g_autoptr (GBytes) memory = NULL;

  add_camera (fixture, OAK_DEVICE_STATE_FLASH_BOOTED);
  oak_flash_wish_init (&wish, OAK_OPERATION_CLEAR_APPLICATION);
  wish.stop_application = TRUE;
  work_well (fixture, MXID_A, &wish);
  memory = usb_camera_read_memory (fixture->camera, OAK_MEMORY_FLASH, USB_APPLICATION_OFFSET, 512);
  for (gsize i = 0; i < 512; i++)
    g_assert_cmpuint (((const guint8 *) g_bytes_get_data (memory, NULL))[i], ==, 0xff);
}

static void
test_factory_reset (Fixture *fixture, gconstpointer data)
{
  g_auto (OakFlashWish) wish = { 0 };

  add_camera (fixture, OAK_DEVICE_STATE_BOOTLOADER);
  wish_reset (fixture, &wish, OAK_BOOTLOADER_TYPE_AUTO);
  work_well (fixture, MXID_A, &wish);
  assert_bootloader (fixture);
}

static void
test_made_up_images_are_refused (Fixture *fixture, gconstpointer data)
{
  g_auto (OakFlashWish) wish = { 0 };

  add_camera (fixture, OAK_DEVICE_STATE_UNBOOTED);
  wish_reset (fixture, &wish, OAK_BOOTLOADER_TYPE_USB);
  wish.made_up_image_ok = FALSE;
  work_badly (fixture, NULL, &wish, OAK_ERROR_BAD_FILE, "made up");
  g_assert_cmpuint (usb_camera_get_n_opened (fixture->camera), ==, 0);
}

/* Never a guess: the type has to be chosen, and the image has to be of it. */
static void
test_an_unbooted_camera_is_reset_with_a_chosen_type (Fixture *fixture, gconstpointer data)
{
  g_auto (OakFlashWish) guessing = { 0 };
  g_auto (OakFlashWish) wrong = { 0 };
  g_auto (OakFlashWish) wish = { 0 };

  add_camera (fixture, OAK_DEVICE_STATE_UNBOOTED);
  wish_reset (fixture, &guessing, OAK_BOOTLOADER_TYPE_AUTO);
  work_badly (fixture, NULL, &guessing, OAK_ERROR_UNSUPPORTED, "chosen");
  g_assert_cmpuint (usb_camera_get_n_opened (fixture->camera), ==, 0);

  wish_reset (fixture, &wrong, OAK_BOOTLOADER_TYPE_NETWORK);
  work_badly (fixture, NULL, &wrong, OAK_ERROR_UNSUPPORTED, "network was chosen");
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_UNBOOTED));

  wish_reset (fixture, &wish, OAK_BOOTLOADER_TYPE_USB);
  work_well (fixture, NULL, &wish);
  assert_bootloader (fixture);
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_BOOTLOADER));
}

static void
test_an_unbooted_camera_gets_no_application (Fixture *fixture, gconstpointer data)
{
  g_auto (OakFlashWish) wish = { 0 };

  add_camera (fixture, OAK_DEVICE_STATE_UNBOOTED);
  wish_package (&wish, PACKAGE_FILE);
  work_badly (fixture, NULL, &wish, OAK_ERROR_UNSUPPORTED, "factory reset first");
  g_assert_cmpuint (usb_camera_get_n_opened (fixture->camera), ==, 0);
}

static void
test_another_camera_is_left_alone (Fixture *fixture, gconstpointer data)
{
  g_auto (OakFlashWish) wish = { 0 };

  add_camera (fixture, OAK_DEVICE_STATE_BOOTLOADER);
  wish_package (&wish, PACKAGE_FILE);
  work_badly (fixture, MXID_B, &wish, OAK_ERROR_WRONG_DEVICE, MXID_A);
  g_assert_cmpuint (usb_camera_get_n_opened (fixture->camera), ==, 0);
}

/* One of two cameras vanishes; the job on the other goes on. */
static void
test_two_cameras_of_which_one_vanishes (Fixture *fixture, gconstpointer data)
{
  UsbCameraOptions options;
  UsbCamera *other;
  g_auto (OakFlashWish) wish = { 0 };

  usb_camera_options_init (&options);
  options.mxid = MXID_B;
  options.ports = "4";
  other = usb_bed_add_camera (fixture->bed, &options);
  add_camera (fixture, OAK_DEVICE_STATE_BOOTLOADER);
  usb_camera_unplug (other);
  wish_package (&wish, PACKAGE_FILE);
  work_well (fixture, MXID_A, &wish);
  assert_application (fixture);
}

typedef struct {
  const char *label;
  UsbMoment moment;
  guint64 number;
} Cut;

static const Cut cuts[] = {
  { "when-it-was-opened", USB_MOMENT_OPENED, 0 },
  { "in-the-first-header", USB_MOMENT_HEADER, 1 },
  { "in-a-later-header", USB_MOMENT_HEADER, 12 },
  { "in-the-first-payload", USB_MOMENT_PAYLOAD, 2 },
  { "in-a-later-payload", USB_MOMENT_PAYLOAD, 200000 },
  { "while-it-programs", USB_MOMENT_PROGRAMMING, 50 },
};

static gboolean
is_off_the_bus (gpointer user_data)
{
  return !usb_camera_is_on_bus (user_data);
}

/* Whatever the moment: a clear error in time, and a second try that succeeds. */
static void
test_unplugged_and_tried_again (Fixture *fixture, gconstpointer data)
{
  const Cut *cut = data;
  g_auto (OakFlashWish) wish = { 0 };
  g_auto (Work) first = { 0 };
  TestResources before;

  add_camera (fixture, OAK_DEVICE_STATE_BOOTLOADER);
  wish_package (&wish, PACKAGE_FILE);
  test_resources_take (&before);
  usb_camera_unplug_at (fixture->camera, cut->moment, cut->number);
  work (fixture, &first, MXID_A, &wish);
  g_assert_nonnull (first.error);
  g_test_message ("%s", first.error->message);
  g_assert_cmpuint (first.error->domain, ==, OAK_ERROR);
  wait_until (is_off_the_bus, fixture->camera, "the camera to be unplugged");

  usb_camera_plug (fixture->camera);
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_BOOTLOADER));
  work_well (fixture, MXID_A, &wish);
  assert_application (fixture);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/flash/usb-job/" name, Fixture, NULL, set_up, function, tear_down)

static void
add_tests (void)
{
  ADD ("flashes-an-application", test_flashes_an_application);
  ADD ("replaces-a-running-application", test_replaces_a_running_application);
  ADD ("clears-an-application", test_clears_an_application);
  ADD ("factory-reset", test_factory_reset);
  ADD ("made-up-images-are-refused", test_made_up_images_are_refused);
  ADD ("an-unbooted-camera-is-reset-with-a-chosen-type",
       test_an_unbooted_camera_is_reset_with_a_chosen_type);
  ADD ("an-unbooted-camera-gets-no-application", test_an_unbooted_camera_gets_no_application);
  ADD ("another-camera-is-left-alone", test_another_camera_is_left_alone);
  ADD ("two-cameras-of-which-one-vanishes", test_two_cameras_of_which_one_vanishes);
  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++) {
    g_autofree char *name = g_strconcat ("/flash/usb-job/unplugged/", cuts[i].label, NULL);

    g_test_add (name, Fixture, &cuts[i], set_up, test_unplugged_and_tried_again, tear_down);
  }
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("oak-usb-job-XXXXXX", NULL);
  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_setenv ("XDG_STATE_HOME", folder, TRUE);
  add_tests ();
  return g_test_run ();
}
