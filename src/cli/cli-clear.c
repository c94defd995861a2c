/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include "oak-flash-wish.h"

#include "cli-job.h"
#include "cli-program.h"
#include "cli-result.h"

/* "oakflash clear": removes the application from a camera. Main thread. */

int
cli_clear_run (CliProgram *program)
{
  g_auto (OakFlashWish) wish;

  oak_flash_wish_init (&wish, OAK_OPERATION_CLEAR_APPLICATION);
  return cli_job_run (program, &wish, cli_result_print);
}
