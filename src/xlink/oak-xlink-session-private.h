/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-link.h"
#include "oak-xlink-event.h"
#include "oak-xlink-session.h"
#include "oak-xlink-stream.h"

G_BEGIN_DECLS

/* What the worker's calls and the two private threads share. Everything below "lock" is guarded by
 * it; it is held for a few instructions at a time and never while the link is used. The only call
 * to the outside under it is a line for the log, which never blocks. */

#define OAK_WATCHDOG_STREAM      "__watchdog"
#define OAK_WATCHDOG_STREAM_SIZE 64

/* Answers and small requests that wait to be sent. More means that the camera asks without ever
 * taking an answer. */
#define OAK_XLINK_MAX_QUEUED_EVENTS 1024

/* Requests without a response that are remembered; nobody waits for most of them. */
#define OAK_XLINK_MAX_REQUESTS 4096

/* For the answer to a camera that restarts. */
#define OAK_XLINK_FAREWELL_US (250 * 1000)

/* Bytes of packets that have arrived and were not read: two of the largest. */
#define OAK_XLINK_MAX_UNREAD_SIZE (2 * OAK_XLINK_MAX_PACKET_SIZE)

/* A request of ours, from the moment it is queued until its response is here. */
typedef struct {
  gatomicrefcount references;
  guint32 type;
  OakXlinkStream *stream; /* (unowned) (nullable) */
  gboolean sent;          /* has begun to go out and can no longer be taken back */
  gboolean answered;
  gboolean accepted; /* the response's ack flag */
} OakXlinkRequest;

/* One event on its way to the camera. */
typedef struct {
  OakXlinkEvent event;
  OakXlinkRequest *request; /* (owned) (nullable): none for responses */
  OakXlinkStream *stream;   /* (unowned) (nullable): whose credit @payload needs */
  GBytes *payload;          /* (owned) (nullable) */
} OakXlinkOutput;

struct _OakXlinkStream {
  OakXlinkSession *session; /* (unowned) */
  char *name;               /* (owned) */
  guint32 id;

  /* Our direction. */
  guint32 write_size;
  gboolean opened; /* the camera accepted our CREATE */
  OakXlinkRequest
      *create; /* (owned) (nullable): the CREATE that is not yet answered, or the refused one */
  guint unreleased_packets;
  gsize unreleased_size;

  /* The camera's direction. */
  gboolean greeted; /* the camera opened it */
  gboolean ended;   /* the camera closed it */
  GQueue unread;    /* of (owned) GBytes */
};

struct _OakXlinkSession {
  OakLink *link; /* (owned) */
  OakTimeouts timeouts;
  OakReport *report; /* (unowned) (nullable) */
  GThread *reader;   /* (owned) (nullable) */
  GThread *writer;   /* (owned) (nullable) */
  int lost;          /* atomic: whether @loss is set, for the middle of a packet */

  GMutex progress_lock; /* held while @progress_func runs, and guards the two */
  OakXlinkProgressFunc progress_func;
  gpointer progress_data;

  GMutex lock;
  GCond changed; /* something that a waiting call may look for */
  GCond work;    /* something for the writer */

  GError *loss; /* (owned) (nullable): why the link is lost; the first reason stays */
  gboolean reader_ended;
  gboolean ending;          /* nothing but the RESET is to be sent any more */
  OakXlinkOutput *farewell; /* (owned) (nullable): the answer to the camera's RESET */
  gboolean has_farewell;    /* it is not out yet */
  guint heard_after_reset;  /* events that arrived after our RESET went out */
  guint complaints;         /* oddities logged so far */

  gboolean greeted;   /* the camera answered the ping */
  gboolean leftovers; /* it said something else before, which was not for us */

  gint32 last_event_id;
  GPtrArray *streams;   /* (owned) of OakXlinkStream; a stream's id is its index */
  GHashTable *requests; /* (owned): sent and unanswered, event id -> OakXlinkRequest */
  GQueue events;        /* of (owned) OakXlinkOutput without credit */
  GQueue packets;       /* of (owned) OakXlinkOutput that need credit */
  gsize unread_size;

  OakXlinkStream *watchdog; /* (unowned) (nullable) */
  gboolean keep_alive;
  gboolean keep_alive_stalled; /* one is due, but the camera does not release the earlier ones */
  gboolean keep_alive_warned;  /* that was said once */
  gint64 next_keep_alive_us;
};

/* oak-xlink-session.c */

/* A session without threads and without the ping, for the reader alone (fuzzing). */
OakXlinkSession *
oak_xlink_session_new (OakLink *link, const OakTimeouts *timeouts, OakReport *report);

/* oak-xlink-output.c: everything here is called with the lock held. */

OakXlinkRequest *
oak_xlink_request_ref (OakXlinkRequest *self);
void
oak_xlink_request_unref (OakXlinkRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakXlinkRequest, oak_xlink_request_unref)

void
oak_xlink_output_free (OakXlinkOutput *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakXlinkOutput, oak_xlink_output_free)

/* Numbers a request, without queueing it. Returns: (transfer full). */
OakXlinkOutput *
oak_xlink_session_new_request (OakXlinkSession *self,
                               OakXlinkEventType type,
                               OakXlinkStream *stream);
/* Takes @output. Small events go out before packets, in the order of these calls. */
void
oak_xlink_session_queue_event (OakXlinkSession *self, OakXlinkOutput *output);
void
oak_xlink_session_queue_packet (OakXlinkSession *self, OakXlinkOutput *output);
/* Takes back a packet that has not begun to go out. */
void
oak_xlink_session_withdraw_packet (OakXlinkSession *self, OakXlinkRequest *request);

/* The link is lost: takes @error, which only counts when it is the first reason, and wakes every
 * waiting call. */
void
oak_xlink_session_lose (OakXlinkSession *self, GError *error);
/* Returns: FALSE with a copy of the reason when the link is lost. */
gboolean
oak_xlink_session_check_loss (OakXlinkSession *self, GError **error);

/* Returns: (transfer none) (nullable). */
OakXlinkStream *
oak_xlink_session_find_stream (OakXlinkSession *self, const char *name);
OakXlinkStream *
oak_xlink_session_get_stream (OakXlinkSession *self, guint32 id);
/* Returns: (transfer none) (nullable): a new stream with the next id; NULL when the table is full.
 */
OakXlinkStream *
oak_xlink_session_add_stream (OakXlinkSession *self, const char *name);

/* Logs an oddity of the camera that does no harm; the first few only. */
void
oak_xlink_session_complain (OakXlinkSession *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Without the lock: tells the progress function, at most every 100 ms (@last_us remembers when) and
 * at the end of a packet. */
void
oak_xlink_session_report_progress (OakXlinkSession *self,
                                   OakXlinkDirection direction,
                                   gsize done,
                                   gsize total,
                                   gint64 *last_us);

/* oak-xlink-wait.c */

/* A worker's wait: begin takes the lock, end gives it back; in between, look, and call next until
 * what you look for is there. */
typedef struct {
  OakXlinkSession *session;  /* (unowned) */
  GCancellable *cancellable; /* (unowned) (nullable) */
  gulong handler_id;
  gint64 deadline_us;
} OakXlinkWait;

void
oak_xlink_wait_begin (OakXlinkWait *self,
                      OakXlinkSession *session,
                      gint64 deadline_us,
                      GCancellable *cancellable);
/* Sleeps until something changes. Returns: FALSE with OAK_ERROR_TIMED_OUT ("no @what") or
 * G_IO_ERROR_CANCELLED. */
gboolean
oak_xlink_wait_next (OakXlinkWait *self, const char *what, GError **error);
/* The same until @request is answered. Returns: FALSE with one of these or the reason why the link
 * is lost. */
gboolean
oak_xlink_wait_for_answer (OakXlinkWait *self,
                           OakXlinkRequest *request,
                           const char *what,
                           GError **error);
void
oak_xlink_wait_end (OakXlinkWait *self);

/* oak-xlink-reader.c, oak-xlink-writer.c: the bodies of the two threads; @data is the
 * OakXlinkSession. */

gpointer
oak_xlink_reader_run (gpointer data);
gpointer
oak_xlink_writer_run (gpointer data);

/* Called with the lock, which it gives up while it sends: sends all that may go out now. Returns:
 * FALSE when sending failed; the session knows that the link is lost. */
gboolean
oak_xlink_writer_flush (OakXlinkSession *self);

/* oak-xlink-stream.c */

void
oak_xlink_stream_free (OakXlinkStream *self);
/* Called with the lock held: may a packet of @size bytes go out now? */
gboolean
oak_xlink_stream_has_credit (const OakXlinkStream *self, gsize size);

G_END_DECLS
