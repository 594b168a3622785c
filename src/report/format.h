/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Formats errors and results for standard error and for the log.  Text from
 * outside is cleaned (base/text.h) before it is added.
 */
#ifndef VEREDUS_REPORT_FORMAT_H
#define VEREDUS_REPORT_FORMAT_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "base/user.h"
#include "delivery/session_log.h"
#include "mail/envelope.h"

/*
 * Appends one line for an error, without a line end: that of error_print(),
 * after "<RECIPIENT>: " unless recipient is NULL or the subject of the error.
 */
void report_error(const struct error *err, const char *recipient,
    struct str *out);

/*
 * Adds a line for each failed recipient, or one line if all failed for the same
 * reason; after a partial failure also how many recipients were delivered to.
 * Adds nothing if all were delivered.
 */
void report_envelope(const struct envelope *envelope, struct strv *lines);

struct recorder;

/* The contents of one log line, or object of --report; any pointer may be NULL. */
struct log_entry {
	const char *host;
	const struct session_log *session;
	const char *user;
	const struct envelope *envelope;
	uint64_t size;
	const char *message_id;
	const struct error *err; /* the result; not set: success */
	/* Why the message was queued; shown unless err is set. */
	const struct error *reason;
	int64_t delay; /* milliseconds since the start */
	int exit_status;
	const char *queue_id;      /* of a queued message */
	const char *trace_id;      /* of our Received field; "": none */
	const struct user *client; /* of a service, or NULL */
	const char *account;       /* that the client uses */
	const char *result; /* in place of the one that follows from err */

	/* For --report alone: */
	const struct recorder *recorder; /* of the delivery */
	const struct strv *details; /* the lines of err, if it has several */
	/* Whether a recipient that failed has another attempt; NULL: if the
	 * failure is temporary. */
	bool (*keeps)(const struct error *failure);
};

/* Returns the word for the result of the message: "sent", "deferred" ... */
const char *report_result_word(const struct log_entry *entry);
/* Returns the error that code, status and text tell of: the result, else why the
 * message was queued; NULL if there is none. */
const struct error *report_shown_error(const struct log_entry *entry);

/*
 * Appends "host=... exit=0": fields NAME=VALUE, separated by spaces.  Values
 * with spaces, quotes or "=" are quoted; unknown values are empty.
 */
void report_log(const struct log_entry *entry, struct str *out);
/* Appends the same as fields "VEREDUS_HOST=...", each with a line end. */
void report_log_fields(const struct log_entry *entry, struct str *out);

/*
 * Returns LOG_INFO for success, LOG_WARNING for a temporary error, since a caller
 * such as cron does not retry, else LOG_ERR.
 */
int report_log_priority(const struct error *err);

#endif
