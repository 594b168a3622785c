/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests all next hops of an account up to the envelope; prints each step. */
#include "modes/probe.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/strv.h"
#include "client/transaction.h"
#include "delivery/deliver.h"
#include "modes/output.h"
#include "modes/unchecked.h"
#include "report/format.h"

/* Certificates */

static void
add_pins(const struct strv *pins, const struct tls_peer *peer, struct str *out)
{
	for (size_t i = 0; i < pins->count; i++) {
		const char *pin = pins->items[i];
		bool matches = tls_fingerprint_matches(pin, &peer->sha256);

		output_format(out, OUTPUT_DETAIL, "tls_fingerprint", "%s %s",
		    pin, matches ? "matches" : "does not match");
	}
}

/* Appends the certificates in the order in which the server sent them, and
 * which fingerprints of the account match the first. */
static void
add_certificates(const struct account *account, const struct session *s,
    struct str *out)
{
	const struct transport *transport = &s->stream.transport;
	struct tls_peer peer;

	for (unsigned i = 0; tls_peer_info(transport, i, &peer); i++) {
		str_printf(out, "%*scertificate %u:\n", OUTPUT_PART, "", i + 1);
		output_certificate(out, OUTPUT_DETAIL, &peer, time(NULL));
		if (i == 0)
			add_pins(&account->tls.fingerprints, &peer, out);
		tls_peer_free(&peer);
	}
}

static const struct error no_error;

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

/* The session with one next hop. */
struct probe {
	const struct delivery *delivery;
	struct envelope *envelope;
	struct str *out;
	struct session session;
	struct stage_times times;
	unsigned attempts;
};

static void
show_rejected_certificates(struct session *s, void *ctx)
{
	struct probe *p = ctx;

	add_certificates(p->delivery->params.account, s, p->out);
}

/*
 * Appends "LABEL: ok 0.012 s, DETAIL" or, if err is set, "LABEL: failed 0.012
 * s, ERROR".  spent is in milliseconds; detail may be empty.
 */
static void
add_step(struct str *out, const char *label, int64_t spent, const char *detail,
    const struct error *err)
{
	bool failed = error_is_set(err);
	struct str text = { 0 };

	if (failed)
		report_error(err, NULL, &text);
	else
		str_add(&text, detail);
	output_format(out, OUTPUT_PART, label, "%s %lld.%03d s%s%s",
	    failed ? "failed" : "ok", (long long)(spent / 1000),
	    (int)(spent % 1000), text.len > 0 ? ", " : "", str_text(&text));
	str_free(&text);
}

static void
describe_stage(const struct session *s, enum smtp_stage stage,
    struct str *detail)
{
	if (stage == STAGE_CONNECT)
		str_add(detail, str_text(&s->connection.address));
	else if (stage == STAGE_TLS && s->encrypted)
		tls_describe(&s->stream.transport, detail);
	else if (stage == STAGE_TLS)
		str_add(detail, "rejected by the server, and not required");
	else if (stage == STAGE_AUTH && s->mechanism != NULL)
		str_add(detail, s->mechanism);
}

static void
add_tls_details(const struct probe *p)
{
	const char *source = tls_source_name(p->delivery->target.policy);

	if (source != NULL)
		output_line(p->out, OUTPUT_PART, "TLS required by", source);
	add_certificates(p->delivery->params.account, &p->session, p->out);
}

/* Appends the stages of the session; err, if set, ended the last one.  Returns
 * whether TLS was among them. */
static bool
add_stages(const struct probe *p, const struct error *err)
{
	bool tls = false;

	for (size_t i = 0; i < p->times.count; i++) {
		const struct stage_span *span = &p->times.spans[i];
		bool last = i + 1 == p->times.count;
		struct str detail = { 0 };

		describe_stage(&p->session, span->stage, &detail);
		add_step(p->out, stage_name(span->stage), span->spent,
		    str_text(&detail), last ? err : &no_error);
		str_free(&detail);
		if (span->stage != STAGE_TLS)
			continue;
		tls = true;
		if (!last || !error_is_set(err))
			add_tls_details(p);
	}
	return tls;
}

static void
add_extensions(const struct probe *p)
{
	const struct session *s = &p->session;
	char *keywords = strv_join(&s->capabilities.keywords, ", ");

	output_line(p->out, OUTPUT_PART, "offers",
	    s->esmtp ? keywords : "nothing: the server supports only HELO");
	free(keywords);
}

/* Appends how the session was opened, or why it was not. */
static void
add_opening(struct attempt *a, const struct error *err)
{
	struct probe *p = a->ctx;
	bool tls;

	if (p->attempts++ > 0)
		str_printf(p->out, "%*sretrying\n", OUTPUT_PART, "");
	stage_times_note(&p->times, STAGE_NONE, clock_now());
	session_set_observer(&p->session, p->delivery->params.observers);
	tls = add_stages(p, err);
	if (!error_is_set(err)) {
		if (!tls)
			output_line(p->out, OUTPUT_PART, "TLS", "not used");
		add_extensions(p);
	}
	if (err->kind == ERROR_CERTIFICATE)
		unchecked_session(a, show_rejected_certificates, p);
	p->times = (struct stage_times){ 0 };
}

/* Appends the reply to a command, or the error, and frees the reply. */
static void
add_reply(const struct probe *p, const char *label, int64_t start,
    struct reply *reply, const struct error *err)
{
	char *text = reply_text(reply, &p->session.stream);

	add_step(p->out, label, clock_now() - start, text, err);
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

	add_reply(p, label, start, &reply, err);
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
	over_limit = others_accepted && recipient_is_over_limit(r);
	if (over_limit) {
		output_line(p->out, OUTPUT_PART, label,
		    "too many recipients; retried in the next transaction");
		error_free(&r->outcome);
		r->state = RECIPIENT_PENDING;
		reply_free(&reply);
	} else {
		add_reply(p, label, start, &reply, &err);
	}
	error_free(&err);
	free(label);
	return over_limit;
}

static bool
send_rset(struct probe *p, struct error *err)
{
	int64_t start = clock_now();
	bool ok = transaction_reset(&p->session, err);

	add_step(p->out, "RSET", clock_now() - start, "", err);
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

static void
add_result(struct str *out, const struct error *err)
{
	if (error_is_set(err))
		output_format(out, OUTPUT_PART, "result",
		    "failed, exit status %d", error_exit_status(err));
	else
		output_line(out, OUTPUT_PART, "result", "ok");
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
run_attempts(const struct delivery *d, struct envelope *e, struct str *out,
    struct error *err)
{
	struct probe p = { .delivery = d, .envelope = e, .out = out };
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
	attempt_host(&attempt, err);
	session_close(&p.session);
	reset_recipients(e);
}

/* Probes one next hop for the recipients of its destination.  Returns false
 * after a signal. */
static bool
probe_hop(struct delivery *d, const struct next_hop *hop, struct envelope *e,
    struct str *out, struct error *worst)
{
	const struct host_params *host = &d->target.host;
	struct error err = { 0 };
	bool interrupted;

	if (error_is_set(&hop->lookup_error)) {
		output_host(out, NULL, hop->name, hop->port);
		add_step(out, "DNS", 0, "", &hop->lookup_error);
		error_copy(&err, &hop->lookup_error);
	} else {
		delivery_select_hop(d, hop);
		output_host(out, host->socket, host->host, host->port);
		run_attempts(d, e, out, &err);
	}
	add_result(out, &err);
	interrupted = err.kind == ERROR_INTERRUPTED;
	if (interrupted)
		error_copy(worst, &err);
	else
		next_hop_merge_error(hop, worst, &err);
	error_free(&err);
	return !interrupted;
}

/* Appends the result of the lookup, which took the same time for all
 * destinations. */
static void
add_domain(struct str *out, const struct destination *r, int64_t spent)
{
	if (r->domain == NULL)
		return;
	output_line(out, OUTPUT_TOP, "Domain", r->domain);
	add_step(out, "DNS", spent, "",
	    r->count == 0 ? &r->failure : &no_error);
	if (r->count == 0)
		add_result(out, &r->failure);
	else
		output_format(out, OUTPUT_PART, "hosts", "%zu", r->count);
}

/* Probes the next hops of one destination.  Returns false after a signal. */
static bool
probe_destination(struct delivery *d, size_t number, struct envelope *e,
    struct str *out, struct error *worst)
{
	const struct destination *r = &d->destinations.items[number];
	struct envelope part;
	bool ok = true;

	for (size_t i = 0; i < e->count; i++)
		d->members[i] = d->destinations.of[i] == number;
	envelope_select(e, d->members, &part);
	if (r->count == 0)
		error_merge_attempt(worst, &r->failure);
	for (size_t i = 0; i < r->count && ok; i++)
		ok = probe_hop(d, &r->hosts[i], &part, out, worst);
	envelope_merge(e, d->members, &part);
	return ok;
}

bool
probe(const struct delivery_params *params, struct envelope *envelope,
    struct str *out, struct error *err)
{
	struct delivery d;
	struct error first = { 0 };
	int64_t start = clock_now(), spent;
	bool ok = true;

	delivery_begin(&d, params, envelope, &first);
	spent = clock_now() - start;
	for (size_t i = 0; i < d.destinations.count && ok; i++) {
		add_domain(out, &d.destinations.items[i], spent);
		ok = probe_destination(&d, i, envelope, out, err);
	}
	if (!error_is_set(err))
		error_move(err, &first);
	error_free(&first);
	delivery_free(&d);
	return !error_is_set(err);
}
