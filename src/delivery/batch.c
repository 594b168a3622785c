/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends further messages in an open session. */
#include "delivery/batch.h"

#include "base/clock.h"
#include "client/transaction.h"
#include "delivery/send.h"

/*
 * Sends another message in the open session, after one of which all recipients
 * have their results.  Returns whether the server has accepted it.
 */
static bool
send_next(struct attempt *a, bool after_failure)
{
	const struct message_source *more = a->params->more;
	struct session_log log = { 0 };
	struct error err = { 0 };
	bool ok, tried;

	a->data_started = false;
	a->session->stream.deadline =
	    clock_after_seconds(a->params->account->session.deadline);
	ok = (!after_failure || transaction_reset(a->session, &err))
	    && run_transactions(a, &err);
	/* Some recipients may have it, by transactions before the last one. */
	tried = ok || session_is_usable(a->session)
	    || !may_retry_safely(a, &err)
	    || envelope_count(a->envelope, RECIPIENT_DELIVERED) > 0;
	if (!tried)
		envelope_reset_accepted(a->envelope);
	else if (!ok)
		envelope_fail(a->envelope, &err);
	sending_log(a, &log);
	more->done(more->ctx, a->envelope, tried, &log, &err);
	more->settled(more->ctx);
	session_log_free(&log);
	error_free(&err);
	return ok;
}

void
send_more(const struct attempt *first, bool ok)
{
	const struct message_source *more = first->params->more;
	uint64_t limit = first->session->capabilities.limits.mail;
	struct sending sending = { 0 };
	struct attempt a = *first;

	a.ctx = &sending;
	for (uint64_t sent = 1;
	     session_is_usable(a.session) && (limit == 0 || sent < limit);
	     sent++) {
		sending = (struct sending){ 0 };
		if (!more->next(more->ctx, &a.envelope, &sending.message))
			break;
		ok = send_next(&a, !ok);
	}
}
