/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-config.h"

#include <string.h>

#include "oak-bson-private.h"
#include "oak-config-private.h"
#include "oak-error.h"

/* A bootloader's configuration: a JSON document of which a few keys have a meaning here
 * (bootloader.md §9.1). It is kept whole, so that a key nobody knows survives reading, changing and
 * writing. Single owner, no threads. */

#define KEY_APP_MEMORY               "appMem"
#define KEY_USER_BOOTLOADER_SIZE     "userBlSize"
#define KEY_USER_BOOTLOADER_CHECKSUM "userBlChecksum"
#define KEY_NETWORK                  "network"
#define KEY_USB                      "usb"
#define KEY_TIMEOUT_MS               "timeoutMs"
#define KEY_STATIC_IPV4              "staticIpv4"

#define NETWORK_TIMEOUT_MS 30000 /* the bootloader's defaults, bootloader.md §9.1 */
#define USB_TIMEOUT_MS     3000

#define TEXT_MAX_SIZE (1024 * 1024)

struct _OakConfig {
  JsonObject *document; /* (owned) */
};

static JsonNode *
copy_node (JsonNode *node, guint depth, GError **error);

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error_literal (error, OAK_ERROR, OAK_ERROR_BAD_FILE, reason);
  return FALSE;
}

/* The JSON parser lets some values pass that have no JSON form of their own. */
static gboolean
check_value (JsonNode *node, GError **error)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_DOUBLE && !oak_bson_double_has_json_form (json_node_get_double (node)))
    return refuse (error, "configuration has a number that cannot be kept");
  if (type == G_TYPE_STRING && !g_utf8_validate (json_node_get_string (node), -1, NULL))
    return refuse (error, "configuration has a text that is not valid UTF-8");
  return TRUE;
}

static JsonObject *
copy_object (JsonObject *object, guint depth, GError **error)
{
  g_autoptr (JsonObject) copy = json_object_new ();
  g_autoptr (GList) keys = json_object_get_members (object);

  for (GList *link = keys; link != NULL; link = link->next) {
    JsonNode *node = NULL;

    if (!g_utf8_validate (link->data, -1, NULL)) {
      refuse (error, "configuration has a key that is not valid UTF-8");
      return NULL;
    }
    node = copy_node (json_object_get_member (object, link->data), depth + 1, error);
    if (node == NULL)
      return NULL;
    json_object_set_member (copy, link->data, node);
  }
  return g_steal_pointer (&copy);
}

static JsonArray *
copy_array (JsonArray *array, guint depth, GError **error)
{
  g_autoptr (JsonArray) copy = json_array_new ();

  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *node = copy_node (json_array_get_element (array, i), depth + 1, error);

    if (node == NULL)
      return NULL;
    json_array_add_element (copy, node);
  }
  return g_steal_pointer (&copy);
}

/* json_node_copy () shares objects and arrays; this does not. */
static JsonNode *
copy_node (JsonNode *node, guint depth, GError **error)
{
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (JsonArray) array = NULL;

  if (JSON_NODE_HOLDS_VALUE (node))
    return check_value (node, error) ? json_node_copy (node) : NULL;
  if (JSON_NODE_HOLDS_NULL (node))
    return json_node_copy (node);
  if (depth > OAK_CONFIG_MAX_DEPTH) {
    refuse (error, "configuration is nested too deep");
    return NULL;
  }
  if (JSON_NODE_HOLDS_OBJECT (node))
    object = copy_object (json_node_get_object (node), depth, error);
  else
    array = copy_array (json_node_get_array (node), depth, error);
  if (object != NULL)
    return json_node_init_object (json_node_alloc (), object);
  return array != NULL ? json_node_init_array (json_node_alloc (), array) : NULL;
}

OakConfig *
oak_config_new (void)
{
  OakConfig *self = g_new0 (OakConfig, 1);

  self->document = json_object_new ();
  return self;
}

OakConfig *
oak_config_new_from_json (JsonNode *document, GError **error)
{
  g_autoptr (OakConfig) self = g_new0 (OakConfig, 1);

  if (document == NULL || !JSON_NODE_HOLDS_OBJECT (document)) {
    refuse (error, "configuration is no JSON object");
    return NULL;
  }
  self->document = copy_object (json_node_get_object (document), 1, error);
  return self->document != NULL ? g_steal_pointer (&self) : NULL;
}

OakConfig *
oak_config_new_from_text (const char *text, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) local_error = NULL;
  const char *fault = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  if (strnlen (text, TEXT_MAX_SIZE + 1) > TEXT_MAX_SIZE)
    fault = "configuration text is too long";
  else
    fault = oak_config_find_fault (text);
  if (fault != NULL) {
    refuse (error, fault);
    return NULL;
  }
  if (!json_parser_load_from_data (parser, text, -1, &local_error)) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "configuration is no JSON: %s",
                 local_error->message);
    return NULL;
  }
  return oak_config_new_from_json (json_parser_get_root (parser), error);
}

OakConfig *
oak_config_new_from_bson (const void *data, gsize size, GError **error)
{
  g_autoptr (OakConfig) self = NULL;
  g_autoptr (JsonNode) document = oak_bson_decode (data, size, error);

  if (document == NULL)
    return NULL;
  self = g_new0 (OakConfig, 1);
  self->document = json_node_dup_object (document);
  return g_steal_pointer (&self);
}

OakConfig *
oak_config_copy (const OakConfig *self)
{
  OakConfig *copy = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  copy = g_new0 (OakConfig, 1);
  copy->document = copy_object (self->document, 1, NULL);
  return copy;
}

void
oak_config_free (OakConfig *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->document, json_object_unref);
  g_free (self);
}

JsonNode *
oak_config_to_json (const OakConfig *self)
{
  g_autoptr (JsonObject) document = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  document = copy_object (self->document, 1, NULL);
  return json_node_init_object (json_node_alloc (), document);
}

char *
oak_config_to_text (const OakConfig *self, gboolean pretty)
{
  g_autoptr (JsonNode) document = oak_config_to_json (self);

  g_return_val_if_fail (document != NULL, NULL);

  return json_to_string (document, pretty);
}

GBytes *
oak_config_to_bson (const OakConfig *self, GError **error)
{
  g_autoptr (JsonNode) document = oak_config_to_json (self);

  g_return_val_if_fail (document != NULL, NULL);

  return oak_bson_encode (document, error);
}

gboolean
oak_config_equal (const OakConfig *a, const OakConfig *b)
{
  g_autoptr (JsonNode) document_a = oak_config_to_json (a);
  g_autoptr (JsonNode) document_b = oak_config_to_json (b);

  g_return_val_if_fail (document_a != NULL && document_b != NULL, FALSE);

  return json_node_equal (document_a, document_b);
}

/* Returns: (nullable): the value of @key in the object @section, or at the top when that is NULL.
 */
static JsonNode *
find_value (const OakConfig *self, const char *section, const char *key)
{
  JsonObject *object = self->document;
  JsonNode *node = NULL;

  if (section != NULL) {
    node = json_object_get_member (object, section);
    if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
      return NULL;
    object = json_node_get_object (node);
  }
  node = json_object_get_member (object, key);
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? node : NULL;
}

static gint64
get_integer (const OakConfig *self,
             const char *section,
             const char *key,
             gint64 maximum,
             gint64 fallback)
{
  JsonNode *node = find_value (self, section, key);
  gint64 value = 0;

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_INT64)
    return fallback;
  value = json_node_get_int (node);
  return value >= G_MININT32 && value <= maximum ? value : fallback;
}

/* The bytes of an unsigned number may have been written as a negative one of the same width. */
static guint32
get_unsigned (const OakConfig *self, const char *section, const char *key)
{
  return (guint32) get_integer (self, section, key, G_MAXUINT32, 0);
}

OakMemory
oak_config_get_app_memory (const OakConfig *self)
{
  g_return_val_if_fail (self != NULL, OAK_MEMORY_AUTO);

  return (OakMemory) get_integer (self, NULL, KEY_APP_MEMORY, G_MAXINT32, OAK_MEMORY_AUTO);
}

gboolean
oak_config_has_app_memory (const OakConfig *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return json_object_has_member (self->document, KEY_APP_MEMORY);
}

void
oak_config_set_app_memory (OakConfig *self, OakMemory memory)
{
  g_return_if_fail (self != NULL);

  json_object_set_int_member (self->document, KEY_APP_MEMORY, memory);
}

int
oak_config_get_timeout_ms (const OakConfig *self, OakBootloaderType type)
{
  gboolean is_usb = type == OAK_BOOTLOADER_TYPE_USB;

  g_return_val_if_fail (self != NULL, 0);

  return (int) get_integer (self,
                            is_usb ? KEY_USB : KEY_NETWORK,
                            KEY_TIMEOUT_MS,
                            G_MAXINT32,
                            is_usb ? USB_TIMEOUT_MS : NETWORK_TIMEOUT_MS);
}

guint32
oak_config_get_user_bootloader_size (const OakConfig *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return get_unsigned (self, NULL, KEY_USER_BOOTLOADER_SIZE);
}

guint32
oak_config_get_user_bootloader_checksum (const OakConfig *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return get_unsigned (self, NULL, KEY_USER_BOOTLOADER_CHECKSUM);
}

void
oak_config_set_user_bootloader (OakConfig *self, guint32 size, guint32 checksum)
{
  g_return_if_fail (self != NULL);

  json_object_set_int_member (self->document, KEY_USER_BOOTLOADER_SIZE, size);
  json_object_set_int_member (self->document, KEY_USER_BOOTLOADER_CHECKSUM, checksum);
}

gboolean
oak_config_get_static_ipv4 (const OakConfig *self)
{
  JsonNode *node = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  node = find_value (self, KEY_NETWORK, KEY_STATIC_IPV4);
  return node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN &&
         json_node_get_boolean (node);
}

char *
oak_config_get_ipv4 (const OakConfig *self, const char *key)
{
  guint32 address = 0;

  g_return_val_if_fail (self != NULL && key != NULL, NULL);

  /* The first byte of the address is the lowest of the number (bootloader.md §9.2). */
  address = get_unsigned (self, KEY_NETWORK, key);
  return g_strdup_printf ("%u.%u.%u.%u",
                          address & 0xff,
                          address >> 8 & 0xff,
                          address >> 16 & 0xff,
                          address >> 24);
}
