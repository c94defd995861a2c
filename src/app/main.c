/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <locale.h>

#include "flasher-application.h"
#include "flasher-paths.h"

/* oak-flasher: the window. */

int
main (int argc, char **argv)
{
  g_autoptr (FlasherApplication) application = NULL;
  const char *locale_dir = g_getenv ("APP_LOCALEDIR");

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locale_dir != NULL ? locale_dir : FLASHER_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("oak-flasher");
  g_set_application_name (_ ("OAK Flasher"));
  application = flasher_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
