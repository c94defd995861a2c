/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-device-facts.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"

G_BEGIN_DECLS

typedef struct _OakAppVerdict OakAppVerdict;

/* Flash is erased in blocks whose size no camera tells. The largest known is 256 KiB, and all
 * regions begin at multiples of it: a write that begins and ends there never makes the bootloader
 * erase a neighbour. */
#define OAK_PLAN_SAFE_BLOCK (256u * 1024u)
/* What the vendor writes to remove an application: an erased section table (bootloader.md §5.2). */
#define OAK_PLAN_TABLE_SIZE 512u
/* Reading details of a running bootloader, and reading its flash back, came with 0.0.19
 * (bootloader.md §4.1). */
#define OAK_PLAN_READ_SINCE OAK_VERSION (0, 0, 19)

struct _OakFlashPlan {
  OakDeviceFacts *facts; /* (owned) */
  OakFlashWish wish;
  OakAppVerdict *verdict;  /* (owned) (nullable): on the package and this camera */
  GArray *steps;           /* (owned) of OakFlashStep */
  OakMemory memory;        /* where the application goes; AUTO: the bootloader chooses */
  guint64 room;            /* bytes an application may have there; 0: not known */
  gboolean can_read_back;  /* the bootloader that runs now */
  gboolean safe_order;     /* the section table is written last */
  gboolean waits_too_long; /* the camera waits for a host longer than anybody would watch */
};

/* Appends a step of that kind with nothing else set. Returns: (transfer none): valid until the next
 * one is added. */
OakFlashStep *
oak_flash_plan_add_step (OakFlashPlan *self,
                         OakStepKind kind,
                         OakCancelPolicy cancel,
                         OakRemains remains);
void
oak_flash_plan_add_restart (OakFlashPlan *self);
/* @state: what proves the result; @timeout_ms: the camera's own wait before it gets there. */
void
oak_flash_plan_add_wait (OakFlashPlan *self, OakDeviceState state, guint timeout_ms);

/* The operations, each adding its steps or refusing. */
gboolean
oak_flash_plan_build_application (OakFlashPlan *self, GError **error);
gboolean
oak_flash_plan_build_clear (OakFlashPlan *self, GError **error);
gboolean
oak_flash_plan_build_verify (OakFlashPlan *self, GError **error);
gboolean
oak_flash_plan_build_reset (OakFlashPlan *self, GError **error);

/* Refusals shared by the operations that write. */
gboolean
oak_flash_plan_check_type (const OakFlashPlan *self, GError **error);
gboolean
oak_flash_plan_check_version (const OakFlashPlan *self,
                              OakVersion since,
                              const char *what,
                              GError **error);
/* Refuses a memory that the camera says it has not. An unknown one passes. */
gboolean
oak_flash_plan_check_memory (const OakFlashPlan *self, OakMemory memory, GError **error);

/* How long the bootloader waits for a host before it starts an application, in milliseconds;
 * negative: for ever. */
int
oak_flash_plan_get_boot_wait_ms (const OakFlashPlan *self);

/* Returns: (transfer full) (nullable): "people-counter (firmware 2.28)", as the camera tells it;
 * NULL when there is none, or nobody knows. */
char *
oak_flash_plan_name_installed (const OakMemoryFacts *memory);
/* Returns: (transfer full): "30 seconds". */
char *
oak_flash_plan_describe_seconds (guint milliseconds);
/* Returns: (transfer none): "flash" and "eMMC" as people write them, translated. */
const char *
oak_flash_plan_name_memory (OakMemory memory);

G_END_DECLS
