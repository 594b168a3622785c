/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds next hops: the configured hosts, those of SRV records, or the MX hosts
 * of the recipients; and what DANE and MTA-STS require of them.
 */
#include "delivery/next_hops.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/random.h"
#include "dns/dns.h"
#include "route/addresses.h"
#include "route/dane.h"
#include "route/loop.h"
#include "route/mx.h"
#include "route/srv.h"

/* What all lookups need. */
struct lookup {
	const struct account *account;
	struct dns_source dns;
	struct addresses_params hosts;
	int64_t deadline;
};

/*
 * Adds the hosts of the account.  Their addresses are looked up when the client
 * connects, but with `dane on` already now, together with the TLSA records.
 */
static bool
find_configured(const struct lookup *l, struct destination *d,
    struct error *err)
{
	const struct account *account = l->account;
	const struct host_params *host = &account->server;

	if (host->socket != NULL)
		destination_add_hop(d, host->socket, 0);
	for (size_t i = 0; i < account->hosts.count; i++) {
		const char *name = account->hosts.items[i];

		/* The user has named the host, not the DNS. */
		destination_add_hop(d, name, host->port)->mx_authentic =
		    l->hosts.tlsa;
	}
	destination_start(d);
	return !l->hosts.tlsa
	    || addresses_find(&l->dns, &l->hosts, d, 1, l->deadline, err);
}

static bool
find_srv_hosts(const struct lookup *l, struct destination *d, struct error *err)
{
	struct random random;
	struct srv_params params = { .hosts = l->hosts, .random = &random };

	random_start(&random);
	d->domain = alloc_string(l->account->domain_of);
	return srv_find(&l->dns, &params, d, l->deadline, err);
}

static bool
find_mx_hosts(const struct lookup *l, struct destinations *list, bool sts,
    struct error *err)
{
	struct random random;
	struct local_host local = { 0 };
	const struct mx_params params = { .hosts = l->hosts,
		.port = l->account->server.port,
		.local = &local,
		.rank = &random,
		.sts = sts };
	bool ok;

	random_start(&random);
	local_host_find(&local);
	ok = mx_find(&l->dns, &params, list->items, list->count, l->deadline,
	    err);
	local_host_free(&local);
	return ok;
}

bool
next_hops_find(struct destinations *list, const struct delivery_params *params,
    const struct envelope *e, struct error *err)
{
	const struct account *account = params->account;
	const struct sts_params *sts = params->sts;
	bool mx = account_uses_mx(account);
	struct lookup l = { .account = account,
		.hosts = { .family = account->server.family },
		.deadline = clock_earlier(params->deadline,
		    clock_after_seconds(account->dns_timeout)) };
	bool ok;

	dns_source_init(&l.dns, &account->dns);
	l.hosts.tlsa = account_uses_dane(account) && !params->ignores_policies
	    && dns_trusts_ad(&account->dns, NULL);
	if (mx) {
		destinations_init(list, e);
		ok = find_mx_hosts(&l, list, sts != NULL, err);
	} else {
		destinations_init_shared(list, e);
		ok = account_uses_srv(account)
		    ? find_srv_hosts(&l, list->items, err)
		    : find_configured(&l, list->items, err);
	}
	if (ok && l.hosts.tlsa)
		ok = dane_find(&l.dns, list->items, list->count, l.deadline,
		    err);
	return ok
	    && (!mx || sts == NULL
		|| sts_lookup(sts, list->items, list->count, params->deadline,
		    err));
}
