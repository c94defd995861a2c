/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include "oak-flash-wish.h"

#include "cli-bootloader.h"
#include "cli-file.h"
#include "cli-job.h"
#include "cli-program.h"
#include "cli-result.h"
#include "cli-text.h"

/* "oakflash reset": brings a camera back to its factory state. Main thread. */

static gboolean
load_image (CliProgram *program, OakFlashWish *wish, GError **error)
{
  const char *path = program->options.bootloader_path;

  if (cli_bootloader_is_stored (path))
    return cli_bootloader_load (program, path, wish, error);
  wish->bootloader_image = cli_file_load_bytes (program, path, CLI_FILE_MAX_BOOTLOADER_SIZE, error);
  return wish->bootloader_image != NULL;
}

int
cli_reset_run (CliProgram *program)
{
  const char *path = program->options.bootloader_path;
  g_auto (OakFlashWish) wish;
  g_autofree char *name = g_filename_display_basename (path);
  g_autoptr (GError) error = NULL;

  oak_flash_wish_init (&wish, OAK_OPERATION_FACTORY_RESET);
  wish.bootloader_type = program->options.bootloader_type;
  wish.bootloader_name = cli_text_show (name);
  if (!load_image (program, &wish, &error))
    return cli_job_report_early (program, &wish, error);
  return cli_job_run (program, &wish, cli_result_print);
}
