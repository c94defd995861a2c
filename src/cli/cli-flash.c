/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include "oak-flash-wish.h"

#include "cli-checked.h"
#include "cli-job.h"
#include "cli-program.h"
#include "cli-result.h"

/* "oakflash flash FILE": writes an application package to a camera, after it was looked into: what
 * must not be flashed ends here, before anything is sent. Main thread. */

int
cli_flash_run (CliProgram *program)
{
  g_auto (OakFlashWish) wish;
  g_autoptr (GError) error = NULL;

  oak_flash_wish_init (&wish, OAK_OPERATION_FLASH_APPLICATION);
  wish.allow_host_streams = program->options.allow_host_streams;
  if (!cli_checked_load (program, &wish, &error) || !oak_flash_wish_judge (&wish, NULL, &error))
    return cli_job_report_early (program, &wish, error);
  return cli_job_run (program, &wish, cli_result_print);
}
