/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One attempt to deliver a queued message, by a queue run.
 */
#ifndef VEREDUS_RUNNER_DELIVER_QUEUED_H
#define VEREDUS_RUNNER_DELIVER_QUEUED_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "queue/file.h"
#include "runner/account.h"

/* Where the next file for the same session comes from. */
struct file_source {
	/* Opens a file of that account, whose recipients all have that domain
	 * unless it is NULL; false if there is no other. */
	bool (*next)(void *ctx, const struct run_account *a, const char *domain,
	    struct queue_file *file);
	/* The message must be tried again, in another session. */
	void (*again)(void *ctx, const struct queue_file *file);
	void *ctx;
};

/*
 * Delivers the message of a locked file to the recipients that wait and whose
 * destination has no pause, settles it and writes the log line.  Begins or ends
 * the pause of the destination, and lets other processes open sessions once this
 * one has one.  While the session can be used, does the same with the files of the
 * source, and closes them.  Appends a line about each message to out, unless it
 * is NULL.  The account has been prepared.
 */
void deliver_queued(struct run_account *a, struct queue_file *file,
    const struct file_source *source, struct str *out);
/*
 * Settles the message of a locked file, whose destinations have a pause, as if
 * each recipient that waits had failed for that reason, but counts no attempt.
 */
void defer_queued(struct run_account *a, struct queue_file *file,
    const struct error *reason, struct str *out);

#endif
