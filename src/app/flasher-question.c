/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-question.h"

#include <glib/gi18n.h>

#include "flasher-text.h"

/* The words of the questions before a plan. Pure functions, any thread. */

FlasherQuestionText
flasher_question_get_text (FlasherQuestion question, int operation)
{
  switch (question) {
  case FLASHER_QUESTION_STOP_APPLICATION:
    return (FlasherQuestionText){ _ ("Stop the Running Application?"),
                                  flasher_operation_stop_consent (operation),
                                  _ ("_Stop and Continue") };
  case FLASHER_QUESTION_TYPE:
    return (FlasherQuestionText){
      _ ("Which Type of Camera Is It?"),
      _ ("A camera without a bootloader of its own cannot say it, and with the wrong type it does "
         "not start any more. Choose by its sockets, and be sure that the bootloader image is for "
         "the same type: network cameras need the one called “eth”, USB cameras the one called "
         "“usb”."),
      _ ("_Continue")
    };
  case FLASHER_QUESTION_SIZE_UNKNOWN:
    return (FlasherQuestionText){
      _ ("The Size of the Camera’s Memory Is Not Known"),
      _ ("This bootloader is too old to say how large the memory is, so it cannot be checked that "
         "the package fits. If it does not, the camera is left without a working application and "
         "has to be flashed again with a smaller one."),
      _ ("_Continue Anyway")
    };
  case FLASHER_QUESTION_EXPIRED:
    return (FlasherQuestionText){
      _ ("The Camera Was Restarted"),
      _ ("Nobody decided for some minutes, or the connection was lost. Nothing was written."),
      NULL
    };
  case FLASHER_QUESTION_NONE:
  case FLASHER_QUESTION_PLAN:
  default:
    g_return_val_if_reached ((FlasherQuestionText){ 0 });
  }
}
