/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-package-list.h"

#include <glib/gi18n.h>

#include "flasher-widgets.h"

/* Main thread. */

#define FLASHER_LIST_HEIGHT 260

struct _FlasherPackageList {
  GtkWidget parent_instance;

  char *title; /* (owned) */
  GtkLabel *heading;
  GtkListView *view;
  GtkNoSelection *selection; /* (owned) */
};

G_DEFINE_FINAL_TYPE (FlasherPackageList, flasher_package_list, GTK_TYPE_WIDGET)

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_activatable (item, FALSE);
  gtk_list_item_set_child (item, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkStringObject *line = gtk_list_item_get_item (item);

  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)),
                      gtk_string_object_get_string (line));
}

static void
flasher_package_list_dispose (GObject *object)
{
  FlasherPackageList *self = FLASHER_PACKAGE_LIST (object);

  flasher_widget_drop_children (GTK_WIDGET (object));
  g_clear_object (&self->selection);
  G_OBJECT_CLASS (flasher_package_list_parent_class)->dispose (object);
}

static void
flasher_package_list_finalize (GObject *object)
{
  g_free (FLASHER_PACKAGE_LIST (object)->title);
  G_OBJECT_CLASS (flasher_package_list_parent_class)->finalize (object);
}

static void
flasher_package_list_class_init (FlasherPackageListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = flasher_package_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = flasher_package_list_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "packagelist");
}

static GtkWidget *
flasher_package_list_make_scroller (FlasherPackageList *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller),
                                  GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), FLASHER_LIST_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_widget_add_css_class (scroller, "card");
  return scroller;
}

static void
flasher_package_list_init (FlasherPackageList *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  self->selection = gtk_no_selection_new (NULL);
  self->heading = g_object_new (GTK_TYPE_LABEL,
                                "xalign",
                                0.0,
                                "accessible-role",
                                GTK_ACCESSIBLE_ROLE_HEADING,
                                NULL);
  gtk_widget_add_css_class (GTK_WIDGET (self->heading), "section-title");
  self->view = GTK_LIST_VIEW (
      gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory));
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "package-lines");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->heading));
  gtk_box_append (GTK_BOX (box), flasher_package_list_make_scroller (self));
  gtk_widget_set_parent (box, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
flasher_package_list_new (const char *title)
{
  FlasherPackageList *self = g_object_new (FLASHER_TYPE_PACKAGE_LIST, NULL);

  self->title = g_strdup (title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title,
                                  -1);
  return GTK_WIDGET (self);
}

void
flasher_package_list_take_lines (FlasherPackageList *self, GtkStringList *lines)
{
  guint n_lines = g_list_model_get_n_items (G_LIST_MODEL (lines));
  /* Translators: the heading of a list and the number of its lines: "Nodes (3)" */
  g_autofree char *heading = g_strdup_printf (_ ("%s (%u)"), self->title, n_lines);

  g_return_if_fail (FLASHER_IS_PACKAGE_LIST (self));

  gtk_label_set_text (self->heading, heading);
  gtk_no_selection_set_model (self->selection, G_LIST_MODEL (lines));
  gtk_widget_set_visible (GTK_WIDGET (self), n_lines > 0);
  g_object_unref (lines);
}

guint
flasher_package_list_get_n_lines (FlasherPackageList *self)
{
  g_return_val_if_fail (FLASHER_IS_PACKAGE_LIST (self), 0);

  return g_list_model_get_n_items (G_LIST_MODEL (self->selection));
}
