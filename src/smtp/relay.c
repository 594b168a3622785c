/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/relay.h"

#include <stdlib.h>

#include "smtp/envelope_commands.h"
#include "smtp/transaction.h"

/* Nothing is said any more where the dialogue is out of step. */
static bool
is_usable(struct session *s, struct error *err)
{
	if (!s->broken)
		return true;
	error_set(err, ERROR_NETWORK, "the session has broken off");
	return session_failed(s, err);
}

/* The message is not known yet: what it may hold is in the envelope. */
bool
relay_sender(struct session *s, const struct envelope *e, uint64_t size,
    struct reply *reply, struct error *err)
{
	char *line;
	bool ok;

	if (!is_usable(s, err))
		return false;
	line = envelope_mail_line(s, e, size, false, err);
	if (line == NULL)
		return session_failed(s, err);
	ok = session_command(s, STAGE_MAIL, line, NULL, reply, err)
	    && transaction_mail_reply(s, e, line, reply, err);
	free(line);
	return ok;
}

bool
relay_recipient(struct session *s, struct recipient *r, const struct dsn *dsn,
    struct reply *reply, struct error *err)
{
	struct error failure = { 0 };
	char *line = envelope_rcpt_line(s, dsn, r, &failure);

	if (line != NULL && is_usable(s, &failure)
	    && session_command(s, STAGE_RCPT, line, NULL, reply, &failure))
		transaction_rcpt_reply(s, r, line, reply);
	else
		recipient_fail(r, &failure);
	free(line);
	if (r->state == RECIPIENT_ACCEPTED)
		return true;
	error_copy(err, &r->outcome);
	return false;
}

/* What was said of a recipient after the final dot, as opposed to RCPT. */
static bool
failed_after_data(const struct recipient *r)
{
	return r->state == RECIPIENT_FAILED
	    && (error_is_rejection(&r->outcome, STAGE_END_OF_DATA)
		|| r->outcome.uncertain);
}

static bool
judge_message(const struct envelope *e, struct error *err)
{
	for (size_t i = 0; i < e->count; i++) {
		if (!failed_after_data(&e->recipients[i]))
			continue;
		error_copy(err, &e->recipients[i].outcome);
		return false;
	}
	return true;
}

bool
relay_message(struct session *s, struct envelope *e, struct message *message,
    struct reply *reply, struct error *err)
{
	return is_usable(s, err)
	    && (envelope_adapt(s, message, err) || session_failed(s, err))
	    && transaction_data_command(s, err)
	    && transaction_data(s, message, err)
	    && transaction_read_final_replies(s, e, reply, err)
	    && judge_message(e, err);
}

bool
relay_reset(struct session *s, struct error *err)
{
	return is_usable(s, err) && transaction_reset(s, err);
}
