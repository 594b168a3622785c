/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Delivers the messages of an account, one after the other, in one session.
 */
#include "runner/deliver_queued.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/host.h"
#include "base/log.h"
#include "base/process.h"
#include "client/observer.h"
#include "delivery/batch.h"
#include "delivery/deliver.h"
#include "delivery/tls_required.h"
#include "queue/sessions.h"
#include "runner/alert.h"
#include "runner/keep.h"
#include "runner/pause.h"
#include "runner/queued_attempt.h"
#include "runner/settle.h"

/* So many sessions in a row must break before a server is left alone. */
#define BROKEN_SESSIONS 2

/* A message that follows the first one in its session. */
struct next_message {
	struct queued_attempt attempt;
	struct queue_file file;
};

/* The messages of a session. */
struct batch {
	struct queued_session session;
	const struct file_source *source;
	const char *domain; /* with `host mx`: of all recipients, or NULL */
	struct queued_attempt first;
	struct next_message **next; /* that are under way, the oldest first */
	size_t count;
	size_t size;
};

/*
 * Whether the server does not take the null sender of a notice, as some
 * providers do not.  Then the account's own address is the next best sender, of
 * this notice and of later ones.
 */
static bool
rejects_null_sender(const struct queued_attempt *t, const struct error *err)
{
	struct run_account *a = t->session->account;
	bool rejects = t->file->entry.is_notice
	    && error_is_rejection(err, STAGE_MAIL) && !err->temporary
	    && *t->envelope.sender == '\0' && a->context.account.sender != NULL;

	a->rejects_null_sender |= rejects;
	return rejects;
}

static void
send_from_account(struct queued_attempt *t,
    const struct delivery_params *params, struct error *err)
{
	struct envelope *e = &t->envelope;

	error_free(err);
	for (size_t i = 0; i < e->count; i++) {
		error_free(&e->recipients[i].outcome);
		e->recipients[i].state = RECIPIENT_PENDING;
	}
	envelope_set_sender(e, t->session->account->context.account.sender,
	    true);
	session_log_free(&t->log);
	deliver(params, e, &t->message, &t->log, err);
}

/* Sessions that end without a result, one after the other, are a failure of the
 * server, although each may be that of a message. */
static enum pause_evidence
evidence_of(struct run_account *a, const struct error *err)
{
	bool broken = error_is_set(err) && queue_keeps(err)
	    && (err->kind != ERROR_REJECTED || err->status.code == 421);

	if (error_is_set(&a->obstacle))
		return EVIDENCE_OF_ACCOUNT;
	a->broken_sessions = broken ? a->broken_sessions + 1 : 0;
	return a->broken_sessions >= BROKEN_SESSIONS
		&& !account_uses_mx(&a->context.account)
	    ? EVIDENCE_OF_SESSIONS
	    : EVIDENCE_OF_RESULT;
}

/* The first message of a session shows whether the servers work. */
static void
note_result(struct queued_attempt *t, const struct envelope *envelope,
    const struct session_log *session, const struct error *err)
{
	struct run_account *a = t->session->account;
	const struct pause_attempt attempt = {
		.account = &a->context.account,
		.configuration = a->configuration,
		.envelope = envelope,
		.session = session,
		.evidence = evidence_of(a, err),
	};

	alert_after_attempt(&a->context, envelope);
	t->outcome = pause_after_attempt(a->pauses, &attempt);
	a->is_good = t->outcome == OUTCOME_WORKS;
}

/* A session is open, so that other processes can open theirs. */
static void
note_stage(void *ctx, enum smtp_stage stage, int64_t when)
{
	const struct run_account *a = ctx;
	const struct queue_destination d = run_account_destination(a);

	(void)when;
	if (stage == STAGE_MAIL)
		queue_probe_works(a->probe_plus_1 - 1, &d);
}

/* ---- several messages in a session ---- */

static void
free_next(struct next_message *n)
{
	queued_attempt_free(&n->attempt);
	queue_file_close(&n->file);
	free(n);
}

/* Opens the next file that has a message to send; NULL if there is none. */
static struct next_message *
open_next(struct batch *b)
{
	while (!process_is_ending()) {
		struct next_message *n = alloc_zeroed(1, sizeof(*n));

		if (!b->source->next(b->source->ctx, b->session.account,
			b->domain, &n->file)) {
			free(n);
			break;
		}
		n->attempt = (struct queued_attempt){ .session = &b->session,
			.file = &n->file };
		if (queued_attempt_begin(&n->attempt))
			return n;
		free_next(n);
	}
	return NULL;
}

static bool
next_message(void *ctx, struct envelope **envelope,
    const struct message **message)
{
	struct batch *b = ctx;
	struct next_message *n = open_next(b);

	if (n == NULL)
		return false;
	b->next = alloc_grow(b->next, b->count, &b->size, sizeof(*b->next));
	b->next[b->count++] = n;
	*envelope = &n->attempt.envelope;
	*message = &n->attempt.message;
	return true;
}

static struct next_message *
remove_oldest(struct batch *b)
{
	struct next_message *n = b->next[0];

	memmove(b->next, b->next + 1, --b->count * sizeof(*b->next));
	return n;
}

static void
message_done(void *ctx, const struct envelope *envelope, bool tried,
    const struct session_log *session, const struct error *err)
{
	struct batch *b = ctx;
	struct next_message *n;

	if (b->count == 0) {
		note_result(&b->first, envelope, session, err);
		if (!rejects_null_sender(&b->first, err))
			queued_attempt_end(&b->first, envelope, session, err);
		return;
	}
	n = remove_oldest(b);
	if (!tried || rejects_null_sender(&n->attempt, err))
		b->source->again(b->source->ctx, &n->file);
	else
		queued_attempt_end(&n->attempt, envelope, session, err);
	free_next(n);
}

static void
messages_settled(void *ctx)
{
	struct batch *b = ctx;
	struct error err = { 0 };

	if (!queue_settle_removals(&b->session.removals, &err))
		log_error(LOG_ERR, &err);
	error_free(&err);
}

static void
make_attempt(struct batch *b, const struct message_source *more,
    struct error *err)
{
	struct queued_attempt *t = &b->first;
	struct run_account *a = b->session.account;
	struct context *context = &a->context;
	struct observer observer = { .stage = note_stage, .ctx = a };
	struct delivery_params params;

	if (error_is_set(&a->obstacle)) {
		error_copy(err, &a->obstacle);
		envelope_fail(&t->envelope, err);
		return;
	}
	context_start_lookup(context);
	context_delivery_params(context, &params);
	observer.next = params.observers;
	if (a->probe_plus_1 != 0)
		params.observers = &observer;
	/* With host mx, messages for one domain have the same hosts. */
	if (!account_uses_mx(&context->account) || b->domain != NULL)
		params.more = more;
	tls_required_apply(&params, &t->envelope, &t->message);
	deliver(&params, &t->envelope, &t->message, &t->log, err);
	params.more = NULL;
	params.observers = observer.next;
	if (!t->is_settled && rejects_null_sender(t, err))
		send_from_account(t, &params, err);
}

static void
deliver_first(struct batch *b)
{
	const struct message_source more = {
		/* What a server among many cannot do is not remembered. */
		.pipeline = b->domain != NULL
		    ? 1
		    : b->session.account->context.account.queue.pipeline,
		.faults = &b->session.account->faults,
		.next = next_message,
		.done = message_done,
		.settled = messages_settled,
		.ctx = b
	};
	struct queued_attempt *first = &b->first;
	struct error err = { 0 };

	make_attempt(b, &more, &err);
	if (!first->is_settled) {
		note_result(first, &first->envelope, &first->log, &err);
		queued_attempt_end(first, &first->envelope, &first->log, &err);
	}
	error_free(&err);
}

void
deliver_queued(struct run_account *a, struct queue_file *file,
    const struct file_source *source, struct str *out)
{
	struct batch b = { .session = { .account = a,
			       .out = out,
			       .host = host_fqdn_or_name() },
		.source = source,
		.first = { .session = &b.session, .file = file } };

	if (account_uses_mx(&a->context.account))
		b.domain = queue_entry_domain(&file->entry);
	if (queued_attempt_begin(&b.first))
		deliver_first(&b);
	messages_settled(&b);
	run_account_note_faults(a);
	queued_attempt_free(&b.first);
	free(b.next);
	free(b.session.host);
}

void
defer_queued(struct run_account *a, struct queue_file *file,
    const struct error *reason, struct str *out)
{
	struct batch b = { .session = { .account = a,
			       .out = out,
			       .host = host_fqdn_or_name() },
		.first = { .session = &b.session,
		    .file = file,
		    .is_deferred = true,
		    .tokens_when = a->tokens_when } };

	if (queued_attempt_open(&b.first)) {
		envelope_fail(&b.first.envelope, reason);
		queued_attempt_end(&b.first, &b.first.envelope, &b.first.log,
		    reason);
	}
	messages_settled(&b);
	queued_attempt_free(&b.first);
	free(b.session.host);
}
