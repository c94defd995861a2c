/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bson.h"
#include "oak-error.h"
#include "test-bytes.h"

/* BSON and JSON by chance: random documents come back, randomly damaged ones do no harm. With -m
 * slow there are many more. */

static JsonNode *
decode (GBytes *bytes)
{
  g_autofree guint8 *block = test_bytes_cut (bytes, g_bytes_get_size (bytes));
  g_autoptr (GError) error = NULL;
  JsonNode *node = oak_bson_decode (block, g_bytes_get_size (bytes), &error);

  g_assert_no_error (error);
  return node;
}

/* A document with every kind of value in it. */
static GBytes *
make_original (void)
{
  g_autoptr (JsonNode) node = json_from_string (
      "{\"appMem\":-1,\"network\":{\"ipv4\":2516691136,\"mac\":[0,1,2,3,4,5],\"staticIpv4\":true},"
      "\"a\":null,\"b\":0.25,\"c\":\"text\",\"d\":{\"$bson\":{\"type\":9,\"data\":\"AQIDBAUGBwg=\"}"
      "}}",
      NULL);
  GBytes *bytes = oak_bson_encode (node, NULL);

  g_assert_nonnull (bytes);
  return bytes;
}

static JsonNode *
make_random_node (guint depth);

static JsonNode *
make_random_object (guint depth)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  gint32 n_members = g_test_rand_int_range (0, 6);

  for (gint32 i = 0; i < n_members; i++) {
    g_autofree char *key =
        g_strdup_printf ("%s%d", i % 2 == 0 ? "k" : "ö", g_test_rand_int_range (0, 1000));

    json_object_set_member (object, key, make_random_node (depth + 1));
  }
  if (g_test_rand_int_range (0, 10) == 0)
    json_object_set_member (object, "$bson", make_random_node (depth + 1));
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
make_random_array (guint depth)
{
  JsonArray *array = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  gint32 n_elements = g_test_rand_int_range (0, 12);

  for (gint32 i = 0; i < n_elements; i++)
    json_array_add_element (array, make_random_node (depth + 1));
  json_node_take_array (node, array);
  return node;
}

static JsonNode *
make_random_node (guint depth)
{
  gint64 number =
      (gint64) ((guint64) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ());

  switch (g_test_rand_int_range (0, depth < 4 ? 8 : 6)) {
  case 0:
    return json_node_init_null (json_node_alloc ());
  case 1:
    return json_node_init_boolean (json_node_alloc (), g_test_rand_bit ());
  case 2:
    return json_node_init_int (json_node_alloc (), number >> g_test_rand_int_range (0, 64));
  case 3:
    return json_node_init_double (json_node_alloc (), g_test_rand_double_range (-1e9, 1e9));
  case 4:
    return json_node_init_string (json_node_alloc (), g_test_rand_bit () ? "" : "some \"text\"\n");
  case 5:
    return json_node_init_int (json_node_alloc (), g_test_rand_int_range (-2, 3));
  case 6:
    return make_random_array (depth);
  default:
    return make_random_object (depth);
  }
}

/* Some random objects are damaged stand-ins, which the encoder refuses; all others come back. */
static void
test_random_documents_come_back (void)
{
  const guint n_documents = g_test_slow () ? 5000 : 200;
  guint n_written = 0;

  for (guint i = 0; i < n_documents; i++) {
    g_autoptr (JsonNode) node = make_random_object (1);
    g_autoptr (GBytes) bytes = oak_bson_encode (node, NULL);
    g_autoptr (JsonNode) decoded = bytes != NULL ? decode (bytes) : NULL;
    g_autoptr (GBytes) again = NULL;

    if (bytes == NULL)
      continue;
    n_written++;
    g_assert_true (json_node_equal (node, decoded));
    again = oak_bson_encode (decoded, NULL);
    test_bytes_assert_equal (again, bytes);
  }
  g_assert_cmpuint (n_written, >, n_documents / 2);
}

/* Any bytes: either an error, or a document that says the same after being written. */
static void
test_damaged_documents_do_no_harm (void)
{
  g_autoptr (GBytes) original = make_original ();
  const guint n_documents = g_test_slow () ? 20000 : 500;
  gsize size = g_bytes_get_size (original);

  for (guint i = 0; i < n_documents; i++) {
    g_autofree guint8 *block = test_bytes_cut (original, size);
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) node = NULL;

    for (gint32 n = g_test_rand_int_range (1, 4); n > 0; n--)
      block[g_test_rand_int_range (0, (gint32) size)] = (guint8) g_test_rand_int_range (0, 256);
    node = oak_bson_decode (block, size, &error);
    if (node == NULL)
      g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
    else {
      g_autoptr (GBytes) bytes = oak_bson_encode (node, &error);
      g_autoptr (JsonNode) again = NULL;

      g_assert_no_error (error);
      again = decode (bytes);
      g_assert_true (json_node_equal (node, again));
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/bson-random/random-documents-come-back", test_random_documents_come_back);
  g_test_add_func ("/wire/bson-random/damaged-documents-do-no-harm",
                   test_damaged_documents_do_no_harm);
  return g_test_run ();
}
