/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-rule-card.h"

#include <glib/gi18n.h>

#include "flasher-widgets.h"
#include "oak-usb-rule.h"

/* Main thread. */

struct _FlasherRuleCard {
  GtkWidget parent_instance;

  GtkLabel *script_label;
  GtkLabel *copied_label;
};

G_DEFINE_FINAL_TYPE (FlasherRuleCard, flasher_rule_card, GTK_TYPE_WIDGET)

static void
copy_cb (FlasherRuleCard *self)
{
  g_autofree char *script = oak_usb_rule_get_script ();

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), script);
  gtk_widget_set_visible (GTK_WIDGET (self->copied_label), TRUE);
}

static void
flasher_rule_card_dispose (GObject *object)
{
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_rule_card_parent_class)->dispose (object);
}

static void
flasher_rule_card_class_init (FlasherRuleCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = flasher_rule_card_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-rule-card.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherRuleCard, script_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherRuleCard, copied_label);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "rulecard");
}

static void
flasher_rule_card_init (FlasherRuleCard *self)
{
  g_autofree char *script = oak_usb_rule_get_script ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_label_set_text (self->script_label, g_strchomp (script));
}
