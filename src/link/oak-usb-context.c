/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-usb-context.h"

#include <sys/stat.h>

#include "oak-error.h"
#include "oak-usb-ids.h"
#include "oak-usb-private.h"

/* Two threads and the owner's main context. The usb-events thread waits for hotplug events and only
 * says that something happened; the usb-scan thread looks, tries what is new, and puts a finished
 * picture down; a source in the main context picks it up. */

#define DEFAULT_SCAN_MS  1500
#define EVENT_PATIENCE_S 60
/* A camera held by another program is tried again after this time: nothing tells when it is let go.
 */
#define BUSY_RETRY_MS 2000

/* What an opening test found out, and about what. scan thread only. */
typedef struct {
  guint bus;
  guint address;
  OakDeviceState state;
  struct stat rights;
  OakUsbAccess access;
  gint64 tested_us;
} Trial;

struct _OakUsbContext {
  GObject parent_instance;

  guint scan_ms;
  GMainContext *context; /* (owned) */
  GSource *source;       /* (owned) (nullable): ready when there is news */
  GPtrArray *devices;    /* (owned) of OakUsbFacts */
  char *problem;         /* (nullable) */
  GThread *scan_thread;
  GThread *event_thread;
  libusb_context *library; /* (nullable): for hotplug events only */
  int events_stopping;     /* atomic */
  GHashTable *trials;      /* (owned) of path -> Trial; scan thread only */

  GMutex mutex;
  GCond changed;
  gboolean stopping;
  gboolean look_now;
  gboolean has_news;
  GPtrArray *news;    /* (owned) (nullable) */
  char *news_problem; /* (owned) (nullable) */
};

enum { SIGNAL_CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OakUsbContext, oak_usb_context, G_TYPE_OBJECT)

/* The rights of its node; whatever changes them changes one of these. */
static void
read_rights (const OakUsbFacts *facts, struct stat *rights)
{
  g_autofree char *node = g_strdup_printf ("/dev/bus/usb/%03u/%03u", facts->bus, facts->address);

  if (stat (node, rights) != 0)
    *rights = (struct stat){ 0 };
}

static gboolean
rights_equal (const struct stat *a, const struct stat *b)
{
  return a->st_mode == b->st_mode && a->st_uid == b->st_uid && a->st_gid == b->st_gid &&
         a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static gboolean
needs_trial (const Trial *trial, const OakUsbFacts *facts, const struct stat *rights)
{
  gint64 age_us;

  if (trial == NULL || trial->bus != facts->bus || trial->address != facts->address ||
      trial->state != facts->state || !rights_equal (&trial->rights, rights))
    return TRUE;
  age_us = g_get_monotonic_time () - trial->tested_us;
  return (trial->access == OAK_USB_ACCESS_BUSY || trial->access == OAK_USB_ACCESS_FAILED) &&
         age_us >= (gint64) BUSY_RETRY_MS * 1000;
}

static OakUsbAccess
open_for_trial (const OakUsbFacts *facts)
{
  OakUsbOpenMode mode =
      facts->state == OAK_DEVICE_STATE_FLASH_BOOTED ? OAK_USB_OPEN_ONLY : OAK_USB_OPEN_CLAIM;
  g_autoptr (GError) error = NULL;
  g_autoptr (OakUsbHandle) handle = NULL;

  handle = oak_usb_open (facts->path, facts->state, NULL, mode, &error);
  if (handle != NULL)
    return OAK_USB_ACCESS_FINE;
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_NO_ACCESS))
    return OAK_USB_ACCESS_DENIED;
  return g_error_matches (error, OAK_ERROR, OAK_ERROR_BUSY) ? OAK_USB_ACCESS_BUSY
                                                            : OAK_USB_ACCESS_FAILED;
}

/* Opens a camera that is new, or about which something changed. Returns: what is known now. */
static OakUsbAccess
find_access (OakUsbContext *self, const OakUsbFacts *facts)
{
  Trial *trial = g_hash_table_lookup (self->trials, facts->path);
  struct stat rights;

  read_rights (facts, &rights);
  if (!needs_trial (trial, facts, &rights))
    return trial->access;
  /* Booted by a host: somebody works with it, whatever a trial says. */
  if (facts->state == OAK_DEVICE_STATE_BOOTED || !oak_usb_hold_begin_test (facts->path))
    return OAK_USB_ACCESS_UNTRIED;

  trial = g_new0 (Trial, 1);
  trial->bus = facts->bus;
  trial->address = facts->address;
  trial->state = facts->state;
  trial->rights = rights;
  trial->access = open_for_trial (facts);
  trial->tested_us = g_get_monotonic_time ();
  oak_usb_hold_end_test (facts->path);
  g_hash_table_insert (self->trials, g_strdup (facts->path), trial);
  return trial->access;
}

static gboolean
trial_is_stale (gpointer key, gpointer value, gpointer user_data)
{
  GPtrArray *devices = user_data;

  for (guint i = 0; i < devices->len; i++) {
    const OakUsbFacts *facts = g_ptr_array_index (devices, i);

    if (g_str_equal (facts->path, key))
      return FALSE;
  }
  return TRUE;
}

/* Returns: (transfer full) (nullable). */
static GPtrArray *
look (OakUsbContext *self, GError **error)
{
  GPtrArray *devices = oak_usb_scan (error);

  if (devices == NULL)
    return NULL;
  g_hash_table_foreach_remove (self->trials, trial_is_stale, devices);
  for (guint i = 0; i < devices->len; i++) {
    OakUsbFacts *facts = g_ptr_array_index (devices, i);

    devices->pdata[i] = oak_usb_facts_with_access (facts, find_access (self, facts));
    oak_usb_facts_unref (facts);
  }
  return devices;
}

static gboolean
pictures_equal (GPtrArray *a, GPtrArray *b)
{
  if (a == NULL || b == NULL || a->len != b->len)
    return a == b;
  for (guint i = 0; i < a->len; i++)
    if (!oak_usb_facts_equal (g_ptr_array_index (a, i), g_ptr_array_index (b, i)))
      return FALSE;
  return TRUE;
}

/* scan thread. */
static void
put_down (OakUsbContext *self, GPtrArray *devices, const char *problem)
{
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->news, g_ptr_array_unref);
  g_free (self->news_problem);
  self->news = devices != NULL ? g_ptr_array_ref (devices) : NULL;
  self->news_problem = g_strdup (problem);
  self->has_news = TRUE;
  g_mutex_unlock (&self->mutex);
  g_source_set_ready_time (self->source, 0);
}

/* scan thread. Returns: FALSE when it is time to end. */
static gboolean
wait_for_next_look (OakUsbContext *self)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) self->scan_ms * 1000;
  gboolean stopping;

  g_mutex_lock (&self->mutex);
  while (!self->stopping && !self->look_now)
    if (!g_cond_wait_until (&self->changed, &self->mutex, end_us))
      break;
  self->look_now = FALSE;
  stopping = self->stopping;
  g_mutex_unlock (&self->mutex);
  return !stopping;
}

static gpointer
scan_again_and_again (gpointer data)
{
  OakUsbContext *self = data;
  g_autoptr (GPtrArray) before = NULL;
  g_autofree char *problem_before = NULL;
  gboolean first = TRUE;

  do {
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) devices = look (self, &error);
    const char *problem = error != NULL ? error->message : NULL;

    if (first || !pictures_equal (before, devices) || g_strcmp0 (problem, problem_before) != 0)
      put_down (self, devices, problem);
    first = FALSE;
    g_clear_pointer (&before, g_ptr_array_unref);
    before = g_steal_pointer (&devices);
    g_free (problem_before);
    problem_before = g_strdup (problem);
  } while (wait_for_next_look (self));
  return NULL;
}

/* Main context. */
static gboolean
pick_up (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_autoptr (OakUsbContext) self = g_object_ref (OAK_USB_CONTEXT (user_data));
  gboolean has_news;

  g_source_set_ready_time (source, -1);
  g_mutex_lock (&self->mutex);
  has_news = self->has_news;
  if (has_news) {
    g_ptr_array_unref (self->devices);
    self->devices = self->news != NULL ? g_steal_pointer (&self->news) : g_ptr_array_new ();
    g_free (self->problem);
    self->problem = g_steal_pointer (&self->news_problem);
  }
  self->has_news = FALSE;
  g_mutex_unlock (&self->mutex);

  if (has_news)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  return G_SOURCE_CONTINUE;
}

static gboolean
pick_up_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback != NULL ? pick_up (source, callback, user_data) : G_SOURCE_REMOVE;
}

static GSourceFuncs news_source_functions = { .dispatch = pick_up_dispatch };

static gboolean
never_called (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
look_now (OakUsbContext *self)
{
  g_mutex_lock (&self->mutex);
  self->look_now = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

/* usb-events thread: passes the news on, nothing else. */
static int LIBUSB_CALL
hotplug_happened (libusb_context *library,
                  libusb_device *device,
                  libusb_hotplug_event event,
                  void *user_data)
{
  look_now (user_data);
  return 0;
}

static gpointer
wait_for_events (gpointer data)
{
  OakUsbContext *self = data;

  while (g_atomic_int_get (&self->events_stopping) == 0) {
    struct timeval patience = { .tv_sec = EVENT_PATIENCE_S };

    libusb_handle_events_timeout_completed (self->library, &patience, &self->events_stopping);
  }
  return NULL;
}

/* Without events there is still the regular look. */
static void
start_events (OakUsbContext *self)
{
  g_autoptr (GError) error = NULL;
  int code = LIBUSB_ERROR_NOT_SUPPORTED;

  self->library = oak_usb_library_begin (&error);
  if (self->library == NULL)
    return;
  if (libusb_has_capability (LIBUSB_CAP_HAS_HOTPLUG))
    code = libusb_hotplug_register_callback (self->library,
                                             LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED |
                                                 LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
                                             LIBUSB_HOTPLUG_NO_FLAGS,
                                             OAK_USB_VENDOR_ID,
                                             LIBUSB_HOTPLUG_MATCH_ANY,
                                             LIBUSB_HOTPLUG_MATCH_ANY,
                                             hotplug_happened,
                                             self,
                                             NULL);
  if (code != LIBUSB_SUCCESS) {
    g_clear_pointer (&self->library, oak_usb_library_end);
    return;
  }
  g_atomic_int_set (&self->events_stopping, 0);
  self->event_thread = g_thread_new ("usb-events", wait_for_events, self);
}

static void
stop_events (OakUsbContext *self)
{
  if (self->event_thread != NULL) {
    g_atomic_int_set (&self->events_stopping, 1);
    libusb_interrupt_event_handler (self->library);
    g_thread_join (g_steal_pointer (&self->event_thread));
  }
  g_clear_pointer (&self->library, oak_usb_library_end);
}

static void
start_source (OakUsbContext *self)
{
  self->source = g_source_new (&news_source_functions, sizeof (GSource));
  g_source_set_static_name (self->source, "oak-usb-context");
  g_source_set_callback (self->source, never_called, self, NULL);
  g_source_attach (self->source, self->context);
}

void
oak_usb_context_start (OakUsbContext *self)
{
  g_return_if_fail (OAK_IS_USB_CONTEXT (self));

  if (self->scan_thread != NULL)
    return;
  self->stopping = FALSE;
  start_source (self);
  start_events (self);
  self->scan_thread = g_thread_new ("usb-scan", scan_again_and_again, self);
}

void
oak_usb_context_stop (OakUsbContext *self)
{
  g_return_if_fail (OAK_IS_USB_CONTEXT (self));

  if (self->scan_thread == NULL)
    return;
  g_mutex_lock (&self->mutex);
  self->stopping = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  g_thread_join (g_steal_pointer (&self->scan_thread));
  stop_events (self);
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

static void
oak_usb_context_dispose (GObject *object)
{
  oak_usb_context_stop (OAK_USB_CONTEXT (object));
  G_OBJECT_CLASS (oak_usb_context_parent_class)->dispose (object);
}

static void
oak_usb_context_finalize (GObject *object)
{
  OakUsbContext *self = OAK_USB_CONTEXT (object);

  g_clear_pointer (&self->news, g_ptr_array_unref);
  g_ptr_array_unref (self->devices);
  g_hash_table_unref (self->trials);
  g_main_context_unref (self->context);
  g_free (self->news_problem);
  g_free (self->problem);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  G_OBJECT_CLASS (oak_usb_context_parent_class)->finalize (object);
}

static void
oak_usb_context_class_init (OakUsbContextClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = oak_usb_context_dispose;
  object_class->finalize = oak_usb_context_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed",
                                          OAK_TYPE_USB_CONTEXT,
                                          G_SIGNAL_RUN_LAST,
                                          0,
                                          NULL,
                                          NULL,
                                          NULL,
                                          G_TYPE_NONE,
                                          0);
}

static void
oak_usb_context_init (OakUsbContext *self)
{
  self->scan_ms = DEFAULT_SCAN_MS;
  self->context = g_main_context_ref_thread_default ();
  self->devices = g_ptr_array_new ();
  self->trials = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
}

OakUsbContext *
oak_usb_context_new (void)
{
  return g_object_new (OAK_TYPE_USB_CONTEXT, NULL);
}

void
oak_usb_context_set_pace (OakUsbContext *self, guint scan_ms)
{
  g_return_if_fail (OAK_IS_USB_CONTEXT (self));
  g_return_if_fail (scan_ms > 0);

  self->scan_ms = scan_ms;
}

void
oak_usb_context_refresh (OakUsbContext *self)
{
  g_return_if_fail (OAK_IS_USB_CONTEXT (self));

  look_now (self);
}

GPtrArray *
oak_usb_context_get_devices (OakUsbContext *self)
{
  g_return_val_if_fail (OAK_IS_USB_CONTEXT (self), NULL);

  return self->devices;
}

const char *
oak_usb_context_get_problem (OakUsbContext *self)
{
  g_return_val_if_fail (OAK_IS_USB_CONTEXT (self), NULL);

  return self->problem;
}
