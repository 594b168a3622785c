/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A submission: one message with its envelope, which a user sends through an
 * account.  envelope.h and message.h prepare it.  It knows nothing of servers;
 * the results of its recipients are in the envelope.
 */
#ifndef VEREDUS_SUBMISSION_SUBMISSION_H
#define VEREDUS_SUBMISSION_SUBMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strv.h"
#include "base/user.h"
#include "config/account.h"
#include "config/cmdline.h"
#include "mail/aliases.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "mail/rewrite.h"
#include "queue/id.h"

/* Where the envelope sender came from. */
enum sender_source {
	SENDER_UNKNOWN,
	SENDER_FROM_CALLER,  /* -f, or MAIL of a client */
	SENDER_FROM_HEADER,  /* --read-envelope-from */
	SENDER_FROM_ACCOUNT, /* `from` */
	SENDER_BY_DEFAULT    /* the user and the names of this host */
};

struct submission {
	/* Borrowed: the options for the message, the caller, and the account,
	 * which must be resolved before the envelope is built. */
	const struct cmdline *cmdline;
	const struct user *user;
	const struct account *account;
	struct aliases *aliases; /* borrowed; read when they are needed */

	int64_t start; /* clock_now() when the submission began */
	struct message message;
	bool message_read;        /* including its end */
	char *message_id;         /* for the log, or NULL */
	struct queue_id trace_id; /* of our Received field; "": none */
	struct envelope envelope;
	enum sender_source sender_source;
	struct rewrite_rules rewrite_rules;
	char *written_sender; /* the sender before a rule changed it, or NULL */
	char *reply_to; /* the address for Reply-To from a rule, or NULL */
	struct strv operands; /* their addresses, if set_to_header is on */
	struct strv notes;    /* for the log */
	struct strv warnings; /* for the log; see report_result() */
};

/*
 * Fills an uninitialised struct.  The aliases may have been read by an earlier
 * submission: the same file is not read again.
 */
void submission_begin(struct submission *s, const struct cmdline *cmdline,
    const struct user *user, const struct account *account,
    struct aliases *aliases);
void submission_free(struct submission *s);

#endif
