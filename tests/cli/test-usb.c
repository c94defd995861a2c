/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <string.h>

#include "usb-bed.h"

/* The terminal program as a child, on the virtual USB bus of this one: `OAKFLASH` names it. */

#define MXID_A "14442C10D1234567D0"
#define MXID_B "1944301031C3765B00"

typedef struct {
  UsbBed *bed;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->bed = usb_bed_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  usb_bed_free (fixture->bed);
}

static UsbCamera *
add_camera (Fixture *fixture, const char *mxid, const char *ports, OakDeviceState state)
{
  UsbCameraOptions options;

  usb_camera_options_init (&options);
  options.mxid = mxid;
  options.ports = ports;
  options.state = state;
  options.boot_wait_ms = 1000;
  return usb_bed_add_camera (fixture->bed, &options);
}

/* Returns: (transfer full): what it printed. @arguments end with NULL. */
static char *
run (int expected, const char *const *arguments)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  g_ptr_array_add (words, (char *) g_getenv ("OAKFLASH"));
  for (guint i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (words, (char *) arguments[i]);
  g_ptr_array_add (words, NULL);
  process = g_subprocess_newv ((const char *const *) words->pdata,
                               G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                               &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  if (g_subprocess_get_exit_status (process) != expected)
    g_error ("ended with %d: %s", g_subprocess_get_exit_status (process), output);
  return output;
}

static void
assert_says (const char *output, const char *words)
{
  if (strstr (output, words) == NULL)
    g_error ("“%s” is not in “%s”", words, output);
}

static void
test_list_names_every_state (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "list", NULL };
  UsbCamera *closed = NULL;
  UsbCamera *busy = NULL;
  g_autofree char *output = NULL;

  add_camera (fixture, "18443010A1A1A1A100", "1", OAK_DEVICE_STATE_UNBOOTED);
  add_camera (fixture, MXID_A, "2", OAK_DEVICE_STATE_BOOTLOADER);
  add_camera (fixture, MXID_B, "3", OAK_DEVICE_STATE_FLASH_BOOTED);
  add_camera (fixture, "18443010B2B2B2B200", "4", OAK_DEVICE_STATE_BOOTED);
  closed = add_camera (fixture, "18443010C3C3C3C300", "5", OAK_DEVICE_STATE_BOOTLOADER);
  usb_camera_set_access (closed, FALSE);
  busy = add_camera (fixture, "18443010D4D4D4D400", "6", OAK_DEVICE_STATE_BOOTLOADER);
  usb_camera_set_busy (busy, TRUE);

  output = run (0, arguments);
  assert_says (output, "usb:1.1");
  assert_says (output, "waits for a bootloader");
  assert_says (output, MXID_A);
  assert_says (output, "ready (bootloader), USB 2, 480 Mbit/s");
  assert_says (output, "application running");
  assert_says (output, "in use by another program");
  assert_says (output, "no permission");
  assert_says (output, "busy: another program");
}

/* Each behind the cameras it is for. */
static void
test_list_tells_every_remedy (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "list", NULL };
  UsbCamera *camera = NULL;
  g_autofree char *output = NULL;

  add_camera (fixture, "18443010A1A1A1A100", "1", OAK_DEVICE_STATE_UNBOOTED);
  add_camera (fixture, MXID_A, "2", OAK_DEVICE_STATE_BOOTLOADER);
  add_camera (fixture, "18443010B2B2B2B200", "4", OAK_DEVICE_STATE_BOOTED);
  camera = add_camera (fixture, "18443010C3C3C3C300", "5", OAK_DEVICE_STATE_BOOTLOADER);
  usb_camera_set_access (camera, FALSE);
  camera = add_camera (fixture, "18443010E5E5E5E500", "6", OAK_DEVICE_STATE_UNBOOTED);
  usb_camera_set_access (camera, FALSE);
  camera = add_camera (fixture, "18443010D4D4D4D400", "7", OAK_DEVICE_STATE_BOOTLOADER);
  usb_camera_set_busy (camera, TRUE);

  output = run (0, arguments);
  assert_says (output, "usb:1.1: Its flash has no bootloader");
  assert_says (output, "B2B2B2: A program has started firmware");
  /* Once for both, in the order in which they were seen. */
  g_assert_true (strstr (output, "C3C3C3, usb:1.6: “oakflash rules” prints the udev rule") !=
                     NULL ||
                 strstr (output, "usb:1.6, C3C3C3: “oakflash rules” prints the udev rule") != NULL);
  assert_says (output, "D4D4D4: Close the program on this computer");
  g_assert_null (strstr (output, "234567: "));
}

static void
test_speed_is_named_and_slow_ones_get_a_hint (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "list", NULL };
  UsbCameraOptions options;
  g_autofree char *output = NULL;

  usb_camera_options_init (&options);
  options.mxid = MXID_A;
  options.ports = "1";
  options.super_speed = TRUE;
  usb_bed_add_camera (fixture->bed, &options);
  options.mxid = MXID_B;
  options.ports = "2";
  options.is_held_back = TRUE;
  usb_bed_add_camera (fixture->bed, &options);

  output = run (0, arguments);
  assert_says (output, "ready (bootloader), USB 3, 5 Gbit/s\n");
  assert_says (output, "ready (bootloader), USB 2, 480 Mbit/s: slow for it");
  assert_says (output, "C3765B: It could do USB 3: use a USB 3 cable");
  g_assert_null (strstr (output, "234567: "));
}

static void
test_documents_have_access_speed_and_remedy (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "list", "--json", NULL };
  g_autofree char *output = NULL;
  UsbCamera *camera = add_camera (fixture, MXID_A, "2", OAK_DEVICE_STATE_BOOTLOADER);

  usb_camera_set_access (camera, FALSE);
  output = run (0, arguments);
  assert_says (output, "\"path\" : \"1.2\"");
  assert_says (output, "\"access\" : \"denied\"");
  assert_says (output, "\"speedMbps\" : 480");
  assert_says (output, "\"couldBeFaster\" : false");
  assert_says (output, "\"remedy\" : \"“oakflash rules”");
}

/* Neither is guessed nor half done: what an unbooted camera needs first is said. */
static void
test_unbooted_cameras_are_refused_with_the_reason (Fixture *fixture, gconstpointer data)
{
  g_autofree char *package =
      g_build_filename (g_getenv ("OAK_TEST_DATA"), "daps", "script-spi.dap", NULL);
  const char *const flash[] = { "flash", package, "--device", "usb:1.1", "--yes", NULL };
  const char *const info[] = { "info", "--device", "usb:1.1", NULL };
  g_autofree char *flash_output = NULL;
  g_autofree char *info_output = NULL;

  add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_UNBOOTED);
  flash_output = run (4, flash);
  assert_says (flash_output, "do a factory reset first");
  assert_says (flash_output, "“oakflash reset”");
  info_output = run (4, info);
  assert_says (info_output, "“oakflash reset”");
}

static void
test_a_camera_is_named_by_its_socket (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "info", "--device", "usb:1.2.3", NULL };
  g_autofree char *output = NULL;

  add_camera (fixture, MXID_A, "2.3", OAK_DEVICE_STATE_BOOTLOADER);
  add_camera (fixture, MXID_B, "4", OAK_DEVICE_STATE_BOOTLOADER);
  output = run (0, arguments);
  assert_says (output, MXID_A);
  assert_says (output, "0.0.28");
}

static void
test_flashes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *package =
      g_build_filename (g_getenv ("OAK_TEST_DATA"), "daps", "script-spi.dap", NULL);
  const char *const arguments[] = { "flash", package, "--device", MXID_A, "--yes", NULL };
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_autofree char *output = run (0, arguments);

  g_assert_true (usb_camera_wait_for_state (camera, OAK_DEVICE_STATE_FLASH_BOOTED));
}

static void
test_no_permission_says_so (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "info", "--device", MXID_A, NULL };
  UsbCamera *camera = add_camera (fixture, MXID_A, "1", OAK_DEVICE_STATE_BOOTLOADER);
  g_autofree char *output = NULL;

  usb_camera_set_access (camera, FALSE);
  output = run (4, arguments);
  assert_says (output, "no-access");
  assert_says (output, "“oakflash rules”");
}

#define ADD(name, function)                                                                        \
  g_test_add ("/cli/usb/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("oak-usb-cli-XXXXXX", NULL);
  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_setenv ("XDG_STATE_HOME", folder, TRUE);
  ADD ("list-names-every-state", test_list_names_every_state);
  ADD ("list-tells-every-remedy", test_list_tells_every_remedy);
  ADD ("speed-is-named-and-slow-ones-get-a-hint", test_speed_is_named_and_slow_ones_get_a_hint);
  ADD ("documents-have-access-speed-and-remedy", test_documents_have_access_speed_and_remedy);
  ADD ("unbooted-cameras-are-refused-with-the-reason",
       test_unbooted_cameras_are_refused_with_the_reason);
  ADD ("a-camera-is-named-by-its-socket", test_a_camera_is_named_by_its_socket);
  ADD ("flashes", test_flashes);
  ADD ("no-permission-says-so", test_no_permission_says_so);
  return g_test_run ();
}
