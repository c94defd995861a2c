/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-usb-sight.h"

#include "oak-device-info.h"
#include "oak-error.h"
#include "oak-usb-facts.h"

/* Tells one camera from all others on the bus. Any thread. */

static gboolean
is_in_socket (const OakUsbFacts *facts, const OakDeviceInfo *info)
{
  return oak_usb_facts_is_at (facts,
                              oak_device_info_get_usb_path (info),
                              oak_device_info_get_usb_peer_path (info));
}

void
oak_usb_sight_clear (OakUsbSight *self)
{
  g_clear_pointer (&self->camera, oak_usb_facts_unref);
  g_clear_pointer (&self->stranger, oak_usb_facts_unref);
}

static void
take_camera (OakUsbSight *self, OakUsbFacts *facts)
{
  g_clear_pointer (&self->camera, oak_usb_facts_unref);
  self->camera = oak_usb_facts_ref (facts);
}

/* An id that is said outweighs the socket of one that says nothing. A booted one without an id is
 * nobody: it goes, for the kernel takes a device's attributes away before the device. */
static void
judge_by_id (OakUsbSight *self, const OakDeviceInfo *info, OakUsbFacts *facts)
{
  const char *mxid = oak_device_info_get_mxid (info);

  if (g_strcmp0 (facts->serial, mxid) == 0) {
    self->twice |= self->camera != NULL && self->camera->serial != NULL;
    take_camera (self, facts);
  } else if (!is_in_socket (facts, info)) {
    return;
  } else if (facts->state == OAK_DEVICE_STATE_UNBOOTED) {
    if (self->camera == NULL)
      take_camera (self, facts);
  } else if (facts->serial != NULL && self->stranger == NULL) {
    self->stranger = oak_usb_facts_ref (facts);
  }
}

gboolean
oak_usb_sight_take (OakUsbSight *self, const OakDeviceInfo *info, GError **error)
{
  g_autoptr (GPtrArray) devices = oak_usb_scan (error);

  *self = (OakUsbSight){ 0 };
  if (devices == NULL)
    return FALSE;
  for (guint i = 0; i < devices->len; i++) {
    OakUsbFacts *facts = g_ptr_array_index (devices, i);

    if (oak_device_info_get_mxid (info) != NULL)
      judge_by_id (self, info, facts);
    else if (g_str_equal (facts->path, oak_device_info_get_usb_path (info)))
      take_camera (self, facts);
  }
  return TRUE;
}

GHashTable *
oak_usb_sight_list_bootloaders (GError **error)
{
  g_autoptr (GPtrArray) devices = oak_usb_scan (error);
  GHashTable *known;

  if (devices == NULL)
    return NULL;
  known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < devices->len; i++) {
    const OakUsbFacts *facts = g_ptr_array_index (devices, i);

    if (facts->state == OAK_DEVICE_STATE_BOOTLOADER && facts->serial != NULL)
      g_hash_table_add (known, g_strdup (facts->serial));
  }
  return known;
}

OakUsbFacts *
oak_usb_sight_find_newcomer (const OakDeviceInfo *info, GHashTable *known, GError **error)
{
  g_autoptr (GPtrArray) devices = oak_usb_scan (error);
  OakUsbFacts *found = NULL;

  if (devices == NULL)
    return NULL;
  for (guint i = 0; i < devices->len; i++) {
    OakUsbFacts *facts = g_ptr_array_index (devices, i);

    if (facts->state != OAK_DEVICE_STATE_BOOTLOADER || facts->serial == NULL ||
        !is_in_socket (facts, info) || g_hash_table_contains (known, facts->serial))
      continue;
    if (found != NULL) {
      g_set_error (error,
                   OAK_ERROR,
                   OAK_ERROR_WRONG_DEVICE,
                   "two bootloaders have appeared at %s, and either may be the camera: %s and %s",
                   oak_device_info_get_address (info),
                   found->serial,
                   facts->serial);
      return NULL;
    }
    found = facts;
  }
  return found != NULL ? oak_usb_facts_ref (found) : NULL;
}
