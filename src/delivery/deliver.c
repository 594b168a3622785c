/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walks through the next hops of all destinations.  Recipients whose current
 * hosts are the same share a session.
 */
#include "delivery/deliver.h"

#include <limits.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "delivery/next_hops.h"
#include "delivery/send.h"
#include "dns/dns.h"
#include "route/time_share.h"

/* DANE is optional, so its absence is no error, but -v shows the reason. */
static void
trace_dane_unavailable(const struct delivery_params *params)
{
	struct str text = { 0 };

	if (params->trace == NULL || params->ignores_policies
	    || !account_uses_dane(params->account))
		return;
	str_add(&text, "no DANE: ");
	if (!dns_trusts_ad(&params->account->dns, &text))
		params->trace(params->trace_ctx, STREAM_RECEIVED,
		    str_text(&text));
	str_free(&text);
}

static bool
find_next_hops(struct delivery *d, const struct delivery_params *params,
    const struct envelope *e, struct error *err)
{
	*d = (struct delivery){ .params = *params };
	target_init(&d->target, params);
	d->members = alloc_zeroed(e->count + 1, sizeof(*d->members));
	trace_dane_unavailable(params);
	return next_hops_find(&d->destinations, params, e, err);
}

/* Host name, port and addresses found in the DNS override the settings. */
void
delivery_select_hop(struct delivery *d, const struct next_hop *hop)
{
	struct session_target *target = &d->target;

	d->hop = hop;
	if (target->host.socket != NULL)
		return;
	target->host.host = hop->name;
	target->host.port = hop->port;
	target->addresses = hop->addresses.count > 0 ? &hop->addresses : NULL;
	target->policy = &hop->tls_policy;
	if (account_uses_srv(d->params.account))
		target->tls.starttls = !hop->implicit_tls;
}

/* Leaves time for the hosts that the pending recipients still have. */
static void
limit_connect_time(struct delivery *d, const struct envelope *e)
{
	unsigned wanted = d->params.account->server.connect_timeout;
	unsigned share = connect_time_share(d->hop, &d->destinations, e, wanted,
	    d->params.deadline);

	d->target.early_timeout = share;
	d->target.host.connect_timeout = share != 0 ? share : wanted;
}

/* Without recipients the first destination is that of the account. */
static bool
select_first_hop(struct delivery *d, struct error *err)
{
	const struct destination *first = d->destinations.items;
	const struct next_hop *hop = NULL;

	if (d->destinations.count == 0)
		return error_set(err, ERROR_USAGE,
		    "host mx needs at least one recipient");
	hop = destination_current_hop(first);
	if (hop != NULL)
		delivery_select_hop(d, hop);
	else
		error_copy(err, &first->failure);
	return hop != NULL;
}

bool
delivery_begin(struct delivery *d, const struct delivery_params *params,
    const struct envelope *e, struct error *err)
{
	if (!find_next_hops(d, params, e, err) || !select_first_hop(d, err))
		return false;
	limit_connect_time(d, e);
	return true;
}

/* Moves all destinations that are at the current host to their next one; after
 * the deadline they have none. */
static void
drop_hop(struct delivery *d, const struct error *why)
{
	const struct next_hop *dropped = d->hop;

	for (size_t i = 0; i < d->destinations.count; i++) {
		struct destination *r = &d->destinations.items[i];
		const struct next_hop *hop = destination_current_hop(r);

		if (hop == NULL || !next_hop_is_same(hop, dropped))
			continue;
		destination_next_hop(r, why);
		if (clock_has_passed(d->params.deadline))
			destination_end(r);
	}
}

/* Selects the next host of the first destination in place of the current one,
 * which has failed with err.  False if there is none: err then tells of all
 * hosts of the destination. */
static bool
select_following_hop(struct delivery *d, struct error *err)
{
	static const struct envelope no_recipients;

	drop_hop(d, err);
	error_free(err);
	if (!select_first_hop(d, err))
		return false;
	limit_connect_time(d, &no_recipients);
	return true;
}

bool
delivery_attempt(struct delivery *d, struct attempt *a, struct error *err)
{
	a->params = &d->params;
	a->target = &d->target;
	while (!attempt_host(a, err)) {
		if (!may_try_next_host(a, err) || !select_following_hop(d, err))
			return false;
		session_close(a->session);
	}
	return true;
}

static bool
has_dropped(const struct delivery *d, const struct next_hop *hop)
{
	const struct destination *r = d->destinations.items;

	for (size_t i = 0; i < r->next; i++)
		if (next_hop_is_same(&r->hosts[i], hop))
			return true;
	return false;
}

/* MX hosts of equal preference are shuffled in each lookup, so their order
 * does not count. */
bool
delivery_shares_hop(struct delivery *d, const struct delivery *other)
{
	const struct destination *r = d->destinations.items;
	unsigned best = UINT_MAX;

	for (size_t i = r->next; i < r->count; i++) {
		const struct next_hop *hop = &r->hosts[i];

		if (hop->preference > best)
			return false;
		if (next_hop_is_same(hop, other->hop))
			return true;
		if (!has_dropped(other, hop))
			best = hop->preference;
	}
	return false;
}

void
delivery_free(struct delivery *d)
{
	destinations_free(&d->destinations);
	free(d->members);
	d->members = NULL;
}

static const struct destination *
destination_of(const struct delivery *d, size_t recipient)
{
	return &d->destinations.items[d->destinations.of[recipient]];
}

/* Fails every pending recipient whose destination has no host left to try. */
static void
fail_unroutable(const struct delivery *d, struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		struct recipient *r = &e->recipients[i];
		struct error outcome = { 0 };

		if (r->state != RECIPIENT_PENDING
		    || destination_current_hop(destination_of(d, i)) != NULL)
			continue;
		error_copy(&outcome, &destination_of(d, i)->failure);
		recipient_fail(r, &outcome);
	}
}

/* Selects the next host: the first one that a pending recipient still has, with
 * all recipients that share it. */
static bool
select_next_hop(struct delivery *d, struct envelope *e)
{
	size_t first = 0;

	fail_unroutable(d, e);
	if (!destinations_group(&d->destinations, e, d->members))
		return false;
	while (!d->members[first])
		first++;
	delivery_select_hop(d,
	    destination_current_hop(destination_of(d, first)));
	limit_connect_time(d, e);
	return true;
}

/* Whether some pending recipient is not going to the current host. */
static bool
have_different_hosts(const struct delivery *d, const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_PENDING
		    && !d->members[i])
			return true;
	return false;
}

/* "partial off": fails everything if one recipient has no server, or if the
 * recipients have different servers. */
static bool
check_all_or_nothing(const struct delivery *d, struct envelope *e)
{
	struct error why = { 0 };

	if (d->params.account->session.partial)
		return true;
	if (envelope_count(e, RECIPIENT_FAILED) > 0) {
		error_reject(&why, STAGE_RCPT,
		    "not sent: another recipient has no server and \"partial "
		    "off\" is set");
		error_temporary(&why, true);
		error_status(&why, "4.5.0");
	} else if (have_different_hosts(d, e)) {
		error_reject(&why, STAGE_MAIL,
		    "the recipients have different servers, but \"partial "
		    "off\" requires a single transaction");
		error_status(&why, "5.5.3");
	} else {
		return true;
	}
	envelope_fail(e, &why);
	error_free(&why);
	return false;
}

/* Logs the hosts that accepted or rejected the message; logs an unusable host
 * only if every host was unusable, and then the last one. */
static void
log_session(struct delivery *d, bool settled, struct session_log *session,
    struct session_log *log)
{
	if (d->settled && settled) {
		session_log_add(log, session);
	} else if (d->settled) {
		session_log_free(session);
	} else {
		session_log_free(log);
		*log = *session;
		d->settled = settled;
	}
}

/* Makes an attempt at the current host, for the recipients selected for it. */
static void
attempt_delivery(struct delivery *d, struct envelope *e,
    const struct message *message, struct session_log *log)
{
	struct session_log session = { 0 };
	struct envelope part;
	struct attempt a = { .params = &d->params,
		.target = &d->target,
		.envelope = &part };
	struct error err = { 0 };
	bool try_next_host;

	envelope_select(e, d->members, &part);
	send_to_host(&a, message, &session, &try_next_host, &err);
	envelope_merge(e, d->members, &part);
	log_session(d, !try_next_host, &session, log);
	if (try_next_host)
		drop_hop(d, &err);
	else if (err.kind == ERROR_INTERRUPTED)
		envelope_fail(e, &err);
	error_free(&err);
}

bool
deliver(const struct delivery_params *params, struct envelope *envelope,
    const struct message *message, struct session_log *log, struct error *err)
{
	struct delivery d;
	const struct error *result;
	bool ok = find_next_hops(&d, params, envelope, err);

	if (!ok)
		envelope_fail(envelope, err);
	while (ok && select_next_hop(&d, envelope)
	    && check_all_or_nothing(&d, envelope))
		attempt_delivery(&d, envelope, message, log);
	delivery_free(&d);
	result = envelope_result(envelope);
	if (ok && result != NULL)
		error_copy(err, result);
	return ok && result == NULL;
}
