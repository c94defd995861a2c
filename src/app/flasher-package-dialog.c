/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-package-dialog.h"

#include <glib/gi18n.h>

#include "flasher-package-page.h"
#include "flasher-widgets.h"

/* Main thread. */

#define FLASHER_DIALOG_WIDTH  640
#define FLASHER_DIALOG_HEIGHT 700

static void
flasher_package_dialog_close_on_escape (GtkWidget *dialog)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                        gtk_named_action_new ("window.close")));
  gtk_widget_add_controller (dialog, controller);
}

GtkWindow *
flasher_package_dialog_new (GtkWindow *parent,
                            FlasherBundle *bundle,
                            const OakAppTarget *target,
                            const char *camera)
{
  FlasherPackagePage *page = g_object_new (FLASHER_TYPE_PACKAGE_PAGE, NULL);
  GtkWidget *dialog = NULL;
  int usual_width =
      (int) (FLASHER_DIALOG_WIDTH * flasher_widget_get_text_scale (GTK_WIDGET (parent)));
  int width = gtk_widget_get_width (GTK_WIDGET (parent));
  int height = gtk_widget_get_height (GTK_WIDGET (parent));

  flasher_package_page_set_bundle (page, bundle, target, camera);
  dialog = g_object_new (GTK_TYPE_WINDOW,
                         "title",
                         _ ("Package Details"),
                         "transient-for",
                         parent,
                         "modal",
                         TRUE,
                         "destroy-with-parent",
                         TRUE,
                         "default-width",
                         width > 0 ? MIN (width, usual_width) : usual_width,
                         "default-height",
                         height > 0 ? MIN (height, FLASHER_DIALOG_HEIGHT) : FLASHER_DIALOG_HEIGHT,
                         "titlebar",
                         gtk_header_bar_new (),
                         "child",
                         page,
                         NULL);
  gtk_widget_add_css_class (dialog, "package-dialog");
  flasher_package_dialog_close_on_escape (dialog);
  return GTK_WINDOW (dialog);
}
