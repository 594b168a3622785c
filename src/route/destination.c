/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps the next hops of each destination and the position among them, and
 * groups the recipients that share a next hop.
 */
#include "route/destination.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/path.h"

struct next_hop *
destination_add_hop(struct destination *d, const char *name, unsigned port)
{
	struct next_hop *host;

	d->hosts = alloc_resize(d->hosts, d->count + 1, sizeof(*d->hosts));
	host = &d->hosts[d->count++];
	*host = (struct next_hop){ .name = alloc_string(name), .port = port };
	return host;
}

void
destination_truncate(struct destination *d, size_t count)
{
	while (d->count > count)
		next_hop_free(&d->hosts[--d->count]);
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

/* Adds the failure of the current host, and goes to the next one. */
static void
leave_hop(struct destination *d, const struct error *why)
{
	next_hop_merge_error(&d->hosts[d->next], &d->attempts, why);
	d->next++;
}

/* Skips the hosts whose lookup failed; sets the failure after the last host. */
static void
skip_lookup_errors(struct destination *d)
{
	while (
	    d->next < d->count && error_is_set(&d->hosts[d->next].lookup_error))
		leave_hop(d, &d->hosts[d->next].lookup_error);
	if (d->next == d->count)
		error_move(&d->failure, &d->attempts);
}

void
destination_start(struct destination *d)
{
	if (d->count == 0)
		return;
	error_free(&d->failure);
	error_free(&d->attempts);
	d->next = 0;
	skip_lookup_errors(d);
}

/* Removes the hosts that have neither an address nor a lookup error. */
static void
drop_unreachable(struct destination *d)
{
	size_t count = 0;

	for (size_t i = 0; i < d->count; i++) {
		struct next_hop *host = &d->hosts[i];

		if (host->addresses.count == 0
		    && !error_is_set(&host->lookup_error))
			next_hop_free(host);
		else
			d->hosts[count++] = *host;
	}
	d->count = count;
}

/* Returns the addresses of the host with most of them, of equals the last. */
static struct endpoint_list *
find_largest(struct destination *d)
{
	struct endpoint_list *largest = &d->hosts[0].addresses;

	for (size_t i = 1; i < d->count; i++)
		if (d->hosts[i].addresses.count >= largest->count)
			largest = &d->hosts[i].addresses;
	return largest;
}

/*
 * Applies the limits of one destination.  Addresses are removed from the host
 * that has most of them, so that each host keeps some.
 */
static void
apply_limits(struct destination *d)
{
	size_t total = 0;

	destination_truncate(d, DESTINATION_HOPS_MAX);
	for (size_t i = 0; i < d->count; i++)
		total += d->hosts[i].addresses.count;
	for (; total > DESTINATION_ADDRESSES_MAX; total--)
		find_largest(d)->count--;
}

void
destination_finish(struct destination *d)
{
	drop_unreachable(d);
	apply_limits(d);
	destination_start(d);
}

struct next_hop *
destination_current_hop(const struct destination *d)
{
	return d->next < d->count ? &d->hosts[d->next] : NULL;
}

void
destination_next_hop(struct destination *d, const struct error *why)
{
	if (d->next == d->count)
		return;
	leave_hop(d, why);
	skip_lookup_errors(d);
}

void
destination_end(struct destination *d)
{
	if (d->next == d->count)
		return;
	d->next = d->count;
	skip_lookup_errors(d);
}

/* Sort key: recipients are grouped by domain, in their order within one. */
struct rcpt_domain {
	const char *domain;
	size_t recipient;
};

static int
compare_domains(const void *a, const void *b)
{
	const struct rcpt_domain *x = a, *y = b;
	int order = strcasecmp(x->domain, y->domain);

	if (order != 0)
		return order;
	return x->recipient < y->recipient ? -1 : 1;
}

/* An address without a domain gets "", which the MX lookup rejects. */
static const char *
domain_of(const char *address)
{
	const char *domain = path_domain(address);

	return domain != NULL ? domain : "";
}

static size_t
collect_domains(const struct envelope *e, struct rcpt_domain *domains)
{
	size_t count = 0;

	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_PENDING)
			domains[count++] = (struct rcpt_domain){
				domain_of(e->recipients[i].address), i
			};
	qsort(domains, count, sizeof(*domains), compare_domains);
	return count;
}

void
destinations_init(struct destinations *list, const struct envelope *e)
{
	struct rcpt_domain *domains =
	    alloc_zeroed(e->count + 1, sizeof(*domains));
	size_t count = collect_domains(e, domains);

	list->items = alloc_zeroed(count + 1, sizeof(*list->items));
	list->of = alloc_zeroed(e->count + 1, sizeof(*list->of));
	for (size_t i = 0; i < e->count; i++)
		list->of[i] = DESTINATION_NONE;
	for (size_t i = 0; i < count; i++) {
		if (i == 0
		    || strcasecmp(domains[i].domain, domains[i - 1].domain)
			!= 0)
			list->items[list->count++].domain =
			    alloc_string(domains[i].domain);
		list->of[domains[i].recipient] = list->count - 1;
	}
	free(domains);
}

void
destinations_init_shared(struct destinations *list, const struct envelope *e)
{
	list->items = alloc_zeroed(1, sizeof(*list->items));
	list->count = 1;
	list->of = alloc_zeroed(e->count + 1, sizeof(*list->of));
}

size_t
destinations_count_hops(const struct destination *destinations, size_t count)
{
	size_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += destinations[i].count;
	return total;
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
destination_free(struct destination *d)
{
	destination_truncate(d, 0);
	free(d->hosts);
	free(d->domain);
	free(d->name);
	error_free(&d->attempts);
	error_free(&d->failure);
	dns_answer_free(&d->sts);
	*d = (struct destination){ 0 };
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
