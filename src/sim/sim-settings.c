/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-settings.h"

#include <arpa/inet.h>
#include <string.h>

#include "oak-discovery-datagram.h"
#include "oak-error.h"
#include "sim-camera.h"
#include "sim-faults.h"
#include "sim-flash.h"
#include "sim-usb-vhci.h"

/* From words to a camera. No threads. */

#define SIM_MAX_MEMORY_MIB 1024
#define SIM_MAX_TIME_MS    (24 * 3600 * 1000)

SimSettings *
sim_settings_new (void)
{
  SimSettings *self = g_new0 (SimSettings, 1);

  sim_board_options_init (&self->board);
  self->reboot_ms = 500;
  self->watchdog_ms = 1500;
  self->state = OAK_DEVICE_STATE_BOOTLOADER;
  self->usb_port = -1;
  self->usb_super_speed = TRUE;
  self->faults = g_ptr_array_new_with_free_func (g_free);
  return self;
}

SimSettings *
sim_settings_copy (const SimSettings *self)
{
  SimSettings *copy = g_memdup2 (self, sizeof *self);

  copy->mxid = g_strdup (self->mxid);
  copy->address = g_strdup (self->address);
  copy->commit = g_strdup (self->commit);
  copy->flash_file = g_strdup (self->flash_file);
  copy->emmc_file = g_strdup (self->emmc_file);
  copy->faults = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < self->faults->len; i++)
    g_ptr_array_add (copy->faults, g_strdup (g_ptr_array_index (self->faults, i)));
  return copy;
}

void
sim_settings_free (SimSettings *self)
{
  g_free (self->mxid);
  g_free (self->address);
  g_free (self->commit);
  g_free (self->flash_file);
  g_free (self->emmc_file);
  g_ptr_array_unref (self->faults);
  g_free (self);
}

/* Texts that are kept as they are. */
static char **
sim_settings_find_text (SimSettings *self, const char *name)
{
  if (g_str_equal (name, "mxid"))
    return &self->mxid;
  if (g_str_equal (name, "address"))
    return &self->address;
  if (g_str_equal (name, "commit"))
    return &self->commit;
  if (g_str_equal (name, "flash-file"))
    return &self->flash_file;
  return g_str_equal (name, "emmc-file") ? &self->emmc_file : NULL;
}

static gboolean
sim_settings_check_text (const char *name, const char *value)
{
  struct in_addr address;

  if (g_str_equal (name, "address"))
    return inet_pton (AF_INET, value, &address) == 1;
  if (g_str_equal (name, "mxid"))
    return *value != '\0' && strlen (value) < OAK_MXID_FIELD_SIZE && g_str_is_ascii (value);
  return *value != '\0' || g_str_equal (name, "commit");
}

static gboolean
sim_settings_parse_number (const char *value, gint64 minimum, gint64 maximum, gint64 *number)
{
  return g_ascii_string_to_signed (value, 10, minimum, maximum, number, NULL);
}

/* Returns: -1 when there is no number of that name, otherwise whether @value was good. */
static int
sim_settings_set_number (SimSettings *self, const char *name, const char *value)
{
  gint64 number = 0;
  gboolean good;

  if (g_str_equal (name, "flash-size")) {
    good = sim_settings_parse_number (value, 1, SIM_MAX_MEMORY_MIB, &number);
    self->board.flash_size = (gsize) number * OAK_MIB;
  } else if (g_str_equal (name, "emmc")) {
    good = sim_settings_parse_number (value, 0, SIM_MAX_MEMORY_MIB, &number);
    self->board.emmc_size = (gsize) number * OAK_MIB;
  } else if (g_str_equal (name, "erase-kib")) {
    good = sim_settings_parse_number (value, 4, 256, &number) &&
           (number == 4 || number == 64 || number == 256);
    self->board.erase_size = (gsize) number * OAK_KIB;
  } else if (g_str_equal (name, "write-kbps")) {
    good = sim_settings_parse_number (value, 0, 1000000, &number);
    self->board.write_kbps = (guint) number;
  } else if (g_str_equal (name, "boot-wait-ms")) {
    good = sim_settings_parse_number (value, -1, SIM_MAX_TIME_MS, &number);
    self->board.has_boot_wait = TRUE;
    self->board.boot_wait_ms = (int) number;
  } else if (g_str_equal (name, "usb-vhci")) {
    good = sim_settings_parse_number (value, 0, SIM_USB_VHCI_PORTS - 1, &number);
    self->usb_port = (int) number;
  } else if (g_str_equal (name, "reboot-ms")) {
    good = sim_settings_parse_number (value, 0, SIM_MAX_TIME_MS, &self->reboot_ms);
  } else if (g_str_equal (name, "watchdog-ms")) {
    good = sim_settings_parse_number (value, 0, SIM_MAX_TIME_MS, &self->watchdog_ms);
  } else {
    return -1;
  }
  return good;
}

static int
sim_settings_set_word (SimSettings *self, const char *name, const char *value)
{
  if (g_str_equal (name, "type"))
    return oak_bootloader_type_parse (value, &self->board.type) &&
           self->board.type != OAK_BOOTLOADER_TYPE_AUTO;
  if (g_str_equal (name, "version"))
    return oak_version_parse (value, &self->board.version);
  if (g_str_equal (name, "user-bootloader")) {
    self->board.has_user_bootloader = TRUE;
    return oak_version_parse (value, &self->board.user_bootloader);
  }
  if (g_str_equal (name, "state"))
    return oak_device_state_parse (value, &self->state) && self->state != OAK_DEVICE_STATE_UNKNOWN;
  if (g_str_equal (name, "nor-timing")) {
    self->board.datasheet_timing = g_str_equal (value, "datasheet");
    return self->board.datasheet_timing || g_str_equal (value, "none");
  }
  if (g_str_equal (name, "usb-speed")) {
    self->usb_super_speed = g_str_equal (value, "super");
    return self->usb_super_speed || g_str_equal (value, "high");
  }
  return -1;
}

static gboolean
sim_settings_refuse (const char *name, const char *value, GError **error)
{
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_BAD_FILE,
               "“%s” is no value for %s; --help tells what is",
               value == NULL ? "" : value,
               name);
  return FALSE;
}

static gboolean
sim_settings_add_fault (SimSettings *self, const char *value, GError **error)
{
  g_autoptr (SimFaults) check = sim_faults_new ();

  if (!sim_faults_add (check, value, error))
    return FALSE;
  g_ptr_array_add (self->faults, g_strdup (value));
  return TRUE;
}

gboolean
sim_settings_set (SimSettings *self, const char *name, const char *value, GError **error)
{
  char **text = NULL;
  int result;

  g_return_val_if_fail (self != NULL && name != NULL, FALSE);

  text = sim_settings_find_text (self, name);
  if (g_str_equal (name, "no-preserve")) {
    self->board.preserve = FALSE;
    return value == NULL || sim_settings_refuse (name, value, error);
  }
  if (g_str_equal (name, "network-too")) {
    self->on_network_too = TRUE;
    return value == NULL || sim_settings_refuse (name, value, error);
  }
  if (value == NULL)
    return sim_settings_refuse (name, value, error);
  if (g_str_equal (name, "fault"))
    return sim_settings_add_fault (self, value, error);
  if (text != NULL) {
    if (!sim_settings_check_text (name, value))
      return sim_settings_refuse (name, value, error);
    g_free (*text);
    *text = g_strdup (value);
    return TRUE;
  }
  result = sim_settings_set_number (self, name, value);
  if (result == -1)
    result = sim_settings_set_word (self, name, value);
  if (result == -1) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "a camera has no “%s”; --help lists what it has",
                 name);
    return FALSE;
  }
  return result != 0 || sim_settings_refuse (name, value, error);
}

gboolean
sim_settings_set_list (SimSettings *self, const char *list, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (list, ",", -1);

  for (guint i = 0; parts[i] != NULL; i++) {
    char *value = strchr (parts[i], '=');

    if (value != NULL)
      *value++ = '\0';
    if (*parts[i] != '\0' && !sim_settings_set (self, parts[i], value, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
sim_settings_check (const SimSettings *self, GError **error)
{
  if (self->state == OAK_DEVICE_STATE_UNBOOTED && self->usb_port < 0) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "an unbooted camera can only be seen on USB; give --usb-vhci as well");
    return FALSE;
  }
  if (self->board.type == OAK_BOOTLOADER_TYPE_NETWORK &&
      !oak_version_at_least (self->board.version, 0, 0, 12)) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "network bootloaders exist from 0.0.12 on; give --type usb as well");
    return FALSE;
  }
  if (self->board.has_user_bootloader && (self->board.type != OAK_BOOTLOADER_TYPE_NETWORK ||
                                          !oak_version_at_least (self->board.version, 0, 0, 21))) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "a user bootloader needs a network bootloader from 0.0.21 on");
    return FALSE;
  }
  if (self->board.type == OAK_BOOTLOADER_TYPE_NETWORK && self->board.flash_size < 9 * OAK_MIB) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "a network bootloader needs a flash of more than 8 MiB");
    return FALSE;
  }
  if (self->board.flash_size < 2 * OAK_MIB) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "a bootloader needs a flash of at least 2 MiB");
    return FALSE;
  }
  return TRUE;
}

/* Returns: FALSE when the file is there and cannot be used. @loaded tells whether it was there. */
static gboolean
sim_memory_load (SimFlash *flash, const char *path, gboolean *loaded, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *content = NULL;
  gsize size;

  *loaded = FALSE;
  if (path == NULL || flash == NULL || !g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!g_file_get_contents (path, &content, &size, &local_error)) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "reading %s: %s",
                 path,
                 local_error->message);
    return FALSE;
  }
  if (size > sim_flash_get_size (flash)) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "%s has %" G_GSIZE_FORMAT " bytes, more than the memory's %" G_GSIZE_FORMAT
                 "; give a larger size",
                 path,
                 size,
                 sim_flash_get_size (flash));
    return FALSE;
  }
  sim_flash_put (flash, 0, content, size);
  *loaded = TRUE;
  return TRUE;
}

static SimBoard *
sim_settings_make_board (const SimSettings *self, GError **error)
{
  g_autoptr (SimFaults) faults = sim_faults_new ();
  g_autoptr (SimBoard) board = NULL;
  SimBoardOptions options = self->board;
  gboolean flash_loaded;
  gboolean emmc_loaded;

  for (guint i = 0; i < self->faults->len; i++)
    if (!sim_faults_add (faults, g_ptr_array_index (self->faults, i), error))
      return NULL;
  options.commit = self->commit == NULL ? "" : self->commit;
  board = sim_board_new (&options, g_steal_pointer (&faults));
  if (!sim_memory_load (board->nor, self->flash_file, &flash_loaded, error) ||
      !sim_memory_load (board->emmc, self->emmc_file, &emmc_loaded, error))
    return NULL;
  if (!flash_loaded && self->state != OAK_DEVICE_STATE_UNBOOTED)
    sim_board_prepare_bootloader (board);
  if (self->state == OAK_DEVICE_STATE_FLASH_BOOTED &&
      sim_board_check_application (board, options.type) == SIM_APPLICATION_NONE)
    sim_board_prepare_application (board, options.type);
  return g_steal_pointer (&board);
}

SimCamera *
sim_settings_make_camera (const SimSettings *self, gint64 now_us, GError **error)
{
  SimCameraOptions options = { self->mxid,
                               self->reboot_ms,
                               self->watchdog_ms,
                               self->state == OAK_DEVICE_STATE_UNBOOTED };
  SimBoard *board;
  SimCamera *camera;

  if (!sim_settings_check (self, error))
    return NULL;
  board = sim_settings_make_board (self, error);
  if (board == NULL)
    return NULL;
  camera = sim_camera_new (&options, board, now_us);
  if (self->state == OAK_DEVICE_STATE_FLASH_BOOTED)
    sim_camera_start_application (camera, now_us);
  else if (self->state == OAK_DEVICE_STATE_BOOTED)
    sim_camera_start_booted (camera, now_us);
  return camera;
}
