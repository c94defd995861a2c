/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli-options.h"

G_BEGIN_DECLS

typedef struct _CliProgram CliProgram;

/* One sub-command. */
typedef struct {
  CliCommandId id;
  const char *name;
  const char *argument; /* (nullable): what follows, such as "FILE" */
  const char *summary;  /* translatable: one line */
  const char *details;  /* (nullable), translatable: what stands below the options in the help */
} CliCommand;

/* Returns: (transfer none): never NULL for a CliCommandId. */
const CliCommand *
cli_command_get (CliCommandId id);
/* Returns: (transfer none) (nullable). */
const CliCommand *
cli_command_find (const char *name);
/* Returns: (transfer none) (nullable): the name of the command that may have been meant by @word.
 */
const char *
cli_command_suggest (const char *word);
/* Returns: (transfer full): the text of "oakflash --help". */
char *
cli_command_get_overview (void);

/* The sub-commands themselves, one file each. Blocking on the main loop; each Returns: the
 * program's exit code. */
int
cli_list_run (CliProgram *program);
int
cli_info_run (CliProgram *program);
int
cli_flash_run (CliProgram *program);
int
cli_clear_run (CliProgram *program);
int
cli_reset_run (CliProgram *program);
int
cli_verify_run (CliProgram *program);
int
cli_inspect_run (CliProgram *program);
int
cli_extract_run (CliProgram *program);
int
cli_repack_run (CliProgram *program);
int
cli_rules_run (CliProgram *program);
int
cli_bootloader_run (CliProgram *program);

G_END_DECLS
