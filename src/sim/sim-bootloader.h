/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _SimBoard SimBoard;

/**
 * SimBootloader:
 *
 * A running bootloader: takes the messages of the `__bootloader` stream, answers them by its
 * version (bootloader.md §4), and changes the board's memories. It has no sockets and no clock of
 * its own: every call is told the time, in microseconds that never run backwards, and
 * sim_bootloader_get_wake () says when it wants to be called again. One owner, no threads.
 */
typedef struct _SimBootloader SimBootloader;

typedef enum {
  SIM_LEAVE_RESET,            /* the chip restarts from flash */
  SIM_LEAVE_DROP,             /* the link is cut and nothing else; a fault */
  SIM_LEAVE_BOOT_MEMORY,      /* runs the image that was sent */
  SIM_LEAVE_BOOT_APPLICATION, /* starts the flashed application */
  SIM_LEAVE_USB_ROM,          /* the chip's ROM takes over, on USB only */
} SimLeave;

typedef struct {
  /* @message is one packet for the `__bootloader` stream. */
  void (*send) (GBytes *message, gpointer user_data);
  /* @image is the image of BOOT_MEMORY, otherwise NULL. The bootloader may not be freed inside this
   * call. */
  void (*leave) (SimLeave leave, GBytes *image, gpointer user_data);
  gpointer user_data;
} SimBootloaderFuncs;

typedef struct {
  OakBootloaderType type;
  OakVersion version;
  gboolean is_user;
} SimBootloaderIdentity;

/* @board stays owned by the caller and must outlive the bootloader. */
SimBootloader *
sim_bootloader_new (SimBoard *board,
                    const SimBootloaderIdentity *identity,
                    const SimBootloaderFuncs *funcs);
void
sim_bootloader_free (SimBootloader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimBootloader, sim_bootloader_free)

/* One packet from the host: a request, or data of the request before it. */
void
sim_bootloader_receive (SimBootloader *self, GBytes *packet, gint64 now_us);
/* Goes on with whatever is due. */
void
sim_bootloader_dispatch (SimBootloader *self, gint64 now_us);
/* Returns: when sim_bootloader_dispatch () wants to be called; G_MAXINT64 for not before the next
 * packet. */
gint64
sim_bootloader_get_wake (const SimBootloader *self);

/* Returns: TRUE after a BootMemory request: the keep-alive's farewell is to be ignored then,
 * bootloader.md §3.4. */
gboolean
sim_bootloader_is_booting_memory (const SimBootloader *self);
/* Returns: TRUE while data of a write are expected; @done and @total are bytes, without the packet
 * under way. */
gboolean
sim_bootloader_is_gathering (const SimBootloader *self, guint64 *done, guint64 *total);
/* Returns: TRUE while flash is being programmed. */
gboolean
sim_bootloader_is_writing (const SimBootloader *self);

G_END_DECLS
