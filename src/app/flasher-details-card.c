/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-details-card.h"

#include <glib/gi18n.h>

#include "flasher-action-row.h"
#include "flasher-facts-text.h"
#include "flasher-property-row.h"
#include "flasher-widgets.h"
#include "oak-device-facts.h"

/* Main thread. */

struct _FlasherDetailsCard {
  GtkWidget parent_instance;

  GtkBox *box;
  GtkBox *facts_box;
  FlasherPropertyRow *id_row;
  FlasherPropertyRow *address_row;
  FlasherPropertyRow *bootloader_row;
  FlasherPropertyRow *memory_row;
  FlasherPropertyRow *application_row;
  FlasherPropertyRow *configuration_row;
  FlasherActionRow *read_row;
  gboolean narrow;
};

enum { PROP_NARROW = 1, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FlasherDetailsCard, flasher_details_card, GTK_TYPE_WIDGET)

static void
flasher_details_card_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_assert (id == PROP_NARROW);
  g_value_set_boolean (value, FLASHER_DETAILS_CARD (object)->narrow);
}

static void
flasher_details_card_set_property (GObject *object,
                                   guint id,
                                   const GValue *value,
                                   GParamSpec *pspec)
{
  g_assert (id == PROP_NARROW);
  FLASHER_DETAILS_CARD (object)->narrow = g_value_get_boolean (value);
  g_object_notify_by_pspec (object, pspec);
}

static void
flasher_details_card_dispose (GObject *object)
{
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_details_card_parent_class)->dispose (object);
}

static void
flasher_details_card_class_init (FlasherDetailsCardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (FLASHER_TYPE_ACTION_ROW);
  g_type_ensure (FLASHER_TYPE_PROPERTY_ROW);
  object_class->dispose = flasher_details_card_dispose;
  object_class->get_property = flasher_details_card_get_property;
  object_class->set_property = flasher_details_card_set_property;
  properties[PROP_NARROW] =
      g_param_spec_boolean ("narrow",
                            NULL,
                            NULL,
                            FALSE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-details-card.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherDetailsCard, box);
  gtk_widget_class_bind_template_child (widget_class, FlasherDetailsCard, facts_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherDetailsCard, id_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherDetailsCard, address_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherDetailsCard, bootloader_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherDetailsCard, memory_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherDetailsCard, application_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherDetailsCard, configuration_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherDetailsCard, read_row);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "detailscard");
}

static void
flasher_details_card_init (FlasherDetailsCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
flasher_details_card_set_identity (FlasherDetailsCard *self,
                                   const char *mxid,
                                   const char *addresses,
                                   const char *transport)
{
  g_autofree char *where = NULL;

  g_return_if_fail (FLASHER_IS_DETAILS_CARD (self));

  where = g_strdup_printf ("%s (%s)", addresses != NULL ? addresses : _ ("Not known"), transport);
  flasher_property_row_set_value (self->id_row,
                                  mxid != NULL ? mxid : _ ("Not known until it answers"));
  flasher_property_row_set_value (self->address_row, where);
}

void
flasher_details_card_set_facts (FlasherDetailsCard *self, const OakDeviceFacts *facts)
{
  g_autofree char *bootloader = NULL;
  g_autofree char *memories = NULL;
  g_autofree char *application = NULL;
  g_autofree char *configuration = NULL;

  g_return_if_fail (FLASHER_IS_DETAILS_CARD (self));

  gtk_widget_set_visible (GTK_WIDGET (self->facts_box), facts != NULL);
  g_object_set (self->read_row,
                "title",
                facts != NULL ? _ ("Read Again") : _ ("More Details"),
                "description",
                facts != NULL
                    ? _ ("As read when the camera was last asked. Asking again restarts it.")
                    : _ ("Bootloader, memories, installed application and configuration can be "
                         "read in the bootloader only: the camera is restarted for it. Nothing "
                         "is written."),
                NULL);
  if (facts == NULL)
    return;
  bootloader = flasher_describe_bootloader (facts);
  memories = flasher_describe_memories (facts);
  application = flasher_describe_application (facts);
  configuration = flasher_describe_configuration (facts);
  flasher_property_row_set_value (self->bootloader_row, bootloader);
  flasher_property_row_set_value (self->memory_row, memories);
  flasher_property_row_set_value (self->application_row, application);
  flasher_property_row_set_value (self->configuration_row, configuration);
}

void
flasher_details_card_set_reason (FlasherDetailsCard *self, const char *reason)
{
  g_return_if_fail (FLASHER_IS_DETAILS_CARD (self));

  flasher_action_row_set_reason (self->read_row, reason);
}

static void
flasher_details_card_append_row (GString *text, FlasherPropertyRow *row)
{
  g_autofree char *title = NULL;
  g_autofree char *value = NULL;

  g_object_get (row, "title", &title, "value", &value, NULL);
  g_string_append_printf (text, "%s: %s\n", title, value);
}

char *
flasher_details_card_to_text (FlasherDetailsCard *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_val_if_fail (FLASHER_IS_DETAILS_CARD (self), NULL);

  flasher_details_card_append_row (text, self->id_row);
  flasher_details_card_append_row (text, self->address_row);
  if (gtk_widget_get_visible (GTK_WIDGET (self->facts_box))) {
    flasher_details_card_append_row (text, self->bootloader_row);
    flasher_details_card_append_row (text, self->memory_row);
    flasher_details_card_append_row (text, self->application_row);
    flasher_details_card_append_row (text, self->configuration_row);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
