/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An attempt at one queued message: its recipients that wait, its tokens, its copy
 * in the archive, and its result.  Sends nothing.
 */
#ifndef VEREDUS_RUNNER_QUEUED_ATTEMPT_H
#define VEREDUS_RUNNER_QUEUED_ATTEMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "delivery/session_log.h"
#include "mail/envelope.h"
#include "mail/maildir.h"
#include "mail/message.h"
#include "queue/file.h"
#include "queue/rate.h"
#include "runner/account.h"
#include "runner/pause.h"
#include "runner/settle.h"

/* What the attempts of a session share. */
struct queued_session {
	struct run_account *account;
	struct str *out; /* gets a line about each message, or NULL */
	char *host;      /* the name of this host */
	struct settle_removals removals; /* of messages that are settled */
};

struct queued_attempt {
	struct queued_session *session;
	struct queue_file *file;
	struct envelope envelope;
	size_t *indexes; /* by recipient of the envelope: its index in the
			  * entry */
	struct message message;
	struct session_log log;
	bool is_settled;
	bool
	    is_deferred; /* without an attempt, because of a pause or a limit */
	struct maildir_copy archive;
	struct rate_tokens tokens;
	int64_t tokens_when; /* there are some, if they are missing */
	enum pause_outcome outcome;
};

/* Fills the envelope with the recipients that wait and whose destination has no
 * pause, and reads the message.  Returns false after an error, which is logged. */
bool queued_attempt_open(struct queued_attempt *t);
/* The same, and takes the tokens and writes the copy.  Returns false, too, if the
 * message is not to be sent now: it is settled then. */
bool queued_attempt_begin(struct queued_attempt *t);
/* Settles the message, and tells the result in the log and to `out`. */
void queued_attempt_end(struct queued_attempt *t,
    const struct envelope *envelope, const struct session_log *session,
    const struct error *err);
/* What the attempt has not used is given back, also if it was not settled. */
void queued_attempt_free(struct queued_attempt *t);

#endif
