/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include "oak-app-package.h"
#include "oak-flash-wish.h"

#include "cli-file.h"
#include "cli-job.h"
#include "cli-program.h"
#include "cli-result.h"

/* "oakflash flash FILE": writes an application package to a camera. Main thread. */

int
cli_flash_run (CliProgram *program)
{
  g_auto (OakFlashWish) wish;
  g_autoptr (GError) error = NULL;

  oak_flash_wish_init (&wish, OAK_OPERATION_FLASH_APPLICATION);
  wish.package = cli_file_load_package (program, program->options.file_path, &error);
  if (wish.package == NULL)
    return cli_job_report_early (program, &wish, error);
  return cli_job_run (program, &wish, cli_result_print);
}
