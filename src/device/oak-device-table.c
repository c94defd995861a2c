/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-device-table-private.h"

#include <string.h>

#include "oak-device-info.h"
#include "oak-device-private.h"
#include "oak-network-scanner.h"
#include "oak-usb-facts.h"

/* Merges answers into rows. A row is a camera, known by its id, or an address typed by hand at
 * which nobody has answered yet. Every change marks its rows dirty and ends in refresh_row (),
 * which hands the row's whole truth to its OakDevice. Main thread. */

static void
row_address_clear (gpointer data)
{
  OakRowAddress *entry = data;

  g_free (entry->address);
}

static void
row_set_mxid (OakRow *row, const char *mxid)
{
  row->mxid = g_strdup (mxid);
  row->short_base = oak_short_id (mxid, NULL);
}

/* @mxid: (nullable). */
static OakRow *
row_new (const char *mxid)
{
  OakRow *row = g_new0 (OakRow, 1);

  if (mxid != NULL)
    row_set_mxid (row, mxid);
  row->addresses = g_array_new (FALSE, FALSE, sizeof (OakRowAddress));
  g_array_set_clear_func (row->addresses, row_address_clear);
  return row;
}

static void
row_free (gpointer data)
{
  OakRow *row = data;

  g_clear_object (&row->device);
  g_free (row->mxid);
  g_free (row->short_id);
  g_free (row->short_base);
  g_array_unref (row->addresses);
  g_clear_pointer (&row->usb, oak_usb_facts_unref);
  g_free (row);
}

static OakRowAddress *
row_get_address (OakRow *row, guint index)
{
  return &g_array_index (row->addresses, OakRowAddress, index);
}

static OakRowAddress *
row_find_address (OakRow *row, const char *address)
{
  for (guint i = 0; i < row->addresses->len; i++)
    if (strcmp (row_get_address (row, i)->address, address) == 0)
      return row_get_address (row, i);
  return NULL;
}

static OakRowAddress *
row_add_address (OakRow *row, const char *address)
{
  OakRowAddress entry = { .address = g_strdup (address), .heard_round = OAK_NEVER };

  g_array_append_val (row->addresses, entry);
  return row_get_address (row, row->addresses->len - 1);
}

static gboolean
is_fresh (OakDeviceTable *self, const OakRowAddress *entry)
{
  return entry->heard_round != OAK_NEVER &&
         self->round - entry->heard_round < self->rounds_until_missing;
}

static gboolean
row_is_typed (OakDeviceTable *self, OakRow *row)
{
  GHashTableIter iter;
  gpointer owner;

  g_hash_table_iter_init (&iter, self->typed);
  while (g_hash_table_iter_next (&iter, NULL, &owner))
    if (owner == row)
      return TRUE;
  return FALSE;
}

static gboolean
row_has_fresh_address (OakDeviceTable *self, OakRow *row)
{
  for (guint i = 0; i < row->addresses->len; i++)
    if (is_fresh (self, row_get_address (row, i)))
      return TRUE;
  return FALSE;
}

/* The way to speak to a camera: USB, when it can be opened there. */
static gboolean
row_prefers_usb (OakDeviceTable *self, OakRow *row)
{
  if (row->usb == NULL)
    return FALSE;
  if (row->addresses->len == 0 || !row_has_fresh_address (self, row))
    return row->on_usb || row->addresses->len == 0;
  return row->on_usb &&
         (row->usb->access == OAK_USB_ACCESS_FINE || row->usb->access == OAK_USB_ACCESS_UNTRIED);
}

static OakPresence
row_get_presence (OakDeviceTable *self, OakRow *row)
{
  if (row->on_usb)
    return OAK_PRESENCE_ANSWERING;
  if (row->usb != NULL && !row_has_fresh_address (self, row))
    return OAK_PRESENCE_MISSING;
  if (row->mxid == NULL)
    return OAK_PRESENCE_NO_ANSWER;
  return row->silent_rounds >= self->rounds_until_missing ? OAK_PRESENCE_MISSING
                                                          : OAK_PRESENCE_ANSWERING;
}

/* The address to speak to: the first that answers; of silent ones, the one heard last. */
static guint
row_get_primary (OakDeviceTable *self, OakRow *row)
{
  guint last = 0;

  for (guint i = 0; i < row->addresses->len; i++) {
    if (is_fresh (self, row_get_address (row, i)))
      return i;
    if (row_get_address (row, i)->heard_round > row_get_address (row, last)->heard_round)
      last = i;
  }
  return last;
}

/* Brings what people see in line with the row; makes the device when there is none. */
static void
refresh_row (OakDeviceTable *self, OakRow *row)
{
  gboolean prefers_usb = row_prefers_usb (self, row);
  g_autofree const char **addresses = g_new0 (const char *, row->addresses->len + 2);
  g_autofree char *usb_address =
      row->usb != NULL ? g_strconcat ("usb:", row->usb->path, NULL) : NULL;
  OakDeviceFields fields = {
    .mxid = row->mxid,
    .short_id = row->short_id,
    .addresses = addresses,
    .primary = prefers_usb ? row->addresses->len : row_get_primary (self, row),
    .state = row->usb != NULL && prefers_usb ? row->usb->state : row->state,
    .presence = row_get_presence (self, row),
    .conflict = row->conflict || row->usb_twice,
    .typed_by_hand = row_is_typed (self, row),
    .platform = row->platform,
    .usb = row->usb,
    .prefers_usb = prefers_usb,
  };

  g_autoptr (OakDevice) device = NULL;

  for (guint i = 0; i < row->addresses->len; i++)
    addresses[i] = row_get_address (row, i)->address;
  addresses[row->addresses->len] = usb_address;

  row->dirty = FALSE;
  if (row->device == NULL) {
    row->device = oak_device_new (&fields);
    return;
  }
  /* Whoever is notified may take the row away. */
  device = g_object_ref (row->device);
  oak_device_update (device, &fields);
}

void
oak_device_table_refresh (OakDeviceTable *self)
{
  for (guint i = 0; i < self->rows->len; i++) {
    OakRow *row = g_ptr_array_index (self->rows, i);

    if (row->dirty)
      refresh_row (self, row);
  }
}

OakRow *
oak_device_table_find_row_by_mxid (OakDeviceTable *self, const char *mxid)
{
  for (guint i = 0; i < self->rows->len; i++) {
    OakRow *row = g_ptr_array_index (self->rows, i);

    if (g_strcmp0 (row->mxid, mxid) == 0)
      return row;
  }
  return NULL;
}

static OakRow *
find_row_by_device (OakDeviceTable *self, OakDevice *device)
{
  for (guint i = 0; i < self->rows->len; i++) {
    OakRow *row = g_ptr_array_index (self->rows, i);

    if (row->device == device)
      return row;
  }
  return NULL;
}

/* Two ids that answered at one address lately: both rows are in conflict. */
void
oak_device_table_find_conflicts (OakDeviceTable *self)
{
  g_autoptr (GHashTable) owners = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->rows->len; i++) {
    OakRow *row = g_ptr_array_index (self->rows, i);

    row->was_in_conflict = row->conflict;
    row->conflict = FALSE;
  }

  for (guint i = 0; i < self->rows->len; i++) {
    OakRow *row = g_ptr_array_index (self->rows, i);

    for (guint j = 0; j < row->addresses->len; j++) {
      OakRowAddress *entry = row_get_address (row, j);
      OakRow *other;

      if (!is_fresh (self, entry))
        continue;
      other = g_hash_table_lookup (owners, entry->address);
      if (other != NULL)
        other->conflict = row->conflict = TRUE;
      else
        g_hash_table_insert (owners, entry->address, row);
    }
  }

  for (guint i = 0; i < self->rows->len; i++) {
    OakRow *row = g_ptr_array_index (self->rows, i);

    row->dirty |= row->conflict != row->was_in_conflict;
  }
}

/* Only ids that end alike can change each other's short form. */
static void
name_rows_like (OakDeviceTable *self, const char *short_base)
{
  g_autoptr (GPtrArray) alike = g_ptr_array_new ();
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; i < self->rows->len; i++) {
    OakRow *row = g_ptr_array_index (self->rows, i);

    if (g_strcmp0 (row->short_base, short_base) != 0)
      continue;
    g_ptr_array_add (alike, row);
    g_ptr_array_add (ids, row->mxid);
  }
  g_ptr_array_add (ids, NULL);

  for (guint i = 0; i < alike->len; i++) {
    OakRow *row = g_ptr_array_index (alike, i);
    g_autofree char *short_id = oak_short_id (row->mxid, (const char *const *) ids->pdata);

    row->dirty |= g_strcmp0 (row->short_id, short_id) != 0;
    g_free (row->short_id);
    row->short_id = g_steal_pointer (&short_id);
  }
}

static void
remove_row_at (OakDeviceTable *self, guint position)
{
  OakRow *row = g_ptr_array_steal_index (self->rows, position);
  g_autofree char *short_base = g_strdup (row->short_base);

  row_free (row);
  if (short_base != NULL)
    name_rows_like (self, short_base);
  self->changed (position, 1, 0, self->user_data);
}

static void
remove_row (OakDeviceTable *self, OakRow *row)
{
  guint position = 0;

  if (g_ptr_array_find (self->rows, row, &position))
    remove_row_at (self, position);
}

/* An address typed by hand belongs to the camera that answers there; it changes hands once the
 * former owner is silent there. */
static void
settle_typed_address (OakDeviceTable *self, OakRow *row, const char *address)
{
  OakRow *owner = g_hash_table_lookup (self->typed, address);
  OakRowAddress *entry;

  if (owner == NULL || owner == row)
    return;
  entry = row_find_address (owner, address);
  if (owner->mxid != NULL && entry != NULL && is_fresh (self, entry))
    return;

  g_hash_table_insert (self->typed, g_strdup (address), row);
  row->dirty = TRUE;
  owner->dirty = TRUE;
  if (owner->mxid == NULL)
    remove_row (self, owner);
}

/* Returns: (transfer none) (nullable): the row of an address typed by hand at which nobody answered
 * before. */
static OakRow *
find_unclaimed_row (OakDeviceTable *self, const char *address)
{
  OakRow *owner = g_hash_table_lookup (self->typed, address);

  return owner != NULL && owner->mxid == NULL ? owner : NULL;
}

OakRow *
oak_device_table_append_row (OakDeviceTable *self, const char *mxid)
{
  OakRow *row = NULL;

  if (self->rows->len < OAK_DEVICE_TABLE_MAX_ROWS) {
    row = row_new (mxid);
    g_ptr_array_add (self->rows, row);
  } else if (!self->full_logged) {
    self->full_logged = TRUE;
    g_message ("more than %d cameras answer; further ones are not listed",
               OAK_DEVICE_TABLE_MAX_ROWS);
  }
  return row;
}

void
oak_device_table_show_row (OakDeviceTable *self, OakRow *row)
{
  guint position = 0;

  if (row->short_base != NULL)
    name_rows_like (self, row->short_base);
  refresh_row (self, row);
  if (g_ptr_array_find (self->rows, row, &position))
    self->changed (position, 0, 1, self->user_data);
}

void
oak_device_table_name_row (OakDeviceTable *self, OakRow *row, const char *mxid)
{
  row_set_mxid (row, mxid);
  name_rows_like (self, row->short_base);
  row->dirty = TRUE;
}

/* Returns: (nullable): NULL when there are too many already. */
static OakRow *
make_row (OakDeviceTable *self, const OakHeardAnswer *answer, gboolean *added)
{
  OakRow *row = find_unclaimed_row (self, answer->address);

  *added = row == NULL;
  if (row != NULL)
    row_set_mxid (row, answer->mxid);
  else
    row = oak_device_table_append_row (self, answer->mxid);
  return row;
}

static void
drop_stale_addresses (OakDeviceTable *self, OakRow *row)
{
  if (!row_has_fresh_address (self, row) && !row->on_usb)
    return;

  for (guint i = row->addresses->len; i > 0; i--) {
    OakRowAddress *entry = row_get_address (row, i - 1);

    if (!is_fresh (self, entry) && g_hash_table_lookup (self->typed, entry->address) != row)
      g_array_remove_index (row->addresses, i - 1);
  }
}

/* Returns: TRUE when the camera was not known at this address, or not lately. */
static gboolean
hear_address (OakDeviceTable *self, OakRow *row, const char *address)
{
  OakRowAddress *entry = row_find_address (row, address);
  gboolean news;

  if (entry == NULL && row->addresses->len >= OAK_DEVICE_TABLE_MAX_ADDRESSES)
    return FALSE;
  if (entry == NULL)
    entry = row_add_address (row, address);
  news = !is_fresh (self, entry);
  entry->heard_round = self->round;
  return news;
}

void
oak_device_table_hear (OakDeviceTable *self, const OakHeardAnswer *answer)
{
  OakRow *row = oak_device_table_find_row_by_mxid (self, answer->mxid);
  gboolean is_new = row == NULL;
  gboolean added = FALSE;
  gboolean news;

  if (is_new)
    row = make_row (self, answer, &added);
  if (row == NULL)
    return;

  row->state = answer->state;
  row->platform = answer->platform;
  row->silent_rounds = 0;
  row->heard_in_round = TRUE;
  news = hear_address (self, row, answer->address);
  if (is_new)
    name_rows_like (self, row->short_base);
  if (news)
    oak_device_table_find_conflicts (self);

  if (added) {
    refresh_row (self, row);
    self->changed (self->rows->len - 1, 0, 1, self->user_data);
  } else {
    row->dirty = TRUE;
  }
  settle_typed_address (self, row, answer->address);
  oak_device_table_refresh (self);
}

static void
count_silence (OakDeviceTable *self, OakRow *row)
{
  if (row->heard_in_round || row->on_usb)
    row->silent_rounds = 0;
  else
    row->silent_rounds = MIN (row->silent_rounds + 1, G_MAXINT);
  row->heard_in_round = FALSE;
  row->dirty = TRUE;
  drop_stale_addresses (self, row);
}

static gboolean
row_is_forgotten (OakDeviceTable *self, OakRow *row)
{
  return (row->mxid != NULL || row->usb != NULL) && row->n_holds == 0 &&
         row->silent_rounds >= self->rounds_until_removed && !row_is_typed (self, row);
}

void
oak_device_table_end_round (OakDeviceTable *self)
{
  self->round++;
  for (guint i = 0; i < self->rows->len; i++)
    count_silence (self, g_ptr_array_index (self->rows, i));

  for (guint i = self->rows->len; i > 0; i--)
    if (i <= self->rows->len && row_is_forgotten (self, g_ptr_array_index (self->rows, i - 1)))
      remove_row_at (self, i - 1);

  oak_device_table_find_conflicts (self);
  oak_device_table_refresh (self);
}

void
oak_device_table_add_typed (OakDeviceTable *self, const char *address)
{
  OakRow *row = NULL;

  if (g_hash_table_contains (self->typed, address))
    return;

  for (guint i = 0; row == NULL && i < self->rows->len; i++) {
    OakRow *candidate = g_ptr_array_index (self->rows, i);
    OakRowAddress *entry = row_find_address (candidate, address);

    if (entry != NULL && is_fresh (self, entry))
      row = candidate;
  }
  if (row != NULL) {
    g_hash_table_insert (self->typed, g_strdup (address), row);
    refresh_row (self, row);
    return;
  }

  row = row_new (NULL);
  row_add_address (row, address);
  g_hash_table_insert (self->typed, g_strdup (address), row);
  g_ptr_array_add (self->rows, row);
  refresh_row (self, row);
  self->changed (self->rows->len - 1, 0, 1, self->user_data);
}

void
oak_device_table_remove_typed (OakDeviceTable *self, const char *address)
{
  OakRow *owner = g_hash_table_lookup (self->typed, address);

  if (owner == NULL)
    return;
  g_hash_table_remove (self->typed, address);
  if (owner->mxid == NULL) {
    remove_row (self, owner);
    return;
  }
  drop_stale_addresses (self, owner);
  refresh_row (self, owner);
}

void
oak_device_table_hold (OakDeviceTable *self, OakDevice *device)
{
  OakRow *row = find_row_by_device (self, device);

  if (row != NULL)
    row->n_holds++;
}

void
oak_device_table_release (OakDeviceTable *self, OakDevice *device)
{
  OakRow *row = find_row_by_device (self, device);

  if (row != NULL && row->n_holds > 0)
    row->n_holds--;
}

guint
oak_device_table_get_n_rows (OakDeviceTable *self)
{
  return self->rows->len;
}

OakDevice *
oak_device_table_get_device (OakDeviceTable *self, guint position)
{
  if (position >= self->rows->len)
    return NULL;
  return ((OakRow *) g_ptr_array_index (self->rows, position))->device;
}

void
oak_device_table_set_patience (OakDeviceTable *self,
                               guint rounds_until_missing,
                               guint rounds_until_removed)
{
  self->rounds_until_missing = MAX (rounds_until_missing, 1);
  self->rounds_until_removed = MAX (rounds_until_removed, self->rounds_until_missing);
}

OakDeviceTable *
oak_device_table_new (OakDeviceTableFunc changed, gpointer user_data)
{
  OakDeviceTable *self = g_new0 (OakDeviceTable, 1);

  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->typed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->changed = changed;
  self->user_data = user_data;
  oak_device_table_set_patience (self, 3, 10);
  return self;
}

void
oak_device_table_free (OakDeviceTable *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->rows);
  g_hash_table_unref (self->typed);
  g_free (self);
}
