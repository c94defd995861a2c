/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-property-row.h"

#include "flasher-clamp.h"
#include "flasher-widgets.h"

/* Main thread. */

struct _FlasherPropertyRow {
  GtkWidget parent_instance;

  GtkBox *box;
  GtkBox *text_box;
  GtkLabel *title_label;
  GtkLabel *value_label;
  GtkWidget *suffix; /* (unowned) (nullable): a child of box */
  gboolean monospace;
  gboolean narrow;
};

enum { PROP_TITLE = 1, PROP_VALUE, PROP_SUFFIX, PROP_MONOSPACE, PROP_NARROW, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FlasherPropertyRow, flasher_property_row, GTK_TYPE_WIDGET)

static void
flasher_property_row_set_narrow (FlasherPropertyRow *self, gboolean narrow)
{
  self->narrow = narrow;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->text_box),
                                  flasher_clamp_get_orientation (NULL, narrow));
  gtk_box_set_spacing (self->text_box, narrow ? 0 : 12);
}

static void
flasher_property_row_set_suffix (FlasherPropertyRow *self, GtkWidget *suffix)
{
  if (self->suffix != NULL)
    gtk_box_remove (self->box, self->suffix);
  self->suffix = suffix;
  if (suffix != NULL)
    gtk_box_append (self->box, suffix);
}

static void
flasher_property_row_set_monospace (FlasherPropertyRow *self, gboolean monospace)
{
  self->monospace = monospace;
  if (monospace)
    gtk_widget_add_css_class (GTK_WIDGET (self->value_label), "monospace");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->value_label), "monospace");
}

static void
flasher_property_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FlasherPropertyRow *self = FLASHER_PROPERTY_ROW (object);

  switch (id) {
  case PROP_TITLE:
    g_value_set_string (value, gtk_label_get_text (self->title_label));
    break;
  case PROP_VALUE:
    g_value_set_string (value, gtk_label_get_text (self->value_label));
    break;
  case PROP_SUFFIX:
    g_value_set_object (value, self->suffix);
    break;
  case PROP_MONOSPACE:
    g_value_set_boolean (value, self->monospace);
    break;
  case PROP_NARROW:
    g_value_set_boolean (value, self->narrow);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
flasher_property_row_set_property (GObject *object,
                                   guint id,
                                   const GValue *value,
                                   GParamSpec *pspec)
{
  FlasherPropertyRow *self = FLASHER_PROPERTY_ROW (object);

  switch (id) {
  case PROP_TITLE:
    gtk_label_set_text (self->title_label, g_value_get_string (value));
    break;
  case PROP_VALUE:
    flasher_property_row_set_value (self, g_value_get_string (value));
    break;
  case PROP_SUFFIX:
    flasher_property_row_set_suffix (self, g_value_get_object (value));
    break;
  case PROP_MONOSPACE:
    flasher_property_row_set_monospace (self, g_value_get_boolean (value));
    break;
  case PROP_NARROW:
    flasher_property_row_set_narrow (self, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
flasher_property_row_dispose (GObject *object)
{
  FlasherPropertyRow *self = FLASHER_PROPERTY_ROW (object);

  self->suffix = NULL;
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_property_row_parent_class)->dispose (object);
}

static void
flasher_property_row_class_init (FlasherPropertyRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = flasher_property_row_dispose;
  object_class->get_property = flasher_property_row_get_property;
  object_class->set_property = flasher_property_row_set_property;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_VALUE] = g_param_spec_string ("value", NULL, NULL, NULL, flags);
  properties[PROP_SUFFIX] = g_param_spec_object ("suffix", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_MONOSPACE] = g_param_spec_boolean ("monospace", NULL, NULL, FALSE, flags);
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-property-row.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherPropertyRow, box);
  gtk_widget_class_bind_template_child (widget_class, FlasherPropertyRow, text_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherPropertyRow, title_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherPropertyRow, value_label);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "propertyrow");
}

static void
flasher_property_row_init (FlasherPropertyRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
flasher_property_row_set_value (FlasherPropertyRow *self, const char *value)
{
  g_return_if_fail (FLASHER_IS_PROPERTY_ROW (self));

  if (g_strcmp0 (gtk_label_get_text (self->value_label), value) == 0)
    return;
  gtk_label_set_text (self->value_label, value != NULL ? value : "");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUE]);
}
