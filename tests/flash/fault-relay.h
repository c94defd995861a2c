/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cuts-camera.h"

G_BEGIN_DECLS

/* Somebody between host and camera: remembers every event of a conversation, or spoils one of them.
 * What it is asked to do is done with the camera's lock held, in whatever thread sends. */

typedef enum {
  FAULT_NONE,
  FAULT_DROPPED,
  FAULT_CUT_SHORT, /* the second half of its bytes never comes */
  FAULT_DELAYED,   /* beyond every deadline, and all that follows with it */
  FAULT_DUPLICATED,
  FAULT_WRONG_TYPE,
  FAULT_WRONG_ANSWER,  /* another command in the message */
  FAULT_SHORT_MESSAGE, /* half a message, announced as such */
  FAULT_TOO_LONG,      /* more is announced than comes */
  FAULT_OTHER_STREAM,
  FAULT_UNKNOWN_STREAM,
  FAULT_WRONG_ID,
  FAULT_FLIPPED_BIT,
  FAULT_LINK_RESET,
  FAULT_LINK_CLOSED,
  FAULT_N,
} FaultKind;

/* Which event it is, whatever else happens beside it: the @index-th of its kind. */
typedef struct {
  gboolean to_host;
  guint32 type;    /* OakXlinkEventType */
  char stream[16]; /* empty: none, or not known */
  guint index;
  guint32 size;    /* of its payload */
  guint32 command; /* of a small message of the bootloader's stream */
} FaultPoint;

typedef struct {
  GArray *points; /* (owned) of FaultPoint: those that have come by */
  FaultKind kind; /* of what is to be spoiled, at @target */
  FaultPoint target;
  guint delay_ms;
  gboolean met;
  char streams[8][16]; /* by the id that the host gave */
} FaultRelay;

void
fault_relay_init (FaultRelay *self);
void
fault_relay_clear (FaultRelay *self);
/* From the beginning of another conversation. */
void
fault_relay_start (FaultRelay *self, const FaultPoint *target, FaultKind kind, guint delay_ms);
/* A CutsRelayFunc for a FaultRelay. */
void
fault_relay_pass (CutsCamera *camera, gboolean to_host, GBytes *event, gpointer user_data);

/* Returns: whether an event of that kind can be spoiled so. */
gboolean
fault_kind_fits (FaultKind kind, const FaultPoint *point);
const char *
fault_kind_to_string (FaultKind kind);
/* Returns: (transfer full): "to host: WRITE_REQ on `__bootloader`, number 3". */
char *
fault_point_describe (const FaultPoint *self);

G_END_DECLS
