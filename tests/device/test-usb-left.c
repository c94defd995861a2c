/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "device-support.h"
#include "oak-bootloader-message.h"
#include "oak-bootloader.h"
#include "oak-connector.h"
#include "oak-device-info.h"
#include "oak-error.h"
#include "oak-link.h"
#include "oak-usb-link.h"
#include "oak-xlink-event.h"
#include "test-support.h"
#include "usb-bed.h"

/* A host that went without RESET leaves its conversation in the camera, which over USB notices
 * nothing. Whoever comes next starts a new one, whatever the old one was in the middle of. */

#define MXID    "14442C10D1234567D0"
#define WAIT_MS (20 * 1000)

typedef struct {
  UsbBed *bed;
  UsbCamera *camera;
  TestResources before;
  TestReport report;
  OakTimeouts timeouts;
} Fixture;

/* Where the old host stopped. */
typedef enum {
  LEFT_AFTER_PING,
  LEFT_WITH_STREAMS,       /* nothing is under way: the camera only waits */
  LEFT_WITH_AN_ANSWER,     /* a question was asked and its answer was not fetched */
  LEFT_BEFORE_THE_RELEASE, /* the answer was fetched, but never released */
  LEFT_IN_A_PACKET,        /* the camera waits for the rest of a payload */
} Leaving;

typedef struct {
  const char *label;
  Leaving leaving;
  gboolean has_watchdog; /* FALSE: only a RESET can end the old conversation */
} Case;

static const Case cases[] = {
  { "after-the-ping", LEFT_AFTER_PING, FALSE },
  { "with-open-streams", LEFT_WITH_STREAMS, FALSE },
  { "with-an-answer-on-its-way", LEFT_WITH_AN_ANSWER, TRUE },
  { "with-an-answer-not-released", LEFT_BEFORE_THE_RELEASE, FALSE },
  { "in-the-middle-of-a-packet", LEFT_IN_A_PACKET, TRUE },
};

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const Case *test_case = data;
  UsbCameraOptions options;

  fixture->bed = usb_bed_new ();
  test_report_init (&fixture->report);
  test_timeouts_init_long (&fixture->timeouts);
  usb_camera_options_init (&options);
  options.mxid = MXID;
  if (!test_case->has_watchdog)
    options.watchdog_ms = 0;
  fixture->camera = usb_bed_add_camera (fixture->bed, &options);
  test_resources_take (&fixture->before);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  test_report_clear (&fixture->report);
  test_resources_assert_equal (&fixture->before);
  usb_bed_free (fixture->bed);
}

static void
send (OakLink *link, const OakXlinkEvent *event, gconstpointer payload, gsize payload_size)
{
  guint8 header[OAK_XLINK_EVENT_SIZE];
  const GOutputVector vectors[] = { { header, sizeof header }, { payload, payload_size } };
  g_autoptr (GError) error = NULL;

  oak_xlink_event_encode (event, header);
  oak_link_write_all (link,
                      vectors,
                      payload_size > 0 ? 2 : 1,
                      oak_deadline_in_ms (WAIT_MS),
                      NULL,
                      &error);
  g_assert_no_error (error);
}

/* Reads until an event of @type comes, with its payload. */
static void
receive_until (OakLink *link, OakXlinkEventType type)
{
  OakXlinkEvent event = { .type = G_MAXUINT32 };

  while (event.type != (guint32) type) {
    guint8 bytes[OAK_XLINK_EVENT_SIZE];
    g_autoptr (GError) error = NULL;

    oak_link_read_all (link, bytes, sizeof bytes, oak_deadline_in_ms (WAIT_MS), NULL, &error);
    g_assert_no_error (error);
    g_assert_true (oak_xlink_event_decode (&event, bytes, sizeof bytes, &error));
    if (event.type != OAK_XLINK_EVENT_WRITE_REQ)
      continue;
    g_assert_cmpuint (event.size, <=, sizeof bytes);
    oak_link_read_all (link, bytes, event.size, oak_deadline_in_ms (WAIT_MS), NULL, &error);
    g_assert_no_error (error);
  }
}

static void
open_streams (OakLink *link)
{
  OakXlinkEvent create = { .id = 2,
                           .type = OAK_XLINK_EVENT_CREATE_STREAM_REQ,
                           .stream_name = OAK_BOOTLOADER_STREAM,
                           .size = OAK_BOOTLOADER_PACKET_SIZE,
                           .flags = OAK_XLINK_FLAG_ACK };
  OakXlinkEvent create_response = { .id = 1,
                                    .type = OAK_XLINK_EVENT_CREATE_STREAM_RESP,
                                    .stream_name = OAK_BOOTLOADER_STREAM,
                                    .size = OAK_BOOTLOADER_PACKET_SIZE,
                                    .flags = OAK_XLINK_FLAG_ACK };

  receive_until (link, OAK_XLINK_EVENT_CREATE_STREAM_REQ);
  send (link, &create_response, NULL, 0);
  send (link, &create, NULL, 0);
  receive_until (link, OAK_XLINK_EVENT_CREATE_STREAM_RESP);
}

static void
ask_version (OakLink *link)
{
  static const guint8 request[4] = { OAK_REQUEST_GET_VERSION };
  OakXlinkEvent write = { .id = 3,
                          .type = OAK_XLINK_EVENT_WRITE_REQ,
                          .size = sizeof request,
                          .flags = OAK_XLINK_FLAG_ACK };

  send (link, &write, request, sizeof request);
  receive_until (link, OAK_XLINK_EVENT_WRITE_RESP);
}

static void
send_half_a_packet (OakLink *link)
{
  guint8 half[512] = { 0 };
  OakXlinkEvent write = { .id = 3,
                          .type = OAK_XLINK_EVENT_WRITE_REQ,
                          .size = 2 * sizeof half,
                          .flags = OAK_XLINK_FLAG_ACK };

  send (link, &write, half, sizeof half);
}

/* The old host, up to the point where it is gone. */
static void
converse_and_leave (UsbCamera *camera, Leaving leaving)
{
  g_autofree char *path = usb_camera_get_path (camera);
  g_autoptr (GError) error = NULL;
  g_autoptr (OakLink) link = oak_usb_link_open (path, MXID, &error);
  OakXlinkEvent ping = { .id = 1, .type = OAK_XLINK_EVENT_PING_REQ, .flags = OAK_XLINK_FLAG_ACK };

  g_assert_no_error (error);
  send (link, &ping, NULL, 0);
  receive_until (link, OAK_XLINK_EVENT_PING_RESP);
  if (leaving != LEFT_AFTER_PING)
    open_streams (link);
  if (leaving == LEFT_WITH_AN_ANSWER || leaving == LEFT_BEFORE_THE_RELEASE)
    ask_version (link);
  if (leaving == LEFT_BEFORE_THE_RELEASE)
    receive_until (link, OAK_XLINK_EVENT_WRITE_REQ);
  if (leaving == LEFT_IN_A_PACKET)
    send_half_a_packet (link);
  oak_link_close (link);
}

static void
test_the_next_host_begins_anew (Fixture *fixture, gconstpointer data)
{
  const Case *test_case = data;
  g_autofree char *path = usb_camera_get_path (fixture->camera);
  g_autoptr (OakDeviceInfo) info =
      oak_device_info_new_usb (MXID, path, NULL, OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakConnector) connector =
      oak_connector_new (info, OAK_NETWORK_SCOPE_ANY, &fixture->timeouts, &fixture->report.report);
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;
  UsbCameraStats stats;

  converse_and_leave (fixture->camera, test_case->leaving);
  bootloader = oak_connector_open (connector, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oak_bootloader_get_version (bootloader).patch, ==, 28);
  g_assert_true (oak_connector_is_type_trusted (connector));
  g_assert_true (oak_bootloader_reset (&bootloader, &error));
  g_assert_no_error (error);

  usb_camera_get_stats (fixture->camera, &stats);
  g_assert_cmpuint (stats.protocol_errors, ==, 0);
  g_assert_cmpuint (stats.resets, ==, 2);
  g_assert_true (usb_camera_wait_for_state (fixture->camera, OAK_DEVICE_STATE_BOOTLOADER));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  test_device_main_begin ();
  g_setenv ("XDG_STATE_HOME", g_getenv ("XDG_RUNTIME_DIR"), TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *name =
        g_strconcat ("/device/usb-left/the-next-host-begins-anew/", cases[i].label, NULL);

    g_test_add (name, Fixture, &cases[i], set_up, test_the_next_host_begins_anew, tear_down);
  }
  result = g_test_run ();
  test_device_main_end ();
  return result;
}
