/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-flash-wish.h"

#include "cli-file.h"
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
  wish.contents = cli_file_load_contents (program, program->options.file_path, &error);
  if (wish.contents == NULL)
    return cli_job_report_early (program, &wish, error);
  wish.package = oak_app_package_ref (oak_app_contents_get_package (wish.contents));
  if (!oak_flash_wish_judge (&wish, NULL, &error))
    return cli_job_report_early (program, &wish, error);
  return cli_job_run (program, &wish, cli_result_print);
}
