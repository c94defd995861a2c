/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-device-row.h"

#include "flasher-text.h"
#include "flasher-widgets.h"
#include "oak-device.h"

/* Main thread. */

struct _FlasherDeviceRow {
  GtkWidget parent_instance;

  GtkBox *box;
  GtkImage *image;
  GtkLabel *title_label;
  GtkLabel *state_label;
  GtkLabel *address_label;
  GtkSpinner *spinner;
  OakDevice *device;     /* (owned) (nullable) */
  GSignalGroup *signals; /* (owned) */
  const char *style;     /* (unowned) (nullable): CSS class set now */
  gboolean busy;
};

G_DEFINE_FINAL_TYPE (FlasherDeviceRow, flasher_device_row, GTK_TYPE_WIDGET)

static void
flasher_device_row_set_style (FlasherDeviceRow *self, const char *style)
{
  if (g_strcmp0 (self->style, style) == 0)
    return;
  if (self->style != NULL)
    gtk_widget_remove_css_class (GTK_WIDGET (self), self->style);
  self->style = style;
  gtk_widget_add_css_class (GTK_WIDGET (self), style);
}

static void
flasher_device_row_update_label (FlasherDeviceRow *self)
{
  GtkWidget *item = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autofree char *label = flasher_device_row_to_label (self);

  /* The list's own item is what is focused and read; it takes its name from nowhere else. */
  if (item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (item),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    label,
                                    -1);
}

static void
flasher_device_row_update (FlasherDeviceRow *self)
{
  FlasherSituation situation;
  g_autofree char *title = NULL;

  if (self->device == NULL)
    return;
  flasher_situation_init (&situation, self->device);
  situation.busy = self->busy;
  title = flasher_camera_title (oak_device_get_short_id (self->device),
                                oak_device_get_address (self->device));
  gtk_label_set_text (self->title_label, title);
  gtk_label_set_text (self->state_label, flasher_describe_state (&situation));
  gtk_label_set_text (self->address_label, oak_device_get_address (self->device));
  gtk_image_set_from_icon_name (self->image, flasher_state_icon (&situation));
  /* In the icon's place, so that the row keeps its width. */
  gtk_widget_set_visible (GTK_WIDGET (self->image), !self->busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->busy);
  gtk_spinner_set_spinning (self->spinner, self->busy);
  flasher_device_row_set_style (self, flasher_state_style (&situation));
  flasher_device_row_update_label (self);
}

static void
flasher_device_row_dispose (GObject *object)
{
  FlasherDeviceRow *self = FLASHER_DEVICE_ROW (object);

  g_clear_object (&self->signals);
  g_clear_object (&self->device);
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_device_row_parent_class)->dispose (object);
}

static void
flasher_device_row_class_init (FlasherDeviceRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = flasher_device_row_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-device-row.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceRow, box);
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceRow, image);
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceRow, title_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceRow, state_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceRow, address_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceRow, spinner);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "devicerow");
}

static void
flasher_device_row_init (FlasherDeviceRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->signals = g_signal_group_new (OAK_TYPE_DEVICE);
  g_signal_group_connect_swapped (self->signals,
                                  "notify",
                                  G_CALLBACK (flasher_device_row_update),
                                  self);
}

FlasherDeviceRow *
flasher_device_row_new (void)
{
  return g_object_new (FLASHER_TYPE_DEVICE_ROW, NULL);
}

void
flasher_device_row_set_device (FlasherDeviceRow *self, OakDevice *device)
{
  g_return_if_fail (FLASHER_IS_DEVICE_ROW (self));
  g_return_if_fail (device == NULL || OAK_IS_DEVICE (device));

  g_set_object (&self->device, device);
  g_signal_group_set_target (self->signals, device);
  flasher_device_row_update (self);
}

void
flasher_device_row_set_busy (FlasherDeviceRow *self, gboolean busy)
{
  g_return_if_fail (FLASHER_IS_DEVICE_ROW (self));

  self->busy = busy;
  flasher_device_row_update (self);
}

char *
flasher_device_row_to_label (FlasherDeviceRow *self)
{
  g_return_val_if_fail (FLASHER_IS_DEVICE_ROW (self), NULL);

  return flasher_row_label (gtk_label_get_text (self->title_label),
                            gtk_label_get_text (self->state_label),
                            gtk_label_get_text (self->address_label));
}
