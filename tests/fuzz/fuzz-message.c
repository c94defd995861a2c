/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fuzz-assert.h"
#include "oak-bootloader-message.h"
#include "oak-error.h"
#include "oak-xlink-event.h"

/* Event headers, requests and responses from any bytes: the first byte of the input chooses.
 * Whatever decodes must come out of the encoder in a form that decodes to the same. */

enum { EVENT, REQUEST, RESPONSE, N_KINDS };

static void
fuzz_event (const guint8 *data, gsize size)
{
  guint8 encoded[OAK_XLINK_EVENT_SIZE];
  guint8 again[OAK_XLINK_EVENT_SIZE];
  g_autoptr (GError) error = NULL;
  OakXlinkEvent event;

  if (!oak_xlink_event_decode (&event, data, size, &error)) {
    FUZZ_ASSERT (g_error_matches (error, OAK_ERROR, OAK_ERROR_PROTOCOL));
    return;
  }
  FUZZ_ASSERT (error == NULL && size >= sizeof encoded);
  FUZZ_ASSERT (strcmp (oak_xlink_event_type_to_string (event.type), "unknown") != 0);
  FUZZ_ASSERT (event.type != OAK_XLINK_EVENT_WRITE_REQ || event.size <= OAK_XLINK_MAX_PACKET_SIZE);
  oak_xlink_event_encode (&event, encoded);
  FUZZ_ASSERT (memcmp (encoded, data, 8) == 0 && memcmp (encoded + 60, data + 60, 24) == 0);
  FUZZ_ASSERT (oak_xlink_event_decode (&event, encoded, sizeof encoded, NULL));
  oak_xlink_event_encode (&event, again);
  FUZZ_ASSERT (memcmp (encoded, again, sizeof encoded) == 0);
  oak_xlink_event_init_response (&event, &event);
  FUZZ_ASSERT (!oak_xlink_event_is_request (&event));
}

static void
fuzz_request (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) encoded = NULL;
  g_autoptr (GBytes) again = NULL;
  OakBootloaderRequest request;

  if (!oak_bootloader_request_decode (&request, data, size, &error)) {
    FUZZ_ASSERT (g_error_matches (error, OAK_ERROR, OAK_ERROR_PROTOCOL));
    return;
  }
  FUZZ_ASSERT (error == NULL);
  encoded = oak_bootloader_request_encode (&request);
  FUZZ_ASSERT (g_bytes_get_size (encoded) <= size);
  FUZZ_ASSERT (oak_bootloader_request_decode (&request,
                                              g_bytes_get_data (encoded, NULL),
                                              g_bytes_get_size (encoded),
                                              NULL));
  again = oak_bootloader_request_encode (&request);
  FUZZ_ASSERT (g_bytes_equal (encoded, again));
  FUZZ_ASSERT (strcmp (oak_request_command_to_string (request.command), "unknown") != 0);
  FUZZ_ASSERT (oak_version_at_least (oak_request_command_get_since (request.command), 0, 0, 2));
}

static void
fuzz_response (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) encoded = NULL;
  g_autoptr (GBytes) again = NULL;
  OakBootloaderResponse response;

  if (!oak_bootloader_response_decode (&response, data, size, &error)) {
    FUZZ_ASSERT (g_error_matches (error, OAK_ERROR, OAK_ERROR_PROTOCOL));
    return;
  }
  FUZZ_ASSERT (error == NULL);
  encoded = oak_bootloader_response_encode (&response);
  FUZZ_ASSERT (g_bytes_get_size (encoded) <= size);
  FUZZ_ASSERT (oak_bootloader_response_decode (&response,
                                               g_bytes_get_data (encoded, NULL),
                                               g_bytes_get_size (encoded),
                                               NULL));
  again = oak_bootloader_response_encode (&response);
  FUZZ_ASSERT (g_bytes_equal (encoded, again));
  FUZZ_ASSERT (strcmp (oak_response_command_to_string (response.command), "unknown") != 0);
}

int
fuzz_one_input (const guint8 *data, gsize size)
{
  if (size == 0)
    return 0;
  switch (data[0] % N_KINDS) {
  case EVENT:
    fuzz_event (data + 1, size - 1);
    break;
  case REQUEST:
    fuzz_request (data + 1, size - 1);
    break;
  default:
    fuzz_response (data + 1, size - 1);
    break;
  }
  return 0;
}
