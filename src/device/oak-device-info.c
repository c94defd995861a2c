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
  char *usb_path;      /* (nullable) */
  char *usb_peer_path; /* (nullable) */
  OakTransport transport;
  OakDeviceState state;
};

G_DEFINE_BOXED_TYPE (OakDeviceInfo, oak_device_info, oak_device_info_ref, oak_device_info_unref)

static OakDeviceInfo *
device_info_copy (const OakDeviceInfo *self)
{
  OakDeviceInfo *copy = g_atomic_rc_box_new0 (OakDeviceInfo);

  copy->mxid = g_strdup (self->mxid);
  copy->address = g_strdup (self->address);
  copy->usb_path = g_strdup (self->usb_path);
  copy->usb_peer_path = g_strdup (self->usb_peer_path);
  copy->transport = self->transport;
  copy->state = self->state;
  return copy;
}

static void
replace_text (char **member, const char *text)
{
  char *before = *member;

  *member = g_strdup (text);
  g_free (before);
}

OakDeviceInfo *
oak_device_info_new_network (const char *mxid, const char *address, OakDeviceState state)
{
  OakDeviceInfo *self;

  g_return_val_if_fail (address != NULL, NULL);

  self = g_atomic_rc_box_new0 (OakDeviceInfo);
  self->mxid = g_strdup (mxid);
  self->address = g_strdup (address);
  self->transport = OAK_TRANSPORT_NETWORK;
  self->state = state;
  return self;
}

OakDeviceInfo *
oak_device_info_new_usb (const char *mxid,
                         const char *path,
                         const char *peer_path,
                         OakDeviceState state)
{
  OakDeviceInfo *self;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_atomic_rc_box_new0 (OakDeviceInfo);
  self->mxid = g_strdup (mxid);
  self->address = g_strconcat ("usb:", path, NULL);
  self->usb_path = g_strdup (path);
  self->usb_peer_path = g_strdup (peer_path);
  self->transport = OAK_TRANSPORT_USB;
  self->state = state;
  return self;
}

OakDeviceInfo *
oak_device_info_with_state (const OakDeviceInfo *self, OakDeviceState state)
{
  OakDeviceInfo *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = device_info_copy (self);
  copy->state = state;
  return copy;
}

OakDeviceInfo *
oak_device_info_with_mxid (const OakDeviceInfo *self, const char *mxid)
{
  OakDeviceInfo *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = device_info_copy (self);
  replace_text (&copy->mxid, mxid);
  return copy;
}

OakDeviceInfo *
oak_device_info_with_address (const OakDeviceInfo *self, const char *address)
{
  OakDeviceInfo *copy;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (address != NULL, NULL);

  copy = device_info_copy (self);
  replace_text (&copy->address, address);
  return copy;
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
  g_free (self->usb_path);
  g_free (self->usb_peer_path);
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

const char *
oak_device_info_get_usb_path (const OakDeviceInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->usb_path;
}

const char *
oak_device_info_get_usb_peer_path (const OakDeviceInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->usb_peer_path;
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
         g_strcmp0 (a->mxid, b->mxid) == 0 && strcmp (a->address, b->address) == 0 &&
         g_strcmp0 (a->usb_peer_path, b->usb_peer_path) == 0;
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
