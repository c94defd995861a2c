/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "trace-file.h"

G_BEGIN_DECLS

typedef struct _OakLink OakLink;

/**
 * ReplayDevice:
 *
 * Plays the device's side of one recorded connection (tests/data/traces) against our host, in a
 * thread of its own at the other end of a socket pair.
 *
 *   trace = trace_file_load ("flash-dap-small.txt", &error);
 *   device = replay_device_start (trace, 0);
 *   session = oak_xlink_session_open (replay_device_get_link (device), ...);
 *   ... do what the recorded host did ...
 *   oak_xlink_session_reset (session, &error);
 *   replay_device_finish (device, &error);
 *
 * It sends the recorded events, stale fields included, with stream and event numbers mapped to
 * those of our host: each packet and each release on `__bootloader` once the host has written as
 * many packets there as it had in the recording, and each response when its request arrives.
 * Packets of the host on `__bootloader` must come in the recorded order and be equal to the
 * recorded ones, apart from padding inside requests. The keep-alive may come as often as it likes.
 * Where the recorded device dropped the link, so does this one.
 *
 * The first deviation of the host cuts the link and is told by replay_device_finish ().
 */
typedef struct _ReplayDevice ReplayDevice;

/* @connection counts from 0. @trace must outlive the device. */
ReplayDevice *
replay_device_start (const TraceFile *trace, guint connection);
/* Returns: (transfer none): the host's end. */
OakLink *
replay_device_get_link (ReplayDevice *self);
/* Frees. The session must be closed already. Returns: FALSE, with G_IO_ERROR_INVALID_DATA, when the
 * host did something else than the recorded one, left something out, or did not answer or release
 * what it should have. */
gboolean
replay_device_finish (ReplayDevice *self, GError **error);

G_END_DECLS
