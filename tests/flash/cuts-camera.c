/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuts-camera.h"

#include <string.h>

#include "oak-discovery-datagram.h"
#include "oak-error.h"
#include "oak-xlink-event.h"
#include "sim-camera.h"
#include "sim-faults.h"
#include "sim-session.h"
#include "test-support.h"

/* The camera, its clock, and the wire to it. The wire's two directions are taken apart into events
 * only when a relay wants to see them. */

#define REBOOT_MS 50
/* A camera that goes by itself is not gone before the host knows that its last bytes were sent. */
#define LEAVING_MS 20
/* An idle reader looks this often whether it was cancelled. */
#define LOOK_MS 50

/* Bytes on their way, and those of an event that is not whole yet. */
typedef struct {
  GQueue pieces; /* (owned) of Piece */
  gsize offset;  /* into its head */
  GByteArray *partial;
} Wire;

typedef struct {
  GBytes *bytes;
  gint64 due_us; /* monotonic clock */
} Piece;

#define CUTS_TYPE_LINK (cuts_link_get_type ())
G_DECLARE_FINAL_TYPE (CutsLink, cuts_link, CUTS, LINK, OakLink)

struct _CutsLink {
  OakLink parent_instance;
  CutsCamera *camera; /* (unowned): outlives every link */
  Wire to_host;
  Wire to_camera;
  gint64 ended_us; /* when the camera's end is gone; G_MAXINT64: it is there */
};

G_DEFINE_FINAL_TYPE (CutsLink, cuts_link, OAK_TYPE_LINK)

struct _CutsCamera {
  GMutex lock;
  GCond changed;
  SimCamera *camera; /* (owned) */
  gint64 now_us;
  SimSession *session; /* (unowned) (nullable) */
  CutsLink *link;      /* (unowned) (nullable): while its session is open */
  CutsRelayFunc relay;
  gpointer relay_data;
};

static void
piece_free (Piece *piece)
{
  g_bytes_unref (piece->bytes);
  g_free (piece);
}

static void
wire_push (Wire *self, GBytes *bytes, guint delay_ms)
{
  Piece *piece = g_new0 (Piece, 1);

  piece->bytes = g_bytes_ref (bytes);
  piece->due_us = g_get_monotonic_time () + (gint64) delay_ms * 1000;
  g_queue_push_tail (&self->pieces, piece);
}

/* Returns: (nullable): what is due and first in line. */
static Piece *
wire_peek (Wire *self)
{
  Piece *piece = g_queue_peek_head (&self->pieces);

  return piece != NULL && piece->due_us <= g_get_monotonic_time () ? piece : NULL;
}

static gint64
wire_get_due (Wire *self)
{
  Piece *piece = g_queue_peek_head (&self->pieces);

  return piece == NULL ? G_MAXINT64 : piece->due_us;
}

static void
wire_pop (Wire *self)
{
  piece_free (g_queue_pop_head (&self->pieces));
  self->offset = 0;
}

static void
wire_clear (Wire *self)
{
  while (!g_queue_is_empty (&self->pieces))
    wire_pop (self);
  g_byte_array_set_size (self->partial, 0);
}

/* Returns: (transfer full) (nullable): the next whole event of the bytes collected so far. */
static GBytes *
wire_take_event (Wire *self)
{
  gsize size = OAK_XLINK_EVENT_SIZE;
  OakXlinkEvent event;
  GBytes *bytes;

  if (self->partial->len < size)
    return NULL;
  g_assert_true (oak_xlink_event_decode (&event, self->partial->data, size, NULL));
  if (event.type == OAK_XLINK_EVENT_WRITE_REQ)
    size += event.size;
  if (self->partial->len < size)
    return NULL;
  bytes = g_bytes_new (self->partial->data, size);
  g_byte_array_remove_range (self->partial, 0, (guint) size);
  return bytes;
}

/* --- camera side, with the lock held ---------------------------------------------------------- */

static void
end_session (CutsCamera *self, guint delay_ms)
{
  if (self->session == NULL)
    return;
  if (sim_session_is_hard (self->session))
    wire_clear (&self->link->to_host);
  self->session = NULL;
  self->link->ended_us = g_get_monotonic_time () + (gint64) delay_ms * 1000;
  self->link = NULL;
  sim_camera_close_session (self->camera, self->now_us);
  g_cond_broadcast (&self->changed);
}

/* What the camera has sent goes on its way. */
static void
take_output (CutsCamera *self)
{
  Wire *wire;
  const guint8 *data;
  gsize size;

  if (self->session == NULL)
    return;
  wire = &self->link->to_host;
  while (self->session != NULL && sim_session_get_output (self->session, &data, &size)) {
    g_autoptr (GBytes) bytes = g_bytes_new (data, size);

    sim_session_sent (self->session, size);
    if (self->relay == NULL) {
      wire_push (wire, bytes, 0);
      continue;
    }
    g_byte_array_append (wire->partial, g_bytes_get_data (bytes, NULL), (guint) size);
    for (GBytes *event; self->session != NULL && (event = wire_take_event (wire)) != NULL;
         g_bytes_unref (event))
      self->relay (self, TRUE, event, self->relay_data);
  }
  if (self->session != NULL && sim_session_is_finished (self->session))
    end_session (self, (guint) (LEAVING_MS * test_slowdown ()));
  g_cond_broadcast (&self->changed);
}

/* Work in progress takes no time but virtual time. */
static void
run_due (CutsCamera *self)
{
  gint64 wake_us;

  while (self->session != NULL && !sim_session_is_finished (self->session) &&
         (wake_us = sim_camera_get_wake (self->camera)) != G_MAXINT64) {
    self->now_us = MAX (self->now_us, wake_us);
    sim_camera_dispatch (self->camera, self->now_us);
  }
  take_output (self);
}

static void
feed (CutsCamera *self, const guint8 *data, gsize size)
{
  while (size > 0 && self->session != NULL && !sim_session_is_finished (self->session)) {
    gsize space;
    guint8 *target = sim_session_get_space (self->session, &space);
    gsize part = MIN (space, size);

    memcpy (target, data, part);
    data += part;
    size -= part;
    sim_camera_received (self->camera, part, self->now_us);
  }
  run_due (self);
}

/* Events on their way to the camera whose time has come. */
static void
deliver (CutsCamera *self)
{
  while (self->link != NULL) {
    Piece *piece = wire_peek (&self->link->to_camera);
    g_autoptr (GBytes) bytes = NULL;

    if (piece == NULL)
      return;
    bytes = g_bytes_ref (piece->bytes);
    wire_pop (&self->link->to_camera);
    feed (self, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  }
}

void
cuts_camera_forward (CutsCamera *self, gboolean to_host, GBytes *event, guint delay_ms)
{
  if (self->link != NULL)
    wire_push (to_host ? &self->link->to_host : &self->link->to_camera, event, delay_ms);
}

void
cuts_camera_drop_link (CutsCamera *self, gboolean hard)
{
  if (self->session == NULL)
    return;
  sim_session_finish (self->session, hard);
  end_session (self, 0);
}

void
cuts_camera_cut_power (CutsCamera *self)
{
  sim_camera_power_cycle (self->camera, self->now_us);
  end_session (self, 0);
}

static gboolean
ask (CutsCamera *self, char *mxid, gsize mxid_size, OakDeviceState *state)
{
  g_autoptr (GPtrArray) replies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint8 request[OAK_DISCOVERY_REQUEST_SIZE];
  OakDiscoveryReply reply;

  oak_discovery_request_encode (OAK_DISCOVERY_COMMAND_DISCOVER, request);
  sim_camera_handle_datagram (self->camera, request, sizeof request, replies, self->now_us);
  if (replies->len == 0 || !oak_discovery_reply_decode (&reply,
                                                        g_bytes_get_data (replies->pdata[0], NULL),
                                                        g_bytes_get_size (replies->pdata[0]),
                                                        NULL))
    return FALSE;
  if (mxid != NULL)
    g_strlcpy (mxid, reply.mxid, mxid_size);
  *state = reply.state;
  return TRUE;
}

/* --- the link --------------------------------------------------------------------------------- */

static gboolean
set_lost (GError **error)
{
  g_set_error_literal (error, OAK_ERROR, OAK_ERROR_DISCONNECTED, "the camera closed the link");
  return FALSE;
}

/* Returns: how much was copied. */
static gsize
read_some (CutsLink *self, guint8 *target, gsize size)
{
  Piece *piece = wire_peek (&self->to_host);
  const guint8 *data;
  gsize piece_size;
  gsize part;

  if (piece == NULL)
    return 0;
  data = g_bytes_get_data (piece->bytes, &piece_size);
  part = MIN (piece_size - self->to_host.offset, size);
  memcpy (target, data + self->to_host.offset, part);
  self->to_host.offset += part;
  if (self->to_host.offset == piece_size)
    wire_pop (&self->to_host);
  return part;
}

static gboolean
has_ended (CutsLink *self)
{
  return g_get_monotonic_time () >= self->ended_us && g_queue_is_empty (&self->to_host.pieces);
}

static gboolean
cuts_link_read_all (OakLink *link,
                    void *buffer,
                    gsize size,
                    gint64 deadline_us,
                    GCancellable *cancellable,
                    GError **error)
{
  CutsLink *self = CUTS_LINK (link);
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->camera->lock);
  gsize done = 0;

  while (done < size) {
    gsize part = read_some (self, (guint8 *) buffer + done, size - done);
    gint64 wait_us = g_get_monotonic_time () + LOOK_MS * 1000;

    done += part;
    if (part > 0)
      continue;
    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    if (oak_link_is_closed (link) || has_ended (self))
      return set_lost (error);
    if (g_get_monotonic_time () >= deadline_us) {
      g_set_error_literal (error, OAK_ERROR, OAK_ERROR_TIMED_OUT, "nothing was read in time");
      return FALSE;
    }
    wait_us = MIN (wait_us, MIN (deadline_us, wire_get_due (&self->to_host)));
    wait_us = MIN (wait_us, MIN (self->ended_us, wire_get_due (&self->to_camera)));
    g_cond_wait_until (&self->camera->changed, &self->camera->lock, wait_us);
    if (self->camera->link == self)
      deliver (self->camera);
  }
  return TRUE;
}

static void
write_vector (CutsLink *self, const GOutputVector *vector)
{
  CutsCamera *camera = self->camera;
  GBytes *event;

  if (camera->relay == NULL) {
    feed (camera, vector->buffer, vector->size);
    return;
  }
  g_byte_array_append (self->to_camera.partial, vector->buffer, (guint) vector->size);
  while (camera->link == self && (event = wire_take_event (&self->to_camera)) != NULL) {
    camera->relay (camera, FALSE, event, camera->relay_data);
    g_bytes_unref (event);
    deliver (camera);
  }
}

static gboolean
cuts_link_write_all (OakLink *link,
                     const GOutputVector *vectors,
                     guint n_vectors,
                     gint64 deadline_us,
                     GCancellable *cancellable,
                     GError **error)
{
  CutsLink *self = CUTS_LINK (link);
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->camera->lock);

  for (guint i = 0; i < n_vectors; i++) {
    if (self->camera->link != self)
      return set_lost (error);
    if (vectors[i].size > 0)
      write_vector (self, &vectors[i]);
  }
  g_cond_broadcast (&self->camera->changed);
  return TRUE;
}

static void
cuts_link_close (OakLink *link)
{
  CutsLink *self = CUTS_LINK (link);
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->camera->lock);

  if (self->camera->link == self)
    end_session (self->camera, 0);
  g_cond_broadcast (&self->camera->changed);
}

static void
cuts_link_finalize (GObject *object)
{
  CutsLink *self = CUTS_LINK (object);

  oak_link_close (OAK_LINK (self));
  wire_clear (&self->to_host);
  wire_clear (&self->to_camera);
  g_byte_array_unref (self->to_host.partial);
  g_byte_array_unref (self->to_camera.partial);

  G_OBJECT_CLASS (cuts_link_parent_class)->finalize (object);
}

static void
cuts_link_class_init (CutsLinkClass *klass)
{
  OakLinkClass *link_class = OAK_LINK_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = cuts_link_finalize;
  link_class->read_all = cuts_link_read_all;
  link_class->write_all = cuts_link_write_all;
  link_class->close = cuts_link_close;
}

static void
cuts_link_init (CutsLink *self)
{
  self->ended_us = G_MAXINT64;
  g_queue_init (&self->to_host.pieces);
  g_queue_init (&self->to_camera.pieces);
  self->to_host.partial = g_byte_array_new ();
  self->to_camera.partial = g_byte_array_new ();
}

/* --- everybody -------------------------------------------------------------------------------- */

CutsCamera *
cuts_camera_new (const SimBoardOptions *options)
{
  SimCameraOptions camera_options = { .mxid = CUTS_MXID, .reboot_ms = REBOOT_MS };
  CutsCamera *self = g_new0 (CutsCamera, 1);
  SimBoard *board = sim_board_new (options, sim_faults_new ());

  sim_board_prepare_bootloader (board);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->now_us = G_USEC_PER_SEC;
  self->camera = sim_camera_new (&camera_options, board, self->now_us);
  return self;
}

void
cuts_camera_free (CutsCamera *self)
{
  g_assert_null (self->link);
  sim_camera_free (self->camera);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

SimBoard *
cuts_camera_get_board (CutsCamera *self)
{
  return sim_camera_get_board (self->camera);
}

gint64
cuts_camera_get_time_us (CutsCamera *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->now_us;
}

void
cuts_camera_power_cycle (CutsCamera *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  cuts_camera_cut_power (self);
}

gboolean
cuts_camera_ask (CutsCamera *self, char *mxid, gsize mxid_size, OakDeviceState *state)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return ask (self, mxid, mxid_size, state);
}

void
cuts_camera_stop_application (CutsCamera *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  sim_camera_go_to_bootloader (self->camera, self->now_us);
}

OakDeviceState
cuts_camera_wait (CutsCamera *self, guint state_mask, guint timeout_ms)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gint64 end_us = self->now_us + (gint64) timeout_ms * 1000;
  OakDeviceState state = OAK_DEVICE_STATE_UNKNOWN;

  for (;;) {
    gint64 wake_us = sim_camera_get_wake (self->camera);

    if (ask (self, NULL, 0, &state) && (state_mask & 1u << state) != 0)
      return state;
    if (wake_us > end_us || self->session != NULL) {
      self->now_us = end_us;
      return state;
    }
    self->now_us = MAX (self->now_us, wake_us);
    sim_camera_dispatch (self->camera, self->now_us);
  }
}

gboolean
cuts_camera_is_lost (CutsCamera *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  SimCameraState state = sim_camera_get_state (self->camera);

  return state == SIM_CAMERA_BRICKED || state == SIM_CAMERA_USB_RECOVERY;
}

OakLink *
cuts_camera_connect (CutsCamera *self, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  SimSession *session = NULL;

  if (sim_camera_wants_connection (self->camera))
    session = sim_camera_connect (self->camera, self->now_us);
  if (session == NULL) {
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_UNREACHABLE, "nobody listens there");
    return NULL;
  }
  self->session = session;
  self->link = g_object_new (CUTS_TYPE_LINK, "description", "memory", NULL);
  self->link->camera = self;
  return OAK_LINK (self->link);
}

void
cuts_camera_set_relay (CutsCamera *self, CutsRelayFunc relay, gpointer user_data)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_assert_null (self->link);
  self->relay = relay;
  self->relay_data = user_data;
}
