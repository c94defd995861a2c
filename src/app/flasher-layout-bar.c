/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-layout-bar.h"

#include <glib/gi18n.h>

#include "oak-app-package.h"
#include "oak-text.h"

/* Main thread. */

#define FLASHER_BAR_HEIGHT        10
#define FLASHER_MINIMUM_SEGMENT   4
#define FLASHER_SECTION_NAME_SIZE 24

typedef struct {
  GtkWidget *widget; /* (unowned): a child of the bar */
  guint64 size;
} FlasherSegment;

struct _FlasherLayoutBar {
  GtkWidget parent_instance;

  GArray *segments; /* (owned) of FlasherSegment */
};

G_DEFINE_FINAL_TYPE (FlasherLayoutBar, flasher_layout_bar, GTK_TYPE_WIDGET)

char *
flasher_section_name (const char *name)
{
  if (g_str_equal (name, "__firmware"))
    return g_strdup (_ ("Firmware"));
  if (g_str_equal (name, "__fw_version"))
    return g_strdup (_ ("Firmware version"));
  if (g_str_equal (name, "app_name"))
    return g_strdup (_ ("Name"));
  if (g_str_equal (name, "pipeline"))
    return g_strdup (_ ("Pipeline"));
  if (g_str_equal (name, "assets"))
    return g_strdup (_ ("Assets"));
  if (g_str_equal (name, "asset_storage"))
    return g_strdup (_ ("Asset data"));
  return oak_text_escape (name, -1, FLASHER_SECTION_NAME_SIZE);
}

const char *
flasher_section_class (const char *name)
{
  if (g_str_equal (name, "__firmware"))
    return "firmware";
  if (g_str_equal (name, "pipeline"))
    return "pipeline";
  if (g_str_has_prefix (name, "asset"))
    return "assets";
  return "other";
}

static void
flasher_layout_bar_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline)
{
  FlasherLayoutBar *self = FLASHER_LAYOUT_BAR (widget);

  *minimum_baseline = *natural_baseline = -1;
  *minimum = *natural = FLASHER_BAR_HEIGHT;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = FLASHER_MINIMUM_SEGMENT * (int) MAX (self->segments->len, 1);
}

static void
flasher_layout_bar_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  FlasherLayoutBar *self = FLASHER_LAYOUT_BAR (widget);
  int spare = width - FLASHER_MINIMUM_SEGMENT * (int) self->segments->len;
  double total = 0;
  int x = 0;

  for (guint i = 0; i < self->segments->len; i++)
    total += g_array_index (self->segments, FlasherSegment, i).size;
  for (guint i = 0; i < self->segments->len; i++) {
    FlasherSegment *segment = &g_array_index (self->segments, FlasherSegment, i);
    int share = total > 0 ? (int) (MAX (spare, 0) * (segment->size / total)) : 0;
    gboolean last = i + 1 == self->segments->len;
    GtkAllocation allocation = { x, 0, FLASHER_MINIMUM_SEGMENT + share, height };

    if (last)
      allocation.width = MAX (width - x, FLASHER_MINIMUM_SEGMENT);
    if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
      allocation.x = width - x - allocation.width;
    gtk_widget_size_allocate (segment->widget, &allocation, -1);
    x += allocation.width;
  }
}

static void
flasher_layout_bar_clear (FlasherLayoutBar *self)
{
  for (guint i = 0; i < self->segments->len; i++)
    gtk_widget_unparent (g_array_index (self->segments, FlasherSegment, i).widget);
  g_array_set_size (self->segments, 0);
}

static void
flasher_layout_bar_dispose (GObject *object)
{
  flasher_layout_bar_clear (FLASHER_LAYOUT_BAR (object));
  G_OBJECT_CLASS (flasher_layout_bar_parent_class)->dispose (object);
}

static void
flasher_layout_bar_finalize (GObject *object)
{
  g_array_unref (FLASHER_LAYOUT_BAR (object)->segments);
  G_OBJECT_CLASS (flasher_layout_bar_parent_class)->finalize (object);
}

static void
flasher_layout_bar_class_init (FlasherLayoutBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = flasher_layout_bar_dispose;
  object_class->finalize = flasher_layout_bar_finalize;
  widget_class->measure = flasher_layout_bar_measure;
  widget_class->size_allocate = flasher_layout_bar_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "layoutbar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
flasher_layout_bar_init (FlasherLayoutBar *self)
{
  self->segments = g_array_new (FALSE, FALSE, sizeof (FlasherSegment));
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

static void
flasher_layout_bar_add (FlasherLayoutBar *self, guint64 size, const char *style)
{
  FlasherSegment segment = { g_object_new (GTK_TYPE_BOX, "css-name", "segment", NULL), size };

  gtk_widget_add_css_class (segment.widget, style);
  gtk_widget_set_parent (segment.widget, GTK_WIDGET (self));
  g_array_append_val (self->segments, segment);
}

void
flasher_layout_bar_set_package (FlasherLayoutBar *self, OakAppPackage *package, guint64 room)
{
  g_return_if_fail (FLASHER_IS_LAYOUT_BAR (self));

  flasher_layout_bar_clear (self);
  for (guint i = 0; package != NULL && i < oak_app_package_get_n_sections (package); i++) {
    OakAppSection section;

    oak_app_package_get_section (package, i, &section);
    if (!section.outside)
      flasher_layout_bar_add (self, section.size, flasher_section_class (section.name));
  }
  if (package != NULL && room > oak_app_package_get_size (package))
    flasher_layout_bar_add (self, room - oak_app_package_get_size (package), "free");
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
flasher_layout_legend_add (GtkFlowBox *legend, const char *style, const char *name, guint64 bytes)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *swatch = g_object_new (GTK_TYPE_BOX, "css-name", "swatch", NULL);
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *child = gtk_flow_box_child_new ();
  g_autofree char *size = oak_text_size (bytes);
  g_autofree char *text = g_strdup_printf ("%s %s", name, size);

  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (swatch, style);
  gtk_label_set_text (GTK_LABEL (label), text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption");
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), label);
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), box);
  gtk_widget_set_focusable (child, FALSE);
  gtk_flow_box_insert (legend, child, -1);
}

void
flasher_layout_legend_fill (GtkFlowBox *legend, OakAppPackage *package, guint64 room)
{
  GtkWidget *child = NULL;

  g_return_if_fail (GTK_IS_FLOW_BOX (legend));

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (legend))) != NULL)
    gtk_flow_box_remove (legend, child);
  for (guint i = 0; package != NULL && i < oak_app_package_get_n_sections (package); i++) {
    OakAppSection section;
    g_autofree char *name = NULL;

    oak_app_package_get_section (package, i, &section);
    name = flasher_section_name (section.name);
    if (!section.outside)
      flasher_layout_legend_add (legend, flasher_section_class (section.name), name, section.size);
  }
  if (package != NULL && room > oak_app_package_get_size (package))
    flasher_layout_legend_add (legend,
                               "free",
                               _ ("Free on the camera"),
                               room - oak_app_package_get_size (package));
}
