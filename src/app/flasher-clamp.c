/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-clamp.h"

#include "flasher-widgets.h"

/* A layout widget; knows nothing of cameras. Main thread. */

#define FLASHER_ANY_WIDTH (1 << 20)

struct _FlasherClamp {
  GtkWidget parent_instance;

  GtkWidget *child; /* (owned) (nullable) */
  int maximum_width;
  int minimum_width;
  int narrow_below;
  int width;           /* as allocated last */
  int wide_minimum;    /* what the child needs at least while not narrow: more with large text */
  guint narrow_source; /* 0: none waiting */
  gboolean narrow;
};

enum {
  PROP_CHILD = 1,
  PROP_MAXIMUM_WIDTH,
  PROP_MINIMUM_WIDTH,
  PROP_NARROW_BELOW,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FlasherClamp, flasher_clamp, GTK_TYPE_WIDGET)

static gboolean
flasher_clamp_is_narrow_now (FlasherClamp *self)
{
  double scale = flasher_widget_get_text_scale (GTK_WIDGET (self));
  /* Only about half of a width is text. */
  int narrow_below = (int) (self->narrow_below * (1 + scale) / 2);

  return self->narrow_below > 0 && self->width > 0 &&
         self->width < MAX (narrow_below, self->wide_minimum);
}

static gboolean
update_narrow_cb (gpointer user_data)
{
  FlasherClamp *self = FLASHER_CLAMP (user_data);

  self->narrow_source = 0;
  if (self->narrow != flasher_clamp_is_narrow_now (self)) {
    self->narrow = !self->narrow;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
    gtk_widget_queue_resize (GTK_WIDGET (self));
  }
  return G_SOURCE_REMOVE;
}

static int
flasher_clamp_measure_child_width (FlasherClamp *self, int *natural)
{
  int minimum = 0;

  *natural = 0;
  if (self->child != NULL && gtk_widget_should_layout (self->child))
    gtk_widget_measure (self->child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, natural, NULL, NULL);
  return minimum;
}

static int
flasher_clamp_get_child_width (FlasherClamp *self, int width)
{
  int natural = 0;
  int minimum = flasher_clamp_measure_child_width (self, &natural);

  if (self->maximum_width > 0)
    width = MIN (width, MAX (self->maximum_width, minimum));
  return MAX (width, minimum);
}

static GtkSizeRequestMode
flasher_clamp_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
flasher_clamp_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  FlasherClamp *self = FLASHER_CLAMP (widget);

  *minimum = *natural = 0;
  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_VERTICAL) {
    /* However wide it may be, the child is not wider than the maximum, and parts of it may be less
     * wide than all of it: with a width that nobody has it tells a height that it can keep. */
    for_size = flasher_clamp_get_child_width (self, for_size >= 0 ? for_size : FLASHER_ANY_WIDTH);
    if (self->child != NULL && gtk_widget_should_layout (self->child))
      gtk_widget_measure (self->child, orientation, for_size, minimum, natural, NULL, NULL);
    return;
  }
  *minimum = flasher_clamp_measure_child_width (self, natural);
  if (self->maximum_width > 0)
    *natural = MAX (*minimum, MIN (*natural, self->maximum_width));
  if (self->minimum_width > 0 && !self->narrow)
    *minimum = MIN (*minimum, self->minimum_width);
}

static void
flasher_clamp_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  FlasherClamp *self = FLASHER_CLAMP (widget);
  int natural = 0;

  self->width = width;
  if (!self->narrow)
    self->wide_minimum = flasher_clamp_measure_child_width (self, &natural);
  if (self->narrow != flasher_clamp_is_narrow_now (self) && self->narrow_source == 0)
    self->narrow_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_narrow_cb, self, NULL);
  if (self->child != NULL && gtk_widget_should_layout (self->child)) {
    int child_width = flasher_clamp_get_child_width (self, width);
    GtkAllocation allocation = { MAX (0, (width - child_width) / 2), 0, child_width, height };

    gtk_widget_size_allocate (self->child, &allocation, -1);
  }
}

static void
flasher_clamp_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FlasherClamp *self = FLASHER_CLAMP (object);

  switch (id) {
  case PROP_CHILD:
    g_value_set_object (value, self->child);
    break;
  case PROP_MAXIMUM_WIDTH:
    g_value_set_int (value, self->maximum_width);
    break;
  case PROP_MINIMUM_WIDTH:
    g_value_set_int (value, self->minimum_width);
    break;
  case PROP_NARROW_BELOW:
    g_value_set_int (value, self->narrow_below);
    break;
  case PROP_NARROW:
    g_value_set_boolean (value, self->narrow);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
flasher_clamp_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FlasherClamp *self = FLASHER_CLAMP (object);

  switch (id) {
  case PROP_CHILD:
    flasher_clamp_set_child (self, g_value_get_object (value));
    return;
  case PROP_MAXIMUM_WIDTH:
    self->maximum_width = g_value_get_int (value);
    break;
  case PROP_MINIMUM_WIDTH:
    self->minimum_width = g_value_get_int (value);
    break;
  case PROP_NARROW_BELOW:
    self->narrow_below = g_value_get_int (value);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
flasher_clamp_dispose (GObject *object)
{
  FlasherClamp *self = FLASHER_CLAMP (object);

  g_clear_handle_id (&self->narrow_source, g_source_remove);
  g_clear_pointer (&self->child, gtk_widget_unparent);
  G_OBJECT_CLASS (flasher_clamp_parent_class)->dispose (object);
}

static void
flasher_clamp_class_init (FlasherClampClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = flasher_clamp_dispose;
  object_class->get_property = flasher_clamp_get_property;
  object_class->set_property = flasher_clamp_set_property;
  widget_class->get_request_mode = flasher_clamp_get_request_mode;
  widget_class->measure = flasher_clamp_measure;
  widget_class->size_allocate = flasher_clamp_size_allocate;

  properties[PROP_CHILD] = g_param_spec_object ("child", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_MAXIMUM_WIDTH] =
      g_param_spec_int ("maximum-width", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_MINIMUM_WIDTH] =
      g_param_spec_int ("minimum-width", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_NARROW_BELOW] =
      g_param_spec_int ("narrow-below", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_NARROW] =
      g_param_spec_boolean ("narrow", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_css_name (widget_class, "clamp");
}

static void
flasher_clamp_init (FlasherClamp *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
flasher_clamp_get_child (FlasherClamp *self)
{
  g_return_val_if_fail (FLASHER_IS_CLAMP (self), NULL);

  return self->child;
}

void
flasher_clamp_set_child (FlasherClamp *self, GtkWidget *child)
{
  g_return_if_fail (FLASHER_IS_CLAMP (self));
  g_return_if_fail (child == NULL || GTK_IS_WIDGET (child));

  if (self->child == child)
    return;
  g_clear_pointer (&self->child, gtk_widget_unparent);
  self->child = child;
  if (child != NULL)
    gtk_widget_set_parent (child, GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHILD]);
}

gboolean
flasher_clamp_get_narrow (FlasherClamp *self)
{
  g_return_val_if_fail (FLASHER_IS_CLAMP (self), FALSE);

  return self->narrow;
}

GtkOrientation
flasher_clamp_get_orientation (gpointer unused, gboolean narrow)
{
  return narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;
}
