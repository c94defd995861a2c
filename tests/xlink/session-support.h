/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-device.h"
#include "oak-error.h"
#include "oak-link.h"
#include "oak-xlink-session.h"
#include "oak-xlink-stream.h"
#include "test-support.h"

G_BEGIN_DECLS

/* What the tests of a session share. The stream under test is called "s". */

#define LONG_MS     20000 /* for what must happen */
#define SHORT_MS    60    /* for what must not happen */
#define STREAM_SIZE 1024

/* A log that counts. Clear with log_counter_clear (). */
typedef struct {
  OakReport report;
  GMutex lock;
  GPtrArray *lines; /* (owned) of char *: "warning: text" */
} LogCounter;

void
log_counter_init (LogCounter *self);
void
log_counter_clear (LogCounter *self);
/* Returns: how many lines begin with @prefix and contain @word. */
guint
log_counter_count (LogCounter *self, const char *prefix, const char *word);

/* A fake device, a session with it, and our stream "s" of STREAM_SIZE bytes. */
typedef struct {
  FakeDevice *device;       /* (owned) */
  OakXlinkSession *session; /* (owned) */
  OakXlinkStream *stream;   /* (unowned) */
} Conversation;

/* Generous times for everything, keep-alive included. */
void
patient_timeouts_init (OakTimeouts *timeouts);

/* @script must begin with accept_session (). */
void
conversation_start (Conversation *self, FakeDeviceScript script, gpointer user_data);
void
conversation_start_full (Conversation *self,
                         FakeDeviceScript script,
                         gpointer user_data,
                         const OakTimeouts *timeouts,
                         OakReport *report);
/* Closes the session if that has not happened, waits for the script, and frees. */
void
conversation_finish (Conversation *self);

/* For scripts: ping and stream "s". */
void
accept_session (FakeDevice *device);

/* Returns: (transfer full): @size bytes that depend on @seed. */
GBytes *
make_packet (gsize size, guint seed);

/* With patience, and no error allowed. */
void
write_packet (OakXlinkStream *stream, gsize size, guint seed);
/* The next packet must be make_packet (@size, @seed). */
void
read_packet (OakXlinkStream *stream, gsize size, guint seed);
/* The next packet must not come but an error, at once. */
void
read_error (OakXlinkStream *stream, OakError code);

G_END_DECLS
