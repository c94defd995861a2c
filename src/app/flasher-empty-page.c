/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-empty-page.h"

#include <glib/gi18n.h>

#include "flasher-bundle-card.h"
#include "flasher-clamp.h"
#include "flasher-widgets.h"

/* Main thread. */

struct _FlasherEmptyPage {
  GtkWidget parent_instance;

  GtkWidget *scroller;
  GtkBox *interfaces_box;
  GtkLabel *link_local_label;
  FlasherBundleCard *bundle_card;
  char *shown; /* (nullable): what interfaces_box is made of */
};

G_DEFINE_FINAL_TYPE (FlasherEmptyPage, flasher_empty_page, GTK_TYPE_WIDGET)

static void
flasher_empty_page_dispose (GObject *object)
{
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_empty_page_parent_class)->dispose (object);
}

static void
flasher_empty_page_finalize (GObject *object)
{
  g_free (FLASHER_EMPTY_PAGE (object)->shown);
  G_OBJECT_CLASS (flasher_empty_page_parent_class)->finalize (object);
}

static void
flasher_empty_page_class_init (FlasherEmptyPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (FLASHER_TYPE_BUNDLE_CARD);
  g_type_ensure (FLASHER_TYPE_CLAMP);
  object_class->dispose = flasher_empty_page_dispose;
  object_class->finalize = flasher_empty_page_finalize;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-empty-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherEmptyPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, FlasherEmptyPage, interfaces_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherEmptyPage, link_local_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherEmptyPage, bundle_card);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "emptypage");
}

static void
flasher_empty_page_init (FlasherEmptyPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
flasher_empty_page_set_bundle (FlasherEmptyPage *self, FlasherBundle *bundle)
{
  g_return_if_fail (FLASHER_IS_EMPTY_PAGE (self));
  g_return_if_fail (FLASHER_IS_BUNDLE (bundle));

  flasher_bundle_card_set_bundle (self->bundle_card, bundle);
}

gboolean
flasher_has_link_local (const char *const *interfaces)
{
  for (guint i = 0; interfaces != NULL && interfaces[i] != NULL; i++) {
    const char *address = strrchr (interfaces[i], ' ');

    if (address != NULL && g_str_has_prefix (address + 1, "169.254."))
      return TRUE;
  }
  return FALSE;
}

void
flasher_empty_page_set_network (FlasherEmptyPage *self,
                                const char *const *interfaces,
                                const char *problem)
{
  g_autofree char *joined = NULL;
  g_autofree char *shown = NULL;

  g_return_if_fail (FLASHER_IS_EMPTY_PAGE (self));

  joined = interfaces != NULL ? g_strjoinv ("\n", (char **) interfaces) : g_strdup ("");
  shown = g_strdup_printf ("%s\n%s", joined, problem != NULL ? problem : "");
  if (g_strcmp0 (shown, self->shown) == 0)
    return;
  g_free (self->shown);
  self->shown = g_steal_pointer (&shown);
  flasher_box_clear (self->interfaces_box);
  flasher_box_append_sentences (self->interfaces_box, "network-wired-symbolic", NULL, interfaces);
  if (problem != NULL)
    flasher_box_append_sentence (self->interfaces_box,
                                 "dialog-warning-symbolic",
                                 "warning",
                                 problem);
  else if (joined[0] == '\0')
    flasher_box_append_sentence (self->interfaces_box,
                                 "network-offline-symbolic",
                                 "warning",
                                 _ ("This computer has no network address at the moment."));
  gtk_label_set_text (
      self->link_local_label,
      flasher_has_link_local (interfaces)
          ? _ ("This computer has an address that begins with 169.254, so it can reach such a "
               "camera.")
          : _ ("This computer has none that begins with 169.254: give the wired connection a "
               "second address such as 169.254.1.1 with the mask 255.255.0.0, or set it to "
               "“link-local only”."));
}
