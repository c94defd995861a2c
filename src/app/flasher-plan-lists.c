/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-plan-lists.h"

#include "flasher-widgets.h"
#include "oak-flash-plan.h"

/* A plan as lists of sentences. Main thread. */

#define FLASHER_STEP_CHARACTERS 54

static void
append_step (GtkBox *steps, const OakFlashPlan *plan, guint index)
{
  g_autofree char *step = oak_flash_plan_describe_step (plan, index);
  g_autofree char *line = g_strdup_printf ("%u. %s", index + 1, step);
  GtkWidget *label = gtk_label_new (line);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), FLASHER_STEP_CHARACTERS);
  gtk_widget_add_css_class (label, "small");
  gtk_box_append (steps, label);
}

void
flasher_plan_lists_fill (const OakFlashPlan *plan,
                         GtkLabel *title,
                         GtkBox *effects,
                         GtkBox *warnings,
                         GtkBox *steps)
{
  g_autofree char *words = oak_flash_plan_get_title (plan);
  g_auto (GStrv) done = oak_flash_plan_get_effects (plan);
  g_auto (GStrv) risks = oak_flash_plan_get_warnings (plan);

  gtk_label_set_text (title, words);
  flasher_box_clear (effects);
  flasher_box_clear (warnings);
  flasher_box_clear (steps);
  flasher_box_append_sentences (effects, "oak-bullet-symbolic", NULL, (const char *const *) done);
  flasher_box_append_sentences (warnings,
                                "dialog-warning-symbolic",
                                "warning",
                                (const char *const *) risks);
  gtk_widget_set_visible (GTK_WIDGET (warnings), risks != NULL && risks[0] != NULL);
  for (guint i = 0; i < oak_flash_plan_get_n_steps (plan); i++)
    append_step (steps, plan, i);
}
