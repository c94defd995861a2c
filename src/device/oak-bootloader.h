/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-timeouts.h"
#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakLink OakLink;
typedef struct _OakReport OakReport;
typedef struct _OakConfig OakConfig;

/**
 * OakBootloader:
 *
 * A conversation with a camera's bootloader over one link: the requests of bootloader.md §4 and §5
 * as blocking calls. Owned and used by one worker thread. The keep-alive runs by itself from open
 * to close, also while the owner does nothing. Every call ends by its deadline; a lost link ends
 * every call with OAK_ERROR_DISCONNECTED; a request newer than the bootloader is not sent and ends
 * with OAK_ERROR_UNSUPPORTED naming both versions; "no" from the camera is OAK_ERROR_REFUSED with
 * its text (escaped). A cancelled call ends at the next request boundary and leaves the session
 * usable, except inside a write, where the link is dropped. After a question that was never
 * answered, or answered with nonsense, nobody knows which answer belongs to which question: every
 * later request then fails with OAK_ERROR_PROTOCOL, and the session can only be reset or freed.
 */
typedef struct _OakBootloader OakBootloader;

/* Pings, opens the streams, starts the keep-alive, asks version, commit (>= 0.0.18) and type (>=
 * 0.0.12; older ones are USB). Takes a reference on @link. Returns: (transfer full). */
OakBootloader *
oak_bootloader_open (OakLink *link,
                     const OakTimeouts *timeouts,
                     OakReport *report,
                     GCancellable *cancellable,
                     GError **error);

/* The same on a link that tells the camera nothing when it is left, such as USB: somebody's
 * conversation may still be going on there. Then the camera is restarted, and OAK_ERROR_BUSY. */
OakBootloader *
oak_bootloader_open_unsure (OakLink *link,
                            const OakTimeouts *timeouts,
                            OakReport *report,
                            GCancellable *cancellable,
                            GError **error);
/* Cuts the link without RESET; the camera resets by itself when the keep-alive stops. Joins all
 * threads. */
void
oak_bootloader_free (OakBootloader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakBootloader, oak_bootloader_free)
/* Any thread, any time before free: cuts the link, so that a call in progress ends with
 * OAK_ERROR_DISCONNECTED at once. For a person's decision not to wait any longer on a patient
 * write. */
void
oak_bootloader_cut (OakBootloader *self);
/* Sends RESET, waits for the answer or the end of the link (xlink.md §5.9), frees. Takes *@self and
 * sets it to NULL. Always restarts the camera. Returns: FALSE only when the RESET could not be
 * sent. */
gboolean
oak_bootloader_reset (OakBootloader **self, GError **error);

OakVersion
oak_bootloader_get_version (const OakBootloader *self);
const char *
oak_bootloader_get_commit (const OakBootloader *self); /* escaped; empty for releases */
OakBootloaderType
oak_bootloader_get_type (const OakBootloader *self);

typedef struct {
  gboolean available;
  guint64 size;                  /* bytes; 0 when the camera said nothing sensible */
  char description[512 * 4 + 1]; /* the camera's own words, escaped */
} OakMemoryDetails;

typedef struct {
  gboolean present;
  char *name;             /* (nullable), escaped */
  char *firmware_version; /* (nullable), escaped */
} OakApplicationDetails;
void
oak_application_details_clear (OakApplicationDetails *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OakApplicationDetails, oak_application_details_clear)

gboolean
oak_bootloader_read_memory_details (OakBootloader *self,
                                    OakMemory memory,
                                    OakMemoryDetails *details,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean
oak_bootloader_read_application_details (OakBootloader *self,
                                         OakMemory memory,
                                         OakApplicationDetails *details,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean
oak_bootloader_read_is_user_bootloader (OakBootloader *self,
                                        gboolean *is_user_bootloader,
                                        GCancellable *cancellable,
                                        GError **error);

/* Returns: (transfer full): NULL with OAK_ERROR_REFUSED when the camera has none (the protocol does
 * not tell "none" from "failed": the camera's text is in the message). */
OakConfig *
oak_bootloader_read_config (OakBootloader *self, GCancellable *cancellable, GError **error);
gboolean
oak_bootloader_write_config (OakBootloader *self,
                             const OakConfig *config,
                             GCancellable *cancellable,
                             GError **error);
gboolean
oak_bootloader_clear_config (OakBootloader *self, GCancellable *cancellable, GError **error);

/* How a write moves. @confirmed: bytes of the whole call programmed and confirmed by the camera;
 * @sent: bytes handed to the link; both of @total. Called often: forward, do not work, and do not
 * call the bootloader. It runs in the worker thread, or, while that waits inside a packet, in a
 * private thread of the session: never two at a time, and never after the call that got it has
 * returned. */
typedef void (*OakTransferFunc) (guint64 sent,
                                 guint64 confirmed,
                                 guint64 total,
                                 gpointer user_data);

typedef enum {
  OAK_WRITE_FLAGS_NONE = 0,
  /* Below the application silence is only ever a warning: our own deadline must not brick a camera.
   * The call ends when the camera answers or the link is lost; it cannot be cancelled. */
  OAK_WRITE_FLAGS_PATIENT = 1 << 0,
} OakWriteFlags;

/* Request 2: one single request, the bootloader chooses the place (bootloader.md §5, §5.1, §5.3).
 * @bytes must not be empty. */
gboolean
oak_bootloader_write_storage (OakBootloader *self,
                              guint32 storage,
                              GBytes *bytes,
                              OakWriteFlags flags,
                              OakTransferFunc transfer,
                              gpointer user_data,
                              GCancellable *cancellable,
                              GError **error);

/* Request 6 at absolute offsets (bootloader.md §5.7). Where a 5 MiB packet would take longer than
 * the keep-alive period, the region is written as several requests of one packet each, cut at
 * multiples of 256 KiB of the memory; the speed is measured on the way.
 * @bytes must not be empty and @offset + size must fit 32 bits. Cancel takes effect between two
 * requests. */
gboolean
oak_bootloader_write_region (OakBootloader *self,
                             OakMemory memory,
                             guint32 offset,
                             GBytes *bytes,
                             OakWriteFlags flags,
                             OakTransferFunc transfer,
                             gpointer user_data,
                             GCancellable *cancellable,
                             GError **error);

/* Request 14. @piece is called for consecutive pieces (at most 1 MiB each) and may end the reading
 * by returning FALSE with an error. */
typedef gboolean (*OakReadFunc) (guint32 offset,
                                 const guint8 *data,
                                 gsize size,
                                 gpointer user_data,
                                 GError **error);
gboolean
oak_bootloader_read_region (OakBootloader *self,
                            OakMemory memory,
                            guint32 offset,
                            guint32 size,
                            OakReadFunc piece,
                            gpointer user_data,
                            GCancellable *cancellable,
                            GError **error);

/* Request 4: starts @image in the camera's memory. No answer exists: returns TRUE when everything
 * was sent and the link fell. The session is over then: free it and connect again. Measured
 * beforehand: where 5 MiB take longer than the keep-alive period the camera may reset itself
 * (logged as a warning). Nothing in flash changes. */
gboolean
oak_bootloader_boot_memory (OakBootloader *self,
                            GBytes *image,
                            OakTransferFunc transfer,
                            gpointer user_data,
                            GCancellable *cancellable,
                            GError **error);
/* Request 0: back to the USB ROM; the link falls. */
gboolean
oak_bootloader_boot_usb_rom (OakBootloader *self, GCancellable *cancellable, GError **error);
/* Request 13; @type is an OakBootHeaderType, -1 in a field means the device's default
 * (bootloader.md §5.5). */
gboolean
oak_bootloader_write_boot_header (OakBootloader *self,
                                  gint32 type,
                                  gint64 offset,
                                  gint64 location,
                                  gint32 dummy_cycles,
                                  gint32 frequency,
                                  gint32 gpio_mode,
                                  GCancellable *cancellable,
                                  GError **error);

/* Bytes per second of the last large packets sent; 0 while unknown. */
double
oak_bootloader_get_send_speed (const OakBootloader *self);

G_END_DECLS
