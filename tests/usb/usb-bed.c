/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "usb-bed-private.h"

#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim-board.h"
#include "sim-faults.h"
#include "sim-flash.h"
#include "sim-image.h"

/* The bed itself: cameras, the clock thread that moves them through time and on and off the bus,
 * and what tests may do to them. */

#define USB_FIRST_NUMBER 1
#define USB_SETTLE_S     10

guint
usb_get_slowdown (void)
{
  const char *text = g_getenv ("TEST_SLOWDOWN");
  guint64 value = text == NULL ? 1 : g_ascii_strtoull (text, NULL, 10);

  return (guint) CLAMP (value, 1, 1000);
}

/* Root opens a node without rights; nobody else does. So this program gives that up. */
static void
usb_drop_file_rights (void)
{
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct data[2];
  const guint rights[] = { CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH };

  if (syscall (SYS_capget, &header, data) < 0)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (rights); i++) {
    prctl (PR_CAPBSET_DROP, rights[i], 0, 0, 0);
    data[0].effective &= ~(1u << rights[i]);
    data[0].permitted &= ~(1u << rights[i]);
    data[0].inheritable &= ~(1u << rights[i]);
  }
  syscall (SYS_capset, &header, data);
}

static void
usb_camera_free (UsbCamera *self)
{
  g_ptr_array_unref (self->handles);
  sim_usb_free (self->usb);
  sim_camera_free (self->camera);
  g_free (self->mxid);
  g_free (self->ports);
  g_free (self->node);
  g_free (self->sysfs_path);
  g_free (self);
}

static gboolean
usb_camera_needs_sync (const UsbCamera *self)
{
  return self->is_syncing || self->shown != usb_camera_get_present (self) || self->access_changed;
}

static void
usb_camera_look (UsbCamera *self, UsbLook *look)
{
  const char *serial = sim_usb_get_serial (self->usb);

  memset (look, 0, sizeof *look);
  look->size = sim_usb_get_descriptors (self->usb, look->descriptors);
  look->is_super = sim_usb_is_super_speed (self->usb);
  look->is_configured = sim_usb_get_configuration (self->usb) != 0;
  look->has_access = self->has_access;
  if (serial != NULL)
    g_strlcpy (look->serial, serial, sizeof look->serial);
}

/* With the lock, which is given up meanwhile: makes sysfs show what is on the bus. */
static void
usb_camera_sync (UsbCamera *self)
{
  UsbBed *bed = self->bed;
  guint present = usb_camera_get_present (self);
  guint shown = self->shown;
  UsbLook look;

  usb_camera_look (self, &look);
  self->access_changed = FALSE;
  self->is_syncing = TRUE;
  /* A new node is opened as soon as it is there: it has to be known as the new one by then. */
  self->shown = shown != 0 && shown != present ? 0 : present;
  g_mutex_unlock (&bed->lock);
  if (shown != 0 && shown != present)
    usb_bed_hide (bed, self);
  else if (shown == 0 && present != 0)
    usb_bed_show (bed, self, &look);
  else if (present != 0)
    usb_bed_apply_access (bed, self, look.has_access, TRUE);
  g_mutex_lock (&bed->lock);
  self->is_syncing = FALSE;
  g_cond_broadcast (&bed->changed);
}

static gboolean
usb_bed_sync_one (UsbBed *self)
{
  for (guint i = 0; i < self->cameras->len; i++) {
    UsbCamera *camera = g_ptr_array_index (self->cameras, i);

    if (usb_camera_needs_sync (camera)) {
      usb_camera_sync (camera);
      return TRUE;
    }
  }
  return FALSE;
}

static gint64
usb_bed_dispatch (UsbBed *self)
{
  gint64 wake = G_MAXINT64;

  for (guint i = 0; i < self->cameras->len; i++) {
    UsbCamera *camera = g_ptr_array_index (self->cameras, i);

    usb_camera_pump (camera, g_get_monotonic_time ());
    wake = MIN (wake, sim_usb_get_wake (camera->usb));
  }
  return wake;
}

/* usb-clock thread */
static gpointer
usb_bed_run (gpointer data)
{
  UsbBed *self = data;

  g_mutex_lock (&self->lock);
  while (!self->ending) {
    gint64 wake = usb_bed_dispatch (self);

    if (usb_bed_sync_one (self))
      continue;
    g_cond_broadcast (&self->changed);
    if (wake == G_MAXINT64)
      g_cond_wait (&self->changed, &self->lock);
    else if (wake > g_get_monotonic_time ())
      g_cond_wait_until (&self->changed, &self->lock, wake);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

UsbBed *
usb_bed_new (void)
{
  const char *preload = g_getenv ("LD_PRELOAD");
  UsbBed *self = g_new0 (UsbBed, 1);

  if (preload == NULL || strstr (preload, "libumockdev-preload") == NULL)
    g_error ("this program runs with LD_PRELOAD=libumockdev-preload.so.0");
  usb_drop_file_rights ();
  self->testbed = umockdev_testbed_new ();
  self->base = umockdev_ioctl_base_new ();
  self->cameras = g_ptr_array_new_with_free_func ((GDestroyNotify) usb_camera_free);
  self->hubs = g_ptr_array_new_with_free_func (g_free);
  self->next_number[1] = self->next_number[2] = USB_FIRST_NUMBER;
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  usb_bed_connect_ioctl (self);
  usb_bed_add_root_hubs (self);
  self->clock = g_thread_new ("usb-clock", usb_bed_run, self);
  return self;
}

void
usb_bed_free (UsbBed *self)
{
  g_mutex_lock (&self->lock);
  self->ending = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->clock);
  for (guint i = 0; i < self->cameras->len; i++) {
    UsbCamera *camera = g_ptr_array_index (self->cameras, i);

    if (camera->shown != 0)
      usb_bed_hide (self, camera);
  }
  g_signal_handlers_disconnect_by_data (self->base, self);
  g_object_unref (self->testbed);
  g_object_unref (self->base);
  g_ptr_array_unref (self->cameras);
  g_ptr_array_unref (self->hubs);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

void
usb_camera_options_init (UsbCameraOptions *options)
{
  *options = (UsbCameraOptions){
    .mxid = "14442C10D1234567D0",
    .state = OAK_DEVICE_STATE_BOOTLOADER,
    .ports = "1",
    .type = OAK_BOOTLOADER_TYPE_USB,
    .version = OAK_VERSION (0, 0, 28),
    .flash_size = 32 * OAK_MIB,
    .reboot_ms = 100,
    .watchdog_ms = 1500 * usb_get_slowdown (),
    .boot_wait_ms = -1,
  };
}

static SimBoard *
usb_make_board (const UsbCameraOptions *options)
{
  g_autoptr (SimFaults) faults = sim_faults_new ();
  g_autoptr (GError) error = NULL;
  gboolean is_blank = options->is_unprepared || options->state == OAK_DEVICE_STATE_UNBOOTED;
  SimBoardOptions board_options;
  SimBoard *board;

  if (options->faults != NULL && !sim_faults_add (faults, options->faults, &error))
    g_error ("%s", error->message);
  sim_board_options_init (&board_options);
  board_options.type = options->type;
  board_options.version = options->version;
  board_options.flash_size = options->flash_size;
  board_options.emmc_size = options->emmc_size;
  board_options.write_kbps = options->write_kbps;
  board_options.has_boot_wait = TRUE;
  board_options.boot_wait_ms = (int) options->boot_wait_ms;
  board = sim_board_new (&board_options, g_steal_pointer (&faults));
  if (!is_blank)
    sim_board_prepare_bootloader (board);
  if (options->has_application || options->state == OAK_DEVICE_STATE_FLASH_BOOTED)
    sim_board_prepare_application (board, options->type);
  return board;
}

static SimCamera *
usb_make_camera (const UsbCameraOptions *options, gint64 now_us)
{
  SimCameraOptions camera_options = { options->mxid,
                                      options->reboot_ms,
                                      options->watchdog_ms,
                                      TRUE };
  SimCamera *camera = sim_camera_new (&camera_options, usb_make_board (options), now_us);

  if (options->state == OAK_DEVICE_STATE_FLASH_BOOTED)
    sim_camera_start_application (camera, now_us);
  else if (options->state == OAK_DEVICE_STATE_BOOTED)
    sim_camera_start_booted (camera, now_us);
  if (!options->is_unplugged && sim_camera_get_device_state (camera) != options->state)
    g_error ("the camera does not begin as %s", oak_device_state_to_string (options->state));
  return camera;
}

/* With the lock: until the clock thread has brought everything up to date. */
static void
usb_camera_wait_for_sync (UsbCamera *self)
{
  g_cond_broadcast (&self->bed->changed);
  while (usb_camera_needs_sync (self))
    g_cond_wait (&self->bed->changed, &self->bed->lock);
}

UsbCamera *
usb_bed_add_camera (UsbBed *self, const UsbCameraOptions *options)
{
  UsbCamera *camera = g_new0 (UsbCamera, 1);
  SimUsbOptions usb_options = { options->super_speed,     options->super_speed_rom,
                                options->rom_serial,      options->reboot_ms,
                                options->is_unconfigured, options->is_held_back };
  gint64 now_us = g_get_monotonic_time ();

  camera->bed = self;
  camera->mxid = g_strdup (options->mxid);
  camera->ports = g_strdup (options->ports);
  camera->reboot_ms = options->reboot_ms;
  camera->has_access = TRUE;
  camera->is_quiet = options->is_quiet;
  camera->handles = g_ptr_array_new_with_free_func ((GDestroyNotify) usb_handle_free);
  camera->camera = usb_make_camera (options, now_us);
  camera->usb = sim_usb_new (camera->camera, &usb_options, now_us);
  if (options->is_unplugged)
    sim_usb_unplug (camera->usb, now_us);
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->cameras, camera);
  usb_camera_wait_for_sync (camera);
  g_mutex_unlock (&self->lock);
  return camera;
}

void
usb_camera_unplug (UsbCamera *self)
{
  g_mutex_lock (&self->bed->lock);
  sim_usb_unplug (self->usb, g_get_monotonic_time ());
  usb_camera_wait_for_sync (self);
  g_mutex_unlock (&self->bed->lock);
}

void
usb_camera_plug (UsbCamera *self)
{
  g_mutex_lock (&self->bed->lock);
  sim_usb_set_stays_out (self->usb, FALSE);
  sim_usb_plug (self->usb, g_get_monotonic_time ());
  g_cond_broadcast (&self->bed->changed);
  g_mutex_unlock (&self->bed->lock);
}

void
usb_camera_plug_into (UsbCamera *self, const char *ports)
{
  usb_camera_unplug (self);
  g_mutex_lock (&self->bed->lock);
  g_free (self->ports);
  self->ports = g_strdup (ports);
  g_mutex_unlock (&self->bed->lock);
  usb_camera_plug (self);
}

void
usb_camera_unplug_at (UsbCamera *self, UsbMoment moment, guint64 number)
{
  static const SimUsbMoment moments[] = {
    [USB_MOMENT_OPENED] = SIM_USB_MOMENT_NONE,
    [USB_MOMENT_HEADER] = SIM_USB_MOMENT_HEADER,
    [USB_MOMENT_PAYLOAD] = SIM_USB_MOMENT_PAYLOAD,
    [USB_MOMENT_PROGRAMMING] = SIM_USB_MOMENT_NONE,
    [USB_MOMENT_IMAGE] = SIM_USB_MOMENT_IMAGE,
    [USB_MOMENT_REENUMERATION] = SIM_USB_MOMENT_REENUMERATION,
  };

  g_mutex_lock (&self->bed->lock);
  self->unplug_at_claim = moment == USB_MOMENT_OPENED;
  sim_usb_unplug_at (self->usb, moments[moment], number);
  g_mutex_unlock (&self->bed->lock);
  if (moment != USB_MOMENT_PROGRAMMING)
    return;
  g_mutex_lock (&self->bed->lock);
  sim_usb_set_stays_out (self->usb, TRUE);
  g_mutex_unlock (&self->bed->lock);
  {
    g_autofree char *fault =
        g_strdup_printf ("drop-at-progress=%" G_GUINT64_FORMAT ":once", number);

    usb_camera_add_faults (self, fault);
  }
}

void
usb_camera_set_busy (UsbCamera *self, gboolean is_busy)
{
  g_mutex_lock (&self->bed->lock);
  self->is_busy = is_busy;
  g_mutex_unlock (&self->bed->lock);
}

void
usb_camera_set_access (UsbCamera *self, gboolean has_access)
{
  g_mutex_lock (&self->bed->lock);
  self->has_access = has_access;
  self->access_changed = TRUE;
  usb_camera_wait_for_sync (self);
  g_mutex_unlock (&self->bed->lock);
}

void
usb_camera_set_silent (UsbCamera *self, gboolean is_silent)
{
  g_mutex_lock (&self->bed->lock);
  sim_usb_set_silent (self->usb, is_silent);
  g_cond_broadcast (&self->bed->changed);
  g_mutex_unlock (&self->bed->lock);
}

void
usb_camera_start_application (UsbCamera *self)
{
  g_mutex_lock (&self->bed->lock);
  sim_camera_start_application (self->camera, g_get_monotonic_time ());
  g_cond_broadcast (&self->bed->changed);
  g_mutex_unlock (&self->bed->lock);
}

void
usb_camera_add_faults (UsbCamera *self, const char *faults)
{
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&self->bed->lock);
  if (!sim_faults_add (sim_camera_get_board (self->camera)->faults, faults, &error))
    g_error ("%s", error->message);
  g_mutex_unlock (&self->bed->lock);
}

gboolean
usb_camera_is_on_bus (UsbCamera *self)
{
  gboolean is_on_bus;

  g_mutex_lock (&self->bed->lock);
  is_on_bus = self->shown != 0;
  g_mutex_unlock (&self->bed->lock);
  return is_on_bus;
}

gboolean
usb_camera_wait_for_state (UsbCamera *self, OakDeviceState state)
{
  gint64 end_us = g_get_monotonic_time () + USB_SETTLE_S * usb_get_slowdown () * G_USEC_PER_SEC;
  gboolean reached = FALSE;
  gboolean in_time = TRUE;

  g_mutex_lock (&self->bed->lock);
  while (!reached && in_time) {
    reached = !usb_camera_needs_sync (self) && sim_usb_get_state (self->usb) == state;
    if (!reached)
      in_time = g_cond_wait_until (&self->bed->changed, &self->bed->lock, end_us);
  }
  g_mutex_unlock (&self->bed->lock);
  return reached;
}

char *
usb_camera_get_sysfs_name (UsbCamera *self)
{
  char *name;

  g_mutex_lock (&self->bed->lock);
  name = g_strdup_printf ("%u-%s", self->bus, self->ports);
  g_mutex_unlock (&self->bed->lock);
  return name;
}

char *
usb_camera_get_path (UsbCamera *self)
{
  char *path;

  g_mutex_lock (&self->bed->lock);
  path = g_strdup_printf ("%u.%s", self->bus, self->ports);
  g_mutex_unlock (&self->bed->lock);
  return path;
}

guint
usb_camera_get_n_claims (UsbCamera *self)
{
  guint n = 0;

  g_mutex_lock (&self->bed->lock);
  for (guint i = 0; i < self->handles->len; i++) {
    UsbHandle *handle = g_ptr_array_index (self->handles, i);

    n += handle->is_claimed;
  }
  g_mutex_unlock (&self->bed->lock);
  return n;
}

guint
usb_camera_get_n_opened (UsbCamera *self)
{
  guint n;

  g_mutex_lock (&self->bed->lock);
  n = self->n_opened;
  g_mutex_unlock (&self->bed->lock);
  return n;
}

void
usb_camera_get_stats (UsbCamera *self, UsbCameraStats *stats)
{
  const SimStats *all;

  memset (stats, 0, sizeof *stats);
  g_mutex_lock (&self->bed->lock);
  all = &sim_camera_get_board (self->camera)->stats;
  stats->requests = all->requests;
  stats->writes = all->writes;
  stats->bytes_written = all->bytes_written;
  stats->resets = all->resets;
  stats->protocol_errors = all->protocol_errors;
  if (all->last_protocol_error != NULL)
    g_strlcpy (stats->last_protocol_error,
               all->last_protocol_error,
               sizeof stats->last_protocol_error);
  g_mutex_unlock (&self->bed->lock);
}

GBytes *
usb_camera_read_memory (UsbCamera *self, OakMemory memory, gsize offset, gsize size)
{
  SimFlash *flash;
  GBytes *bytes;

  g_mutex_lock (&self->bed->lock);
  flash = sim_board_get_memory (sim_camera_get_board (self->camera), memory);
  g_assert_nonnull (flash);
  g_assert_true (sim_flash_contains (flash, offset, size));
  bytes = g_bytes_new (sim_flash_get_data (flash) + offset, size);
  g_mutex_unlock (&self->bed->lock);
  return bytes;
}

GBytes *
usb_make_image (OakBootloaderType type, OakVersion version, gsize size)
{
  return sim_image_make (type, version, size);
}
