/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-package-scripts.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#include "flasher-widgets.h"
#include "oak-app-contents.h"
#include "oak-text.h"

/* Main thread. */

#define FLASHER_SCRIPT_HEIGHT  320
#define FLASHER_SCRIPT_MARGIN  12
#define FLASHER_SCRIPT_MAXIMUM 64

typedef struct {
  OakAppContents *contents; /* (owned) */
  gint64 node_id;
} Script;

static void
script_free (gpointer data, GClosure *closure)
{
  Script *script = data;

  oak_app_contents_unref (script->contents);
  g_free (script);
}

static GtkWidget *
make_text_view (const char *text)
{
  GtkWidget *view = gtk_text_view_new ();

  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), FLASHER_SCRIPT_MARGIN);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), FLASHER_SCRIPT_MARGIN);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), FLASHER_SCRIPT_MARGIN);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (view), FLASHER_SCRIPT_MARGIN);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), text, -1);
  return view;
}

static GtkWidget *
make_scroller (GtkWidget *view)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller),
                                              FLASHER_SCRIPT_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  gtk_widget_add_css_class (scroller, "script");
  return scroller;
}

static void
expanded_cb (GtkExpander *expander, GParamSpec *pspec, gpointer user_data)
{
  const Script *script = user_data;
  g_autofree char *text = NULL;
  GtkWidget *view = NULL;

  if (gtk_expander_get_child (expander) != NULL)
    return;
  text = oak_app_contents_dup_script_text (script->contents, script->node_id);
  view = make_text_view (text != NULL ? text : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (view),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_expander_get_label (expander),
                                  -1);
  gtk_expander_set_child (expander, make_scroller (view));
}

static GtkWidget *
make_expander (OakAppContents *contents, const OakPipelineNode *node, gsize size)
{
  g_autofree char *size_text = oak_text_size (size);
  g_autofree char *label =
      g_strdup_printf ("%" PRId64 "  %s · %s", node->id, node->name, size_text);
  GtkWidget *expander = gtk_expander_new (label);
  Script *script = g_new0 (Script, 1);

  script->contents = oak_app_contents_ref (contents);
  script->node_id = node->id;
  gtk_widget_add_css_class (expander, "padded");
  g_signal_connect_data (expander,
                         "notify::expanded",
                         G_CALLBACK (expanded_cb),
                         script,
                         script_free,
                         0);
  return expander;
}

guint
flasher_package_scripts_fill (GtkBox *box, OakAppContents *contents)
{
  const OakPipeline *pipeline = NULL;
  guint n_scripts = 0;

  flasher_box_clear (box);
  if (contents != NULL && oak_app_contents_get_assets (contents, NULL) != NULL)
    pipeline = oak_app_contents_get_pipeline (contents, NULL);
  for (guint i = 0; pipeline != NULL && i < oak_pipeline_get_n_nodes (pipeline); i++) {
    const OakPipelineNode *node = oak_pipeline_get_node (pipeline, i);
    g_autoptr (GBytes) bytes = oak_app_contents_dup_script (contents, node->id, NULL);

    if (bytes == NULL)
      continue;
    if (n_scripts < FLASHER_SCRIPT_MAXIMUM)
      gtk_box_append (box, make_expander (contents, node, g_bytes_get_size (bytes)));
    n_scripts++;
  }
  if (n_scripts > FLASHER_SCRIPT_MAXIMUM)
    gtk_box_append (box,
                    gtk_label_new (_ ("There are more scripts; oakflash extract reads them all.")));
  return n_scripts;
}
