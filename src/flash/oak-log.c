/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-log.h"

#include "oak-log-private.h"

/* The lines a job wrote, as a list model. Main thread; entries are immutable and may be made
 * anywhere. */

#define MAX_LINES 10000

struct _OakLogEntry {
  GObject parent_instance;
  OakLogLevel level;
  gint64 time_us;
  char *text;
};

G_DEFINE_FINAL_TYPE (OakLogEntry, oak_log_entry, G_TYPE_OBJECT)

static void
oak_log_entry_finalize (GObject *object)
{
  OakLogEntry *self = OAK_LOG_ENTRY (object);

  g_free (self->text);
  G_OBJECT_CLASS (oak_log_entry_parent_class)->finalize (object);
}

static void
oak_log_entry_class_init (OakLogEntryClass *class)
{
  G_OBJECT_CLASS (class)->finalize = oak_log_entry_finalize;
}

static void
oak_log_entry_init (OakLogEntry *self)
{
}

OakLogEntry *
oak_log_entry_new (OakLogLevel level, const char *text)
{
  OakLogEntry *self = g_object_new (OAK_TYPE_LOG_ENTRY, NULL);

  self->level = level;
  self->time_us = g_get_real_time ();
  self->text = g_strdup (text);
  return self;
}

OakLogLevel
oak_log_entry_get_level (OakLogEntry *self)
{
  g_return_val_if_fail (OAK_IS_LOG_ENTRY (self), OAK_LOG_LEVEL_DEBUG);
  return self->level;
}

gint64
oak_log_entry_get_time_us (OakLogEntry *self)
{
  g_return_val_if_fail (OAK_IS_LOG_ENTRY (self), 0);
  return self->time_us;
}

const char *
oak_log_entry_get_text (OakLogEntry *self)
{
  g_return_val_if_fail (OAK_IS_LOG_ENTRY (self), NULL);
  return self->text;
}

char *
oak_log_entry_format (OakLogEntry *self)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GDateTime) local = NULL;
  g_autofree char *clock = NULL;

  g_return_val_if_fail (OAK_IS_LOG_ENTRY (self), NULL);

  utc = g_date_time_new_from_unix_utc (self->time_us / G_USEC_PER_SEC);
  local = g_date_time_to_local (utc);
  clock = g_date_time_format (local, "%H:%M:%S");
  return g_strdup_printf ("%s.%03d  %-7s  %s",
                          clock,
                          (int) (self->time_us % G_USEC_PER_SEC / 1000),
                          oak_log_level_to_string (self->level),
                          self->text);
}

struct _OakLog {
  GObject parent_instance;
  GPtrArray *entries; /* (owned) of OakLogEntry, oldest first */
  guint n_of_level[OAK_LOG_LEVEL_ERROR + 1];
};

static GType
oak_log_get_item_type (GListModel *model)
{
  return OAK_TYPE_LOG_ENTRY;
}

static guint
oak_log_get_n_items (GListModel *model)
{
  return OAK_LOG (model)->entries->len;
}

static gpointer
oak_log_get_item (GListModel *model, guint position)
{
  OakLog *self = OAK_LOG (model);

  if (position >= self->entries->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->entries, position));
}

static void
oak_log_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = oak_log_get_item_type;
  interface->get_n_items = oak_log_get_n_items;
  interface->get_item = oak_log_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (OakLog,
                               oak_log,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, oak_log_list_model_init))

static void
oak_log_finalize (GObject *object)
{
  OakLog *self = OAK_LOG (object);

  g_ptr_array_unref (self->entries);
  G_OBJECT_CLASS (oak_log_parent_class)->finalize (object);
}

static void
oak_log_class_init (OakLogClass *class)
{
  G_OBJECT_CLASS (class)->finalize = oak_log_finalize;
}

static void
oak_log_init (OakLog *self)
{
  self->entries = g_ptr_array_new_with_free_func (g_object_unref);
}

OakLog *
oak_log_new (void)
{
  return g_object_new (OAK_TYPE_LOG, NULL);
}

static void
count_entry (OakLog *self, OakLogEntry *entry, int change)
{
  if ((guint) entry->level < G_N_ELEMENTS (self->n_of_level))
    self->n_of_level[entry->level] += (guint) change;
}

/* The oldest lines go first, as a batch of their own. */
static void
remove_oldest (OakLog *self, guint n_removed)
{
  if (n_removed == 0)
    return;
  for (guint i = 0; i < n_removed; i++)
    count_entry (self, g_ptr_array_index (self->entries, i), -1);
  g_ptr_array_remove_range (self->entries, 0, n_removed);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_removed, 0);
}

void
oak_log_append_entries (OakLog *self, GPtrArray *entries)
{
  guint first = 0;
  guint n_added;
  guint position;

  g_return_if_fail (OAK_IS_LOG (self));
  g_return_if_fail (entries != NULL);

  if (entries->len > MAX_LINES)
    first = entries->len - MAX_LINES;
  n_added = entries->len - first;
  if (n_added == 0)
    return;
  if (self->entries->len + n_added > MAX_LINES)
    remove_oldest (self, self->entries->len + n_added - MAX_LINES);
  position = self->entries->len;
  for (guint i = first; i < entries->len; i++) {
    OakLogEntry *entry = g_ptr_array_index (entries, i);

    count_entry (self, entry, 1);
    g_ptr_array_add (self->entries, g_object_ref (entry));
  }
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, n_added);
}

void
oak_log_append (OakLog *self, OakLogLevel level, const char *text)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (entries, oak_log_entry_new (level, text));
  oak_log_append_entries (self, entries);
}

guint
oak_log_count_level (OakLog *self, OakLogLevel level)
{
  g_return_val_if_fail (OAK_IS_LOG (self), 0);

  if ((guint) level >= G_N_ELEMENTS (self->n_of_level))
    return 0;
  return self->n_of_level[level];
}

char *
oak_log_to_text (OakLog *self)
{
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (OAK_IS_LOG (self), g_string_free (text, FALSE));

  for (guint i = 0; i < self->entries->len; i++) {
    g_autofree char *line = oak_log_entry_format (g_ptr_array_index (self->entries, i));

    g_string_append (text, line);
    g_string_append_c (text, '\n');
  }
  return g_string_free (text, FALSE);
}
