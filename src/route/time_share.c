/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Divides the time until the deadline among the hosts still to be tried. */
#include "route/time_share.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/string_index.h"

/* A busy server may take this long to send its greeting. */
#define SECONDS_MIN 5
/* With more hosts the share is SECONDS_MIN anyway. */
#define HOSTS_MAX 200

struct others {
	const struct next_hop *items[HOSTS_MAX];
	size_t count;
	struct string_index names; /* of the first host with each name */
};

static bool
is_known(const struct others *others, const struct next_hop *host)
{
	size_t first = string_index_find(&others->names, host->name);

	for (size_t i = first; i < others->count; i++)
		if (next_hop_is_same(others->items[i], host))
			return true;
	return false;
}

static void
add_host(struct others *others, const struct next_hop *host, bool may_share)
{
	if (may_share)
		string_index_add(&others->names, host->name, others->count);
	others->items[others->count++] = host;
}

/* The hosts of one destination differ, but destinations may share hosts. */
static void
add_hosts(struct others *others, const struct destination *d, bool may_share,
    const struct next_hop *current)
{
	for (size_t i = d->next; i < d->count && others->count < HOSTS_MAX;
	     i++) {
		const struct next_hop *host = &d->hosts[i];

		if (may_share ? !next_hop_is_same(host, current)
			    && !is_known(others, host)
			      : host != current)
			add_host(others, host, may_share);
	}
}

/* Returns for each destination whether a pending recipient needs it. */
static bool *
mark_pending_destinations(const struct destinations *list,
    const struct envelope *e)
{
	bool *pending = alloc_zeroed(list->count + 1, sizeof(*pending));

	for (size_t i = 0; i < list->count; i++)
		pending[i] = e->count == 0;
	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_PENDING
		    && list->of[i] != DESTINATION_NONE)
			pending[list->of[i]] = true;
	return pending;
}

static unsigned
share(unsigned wanted, size_t count, int64_t deadline)
{
	int64_t left = (deadline - clock_now()) / 1000 / (int64_t)count;

	if (left < SECONDS_MIN)
		left = SECONDS_MIN;
	return left < (int64_t)wanted ? (unsigned)left : wanted;
}

unsigned
connect_time_share(const struct next_hop *host, const struct destinations *list,
    const struct envelope *e, unsigned wanted, int64_t deadline)
{
	struct others others = { .names.kind = &string_nocase };
	bool *pending = mark_pending_destinations(list, e);

	for (size_t i = 0; i < list->count; i++)
		if (pending[i])
			add_hosts(&others, &list->items[i], list->count > 1,
			    host);
	free(pending);
	string_index_free(&others.names);
	return others.count == 0 ? 0
				 : share(wanted, others.count + 1, deadline);
}
