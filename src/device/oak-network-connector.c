/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-network-connector.h"

#include <string.h>

#include "oak-bootloader.h"
#include "oak-device-info.h"
#include "oak-device-lock.h"
#include "oak-discovery-datagram.h"
#include "oak-error.h"
#include "oak-identity-watch.h"
#include "oak-network.h"
#include "oak-report.h"
#include "oak-stream-link.h"
#include "oak-xlink-event.h"

/* From a camera in some state to a session with its bootloader, and never with another camera
 * (bootloader.md, hazard H1). Every connect and every "go to bootloader" directly follows an answer
 * of the confirmed id from exactly the address that is spoken to. Worker thread. */

/* While waiting for a camera: ask at its address this often, and on all interfaces each nth time.
 */
#define POLL_MS             100
#define POLLS_PER_BROADCAST 5
/* A restarted bootloader answers discovery a little before it listens for TCP. */
#define CONNECT_RETRY_MS 100
/* A refused connection of a camera that did not just restart: probably somebody else has it. */
#define CONNECT_PATIENCE_MS 600
/* "Go to bootloader" may be lost; it is repeated only while the camera says that it has not heard.
 */
#define RESET_REPEAT_MS 2000
/* An answer this soon after a restart was asked for may still be the old bootloader's. */
#define RESTART_GRACE_MS 300
/* So long after a second camera was given time to show itself, an answer may be taken at once: the
 * socket has been open all the while. */
#define SETTLED_MS 2000

struct _OakNetworkConnector {
  OakDeviceInfo *info; /* (owned) */
  OakDeviceInfo *told; /* (owned) (nullable): what the log has heard of it */
  OakNetworkScope scope;
  OakTimeouts timeouts;
  OakReport *report;       /* (unowned) (nullable) */
  OakIdentityWatch *watch; /* (owned) (nullable): open as long as we live */
  OakDeviceLock *lock;     /* (owned) (nullable) */
  gint64 settled_us;       /* when two cameras were last ruled out; 0: never */
};

OakNetworkConnector *
oak_network_connector_new (OakDeviceInfo *info,
                           OakNetworkScope scope,
                           const OakTimeouts *timeouts,
                           OakReport *report)
{
  OakNetworkConnector *self = NULL;

  g_return_val_if_fail (info != NULL, NULL);
  g_return_val_if_fail (timeouts != NULL, NULL);

  self = g_new0 (OakNetworkConnector, 1);
  self->info = oak_device_info_ref (info);
  self->scope = scope;
  self->timeouts = *timeouts;
  self->report = report;
  return self;
}

void
oak_network_connector_free (OakNetworkConnector *self)
{
  if (self == NULL)
    return;
  oak_device_info_unref (self->info);
  g_clear_pointer (&self->told, oak_device_info_unref);
  g_clear_pointer (&self->watch, oak_identity_watch_free);
  g_clear_pointer (&self->lock, oak_device_lock_free);
  g_free (self);
}

OakDeviceInfo *
oak_network_connector_get_info (OakNetworkConnector *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->info;
}

static void
take_info (OakNetworkConnector *self, OakDeviceInfo *info)
{
  oak_device_info_unref (self->info);
  self->info = info;
}

static gboolean
ensure_watch (OakNetworkConnector *self, GError **error)
{
  guint32 address = 0;

  if (self->watch != NULL)
    return TRUE;

  if (!oak_network_parse_address (oak_device_info_get_address (self->info), &address) ||
      !oak_network_is_camera_address (self->scope, address)) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_UNREACHABLE,
                 "%s is not an address that may be spoken to",
                 oak_device_info_get_address (self->info));
    return FALSE;
  }
  self->watch = oak_identity_watch_new (self->scope, &self->timeouts, error);
  if (self->watch == NULL)
    return FALSE;
  oak_identity_watch_set_address (self->watch, address);
  return TRUE;
}

/* Exactly one id at the address, and the right one. The first one heard is the right one when none
 * was known before. Returns: (transfer none) (nullable). */
static const OakIdentity *
check_heard (OakNetworkConnector *self, GError **error)
{
  const char *wanted = oak_device_info_get_mxid (self->info);
  const char *address = oak_device_info_get_address (self->info);
  guint n_heard = oak_identity_watch_get_n_heard (self->watch);
  const OakIdentity *first = oak_identity_watch_get_heard (self->watch, 0);

  if (n_heard > 1) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_WRONG_DEVICE,
                 "two cameras answer at %s: %s and %s",
                 address,
                 first->mxid,
                 oak_identity_watch_get_heard (self->watch, 1)->mxid);
    return NULL;
  }
  if (wanted != NULL && strcmp (wanted, first->mxid) != 0) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_WRONG_DEVICE,
                 "camera %s answers at %s, not camera %s",
                 first->mxid,
                 address,
                 wanted);
    return NULL;
  }
  return first;
}

static gboolean
accept_identity (OakNetworkConnector *self, const OakIdentity *identity, GError **error)
{
  if (self->lock == NULL) {
    self->lock = oak_device_lock_acquire (identity->mxid, error);
    if (self->lock == NULL)
      return FALSE;
  }
  if (oak_device_info_get_mxid (self->info) == NULL)
    take_info (self, oak_device_info_with_mxid (self->info, identity->mxid));
  take_info (self, oak_device_info_with_state (self->info, identity->state));

  if (identity->platform != OAK_DISCOVERY_PLATFORM_INVALID &&
      identity->platform != OAK_DISCOVERY_PLATFORM_RVC2) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_UNSUPPORTED,
                 "camera %s is of platform %u; only RVC2 cameras can be flashed",
                 identity->mxid,
                 identity->platform);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_state (OakNetworkConnector *self, GError **error)
{
  OakDeviceState state = oak_device_info_get_state (self->info);

  if (state == OAK_DEVICE_STATE_BOOTLOADER || state == OAK_DEVICE_STATE_FLASH_BOOTED)
    return TRUE;

  if (state == OAK_DEVICE_STATE_BOOTED)
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_UNSUPPORTED,
                         "the camera is in use: a program has loaded its own firmware into it");
  else
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_UNSUPPORTED,
                 "the camera is in state “%s”, from which there is no way to its bootloader",
                 oak_device_state_to_string (state));
  return FALSE;
}

/* Two cameras were ruled out a moment ago, and the socket has listened ever since. */
static OakAskFlags
choose_ask_flags (OakNetworkConnector *self)
{
  gint64 age_us = g_get_monotonic_time () - self->settled_us;

  if (self->settled_us != 0 && age_us < (gint64) SETTLED_MS * 1000)
    return OAK_ASK_FIRST_ANSWER;
  return OAK_ASK_SETTLE;
}

/* Asks at the address and accepts only the confirmed id, or confirms the first one. */
static gboolean
ask_who_is_there (OakNetworkConnector *self, GCancellable *cancellable, GError **error)
{
  OakAskFlags flags = choose_ask_flags (self);
  const OakIdentity *identity = NULL;

  if (!oak_identity_watch_ask (self->watch, flags, cancellable, error))
    return FALSE;
  if (flags == OAK_ASK_SETTLE)
    self->settled_us = g_get_monotonic_time ();

  identity = check_heard (self, error);
  return identity != NULL && accept_identity (self, identity, error);
}

gboolean
oak_network_connector_identify (OakNetworkConnector *self,
                                GCancellable *cancellable,
                                GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!ensure_watch (self, error) || !ask_who_is_there (self, cancellable, error) ||
      !check_state (self, error))
    return FALSE;

  oak_connector_log_identity (self->report, self->info, &self->told);
  return TRUE;
}

/* Waits a moment, but not when cancelled. */
static gboolean
pause_for (guint pause_ms, GCancellable *cancellable, GError **error)
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

/* One connection, opened directly after the confirmed camera has answered at the address. */
static OakBootloader *
connect_once (OakNetworkConnector *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (OakLink) link = NULL;

  if (!ask_who_is_there (self, cancellable, error) || !check_state (self, error))
    return NULL;
  if (oak_device_info_get_state (self->info) != OAK_DEVICE_STATE_BOOTLOADER) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_UNREACHABLE,
                         "the camera has started its application meanwhile");
    return NULL;
  }

  link = oak_stream_link_connect (oak_device_info_get_address (self->info),
                                  OAK_XLINK_PORT,
                                  self->scope == OAK_NETWORK_SCOPE_LOOPBACK,
                                  oak_deadline_in_ms (self->timeouts.connect_ms),
                                  cancellable,
                                  error);
  if (link == NULL)
    return NULL;
  return oak_bootloader_open (link, &self->timeouts, self->report, cancellable, error);
}

/* What a camera does that is still busy with its own start. */
static gboolean
may_try_again (const GError *error, gboolean restarted)
{
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_UNREACHABLE))
    return TRUE;
  return restarted && (g_error_matches (error, OAK_ERROR, OAK_ERROR_DISCONNECTED) ||
                       g_error_matches (error, OAK_ERROR, OAK_ERROR_TIMED_OUT));
}

static OakBootloader *
connect_to_bootloader (OakNetworkConnector *self,
                       gboolean restarted,
                       GCancellable *cancellable,
                       GError **error)
{
  guint patience_ms =
      restarted ? self->timeouts.connect_ms : MIN (self->timeouts.connect_ms, CONNECT_PATIENCE_MS);
  gint64 deadline_us = oak_deadline_in_ms (patience_ms);

  for (;;) {
    g_autoptr (GError) local_error = NULL;
    OakBootloader *bootloader = connect_once (self, cancellable, &local_error);

    if (bootloader != NULL)
      return bootloader;
    if (!may_try_again (local_error, restarted) || oak_deadline_has_passed (deadline_us)) {
      g_propagate_prefixed_error (error,
                                  g_steal_pointer (&local_error),
                                  "connecting to %s: ",
                                  oak_device_info_get_address (self->info));
      return NULL;
    }
    if (!pause_for (CONNECT_RETRY_MS, cancellable, error))
      return NULL;
  }
}

/* The camera was heard, perhaps somewhere else than before: it is followed, by its id alone. */
static void
follow (OakNetworkConnector *self, guint32 address, OakDeviceState state)
{
  g_autofree char *text = oak_network_format_address (address);

  if (strcmp (text, oak_device_info_get_address (self->info)) != 0) {
    oak_report_log (self->report,
                    OAK_LOG_LEVEL_INFO,
                    "camera %s now answers at %s",
                    oak_device_info_get_mxid (self->info),
                    text);
    take_info (self, oak_device_info_with_address (self->info, text));
    oak_identity_watch_set_address (self->watch, address);
    self->settled_us = 0;
  }
  take_info (self, oak_device_info_with_state (self->info, state));
}

typedef struct {
  guint state_mask;
  guint timeout_ms;
  gint64 count_from_us;      /* answers before this point prove nothing */
  gboolean repeat_reset;     /* "go to bootloader" again, while the application still answers */
  OakConnectorTickFunc tick; /* (nullable) */
  gpointer user_data;
  gint64 next_reset_us;
  OakDeviceState last_state;
} OakStateWait;

static gboolean
repeat_reset (OakNetworkConnector *self, gint64 *next_us, GError **error)
{
  if (g_get_monotonic_time () < *next_us)
    return TRUE;
  *next_us = oak_deadline_in_ms (RESET_REPEAT_MS);
  return oak_identity_watch_send_reset (self->watch, error);
}

/* Why the wait was in vain: perhaps somebody else answers in the camera's place. */
static void
set_wait_error (OakNetworkConnector *self, OakStateWait *wait, GError **error)
{
  const char *mxid = oak_device_info_get_mxid (self->info);

  for (guint i = 0; i < oak_identity_watch_get_n_heard (self->watch); i++) {
    const char *other = oak_identity_watch_get_heard (self->watch, i)->mxid;

    if (wait->last_state != OAK_DEVICE_STATE_UNKNOWN || strcmp (other, mxid) == 0)
      continue;
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_WRONG_DEVICE,
                 "camera %s answers at %s instead of camera %s",
                 other,
                 oak_device_info_get_address (self->info),
                 mxid);
    return;
  }

  if (wait->last_state == OAK_DEVICE_STATE_UNKNOWN)
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_TIMED_OUT,
                 "camera %s has not answered for %u s",
                 mxid,
                 (wait->timeout_ms + 999) / 1000);
  else
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_TIMED_OUT,
                 "camera %s is still in state “%s” after %u s",
                 mxid,
                 oak_device_state_to_string (wait->last_state),
                 (wait->timeout_ms + 999) / 1000);
}

/* Soon after a restart was asked for it may still be the old bootloader that answers. */
static gboolean
proves_nothing (const OakStateWait *wait, OakDeviceState state)
{
  return state == OAK_DEVICE_STATE_BOOTLOADER && g_get_monotonic_time () < wait->count_from_us;
}

/* Asks once, and listens until @end_us. @met: (out): the camera is in a wanted state.
 * Returns: FALSE when there is no use in going on. */
static gboolean
poll_state (OakNetworkConnector *self,
            OakStateWait *wait,
            gboolean broadcast,
            gint64 end_us,
            gboolean *met,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GError) local_error = NULL;
  OakIdentity identity = { 0 };
  guint32 address = 0;

  if (!oak_identity_watch_search (self->watch,
                                  oak_device_info_get_mxid (self->info),
                                  broadcast,
                                  (guint) oak_deadline_left_ms (end_us),
                                  &address,
                                  &identity,
                                  cancellable,
                                  &local_error)) {
    if (local_error == NULL)
      return TRUE;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
  }

  if (!proves_nothing (wait, identity.state)) {
    follow (self, address, identity.state);
    wait->last_state = identity.state;
    *met = (wait->state_mask & 1u << identity.state) != 0;
    if (*met)
      return TRUE;
  }
  if (identity.state == OAK_DEVICE_STATE_FLASH_BOOTED && wait->repeat_reset &&
      !repeat_reset (self, &wait->next_reset_us, error))
    return FALSE;
  return pause_for ((guint) oak_deadline_left_ms (end_us), cancellable, error);
}

/* Polls until the confirmed id answers in a wanted state, wherever that is. */
static gboolean
wait_for_state (OakNetworkConnector *self,
                OakStateWait *wait,
                GCancellable *cancellable,
                GError **error)
{
  gint64 deadline_us = oak_deadline_in_ms (wait->timeout_ms);
  gboolean met = FALSE;

  wait->next_reset_us = oak_deadline_in_ms (RESET_REPEAT_MS);
  oak_identity_watch_forget (self->watch);
  self->settled_us = 0;
  for (guint n = 0; !met && !oak_deadline_has_passed (deadline_us); n++) {
    gint64 end_us = MIN (oak_deadline_in_ms (POLL_MS), deadline_us);

    if (wait->tick != NULL)
      wait->tick (oak_deadline_left_ms (deadline_us), wait->user_data);
    if (!poll_state (self, wait, n % POLLS_PER_BROADCAST == 0, end_us, &met, cancellable, error))
      return FALSE;
  }

  if (!met)
    set_wait_error (self, wait, error);
  return met;
}

/* The answer that was just accepted is what makes it safe to send this. */
static gboolean
go_to_bootloader (OakNetworkConnector *self, GCancellable *cancellable, GError **error)
{
  OakStateWait wait = {
    .state_mask = 1u << OAK_DEVICE_STATE_BOOTLOADER,
    .timeout_ms = self->timeouts.reboot_ms,
    .repeat_reset = TRUE,
  };

  oak_report_log (self->report,
                  OAK_LOG_LEVEL_INFO,
                  "stopping the application of camera %s: it restarts into its bootloader",
                  oak_device_info_get_mxid (self->info));
  if (oak_identity_watch_send_reset (self->watch, error) &&
      wait_for_state (self, &wait, cancellable, error))
    return TRUE;
  g_prefix_error (error, "waiting for the camera's bootloader: ");
  return FALSE;
}

OakBootloader *
oak_network_connector_open (OakNetworkConnector *self,
                            gboolean stop_application,
                            GCancellable *cancellable,
                            GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!oak_network_connector_identify (self, cancellable, error))
    return NULL;
  if (oak_device_info_get_state (self->info) == OAK_DEVICE_STATE_BOOTLOADER)
    return connect_to_bootloader (self, FALSE, cancellable, error);

  if (!stop_application) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_NEEDS_CONSENT,
                         "the camera runs its application, which has to be stopped first");
    return NULL;
  }
  if (!go_to_bootloader (self, cancellable, error))
    return NULL;
  return connect_to_bootloader (self, TRUE, cancellable, error);
}

gboolean
oak_network_connector_confirm (OakNetworkConnector *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (self->watch != NULL, FALSE);
  g_return_val_if_fail (oak_device_info_get_mxid (self->info) != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!oak_identity_watch_ask (self->watch, OAK_ASK_FIRST_ANSWER, cancellable, &local_error) &&
      !g_error_matches (local_error, OAK_ERROR, OAK_ERROR_UNREACHABLE)) {
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
  }
  /* Somebody has been heard, now or since the session was opened; silence is no objection. */
  if (oak_identity_watch_get_n_heard (self->watch) == 0 || check_heard (self, error) != NULL)
    return TRUE;
  g_prefix_error (error, "asking once more before the first write: ");
  return FALSE;
}

OakBootloader *
oak_network_connector_reopen (OakNetworkConnector *self, GCancellable *cancellable, GError **error)
{
  OakStateWait wait = {
    .state_mask = 1u << OAK_DEVICE_STATE_BOOTLOADER,
    .timeout_ms = self->timeouts.reboot_ms,
    .count_from_us = oak_deadline_in_ms (MIN (RESTART_GRACE_MS, self->timeouts.reboot_ms / 4)),
  };

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (self->watch != NULL, NULL);
  g_return_val_if_fail (oak_device_info_get_mxid (self->info) != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!wait_for_state (self, &wait, cancellable, error)) {
    g_prefix_error (error, "waiting for the camera's bootloader: ");
    return NULL;
  }
  return connect_to_bootloader (self, TRUE, cancellable, error);
}

gboolean
oak_network_connector_wait_for_state (OakNetworkConnector *self,
                                      guint state_mask,
                                      guint timeout_ms,
                                      OakConnectorTickFunc tick,
                                      gpointer user_data,
                                      OakDeviceState *state,
                                      GCancellable *cancellable,
                                      GError **error)
{
  OakStateWait wait = {
    .state_mask = state_mask,
    .timeout_ms = timeout_ms,
    .tick = tick,
    .user_data = user_data,
  };
  gboolean success = FALSE;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (self->watch != NULL, FALSE);
  g_return_val_if_fail (oak_device_info_get_mxid (self->info) != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  wait.count_from_us = oak_deadline_in_ms (MIN (RESTART_GRACE_MS, timeout_ms / 4));
  success = wait_for_state (self, &wait, cancellable, error);
  if (state != NULL)
    *state = wait.last_state;
  return success;
}
