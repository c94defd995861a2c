/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-usb-connector-private.h"

#include <string.h>

#include "oak-bootloader.h"
#include "oak-device-info.h"
#include "oak-device-lock.h"
#include "oak-error.h"
#include "oak-report.h"
#include "oak-usb-boot.h"
#include "oak-usb-context.h"
#include "oak-usb-facts.h"
#include "oak-usb-mark.h"
#include "oak-usb-sight.h"

/* From a camera on USB in some state to a session with its bootloader. It changes its identity on
 * the bus at every step, and its place too when the speed changes; the kernel gives it another
 * number each time, which is how a restart is told from a camera that never left. Worker thread. */

OakUsbConnector *
oak_usb_connector_new (OakDeviceInfo *info, const OakTimeouts *timeouts, OakReport *report)
{
  OakUsbConnector *self = g_new0 (OakUsbConnector, 1);

  self->info = oak_device_info_ref (info);
  self->timeouts = *timeouts;
  self->report = report;
  self->held_paths = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
oak_usb_connector_free (OakUsbConnector *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->held_paths->len; i++)
    oak_usb_context_release_path (g_ptr_array_index (self->held_paths, i));
  g_ptr_array_unref (self->held_paths);
  g_clear_pointer (&self->boot_image, g_bytes_unref);
  g_clear_pointer (&self->id_lock, oak_device_lock_free);
  g_clear_pointer (&self->socket_lock, oak_device_lock_free);
  g_clear_pointer (&self->told, oak_device_info_unref);
  oak_device_info_unref (self->info);
  g_free (self);
}

OakDeviceInfo *
oak_usb_connector_get_info (OakUsbConnector *self)
{
  return self->info;
}

gboolean
oak_usb_connector_is_type_trusted (OakUsbConnector *self)
{
  return !self->started_by_us;
}

void
oak_usb_connector_set_boot_image (OakUsbConnector *self, GBytes *image)
{
  g_clear_pointer (&self->boot_image, g_bytes_unref);
  self->boot_image = image != NULL ? g_bytes_ref (image) : NULL;
}

static void
hold_path (OakUsbConnector *self, const char *path)
{
  if (path == NULL || g_ptr_array_find_with_equal_func (self->held_paths, path, g_str_equal, NULL))
    return;
  oak_usb_context_hold_path (path);
  g_ptr_array_add (self->held_paths, g_strdup (path));
}

/* Both halves of a socket have one name. */
char *
oak_usb_connector_name_socket (const OakUsbFacts *facts)
{
  const char *name = facts->path;

  if (facts->peer_path != NULL && strcmp (facts->peer_path, name) < 0)
    name = facts->peer_path;
  return g_strconcat ("usb:", name, NULL);
}

static gboolean
take_locks (OakUsbConnector *self, const OakUsbFacts *facts, GError **error)
{
  const char *mxid = facts->serial != NULL ? facts->serial : oak_device_info_get_mxid (self->info);
  g_autofree char *socket = oak_usb_connector_name_socket (facts);

  if (self->socket_lock == NULL)
    self->socket_lock = oak_device_lock_acquire (socket, error);
  if (self->socket_lock == NULL)
    return FALSE;
  if (self->id_lock == NULL && mxid != NULL) {
    self->id_lock = oak_device_lock_acquire (mxid, error);
    return self->id_lock != NULL;
  }
  return TRUE;
}

/* The camera is where @facts say, and is followed there. */
gboolean
oak_usb_connector_follow (OakUsbConnector *self, const OakUsbFacts *facts, GError **error)
{
  const char *mxid = facts->serial != NULL ? facts->serial : oak_device_info_get_mxid (self->info);
  const char *peer_path = facts->peer_path;
  g_autoptr (OakDeviceInfo) before = g_steal_pointer (&self->info);

  if (peer_path == NULL && strcmp (facts->path, oak_device_info_get_usb_path (before)) == 0)
    peer_path = oak_device_info_get_usb_peer_path (before);
  self->info = oak_device_info_new_usb (mxid, facts->path, peer_path, facts->state);
  if (strcmp (facts->path, oak_device_info_get_usb_path (before)) != 0)
    oak_report_log (self->report,
                    OAK_LOG_LEVEL_INFO,
                    "camera %s is now at %s",
                    mxid != NULL ? mxid : "without an id",
                    oak_device_info_get_address (self->info));
  hold_path (self, facts->path);
  hold_path (self, peer_path);
  return take_locks (self, facts, error);
}

static void
set_absent_error (OakUsbConnector *self, const OakUsbSight *sight, GError **error)
{
  const char *mxid = oak_device_info_get_mxid (self->info);
  const char *address = oak_device_info_get_address (self->info);

  if (sight->stranger != NULL)
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_WRONG_DEVICE,
                 "camera %s is connected at %s, not camera %s",
                 sight->stranger->serial != NULL ? sight->stranger->serial : "without an id",
                 address,
                 mxid);
  else if (mxid != NULL)
    g_set_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE, "camera %s is not on USB any more", mxid);
  else
    g_set_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE, "there is no camera at %s", address);
}

static gboolean
check_camera (OakUsbConnector *self, const OakUsbSight *sight, GError **error)
{
  const OakUsbFacts *camera = sight->camera;

  if (camera == NULL) {
    set_absent_error (self, sight, error);
    return FALSE;
  }
  if (sight->twice) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_WRONG_DEVICE,
                 "two cameras on USB say that they are %s",
                 camera->serial);
    return FALSE;
  }
  if (camera->serial != NULL || camera->state == OAK_DEVICE_STATE_UNBOOTED)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_UNSUPPORTED,
               "the camera at usb:%s does not say its id, so it could be taken for another one",
               camera->path);
  return FALSE;
}

static gboolean
check_state (OakUsbConnector *self, GError **error)
{
  if (oak_device_info_get_state (self->info) != OAK_DEVICE_STATE_BOOTED)
    return TRUE;
  g_set_error_literal (error,
                       OAK_ERROR,
                       OAK_ERROR_UNSUPPORTED,
                       "the camera is in use: a program has loaded its own firmware into it");
  return FALSE;
}

/* Only what starts by itself removes a mark: the ROM, an application, or a bootloader after a
 * session, at whose end the camera restarts in any case (bootloader.md §2.2, §2.3). */
static gboolean
mark_is_outlived (const OakUsbMark *mark, const OakUsbFacts *facts)
{
  if (facts->state != OAK_DEVICE_STATE_BOOTLOADER)
    return TRUE;
  return mark->had_session && (mark->bus != facts->bus || mark->address != facts->address);
}

static void
recall_mark (OakUsbConnector *self, const char *id, const OakUsbFacts *facts)
{
  OakUsbMark mark;

  if (id == NULL || !oak_usb_mark_load (id, &mark))
    return;
  if (mark_is_outlived (&mark, facts))
    oak_usb_mark_remove (id);
  else
    self->started_by_us = TRUE;
}

static void
recall_marks (OakUsbConnector *self, const OakUsbFacts *facts)
{
  g_autofree char *socket = oak_usb_connector_name_socket (facts);

  self->started_by_us = FALSE;
  recall_mark (self, socket, facts);
  recall_mark (self, oak_device_info_get_mxid (self->info), facts);
  if (self->started_by_us)
    oak_report_log (self->report,
                    OAK_LOG_LEVEL_INFO,
                    "what runs in the camera was started in its memory by this program; its type "
                    "decides nothing");
}

static gboolean
look (OakUsbConnector *self, GError **error)
{
  g_auto (OakUsbSight) sight = { 0 };

  if (!oak_usb_sight_take (&sight, self->info, error) || !check_camera (self, &sight, error) ||
      !oak_usb_connector_follow (self, sight.camera, error))
    return FALSE;
  recall_marks (self, sight.camera);
  self->bus = sight.camera->bus;
  self->address = sight.camera->address;
  return check_state (self, error);
}

/* A camera that an earlier job has just left restarts, and is off the bus for a moment. */
static gboolean
look_patiently (OakUsbConnector *self, GCancellable *cancellable, GError **error)
{
  gint64 deadline_us = oak_deadline_in_ms (self->timeouts.search_ms);

  for (;;) {
    g_autoptr (GError) local_error = NULL;

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    if (look (self, &local_error))
      return TRUE;
    if (!g_error_matches (local_error, OAK_ERROR, OAK_ERROR_UNREACHABLE) ||
        oak_deadline_has_passed (deadline_us)) {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
    if (!oak_usb_connector_pause (OAK_USB_POLL_MS, cancellable, error))
      return FALSE;
  }
}

gboolean
oak_usb_connector_identify (OakUsbConnector *self, GCancellable *cancellable, GError **error)
{
  if (!look_patiently (self, cancellable, error))
    return FALSE;
  oak_connector_log_identity (self->report, self->info, &self->told);
  return TRUE;
}

/* Waits a moment, but not when cancelled. */
gboolean
oak_usb_connector_pause (guint pause_ms, GCancellable *cancellable, GError **error)
{
  GPollFD cancel_fd = { .fd = -1 };

  if (cancellable != NULL && g_cancellable_make_pollfd (cancellable, &cancel_fd)) {
    g_poll (&cancel_fd, 1, (int) pause_ms);
    g_cancellable_release_fd (cancellable);
  } else {
    g_usleep ((gulong) pause_ms * 1000);
  }
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

gboolean
oak_usb_connector_save_mark (OakUsbConnector *self, gboolean had_session, GError **error)
{
  OakUsbMark mark = { .bus = self->bus, .address = self->address, .had_session = had_session };

  if (!self->started_by_us)
    return TRUE;
  return oak_usb_mark_save (oak_device_info_get_mxid (self->info), &mark, error);
}

/* As long as the kernel's number is the same it is the bootloader that was to go. */
static gboolean
has_left_since (OakUsbConnector *self, const OakUsbFacts *facts)
{
  return facts->bus != self->bus || facts->address != self->address;
}

/* @met: (out): the camera is in a wanted state. Returns: FALSE when there is no use in going on. */
static gboolean
poll_state (OakUsbConnector *self, OakUsbWait *wait, gboolean *met, GError **error)
{
  g_auto (OakUsbSight) sight = { 0 };

  if (!oak_usb_sight_take (&sight, self->info, error))
    return FALSE;
  if (sight.camera == NULL && sight.stranger == NULL)
    return TRUE;
  if (sight.camera == NULL || sight.twice)
    return check_camera (self, &sight, error);
  if (!has_left_since (self, sight.camera))
    return TRUE;

  wait->last_state = sight.camera->state;
  *met = (wait->state_mask & 1u << wait->last_state) != 0;
  if (!*met)
    return TRUE;
  self->bus = sight.camera->bus;
  self->address = sight.camera->address;
  return oak_usb_connector_follow (self, sight.camera, error);
}

static void
set_wait_error (OakUsbConnector *self, const OakUsbWait *wait, GError **error)
{
  const char *mxid = oak_device_info_get_mxid (self->info);
  guint seconds = (wait->timeout_ms + 999) / 1000;

  if (mxid == NULL)
    mxid = oak_device_info_get_address (self->info);
  if (wait->last_state == OAK_DEVICE_STATE_UNKNOWN)
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_TIMED_OUT,
                 "camera %s has not come back on USB within %u s",
                 mxid,
                 seconds);
  else
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_TIMED_OUT,
                 "camera %s is still in state “%s” after %u s",
                 mxid,
                 oak_device_state_to_string (wait->last_state),
                 seconds);
}

gboolean
oak_usb_connector_wait (OakUsbConnector *self,
                        OakUsbWait *wait,
                        GCancellable *cancellable,
                        GError **error)
{
  gint64 deadline_us = oak_deadline_in_ms (wait->timeout_ms);
  gboolean met = FALSE;

  for (;;) {
    if (wait->tick != NULL)
      wait->tick (oak_deadline_left_ms (deadline_us), wait->user_data);
    if (!poll_state (self, wait, &met, error))
      return FALSE;
    if (met)
      return TRUE;
    if (oak_deadline_has_passed (deadline_us)) {
      set_wait_error (self, wait, error);
      return FALSE;
    }
    if (!oak_usb_connector_pause (MIN (OAK_USB_POLL_MS, (guint) oak_deadline_left_ms (deadline_us)),
                                  cancellable,
                                  error))
      return FALSE;
  }
}

static gboolean
wait_for_bootloader (OakUsbConnector *self, GCancellable *cancellable, GError **error)
{
  OakUsbWait wait = {
    .state_mask = 1u << OAK_DEVICE_STATE_BOOTLOADER,
    .timeout_ms = self->timeouts.reboot_ms,
  };

  if (oak_usb_connector_wait (self, &wait, cancellable, error))
    return TRUE;
  g_prefix_error (error, "waiting for the camera's bootloader: ");
  return FALSE;
}

static gboolean
go_to_bootloader (OakUsbConnector *self, GCancellable *cancellable, GError **error)
{
  oak_report_log (self->report,
                  OAK_LOG_LEVEL_INFO,
                  "stopping the application of camera %s: it restarts into its bootloader",
                  oak_device_info_get_mxid (self->info));
  return oak_usb_boot_to_bootloader (oak_device_info_get_usb_path (self->info),
                                     oak_device_info_get_mxid (self->info),
                                     error) &&
         wait_for_bootloader (self, cancellable, error);
}

OakBootloader *
oak_usb_connector_open (OakUsbConnector *self,
                        gboolean stop_application,
                        GCancellable *cancellable,
                        GError **error)
{
  if (!oak_usb_connector_identify (self, cancellable, error))
    return NULL;

  if (oak_device_info_get_state (self->info) == OAK_DEVICE_STATE_BOOTLOADER)
    return oak_usb_connector_connect (self, FALSE, cancellable, error);
  if (oak_device_info_get_state (self->info) == OAK_DEVICE_STATE_UNBOOTED) {
    if (!oak_usb_connector_boot_chosen_image (self, cancellable, error))
      return NULL;
    return oak_usb_connector_connect (self, TRUE, cancellable, error);
  }
  if (!stop_application) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_NEEDS_CONSENT,
                         "the camera runs its application, which has to be stopped first");
    return NULL;
  }
  if (!go_to_bootloader (self, cancellable, error))
    return NULL;
  return oak_usb_connector_connect (self, TRUE, cancellable, error);
}

OakBootloader *
oak_usb_connector_reopen (OakUsbConnector *self, GCancellable *cancellable, GError **error)
{
  if (!wait_for_bootloader (self, cancellable, error))
    return NULL;
  /* What runs now was started in memory, too. */
  self->started_by_us = TRUE;
  if (!oak_usb_connector_save_mark (self, FALSE, error))
    return NULL;
  return oak_usb_connector_connect (self, TRUE, cancellable, error);
}

gboolean
oak_usb_connector_wait_for_state (OakUsbConnector *self,
                                  guint state_mask,
                                  guint timeout_ms,
                                  OakConnectorTickFunc tick,
                                  gpointer user_data,
                                  OakDeviceState *state,
                                  GCancellable *cancellable,
                                  GError **error)
{
  OakUsbWait wait = {
    .state_mask = state_mask,
    .timeout_ms = timeout_ms,
    .tick = tick,
    .user_data = user_data,
  };
  gboolean success = oak_usb_connector_wait (self, &wait, cancellable, error);

  if (state != NULL)
    *state = wait.last_state;
  return success;
}
