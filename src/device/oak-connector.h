/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-timeouts.h"
#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakBootloader OakBootloader;
typedef struct _OakDeviceInfo OakDeviceInfo;
typedef struct _OakReport OakReport;

/**
 * OakConnector:
 *
 * The way from a camera in some state to an open bootloader session, and never to another camera.
 * The protocol's requests carry no id (bootloader.md, hazard H1), so immediately before every
 * connect discovery is asked at exactly the address, and only the confirmed MXID may answer. The
 * first answer confirms the id when none was known. While a session is held the question stays
 * open: a second id heard at the address at any time fails the next check. Owned and used by one
 * worker thread; holds the lock of its MXID.
 */
typedef struct _OakConnector OakConnector;

/* @info: address known, id perhaps. @timeouts is copied, @report is borrowed and must outlive the
 * connector. */
OakConnector *
oak_connector_new (OakDeviceInfo *info,
                   OakNetworkScope scope,
                   const OakTimeouts *timeouts,
                   OakReport *report);
void
oak_connector_free (OakConnector *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakConnector, oak_connector_free)

/* An image that oak_connector_open () starts in the memory of a camera found UNBOOTED on USB;
 * without one it refuses. @image: (nullable). */
void
oak_connector_set_boot_image (OakConnector *self, GBytes *image);

/* Asks the address who is there, without opening anything, and takes the lock of that id. On
 * success oak_connector_get_info () has id and state. Errors: UNREACHABLE (silence; says what to
 * check), WRONG_DEVICE (another id, or two), BUSY (locked by another job or program), UNSUPPORTED
 * (booted by a host: in use; other platform). */
gboolean
oak_connector_identify (OakConnector *self, GCancellable *cancellable, GError **error);

/* Identify, then from BOOTLOADER, or from FLASH_BOOTED over "go to bootloader" (only with
 * @stop_application, otherwise OAK_ERROR_NEEDS_CONSENT and nothing was sent), to an open session.
 * Returns: (transfer full). */
OakBootloader *
oak_connector_open (OakConnector *self,
                    gboolean stop_application,
                    GCancellable *cancellable,
                    GError **error);

/* Immediately before the first write, on a session held since oak_connector_open (): asks again;
 * another id is OAK_ERROR_WRONG_DEVICE; silence counts as equal here, because the connection was
 * never given up. */
gboolean
oak_connector_confirm (OakConnector *self, GCancellable *cancellable, GError **error);

/* After a boot into memory: waits until the same MXID is back in its bootloader (looked for at its
 * address and on all interfaces, as the address may change), then opens a new session. Returns:
 * (transfer full). */
OakBootloader *
oak_connector_reopen (OakConnector *self, GCancellable *cancellable, GError **error);

/* After a restart: polls until the MXID answers in one of the states of @state_mask (1 <<
 * OakDeviceState) or the deadline passes.
 * @state: (out): the last state heard, UNKNOWN when it was silent. @tick: (nullable): called about
 * ten times a second with the milliseconds left. Returns: FALSE with OAK_ERROR_TIMED_OUT,
 * OAK_ERROR_WRONG_DEVICE, or cancelled. */
typedef void (*OakConnectorTickFunc) (int left_ms, gpointer user_data);
gboolean
oak_connector_wait_for_state (OakConnector *self,
                              guint state_mask,
                              guint timeout_ms,
                              OakConnectorTickFunc tick,
                              gpointer user_data,
                              OakDeviceState *state,
                              GCancellable *cancellable,
                              GError **error);

/* Starts @image in the camera's memory and comes back to it: by BootMemory, or, over USB, from a
 * bootloader too old for that (before 0.0.12) through the chip's ROM (bootloader.md §3.4, §3.5).
 * Takes
 * *@bootloader and sets it to NULL. Returns: (transfer full): a session with the image. */
OakBootloader *
oak_connector_boot_image (OakConnector *self,
                          OakBootloader **bootloader,
                          GBytes *image,
                          GCancellable *cancellable,
                          GError **error);

/* Sends the camera to its chip's ROM, "USB recovery", until its next restart. Takes *@bootloader
 * and sets it to NULL. A camera on USB is waited for there; one reached over the network appears on
 * USB, if a cable is plugged in, and is not waited for. */
gboolean
oak_connector_go_to_rom (OakConnector *self,
                         OakBootloader **bootloader,
                         GCancellable *cancellable,
                         GError **error);

/* FALSE: what runs in the camera was started in its memory by this program, now or in an earlier
 * run, and its type must not decide what is written (bootloader.md, hazard H3). */
gboolean
oak_connector_is_type_trusted (OakConnector *self);

/* The camera as known now: confirmed id, address last heard from, state last heard. Returns:
 * (transfer none). */
OakDeviceInfo *
oak_connector_get_info (OakConnector *self);

/* For the two kinds of connectors: writes into the log who was identified where, unless it is what
 * @told has already. @told: (inout) (nullable). */
void
oak_connector_log_identity (OakReport *report, OakDeviceInfo *info, OakDeviceInfo **told);

G_END_DECLS
