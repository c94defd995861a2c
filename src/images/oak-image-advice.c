/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-image-advice.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "oak-error.h"

/* Words for everything that can go wrong with bootloader images before a camera is involved. Pure
 * functions, any thread. */

static const OakImageAdvice texts_of_codes[OAK_ERROR_N_CODES] = {
  [OAK_ERROR_NO_ACCESS] = {
      N_ ("The Store Cannot Be Used"),
      N_ ("The folder that keeps bootloader images cannot be read or written."),
      N_ ("The disk is full, or the folder belongs to somebody else."),
      N_ ("Make room on the disk, or make the folder your own; the details name it.\nTry again."),
  },
  [OAK_ERROR_NOT_FOUND] = {
      N_ ("No Such Bootloader"),
      N_ ("There is no bootloader of that version."),
      N_ ("A typing error, or a version that was never released, or not brought into the store yet."),
      N_ ("Compare with “oakflash bootloader list”, which also names the versions that can be downloaded."),
  },
  [OAK_ERROR_UNREACHABLE] = {
      N_ ("The Server Cannot Be Reached"),
      N_ ("No connection to the server could be made."),
      N_ ("This computer has no way to the Internet, or a firewall or proxy is in between."),
      N_ ("Check the connection and try again.\nOr download the package and its .sha256 file on another computer, and import it."),
  },
  [OAK_ERROR_DISCONNECTED] = {
      N_ ("The Download Broke Off"),
      N_ ("The connection to the server ended again and again."),
      N_ ("The connection to the Internet is bad, or the server has a problem."),
      N_ ("Try again: what has come is kept, and the download goes on there."),
  },
  [OAK_ERROR_TIMED_OUT] = {
      N_ ("The Server Does Not Answer"),
      N_ ("The server was silent for too long, or so slow that there is no end to it."),
      N_ ("The server or the connection is overloaded."),
      N_ ("Try again later: what has come is kept, and the download goes on there."),
  },
  [OAK_ERROR_WRONG_DEVICE] = {
      N_ ("The Server Is Not Trusted"),
      N_ ("The server could not prove that it is the one it should be, so nothing was fetched from it."),
      N_ ("Something between this computer and the Internet answers in its place, or this computer’s date is wrong."),
      N_ ("Check this computer’s date.\nTry another connection to the Internet."),
  },
  [OAK_ERROR_PROTOCOL] = {
      N_ ("The Answer Makes No Sense"),
      N_ ("What came instead of the file or its checksum cannot be right."),
      N_ ("A login page of the network answered, the file with the checksum was cut off, or the server has changed."),
      N_ ("Check the connection in a web browser and try again.\nOr download the package and its .sha256 file there, and import it."),
  },
  [OAK_ERROR_REFUSED] = {
      N_ ("The Server Said No"),
      N_ ("The server does not hand the file out."),
      N_ ("It has a problem, is overloaded, or wants to know who asks."),
      N_ ("Try again later.\nOr download the package and its .sha256 file in a web browser, and import it."),
  },
  [OAK_ERROR_UNSUPPORTED] = {
      N_ ("That Address Is Not Allowed"),
      N_ ("Nothing was fetched, because the way there is not safe, or it is no address."),
      N_ ("The address does not begin with https://, or the server sends on to one that does not."),
      N_ ("Check the address of the server, also the one in OAK_FLASHER_SERVER.\nOr download the package and its .sha256 file in a web browser, and import it."),
  },
  [OAK_ERROR_NEEDS_CONSENT] = {
      N_ ("That Has to Be Decided"),
      N_ ("It contradicts what is known already, or leaves open what is meant."),
      N_ ("The version or the type that was given is not the one in the name or in the store; the details say which."),
      N_ ("Compare the details with “oakflash bootloader list”.\nGive the right version and type, or agree to replacing what is there."),
  },
  [OAK_ERROR_BAD_FILE] = {
      N_ ("The File Cannot Be Used"),
      N_ ("It is no bootloader package or image, or it is damaged."),
      N_ ("It was not downloaded completely, or is a file of another kind; the details say more."),
      N_ ("Get it again, from the vendor: depthai-bootloader-fwp-….tar.xz, or an image (.cmd, .mvcmd)."),
  },
  [OAK_ERROR_TOO_LARGE] = {
      N_ ("The File Is Too Large"),
      N_ ("No bootloader is as large as this, so nothing was kept of it."),
      N_ ("It is a file of another kind, or somebody wants to fill your memory; the details have the numbers."),
      N_ ("Get it again, from the vendor: depthai-bootloader-fwp-….tar.xz, or an image (.cmd, .mvcmd)."),
  },
  [OAK_ERROR_VERIFY_FAILED] = {
      N_ ("The Checksum Does Not Match"),
      N_ ("The file is not the one its checksum was made of, so nothing was kept of it."),
      N_ ("It was damaged or changed on its way."),
      N_ ("Get the file and its checksum again.\nIf that gives the same, do not use the file, and tell the vendor."),
  },
};

static const OakImageAdvice cancelled_texts = {
  N_ ("Stopped"),
  N_ ("The work was stopped because you asked for it."),
  N_ ("Nothing is wrong with the store; no half image is in it."),
  N_ ("Start again whenever you like: what has been downloaded is kept."),
};

static const OakImageAdvice unknown_texts = {
  N_ ("Something Unexpected Happened"),
  N_ ("The store is as it was."),
  N_ ("The cause is not known; the details have what the program knows."),
  N_ ("Try again.\nIf it happens again, ask for help with the details."),
};

static OakImageAdvice
get_texts (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return cancelled_texts;
  if (error->domain == OAK_ERROR && (guint) error->code < OAK_ERROR_N_CODES &&
      texts_of_codes[error->code].title != NULL)
    return texts_of_codes[error->code];
  return unknown_texts;
}

OakImageAdvice
oak_image_advice_get (const GError *error)
{
  OakImageAdvice texts = { NULL };

  g_return_val_if_fail (error != NULL, unknown_texts);

  texts = get_texts (error);
  return (OakImageAdvice){ _ (texts.title), _ (texts.what), _ (texts.why), _ (texts.todo) };
}
