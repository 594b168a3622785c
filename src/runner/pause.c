/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sorts the results of an attempt into those of the servers and those of the
 * message, and keeps the pauses of the servers.
 */
#include "runner/pause.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "mail/path.h"
#include "runner/events.h"
#include "runner/keep.h"

void
pause_error(const struct queue_pause *pause, struct error *err)
{
	error_set(err, ERROR_CONNECT, "%s", pause->reason);
	err->temporary = true;
	err->status = pause->status;
	err->host = alloc_string(pause->host);
	if (pause->status.code != 0) {
		err->kind = ERROR_REJECTED;
		err->stage = STAGE_GREETING;
		err->said = alloc_string(pause->reason);
		alloc_replace(&err->text, NULL);
	}
}

/* ---- what an attempt has shown ---- */

/* Whether the failure is that of the server or the account, and not of one
 * message: then no other message need be tried. */
static bool
is_of_destination(const struct error *failure, bool opened)
{
	if (!queue_keeps(failure))
		return false;
	switch (failure->kind) {
	case ERROR_REJECTED:
		return failure->stage < STAGE_MAIL
		    || queue_needs_administrator(failure);
	case ERROR_RESOLVE:
	case ERROR_CONNECT:
	case ERROR_TLS_MISSING:
	case ERROR_TLS:
	case ERROR_CERTIFICATE:
	case ERROR_NO_MECHANISM:
	case ERROR_SECRET:
		return true;
	case ERROR_NETWORK:
	case ERROR_TIMEOUT:
	case ERROR_PROTOCOL:
	case ERROR_CONFIG:
	case ERROR_PERMISSION:
	case ERROR_GRANT:
		return !opened;
	default:
		return false;
	}
}

static bool
is_paused_by(const struct pause_attempt *attempt, const struct recipient *r)
{
	if (r->state != RECIPIENT_FAILED)
		return false;
	return attempt->evidence != EVIDENCE_OF_RESULT
	    || is_of_destination(&r->outcome, attempt->session->opened);
}

/* A server that replies with 421 ends the session, whatever the command. */
static bool
shows_server_at_work(const struct recipient *r)
{
	return r->state == RECIPIENT_DELIVERED
	    || (r->state == RECIPIENT_FAILED
		&& r->outcome.kind == ERROR_REJECTED
		&& r->outcome.stage >= STAGE_MAIL
		&& r->outcome.status.code != 421);
}

static void
begin(struct queue_pauses *p, const struct queue_destination *d,
    const struct account *account, const struct error *failure)
{
	char *reason = failure->said != NULL ? alloc_string(failure->said)
					     : error_describe(failure);
	const struct queue_failure why = {
		.needs_administrator = queue_needs_administrator(failure),
		.status = failure->status,
		.host = failure->host,
		.reason = reason,
	};

	queue_pauses_begin(p, d, &why, &account->queue.schedule, queue_now());
	free(reason);
}

/* The file is locked for the first change only. */
static void
lock_once(struct queue_pauses *p, bool *is_locked)
{
	if (!*is_locked)
		queue_pauses_lock(p);
	*is_locked = true;
}

static bool
is_left(const struct recipient *r)
{
	return r->state == RECIPIENT_FAILED && queue_keeps(&r->outcome);
}

enum pause_outcome
pause_after_attempt(struct queue_pauses *p, const struct pause_attempt *attempt)
{
	const struct account *account = attempt->account;
	const struct envelope *e = attempt->envelope;
	bool by_domain = account_uses_mx(account)
	    && attempt->evidence != EVIDENCE_OF_ACCOUNT;
	bool is_locked = false, is_written;
	size_t paused = 0, works = 0, left = 0;

	queue_pauses_read(p);
	for (size_t i = 0; i < e->count && (by_domain || i == 0); i++) {
		const struct recipient *r = &e->recipients[i];
		const struct queue_destination d = { .account = account->name,
			.configuration = attempt->configuration,
			.domain = by_domain ? path_domain(r->address) : NULL };

		left += is_left(r);
		if (is_paused_by(attempt, r)) {
			lock_once(p, &is_locked);
			begin(p, &d, account, &r->outcome);
			paused += queue_pauses_find(p, &d) != NULL;
		} else if (shows_server_at_work(r)) {
			works++;
			if (queue_pauses_find(p, &d) == NULL)
				continue;
			lock_once(p, &is_locked);
			queue_pauses_end(p, &d, queue_now());
		}
	}
	is_written = !is_locked || queue_pauses_write(p);
	if (paused > 0 && paused == left)
		return is_written && attempt->evidence != EVIDENCE_OF_SESSIONS
		    ? OUTCOME_PAUSED
		    : OUTCOME_UNKNOWN;
	return works > 0 ? OUTCOME_WORKS : OUTCOME_UNKNOWN;
}
