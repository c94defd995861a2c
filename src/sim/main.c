/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oak-demo-image.h"
#include "oak-error.h"
#include "sim-camera.h"
#include "sim-faults.h"
#include "sim-image.h"
#include "sim-server.h"
#include "sim-settings.h"
#include "sim-usb-vhci.h"

/* oak-sim: cameras made of software. This file only reads the command line and puts the parts
 * together. One thread. */

#define SIM_EXIT_FAILED   1
#define SIM_EXIT_USAGE    2
#define SIM_MAX_CAMERAS   200
#define SIM_FIRST_ADDRESS "127.0.0.2"

typedef struct {
  SimSettings *settings; /* (owned): for all cameras */
  int n_cameras;
  char **cameras;   /* (owned) (nullable): lists for single ones */
  char *make_image; /* (owned) (nullable) */
  gint64 image_size;
  gboolean any_address;
  gboolean exit_with_parent;
  gboolean verbose;
} SimArguments;

static gboolean
sim_arguments_on_setting (const char *option_name, const char *value, gpointer data, GError **error)
{
  SimArguments *arguments = data;
  const char *name = option_name + strspn (option_name, "-");
  g_autoptr (GError) local_error = NULL;

  if (sim_settings_set (arguments->settings, name, value, &local_error))
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, local_error->message);
  return FALSE;
}

#define SIM_SETTING(name, value, help)                                                             \
  {                                                                                                \
    name, 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) sim_arguments_on_setting, help, value            \
  }

static void
sim_arguments_add_entries (SimArguments *arguments, GOptionContext *context)
{
  GOptionGroup *group = g_option_group_new (NULL, NULL, NULL, arguments, NULL);
  const GOptionEntry settings[] = {
    SIM_SETTING ("address",
                 "IP",
                 "address of the first camera (" SIM_FIRST_ADDRESS "); the others follow it"),
    SIM_SETTING ("mxid", "ID", "identity of the first camera"),
    SIM_SETTING ("type", "network|usb", "factory bootloader (network)"),
    SIM_SETTING ("version", "X.Y.Z", "its version, 0.0.11 to 0.0.29 (0.0.28)"),
    SIM_SETTING ("commit", "TEXT", "its commit"),
    SIM_SETTING ("user-bootloader", "X.Y.Z", "a user bootloader is flashed, too"),
    SIM_SETTING (
        "state",
        "bootloader|flash-booted|booted|unbooted",
        "what the camera is doing at first (bootloader); unbooted: with an empty flash, its "
        "ROM waits on USB"),
    SIM_SETTING ("flash-size", "MIB", "size of the NOR flash (32)"),
    SIM_SETTING ("flash-file",
                 "FILE",
                 "its content: read at the start if it exists, written at the end"),
    SIM_SETTING ("erase-kib", "4|64|256", "its erase blocks (64)"),
    { "no-preserve",
      0,
      G_OPTION_FLAG_NO_ARG,
      G_OPTION_ARG_CALLBACK,
      (gpointer) sim_arguments_on_setting,
      "what else lies in a touched erase block is lost",
      NULL },
    SIM_SETTING ("emmc", "MIB", "size of the eMMC (none)"),
    SIM_SETTING ("emmc-file", "FILE", "its content, as with --flash-file"),
    SIM_SETTING ("write-kbps", "N", "programming speed in 1000 bytes a second (0: no delay)"),
    SIM_SETTING ("nor-timing",
                 "none|datasheet",
                 "what erasing and programming a NOR flash typically take, as well (none)"),
    SIM_SETTING ("reboot-ms", "N", "silence after a reset (500)"),
    SIM_SETTING ("boot-wait-ms",
                 "N",
                 "wait for a host before the application starts, -1 for ever (as configured)"),
    SIM_SETTING ("watchdog-ms", "N", "reset after so long without keep-alive (1500); 0: never"),
    SIM_SETTING ("usb-vhci",
                 "PORT",
                 "plug the camera into this port (0 to 7) of the kernel's virtual USB controller, "
                 "and not into the network"),
    SIM_SETTING ("usb-speed",
                 "high|super",
                 "its speed there (super); the ROM is at high speed in any case"),
    { "network-too",
      0,
      G_OPTION_FLAG_NO_ARG,
      G_OPTION_ARG_CALLBACK,
      (gpointer) sim_arguments_on_setting,
      "both USB and network",
      NULL },
    SIM_SETTING ("fault", "SPEC", "something that goes wrong; see below"),
    G_OPTION_ENTRY_NULL,
  };

  g_option_group_add_entries (group, settings);
  g_option_context_set_main_group (context, group);
}

static void
sim_arguments_add_program_entries (SimArguments *arguments, GOptionContext *context)
{
  const GOptionEntry entries[] = {
    { "cameras", 0, 0, G_OPTION_ARG_INT, &arguments->n_cameras, "number of cameras (1)", "N" },
    { "camera",
      0,
      0,
      G_OPTION_ARG_STRING_ARRAY,
      &arguments->cameras,
      "settings of one camera, the options above without dashes; once for each from the first on",
      "NAME=VALUE,..." },
    { "any-address",
      0,
      0,
      G_OPTION_ARG_NONE,
      &arguments->any_address,
      "allow addresses other than 127.x.x.x",
      NULL },
    { "exit-with-parent",
      0,
      0,
      G_OPTION_ARG_NONE,
      &arguments->exit_with_parent,
      "end when the parent ends or closes standard input",
      NULL },
    { "verbose",
      0,
      0,
      G_OPTION_ARG_NONE,
      &arguments->verbose,
      "tell on standard error what happens",
      NULL },
    { "make-image",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &arguments->make_image,
      "write a made-up bootloader image of --type and --version, and end",
      "FILE" },
    { "image-size",
      0,
      0,
      G_OPTION_ARG_INT64,
      &arguments->image_size,
      "its size (655360)",
      "BYTES" },
    G_OPTION_ENTRY_NULL,
  };

  g_option_context_add_main_entries (context, entries, NULL);
}

static gboolean
sim_arguments_parse (SimArguments *arguments, int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- OAK cameras made of software");
  g_autofree char *faults = sim_faults_describe ();
  g_autofree char *description = NULL;

  description =
      g_strconcat ("Prints “ready” when everything listens, and one line of JSON a camera at the "
                   "end and on SIGUSR1,\n"
                   "when the memory files are written as well. SIGTERM and SIGINT end it.\n\n"
                   "Faults, several in one list or option; “:once” behind one makes it count only "
                   "the first time:\n",
                   faults,
                   NULL);
  g_option_context_set_description (context, description);
  sim_arguments_add_entries (arguments, context);
  sim_arguments_add_program_entries (arguments, context);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1) {
    g_set_error (error,
                 G_OPTION_ERROR,
                 G_OPTION_ERROR_UNKNOWN_OPTION,
                 "“%s” means nothing here",
                 (*argv)[1]);
    return FALSE;
  }
  return TRUE;
}

static void
sim_arguments_clear (SimArguments *arguments)
{
  g_clear_pointer (&arguments->settings, sim_settings_free);
  g_strfreev (arguments->cameras);
  g_free (arguments->make_image);
}

static gboolean
sim_arguments_make_image (const SimArguments *arguments, GError **error)
{
  const SimBoardOptions *board = &arguments->settings->board;
  g_autoptr (GBytes) image = NULL;
  g_autoptr (GError) local_error = NULL;

  if (arguments->image_size < OAK_DEMO_IMAGE_RECORD_SIZE ||
      arguments->image_size > (gint64) (64 * OAK_MIB)) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "--image-size lies between 64 bytes and 64 MiB");
    return FALSE;
  }
  image = sim_image_make (board->type, board->version, (gsize) arguments->image_size);
  if (g_file_set_contents (arguments->make_image,
                           g_bytes_get_data (image, NULL),
                           (gssize) g_bytes_get_size (image),
                           &local_error))
    return TRUE;
  g_set_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE, "writing the image: %s", local_error->message);
  return FALSE;
}

static gboolean
sim_address_is_loopback (const char *address)
{
  struct in_addr number;

  return inet_pton (AF_INET, address, &number) == 1 && (ntohl (number.s_addr) >> 24) == 127;
}

/* Returns: (transfer full): the address @index places behind @first. */
static char *
sim_address_step (const char *first, guint index)
{
  struct in_addr number;
  char text[INET_ADDRSTRLEN];

  inet_pton (AF_INET, first, &number);
  number.s_addr = htonl (ntohl (number.s_addr) + index);
  inet_ntop (AF_INET, &number, text, sizeof text);
  return g_strdup (text);
}

/* Returns: (transfer full) (nullable): the settings of camera @index, complete. */
static SimSettings *
sim_arguments_get_settings (const SimArguments *arguments, guint index, GError **error)
{
  g_autoptr (SimSettings) settings = sim_settings_copy (arguments->settings);
  const char *first = settings->address == NULL ? SIM_FIRST_ADDRESS : settings->address;
  g_autofree char *address = sim_address_step (first, index);

  g_free (settings->address);
  settings->address = g_steal_pointer (&address);
  if (index > 0 || settings->mxid == NULL) {
    g_free (settings->mxid);
    settings->mxid = g_strdup_printf ("1844301000%06X00", 0x5A1F01 + index * 0x1357);
  }
  if (arguments->cameras != NULL && index < g_strv_length (arguments->cameras) &&
      !sim_settings_set_list (settings, arguments->cameras[index], error)) {
    g_prefix_error (error, "camera %u: ", index + 1);
    return NULL;
  }
  if (!arguments->any_address && !sim_address_is_loopback (settings->address)) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "%s can be reached from outside; give --any-address if that is wanted",
                 settings->address);
    return NULL;
  }
  return g_steal_pointer (&settings);
}

static gboolean
sim_arguments_plug_camera (const SimSettings *settings,
                           SimServer *server,
                           SimCamera *camera,
                           GError **error)
{
  SimUsbOptions options = { .super_speed = settings->usb_super_speed,
                            .gone_ms = settings->reboot_ms,
                            .is_unconfigured = TRUE };
  SimUsbVhci *usb;

  if (settings->usb_port < 0)
    return TRUE;
  usb = sim_usb_vhci_new (camera,
                          &options,
                          (guint) settings->usb_port,
                          g_get_monotonic_time (),
                          error);
  if (usb == NULL)
    return FALSE;
  sim_server_add_usb (server, usb);
  return TRUE;
}

static gboolean
sim_arguments_add_camera (const SimArguments *arguments,
                          SimServer *server,
                          guint index,
                          GError **error)
{
  g_autoptr (SimSettings) settings = sim_arguments_get_settings (arguments, index, error);
  gboolean on_network;
  SimCamera *camera;

  if (settings == NULL)
    return FALSE;
  camera = sim_settings_make_camera (settings, g_get_monotonic_time (), error);
  if (camera == NULL) {
    g_prefix_error (error, "camera %u: ", index + 1);
    return FALSE;
  }
  on_network = settings->usb_port < 0 || settings->on_network_too;
  return sim_server_add (server,
                         camera,
                         on_network ? settings->address : NULL,
                         settings->flash_file,
                         settings->emmc_file,
                         error) &&
         sim_arguments_plug_camera (settings, server, camera, error);
}

/* Returns: TRUE when the end of standard input tells of the parent's end: a pipe or a socket, not a
 * terminal or /dev/null. */
static gboolean
sim_follow_parent (void)
{
  pid_t parent = getppid ();
  struct stat status;

  prctl (PR_SET_PDEATHSIG, SIGTERM);
  if (getppid () != parent)
    raise (SIGTERM);
  return fstat (STDIN_FILENO, &status) == 0 &&
         (S_ISFIFO (status.st_mode) || S_ISSOCK (status.st_mode));
}

static gboolean
sim_arguments_check (SimArguments *arguments, GError **error)
{
  int n_lists = arguments->cameras == NULL ? 0 : (int) g_strv_length (arguments->cameras);
  int wanted = MAX (arguments->n_cameras, n_lists);

  if (arguments->n_cameras < 0 || wanted > SIM_MAX_CAMERAS) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "between 1 and %d cameras are possible",
                 SIM_MAX_CAMERAS);
    return FALSE;
  }
  arguments->n_cameras = MAX (wanted, 1);
  if (arguments->n_cameras > 1 &&
      (arguments->settings->flash_file != NULL || arguments->settings->emmc_file != NULL)) {
    g_set_error (
        error,
        OAK_ERROR,
        OAK_ERROR_BAD_FILE,
        "cameras cannot share a memory file; give each its own with --camera flash-file=FILE");
    return FALSE;
  }
  return TRUE;
}

static gboolean
sim_arguments_run (SimArguments *arguments, GError **error)
{
  g_autoptr (SimServer) server = sim_server_new (arguments->any_address);
  gboolean watch_stdin = arguments->exit_with_parent && sim_follow_parent ();

  for (int i = 0; i < arguments->n_cameras; i++)
    if (!sim_arguments_add_camera (arguments, server, (guint) i, error))
      return FALSE;
  if (!sim_server_listen (server, error))
    return FALSE;
  puts ("ready");
  fflush (stdout);
  sim_server_run (server, watch_stdin);
  return sim_server_dump (server, error);
}

static void
sim_on_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  const SimArguments *arguments = user_data;

  if (arguments->verbose || (level & (G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG)) == 0)
    g_printerr ("oak-sim: %s\n", message);
}

int
main (int argc, char **argv)
{
  SimArguments arguments = { .settings = sim_settings_new (),
                             .image_size = SIM_IMAGE_DEFAULT_SIZE };
  g_autoptr (GError) error = NULL;
  int status = 0;

  setlocale (LC_ALL, "");
  g_log_set_default_handler (sim_on_log, &arguments);
  if (!sim_arguments_parse (&arguments, &argc, &argv, &error) ||
      !sim_arguments_check (&arguments, &error)) {
    g_printerr ("oak-sim: %s\nTry “oak-sim --help”.\n", error->message);
    status = SIM_EXIT_USAGE;
  } else if (arguments.make_image != NULL ? !sim_arguments_make_image (&arguments, &error)
                                          : !sim_arguments_run (&arguments, &error)) {
    g_printerr ("oak-sim: %s\n", error->message);
    status = SIM_EXIT_FAILED;
  }
  sim_arguments_clear (&arguments);
  return status;
}
