/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-link.h"

#include "oak-error.h"
#include "oak-types.h"

/* What every kind of link has in common: its description, the checks of its arguments, and the mark
 * that it was closed, which turns whatever the operating system says about a link we cut ourselves
 * into one clear error. No thread of its own. */

#define OAK_LINK_MAX_VECTORS 8

typedef struct {
  char *description; /* (owned) */
  int closed;        /* atomic */
} OakLinkPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (OakLink, oak_link, G_TYPE_OBJECT)

enum { PROP_0, PROP_DESCRIPTION, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

static void
oak_link_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *spec)
{
  switch (property_id) {
  case PROP_DESCRIPTION:
    g_value_set_string (value, oak_link_get_description (OAK_LINK (object)));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, spec);
  }
}

static void
oak_link_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *spec)
{
  OakLinkPrivate *private = oak_link_get_instance_private (OAK_LINK (object));

  switch (property_id) {
  case PROP_DESCRIPTION:
    g_free (private->description);
    private->description = g_value_dup_string (value);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, spec);
  }
}

static void
oak_link_finalize (GObject *object)
{
  OakLinkPrivate *private = oak_link_get_instance_private (OAK_LINK (object));

  g_free (private->description);

  G_OBJECT_CLASS (oak_link_parent_class)->finalize (object);
}

static void
oak_link_class_init (OakLinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oak_link_get_property;
  object_class->set_property = oak_link_set_property;
  object_class->finalize = oak_link_finalize;
  klass->chunk_size = OAK_MIB;

  properties[PROP_DESCRIPTION] =
      g_param_spec_string ("description",
                           NULL,
                           NULL,
                           NULL,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
oak_link_init (OakLink *self)
{
}

static gboolean
refuse_when_closed (OakLink *self, GError **error)
{
  if (!oak_link_is_closed (self))
    return TRUE;

  g_set_error_literal (error, OAK_ERROR, OAK_ERROR_DISCONNECTED, "the link was closed");
  return FALSE;
}

/* Closing wakes a waiting side with whatever the operating system makes of it; say what really
 * happened. */
static gboolean
report_result (OakLink *self, gboolean success, GError *local_error, GError **error)
{
  if (success)
    return TRUE;

  if (oak_link_is_closed (self) &&
      !g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_clear_error (&local_error);
    return refuse_when_closed (self, error);
  }

  g_propagate_error (error, local_error);
  return FALSE;
}

gboolean
oak_link_read_all (OakLink *self,
                   void *buffer,
                   gsize size,
                   gint64 deadline_us,
                   GCancellable *cancellable,
                   GError **error)
{
  GError *local_error = NULL;
  gboolean success = FALSE;

  g_return_val_if_fail (OAK_IS_LINK (self), FALSE);
  g_return_val_if_fail (buffer != NULL || size == 0, FALSE);

  if (!refuse_when_closed (self, error))
    return FALSE;

  success =
      OAK_LINK_GET_CLASS (self)->read_all (self,
                                           buffer,
                                           size,
                                           deadline_us == 0 ? OAK_LINK_NO_DEADLINE : deadline_us,
                                           cancellable,
                                           &local_error);
  return report_result (self, success, local_error, error);
}

gboolean
oak_link_write_all (OakLink *self,
                    const GOutputVector *vectors,
                    guint n_vectors,
                    gint64 deadline_us,
                    GCancellable *cancellable,
                    GError **error)
{
  GError *local_error = NULL;
  gboolean success = FALSE;

  g_return_val_if_fail (OAK_IS_LINK (self), FALSE);
  g_return_val_if_fail (n_vectors <= OAK_LINK_MAX_VECTORS, FALSE);

  if (!refuse_when_closed (self, error))
    return FALSE;

  success =
      OAK_LINK_GET_CLASS (self)->write_all (self,
                                            vectors,
                                            n_vectors,
                                            deadline_us == 0 ? OAK_LINK_NO_DEADLINE : deadline_us,
                                            cancellable,
                                            &local_error);
  return report_result (self, success, local_error, error);
}

void
oak_link_close (OakLink *self)
{
  OakLinkPrivate *private = oak_link_get_instance_private (self);

  g_return_if_fail (OAK_IS_LINK (self));

  /* First the mark, so that whoever is woken finds it. */
  if (g_atomic_int_compare_and_exchange (&private->closed, FALSE, TRUE))
    OAK_LINK_GET_CLASS (self)->close (self);
}

gboolean
oak_link_is_closed (OakLink *self)
{
  OakLinkPrivate *private = oak_link_get_instance_private (self);

  g_return_val_if_fail (OAK_IS_LINK (self), TRUE);

  return g_atomic_int_get (&private->closed);
}

gsize
oak_link_get_chunk_size (OakLink *self)
{
  g_return_val_if_fail (OAK_IS_LINK (self), OAK_MIB);

  return OAK_LINK_GET_CLASS (self)->chunk_size;
}

const char *
oak_link_get_description (OakLink *self)
{
  OakLinkPrivate *private = oak_link_get_instance_private (self);

  g_return_val_if_fail (OAK_IS_LINK (self), NULL);

  return private->description;
}
