/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message of a pipeline: its commands, and its result.
 */
#ifndef VEREDUS_CLIENT_PIPELINE_MESSAGE_H
#define VEREDUS_CLIENT_PIPELINE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "client/envelope.h"
#include "client/session.h"
#include "client/transaction.h"
#include "mail/envelope.h"
#include "mail/message.h"

enum pipeline_state {
	PIPELINE_BUFFERED, /* its commands are in the group, or were sent */
	PIPELINE_DATA_DUE, /* the server waits for its data */
	PIPELINE_ANSWERED, /* its recipients have their results */
	PIPELINE_UNSENT    /* the server has not got it: it can be sent again */
};

struct pipeline_message {
	struct transaction transaction;
	struct command_group group;
	struct command reset; /* RSET, behind BDAT */
	struct error err;     /* the result, unless it was delivered */
	enum pipeline_state state;
	bool is_proved; /* the replies to its commands are where they belong */
	uint64_t end;   /* octets that the stream has sent, up to its end */
};

/* Everything is borrowed.  Without BDAT the message is sent with DATA. */
struct pipeline_message *pipeline_message_new(struct session *s,
    struct envelope *e, const struct message *message, bool with_bdat);
void pipeline_message_free(struct pipeline_message *m);

/* Whether the server can have sent these replies to MAIL, RCPT, and DATA or
 * BDAT: otherwise some of them belong to other commands. */
bool pipeline_message_is_in_step(const struct pipeline_message *m);
/* Whether the message ended a group with DATA, and its data was not sent. */
bool pipeline_message_has_only_envelope(const struct pipeline_message *m);

/* Makes the result of the replies; `exchanged` is whether all of them came,
 * otherwise err is the reason. */
void pipeline_message_conclude(struct pipeline_message *m, bool exchanged);
/* The same for the final reply, which is read first if everything before it was
 * `ok`. */
void pipeline_message_end(struct pipeline_message *m, bool ok);
/* Makes err the result of all recipients that have none. */
void pipeline_message_fail(struct pipeline_message *m);
/* Makes the result uncertain, whatever the server replied. */
void pipeline_message_doubt(struct pipeline_message *m, const char *why);
/* The message has no result: it can be sent in another session. */
void pipeline_message_forget(struct pipeline_message *m);

#endif
