/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-image-private.h"

#include <string.h>

#include <json-glib/json-glib.h>

#include "oak-error.h"
#include "oak-firmware-archive.h"
#include "oak-text.h"

/* What is known of one image, and the record on disk that keeps it. Any thread. */

#define RECORD_FORMAT     1
#define MAX_ORIGIN_LENGTH 500 /* characters */

struct _OakImage {
  char *sha256;
  gsize size;
  OakBootloaderType type;
  char *version; /* (nullable) */
  char *origin;
  OakImageChecksum checksum;
  gint64 time;
  gboolean is_made_up;
  gboolean is_whole;
};

OakImage *
oak_image_new (const char *sha256,
               gsize size,
               const OakImageFacts *facts,
               gboolean is_made_up,
               gint64 time)
{
  OakImage *self = g_atomic_rc_box_new0 (OakImage);

  self->sha256 = g_strdup (sha256);
  self->size = size;
  self->type = facts->type;
  self->version = g_strdup (facts->version);
  self->origin = oak_text_escape (facts->origin, -1, MAX_ORIGIN_LENGTH);
  self->checksum = facts->checksum;
  self->time = time;
  self->is_made_up = is_made_up;
  self->is_whole = TRUE;
  return self;
}

OakImage *
oak_image_new_damaged (OakImage *self)
{
  OakImageFacts facts = { self->type, self->version, self->origin, self->checksum };
  OakImage *damaged =
      oak_image_new (self->sha256, self->size, &facts, self->is_made_up, self->time);

  damaged->is_whole = FALSE;
  return damaged;
}

OakImage *
oak_image_ref (OakImage *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
oak_image_clear (OakImage *self)
{
  g_free (self->sha256);
  g_free (self->version);
  g_free (self->origin);
}

void
oak_image_unref (OakImage *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) oak_image_clear);
}

gboolean
oak_image_is_sha256 (const char *text)
{
  return strlen (text) == OAK_IMAGE_SHA256_LENGTH &&
         strspn (text, "0123456789abcdef") == OAK_IMAGE_SHA256_LENGTH;
}

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  if (text == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
add_number (JsonBuilder *builder, const char *name, gint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

char *
oak_image_to_record (OakImage *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  add_number (builder, "format", RECORD_FORMAT);
  add_text (builder, "sha256", self->sha256);
  add_number (builder, "size", (gint64) self->size);
  if (self->type != OAK_BOOTLOADER_TYPE_AUTO)
    add_text (builder, "type", oak_bootloader_type_to_string (self->type));
  add_text (builder, "version", self->version);
  add_text (builder, "origin", self->origin);
  json_builder_set_member_name (builder, "checksumMatches");
  json_builder_add_boolean_value (builder, self->checksum == OAK_IMAGE_CHECKSUM_MATCHES);
  json_builder_set_member_name (builder, "madeUp");
  json_builder_add_boolean_value (builder, self->is_made_up);
  add_number (builder, "time", self->time);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}

/* Returns: (transfer none) (nullable): NULL also when the member is something else. */
static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/* Returns: -1 when there is no such number. */
static gint64
get_number (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node)
                                                                         : -1;
}

static gboolean
get_boolean (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN &&
         json_node_get_boolean (node);
}

/* Returns: (transfer full) (nullable): NULL when something in it cannot be. */
static OakImage *
decode (JsonObject *object)
{
  const char *sha256 = get_text (object, "sha256");
  const char *type = get_text (object, "type");
  gint64 size = get_number (object, "size");
  OakImageFacts facts = {
    .type = OAK_BOOTLOADER_TYPE_AUTO,
    .version = get_text (object, "version"),
    .origin = get_text (object, "origin"),
    .checksum = get_boolean (object, "checksumMatches") ? OAK_IMAGE_CHECKSUM_MATCHES
                                                        : OAK_IMAGE_CHECKSUM_NONE,
  };

  if (get_number (object, "format") != RECORD_FORMAT || sha256 == NULL ||
      !oak_image_is_sha256 (sha256) || size <= 0 ||
      (guint64) size > OAK_FIRMWARE_ARCHIVE_MAX_CONTENT || facts.origin == NULL)
    return NULL;
  if (type != NULL && !oak_bootloader_type_parse (type, &facts.type))
    return NULL;
  if (facts.version != NULL && !oak_firmware_check_version (facts.version, NULL))
    return NULL;
  return oak_image_new (sha256,
                        (gsize) size,
                        &facts,
                        get_boolean (object, "madeUp"),
                        get_number (object, "time"));
}

OakImage *
oak_image_new_from_record (GBytes *record, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  gsize size = 0;
  const char *text = g_bytes_get_data (record, &size);
  JsonNode *root = NULL;
  OakImage *image = NULL;

  if (size <= OAK_IMAGE_MAX_RECORD_SIZE && g_utf8_validate (text, (gssize) size, NULL) &&
      json_parser_load_from_data (parser, text, (gssize) size, NULL))
    root = json_parser_get_root (parser);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    image = decode (json_node_get_object (root));
  if (image == NULL)
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_BAD_FILE,
                         "the record about it is damaged; import or download it again");
  return image;
}

const char *
oak_image_get_sha256 (OakImage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->sha256;
}

gsize
oak_image_get_size (OakImage *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->size;
}

OakBootloaderType
oak_image_get_type (OakImage *self)
{
  g_return_val_if_fail (self != NULL, OAK_BOOTLOADER_TYPE_AUTO);

  return self->type;
}

const char *
oak_image_get_version (OakImage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->version;
}

const char *
oak_image_get_origin (OakImage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->origin;
}

OakImageChecksum
oak_image_get_checksum (OakImage *self)
{
  g_return_val_if_fail (self != NULL, OAK_IMAGE_CHECKSUM_NONE);

  return self->checksum;
}

gint64
oak_image_get_time (OakImage *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->time;
}

gboolean
oak_image_is_made_up (OakImage *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->is_made_up;
}

gboolean
oak_image_is_whole (OakImage *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->is_whole;
}
