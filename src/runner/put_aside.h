/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of the queue that are never sent.
 */
#ifndef VEREDUS_RUNNER_PUT_ASIDE_H
#define VEREDUS_RUNNER_PUT_ASIDE_H

#include "base/error.h"
#include "queue/file.h"
#include "runner/run_state.h"

/*
 * Moves a damaged file to failed/.  Its sender cannot be told, because
 * nothing that it says is certain; so standard error has a warning, and the logs
 * and --report have a result, which are those of its account if that can be used,
 * else of the account `default`.
 */
void put_aside(struct run *run, struct queue_file *file, struct error *damage);
/* Leaves a file where it is that this program cannot have written, and tells the
 * same of it. */
void leave_aside(struct run *run, const struct queue_id *id,
    const struct error *why);

#endif
