/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-bootloader-message.h"
#include "oak-bootloader.h"
#include "oak-report.h"
#include "oak-xlink-session.h"
#include "oak-xlink-stream.h"

G_BEGIN_DECLS

/* What the parts of OakBootloader share. Worker thread. */

/* Smaller packets say more about delays than about speed. */
#define OAK_BOOTLOADER_SAMPLE_SIZE (64 * OAK_KIB)

struct _OakBootloader {
  OakLink *link;            /* (owned) */
  OakXlinkSession *session; /* (owned) */
  OakXlinkStream *stream;   /* (unowned): belongs to the session */
  OakTimeouts timeouts;
  OakReport *report; /* (unowned) (nullable) */
  OakVersion version;
  gboolean version_known;
  char *commit; /* (owned) */
  OakBootloaderType type;
  double send_speed;    /* bytes per second; 0: not known */
  gboolean out_of_step; /* answers can no longer be told apart */
};

/* A request boundary: not cancelled, in step, and new enough for @command. */
gboolean
oak_bootloader_begin_request (OakBootloader *self,
                              OakRequestCommand command,
                              GCancellable *cancellable,
                              GError **error);

/* Sends one request and nothing else. */
gboolean
oak_bootloader_send_request (OakBootloader *self,
                             const OakBootloaderRequest *request,
                             GError **error);

/* One packet of the camera's. A cancelled wait goes on for a moment, so that the answer does not
 * stay behind; whatever fails here leaves the session out of step. Returns: (transfer full). */
GBytes *
oak_bootloader_read_packet (OakBootloader *self,
                            guint timeout_ms,
                            GCancellable *cancellable,
                            GError **error);

/* Reads one answer to a request of @command. Another answer than @expected is OAK_ERROR_PROTOCOL,
 * and so is one of the right kind that ends too early and has data packets behind it; NoOp, and
 * other answers that end too early, are OAK_ERROR_UNSUPPORTED and leave the session in step. */
gboolean
oak_bootloader_read_response (OakBootloader *self,
                              OakRequestCommand command,
                              OakResponseCommand expected,
                              guint timeout_ms,
                              OakBootloaderResponse *response,
                              GCancellable *cancellable,
                              GError **error);

/* begin, send, read. */
gboolean
oak_bootloader_ask (OakBootloader *self,
                    const OakBootloaderRequest *request,
                    OakResponseCommand expected,
                    OakBootloaderResponse *response,
                    GCancellable *cancellable,
                    GError **error);

/* Makes sense of an answer that was not the expected one; always sets @error. */
void
oak_bootloader_reject_response (OakBootloader *self,
                                OakRequestCommand command,
                                OakResponseCommand expected,
                                GBytes *packet,
                                GError **error);

/* OAK_ERROR_REFUSED with the camera's own words. */
void
oak_bootloader_set_refused (GError **error, const char *camera_text);

/* Asks version, commit and type. */
gboolean
oak_bootloader_read_identity (OakBootloader *self, GCancellable *cancellable, GError **error);

/* Sends one data packet when the camera has taken the ones before, and measures the link by it.
 * @deadline_us: 0 for none. */
gboolean
oak_bootloader_send_packet (OakBootloader *self,
                            GBytes *packet,
                            gint64 deadline_us,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS
