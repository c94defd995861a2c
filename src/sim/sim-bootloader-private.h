/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-bootloader-message.h"
#include "sim-board.h"
#include "sim-bootloader.h"
#include "sim-faults.h"
#include "sim-flash.h"

G_BEGIN_DECLS

/* What the files of the bootloader share. No threads. */

/* Data packets that follow a request, until all announced ones are there. */
typedef struct {
  gboolean active;
  OakBootloaderRequest request;
  GPtrArray *packets; /* (owned) of GBytes */
  guint32 packets_left;
  guint64 received;
  guint64 total;
  gboolean keep; /* FALSE: counted and thrown away, because they can never be used */
} SimGather;

/* Bytes being written to a memory. */
typedef struct {
  gboolean active;
  OakMemory memory;
  SimFlash *flash;    /* (unowned) */
  GPtrArray *packets; /* (owned) of GBytes */
  guint packet;       /* the one @position lies in */
  gsize packet_offset;
  guint64 offset;
  guint64 total;
  guint64 position;
  guint64 fail_at; /* bytes; G_MAXUINT64 for never */
  guint64 drop_at;
  guint64 reported; /* bytes told in the last progress message */
  gint64 reported_us;
  gint64 start_us;
  guint64 start_busy_ns;
  gint64 due_us;
  gboolean is_bootloader;  /* storage BOOTLOADER: the boot header is the device's business */
  GBytes *header;          /* (owned) (nullable): the header before */
  gboolean covers_factory; /* the board's mark was set by this write */
  gint64 silence_ms;       /* -2: none; -1: for ever */
} SimWriteJob;

struct _SimBootloader {
  SimBoard *board; /* (unowned) */
  SimBootloaderIdentity identity;
  SimBootloaderFuncs funcs;
  GQueue inbox;  /* (owned) of GBytes: packets not yet looked at */
  GQueue outbox; /* (owned) of SimDelayedMessage, by time */
  gint64 now_us;
  guint32 command; /* of the request being answered */
  gboolean answer_none;
  gboolean answer_short;
  gboolean answer_garbage;
  gboolean answer_wrong;
  gboolean booting_memory;
  gboolean left;
  gint64 extra_delay_ms;
  SimGather gather;
  SimWriteJob job;
};

void
sim_bootloader_respond (SimBootloader *self, const OakBootloaderResponse *response);
void
sim_bootloader_send_data (SimBootloader *self, GBytes *data);
void
sim_bootloader_complete (SimBootloader *self, gboolean success, const char *error_text);
void
sim_bootloader_leave (SimBootloader *self, SimLeave leave, GBytes *image);

/* Answers the requests that change nothing. Returns: FALSE for any other. */
gboolean
sim_bootloader_query (SimBootloader *self, const OakBootloaderRequest *request);

/* Begins the requests that change a memory or boot one. Returns: FALSE for any other. */
gboolean
sim_bootloader_begin_write (SimBootloader *self, const OakBootloaderRequest *request);
/* A data packet of the write begun last. */
void
sim_bootloader_gather (SimBootloader *self, GBytes *packet);
/* Programs one piece when it is due. */
void
sim_bootloader_step_job (SimBootloader *self);
void
sim_bootloader_clear_write (SimBootloader *self);

/* Writes the configuration or the boot header, which happens at once. */
void
sim_bootloader_write_config (SimBootloader *self,
                             const OakBootloaderRequest *request,
                             GBytes *document);
void
sim_bootloader_write_boot_header (SimBootloader *self, const OakBootloaderRequest *request);
/* After storage BOOTLOADER: there is a header afterwards in any case. */
gboolean
sim_bootloader_restore_header (SimBootloader *self, GBytes *header);

G_END_DECLS
