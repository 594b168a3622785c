/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of --check about the queue, and about what starts queue runs. */
#ifndef VEREDUS_CHECK_QUEUE_H
#define VEREDUS_CHECK_QUEUE_H

#include "check/finding.h"
#include "modes/context.h"

/* Checks the queue that the accounts have together, if one of them uses it or
 * it has messages. */
void check_queue(const struct context *context, struct findings *f);

#endif
