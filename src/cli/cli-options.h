/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-types.h"

G_BEGIN_DECLS

/* Mistakes on the command line itself; they end in exit code 2. Messages are translated sentences
 * without a final dot. */
#define CLI_USAGE_ERROR (cli_usage_error_quark ())
typedef enum {
  CLI_USAGE_ERROR_FAILED,
} CliUsageError;
GQuark
cli_usage_error_quark (void);

/* The sub-commands, as bits so that each option can say where it belongs. */
typedef enum {
  CLI_COMMAND_LIST = 1 << 0,
  CLI_COMMAND_INFO = 1 << 1,
  CLI_COMMAND_FLASH = 1 << 2,
  CLI_COMMAND_CLEAR = 1 << 3,
  CLI_COMMAND_RESET = 1 << 4,
  CLI_COMMAND_INSPECT = 1 << 5,
  CLI_COMMAND_EXTRACT = 1 << 6,
  CLI_COMMAND_REPACK = 1 << 7,
  CLI_COMMAND_RULES = 1 << 8,
  CLI_COMMAND_VERIFY = 1 << 9,
  CLI_COMMAND_BOOTLOADER = 1 << 10,
} CliCommandId;

/**
 * CliOptions:
 *
 * What was typed behind a sub-command, checked. Clear it after use; main thread.
 */
typedef struct {
  gboolean help;
  gboolean json;
  gboolean verbose;
  gboolean demo;
  gboolean dry_run;
  gboolean yes;
  gboolean no_wait;
  gboolean full;
  gboolean check_firmware; /* of --check-at-boot without a value */
  gboolean stop_application;
  gboolean size_unknown_ok;
  gboolean allow_host_streams;
  gboolean force;
  gboolean compress;
  gboolean no_compress;
  char *device;           /* (owned) (nullable): MXID, short id, IP address or USB socket */
  char **addresses;       /* (owned) (nullable): typed by hand */
  char *interface_name;   /* (owned) (nullable) */
  char *confirm_id;       /* (owned) (nullable) */
  char *type_word;        /* (owned) (nullable): as typed */
  char *memory_word;      /* (owned) (nullable): as typed, and so the next two */
  char *wait_word;        /* (owned) (nullable) */
  char *scale_word;       /* (owned) (nullable) */
  char *bootloader_path;  /* (owned) (nullable): in the file system's encoding */
  char *file_path;        /* (owned) (nullable): the one argument of some commands, likewise */
  char *action;           /* (owned) (nullable): as typed: what bootloader is to do with it */
  char *image_version;    /* (owned) (nullable): as typed */
  char *server;           /* (owned) (nullable): as typed: an address */
  char *output_path;      /* (owned) (nullable): likewise; "-": standard output */
  char *section;          /* (owned) (nullable): as typed, and so the next five */
  char *asset;            /* (owned) (nullable) */
  char *script_word;      /* (owned) (nullable) */
  char *application_name; /* (owned) (nullable) */
  char *check_word;       /* (owned) (nullable) */
  char **replacements;    /* (owned) (nullable): "NAME=FILE", in the file system's encoding */
  OakMemory memory;
  OakBootloaderType bootloader_type; /* AUTO: not given */
  gint64 script_node;                /* of --script */
  gboolean check_at_boot;            /* of --check-at-boot; only where @check_word is set */
  guint wait_ms;                     /* how long to look for cameras; 0: the command's own time */
  double timeout_scale;
} CliOptions;

void
cli_options_clear (CliOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliOptions, cli_options_clear)

/* Reads @arguments (NULL-terminated, without program and command). Initialises @self in every case.
 * Returns: FALSE with CLI_USAGE_ERROR for anything unknown, missing, misspelt or contradictory. */
gboolean
cli_options_parse (CliOptions *self,
                   CliCommandId command,
                   const char *const *arguments,
                   GError **error);

/* Returns: (transfer full): the help text of @command. */
char *
cli_options_get_help (CliCommandId command);

/* Returns: TRUE when @text can only be meant as an IPv4 address: digits and dots. */
gboolean
cli_options_looks_like_address (const char *text);

G_END_DECLS
