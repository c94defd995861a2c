/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-device-page.h"

#include <glib/gi18n.h>

#include "flasher-action-row.h"
#include "flasher-bundle-card.h"
#include "flasher-clamp.h"
#include "flasher-details-card.h"
#include "flasher-package-text.h"
#include "flasher-rule-card.h"
#include "flasher-text.h"
#include "flasher-widgets.h"
#include "oak-device-facts.h"
#include "oak-device.h"
#include "oak-flash-wish.h"

/* Main thread. Looks at discovery data and at facts given to it; opens nothing. */

struct _FlasherDevicePage {
  GtkWidget parent_instance;

  GtkWidget *scroller;
  GtkImage *image;
  GtkLabel *title_label;
  GtkLabel *state_label;
  GtkLabel *address_label;
  GtkLabel *explanation_label;
  GtkLabel *speed_label;
  FlasherRuleCard *rule_card;
  FlasherBundleCard *bundle_card;
  FlasherActionRow *flash_row;
  FlasherActionRow *clear_row;
  FlasherActionRow *reset_row;
  FlasherDetailsCard *details_card;

  FlasherBundle *bundle; /* (owned) (nullable) */
  OakDevice *device;     /* (owned) (nullable) */
  GSignalGroup *signals; /* (owned) */
  OakAppTarget target;
  char *objection;   /* (owned) (nullable): why the package must not go onto this camera */
  const char *style; /* (unowned) (nullable): CSS class set now */
  gboolean busy;
};

static guint operation_signal;

G_DEFINE_FINAL_TYPE (FlasherDevicePage, flasher_device_page, GTK_TYPE_WIDGET)

static const struct {
  const char *action;
  OakOperation operation;
} operations[] = {
  { "device.read-details", OAK_OPERATION_READ_DETAILS },
  { "device.flash", OAK_OPERATION_FLASH_APPLICATION },
  { "device.clear", OAK_OPERATION_CLEAR_APPLICATION },
  { "device.reset", OAK_OPERATION_FACTORY_RESET },
};

static void
flasher_device_page_get_situation (FlasherDevicePage *self, FlasherSituation *situation)
{
  flasher_situation_init (situation, self->device);
  situation->busy = self->busy;
  situation->has_package =
      self->bundle != NULL && flasher_bundle_get_package (self->bundle) != NULL;
  situation->loading_package = self->bundle != NULL && flasher_bundle_get_loading (self->bundle);
}

/* Returns: (nullable): why the operation cannot be started now. */
static const char *
flasher_device_page_why_not (FlasherDevicePage *self,
                             OakOperation operation,
                             const FlasherSituation *situation)
{
  const char *reason = flasher_why_not (operation, situation);

  if (reason == NULL && operation == OAK_OPERATION_FLASH_APPLICATION)
    reason = self->objection;
  return reason;
}

/* The one place that decides what can be done now. */
static void
flasher_device_page_update_actions (FlasherDevicePage *self)
{
  FlasherSituation situation;

  if (self->device == NULL)
    return;
  flasher_device_page_get_situation (self, &situation);
  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    gtk_widget_action_set_enabled (
        GTK_WIDGET (self),
        operations[i].action,
        flasher_device_page_why_not (self, operations[i].operation, &situation) == NULL);
  flasher_details_card_set_reason (self->details_card,
                                   flasher_why_not (OAK_OPERATION_READ_DETAILS, &situation));
  flasher_action_row_set_reason (
      self->flash_row,
      flasher_device_page_why_not (self, OAK_OPERATION_FLASH_APPLICATION, &situation));
  flasher_action_row_set_reason (self->clear_row,
                                 flasher_why_not (OAK_OPERATION_CLEAR_APPLICATION, &situation));
  flasher_action_row_set_reason (self->reset_row,
                                 flasher_why_not (OAK_OPERATION_FACTORY_RESET, &situation));
  gtk_widget_action_set_enabled (GTK_WIDGET (self),
                                 "device.copy-id",
                                 oak_device_get_mxid (self->device) != NULL);
}

/* The package or what is known of the camera has changed. */
static void
flasher_device_page_judge (FlasherDevicePage *self)
{
  g_autoptr (OakAppVerdict) verdict = NULL;

  g_clear_pointer (&self->objection, g_free);
  if (self->bundle != NULL)
    verdict = flasher_bundle_judge (self->bundle, &self->target);
  if (verdict != NULL)
    self->objection = flasher_verdict_reason (verdict);
  flasher_bundle_card_set_room (self->bundle_card, self->target.room_known ? self->target.room : 0);
  flasher_device_page_update_actions (self);
}

static void
flasher_device_page_set_style (FlasherDevicePage *self, const char *style)
{
  if (g_strcmp0 (self->style, style) == 0)
    return;
  if (self->style != NULL)
    gtk_widget_remove_css_class (GTK_WIDGET (self), self->style);
  self->style = style;
  gtk_widget_add_css_class (GTK_WIDGET (self), style);
}

static void
flasher_device_page_update_usb (FlasherDevicePage *self,
                                const FlasherSituation *situation,
                                const char *transport)
{
  const char *hint = flasher_speed_hint (situation);
  const char *address = oak_device_get_address (self->device);
  g_autofree char *where = situation->transport == OAK_TRANSPORT_USB
                               ? g_strdup_printf ("%s · %s", address, transport)
                               : g_strdup (address);

  gtk_label_set_text (self->address_label, where);

  gtk_label_set_text (self->speed_label, hint != NULL ? hint : "");
  gtk_widget_set_visible (GTK_WIDGET (self->speed_label), hint != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->rule_card),
                          situation->usb_access == OAK_USB_ACCESS_DENIED &&
                              situation->presence == OAK_PRESENCE_ANSWERING);
}

static void
flasher_device_page_update (FlasherDevicePage *self)
{
  const char *const *list = NULL;
  g_autofree char *title = NULL;
  g_autofree char *addresses = NULL;
  g_autofree char *transport = NULL;
  FlasherSituation situation;

  if (self->device == NULL)
    return;
  flasher_device_page_get_situation (self, &situation);
  title = flasher_camera_title (oak_device_get_short_id (self->device),
                                oak_device_get_address (self->device));
  list = oak_device_get_addresses (self->device);
  addresses = list != NULL ? g_strjoinv (", ", (char **) list) : NULL;
  gtk_label_set_text (self->title_label, title);
  gtk_label_set_text (self->state_label, flasher_describe_state (&situation));
  gtk_label_set_text (self->explanation_label, flasher_explain_state (&situation));
  gtk_image_set_from_icon_name (self->image, flasher_state_icon (&situation));
  transport = flasher_transport_name (&situation);
  flasher_details_card_set_identity (self->details_card,
                                     oak_device_get_mxid (self->device),
                                     addresses,
                                     transport);
  flasher_device_page_update_usb (self, &situation, transport);
  flasher_device_page_set_style (self, flasher_state_style (&situation));
  flasher_device_page_update_actions (self);
}

static void
operation_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    if (g_str_equal (operations[i].action, action))
      g_signal_emit (widget, operation_signal, 0, (int) operations[i].operation);
}

static void
copy_id_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  FlasherDevicePage *self = FLASHER_DEVICE_PAGE (widget);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), oak_device_get_mxid (self->device));
}

static void
copy_details_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  FlasherDevicePage *self = FLASHER_DEVICE_PAGE (widget);
  g_autofree char *text = flasher_details_card_to_text (self->details_card);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
flasher_device_page_dispose (GObject *object)
{
  FlasherDevicePage *self = FLASHER_DEVICE_PAGE (object);

  g_clear_object (&self->signals);
  g_clear_object (&self->device);
  g_clear_object (&self->bundle);
  g_clear_pointer (&self->objection, g_free);
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_device_page_parent_class)->dispose (object);
}

static void
flasher_device_page_bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-device-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, scroller);
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, image);
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, title_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, state_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, address_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, explanation_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, speed_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, rule_card);
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, bundle_card);
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, flash_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, clear_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, reset_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherDevicePage, details_card);
}

static void
flasher_device_page_class_init (FlasherDevicePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (FLASHER_TYPE_ACTION_ROW);
  g_type_ensure (FLASHER_TYPE_BUNDLE_CARD);
  g_type_ensure (FLASHER_TYPE_CLAMP);
  g_type_ensure (FLASHER_TYPE_DETAILS_CARD);
  g_type_ensure (FLASHER_TYPE_RULE_CARD);
  G_OBJECT_CLASS (klass)->dispose = flasher_device_page_dispose;
  operation_signal = g_signal_new ("operation",
                                   FLASHER_TYPE_DEVICE_PAGE,
                                   G_SIGNAL_RUN_LAST,
                                   0,
                                   NULL,
                                   NULL,
                                   NULL,
                                   G_TYPE_NONE,
                                   1,
                                   G_TYPE_INT);
  flasher_device_page_bind_template (widget_class);
  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    gtk_widget_class_install_action (widget_class, operations[i].action, NULL, operation_cb);
  gtk_widget_class_install_action (widget_class, "device.copy-id", NULL, copy_id_cb);
  gtk_widget_class_install_action (widget_class, "device.copy-details", NULL, copy_details_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "devicepage");
}

static void
flasher_device_page_init (FlasherDevicePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_add_css_class (flasher_action_row_get_button (self->flash_row), "suggested-action");
  flasher_target_from_facts (&self->target, NULL);
  flasher_details_card_set_facts (self->details_card, NULL);
  self->signals = g_signal_group_new (OAK_TYPE_DEVICE);
  g_signal_group_connect_swapped (self->signals,
                                  "notify",
                                  G_CALLBACK (flasher_device_page_update),
                                  self);
}

void
flasher_device_page_set_bundle (FlasherDevicePage *self, FlasherBundle *bundle, gboolean sample)
{
  g_return_if_fail (FLASHER_IS_DEVICE_PAGE (self));
  g_return_if_fail (self->bundle == NULL);

  self->bundle = g_object_ref (bundle);
  g_signal_connect_object (bundle,
                           "changed",
                           G_CALLBACK (flasher_device_page_judge),
                           self,
                           G_CONNECT_SWAPPED);
  flasher_bundle_card_set_bundle (self->bundle_card, bundle);
  flasher_bundle_card_set_sample_offered (self->bundle_card, sample);
  flasher_device_page_judge (self);
}

void
flasher_device_page_set_device (FlasherDevicePage *self, OakDevice *device)
{
  g_return_if_fail (FLASHER_IS_DEVICE_PAGE (self));
  g_return_if_fail (OAK_IS_DEVICE (device));

  g_set_object (&self->device, device);
  g_signal_group_set_target (self->signals, device);
  flasher_device_page_update (self);
}

void
flasher_device_page_set_busy (FlasherDevicePage *self, gboolean busy)
{
  g_return_if_fail (FLASHER_IS_DEVICE_PAGE (self));

  self->busy = busy;
  flasher_device_page_update (self);
}

void
flasher_device_page_set_facts (FlasherDevicePage *self, OakDeviceFacts *facts)
{
  g_return_if_fail (FLASHER_IS_DEVICE_PAGE (self));

  flasher_details_card_set_facts (self->details_card, facts);
  flasher_target_from_facts (&self->target, facts);
  flasher_device_page_judge (self);
}

const OakAppTarget *
flasher_device_page_get_target (FlasherDevicePage *self)
{
  g_return_val_if_fail (FLASHER_IS_DEVICE_PAGE (self), NULL);

  return &self->target;
}

void
flasher_device_page_set_drop_active (FlasherDevicePage *self, gboolean active)
{
  g_return_if_fail (FLASHER_IS_DEVICE_PAGE (self));

  if (active)
    gtk_widget_add_css_class (GTK_WIDGET (self->bundle_card), "drop-active");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->bundle_card), "drop-active");
}
