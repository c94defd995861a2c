/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-address-dialog.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "flasher-text.h"
#include "oak-discovery.h"

/* Main thread. */

struct _FlasherAddressDialog {
  GtkWindow parent_instance;

  GtkEntry *entry;
  GtkLabel *error_label;
  OakDiscovery *discovery; /* (owned) */
};

static guint added_signal;

G_DEFINE_FINAL_TYPE (FlasherAddressDialog, flasher_address_dialog, GTK_TYPE_WINDOW)

static void
flasher_address_dialog_show_error (FlasherAddressDialog *self, const GError *error)
{
  g_autofree char *text = flasher_sentence (error != NULL ? error->message : "");

  gtk_label_set_text (self->error_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), error != NULL);
  if (error != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               error != NULL ? GTK_ACCESSIBLE_INVALID_TRUE
                                             : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

static void
changed_cb (FlasherAddressDialog *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));

  flasher_address_dialog_show_error (self, NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "dialog.add", text[0] != '\0');
}

static void
add_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  FlasherAddressDialog *self = FLASHER_ADDRESS_DIALOG (widget);
  g_autofree char *address = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  g_autoptr (GError) error = NULL;

  g_strstrip (address);
  if (!oak_discovery_add_address (self->discovery, address, &error)) {
    flasher_address_dialog_show_error (self, error);
    gtk_widget_grab_focus (GTK_WIDGET (self->entry));
    return;
  }
  g_signal_emit (self, added_signal, 0, address);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
flasher_address_dialog_dispose (GObject *object)
{
  g_clear_object (&FLASHER_ADDRESS_DIALOG (object)->discovery);
  G_OBJECT_CLASS (flasher_address_dialog_parent_class)->dispose (object);
}

static void
flasher_address_dialog_class_init (FlasherAddressDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = flasher_address_dialog_dispose;
  added_signal = g_signal_new ("added",
                               FLASHER_TYPE_ADDRESS_DIALOG,
                               G_SIGNAL_RUN_LAST,
                               0,
                               NULL,
                               NULL,
                               NULL,
                               G_TYPE_NONE,
                               1,
                               G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-address-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherAddressDialog, entry);
  gtk_widget_class_bind_template_child (widget_class, FlasherAddressDialog, error_label);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_install_action (widget_class, "dialog.add", NULL, add_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
flasher_address_dialog_init (FlasherAddressDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "dialog.add", FALSE);
}

FlasherAddressDialog *
flasher_address_dialog_new (GtkWindow *parent, OakDiscovery *discovery)
{
  FlasherAddressDialog *self = g_object_new (FLASHER_TYPE_ADDRESS_DIALOG,
                                             "transient-for",
                                             parent,
                                             "destroy-with-parent",
                                             TRUE,
                                             NULL);

  self->discovery = g_object_ref (discovery);
  return self;
}
