/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-xlink-event.h"

G_BEGIN_DECLS

/* Reads the recorded traces of tests/data/traces (format: README.md there) for tests that replay or
 * check them. Payloads that the files abbreviate are restored from their description and checked by
 * SHA-256. One thread.
 *
 *   g_autoptr (TraceFile) trace = trace_file_load ("info-loaded.txt", &error);
 *   for (guint i = 0; i < trace->connections->len; i++) {
 *     TraceConnection *connection = g_ptr_array_index (trace->connections, i);
 *     for (guint j = 0; j < connection->messages->len; j++) {
 *       TraceMessage *message = g_ptr_array_index (connection->messages, j);
 */

/* One line with bytes: over TCP a header or a payload, in usb-*.txt one bulk transfer, in
 * discovery-udp.txt one datagram. */
typedef struct {
  gboolean from_host;
  guint line;    /* in the file, from 1 */
  GBytes *bytes; /* (owned): all of them */
  char *comment; /* (owned) (nullable): over USB and of datagrams the comment line before it,
                    without "# " */
} TracePart;

/* One XLink message: a header and, for WRITE_REQ, its payload. */
typedef struct {
  gboolean from_host;
  guint line;
  double seconds; /* since the first connection was opened; negative: not recorded (USB) */
  OakXlinkEvent event;
  GBytes *header;          /* (owned): the 84 bytes as recorded */
  GBytes *payload;         /* (owned) (nullable): all bytes; NULL where none follow */
  gboolean is_incomplete;  /* the link fell before the whole payload had passed; payload is NULL or
                              short */
  const char *stream_name; /* (unowned) (nullable): of WRITE_REQ, READ_REL_REQ, CREATE_* and
                              CLOSE_STREAM_REQ; NULL for the rest */
  char *comment; /* (owned) (nullable): the comment line that describes it, without "# " */
} TraceMessage;

typedef struct {
  guint number;        /* from 1 */
  GPtrArray *messages; /* (owned) of TraceMessage, by the time of their headers */
  GPtrArray *endings;  /* (owned) of char *: "device closed", "device reset", "host closed" in the
                          order seen; empty over USB */
  GHashTable *streams; /* (owned) of char * by stream id */
} TraceConnection;

typedef struct {
  char *name;             /* (owned): "info-loaded.txt" */
  gboolean is_usb;        /* parts are bulk transfers */
  GPtrArray *parts;       /* (owned) of TracePart: every line with bytes, in order */
  GPtrArray *connections; /* (owned) of TraceConnection; empty in discovery-udp.txt, whose datagrams
                             are the parts */
} TraceFile;

/* @name is the name of a file in tests/data/traces, with its ".txt". Returns: (transfer full): NULL
 * with OAK_ERROR_BAD_FILE, or with a GFileError, when it cannot be read, does not keep the format,
 * or a part cannot be restored. */
TraceFile *
trace_file_load (const char *name, GError **error);
void
trace_file_free (TraceFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TraceFile, trace_file_free)

/* Returns: (transfer full): the names of all traces, sorted. */
GStrv
trace_file_list (void);

/* Returns: (transfer full): "WRITE_REQ id=14 stream=0 size=4 flags=0x1", the words of the comments.
 */
char *
trace_event_describe (const OakXlinkEvent *event);

/* Returns: whether @message is a WRITE_REQ with a payload on the stream @stream_name. */
gboolean
trace_message_is_write (const TraceMessage *message, const char *stream_name);

G_END_DECLS
