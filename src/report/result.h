/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reports the result of a submission: on standard error, in the system log, in
 * the account's log file, for --report and as the exit status.
 */
#ifndef VEREDUS_REPORT_RESULT_H
#define VEREDUS_REPORT_RESULT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"
#include "config/file.h"
#include "delivery/session_log.h"
#include "submission/submission.h"

struct recorder;

/* What the queue did with the message. */
struct report_queue {
	/* The result in the log; NULL: "queued", or what follows from the
	 * error. */
	const char *result;
	/* Whether a recipient that failed is tried again; NULL: if the failure
	 * is temporary. */
	bool (*keeps)(const struct error *failure);
	struct error reason;      /* why the message was queued, if set */
	struct error failure;     /* why it could not be queued, if set */
	bool needs_administrator; /* to end the reason */
};

/* What a report is made from; everything is borrowed. */
struct report {
	const struct submission *submission;
	const struct config *config; /* its errors and notes */
	const struct session_log *session;
	const char *login;        /* the user who logged in, or NULL */
	const struct strv *notes; /* for the log, beside those of the others */
	const char *queue_id;     /* of the queued message, or "" */
	const struct report_queue *queue;
	const struct strv *problems; /* lines in place of the error, if any */
	const struct recorder *recorder; /* of the delivery, for --report */
};

/*
 * Prints the warnings, and the error if err is set, unless -oeq forbids it; on a
 * terminal or with -v also that the message was queued.  If `logged`, writes the
 * log lines, and saves the dead letter of a failed message; warnings of a
 * success are then printed only on a terminal or with -v.  Returns the exit
 * status.  If the program fails without a message, --report has an object, too.
 */
int report_result(const struct report *report, const struct error *err,
    bool logged);

/* Only writes the log lines and the dead letter, for one message of several. */
void report_result_log(const struct report *report, const struct error *err);
/* Only writes the log lines: a queue keeps the message. */
void report_result_queued(const struct report *report, const struct error *err);

#endif
