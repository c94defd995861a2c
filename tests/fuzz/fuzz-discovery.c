/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fuzz-assert.h"
#include "oak-discovery-datagram.h"
#include "oak-error.h"

/* Datagrams from anybody in the network: each input is tried as a request, as a reply and as an
 * information. */

static void
assert_protocol (const GError *error)
{
  FUZZ_ASSERT (g_error_matches (error, OAK_ERROR, OAK_ERROR_PROTOCOL));
}

static void
assert_printable (const char *mxid)
{
  FUZZ_ASSERT (*mxid != '\0' && strlen (mxid) <= OAK_MXID_FIELD_SIZE);
  for (; *mxid != '\0'; mxid++)
    FUZZ_ASSERT (g_ascii_isprint (*mxid));
}

static void
fuzz_request (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  guint8 encoded[OAK_DISCOVERY_REQUEST_SIZE];
  guint32 command = 0;

  if (!oak_discovery_request_decode (&command, data, size, &error)) {
    assert_protocol (error);
    return;
  }
  oak_discovery_request_encode ((OakDiscoveryCommand) command, encoded);
  FUZZ_ASSERT (memcmp (encoded, data, sizeof encoded) == 0);
}

static void
fuzz_reply (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) encoded = NULL;
  g_autoptr (GBytes) again = NULL;
  OakDiscoveryReply reply;

  if (!oak_discovery_reply_decode (&reply, data, size, &error)) {
    assert_protocol (error);
    return;
  }
  assert_printable (reply.mxid);
  encoded = oak_discovery_reply_encode (&reply);
  FUZZ_ASSERT (g_bytes_get_size (encoded) <= size);
  FUZZ_ASSERT (oak_discovery_reply_decode (&reply,
                                           g_bytes_get_data (encoded, NULL),
                                           g_bytes_get_size (encoded),
                                           NULL));
  again = oak_discovery_reply_encode (&reply);
  FUZZ_ASSERT (g_bytes_equal (encoded, again));
}

static void
fuzz_info (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) encoded = NULL;
  g_autoptr (GBytes) again = NULL;
  OakDiscoveryInfo info;

  if (!oak_discovery_info_decode (&info, data, size, &error)) {
    assert_protocol (error);
    return;
  }
  assert_printable (info.mxid);
  encoded = oak_discovery_info_encode (&info);
  FUZZ_ASSERT (oak_discovery_info_decode (&info,
                                          g_bytes_get_data (encoded, NULL),
                                          g_bytes_get_size (encoded),
                                          NULL));
  again = oak_discovery_info_encode (&info);
  FUZZ_ASSERT (g_bytes_equal (encoded, again));
}

int
fuzz_one_input (const guint8 *data, gsize size)
{
  fuzz_request (data, size);
  fuzz_reply (data, size);
  fuzz_info (data, size);
  return 0;
}
