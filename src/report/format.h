/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An outcome in words: for the terminal, for the log.  Pure functions into a
 * str; what they are given is clean (base/text.h) or is cleaned here.
 */
#ifndef VEREDUS_REPORT_FORMAT_H
#define VEREDUS_REPORT_FORMAT_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "delivery/attempt.h"
#include "mail/envelope.h"

/*
 * Appends one line for an error: "HOST said: 550 5.1.1 no such user", or in
 * our own words.  recipient may be NULL.  No line end.
 */
void report_error(const struct error *err, const char *recipient,
    struct str *out);

/*
 * Adds a line for each thing the reader must know: each failed recipient, or
 * one line when all failed for the same reason, and how many were delivered
 * in spite of it.  Nothing when all were delivered.
 */
void report_envelope(const struct envelope *envelope, struct strv *lines);

/* What one line in the log tells; any pointer may be NULL. */
struct log_entry {
	const char *host;
	const struct session_log *facts;
	const char *user;
	const struct envelope *envelope;
	uint64_t size;
	const char *message_id;
	const struct error *err; /* what decided the exit code, or not set */
	int64_t delay;           /* milliseconds since the start */
	int exit_status;
};

/*
 * Appends "host=... exit=0".  Values with blanks or quotes stand in quotes;
 * what is not known is empty.
 */
void report_log(const struct log_entry *entry, struct str *out);

/* LOG_INFO, LOG_NOTICE for what may pass later, LOG_ERR. */
int report_log_priority(const struct error *err);

#endif
