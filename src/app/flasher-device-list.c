/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-device-list.h"

#include <glib/gi18n.h>

#include "flasher-device-row.h"
#include "flasher-text.h"
#include "flasher-widgets.h"
#include "oak-device.h"

/* Main thread. */

struct _FlasherDeviceList {
  GtkWidget parent_instance;

  GtkBox *box;
  GtkSearchEntry *search_entry;
  GtkListView *list_view;
  GtkStack *stack;
  GtkFilterListModel *filtered;  /* (owned) */
  GtkSingleSelection *selection; /* (owned) */
  GtkFilter *filter;             /* (owned) */
  GHashTable *rows; /* of OakDevice to FlasherDeviceRow, both (unowned): bound ones only */
  GHashTable *busy; /* set of OakDevice (owned) */
};

enum { PROP_SELECTED = 1, N_PROPS };

static GParamSpec *properties[N_PROPS];
static guint activated_signal;

G_DEFINE_FINAL_TYPE (FlasherDeviceList, flasher_device_list, GTK_TYPE_WIDGET)

static gboolean
contains_caseless (const char *haystack, const char *folded_needle)
{
  g_autofree char *folded = NULL;

  if (haystack == NULL)
    return FALSE;
  folded = g_utf8_casefold (haystack, -1);
  return strstr (folded, folded_needle) != NULL;
}

static gboolean
filter_cb (gpointer item, gpointer user_data)
{
  FlasherDeviceList *self = FLASHER_DEVICE_LIST (user_data);
  OakDevice *device = OAK_DEVICE (item);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));
  g_autofree char *needle = g_utf8_casefold (text, -1);
  const char *const *addresses = oak_device_get_addresses (device);
  FlasherSituation situation;

  if (needle[0] == '\0' || contains_caseless (oak_device_get_mxid (device), needle))
    return TRUE;
  for (guint i = 0; addresses != NULL && addresses[i] != NULL; i++)
    if (contains_caseless (addresses[i], needle))
      return TRUE;
  flasher_situation_init (&situation, device);
  return contains_caseless (flasher_describe_state (&situation), needle);
}

static void
flasher_device_list_update_stack (FlasherDeviceList *self)
{
  GListModel *all = gtk_filter_list_model_get_model (self->filtered);
  guint n_shown = g_list_model_get_n_items (G_LIST_MODEL (self->filtered));
  const char *page = "list";

  if (all == NULL || g_list_model_get_n_items (all) == 0)
    page = "waiting";
  else if (n_shown == 0)
    page = "nothing";
  flasher_stack_show_name (self->stack, page);
}

static void
search_changed_cb (FlasherDeviceList *self)
{
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
stop_search_cb (FlasherDeviceList *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->list_view));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gtk_list_item_set_child (item, GTK_WIDGET (flasher_device_row_new ()));
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  FlasherDeviceList *self = FLASHER_DEVICE_LIST (user_data);
  FlasherDeviceRow *row = FLASHER_DEVICE_ROW (gtk_list_item_get_child (item));
  OakDevice *device = OAK_DEVICE (gtk_list_item_get_item (item));

  g_hash_table_insert (self->rows, device, row);
  flasher_device_row_set_device (row, device);
  flasher_device_row_set_busy (row, g_hash_table_contains (self->busy, device));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  FlasherDeviceList *self = FLASHER_DEVICE_LIST (user_data);
  FlasherDeviceRow *row = FLASHER_DEVICE_ROW (gtk_list_item_get_child (item));

  g_hash_table_remove (self->rows, gtk_list_item_get_item (item));
  flasher_device_row_set_device (row, NULL);
}

static void
activate_cb (FlasherDeviceList *self)
{
  g_signal_emit (self, activated_signal, 0);
}

static void
selected_cb (FlasherDeviceList *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

static gboolean
flasher_device_list_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (FLASHER_DEVICE_LIST (widget)->list_view));
}

static void
flasher_device_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_assert (id == PROP_SELECTED);
  g_value_set_object (value, flasher_device_list_get_selected (FLASHER_DEVICE_LIST (object)));
}

static void
flasher_device_list_dispose (GObject *object)
{
  FlasherDeviceList *self = FLASHER_DEVICE_LIST (object);

  if (self->list_view != NULL) {
    gtk_list_view_set_model (self->list_view, NULL);
    gtk_list_view_set_factory (self->list_view, NULL);
    self->list_view = NULL;
  }
  flasher_widget_drop_children (GTK_WIDGET (object));
  g_clear_object (&self->selection);
  g_clear_object (&self->filtered);
  g_clear_object (&self->filter);
  G_OBJECT_CLASS (flasher_device_list_parent_class)->dispose (object);
}

static void
flasher_device_list_finalize (GObject *object)
{
  FlasherDeviceList *self = FLASHER_DEVICE_LIST (object);

  g_hash_table_unref (self->rows);
  g_hash_table_unref (self->busy);
  G_OBJECT_CLASS (flasher_device_list_parent_class)->finalize (object);
}

static void
flasher_device_list_class_init (FlasherDeviceListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = flasher_device_list_dispose;
  object_class->finalize = flasher_device_list_finalize;
  object_class->get_property = flasher_device_list_get_property;
  widget_class->grab_focus = flasher_device_list_grab_focus;
  properties[PROP_SELECTED] = g_param_spec_object ("selected",
                                                   NULL,
                                                   NULL,
                                                   OAK_TYPE_DEVICE,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  activated_signal = g_signal_new ("activated",
                                   FLASHER_TYPE_DEVICE_LIST,
                                   G_SIGNAL_RUN_LAST,
                                   0,
                                   NULL,
                                   NULL,
                                   NULL,
                                   G_TYPE_NONE,
                                   0);

  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-device-list.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceList, box);
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceList, search_entry);
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceList, list_view);
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceList, stack);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "devicelist");
}

static void
flasher_device_list_init (FlasherDeviceList *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  self->rows = g_hash_table_new (NULL, NULL);
  self->busy = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));

  self->filter = GTK_FILTER (gtk_custom_filter_new (filter_cb, self, NULL));
  self->filtered = gtk_filter_list_model_new (NULL, g_object_ref (self->filter));
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->filtered)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection,
                           "notify::selected-item",
                           G_CALLBACK (selected_cb),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->filtered,
                           "items-changed",
                           G_CALLBACK (flasher_device_list_update_stack),
                           self,
                           G_CONNECT_SWAPPED);

  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_cb), self, 0);
  gtk_list_view_set_factory (self->list_view, factory);
  gtk_list_view_set_model (self->list_view, GTK_SELECTION_MODEL (self->selection));
  g_object_unref (factory);
}

void
flasher_device_list_set_model (FlasherDeviceList *self, GListModel *devices)
{
  g_return_if_fail (FLASHER_IS_DEVICE_LIST (self));
  g_return_if_fail (G_IS_LIST_MODEL (devices));

  gtk_filter_list_model_set_model (self->filtered, devices);
  flasher_device_list_update_stack (self);
}

OakDevice *
flasher_device_list_get_selected (FlasherDeviceList *self)
{
  g_return_val_if_fail (FLASHER_IS_DEVICE_LIST (self), NULL);

  return self->selection != NULL ? gtk_single_selection_get_selected_item (self->selection) : NULL;
}

gboolean
flasher_device_list_select (FlasherDeviceList *self, OakDevice *device)
{
  GListModel *model = NULL;

  g_return_val_if_fail (FLASHER_IS_DEVICE_LIST (self), FALSE);

  model = G_LIST_MODEL (self->filtered);
  if (device == NULL) {
    gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
    return TRUE;
  }
  for (guint i = 0; i < g_list_model_get_n_items (model); i++) {
    g_autoptr (OakDevice) item = g_list_model_get_item (model, i);

    if (item != device)
      continue;
    gtk_single_selection_set_selected (self->selection, i);
    return TRUE;
  }
  return FALSE;
}

void
flasher_device_list_set_busy (FlasherDeviceList *self, OakDevice *device, gboolean busy)
{
  FlasherDeviceRow *row = NULL;

  g_return_if_fail (FLASHER_IS_DEVICE_LIST (self));
  g_return_if_fail (OAK_IS_DEVICE (device));

  if (busy)
    g_hash_table_add (self->busy, g_object_ref (device));
  else
    g_hash_table_remove (self->busy, device);
  row = g_hash_table_lookup (self->rows, device);
  if (row != NULL)
    flasher_device_row_set_busy (row, busy);
}

void
flasher_device_list_focus_search (FlasherDeviceList *self)
{
  g_return_if_fail (FLASHER_IS_DEVICE_LIST (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}
