/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ImageServer:
 *
 * A SoupServer on 127.0.0.1 that plays the vendor's, well or badly, in a thread of its own. Each
 * path has a list of answers; the last one is given for ever.
 */
typedef struct _ImageServer ImageServer;

typedef enum {
  ANSWER_WHOLE,    /* status and body; ranges are served */
  ANSWER_NO_RANGE, /* the whole body, whatever part was asked for */
  ANSWER_CUT,      /* the connection ends after some bytes of the body, or of the part asked for */
  ANSWER_SILENT,   /* the same, but the connection stays and nothing more comes */
  ANSWER_MUTE,     /* nothing at all comes */
  ANSWER_TRICKLE,  /* a byte now and then, for ever */
  ANSWER_ENDLESS,  /* bytes as fast as they are taken, for ever */
  ANSWER_SHIFTED,  /* another part than was asked for */
} AnswerKind;

typedef struct {
  AnswerKind kind;
  guint status;         /* 0: 200 */
  GBytes *body;         /* (nullable) */
  const char *location; /* (nullable): with a redirecting status */
  gsize n_bytes;        /* CUT and SILENT: how many of them come */
} Answer;

/* @certificate: (nullable): speak TLS. */
ImageServer *
image_server_new (GTlsCertificate *certificate);
void
image_server_free (ImageServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ImageServer, image_server_free)

/* Returns: (transfer none): "http://127.0.0.1:PORT". */
const char *
image_server_get_base (ImageServer *self);

/* Adds an answer for @path, which begins with a slash. Copies @answer. */
void
image_server_add (ImageServer *self, const char *path, const Answer *answer);

/* How often @path was asked for. */
guint
image_server_count (ImageServer *self, const char *path);
/* Where the last request for @path began, in bytes. */
gsize
image_server_get_offset (ImageServer *self, const char *path);
/* All requests. */
guint
image_server_count_all (ImageServer *self);

G_END_DECLS
