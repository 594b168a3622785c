/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "deliver.h"

#include "net/stream.h"

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
	const struct route_host *host = route_current(&way->route);

	if (host != NULL)
		way->server.host = host->name;
	way->submission.patience = patience_of(way);
}

void
way_start(struct way *way, const struct submission *submission)
{
	const struct account *account = submission->account;

	*way = (struct way){ .server = account->server,
		.submission = *submission };
	way->submission.server = &way->server;
	for (size_t i = 0; i < account->hosts.count; i++)
		route_add_host(&way->route, account->hosts.items[i],
		    account->server.port);
	route_start(&way->route);
	take_host(way);
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

bool
deliver(const struct submission *submission, struct envelope *envelope,
    struct message *message, struct session_facts *facts, struct error *err)
{
	struct way way;
	bool elsewhere, ok;

	way_start(&way, submission);
	do
		ok = submit(&way.submission, envelope, message, facts,
		    &elsewhere, err);
	while (elsewhere && way_advance(&way, err));
	if (!ok)
		envelope_fail(envelope, err);
	way_free(&way);
	return ok;
}
