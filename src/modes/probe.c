/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/probe.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/strv.h"
#include "client/transaction.h"
#include "delivery/deliver.h"
#include "modes/output.h"
#include "modes/probe_tls.h"
#include "modes/stage_times.h"
#include "report/format.h"

/* One host, and what is found out about it. */
struct probe {
	const struct delivery_params *params;
	struct envelope *envelope;
	struct str *out;
	struct session session;
	struct stage_times times;
	unsigned attempts;
};

/* "TCP: ok 0.012 s, 192.0.2.1:587"; detail may be empty. */
static void
add_outcome(struct str *out, const char *label, bool ok, int64_t spent,
    const char *detail)
{
	output_format(out, OUTPUT_PART, label, "%s %lld.%03d s%s%s",
	    ok ? "ok" : "failed", (long long)(spent / 1000),
	    (int)(spent % 1000), *detail != '\0' ? ", " : "", detail);
}

static void
add_failure(struct str *out, const char *label, int64_t spent,
    const struct error *err)
{
	struct str text = { 0 };

	report_error(err, NULL, &text);
	add_outcome(out, label, false, spent, str_text(&text));
	str_free(&text);
}

static void
describe_stage(const struct probe *v, enum smtp_stage stage, struct str *detail)
{
	const struct session *s = &v->session;

	if (stage == STAGE_CONNECT)
		str_add(detail, str_text(&s->connection.address));
	else if (stage == STAGE_TLS && s->encrypted)
		tls_describe(&s->stream.transport, detail);
	else if (stage == STAGE_TLS)
		str_add(detail, "refused by the server, and not required");
	else if (stage == STAGE_AUTH && s->mechanism != NULL)
		str_add(detail, s->mechanism);
}

/* What was found on the way to the host may be stricter than the account. */
static void
add_demand(struct probe *v)
{
	const char *who = tls_demanded_by(v->params->demand);

	if (who != NULL)
		output_line(v->out, OUTPUT_PART, "TLS demanded by", who);
}

static void
add_stage(struct probe *v, size_t number)
{
	const struct stage_span *span = &v->times.spans[number];
	struct str detail = { 0 };

	describe_stage(v, span->stage, &detail);
	add_outcome(v->out, stage_name(span->stage), true, span->spent,
	    str_text(&detail));
	str_free(&detail);
	if (span->stage != STAGE_TLS)
		return;
	add_demand(v);
	probe_certificates(v->params, &v->session, v->out);
}

static bool
had_stage(const struct probe *v, enum smtp_stage stage)
{
	for (size_t i = 0; i < v->times.count; i++)
		if (v->times.spans[i].stage == stage)
			return true;
	return false;
}

static void
add_offer(struct probe *v)
{
	const struct session *s = &v->session;
	char *keywords = strv_join(&s->capabilities.keywords, ", ");

	if (!had_stage(v, STAGE_TLS))
		output_line(v->out, OUTPUT_PART, "TLS", "not used");
	output_line(v->out, OUTPUT_PART, "offers",
	    s->extended ? keywords : "nothing: the server only knows HELO");
	free(keywords);
}

/* Adds all stages; err, if set, is what ended the last one. */
static void
add_stages(struct probe *v, const struct error *err)
{
	size_t count = v->times.count;
	bool failed = error_is_set(err);

	for (size_t i = 0; i + failed < count; i++)
		add_stage(v, i);
	if (!failed)
		add_offer(v);
	else if (count > 0)
		add_failure(v->out, stage_name(v->times.spans[count - 1].stage),
		    v->times.spans[count - 1].spent, err);
}

/* Prints how the session was opened, or why it was not. */
static void
print_opening(void *ctx, struct error *err)
{
	struct probe *v = ctx;

	if (v->attempts++ > 0)
		str_printf(v->out, "%*stried again\n", OUTPUT_PART, "");
	stage_times_note(&v->times, STAGE_NONE, clock_now());
	session_set_observer(&v->session, v->params->observers);
	add_stages(v, err);
	if (err->kind == ERROR_CERTIFICATE)
		probe_refused(v->params, &v->session.connection, v->out);
	v->times = (struct stage_times){ 0 };
}

/* What the server said to a command, or why it could not be asked. */
static void
add_reply(struct probe *v, const char *label, int64_t start,
    const struct reply *reply, const struct error *err)
{
	int64_t spent = clock_now() - start;
	char *text;

	if (error_is_set(err)) {
		add_failure(v->out, label, spent, err);
		return;
	}
	text = reply_text(reply, &v->session.stream);
	add_outcome(v->out, label, true, spent, text);
	free(text);
}

static bool
ask_sender(struct probe *v, struct transaction *t, struct error *err)
{
	int64_t start = clock_now();
	struct reply reply = { 0 };
	char *label = alloc_printf("MAIL <%s>", v->envelope->sender);
	bool ok = transaction_mail(t, 0, &reply, err);

	add_reply(v, label, start, &reply, err);
	reply_free(&reply);
	free(label);
	return ok;
}

/* Whether the recipient has to wait for the next transaction. */
static bool
ask_recipient(struct probe *v, struct transaction *t, struct recipient *r,
    bool others_taken)
{
	int64_t start = clock_now();
	struct error err = { 0 };
	struct reply reply = { 0 };
	char *label = alloc_printf("RCPT <%s>", r->address);
	bool waits;

	transaction_rcpt(t, r, &reply, &err);
	waits = others_taken && recipient_is_over_limit(r);
	if (waits) {
		output_line(v->out, OUTPUT_PART, label,
		    "one too many, so once more in the next transaction");
		error_free(&r->outcome);
		r->state = RECIPIENT_PENDING;
	} else {
		add_reply(v, label, start, &reply, &err);
	}
	reply_free(&reply);
	error_free(&err);
	free(label);
	return waits;
}

static bool
reset_accepted(struct probe *v, struct error *err)
{
	int64_t start = clock_now();
	bool ok = transaction_reset(&v->session, err);

	if (ok)
		add_outcome(v->out, "RSET", true, clock_now() - start, "");
	else
		add_failure(v->out, "RSET", clock_now() - start, err);
	return ok;
}

/* A transaction for as many of those who are left as the server takes. */
static bool
offer_some(struct probe *v, struct error *err)
{
	struct envelope *e = v->envelope;
	struct transaction t = { .session = &v->session, .envelope = e };
	uint64_t most = v->session.capabilities.limits.rcpt, taken = 0;
	bool full = false;

	if (!ask_sender(v, &t, err))
		return false;
	for (size_t i = 0; i < e->count && !full; i++) {
		struct recipient *r = &e->recipients[i];

		if (r->state != RECIPIENT_PENDING)
			continue;
		full = ask_recipient(v, &t, r, taken > 0);
		taken += r->state == RECIPIENT_ACCEPTED;
		full = full || (most != 0 && taken == most);
	}
	return v->session.broken || reset_accepted(v, err);
}

/* The envelope without a message behind it. */
static bool
offer_envelope(void *ctx, struct session *s, struct error *err)
{
	struct probe *v = ctx;
	const struct envelope *e = v->envelope;
	size_t before, left = envelope_count(e, RECIPIENT_PENDING);
	const struct error *worst;
	bool ok = true;

	do {
		before = left;
		ok = before == 0 || offer_some(v, err);
		left = envelope_count(e, RECIPIENT_PENDING);
	} while (ok && !s->broken && left > 0 && left < before);
	/* What was said of a recipient came before whatever has ended it. */
	worst = envelope_result(e);
	if (worst != NULL && (ok || err->temporary || !worst->temporary))
		error_copy(err, worst);
	return ok && worst == NULL;
}

static void
add_heading(struct str *out, const struct host_params *server)
{
	if (server->socket != NULL)
		output_line(out, OUTPUT_TOP, "Socket", server->socket);
	else
		output_format(out, OUTPUT_TOP, "Host", "%s port %u",
		    server->host, server->port);
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

/* Nothing is known of the recipients before a host is asked. */
static void
forget_outcomes(struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		error_free(&e->recipients[i].outcome);
		e->recipients[i].state = RECIPIENT_PENDING;
	}
}

static void
visit_host(const struct delivery_params *params, struct envelope *e,
    struct str *out, struct error *err)
{
	struct probe v = { .params = params, .envelope = e, .out = out };
	struct delivery_params watched = *params;
	struct observer observer = { .stage = stage_times_note,
		.ctx = &v.times,
		.next = params->observers };
	const struct attempt attempt = { .session = &v.session,
		.envelope = e,
		.login = true,
		.action = offer_envelope,
		.opened = print_opening,
		.ctx = &v };

	watched.observers = &observer;
	add_heading(out, params->server);
	forget_outcomes(e);
	attempt_host(&attempt, &watched, err);
	session_close(&v.session);
	session_free(&v.session);
	forget_outcomes(e);
	add_result(out, err);
}

/* It is passed over as its addresses cannot be looked up. */
static void
add_troubled(const struct next_hop *host, struct str *out, struct error *worst)
{
	struct error why = { 0 };

	output_format(out, OUTPUT_TOP, "Host", "%s port %u", host->name,
	    host->port);
	error_copy(&why, &host->trouble);
	add_failure(out, "DNS", 0, &why);
	add_result(out, &why);
	alloc_replace(&why.host, host->name);
	error_merge(worst, &why);
	error_free(&why);
}

/* One host, for the recipients whose route leads there.  False: a signal. */
static bool
probe_host(struct way *way, const struct next_hop *host, struct envelope *e,
    struct str *out, struct error *worst)
{
	struct error why = { 0 };
	bool ended;

	if (error_is_set(&host->trouble)) {
		add_troubled(host, out, worst);
		return true;
	}
	way_stand(way, host);
	visit_host(&way->params, e, out, &why);
	ended = why.kind == ERROR_INTERRUPTED;
	if (ended)
		error_copy(worst, &why);
	error_merge(worst, &why);
	error_free(&why);
	return !ended;
}

/* What the look-up of a domain's hosts came to; it is one for all domains. */
static void
add_domain(struct str *out, const struct destination *r, int64_t spent)
{
	if (r->domain == NULL)
		return;
	output_line(out, OUTPUT_TOP, "Domain", r->domain);
	if (r->count == 0) {
		add_failure(out, "DNS", spent, &r->outcome);
		add_result(out, &r->outcome);
	} else {
		add_outcome(out, "DNS", true, spent, "");
		output_format(out, OUTPUT_PART, "hosts", "%zu", r->count);
	}
}

/* All hosts of one route; without any it has an outcome. */
static bool
probe_route(struct way *way, size_t number, struct envelope *e, struct str *out,
    struct error *worst)
{
	const struct destination *r = &way->routes.items[number];
	struct envelope part;
	bool start_data = true;

	for (size_t i = 0; i < e->count; i++)
		way->members[i] = way->routes.of[i] == number;
	envelope_select(e, way->members, &part);
	if (r->count == 0)
		error_merge(worst, &r->outcome);
	for (size_t i = 0; i < r->count && start_data; i++)
		start_data = probe_host(way, &r->hosts[i], &part, out, worst);
	envelope_merge(e, way->members, &part);
	return start_data;
}

bool
probe(const struct delivery_params *params, struct envelope *envelope,
    struct str *out, struct error *err)
{
	struct way way;
	struct error none = { 0 };
	int64_t start = clock_now(), spent;
	bool start_data = true;

	way_start(&way, params, envelope, &none);
	error_merge(err, &none);
	spent = clock_now() - start;
	for (size_t i = 0; i < way.routes.count && start_data; i++) {
		add_domain(out, &way.routes.items[i], spent);
		start_data = probe_route(&way, i, envelope, out, err);
	}
	error_free(&none);
	way_free(&way);
	return !error_is_set(err);
}
