/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The observers of a submission: --time, and the progress of a large message.
 */
#ifndef VEREDUS_REPORT_WATCH_H
#define VEREDUS_REPORT_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stage.h"
#include "base/str.h"
#include "base/strv.h"
#include "client/observer.h"
#include "config/cmdline.h"
#include "mail/message.h"

/*
 * The durations of the stages of a session, for --time.  Callers pass the times
 * of clock_now() in.
 */
struct timing {
	int64_t spent[STAGES];   /* milliseconds */
	enum smtp_stage current; /* STAGE_NONE: no stage */
	int64_t since;           /* when the current stage began */
};

/* Starts with STAGE_DNS. */
void timing_begin(struct timing *t, int64_t when);
/* Ends the current stage and begins another; ctx is a struct timing. */
void timing_stage(void *ctx, enum smtp_stage stage, int64_t when);
/* Adds a line for each group of stages, also those that did not begin, and one
 * for the total. */
void timing_lines(const struct timing *t, struct strv *lines);

/* The progress of smaller messages is not shown. */
#define PROGRESS_SIZE_MIN ((uint64_t)1024 * 1024)

/*
 * The progress of a large message: on a terminal one line that is overwritten
 * and erased at the end, elsewhere a line every few seconds.
 */
struct progress {
	bool terminal;
	bool active;          /* the message data is being sent */
	uint64_t total, done; /* octets */
	int64_t began, shown; /* times of clock_now() */
};

/* The functions of a struct observer; ctx is a struct progress. */
void progress_stage(void *ctx, enum smtp_stage stage, int64_t when);
void progress_size(void *ctx, uint64_t octets);
void progress_sent(void *ctx, size_t octets);

/* Appends "12.5 of 50.0 MiB, 25 %, 3.1 MiB/s, 12 s left". */
void progress_print(struct str *out, uint64_t done, uint64_t total,
    int64_t milliseconds);

struct watch {
	bool timed;
	struct timing timing;
	struct progress progress;
	struct observer observers[2]; /* of the above */
};

/*
 * Returns the observers to use, before the others, or NULL.  They point into w.
 * Progress is shown with -v, or if standard error is a terminal, but not under the
 * name sendmail.
 */
const struct observer *watch_begin(struct watch *w,
    const struct cmdline *cmdline, const struct message *message,
    const struct observer *others);
/* Prints the times with --time. */
void watch_end(struct watch *w);

#endif
