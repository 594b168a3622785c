/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends the commands of a transaction one by one. */
#include "client/relay.h"

#include <stdlib.h>

#include "client/downgrade.h"
#include "client/envelope.h"

/* Send nothing more once the session is out of sync. */
static bool
is_usable(struct session *s, struct error *err)
{
	if (!s->broken)
		return true;
	error_set(err, ERROR_NETWORK, "the session has broken off");
	return session_failed(s, err);
}

/*
 * The message has not been received yet, so the parameters for size and 8-bit
 * text come from the client's MAIL command.
 */
bool
transaction_mail(struct transaction *t, uint64_t size, struct reply *reply,
    struct error *err)
{
	struct session *s = t->session;
	char *line;
	bool ok;

	if (!is_usable(s, err))
		return false;
	line = envelope_mail_line(t, size, false, err);
	if (line == NULL)
		return session_failed(s, err);
	ok = session_command(s, STAGE_MAIL, line, NULL, reply, err)
	    && transaction_mail_reply(t, line, reply, err);
	free(line);
	return ok;
}

bool
transaction_rcpt(struct transaction *t, struct recipient *r,
    const struct dsn *dsn, struct reply *reply, struct error *err)
{
	struct session *s = t->session;
	struct error failure = { 0 };
	char *line = envelope_rcpt_line(t, dsn, r, &failure);

	if (line != NULL && is_usable(s, &failure)
	    && session_command(s, STAGE_RCPT, line, NULL, reply, &failure))
		transaction_rcpt_reply(t, r, line, reply);
	else
		recipient_fail(r, &failure);
	free(line);
	if (r->state == RECIPIENT_ACCEPTED)
		return true;
	error_copy(err, &r->outcome);
	return false;
}

/* Whether the recipient failed because of the final reply, not of RCPT. */
static bool
failed_after_data(const struct recipient *r)
{
	return r->state == RECIPIENT_FAILED
	    && (error_is_rejection(&r->outcome, STAGE_END_OF_DATA)
		|| r->outcome.uncertain);
}

static bool
check_final_replies(const struct envelope *e, struct error *err)
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
transaction_data_now(struct transaction *t, const struct message *message,
    struct reply *reply, struct error *err)
{
	struct session *s = t->session;

	t->original = message;
	return is_usable(s, err)
	    && (downgrade_message(t, err) || session_failed(s, err))
	    && transaction_data_command(t, err) && transaction_data(t, err)
	    && transaction_read_final_replies(t, reply, err)
	    && check_final_replies(t->envelope, err);
}

bool
transaction_abort(struct session *s, struct error *err)
{
	return is_usable(s, err) && transaction_reset(s, err);
}
