/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-log-view.h"

#include <glib/gi18n.h>

#include "flasher-text.h"
#include "flasher-widgets.h"
#include "oak-log.h"

/* Main thread. */

struct _FlasherLogView {
  GtkWidget parent_instance;

  GtkBox *box;
  GtkToggleButton *toggle_button;
  GtkImage *arrow;
  GtkLabel *title_label;
  GtkRevealer *revealer;
  GtkTextView *text_view;
  GtkWidget *buttons;
  OakLog *log; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (FlasherLogView, flasher_log_view, GTK_TYPE_WIDGET)

static const char *
flasher_level_tag (OakLogLevel level)
{
  switch (level) {
  case OAK_LOG_LEVEL_WARNING:
    return "warning";
  case OAK_LOG_LEVEL_ERROR:
    return "error";
  case OAK_LOG_LEVEL_DEBUG:
    return "debug";
  case OAK_LOG_LEVEL_INFO:
  default:
    return "info";
  }
}

static void
flasher_log_view_append (FlasherLogView *self, OakLogEntry *entry)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
  g_autofree char *line = oak_log_entry_format (entry);
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (buffer, &end);
  if (!gtk_text_iter_is_start (&end))
    gtk_text_buffer_insert (buffer, &end, "\n", 1);
  gtk_text_buffer_insert_with_tags_by_name (buffer,
                                            &end,
                                            line,
                                            -1,
                                            flasher_level_tag (oak_log_entry_get_level (entry)),
                                            NULL);
}

/* Drops the oldest lines, as the log did. */
static void
flasher_log_view_remove (FlasherLogView *self, guint n_lines)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_start_iter (buffer, &start);
  gtk_text_buffer_get_iter_at_line (buffer, &end, (int) n_lines);
  gtk_text_buffer_delete (buffer, &start, &end);
}

static void
flasher_log_view_update_title (FlasherLogView *self)
{
  guint n_warnings = oak_log_count_level (self->log, OAK_LOG_LEVEL_WARNING);
  guint n_errors = oak_log_count_level (self->log, OAK_LOG_LEVEL_ERROR);
  g_autofree char *title = flasher_log_title (n_warnings, n_errors);
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (self->log)) == 0;

  gtk_label_set_text (self->title_label, title);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "log.copy", !empty);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "log.save", !empty);
}

static void
lines_changed_cb (GListModel *lines,
                  guint position,
                  guint removed,
                  guint added,
                  FlasherLogView *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
  GtkTextIter end;
  g_autoptr (GtkTextMark) mark = NULL;

  if (removed > 0)
    flasher_log_view_remove (self, removed);
  for (guint i = 0; i < added; i++) {
    g_autoptr (OakLogEntry) entry = g_list_model_get_item (lines, position + i);

    flasher_log_view_append (self, entry);
  }
  flasher_log_view_update_title (self);
  gtk_text_buffer_get_end_iter (buffer, &end);
  mark = g_object_ref (gtk_text_buffer_create_mark (buffer, NULL, &end, FALSE));
  gtk_text_view_scroll_mark_onscreen (self->text_view, mark);
  gtk_text_buffer_delete_mark (buffer, mark);
}

static void
toggled_cb (FlasherLogView *self)
{
  gboolean open = gtk_toggle_button_get_active (self->toggle_button);

  gtk_widget_set_visible (GTK_WIDGET (self->revealer), open);
  gtk_revealer_set_reveal_child (self->revealer, open);
  gtk_widget_set_visible (self->buttons, open);
  gtk_image_set_from_icon_name (self->arrow, open ? "pan-down-symbolic" : "pan-end-symbolic");
}

static void
toggle_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  flasher_log_view_toggle (FLASHER_LOG_VIEW (widget));
}

static void
copy_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autofree char *text = oak_log_to_text (FLASHER_LOG_VIEW (widget)->log);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
save_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  flasher_log_view_save (FLASHER_LOG_VIEW (widget));
}

static void
flasher_log_view_dispose (GObject *object)
{
  FlasherLogView *self = FLASHER_LOG_VIEW (object);

  g_clear_object (&self->log);
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_log_view_parent_class)->dispose (object);
}

static void
flasher_log_view_class_init (FlasherLogViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = flasher_log_view_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-log-view.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherLogView, box);
  gtk_widget_class_bind_template_child (widget_class, FlasherLogView, toggle_button);
  gtk_widget_class_bind_template_child (widget_class, FlasherLogView, arrow);
  gtk_widget_class_bind_template_child (widget_class, FlasherLogView, title_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherLogView, revealer);
  gtk_widget_class_bind_template_child (widget_class, FlasherLogView, text_view);
  gtk_widget_class_bind_template_child (widget_class, FlasherLogView, buttons);
  gtk_widget_class_bind_template_callback (widget_class, toggled_cb);
  gtk_widget_class_install_action (widget_class, "log.toggle", NULL, toggle_action_cb);
  gtk_widget_class_install_action (widget_class, "log.copy", NULL, copy_action_cb);
  gtk_widget_class_install_action (widget_class, "log.save", NULL, save_action_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "logview");
}

static void
flasher_log_view_init (FlasherLogView *self)
{
  GtkTextBuffer *buffer = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  buffer = gtk_text_view_get_buffer (self->text_view);
  gtk_text_buffer_create_tag (buffer, "debug", NULL);
  gtk_text_buffer_create_tag (buffer, "info", NULL);
  gtk_text_buffer_create_tag (buffer, "warning", "weight", PANGO_WEIGHT_BOLD, NULL);
  gtk_text_buffer_create_tag (buffer, "error", "weight", PANGO_WEIGHT_BOLD, NULL);
}

void
flasher_log_view_set_log (FlasherLogView *self, OakLog *log)
{
  g_return_if_fail (FLASHER_IS_LOG_VIEW (self));
  g_return_if_fail (OAK_IS_LOG (log));
  g_return_if_fail (self->log == NULL);

  self->log = g_object_ref (log);
  g_signal_connect_object (log, "items-changed", G_CALLBACK (lines_changed_cb), self, 0);
  lines_changed_cb (G_LIST_MODEL (log), 0, 0, g_list_model_get_n_items (G_LIST_MODEL (log)), self);
}

void
flasher_log_view_toggle (FlasherLogView *self)
{
  g_return_if_fail (FLASHER_IS_LOG_VIEW (self));

  gtk_toggle_button_set_active (self->toggle_button,
                                !gtk_toggle_button_get_active (self->toggle_button));
}

void
flasher_log_view_save (FlasherLogView *self)
{
  g_autofree char *text = NULL;
  GtkWidget *window = NULL;

  g_return_if_fail (FLASHER_IS_LOG_VIEW (self));

  window = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_WINDOW);
  text = oak_log_to_text (self->log);
  flasher_save_text (GTK_WINDOW (window), _ ("Save Log"), "oak-flasher.log", text);
}

const char *
flasher_log_view_get_title (FlasherLogView *self)
{
  g_return_val_if_fail (FLASHER_IS_LOG_VIEW (self), NULL);

  return gtk_label_get_text (self->title_label);
}
