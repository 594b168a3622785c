/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "deliver.h"

#include "base/alloc.h"
#include "base/random.h"
#include "net/dns.h"
#include "route/srv.h"

/* A host that is silent has so long when there are others. */
#define PATIENCE 30

static unsigned
patience_of(const struct way *way)
{
	unsigned wanted = way->server.connect_timeout;

	if (way->route.next + 1 >= way->route.count)
		return 0;
	return wanted != 0 ? wanted : PATIENCE;
}

static void
take_host(struct way *way)
{
	const struct account *account = way->submission.account;
	const struct route_host *host = route_current(&way->route);

	way->submission.patience = patience_of(way);
	if (host == NULL)
		return;
	way->server.host = host->name;
	way->server.port = host->port;
	if (!account_asks_srv(account))
		return;
	way->server.addresses = &host->addresses;
	way->tls.starttls = !host->tls_first;
	way->submission.demand = &host->policy.demand;
}

static bool
find_servers(struct way *way, struct error *err)
{
	const struct account *account = way->submission.account;
	struct random random;
	struct srv_params params = { .hosts.family = account->server.family,
		.random = &random };
	struct dns_source dns;

	random_start(&random);
	dns_source_init(&dns, &account->dns);
	way->route.domain = alloc_string(account->domain_of);
	if (!srv_find(&dns, &params, &way->route, way->submission.deadline,
		err))
		return false;
	if (route_current(&way->route) == NULL)
		error_copy(err, &way->route.outcome);
	return route_current(&way->route) != NULL;
}

bool
way_start(struct way *way, const struct submission *submission,
    struct error *err)
{
	const struct account *account = submission->account;

	*way = (struct way){ .server = account->server,
		.tls = account->tls,
		.submission = *submission };
	way->submission.server = &way->server;
	way->submission.tls_params = &way->tls;
	if (account_asks_srv(account)) {
		if (!find_servers(way, err))
			return false;
	} else {
		for (size_t i = 0; i < account->hosts.count; i++)
			route_add_host(&way->route, account->hosts.items[i],
			    account->server.port);
		route_start(&way->route);
	}
	take_host(way);
	return true;
}

bool
way_advance(struct way *way, struct error *err)
{
	route_advance(&way->route, err);
	if (route_current(&way->route) == NULL) {
		/* A socket, which is no host, has no way behind it, either. */
		if (way->route.count > 0)
			error_copy(err, &way->route.outcome);
		return false;
	}
	error_free(err);
	take_host(way);
	return true;
}

void
way_free(struct way *way)
{
	route_free(&way->route);
}

static bool
follow(struct way *way, struct envelope *envelope, struct message *message,
    struct session_facts *facts, struct error *err)
{
	bool elsewhere, ok;

	do
		ok = submit(&way->submission, envelope, message, facts,
		    &elsewhere, err);
	while (elsewhere && way_advance(way, err));
	return ok;
}

bool
deliver(const struct submission *submission, struct envelope *envelope,
    struct message *message, struct session_facts *facts, struct error *err)
{
	struct way way;
	bool ok = way_start(&way, submission, err);

	if (ok)
		ok = follow(&way, envelope, message, facts, err);
	if (!ok)
		envelope_fail(envelope, err);
	way_free(&way);
	return ok;
}
