/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-error.h"
#include "oak-report.h"
#include "oak-types.h"

G_BEGIN_DECLS

/**
 * The words of the window, as pure functions of plain values: no widgets, no state. Everything is
 * translated and fit to be shown as plain text, never as markup. Functions that return `const char
 * *` return static text, those that return `char *` (transfer full). The kinds below are given as
 * plain integers where their headers would draw the engine into every widget.
 */

/* What a row and a page know of a camera without asking it anything. */
typedef struct {
  OakDeviceState state;
  int presence; /* OakPresence */
  gboolean conflict;
  gboolean supported;
  const char *unsupported_reason; /* (unowned) (nullable) */
  OakTransport transport;
  OakUsbAccess usb_access; /* FINE over the network */
  guint usb_speed_mbps;    /* 0: not on USB, or not known */
  gboolean usb_could_be_faster;
  gboolean busy; /* a job of ours runs on it */
  gboolean has_package;
  gboolean loading_package;
} FlasherSituation;

typedef struct _OakDevice OakDevice;

/* Fills in what @device says of itself; the three last members are left at FALSE. Borrows from
 * @device; main thread. */
void
flasher_situation_init (FlasherSituation *situation, OakDevice *device);

const char *
flasher_describe_state (const FlasherSituation *situation); /* "Ready" */
const char *
flasher_explain_state (const FlasherSituation *situation); /* what that means, whole sentences */
/* Returns: (nullable): what slows a camera on USB down, and what helps. */
const char *
flasher_speed_hint (const FlasherSituation *situation);
/* The name of a CSS class that accompanies the words and never replaces them, and the name of an
 * icon. */
const char *
flasher_state_style (const FlasherSituation *situation);
const char *
flasher_state_icon (const FlasherSituation *situation);

/* Returns: (nullable): why @operation (OakOperation) cannot be started now; NULL when it can. */
const char *
flasher_why_not (int operation, const FlasherSituation *situation);

/* "OAK Camera 75CB0F"; without an id "Camera at 10.0.4.9". */
char *
flasher_camera_title (const char *short_id, const char *address);
/* "OAK 75CB0F at 192.168.1.40": names a camera inside a sentence. */
char *
flasher_camera_name (const char *short_id, const char *address);
/* The accessible label of a row: "OAK Camera 75CB0F, Ready, 192.168.1.40". */
char *
flasher_row_label (const char *title, const char *state, const char *address);
/* "Network"; "USB 3, 5 Gbit/s". */
char *
flasher_transport_name (const FlasherSituation *situation);

/* Phases: as a step ("Write"), as an activity ("Writing"). */
const char *
flasher_stage_step (OakStage stage);
const char *
flasher_stage_activity (OakStage stage);
/* "Writing: 6.1 MiB of 13.2 MiB"; "Writing: 46 %" where no bytes are counted; "Restarting the
 * camera…" where nothing is. */
char *
flasher_stage_text (const OakProgress *progress);
/* "6.1 MiB of 13.2 MiB"; NULL when the stage counts no bytes. */
char *
flasher_bytes_text (const OakProgress *progress);
/* "1.9 MiB per second"; NULL when @bytes_per_second is not known yet. */
char *
flasher_speed_text (double bytes_per_second);
/* "About 20 seconds left", rounded coarsely; NULL when @seconds is negative. Never "0 seconds". */
char *
flasher_time_left_text (OakStage stage, int seconds);
/* "46 %", for the bar; NULL when the fraction is not known. */
char *
flasher_percent_text (double fraction);
/* TRUE from the first bytes on their way until the last read-back: then the camera must not lose
 * power. */
gboolean
flasher_stage_is_fragile (OakStage stage);

/* What Cancel is called and means while @policy (OakCancelPolicy) holds. */
const char *
flasher_cancel_label (int policy);

/* The words of an operation (OakOperation). */
const char *
flasher_operation_verb (int operation); /* the button of the confirmation: "Flash" */
const char *
flasher_operation_progress (int operation); /* "Flashing the Application" */
const char *
flasher_operation_success (int operation); /* "Application Installed" */
const char *
flasher_operation_unproven (int operation); /* "Written, Not Confirmed" */
const char *
flasher_operation_stop_consent (int operation);

/* The core's fragments as a sentence: escaped, with a capital and a full stop. */
char *
flasher_sentence (const char *fragment);

/* "Log (2 warnings)". */
char *
flasher_log_title (guint n_warnings, guint n_errors);

G_END_DECLS
