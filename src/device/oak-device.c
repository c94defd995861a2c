/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-device-private.h"

#include "oak-device-info.h"
#include "oak-discovery-datagram.h"
#include "oak-usb-facts.h"

/* One camera as a row of a list: properties and nothing else. What they are is decided by
 * oak-device-table.c. Main thread. */

struct _OakDevice {
  GObject parent_instance;

  OakDeviceInfo *info; /* (owned) */
  char *short_id;      /* (owned) (nullable) */
  char **addresses;    /* (owned) */
  OakPresence presence;
  gboolean conflict;
  gboolean typed_by_hand;
  guint platform;
  char *usb_path; /* (owned) (nullable) */
  OakUsbAccess usb_access;
  guint usb_speed_mbps;
  gboolean usb_could_be_faster;
};

typedef enum {
  PROPERTY_INFO = 1,
  PROPERTY_MXID,
  PROPERTY_SHORT_ID,
  PROPERTY_ADDRESS,
  PROPERTY_STATE,
  PROPERTY_PRESENCE,
  PROPERTY_CONFLICT,
  PROPERTY_SUPPORTED,
  PROPERTY_USB_ACCESS,
  PROPERTY_USB_SPEED,
} OakDeviceProperty;

static GParamSpec *properties[PROPERTY_USB_SPEED + 1];

G_DEFINE_FINAL_TYPE (OakDevice, oak_device, G_TYPE_OBJECT)

static void
oak_device_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  OakDevice *self = OAK_DEVICE (object);

  switch ((OakDeviceProperty) property_id) {
  case PROPERTY_INFO:
    g_value_set_boxed (value, self->info);
    break;
  case PROPERTY_MXID:
    g_value_set_string (value, oak_device_get_mxid (self));
    break;
  case PROPERTY_SHORT_ID:
    g_value_set_string (value, self->short_id);
    break;
  case PROPERTY_ADDRESS:
    g_value_set_string (value, oak_device_get_address (self));
    break;
  case PROPERTY_STATE:
    g_value_set_int (value, (int) oak_device_get_state (self));
    break;
  case PROPERTY_PRESENCE:
    g_value_set_int (value, (int) self->presence);
    break;
  case PROPERTY_CONFLICT:
    g_value_set_boolean (value, self->conflict);
    break;
  case PROPERTY_SUPPORTED:
    g_value_set_boolean (value, oak_device_is_supported (self, NULL));
    break;
  case PROPERTY_USB_ACCESS:
    g_value_set_int (value, (int) self->usb_access);
    break;
  case PROPERTY_USB_SPEED:
    g_value_set_uint (value, self->usb_speed_mbps);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
oak_device_finalize (GObject *object)
{
  OakDevice *self = OAK_DEVICE (object);

  g_clear_pointer (&self->info, oak_device_info_unref);
  g_free (self->short_id);
  g_strfreev (self->addresses);
  g_free (self->usb_path);
  G_OBJECT_CLASS (oak_device_parent_class)->finalize (object);
}

static void
oak_device_class_init (OakDeviceClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oak_device_get_property;
  object_class->finalize = oak_device_finalize;

  properties[PROPERTY_INFO] = g_param_spec_boxed ("info", NULL, NULL, OAK_TYPE_DEVICE_INFO, flags);
  properties[PROPERTY_MXID] = g_param_spec_string ("mxid", NULL, NULL, NULL, flags);
  properties[PROPERTY_SHORT_ID] = g_param_spec_string ("short-id", NULL, NULL, NULL, flags);
  properties[PROPERTY_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL, flags);
  properties[PROPERTY_STATE] = g_param_spec_int ("state", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROPERTY_PRESENCE] = g_param_spec_int ("presence", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROPERTY_CONFLICT] = g_param_spec_boolean ("conflict", NULL, NULL, FALSE, flags);
  properties[PROPERTY_SUPPORTED] = g_param_spec_boolean ("supported", NULL, NULL, TRUE, flags);
  properties[PROPERTY_USB_ACCESS] = g_param_spec_int ("usb-access",
                                                      NULL,
                                                      NULL,
                                                      OAK_USB_ACCESS_UNTRIED,
                                                      OAK_USB_ACCESS_FAILED,
                                                      OAK_USB_ACCESS_FINE,
                                                      flags);
  properties[PROPERTY_USB_SPEED] =
      g_param_spec_uint ("usb-speed", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
oak_device_init (OakDevice *self)
{
  self->usb_access = OAK_USB_ACCESS_FINE;
}

static void
notify (OakDevice *self, OakDeviceProperty property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static OakDeviceInfo *
make_info (const OakDeviceFields *fields)
{
  if (fields->prefers_usb)
    return oak_device_info_new_usb (fields->mxid,
                                    fields->usb->path,
                                    fields->usb->peer_path,
                                    fields->state);
  return oak_device_info_new_network (fields->mxid,
                                      fields->addresses[fields->primary],
                                      fields->state);
}

static gboolean
update_info (OakDevice *self, const OakDeviceFields *fields)
{
  g_autoptr (OakDeviceInfo) before = g_steal_pointer (&self->info);

  self->info = make_info (fields);
  if (before == NULL || oak_device_info_equal (before, self->info))
    return FALSE;

  notify (self, PROPERTY_INFO);
  if (g_strcmp0 (oak_device_info_get_mxid (before), fields->mxid) != 0)
    notify (self, PROPERTY_MXID);
  if (g_strcmp0 (oak_device_info_get_address (before), oak_device_info_get_address (self->info)) !=
      0)
    notify (self, PROPERTY_ADDRESS);
  if (oak_device_info_get_state (before) != fields->state)
    notify (self, PROPERTY_STATE);
  return TRUE;
}

static gboolean
update_short_id (OakDevice *self, const char *short_id)
{
  if (g_strcmp0 (self->short_id, short_id) == 0)
    return FALSE;
  g_free (self->short_id);
  self->short_id = g_strdup (short_id);
  notify (self, PROPERTY_SHORT_ID);
  return TRUE;
}

static gboolean
update_addresses (OakDevice *self, const char *const *addresses)
{
  if (self->addresses != NULL && g_strv_equal ((const char *const *) self->addresses, addresses))
    return FALSE;
  g_strfreev (self->addresses);
  self->addresses = g_strdupv ((char **) addresses);
  return TRUE;
}

static gboolean
update_marks (OakDevice *self, const OakDeviceFields *fields)
{
  gboolean was_supported = oak_device_is_supported (self, NULL);
  gboolean changed = self->presence != fields->presence || self->conflict != fields->conflict ||
                     self->typed_by_hand != fields->typed_by_hand ||
                     self->platform != fields->platform;

  if (self->presence != fields->presence)
    notify (self, PROPERTY_PRESENCE);
  if (self->conflict != fields->conflict)
    notify (self, PROPERTY_CONFLICT);
  self->presence = fields->presence;
  self->conflict = fields->conflict;
  self->typed_by_hand = fields->typed_by_hand;
  self->platform = fields->platform;
  if (oak_device_is_supported (self, NULL) != was_supported)
    notify (self, PROPERTY_SUPPORTED);
  return changed;
}

static gboolean
update_usb (OakDevice *self, const OakDeviceFields *fields)
{
  const OakUsbFacts *usb = fields->usb;
  OakUsbAccess access = fields->prefers_usb ? usb->access : OAK_USB_ACCESS_FINE;
  guint speed_mbps = usb != NULL ? usb->speed_mbps : 0;
  gboolean could_be_faster = usb != NULL && usb->could_be_faster;
  const char *path = usb != NULL ? usb->path : NULL;
  gboolean changed = self->usb_access != access || self->usb_speed_mbps != speed_mbps ||
                     self->usb_could_be_faster != could_be_faster ||
                     g_strcmp0 (self->usb_path, path) != 0;

  if (self->usb_access != access)
    notify (self, PROPERTY_USB_ACCESS);
  if (self->usb_speed_mbps != speed_mbps || self->usb_could_be_faster != could_be_faster)
    notify (self, PROPERTY_USB_SPEED);
  self->usb_access = access;
  self->usb_speed_mbps = speed_mbps;
  self->usb_could_be_faster = could_be_faster;
  if (g_strcmp0 (self->usb_path, path) != 0) {
    g_free (self->usb_path);
    self->usb_path = g_strdup (path);
  }
  return changed;
}

gboolean
oak_device_update (OakDevice *self, const OakDeviceFields *fields)
{
  gboolean changed = FALSE;

  g_object_freeze_notify (G_OBJECT (self));
  changed |= update_info (self, fields);
  changed |= update_short_id (self, fields->short_id);
  changed |= update_addresses (self, fields->addresses);
  changed |= update_marks (self, fields);
  changed |= update_usb (self, fields);
  g_object_thaw_notify (G_OBJECT (self));
  return changed;
}

OakDevice *
oak_device_new (const OakDeviceFields *fields)
{
  OakDevice *self = g_object_new (OAK_TYPE_DEVICE, NULL);

  oak_device_update (self, fields);
  return self;
}

OakDeviceInfo *
oak_device_get_info (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), NULL);

  return self->info;
}

const char *
oak_device_get_mxid (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), NULL);

  return oak_device_info_get_mxid (self->info);
}

const char *
oak_device_get_short_id (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), NULL);

  return self->short_id;
}

const char *
oak_device_get_address (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), NULL);

  return oak_device_info_get_address (self->info);
}

const char *const *
oak_device_get_addresses (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), NULL);

  return (const char *const *) self->addresses;
}

OakDeviceState
oak_device_get_state (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), OAK_DEVICE_STATE_UNKNOWN);

  return oak_device_info_get_state (self->info);
}

OakTransport
oak_device_get_transport (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), OAK_TRANSPORT_NETWORK);

  return oak_device_info_get_transport (self->info);
}

const char *
oak_device_get_usb_path (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), NULL);

  return self->usb_path;
}

OakUsbAccess
oak_device_get_usb_access (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), OAK_USB_ACCESS_UNTRIED);

  return self->usb_access;
}

guint
oak_device_get_usb_speed (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), 0);

  return self->usb_speed_mbps;
}

gboolean
oak_device_get_usb_could_be_faster (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), FALSE);

  return self->usb_could_be_faster;
}

OakPresence
oak_device_get_presence (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), OAK_PRESENCE_MISSING);

  return self->presence;
}

gboolean
oak_device_get_conflict (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), FALSE);

  return self->conflict;
}

gboolean
oak_device_get_typed_by_hand (OakDevice *self)
{
  g_return_val_if_fail (OAK_IS_DEVICE (self), FALSE);

  return self->typed_by_hand;
}

static const char *
reason_for_platform (guint platform)
{
  switch (platform) {
  case OAK_DISCOVERY_PLATFORM_INVALID:
  case OAK_DISCOVERY_PLATFORM_RVC2:
    return NULL;
  case OAK_DISCOVERY_PLATFORM_RVC3:
    return "RVC3";
  case OAK_DISCOVERY_PLATFORM_RVC4:
    return "RVC4";
  default:
    return "unknown platform";
  }
}

gboolean
oak_device_is_supported (OakDevice *self, const char **reason)
{
  const char *found;

  g_return_val_if_fail (OAK_IS_DEVICE (self), FALSE);

  found = reason_for_platform (self->platform);
  if (reason != NULL)
    *reason = found;
  return found == NULL;
}
