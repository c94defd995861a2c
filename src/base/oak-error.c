/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-error.h"

/* Not G_DEFINE_QUARK: clang-format takes the name apart at its dashes. */
GQuark
oak_error_quark (void)
{
  return g_quark_from_static_string ("oak-error-quark");
}

static const char *const code_names[] = {
  [OAK_ERROR_NO_ACCESS] = "no-access",
  [OAK_ERROR_BUSY] = "busy",
  [OAK_ERROR_NOT_FOUND] = "not-found",
  [OAK_ERROR_UNREACHABLE] = "unreachable",
  [OAK_ERROR_DISCONNECTED] = "disconnected",
  [OAK_ERROR_TIMED_OUT] = "timed-out",
  [OAK_ERROR_WRONG_DEVICE] = "wrong-device",
  [OAK_ERROR_PROTOCOL] = "protocol",
  [OAK_ERROR_REFUSED] = "refused",
  [OAK_ERROR_UNSUPPORTED] = "unsupported",
  [OAK_ERROR_NEEDS_CONSENT] = "needs-consent",
  [OAK_ERROR_NOT_STANDALONE] = "not-standalone",
  [OAK_ERROR_BAD_FILE] = "bad-file",
  [OAK_ERROR_TOO_LARGE] = "too-large",
  [OAK_ERROR_VERIFY_FAILED] = "verify-failed",
  [OAK_ERROR_NOT_CONFIRMED] = "not-confirmed",
};

G_STATIC_ASSERT (G_N_ELEMENTS (code_names) == OAK_ERROR_N_CODES);

const char *
oak_error_code_to_string (OakError code)
{
  if ((guint) code >= G_N_ELEMENTS (code_names))
    return "unknown";
  return code_names[code];
}
