/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-device-table-private.h"
#include "oak-usb-facts.h"

/* Which row is which camera on USB. Every picture of the bus is complete, so that who is gone is
 * known as well. A camera's id outweighs its socket; a camera that cannot say its id is the one
 * that was last in its socket. That is for eyes only: a job compares ids. Main thread. */

typedef struct {
  OakDeviceTable *table;
  GPtrArray *devices; /* (unowned) of OakUsbFacts */
  GPtrArray *rows;    /* (owned): the row of each device, NULL as long as it has none */
} Match;

static gboolean
row_is_taken (Match *match, OakRow *row)
{
  return g_ptr_array_find (match->rows, row, NULL);
}

static gboolean
was_in_socket (const OakRow *row, const OakUsbFacts *facts)
{
  return row->usb != NULL && oak_usb_facts_is_at (facts, row->usb->path, row->usb->peer_path);
}

/* A camera that says an id that is known. */
static OakRow *
match_by_id (Match *match, const OakUsbFacts *facts)
{
  OakRow *row;

  if (facts->serial == NULL)
    return NULL;
  row = oak_device_table_find_row_by_mxid (match->table, facts->serial);
  if (row != NULL && row_is_taken (match, row))
    row->usb_twice = row->dirty = TRUE;
  return row;
}

/* A camera without an id: whoever was in its socket last, at best the same one a moment ago. */
static OakRow *
match_nameless_by_socket (Match *match, const OakUsbFacts *facts)
{
  OakRow *found = NULL;

  if (facts->serial != NULL)
    return NULL;
  for (guint i = 0; i < match->table->rows->len; i++) {
    OakRow *row = g_ptr_array_index (match->table->rows, i);

    if (row_is_taken (match, row) || !was_in_socket (row, facts))
      continue;
    if (found == NULL || row->on_usb)
      found = row;
  }
  return found;
}

/* A camera with a new id: an unbooted one that was in its socket and is not there any more. With
 * two to choose from it is neither. */
static OakRow *
match_newcomer_by_socket (Match *match, const OakUsbFacts *facts)
{
  OakRow *found = NULL;

  if (facts->serial == NULL)
    return NULL;
  for (guint i = 0; i < match->table->rows->len; i++) {
    OakRow *row = g_ptr_array_index (match->table->rows, i);

    if (row->mxid != NULL || row_is_taken (match, row) || !was_in_socket (row, facts))
      continue;
    if (found != NULL)
      return NULL;
    found = row;
  }
  return found;
}

typedef OakRow *(*MatchFunc) (Match *match, const OakUsbFacts *facts);

static void
match_all (Match *match, MatchFunc function)
{
  for (guint i = 0; i < match->devices->len; i++)
    if (match->rows->pdata[i] == NULL)
      match->rows->pdata[i] = function (match, g_ptr_array_index (match->devices, i));
}

static void
see (OakDeviceTable *self, OakRow *row, OakUsbFacts *facts)
{
  if (row->mxid == NULL && facts->serial != NULL)
    oak_device_table_name_row (self, row, facts->serial);
  if (row->usb == NULL || !row->on_usb || !oak_usb_facts_equal (row->usb, facts)) {
    g_clear_pointer (&row->usb, oak_usb_facts_unref);
    row->usb = oak_usb_facts_ref (facts);
    row->dirty = TRUE;
  }
  row->on_usb = TRUE;
  row->silent_rounds = 0;
}

static void
begin_picture (OakDeviceTable *self)
{
  for (guint i = 0; i < self->rows->len; i++) {
    OakRow *row = g_ptr_array_index (self->rows, i);

    row->dirty |= row->usb_twice;
    row->usb_twice = FALSE;
  }
}

static void
miss_the_others (Match *match)
{
  for (guint i = 0; i < match->table->rows->len; i++) {
    OakRow *row = g_ptr_array_index (match->table->rows, i);

    if (!row->on_usb || row_is_taken (match, row))
      continue;
    row->on_usb = FALSE;
    row->dirty = TRUE;
  }
}

static void
make_rows (Match *match)
{
  for (guint i = 0; i < match->devices->len; i++) {
    OakUsbFacts *facts = g_ptr_array_index (match->devices, i);
    OakRow *row;

    if (match->rows->pdata[i] != NULL || match_by_id (match, facts) != NULL)
      continue;
    row = oak_device_table_append_row (match->table, facts->serial);
    if (row == NULL)
      return;
    match->rows->pdata[i] = row;
    see (match->table, row, facts);
    oak_device_table_show_row (match->table, row);
  }
}

void
oak_device_table_set_usb (OakDeviceTable *self, GPtrArray *devices)
{
  Match match = { .table = self, .devices = devices, .rows = g_ptr_array_new () };

  g_ptr_array_set_size (match.rows, (gint) devices->len);
  begin_picture (self);
  match_all (&match, match_by_id);
  match_all (&match, match_nameless_by_socket);
  match_all (&match, match_newcomer_by_socket);
  miss_the_others (&match);
  for (guint i = 0; i < devices->len; i++)
    if (match.rows->pdata[i] != NULL)
      see (self, match.rows->pdata[i], g_ptr_array_index (devices, i));
  make_rows (&match);
  g_ptr_array_unref (match.rows);
  oak_device_table_refresh (self);
}
