/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-widgets.h"

#include <glib/gi18n.h>

/* Main thread. */

/* How wide a sentence wants to be; it uses more where there is more. */
#define FLASHER_SENTENCE_CHARACTERS 50

/* The desktop's usual text. */
#define FLASHER_USUAL_POINTS     11.0
#define FLASHER_PIXELS_PER_POINT (96.0 / 72.0)

void
flasher_box_append_sentence (GtkBox *box,
                             const char *icon_name,
                             const char *style,
                             const char *text)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *image = gtk_image_new_from_icon_name (icon_name);
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_set_valign (image, GTK_ALIGN_START);
  gtk_widget_add_css_class (image, "line-icon");
  if (style != NULL)
    gtk_widget_add_css_class (image, style);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), FLASHER_SENTENCE_CHARACTERS);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (line), image);
  gtk_box_append (GTK_BOX (line), label);
  gtk_box_append (box, line);
}

void
flasher_box_append_sentences (GtkBox *box,
                              const char *icon_name,
                              const char *style,
                              const char *const *texts)
{
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    flasher_box_append_sentence (box, icon_name, style, texts[i]);
}

void
flasher_box_clear (GtkBox *box)
{
  GtkWidget *child = NULL;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

void
flasher_widget_drop_children (GtkWidget *widget)
{
  GtkWidget *child = NULL;

  while ((child = gtk_widget_get_first_child (widget)) != NULL)
    gtk_widget_unparent (child);
}

double
flasher_widget_get_text_scale (GtkWidget *widget)
{
  PangoContext *context = gtk_widget_get_pango_context (widget);
  const PangoFontDescription *font = pango_context_get_font_description (context);
  double size = (double) pango_font_description_get_size (font) / PANGO_SCALE;

  if (!pango_font_description_get_size_is_absolute (font))
    size *= FLASHER_PIXELS_PER_POINT;
  return size > 0 ? size / (FLASHER_USUAL_POINTS * FLASHER_PIXELS_PER_POINT) : 1;
}

void
flasher_stack_show (GtkStack *stack, GtkWidget *shown)
{
  gtk_widget_set_visible (shown, TRUE);
  gtk_stack_set_visible_child (stack, shown);
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (stack)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_visible (child, child == shown);
}

void
flasher_stack_show_name (GtkStack *stack, const char *name)
{
  flasher_stack_show (stack, gtk_stack_get_child_by_name (stack, name));
}

gpointer
flasher_weak_new (gpointer object)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, object);
  return weak;
}

gpointer
flasher_weak_take (gpointer weak)
{
  gpointer object = g_weak_ref_get (weak);

  g_weak_ref_clear (weak);
  g_free (weak);
  return object;
}

void
flasher_tell (GtkWindow *parent, const char *title, const char *text)
{
  GtkWidget *dialog = gtk_message_dialog_new (parent,
                                              GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                              GTK_MESSAGE_INFO,
                                              GTK_BUTTONS_CLOSE,
                                              "%s",
                                              title);

  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", text);
  g_signal_connect (dialog, "response", G_CALLBACK (gtk_window_destroy), NULL);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* A native dialog belongs to nobody: its parent keeps it until it has answered. */
static void
flasher_show_chooser (GtkWindow *parent, GtkFileChooserNative *dialog)
{
  g_object_set_data_full (G_OBJECT (parent), "flasher-chooser", dialog, g_object_unref);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* Returns: (transfer full) (nullable): what was chosen; the dialog is let go of. */
static GFile *
flasher_take_answer (GtkNativeDialog *dialog, int response)
{
  g_autoptr (GtkNativeDialog) keep = g_object_ref (dialog);
  GtkWindow *parent = gtk_native_dialog_get_transient_for (dialog);

  if (parent != NULL)
    g_object_set_data (G_OBJECT (parent), "flasher-chooser", NULL);
  return response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (keep))
                                         : NULL;
}

static void
open_response_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  g_autoptr (GObject) object = g_weak_ref_get (user_data);
  FlasherFileFunc callback =
      (FlasherFileFunc) g_object_get_data (G_OBJECT (dialog), "flasher-callback");
  g_autoptr (GFile) file = flasher_take_answer (dialog, response);

  if (object != NULL && file != NULL)
    callback (object, file);
}

static void
flasher_weak_free (gpointer weak, GClosure *closure)
{
  g_weak_ref_clear (weak);
  g_free (weak);
}

static void
flasher_add_package_filters (GtkFileChooser *chooser)
{
  g_autoptr (GtkFileFilter) packages = gtk_file_filter_new ();
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();

  gtk_file_filter_set_name (packages, _ ("Application packages (*.dap)"));
  gtk_file_filter_add_suffix (packages, "dap");
  gtk_file_filter_set_name (all, _ ("All files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (chooser, packages);
  gtk_file_chooser_add_filter (chooser, all);
}

void
flasher_open_file (GtkWindow *parent,
                   const char *title,
                   GFile *initial,
                   gboolean packages,
                   FlasherFileFunc callback,
                   gpointer object)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title,
                                                              parent,
                                                              GTK_FILE_CHOOSER_ACTION_OPEN,
                                                              _ ("_Open"),
                                                              _ ("_Cancel"));

  if (packages)
    flasher_add_package_filters (GTK_FILE_CHOOSER (dialog));
  if (initial != NULL)
    gtk_file_chooser_set_file (GTK_FILE_CHOOSER (dialog), initial, NULL);
  g_object_set_data (G_OBJECT (dialog), "flasher-callback", (gpointer) callback);
  g_signal_connect_data (dialog,
                         "response",
                         G_CALLBACK (open_response_cb),
                         flasher_weak_new (object),
                         flasher_weak_free,
                         0);
  flasher_show_chooser (parent, dialog);
}

static void
replace_contents_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkWindow) parent = flasher_weak_take (user_data);
  g_autoptr (GError) error = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error) && parent != NULL)
    flasher_tell (parent, _ ("The File Was Not Saved"), error->message);
}

static void
save_response_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  GtkWindow *parent = gtk_native_dialog_get_transient_for (dialog);
  g_autoptr (GBytes) bytes = g_bytes_ref (g_object_get_data (G_OBJECT (dialog), "flasher-text"));
  g_autoptr (GFile) file = flasher_take_answer (dialog, response);

  if (file != NULL)
    g_file_replace_contents_bytes_async (file,
                                         bytes,
                                         NULL,
                                         FALSE,
                                         G_FILE_CREATE_REPLACE_DESTINATION,
                                         NULL,
                                         replace_contents_cb,
                                         flasher_weak_new (parent));
}

void
flasher_save_text (GtkWindow *parent, const char *title, const char *file_name, const char *text)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title,
                                                              parent,
                                                              GTK_FILE_CHOOSER_ACTION_SAVE,
                                                              _ ("_Save"),
                                                              _ ("_Cancel"));

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), file_name);
  g_object_set_data_full (G_OBJECT (dialog),
                          "flasher-text",
                          g_bytes_new (text, strlen (text)),
                          (GDestroyNotify) g_bytes_unref);
  g_signal_connect (dialog, "response", G_CALLBACK (save_response_cb), NULL);
  flasher_show_chooser (parent, dialog);
}
