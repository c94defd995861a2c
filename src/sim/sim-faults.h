/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SimFaults:
 *
 * What is to go wrong with one camera, as told on the command line. Each fault is asked for by the
 * code that misbehaves; one marked `once` counts only the first time it is taken. One owner, no
 * threads.
 */
typedef struct _SimFaults SimFaults;

typedef enum {
  SIM_FAULT_SILENT_DISCOVERY,
  SIM_FAULT_DISCOVERY_GARBAGE,
  SIM_FAULT_CHANGE_ID,
  SIM_FAULT_SECOND_ID,
  SIM_FAULT_REFUSE_CONNECT,
  SIM_FAULT_CLOSE_ON_ACCEPT,
  SIM_FAULT_RESET_TCP,
  SIM_FAULT_DROP_AT_BYTE,
  SIM_FAULT_DROP_AFTER_REQUEST,
  SIM_FAULT_DROP_IN_DATA,
  SIM_FAULT_DROP_AT_PROGRESS,
  SIM_FAULT_NO_PING,
  SIM_FAULT_NO_CREATE,
  SIM_FAULT_HUGE_SIZE,
  SIM_FAULT_BAD_EVENT_TYPE,
  SIM_FAULT_UNKNOWN_STREAM_WRITE,
  SIM_FAULT_NO_RELEASE,
  SIM_FAULT_NO_WATCHDOG_RELEASE,
  SIM_FAULT_SLOW_RESPONSE,
  SIM_FAULT_SHORT_RESPONSE,
  SIM_FAULT_GARBAGE_RESPONSE,
  SIM_FAULT_WRONG_RESPONSE,
  SIM_FAULT_NO_RESPONSE,
  SIM_FAULT_FLASH_ERROR,
  SIM_FAULT_FLASH_ERROR_AT,
  SIM_FAULT_LIE_SUCCESS,
  SIM_FAULT_LIE_READ,
  SIM_FAULT_LIE_SIZE,
  SIM_FAULT_NO_MEMORY_DETAILS,
  SIM_FAULT_PROGRESS_SILENCE,
  SIM_FAULT_CONFIG_ERROR,
  SIM_FAULT_NEVER_REBOOTS,
  SIM_FAULT_NO_START,
  SIM_FAULT_USB_STALL,
  SIM_FAULT_USB_SILENT,
} SimFaultKind;

typedef struct {
  SimFaultKind kind;
  gint64 number; /* bytes, percent, milliseconds or a request's number; what it is depends on the
                    kind */
  char *text;    /* (owned) (nullable) */
  gboolean once;
  gboolean spent;
} SimFault;

SimFaults *
sim_faults_new (void);
void
sim_faults_free (SimFaults *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimFaults, sim_faults_free)

/* Adds a comma list such as "silent-discovery:once,drop-at-byte=1000". Returns: FALSE with
 * OAK_ERROR_BAD_FILE for a fault that does not exist or whose value makes no sense; the message
 * says which and what is expected. */
gboolean
sim_faults_add (SimFaults *self, const char *specification, GError **error);

/* Returns: (transfer none) (nullable): the first fault of @kind that still counts. Taking it uses
 * up one marked `once`. */
const SimFault *
sim_faults_peek (const SimFaults *self, SimFaultKind kind);
const SimFault *
sim_faults_take (SimFaults *self, SimFaultKind kind);
/* The same for faults of one request (bootloader.md §4.1), such as `no-response=ReadFlash`. */
const SimFault *
sim_faults_take_for (SimFaults *self, SimFaultKind kind, guint32 command);

/* Returns: (transfer full): one line for each fault, for --help. */
char *
sim_faults_describe (void);

G_END_DECLS
