/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-xlink-event.h"

G_BEGIN_DECLS

typedef struct _OakLink OakLink;

/**
 * FakeDevice:
 *
 * The camera's end of a link for tests: a script that runs in a thread of its own at the other end
 * of a socket pair, reads and writes XLink events, and lets the test see what the host did. It is
 * not a simulator: it knows nothing but events.
 *
 *   static void
 *   answer_the_ping (FakeDevice *device, gpointer user_data)
 *   {
 *     fake_device_expect_and_answer (device, OAK_XLINK_EVENT_PING_REQ);
 *   }
 *
 *   FakeDevice *device = fake_device_start (answer_the_ping, NULL);
 *   session = oak_xlink_session_open (fake_device_get_link (device), ...);
 *   ...
 *   fake_device_finish (device);
 *
 * Every wait of the script has a generous deadline; when it passes, or the host does something else
 * than the script expects, the whole test program aborts with a message that says what was
 * expected.
 */
typedef struct _FakeDevice FakeDevice;

typedef void (*FakeDeviceScript) (FakeDevice *device, gpointer user_data);

/* When @script returns, the device closes its end. */
FakeDevice *
fake_device_start (FakeDeviceScript script, gpointer user_data);
/* Returns: (transfer none): the host's end. */
OakLink *
fake_device_get_link (FakeDevice *self);
/* Waits for the end of the script and frees. The session must be closed already, or the script must
 * end by itself. */
void
fake_device_finish (FakeDevice *self);

/* Waits until the script has called fake_device_reach () once more. */
void
fake_device_wait_until_reached (FakeDevice *self);
/* Lets the script go on that waits in fake_device_wait_to_proceed (). */
void
fake_device_proceed (FakeDevice *self);

/* For scripts only: */

/* Returns: FALSE when the host closed the link first. */
gboolean
fake_device_read_bytes (FakeDevice *self, void *buffer, gsize size);
/* Reads one event and, for a WRITE_REQ, its payload (@payload may be NULL to drop it). Returns:
 * FALSE when the host closed the link. */
gboolean
fake_device_read (FakeDevice *self, OakXlinkEvent *event, GBytes **payload);
/* Reads the next event, which must be of @type; when that is a request, responses before it are
 * passed over. */
void
fake_device_expect (FakeDevice *self, OakXlinkEventType type, OakXlinkEvent *event);
void
fake_device_expect_and_answer (FakeDevice *self, OakXlinkEventType type);
/* Answers everything until an event of @type arrives, which is not answered. */
void
fake_device_wait_for (FakeDevice *self, OakXlinkEventType type, OakXlinkEvent *event);
/* Lets the test go on that waits in fake_device_wait_until_reached (). */
void
fake_device_reach (FakeDevice *self);
/* Waits until the test has called fake_device_proceed () once more. */
void
fake_device_wait_to_proceed (FakeDevice *self);
/* Reads until the host closes the link; everything that still comes is dropped. */
void
fake_device_expect_end (FakeDevice *self);
/* Returns: TRUE when the host sends something within @timeout_ms. */
gboolean
fake_device_wait_for_bytes (FakeDevice *self, guint timeout_ms);

/* These return FALSE when the host has closed the link. */
gboolean
fake_device_send_bytes (FakeDevice *self, const void *bytes, gsize size);
gboolean
fake_device_send (FakeDevice *self, const OakXlinkEvent *event, const void *payload);
/* A request of the device with its own numbering; @size counts for WRITE_REQ (with @payload),
 * READ_REL_REQ and CREATE_STREAM_REQ. */
gboolean
fake_device_request (FakeDevice *self,
                     OakXlinkEventType type,
                     const char *stream_name,
                     guint32 stream_id,
                     guint32 size,
                     const void *payload);
/* Returns: a fresh number for an event that is put together by hand. */
gint32
fake_device_take_id (FakeDevice *self);
/* The ordinary answer to a request; for a WRITE_REQ the release as well. Responses of the host are
 * passed over. */
gboolean
fake_device_answer (FakeDevice *self, const OakXlinkEvent *request);
/* Answers everything until the host closes the link or a RESET_REQ is answered. */
void
fake_device_serve (FakeDevice *self);
/* Answers everything up to and including the first write on the stream named @stream_name. Returns:
 * (transfer full): its payload. */
GBytes *
fake_device_serve_until_write (FakeDevice *self, const char *stream_name);

/* From now on the link is dropped in the middle of whatever would go beyond so many bytes in all,
 * sent or read. */
void
fake_device_set_limits (FakeDevice *self, gsize max_sent, gsize max_read);

/* Drops the link hard: over a socket pair the host sees a reset when it had sent something unread.
 */
void
fake_device_cut (FakeDevice *self);

G_END_DECLS
