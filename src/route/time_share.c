/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "route/time_share.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"

/* A host that has more to do than to greet us is not dead yet. */
#define SECONDS_MIN 5
/* More of them need not be told apart: the least is reached before. */
#define HOSTS_MAX 200

struct others {
	const struct next_hop *items[HOSTS_MAX];
	size_t count;
};

static bool
is_known(const struct others *others, const struct next_hop *host)
{
	for (size_t i = 0; i < others->count; i++)
		if (next_hop_is_same(others->items[i], host))
			return true;
	return false;
}

static void
add_route(struct others *others, const struct destination *r,
    const struct next_hop *current)
{
	for (size_t i = r->next; i < r->count && others->count < HOSTS_MAX; i++)
		if (!next_hop_is_same(&r->hosts[i], current)
		    && !is_known(others, &r->hosts[i]))
			others->items[others->count++] = &r->hosts[i];
}

/* By route: whether anybody waits for it. */
static bool *
mark_pending_destinations(const struct destinations *list,
    const struct envelope *e)
{
	bool *awaited = alloc_zeroed(list->count + 1, sizeof(*awaited));

	for (size_t i = 0; i < list->count; i++)
		awaited[i] = e->count == 0;
	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_PENDING
		    && list->of[i] != DESTINATION_NONE)
			awaited[list->of[i]] = true;
	return awaited;
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
	struct others others = { .count = 0 };
	bool *awaited = mark_pending_destinations(list, e);

	for (size_t i = 0; i < list->count; i++)
		if (awaited[i])
			add_route(&others, &list->items[i], host);
	free(awaited);
	return others.count == 0 ? 0
				 : share(wanted, others.count + 1, deadline);
}
