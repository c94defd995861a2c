/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "cli-terminal.h"

G_BEGIN_DECLS

typedef struct _OakDevice OakDevice;

/* What a person can do about a camera that cannot be worked on as it is, or only slowly. Main
 * thread. */

/* Returns: (transfer none) (nullable): sentences; NULL when nothing is to be done. */
const char *
cli_remedy_get (OakDevice *device);
/* Writes each remedy once, behind the cameras it is for. @devices: a model of OakDevice. */
void
cli_remedy_print (GListModel *devices, const CliTerminal *terminal);

G_END_DECLS
