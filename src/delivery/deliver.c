/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/deliver.h"

#include <limits.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "delivery/next_hops.h"
#include "dns/query.h"
#include "route/time_share.h"

/* Whether not all recipients that are left go to the current host. */
static bool
are_parted(const struct way *way, const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_PENDING
		    && !way->members[i])
			return true;
	return false;
}

static void
set_patience(struct way *way, const struct envelope *e)
{
	unsigned wanted = way->params.account->server.connect_timeout;
	unsigned patience = connect_time_share(way->host, &way->routes, e,
	    wanted, way->params.deadline);

	way->params.patience = patience;
	way->server.connect_timeout = patience != 0 ? patience : wanted;
}

/* What the DNS has told of the host goes before the settings. */
void
way_stand(struct way *way, const struct next_hop *host)
{
	const struct account *account = way->params.account;

	way->host = host;
	if (way->server.socket != NULL)
		return;
	way->server.host = host->name;
	way->server.port = host->port;
	way->params.addresses =
	    host->addresses.count > 0 ? &host->addresses : NULL;
	if (account_uses_srv(account))
		way->tls.starttls = !host->implicit_tls;
	way->params.demand = &host->tls_policy;
}

/* The first route is the one of all without a recipient, too. */
static bool
stand_at_first(struct way *way, struct error *err)
{
	const struct destination *r = way->routes.items;
	const struct next_hop *host =
	    way->routes.count > 0 ? destination_current_hop(r) : NULL;

	if (host != NULL)
		way_stand(way, host);
	else if (way->routes.count > 0)
		error_copy(err, &r->failure);
	else
		error_set(err, ERROR_USAGE,
		    "host mx has no server without a recipient");
	return host != NULL;
}

/* To do without is no fault, but not what everybody expects. */
static void
remark_on_dane(const struct delivery_params *s)
{
	struct str text = { 0 };

	if (s->trace == NULL || !account_uses_dane(s->account))
		return;
	str_add(&text, "no DANE: ");
	if (!dns_trusts_ad(&s->account->dns, &text))
		s->trace(s->trace_ctx, STREAM_RECEIVED, str_text(&text));
	str_free(&text);
}

static bool
find_routes(struct way *way, const struct delivery_params *params,
    const struct envelope *e, struct error *err)
{
	const struct account *account = params->account;

	*way = (struct way){ .server = account->server,
		.tls = account->tls,
		.params = *params };
	way->params.server = &way->server;
	way->params.tls_params = &way->tls;
	way->members = alloc_zeroed(e->count + 1, sizeof(*way->members));
	remark_on_dane(params);
	return next_hops_find(&way->routes, account, e, params->sts,
	    params->deadline, err);
}

bool
way_start(struct way *way, const struct delivery_params *params,
    const struct envelope *e, struct error *err)
{
	if (!find_routes(way, params, e, err) || !stand_at_first(way, err))
		return false;
	set_patience(way, e);
	return true;
}

/* Leaves the host in all destinations that are at it, and after the deadline
 * all hosts behind it. */
static void
leave(struct way *way, const struct error *why)
{
	const struct next_hop *left = way->host;

	for (size_t i = 0; i < way->routes.count; i++) {
		struct destination *r = &way->routes.items[i];
		const struct next_hop *host = destination_current_hop(r);

		if (host == NULL || !next_hop_is_same(host, left))
			continue;
		destination_next_hop(r, why);
		if (clock_has_passed(way->params.deadline))
			destination_end(r);
	}
}

bool
way_advance(struct way *way, struct error *err)
{
	static const struct envelope nobody;

	leave(way, err);
	error_free(err);
	if (!stand_at_first(way, err))
		return false;
	set_patience(way, &nobody);
	return true;
}

bool
delivery_attempt(struct way *way, const struct attempt *attempt,
    struct error *err)
{
	while (!attempt_host(attempt, &way->params, err)) {
		if (!may_try_next_host(attempt->session, attempt->envelope, err)
		    || !way_advance(way, err))
			return false;
		session_close(attempt->session);
		session_free(attempt->session);
	}
	return true;
}

static bool
has_left(const struct way *way, const struct next_hop *host)
{
	const struct destination *r = way->routes.items;

	for (size_t i = 0; i < r->next; i++)
		if (next_hop_is_same(&r->hosts[i], host))
			return true;
	return false;
}

/* Among equals each way has an order of its own. */
bool
way_meets(struct way *way, const struct way *other)
{
	struct destination *r = way->routes.items;
	unsigned best = UINT_MAX;

	for (size_t i = r->next; i < r->count; i++) {
		const struct next_hop *host = &r->hosts[i];

		if (host->preference > best)
			return false;
		if (next_hop_is_same(host, other->host)) {
			r->next = i;
			way_stand(way, host);
			return true;
		}
		if (!has_left(other, host))
			best = host->preference;
	}
	return false;
}

void
way_free(struct way *way)
{
	destinations_free(&way->routes);
	free(way->members);
	way->members = NULL;
}

static const struct destination *
route_of(const struct way *way, size_t recipient)
{
	return &way->routes.items[way->routes.of[recipient]];
}

/* Those whose route has come to its end. */
static void
fail_stranded(const struct way *way, struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		struct recipient *r = &e->recipients[i];
		struct error outcome = { 0 };

		if (r->state != RECIPIENT_PENDING
		    || destination_current_hop(route_of(way, i)) != NULL)
			continue;
		error_copy(&outcome, &route_of(way, i)->failure);
		recipient_fail(r, &outcome);
	}
}

/* Finds the next host that anybody's way leads to, and stands there. */
static bool
gather(struct way *way, struct envelope *e)
{
	size_t first = 0;

	fail_stranded(way, e);
	if (!destinations_group(&way->routes, e, way->members))
		return false;
	while (!way->members[first])
		first++;
	way_stand(way, destination_current_hop(route_of(way, first)));
	set_patience(way, e);
	return true;
}

/*
 * All or nothing: when a recipient has no server, or each has its own, that
 * cannot be kept.
 */
static bool
keep_together(const struct way *way, struct envelope *e)
{
	struct error why = { 0 };

	if (way->params.account->session.partial)
		return true;
	if (envelope_count(e, RECIPIENT_FAILED) > 0) {
		error_reject(&why, STAGE_RCPT,
		    "not sent, because another recipient has no server and "
		    "\"partial off\" is set");
		error_temporary(&why, true);
		error_status(&why, "4.5.0");
	} else if (are_parted(way, e)) {
		error_reject(&why, STAGE_MAIL,
		    "the recipients have different servers, and \"partial "
		    "off\" forbids to part them");
		error_status(&why, "5.5.3");
	} else {
		return true;
	}
	envelope_fail(e, &why);
	error_free(&why);
	return false;
}

/* Of hosts that could not help the log only knows when no other could. */
static void
note_session(struct way *way, bool settled, struct session_log *seen,
    struct session_log *facts)
{
	if (way->settled && !settled)
		session_facts_free(seen);
	else if (way->settled)
		session_facts_join(facts, seen);
	else
		session_facts_move(facts, seen);
	way->settled = way->settled || settled;
}

/* Offers the message to the current host for those who go there. */
static void
visit(struct way *way, struct envelope *e, const struct message *message,
    struct session_log *facts)
{
	struct session_log seen = { 0 };
	struct envelope part;
	struct error err = { 0 };
	bool elsewhere;

	envelope_select(e, way->members, &part);
	submit(&way->params, &part, message, &seen, &elsewhere, &err);
	envelope_merge(e, way->members, &part);
	note_session(way, !elsewhere, &seen, facts);
	if (elsewhere)
		leave(way, &err);
	else if (err.kind == ERROR_INTERRUPTED)
		envelope_fail(e, &err);
	error_free(&err);
}

static bool
tell_worst(const struct envelope *e, struct error *err)
{
	const struct error *worst = envelope_result(e);

	if (worst != NULL)
		error_copy(err, worst);
	return worst == NULL;
}

bool
deliver(const struct delivery_params *params, struct envelope *envelope,
    const struct message *message, struct session_log *facts, struct error *err)
{
	struct way way;
	bool ok = find_routes(&way, params, envelope, err);

	if (!ok)
		envelope_fail(envelope, err);
	while (ok && gather(&way, envelope) && keep_together(&way, envelope))
		visit(&way, envelope, message, facts);
	way_free(&way);
	return ok && tell_worst(envelope, err);
}
