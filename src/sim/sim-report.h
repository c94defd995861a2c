/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SimCamera SimCamera;

/* Returns: (transfer full): state and counters as one line of JSON; with the keys mxid, address,
 * state, type, version, userBootloader, bricked, discoveryAnswers, connections, requests, writes,
 * bytesWritten, resets, protocolErrors, lastProtocolError, regionsWritten (a list of [memory,
 * start, length] in the order written). No digest of what the memories hold: that would take long
 * each time, and the memory files tell more. @address is only repeated. */
char *
sim_report_camera (SimCamera *camera, const char *address);

G_END_DECLS
