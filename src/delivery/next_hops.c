/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/next_hops.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/random.h"
#include "dns/dns.h"
#include "dns/query.h"
#include "route/addresses.h"
#include "route/dane.h"
#include "route/loop.h"
#include "route/mx.h"
#include "route/srv.h"

static bool
trusts_records(const struct account *account)
{
	return account_uses_dane(account) && dns_trusts_ad(&account->dns, NULL);
}

/* As written; what they are called is looked up when they are connected to. */
static void
take_configured(struct destination *r, const struct account *account)
{
	const struct host_params *server = &account->server;

	if (server->socket != NULL)
		destination_add_hop(r, server->socket, 0);
	for (size_t i = 0; i < account->hosts.count; i++)
		destination_add_hop(r, account->hosts.items[i], server->port);
	destination_start(r);
}

/*
 * With `dane on`: the same hosts, but with what the DNS says of them.  Whoever
 * wrote the names down vouches for them.  Of a host that the DNS does not know
 * the system may, from a file; there are no records then.
 */
static bool
find_records(struct destination *r, const struct account *account,
    const struct dns_source *dns, int64_t deadline, struct error *err)
{
	struct addresses_params params = { .family = account->server.family,
		.tlsa = true };

	if (account->dane != DANE_ON || !trusts_records(account))
		return true;
	for (size_t i = 0; i < r->count; i++)
		r->hosts[i].mx_authentic = true;
	return addresses_find(dns, &params, r, 1, deadline, err)
	    && dane_find(dns, r, 1, deadline, err);
}

static bool
find_submission(struct destination *r, const struct account *account,
    const struct dns_source *dns, int64_t deadline, struct error *err)
{
	struct random random;
	struct srv_params params = { .hosts = { .family =
						    account->server.family,
					 .tlsa = trusts_records(account) },
		.random = &random };

	random_start(&random);
	r->domain = alloc_string(account->domain_of);
	return srv_find(dns, &params, r, deadline, err)
	    && (!params.hosts.tlsa || dane_find(dns, r, 1, deadline, err));
}

static bool
find_exchangers(struct destinations *list, const struct account *account,
    const struct dns_source *dns, bool sts, int64_t deadline, struct error *err)
{
	struct random random;
	struct local_host local = { 0 };
	struct mx_params params = { .hosts = { .family = account->server.family,
					.tlsa = trusts_records(account) },
		.port = account->server.port,
		.local = &local,
		.rank = &random,
		.sts = sts };
	bool ok;

	random_start(&random);
	local_host_find(&local);
	ok = mx_find(dns, &params, list->items, list->count, deadline, err)
	    && (!params.hosts.tlsa
		|| dane_find(dns, list->items, list->count, deadline, err));
	local_host_free(&local);
	return ok;
}

bool
next_hops_find(struct destinations *list, const struct account *account,
    const struct envelope *e, const struct sts_params *sts, int64_t deadline,
    struct error *err)
{
	int64_t until =
	    clock_earlier(deadline, clock_after_seconds(account->dns_timeout));
	struct dns_source dns;

	dns_source_init(&dns, &account->dns);
	if (account_uses_mx(account)) {
		destinations_init(list, e);
		return find_exchangers(list, account, &dns, sts != NULL, until,
			   err)
		    && (sts == NULL
			|| sts_lookup(sts, list->items, list->count, deadline,
			    err));
	}
	destinations_init_shared(list, e);
	if (account_uses_srv(account))
		return find_submission(list->items, account, &dns, until, err);
	take_configured(list->items, account);
	return find_records(list->items, account, &dns, until, err);
}
