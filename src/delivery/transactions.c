/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs transactions in the session of an attempt, one after the other.
 */
#include "delivery/transactions.h"

#include "base/alloc.h"
#include "client/transaction.h"

static bool
run_transaction(struct attempt *a, struct error *err)
{
	struct sending *sending = a->ctx;
	struct transaction t = { .session = a->session,
		.envelope = a->envelope,
		.original = sending->message };
	const char *note = alloc_note();
	bool ok = transaction_envelope(&t, err) && transaction_data(&t, err)
	    && transaction_final_reply(&t, err);

	/* Nobody has the message because of this transaction. */
	if (!ok && !err->uncertain
	    && envelope_count(a->envelope, RECIPIENT_DELIVERED) == 0)
		alloc_set_note(note);
	a->data_started = t.data_started;
	if (t.data_started)
		sending->size = transaction_size(&t);
	sending->broke_lines |= transaction_broke_lines(&t);
	transaction_free(&t);
	return ok;
}

bool
may_begin_transaction(const struct session *s)
{
	uint64_t limit = s->capabilities.limits.mail;

	return session_is_usable(s) && (limit == 0 || s->transactions < limit);
}

bool
prepare_next_transaction(struct attempt *a, bool ok, struct error *err)
{
	struct session *s = a->session;
	bool in_clear = s->in_clear, by_data = s->by_data;

	if (may_begin_transaction(s))
		return ok || transaction_reset(s, err);
	session_close(s);
	s->in_clear = in_clear;
	s->by_data = by_data;
	a->data_started = false;
	return attempt_open_session(a, err);
}

bool
run_transactions(struct attempt *a, struct error *err)
{
	struct envelope *e = a->envelope;
	size_t before, left = envelope_count(e, RECIPIENT_PENDING);
	bool ok, more;

	for (;;) {
		before = left;
		ok = run_transaction(a, err);
		left = envelope_count(e, RECIPIENT_PENDING);
		more = left > 0 && left < before && !err->uncertain;
		if (!more)
			return ok && left == 0;
		/* The final reply of the next transaction is not for the
		 * recipients whose message the server has rejected. */
		envelope_fail_accepted(e, err);
		if (!prepare_next_transaction(a, ok, err))
			return false;
		error_free(err);
	}
}

void
sending_log(struct attempt *a, struct session_log *log)
{
	const struct sending *sending = a->ctx;

	session_log_set(log, a->session, a->envelope);
	log->size = sending->size;
	log->broke_lines = sending->broke_lines;
}
