/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-connector.h"
#include "oak-report.h"
#include "oak-timeouts.h"

G_BEGIN_DECLS

/* What tests with a whole camera share: a report that keeps what is said, and time for slow
 * machines. */

#define CAMERA_A "14442C10D1234567D0"
#define CAMERA_B "1944301031C3765B00"

#define ADDRESS_A "127.0.0.2"
#define ADDRESS_B "127.0.0.3"

typedef struct {
  OakReport report;
  GMutex lock;
  GString *lines; /* of all log levels */
  guint n_warnings;
} TestReport;

void
test_report_init (TestReport *self);
void
test_report_clear (TestReport *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestReport, test_report_clear)
guint
test_report_get_n_warnings (TestReport *self);

/* Every wait short enough for a test of what happens at its end. */
void
test_timeouts_init_short (OakTimeouts *self);
/* Every wait so long that it ends only by what it waits for. */
void
test_timeouts_init_long (OakTimeouts *self);

/* Returns: (transfer full): a connector to @address in loopback scope; @mxid may be NULL. */
OakConnector *
test_connector_new (const char *mxid,
                    const char *address,
                    const OakTimeouts *timeouts,
                    TestReport *report);

/* Own lock files for this program; ends it when the network is not a safe one. */
void
test_device_main_begin (void);
void
test_device_main_end (void);

G_END_DECLS
