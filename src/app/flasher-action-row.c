/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-action-row.h"

#include "flasher-clamp.h"
#include "flasher-widgets.h"

/* Main thread. The button's sensitivity follows its action; the reason is told by whoever decides
 * that. */

struct _FlasherActionRow {
  GtkWidget parent_instance;

  GtkBox *box;
  GtkLabel *title_label;
  GtkLabel *text_label;
  GtkImage *reason_image;
  GtkButton *button;
  char *description;
  char *reason; /* (nullable) */
  gboolean destructive;
  gboolean narrow;
};

enum {
  PROP_TITLE = 1,
  PROP_DESCRIPTION,
  PROP_BUTTON_LABEL,
  PROP_ACTION_NAME,
  PROP_DESTRUCTIVE,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FlasherActionRow, flasher_action_row, GTK_TYPE_WIDGET)

static void
flasher_action_row_update_text (FlasherActionRow *self)
{
  const char *text = self->reason != NULL ? self->reason : self->description;

  gtk_label_set_text (self->text_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->text_label), text != NULL && text[0] != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->reason_image), self->reason != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "",
                                  -1);
}

static void
flasher_action_row_set_narrow (FlasherActionRow *self, gboolean narrow)
{
  self->narrow = narrow;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->box),
                                  flasher_clamp_get_orientation (NULL, narrow));
  gtk_widget_set_halign (GTK_WIDGET (self->button), narrow ? GTK_ALIGN_FILL : GTK_ALIGN_END);
}

static void
flasher_action_row_set_destructive (FlasherActionRow *self, gboolean destructive)
{
  self->destructive = destructive;
  if (destructive)
    gtk_widget_add_css_class (GTK_WIDGET (self->button), "destructive");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->button), "destructive");
}

static void
flasher_action_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FlasherActionRow *self = FLASHER_ACTION_ROW (object);

  switch (id) {
  case PROP_TITLE:
    g_value_set_string (value, gtk_label_get_text (self->title_label));
    break;
  case PROP_DESCRIPTION:
    g_value_set_string (value, self->description);
    break;
  case PROP_BUTTON_LABEL:
    g_value_set_string (value, gtk_button_get_label (self->button));
    break;
  case PROP_ACTION_NAME:
    g_value_set_string (value, gtk_actionable_get_action_name (GTK_ACTIONABLE (self->button)));
    break;
  case PROP_DESTRUCTIVE:
    g_value_set_boolean (value, self->destructive);
    break;
  case PROP_NARROW:
    g_value_set_boolean (value, self->narrow);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
flasher_action_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FlasherActionRow *self = FLASHER_ACTION_ROW (object);

  switch (id) {
  case PROP_TITLE:
    gtk_label_set_text (self->title_label, g_value_get_string (value));
    break;
  case PROP_DESCRIPTION:
    g_free (self->description);
    self->description = g_value_dup_string (value);
    flasher_action_row_update_text (self);
    break;
  case PROP_BUTTON_LABEL:
    gtk_button_set_label (self->button, g_value_get_string (value));
    break;
  case PROP_ACTION_NAME:
    gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), g_value_get_string (value));
    break;
  case PROP_DESTRUCTIVE:
    flasher_action_row_set_destructive (self, g_value_get_boolean (value));
    break;
  case PROP_NARROW:
    flasher_action_row_set_narrow (self, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
flasher_action_row_dispose (GObject *object)
{
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_action_row_parent_class)->dispose (object);
}

static void
flasher_action_row_finalize (GObject *object)
{
  FlasherActionRow *self = FLASHER_ACTION_ROW (object);

  g_free (self->description);
  g_free (self->reason);
  G_OBJECT_CLASS (flasher_action_row_parent_class)->finalize (object);
}

static void
flasher_action_row_class_init (FlasherActionRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = flasher_action_row_dispose;
  object_class->finalize = flasher_action_row_finalize;
  object_class->get_property = flasher_action_row_get_property;
  object_class->set_property = flasher_action_row_set_property;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, flags);
  properties[PROP_BUTTON_LABEL] = g_param_spec_string ("button-label", NULL, NULL, NULL, flags);
  properties[PROP_ACTION_NAME] = g_param_spec_string ("action-name", NULL, NULL, NULL, flags);
  properties[PROP_DESTRUCTIVE] = g_param_spec_boolean ("destructive", NULL, NULL, FALSE, flags);
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-action-row.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherActionRow, box);
  gtk_widget_class_bind_template_child (widget_class, FlasherActionRow, title_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherActionRow, text_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherActionRow, reason_image);
  gtk_widget_class_bind_template_child (widget_class, FlasherActionRow, button);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "actionrow");
}

static void
flasher_action_row_init (FlasherActionRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
flasher_action_row_set_reason (FlasherActionRow *self, const char *reason)
{
  g_return_if_fail (FLASHER_IS_ACTION_ROW (self));

  if (g_strcmp0 (self->reason, reason) == 0)
    return;
  g_free (self->reason);
  self->reason = g_strdup (reason);
  flasher_action_row_update_text (self);
}

const char *
flasher_action_row_get_text (FlasherActionRow *self)
{
  g_return_val_if_fail (FLASHER_IS_ACTION_ROW (self), NULL);

  return gtk_label_get_text (self->text_label);
}

GtkWidget *
flasher_action_row_get_button (FlasherActionRow *self)
{
  g_return_val_if_fail (FLASHER_IS_ACTION_ROW (self), NULL);

  return GTK_WIDGET (self->button);
}
