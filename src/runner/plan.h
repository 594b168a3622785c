/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a queue run does with a message that is due.
 */
#ifndef VEREDUS_RUNNER_PLAN_H
#define VEREDUS_RUNNER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "queue/file.h"
#include "runner/run_state.h"

enum plan {
	PLAN_DELIVER,
	PLAN_DEFER, /* settle it without an attempt */
	PLAN_WAIT,  /* leave it alone */
	PLAN_LATER  /* look at it again at the end */
};

/* Says what to do with a message of the account; `is_second` is that of its
 * struct due. */
enum plan plan_message(const struct run *run, const struct run_account *a,
    const struct queue_entry *entry, bool is_second);
/*
 * Opens the file of message i of run->due if it is to be tried.  Otherwise deals
 * with it, and returns false.  Another worker may have it only to look at it, so
 * it is looked at once more at the end.
 */
bool plan_open(struct run *run, size_t i, struct queue_file *file);
/*
 * Finds the account of each message of run->due that may be tried, so that the
 * processes for one account each, which are started after this, need not look at
 * the messages of other accounts.
 */
void plan_learn_accounts(struct run *run);
/* Leaves a message alone, and tells why. */
void plan_wait(const struct run *run, const struct run_account *a,
    const struct queue_file *file);
/*
 * Sets the time of the file of a message that waits for the end of a pause or for
 * tokens: no run need look at it before that, the sender is to be told, or the
 * message is to be returned.
 */
void plan_set_time(const struct run *run, const struct run_account *a,
    const struct queue_file *file);

/* Whether a limit of the account was reached in this run. */
bool plan_lacks_tokens(const struct run_account *a, int64_t now);

/* Logs why a message or the folder is left as it is, and tells it with -v.  The
 * first process of the run does so, since all of them come upon it. */
void run_leave(const struct run *run, const struct error *err);
/* The same with what makes the run fail at its end. */
void run_leave_unreadable(struct run *run, struct error *err);

#endif
