/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _SimFaults SimFaults;
typedef struct _SimFlash SimFlash;

/**
 * SimBoard:
 *
 * The part of a camera that survives a reset: its memories, what they were prepared with, what is
 * to go wrong, and the counters. Also the rules by which the chip starts from that flash. How the
 * original keeps a boot header and its configuration is not known (bootloader.md §5.5, §6.2): here
 * the configuration lies as plain BSON at the start of its section, and a boot header is a made-up
 * record. One owner, no threads.
 */
typedef struct _SimBoard SimBoard;

typedef struct {
  OakMemory memory;
  guint64 start;
  guint64 size;
} SimRegion;

typedef struct {
  guint connections;
  guint requests;
  guint writes; /* requests that change a memory */
  guint64 bytes_written;
  guint resets;
  guint protocol_errors;     /* the host broke a rule of xlink.md or bootloader.md */
  char *last_protocol_error; /* (owned) (nullable) */
  GArray *regions;           /* (owned) of SimRegion, in the order written */
} SimStats;

typedef struct {
  OakBootloaderType type; /* of the factory bootloader */
  OakVersion version;
  const char *commit;
  gsize flash_size;
  gsize emmc_size; /* 0: none */
  gsize erase_size;
  gboolean preserve;
  guint write_kbps;          /* 1000 bytes a second; 0: no delay */
  gboolean datasheet_timing; /* the NOR takes what such chips typically take, as well */
  gboolean has_boot_wait;
  int boot_wait_ms; /* in place of the configuration's time-out */
  gboolean has_user_bootloader;
  OakVersion user_bootloader;
} SimBoardOptions;

struct _SimBoard {
  SimBoardOptions options;
  char *commit;      /* (owned) */
  SimFlash *nor;     /* (owned) */
  SimFlash *emmc;    /* (owned) (nullable) */
  SimFaults *faults; /* (owned) */
  SimStats stats;
  gboolean header_assumed;  /* the flash came without a header, and the camera runs all the same */
  gboolean factory_assumed; /* the same for the factory bootloader */
  gboolean factory_write_open; /* a write over the factory bootloader has begun and not ended */
};

void
sim_board_options_init (SimBoardOptions *options);

/* Returns: (transfer full): a board with empty memories; takes ownership of @faults. */
SimBoard *
sim_board_new (const SimBoardOptions *options, SimFaults *faults);
void
sim_board_free (SimBoard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimBoard, sim_board_free)

/* Fills the memories as a factory would: boot header, factory bootloader, and the user bootloader
 * of the options. */
void
sim_board_prepare_bootloader (SimBoard *self);
/* Only the latter, with its entry in the configuration; the type must be NETWORK. */
void
sim_board_prepare_user_bootloader (SimBoard *self);
/* Puts a small made-up application where the bootloader of @type starts it from. */
void
sim_board_prepare_application (SimBoard *self, OakBootloaderType type);
/* To be called when the memories have got the content they start with: what is missing then is not
 * missed at boot. */
void
sim_board_accept_content (SimBoard *self);

/* Returns: (transfer none) (nullable): AUTO is the NOR. */
SimFlash *
sim_board_get_memory (SimBoard *self, gint32 memory);
/* Where a bootloader of @type puts an application that was sent without a place: what core's own
 * guess is, bootloader.md §5.1. */
OakMemory
sim_board_pick_memory (SimBoard *self, OakBootloaderType type);

/* Returns: (transfer full) (nullable): the stored BSON document; NULL when there is none. @offset
 * -1 is the section of @type. */
GBytes *
sim_board_read_config (SimBoard *self, OakBootloaderType type, gint32 memory, gint64 offset);

typedef struct {
  gint32 type; /* OakBootHeaderType */
  gint64 offset;
  gint64 location;
  gint32 dummy_cycles;
  gint32 frequency;
  gint32 gpio_mode;
} SimBootHeader;

#define SIM_BOOT_HEADER_SIZE 512

/* Returns: (transfer full): the bytes to be written for @header by a running bootloader of @type.
 */
GBytes *
sim_board_make_boot_header (SimBoard *self, OakBootloaderType type, const SimBootHeader *header);

typedef enum {
  SIM_APPLICATION_NONE, /* no section table, or nothing to start in it */
  SIM_APPLICATION_WHOLE,
  SIM_APPLICATION_TORN,    /* it starts, and hangs */
  SIM_APPLICATION_REFUSED, /* torn, but the table tells the bootloader to check first */
} SimApplication;

/* What happens when a bootloader of @type starts the application its configuration points at. */
SimApplication
sim_board_check_application (SimBoard *self, OakBootloaderType type);
/* The same for the table at @offset of one memory. */
SimApplication
sim_flash_check_application (const SimFlash *flash, guint64 offset);

typedef enum {
  SIM_BOOT_BOOTLOADER,
  SIM_BOOT_APPLICATION, /* by a FAST header, without a bootloader */
  SIM_BOOT_RECOVERY,    /* the chip's ROM waits on USB */
  SIM_BOOT_BRICKED,
} SimBootOutcome;

typedef struct {
  SimBootOutcome outcome;
  const char *reason; /* (transfer none): for the log */
  OakBootloaderType type;
  OakVersion version;
  gboolean is_user;
  int wait_ms; /* for a host, before the application starts; negative: for ever */
} SimBoot;

/* What the chip does after a reset. @to_bootloader: it was told to go to the bootloader, so that a
 * FAST header does not count. */
void
sim_board_boot (SimBoard *self, gboolean to_bootloader, SimBoot *boot);
/* Fills in the wait of a bootloader of @boot's type. */
void
sim_board_get_boot_wait (SimBoard *self, SimBoot *boot);

void
sim_stats_add_region (SimStats *self, OakMemory memory, guint64 start, guint64 size);
void
sim_stats_add_protocol_error (SimStats *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
