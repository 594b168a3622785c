/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests all next hops of an account up to the envelope. */
#include "modes/probe.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/mail_params.h"
#include "client/transaction.h"
#include "delivery/deliver.h"
#include "modes/unchecked.h"

/* Stages */

void
stage_times_note(void *ctx, enum smtp_stage stage, int64_t when)
{
	struct stage_times *times = ctx;
	struct stage_span *last =
	    times->count > 0 ? &times->spans[times->count - 1] : NULL;

	if (last != NULL)
		last->spent += when - times->since;
	times->since = when;
	if (stage == STAGE_NONE || times->count == STAGE_TIMES_MAX
	    || (last != NULL && stage_group(last->stage) == stage_group(stage)))
		return;
	times->spans[times->count++] = (struct stage_span){ .stage = stage };
}

/* The sessions with one next hop. */
struct probe {
	const struct delivery *delivery;
	struct envelope *envelope;
	struct probe_host *host;
	struct session session;
	struct stage_times times;
};

/* The attempt that the session belongs to. */
static struct probe_attempt *
current_attempt(const struct probe *p)
{
	return &p->host->attempts[p->host->count - 1];
}

static void
take_rejected_certificates(struct session *s, void *ctx)
{
	session_facts_take_certificates(ctx, s);
}

static void
describe_stage(const struct session_facts *facts, enum smtp_stage stage,
    struct str *detail)
{
	if (stage == STAGE_CONNECT)
		str_add(detail, facts->address);
	else if (stage == STAGE_TLS && facts->encrypted)
		str_add(detail, facts->tls);
	else if (stage == STAGE_TLS)
		str_add(detail, "rejected by the server, and not required");
	else if (stage == STAGE_AUTH && facts->mechanism != NULL)
		str_add(detail, facts->mechanism);
}

/* Adds the stages of the session; err, if set, ended the last one. */
static void
add_stages(struct probe_attempt *attempt, const struct stage_times *times,
    const struct error *err)
{
	struct probe_step *step = NULL;

	for (size_t i = 0; i < times->count; i++) {
		const struct stage_span *span = &times->spans[i];
		struct str detail = { 0 };

		describe_stage(&attempt->facts, span->stage, &detail);
		step = probe_add_step(attempt, span->stage,
		    stage_name(span->stage), span->spent, str_text(&detail));
		str_free(&detail);
	}
	if (step != NULL && error_is_set(err))
		error_copy(&step->err, err);
	attempt->opening = attempt->count;
}

/* Adds how the session was opened, or why it was not. */
static void
add_opening(struct attempt *a, const struct error *err)
{
	struct probe *p = a->ctx;
	struct probe_attempt *attempt = probe_add_attempt(p->host);

	stage_times_note(&p->times, STAGE_NONE, clock_now());
	session_set_observer(&p->session, p->delivery->params.observers);
	session_facts_take(&attempt->facts, &p->session);
	attempt->opened = !error_is_set(err);
	attempt->tls_source = tls_source_name(p->delivery->target.policy);
	add_stages(attempt, &p->times, err);
	if (err->kind == ERROR_CERTIFICATE)
		unchecked_session(a, take_rejected_certificates,
		    &attempt->facts);
	p->times = (struct stage_times){ 0 };
}

/* Adds a command with the reply or the error, and frees the reply. */
static void
add_command(const struct probe *p, enum smtp_stage stage, const char *label,
    int64_t start, struct reply *reply, const struct error *err)
{
	char *text = reply_text(reply, &p->session.stream);
	struct probe_step *step = probe_add_step(current_attempt(p), stage,
	    label, clock_now() - start, text);

	error_copy(&step->err, err);
	free(text);
	reply_free(reply);
}

static bool
send_mail(const struct probe *p, struct transaction *t, struct error *err)
{
	static const struct declared_message no_message;
	int64_t start = clock_now();
	struct reply reply = { 0 };
	char *label = alloc_printf("MAIL <%s>", p->envelope->sender);
	bool ok = transaction_mail(t, &no_message, &reply, err);

	add_command(p, STAGE_MAIL, label, start, &reply, err);
	free(label);
	return ok;
}

/* Returns whether the server rejected the recipient as one too many, after it
 * had accepted others; the recipient is then PENDING again. */
static bool
send_rcpt(const struct probe *p, struct transaction *t, struct recipient *r,
    bool others_accepted)
{
	int64_t start = clock_now();
	struct error err = { 0 };
	struct reply reply = { 0 };
	char *label = alloc_printf("RCPT <%s>", r->address);
	bool over_limit;

	transaction_rcpt(t, r, &reply, &err);
	over_limit = others_accepted && r->state == RECIPIENT_FAILED
	    && reply_is_over_limit(&reply, true);
	if (over_limit) {
		probe_add_step(current_attempt(p), STAGE_RCPT, label,
		    clock_now() - start,
		    "too many recipients; retried in the next transaction")
		    ->postponed = true;
		error_free(&r->outcome);
		r->state = RECIPIENT_PENDING;
		reply_free(&reply);
	} else {
		add_command(p, STAGE_RCPT, label, start, &reply, &err);
	}
	error_free(&err);
	free(label);
	return over_limit;
}

static bool
send_rset(struct probe *p, struct error *err)
{
	int64_t start = clock_now();
	struct reply none = { 0 };
	bool ok = transaction_reset(&p->session, err);

	add_command(p, STAGE_RSET, "RSET", start, &none, err);
	return ok;
}

/* Runs a transaction for as many pending recipients as the server accepts. */
static bool
run_transaction(struct probe *p, struct error *err)
{
	struct envelope *e = p->envelope;
	struct transaction t = { .session = &p->session, .envelope = e };
	uint64_t limit = p->session.capabilities.limits.rcpt, accepted = 0;
	bool full = false;

	if (!send_mail(p, &t, err))
		return false;
	for (size_t i = 0; i < e->count && !full; i++) {
		struct recipient *r = &e->recipients[i];

		if (r->state != RECIPIENT_PENDING)
			continue;
		full = send_rcpt(p, &t, r, accepted > 0);
		accepted += r->state == RECIPIENT_ACCEPTED;
		full = full || (limit != 0 && accepted == limit);
	}
	return !session_is_usable(&p->session) || send_rset(p, err);
}

/* EHLO tells what a message would fail for, before there are recipients. */
static bool
check_params(struct probe *p, struct error *err)
{
	const struct account *account = p->delivery->params.account;
	struct reply none = { 0 };

	if (mail_params_check(&p->session, &account->mail_params, err))
		return true;
	session_failed(&p->session, err);
	add_command(p, STAGE_MAIL, "MAIL", clock_now(), &none, err);
	return false;
}

/* The action of an attempt: offers the envelope, in several transactions if
 * the server limits the number of recipients. */
static bool
offer_envelope(struct attempt *a, struct error *err)
{
	struct probe *p = a->ctx;
	const struct envelope *e = p->envelope;
	size_t before, left = envelope_count(e, RECIPIENT_PENDING);
	const struct error *result;
	bool ok = true;

	if (e->count == 0)
		return check_params(p, err);
	do {
		before = left;
		ok = before == 0 || run_transaction(p, err);
		left = envelope_count(e, RECIPIENT_PENDING);
	} while (
	    ok && session_is_usable(a->session) && left > 0 && left < before);
	/* A rejected recipient came before the error that ended the session,
	 * and decides unless only that error is permanent. */
	result = envelope_result(e);
	if (result != NULL && (ok || err->temporary || !result->temporary))
		error_copy(err, result);
	return ok && result == NULL;
}

/* Makes all recipients pending, for the next host. */
static void
reset_recipients(struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		error_free(&e->recipients[i].outcome);
		e->recipients[i].state = RECIPIENT_PENDING;
	}
}

static void
run_attempts(const struct delivery *d, struct envelope *e,
    struct probe_host *host)
{
	struct probe p = { .delivery = d, .envelope = e, .host = host };
	struct delivery_params observed = d->params;
	struct observer observer = { .stage = stage_times_note,
		.ctx = &p.times,
		.next = observed.observers };
	struct attempt attempt = { .params = &observed,
		.target = &d->target,
		.session = &p.session,
		.envelope = e,
		.login = true,
		.action = offer_envelope,
		.opened = add_opening,
		.ctx = &p };

	observed.observers = &observer;
	reset_recipients(e);
	attempt_host(&attempt, &host->result);
	session_close(&p.session);
	reset_recipients(e);
}

/* A host whose addresses are not known has the lookup as its only step. */
static void
add_lookup_error(struct probe_host *host, const struct error *err)
{
	struct probe_step *step = probe_add_step(probe_add_attempt(host),
	    STAGE_DNS, stage_name(STAGE_DNS), 0, "");

	error_copy(&step->err, err);
	error_copy(&host->result, err);
	host->attempts->opening = 1;
}

/* Probes one next hop for the recipients of its destination.  Returns false
 * after a signal. */
static bool
probe_hop(struct delivery *d, const struct next_hop *hop, struct envelope *e,
    struct probe_host *host, struct error *worst)
{
	const struct host_params *server = &d->target.host;
	bool failed = error_is_set(&hop->lookup_error);
	bool interrupted;

	if (!failed)
		delivery_select_hop(d, hop);
	host->socket = failed ? NULL : alloc_string(server->socket);
	host->name = alloc_string(failed ? hop->name : server->host);
	host->port = failed ? hop->port : server->port;
	if (failed)
		add_lookup_error(host, &hop->lookup_error);
	else
		run_attempts(d, e, host);
	interrupted = host->result.kind == ERROR_INTERRUPTED;
	if (interrupted)
		error_copy(worst, &host->result);
	else
		next_hop_merge_error(hop, worst, &host->result);
	return !interrupted;
}

/* Probes the next hops of one destination.  Returns false after a signal. */
static bool
probe_destination(struct delivery *d, size_t number, struct envelope *e,
    struct probe_destination *found, struct error *worst)
{
	const struct destination *r = &d->destinations.items[number];
	struct envelope part;
	bool ok = true;

	for (size_t i = 0; i < e->count; i++)
		d->members[i] = d->destinations.of[i] == number;
	envelope_select(e, d->members, &part);
	found->domain = alloc_string(r->domain);
	if (r->count == 0) {
		error_copy(&found->failure, &r->failure);
		error_merge_attempt(worst, &r->failure);
	}
	for (size_t i = 0; i < r->count && ok; i++)
		ok = probe_hop(d, &r->hosts[i], &part, probe_add_host(found),
		    worst);
	envelope_merge(e, d->members, &part);
	return ok;
}

bool
probe(const struct delivery_params *params, struct envelope *envelope,
    struct probe_result *result, struct error *err)
{
	struct delivery d;
	struct error first = { 0 };
	int64_t start = clock_now(), spent;
	bool ok = true;

	delivery_begin(&d, params, envelope, &first);
	spent = clock_now() - start;
	for (size_t i = 0; i < d.destinations.count && ok; i++) {
		struct probe_destination *found = probe_add_destination(result);

		found->lookup_spent = spent;
		ok = probe_destination(&d, i, envelope, found, err);
	}
	if (!error_is_set(err))
		error_move(err, &first);
	error_free(&first);
	delivery_free(&d);
	return !error_is_set(err);
}
