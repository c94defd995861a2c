/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-device-info.h"

#include <string.h>

/* What discovery knows of one camera at one moment, and how its id is shortened for people.
 * Immutable values, any thread. */

/* Digits of an MXID that tell cameras apart end here; the last two are nearly always 00. */
#define SHORT_ID_END    16
#define SHORT_ID_LENGTH 6

struct _OakDeviceInfo {
  char *mxid; /* (nullable) */
  char *address;
  OakTransport transport;
  OakDeviceState state;
};

G_DEFINE_BOXED_TYPE (OakDeviceInfo, oak_device_info, oak_device_info_ref, oak_device_info_unref)

static OakDeviceInfo *
device_info_new (const char *mxid,
                 const char *address,
                 OakTransport transport,
                 OakDeviceState state)
{
  OakDeviceInfo *self = g_atomic_rc_box_new0 (OakDeviceInfo);

  self->mxid = g_strdup (mxid);
  self->address = g_strdup (address);
  self->transport = transport;
  self->state = state;
  return self;
}

OakDeviceInfo *
oak_device_info_new_network (const char *mxid, const char *address, OakDeviceState state)
{
  g_return_val_if_fail (address != NULL, NULL);

  return device_info_new (mxid, address, OAK_TRANSPORT_NETWORK, state);
}

OakDeviceInfo *
oak_device_info_with_state (const OakDeviceInfo *self, OakDeviceState state)
{
  g_return_val_if_fail (self != NULL, NULL);

  return device_info_new (self->mxid, self->address, self->transport, state);
}

OakDeviceInfo *
oak_device_info_with_mxid (const OakDeviceInfo *self, const char *mxid)
{
  g_return_val_if_fail (self != NULL, NULL);

  return device_info_new (mxid, self->address, self->transport, self->state);
}

OakDeviceInfo *
oak_device_info_with_address (const OakDeviceInfo *self, const char *address)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (address != NULL, NULL);

  return device_info_new (self->mxid, address, self->transport, self->state);
}

OakDeviceInfo *
oak_device_info_ref (OakDeviceInfo *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
device_info_clear (gpointer data)
{
  OakDeviceInfo *self = data;

  g_free (self->mxid);
  g_free (self->address);
}

void
oak_device_info_unref (OakDeviceInfo *self)
{
  g_atomic_rc_box_release_full (self, device_info_clear);
}

const char *
oak_device_info_get_mxid (const OakDeviceInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->mxid;
}

const char *
oak_device_info_get_address (const OakDeviceInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->address;
}

OakTransport
oak_device_info_get_transport (const OakDeviceInfo *self)
{
  g_return_val_if_fail (self != NULL, OAK_TRANSPORT_NETWORK);

  return self->transport;
}

OakDeviceState
oak_device_info_get_state (const OakDeviceInfo *self)
{
  g_return_val_if_fail (self != NULL, OAK_DEVICE_STATE_UNKNOWN);

  return self->state;
}

gboolean
oak_device_info_is_loopback (const OakDeviceInfo *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->transport == OAK_TRANSPORT_NETWORK && g_str_has_prefix (self->address, "127.");
}

gboolean
oak_device_info_equal (const OakDeviceInfo *a, const OakDeviceInfo *b)
{
  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL)
    return FALSE;
  return a->transport == b->transport && a->state == b->state &&
         g_strcmp0 (a->mxid, b->mxid) == 0 && strcmp (a->address, b->address) == 0;
}

/* The digits of @mxid that end where short ids end, @length of them; all of a shorter id. */
static char *
tail_of_id (const char *mxid, gsize length)
{
  gsize end = MIN (strlen (mxid), SHORT_ID_END);
  g_autofree char *tail = NULL;

  if (strlen (mxid) < SHORT_ID_END)
    return g_ascii_strup (mxid, -1);
  tail = g_strndup (mxid + end - length, length);
  return g_ascii_strup (tail, -1);
}

static gboolean
tail_is_taken (const char *tail, const char *mxid, gsize length, const char *const *others)
{
  for (gsize i = 0; others != NULL && others[i] != NULL; i++) {
    g_autofree char *other = NULL;

    if (g_ascii_strcasecmp (others[i], mxid) == 0)
      continue;
    other = tail_of_id (others[i], length);
    if (strcmp (tail, other) == 0)
      return TRUE;
  }
  return FALSE;
}

char *
oak_short_id (const char *mxid, const char *const *others)
{
  g_return_val_if_fail (mxid != NULL, NULL);

  for (gsize length = SHORT_ID_LENGTH; length <= SHORT_ID_END; length++) {
    g_autofree char *tail = tail_of_id (mxid, length);

    if (!tail_is_taken (tail, mxid, length, others))
      return g_steal_pointer (&tail);
  }
  return g_ascii_strup (mxid, -1);
}

gboolean
oak_short_id_matches (const char *mxid, const char *typed)
{
  g_autofree char *ends_there = NULL;
  gsize length;

  g_return_val_if_fail (mxid != NULL, FALSE);
  g_return_val_if_fail (typed != NULL, FALSE);

  if (g_ascii_strcasecmp (mxid, typed) == 0)
    return TRUE;

  ends_there = g_strndup (mxid, SHORT_ID_END);
  length = strlen (typed);
  if (length < SHORT_ID_LENGTH || length > strlen (ends_there))
    return FALSE;
  return g_ascii_strcasecmp (ends_there + strlen (ends_there) - length, typed) == 0;
}
