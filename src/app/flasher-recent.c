/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-recent.h"

#include "oak-text.h"

/* Main thread. The list belongs to the desktop (GtkRecentManager); what other programs have opened
 * is left out. */

#define FLASHER_RECENT_MAXIMUM   10
#define FLASHER_RECENT_NAME_SIZE 60
#define FLASHER_RECENT_TYPE      "application/x-depthai-package"
#define FLASHER_RECENT_PROGRAM   "oak-flasher"

void
flasher_recent_add (GFile *file)
{
  static char *groups[] = { NULL };
  g_autofree char *uri = NULL;
  GtkRecentData data = {
    .mime_type = (char *) FLASHER_RECENT_TYPE,
    .app_name = (char *) FLASHER_RECENT_PROGRAM,
    .app_exec = (char *) FLASHER_RECENT_PROGRAM " %u",
    .groups = groups,
  };

  g_return_if_fail (G_IS_FILE (file));

  uri = g_file_get_uri (file);
  gtk_recent_manager_add_full (gtk_recent_manager_get_default (), uri, &data);
}

static gboolean
flasher_recent_is_ours (GtkRecentInfo *info)
{
  return gtk_recent_info_has_application (info, FLASHER_RECENT_PROGRAM) &&
         gtk_recent_info_is_local (info) && gtk_recent_info_exists (info);
}

/* Newest first. */
static int
flasher_recent_compare (gconstpointer a, gconstpointer b)
{
  GDateTime *first = gtk_recent_info_get_modified ((GtkRecentInfo *) a);
  GDateTime *second = gtk_recent_info_get_modified ((GtkRecentInfo *) b);

  return first != NULL && second != NULL ? g_date_time_compare (second, first) : 0;
}

/* A file's name is no mnemonic. */
static char *
flasher_recent_dup_label (GtkRecentInfo *info)
{
  g_autoptr (GFile) file = g_file_new_for_uri (gtk_recent_info_get_uri (info));
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *escaped = oak_text_escape (name, -1, FLASHER_RECENT_NAME_SIZE);
  g_auto (GStrv) parts = g_strsplit (escaped, "_", -1);

  return g_strjoinv ("__", parts);
}

GMenuModel *
flasher_recent_make_menu (void)
{
  GMenu *menu = g_menu_new ();
  GList *items = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());

  items = g_list_sort (items, flasher_recent_compare);
  for (GList *link = items;
       link != NULL && g_menu_model_get_n_items (G_MENU_MODEL (menu)) < FLASHER_RECENT_MAXIMUM;
       link = link->next) {
    g_autoptr (GMenuItem) item = NULL;
    g_autofree char *label = NULL;

    if (!flasher_recent_is_ours (link->data))
      continue;
    label = flasher_recent_dup_label (link->data);
    item = g_menu_item_new (label, NULL);
    g_menu_item_set_action_and_target (item,
                                       "win.open-recent",
                                       "s",
                                       gtk_recent_info_get_uri (link->data));
    g_menu_append_item (menu, item);
  }
  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);
  return G_MENU_MODEL (menu);
}

static void
create_popup_cb (GtkMenuButton *button, gpointer unused)
{
  g_autoptr (GMenuModel) menu = flasher_recent_make_menu ();

  gtk_menu_button_set_menu_model (button, menu);
}

static void
flasher_recent_update (GtkMenuButton *button)
{
  g_autoptr (GMenuModel) menu = flasher_recent_make_menu ();

  gtk_widget_set_visible (GTK_WIDGET (button), g_menu_model_get_n_items (menu) > 0);
}

void
flasher_recent_watch (GtkMenuButton *button)
{
  g_return_if_fail (GTK_IS_MENU_BUTTON (button));

  gtk_menu_button_set_create_popup_func (button, create_popup_cb, NULL, NULL);
  g_signal_connect_object (gtk_recent_manager_get_default (),
                           "changed",
                           G_CALLBACK (flasher_recent_update),
                           button,
                           G_CONNECT_SWAPPED);
  flasher_recent_update (button);
}
