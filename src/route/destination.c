/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "route/destination.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/path.h"

struct next_hop *
destination_add_hop(struct destination *r, const char *name, unsigned port)
{
	struct next_hop *host;

	r->hosts = alloc_resize(r->hosts, r->count + 1, sizeof(*r->hosts));
	host = &r->hosts[r->count++];
	*host = (struct next_hop){ .name = alloc_string(name), .port = port };
	return host;
}

void
destination_truncate(struct destination *r, size_t count)
{
	while (r->count > count)
		next_hop_free(&r->hosts[--r->count]);
}

void
destination_drop_unreachable(struct destination *r)
{
	size_t count = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct next_hop *host = &r->hosts[i];

		if (host->addresses.count == 0
		    && !error_is_set(&host->lookup_error))
			next_hop_free(host);
		else
			r->hosts[count++] = *host;
	}
	r->count = count;
}

/* The host with most addresses; of equals the last one. */
static struct endpoint_list *
find_largest(struct destination *r)
{
	struct endpoint_list *largest = &r->hosts[0].addresses;

	for (size_t i = 1; i < r->count; i++)
		if (r->hosts[i].addresses.count >= largest->count)
			largest = &r->hosts[i].addresses;
	return largest;
}

void
destination_limit(struct destination *r)
{
	size_t total = 0;

	destination_truncate(r, DESTINATION_HOPS_MAX);
	for (size_t i = 0; i < r->count; i++)
		total += r->hosts[i].addresses.count;
	for (; total > DESTINATION_ADDRESSES_MAX; total--)
		find_largest(r)->count--;
}

void
next_hop_merge_error(const struct next_hop *host, struct error *all,
    const struct error *next)
{
	struct error named = { 0 };

	error_copy(&named, next);
	if (error_is_set(next) && named.host == NULL && named.subject == NULL)
		named.host = alloc_string(host->name);
	error_merge_attempt(all, &named);
	error_free(&named);
}

/* Adds the failure of the current host, and leaves this host. */
static void
leave_hop(struct destination *r, const struct error *why)
{
	next_hop_merge_error(&r->hosts[r->next], &r->attempts, why);
	r->next++;
}

/* Leaves the hosts whose lookup failed; sets the failure after the last one. */
static void
skip_lookup_errors(struct destination *r)
{
	while (
	    r->next < r->count && error_is_set(&r->hosts[r->next].lookup_error))
		leave_hop(r, &r->hosts[r->next].lookup_error);
	if (r->next == r->count)
		error_move(&r->failure, &r->attempts);
}

void
destination_start(struct destination *r)
{
	if (r->count == 0)
		return;
	error_free(&r->failure);
	error_free(&r->attempts);
	r->next = 0;
	skip_lookup_errors(r);
}

struct next_hop *
destination_current_hop(const struct destination *r)
{
	return r->next < r->count ? &r->hosts[r->next] : NULL;
}

void
destination_next_hop(struct destination *r, const struct error *why)
{
	if (r->next == r->count)
		return;
	leave_hop(r, why);
	skip_lookup_errors(r);
}

void
destination_end(struct destination *r)
{
	if (r->next == r->count)
		return;
	r->next = r->count;
	skip_lookup_errors(r);
}

/* A recipient and the domain of its address. */
struct rcpt_domain {
	const char *domain;
	size_t recipient;
};

static int
compare_goals(const void *a, const void *b)
{
	const struct rcpt_domain *x = a, *y = b;
	int order = dns_name_compare(x->domain, y->domain);

	if (order != 0)
		return order;
	return x->recipient < y->recipient ? -1 : 1;
}

/* A bare name has none: that is told when its host is looked for. */
static const char *
domain_of(const char *address)
{
	const char *domain = path_domain(address);

	return domain != NULL ? domain : "";
}

static size_t
collect_goals(const struct envelope *e, struct rcpt_domain *goals)
{
	size_t count = 0;

	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_PENDING)
			goals[count++] = (struct rcpt_domain){
				domain_of(e->recipients[i].address), i
			};
	qsort(goals, count, sizeof(*goals), compare_goals);
	return count;
}

void
destinations_init(struct destinations *list, const struct envelope *e)
{
	struct rcpt_domain *goals = alloc_zeroed(e->count + 1, sizeof(*goals));
	size_t count = collect_goals(e, goals);

	list->items = alloc_zeroed(count + 1, sizeof(*list->items));
	list->of = alloc_zeroed(e->count + 1, sizeof(*list->of));
	for (size_t i = 0; i < e->count; i++)
		list->of[i] = DESTINATION_NONE;
	for (size_t i = 0; i < count; i++) {
		if (i == 0
		    || dns_name_compare(goals[i].domain, goals[i - 1].domain)
			!= 0)
			list->items[list->count++].domain =
			    alloc_string(goals[i].domain);
		list->of[goals[i].recipient] = list->count - 1;
	}
	free(goals);
}

void
destinations_init_shared(struct destinations *list, const struct envelope *e)
{
	list->items = alloc_zeroed(1, sizeof(*list->items));
	list->count = 1;
	list->of = alloc_zeroed(e->count + 1, sizeof(*list->of));
}

static bool
are_same_names(const struct strv *a, const struct strv *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!text_equal_nocase(a->items[i], b->items[i]))
			return false;
	return true;
}

bool
next_hop_is_same(const struct next_hop *a, const struct next_hop *b)
{
	return a == b
	    || (text_equal_nocase(a->name, b->name) && a->port == b->port
		&& a->implicit_tls == b->implicit_tls
		&& a->tls_policy.level == b->tls_policy.level
		&& are_same_names(&a->tls_policy.names, &b->tls_policy.names));
}

bool
destinations_group(const struct destinations *list, const struct envelope *e,
    bool *members)
{
	const struct next_hop *first = NULL;

	for (size_t i = 0; i < e->count; i++) {
		const struct next_hop *host = NULL;

		if (e->recipients[i].state == RECIPIENT_PENDING
		    && list->of[i] != DESTINATION_NONE)
			host =
			    destination_current_hop(&list->items[list->of[i]]);
		if (first == NULL)
			first = host;
		members[i] = host != NULL && next_hop_is_same(host, first);
	}
	return first != NULL;
}

void
next_hop_free(struct next_hop *host)
{
	free(host->name);
	free(host->canonical);
	endpoint_list_free(&host->addresses);
	dns_answer_free(&host->tlsa);
	tls_policy_free(&host->tls_policy);
	error_free(&host->lookup_error);
	*host = (struct next_hop){ 0 };
}

void
destination_free(struct destination *r)
{
	destination_truncate(r, 0);
	free(r->hosts);
	free(r->domain);
	free(r->name);
	error_free(&r->attempts);
	error_free(&r->failure);
	dns_answer_free(&r->sts);
	*r = (struct destination){ 0 };
}

void
destinations_free(struct destinations *list)
{
	for (size_t i = 0; i < list->count; i++)
		destination_free(&list->items[i]);
	free(list->items);
	free(list->of);
	*list = (struct destinations){ 0 };
}
