/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-result-page.h"

#include <glib/gi18n.h>

#include "flasher-clamp.h"
#include "flasher-text.h"
#include "flasher-widgets.h"
#include "oak-advice.h"
#include "oak-flash-wish.h"

/* Main thread. */

struct _FlasherResultPage {
  GtkWidget parent_instance;

  GtkWidget *scroller;
  GtkImage *image;
  GtkLabel *title_label;
  GtkLabel *device_label;
  GtkBox *lines_box;
  GtkWidget *next_box;
  GtkLabel *next_label;
  GtkWidget *unplug_box;
  GtkLabel *unplug_label;
  GtkExpander *details;
  GtkLabel *details_label;
  GtkButton *again_button;
  GtkButton *save_button;
  GtkButton *another_button;
  GtkButton *show_button;

  GString *text; /* (owned): all that is said */
  FlasherEnding ending;
};

enum { SIGNAL_TRY_AGAIN, SIGNAL_SHOW_DEVICE, SIGNAL_FLASH_ANOTHER, SIGNAL_SAVE_LOG, N_SIGNALS };

static guint signals[N_SIGNALS];
static const char *const signal_names[N_SIGNALS] = { "try-again",
                                                     "show-device",
                                                     "flash-another",
                                                     "save-log" };

G_DEFINE_FINAL_TYPE (FlasherResultPage, flasher_result_page, GTK_TYPE_WIDGET)

static const struct {
  const char *icon;
  const char *style;
} endings[] = {
  [FLASHER_ENDING_SUCCESS] = { "object-select-symbolic", "success" },
  [FLASHER_ENDING_NOT_CONFIRMED] = { "dialog-question-symbolic", "warning" },
  [FLASHER_ENDING_STOPPED] = { "media-playback-stop-symbolic", "accent" },
  [FLASHER_ENDING_FAILURE] = { "dialog-error-symbolic", "error" },
};

static void
flasher_result_page_set_next (FlasherResultPage *self, const char *next)
{
  gtk_label_set_text (self->next_label, next != NULL ? next : "");
  gtk_widget_set_visible (self->next_box, next != NULL);
  if (next != NULL)
    g_string_append_printf (self->text, "%s\n", next);
}

static void
flasher_result_page_set_unplug (FlasherResultPage *self, const char *text)
{
  gtk_label_set_text (self->unplug_label, text != NULL ? text : "");
  gtk_widget_set_visible (self->unplug_box, text != NULL);
}

/* After most jobs the next thing to know is just that the camera may be unplugged. It is said once:
 * where a start was not watched, @next says when. @next: (nullable). */
static void
flasher_result_page_set_end (FlasherResultPage *self,
                             const char *next,
                             gboolean proven,
                             gboolean watched)
{
  gboolean only_unplug = g_strcmp0 (next, _ ("It is safe to unplug the camera.")) == 0;

  if (watched && only_unplug) {
    flasher_result_page_set_unplug (self, next);
    return;
  }
  if (watched || (proven && next == NULL))
    flasher_result_page_set_unplug (self, _ ("Safe to unplug"));
  flasher_result_page_set_next (self, next);
}

static void
flasher_result_page_set_details (FlasherResultPage *self, const char *details)
{
  gtk_label_set_text (self->details_label, details != NULL ? details : "");
  gtk_widget_set_visible (GTK_WIDGET (self->details), details != NULL);
  if (details != NULL)
    g_string_append_printf (self->text, "%s\n", details);
}

static void
flasher_result_page_begin (FlasherResultPage *self,
                           FlasherEnding ending,
                           const char *title,
                           const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (self), endings[i].style);
  gtk_widget_add_css_class (GTK_WIDGET (self), endings[ending].style);
  gtk_image_set_from_icon_name (self->image, endings[ending].icon);
  gtk_label_set_text (self->title_label, title);
  gtk_label_set_text (self->device_label, name);
  flasher_box_clear (self->lines_box);
  flasher_result_page_set_next (self, NULL);
  flasher_result_page_set_unplug (self, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->again_button), ending != FLASHER_ENDING_SUCCESS);
  gtk_widget_set_visible (GTK_WIDGET (self->save_button), ending != FLASHER_ENDING_SUCCESS);
  gtk_widget_set_visible (GTK_WIDGET (self->another_button), ending == FLASHER_ENDING_SUCCESS);
  gtk_expander_set_expanded (self->details, FALSE);
  self->ending = ending;
  g_string_printf (self->text, "%s\n%s\n", title, name);
}

static void
flasher_result_page_append_part (FlasherResultPage *self, const char *heading, const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *title = gtk_label_new (heading);
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (title, "part-title");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (self->lines_box, box);
  g_string_append_printf (self->text, "%s: %s\n", heading, text);
}

static void
flasher_result_page_make_default (FlasherResultPage *self, GtkButton *button)
{
  GtkButton *buttons[] = { self->again_button, self->show_button };

  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (buttons[i]), "suggested-action");
  gtk_widget_add_css_class (GTK_WIDGET (button), "suggested-action");
}

static void
emit_cb (FlasherResultPage *self, GtkButton *button)
{
  GtkButton *const buttons[N_SIGNALS] = {
    [SIGNAL_TRY_AGAIN] = self->again_button,
    [SIGNAL_SHOW_DEVICE] = self->show_button,
    [SIGNAL_FLASH_ANOTHER] = self->another_button,
    [SIGNAL_SAVE_LOG] = self->save_button,
  };

  for (guint i = 0; i < N_SIGNALS; i++)
    if (buttons[i] == button) {
      g_signal_emit (self, signals[i], 0);
      return;
    }
}

static void
flasher_result_page_dispose (GObject *object)
{
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_result_page_parent_class)->dispose (object);
}

static void
flasher_result_page_finalize (GObject *object)
{
  g_string_free (FLASHER_RESULT_PAGE (object)->text, TRUE);
  G_OBJECT_CLASS (flasher_result_page_parent_class)->finalize (object);
}

static void
flasher_result_page_class_init (FlasherResultPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (FLASHER_TYPE_CLAMP);
  object_class->dispose = flasher_result_page_dispose;
  object_class->finalize = flasher_result_page_finalize;
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (signal_names[i],
                               FLASHER_TYPE_RESULT_PAGE,
                               G_SIGNAL_RUN_LAST,
                               0,
                               NULL,
                               NULL,
                               NULL,
                               G_TYPE_NONE,
                               0);
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-result-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, image);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, title_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, device_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, lines_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, next_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, next_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, unplug_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, unplug_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, details);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, details_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, again_button);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, save_button);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, another_button);
  gtk_widget_class_bind_template_child (widget_class, FlasherResultPage, show_button);
  gtk_widget_class_bind_template_callback (widget_class, emit_cb);
  gtk_widget_class_bind_template_callback (widget_class, flasher_clamp_get_orientation);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "resultpage");
}

static void
flasher_result_page_init (FlasherResultPage *self)
{
  self->text = g_string_new (NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
flasher_result_page_show_result (FlasherResultPage *self,
                                 int operation,
                                 const OakFlashResult *result,
                                 const char *name)
{
  gboolean proven = FALSE;
  gboolean watched = FALSE;
  const char *title = _ ("Written, Not Confirmed");

  g_return_if_fail (FLASHER_IS_RESULT_PAGE (self));
  g_return_if_fail (result != NULL);

  watched = result->outcome == OAK_OUTCOME_CONFIRMED;
  proven = watched || result->outcome == OAK_OUTCOME_START_NOT_OBSERVED;
  if (watched)
    title = flasher_operation_success (operation);
  else if (proven)
    title = flasher_operation_unproven (operation);
  flasher_result_page_begin (self,
                             watched ? FLASHER_ENDING_SUCCESS : FLASHER_ENDING_NOT_CONFIRMED,
                             title,
                             name);
  for (guint i = 0; result->evidence != NULL && result->evidence[i] != NULL; i++) {
    flasher_box_append_sentence (self->lines_box,
                                 proven ? "object-select-symbolic" : "oak-bullet-symbolic",
                                 proven ? "success" : NULL,
                                 result->evidence[i]);
    g_string_append_printf (self->text, "%s\n", result->evidence[i]);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->again_button), !proven);
  gtk_widget_set_visible (GTK_WIDGET (self->another_button),
                          proven && operation == OAK_OPERATION_FLASH_APPLICATION);
  flasher_result_page_set_end (self, result->next, proven, watched);
  flasher_result_page_set_details (self, NULL);
  flasher_result_page_make_default (self, self->show_button);
}

void
flasher_result_page_show_error (FlasherResultPage *self,
                                int operation,
                                const GError *error,
                                int remains,
                                gboolean written,
                                const char *name)
{
  g_autoptr (OakAdvice) advice = NULL;
  gboolean stopped = FALSE;

  g_return_if_fail (FLASHER_IS_RESULT_PAGE (self));
  g_return_if_fail (error != NULL);

  advice = oak_advice_new (error, operation, remains, written);
  stopped = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  flasher_result_page_begin (self,
                             stopped ? FLASHER_ENDING_STOPPED : FLASHER_ENDING_FAILURE,
                             advice->title,
                             name);
  flasher_result_page_append_part (self, _ ("What happened"), advice->what);
  flasher_result_page_append_part (self, _ ("Likely cause"), advice->why);
  flasher_result_page_append_part (self, _ ("What to do"), advice->todo);
  flasher_result_page_append_part (self, _ ("The camera now"), advice->state);
  flasher_result_page_set_details (self, advice->details);
  flasher_result_page_make_default (self, self->again_button);
}

FlasherEnding
flasher_result_page_get_ending (FlasherResultPage *self)
{
  g_return_val_if_fail (FLASHER_IS_RESULT_PAGE (self), FLASHER_ENDING_FAILURE);

  return self->ending;
}

const char *
flasher_result_page_get_title (FlasherResultPage *self)
{
  g_return_val_if_fail (FLASHER_IS_RESULT_PAGE (self), NULL);

  return gtk_label_get_text (self->title_label);
}

char *
flasher_result_page_to_text (FlasherResultPage *self)
{
  g_return_val_if_fail (FLASHER_IS_RESULT_PAGE (self), NULL);

  return g_strdup (self->text->str);
}

GtkWidget *
flasher_result_page_get_again_button (FlasherResultPage *self)
{
  g_return_val_if_fail (FLASHER_IS_RESULT_PAGE (self), NULL);

  return GTK_WIDGET (self->again_button);
}
