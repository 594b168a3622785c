/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps what a probe found. */
#include "modes/probe_result.h"

#include <stdlib.h>

#include "base/alloc.h"

struct probe_destination *
probe_add_destination(struct probe_result *r)
{
	r->destinations = alloc_grow(r->destinations, r->count, &r->size,
	    sizeof(*r->destinations));
	r->destinations[r->count] = (struct probe_destination){ 0 };
	return &r->destinations[r->count++];
}

struct probe_host *
probe_add_host(struct probe_destination *d)
{
	d->hosts = alloc_grow(d->hosts, d->count, &d->size, sizeof(*d->hosts));
	d->hosts[d->count] = (struct probe_host){ 0 };
	return &d->hosts[d->count++];
}

struct probe_attempt *
probe_add_attempt(struct probe_host *h)
{
	h->attempts =
	    alloc_grow(h->attempts, h->count, &h->size, sizeof(*h->attempts));
	h->attempts[h->count] = (struct probe_attempt){ 0 };
	return &h->attempts[h->count++];
}

struct probe_step *
probe_add_step(struct probe_attempt *a, enum smtp_stage stage,
    const char *label, int64_t spent, const char *detail)
{
	a->steps = alloc_grow(a->steps, a->count, &a->size, sizeof(*a->steps));
	a->steps[a->count] = (struct probe_step){ .stage = stage,
		.label = alloc_string(label),
		.spent = spent,
		.detail = alloc_string(detail) };
	return &a->steps[a->count++];
}

const struct probe_step *
probe_find_step(const struct probe_attempt *a, enum smtp_stage stage)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->steps[i].stage == stage)
			return &a->steps[i];
	return NULL;
}

static void
free_attempt(struct probe_attempt *a)
{
	for (size_t i = 0; i < a->count; i++) {
		free(a->steps[i].label);
		free(a->steps[i].detail);
		error_free(&a->steps[i].err);
	}
	free(a->steps);
	session_facts_free(&a->facts);
}

static void
free_host(struct probe_host *h)
{
	for (size_t i = 0; i < h->count; i++)
		free_attempt(&h->attempts[i]);
	free(h->attempts);
	free(h->socket);
	free(h->name);
	error_free(&h->result);
}

void
probe_result_free(struct probe_result *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct probe_destination *d = &r->destinations[i];

		for (size_t k = 0; k < d->count; k++)
			free_host(&d->hosts[k]);
		free(d->hosts);
		free(d->domain);
		error_free(&d->failure);
	}
	free(r->destinations);
	*r = (struct probe_result){ 0 };
}
