/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _CliProgram CliProgram;
typedef struct _OakDeviceInfo OakDeviceInfo;

/* Refusals that are the terminal program's own; exit code 4, nothing was written. Messages are
 * fragments for the details. */
#define CLI_ERROR (cli_error_quark ())
typedef enum {
  CLI_ERROR_SEVERAL_CAMERAS, /* none was named, and more than one answered; the message lists them
                              */
  CLI_ERROR_NOBODY_TO_ASK,   /* no --yes, and no terminal to ask on */
  CLI_ERROR_WRONG_ID,        /* the typed or given id is not that of the camera */
  CLI_ERROR_NOT_DECIDED,    /* the question stood for too long, or the camera went away meanwhile */
  CLI_ERROR_EXISTS,         /* a file to be written is there already */
  CLI_ERROR_NOT_SAVED,      /* a file could not be written */
  CLI_ERROR_NO_SUCH_PART,   /* the package has no section, asset or script of that name */
  CLI_ERROR_NOT_POSSIBLE,   /* the package is whole, but cannot be changed like that */
  CLI_ERROR_FILE_TOO_LARGE, /* for a package or an asset */
} CliError;
GQuark
cli_error_quark (void);

/* How a command that did not succeed is told: the four parts of OakAdvice on standard error, or one
 * JSON object. Main thread. */

typedef struct {
  int operation;       /* OakOperation */
  int remains;         /* OakRemains */
  gboolean written;    /* a write request was sent */
  gboolean untouched;  /* nothing at all was sent: it was not even restarted */
  OakDeviceInfo *info; /* (unowned) (nullable): the camera, as far as it is known */
  const char *title;   /* (unowned) (nullable): instead of the one that fits the operation */
  const char *what;    /* (unowned) (nullable): instead of what the error's code says, and so are */
  const char *why;     /* (unowned) (nullable) */
  const char *todo;    /* (unowned) (nullable) */
  const char *hint;    /* (unowned) (nullable): what to type instead, added to what to do */
  char **evidence;     /* (unowned) (nullable): what was proved all the same */
  gboolean no_camera;  /* the command works on files alone: nothing is said of a camera */
} CliFailure;

/* Returns: the exit code for @error. */
int
cli_failure_report (CliProgram *program, const GError *error, const CliFailure *failure);

/* The same on standard error only, where standard output has its document already. */
int
cli_failure_report_text (CliProgram *program, const GError *error, const CliFailure *failure);

/* A wrong command line. @command_name: (nullable). Returns: exit code 2. */
int
cli_failure_report_usage (gboolean json, const char *command_name, const char *message);

G_END_DECLS
