/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OAK_ERROR:
 *
 * The one error domain of the core. Codes are sorted by what a person can do about them, not by
 * where they arose. Each layer converts what it calls (libusb, GIO, archives) into this domain at
 * its own edge. G_IO_ERROR_CANCELLED is never converted. Messages are untranslated fragments in
 * lower case without a final dot; callers add context with g_prefix_error ().
 */
#define OAK_ERROR (oak_error_quark ())

typedef enum {
  OAK_ERROR_NO_ACCESS,    /* the person has no right to open the device: udev rule */
  OAK_ERROR_BUSY,         /* another program or job holds it */
  OAK_ERROR_NOT_FOUND,    /* no such camera (yet) */
  OAK_ERROR_UNREACHABLE,  /* known, but no way to it: no route, refused, no answer to discovery */
  OAK_ERROR_DISCONNECTED, /* the link was there and is lost */
  OAK_ERROR_TIMED_OUT,    /* the camera is silent beyond its deadline */
  OAK_ERROR_WRONG_DEVICE, /* another camera than the confirmed one answers, or two at one address */
  OAK_ERROR_PROTOCOL,     /* bytes make no sense */
  OAK_ERROR_REFUSED,      /* the camera said no; its own text is kept in the message */
  OAK_ERROR_UNSUPPORTED,  /* bootloader too old, wrong type, memory absent */
  OAK_ERROR_NEEDS_CONSENT,  /* possible, but a person must agree to something first; the message
                               names it */
  OAK_ERROR_NOT_STANDALONE, /* the application waits for a host and would never start by itself */
  OAK_ERROR_BAD_FILE,       /* a chosen file is unreadable, damaged or not what it should be */
  OAK_ERROR_TOO_LARGE,      /* does not fit into the camera's memory or the flash section */
  OAK_ERROR_VERIFY_FAILED,  /* read-back differs from what was written */
  OAK_ERROR_NOT_CONFIRMED,  /* written, but there is no proof of success */
} OakError;

#define OAK_ERROR_N_CODES (OAK_ERROR_NOT_CONFIRMED + 1)

GQuark
oak_error_quark (void);

/* Returns: (transfer none): the code as a stable word such as "wrong-device", for logs and JSON. */
const char *
oak_error_code_to_string (OakError code);

G_END_DECLS
