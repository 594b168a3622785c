/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "route/sts_lookup.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "route/sts.h"
#include "route/sts_cache.h"

/* The search for the policy of one domain. */
struct search {
	const struct sts_params *params;
	const char *cache; /* NULL: none, or none to believe */
	const char *domain;
	const char *id;         /* by the DNS, or NULL */
	int64_t now;            /* seconds since 1970 */
	int64_t deadline;       /* for all policies together */
	struct sts_entry entry; /* what counts in the end */
};

/* Gives the text of an error to the log. */
static void
note_error(const struct sts_params *params, struct error *err)
{
	if (error_is_set(err))
		strv_take(params->notes, error_describe(err));
	error_free(err);
}

/* What could not be fetched need not be told of where nothing would change. */
static void
note_failure(const struct search *s, bool known, const char *why)
{
	if (!known)
		strv_take(s->params->notes,
		    alloc_printf(
			"cannot fetch the MTA-STS policy for %s; continuing "
			"without it: %s",
			s->domain, why));
	else if (s->entry.policy.mode != STS_NONE)
		strv_take(s->params->notes,
		    alloc_printf(
			"cannot fetch the MTA-STS policy for %s; continuing "
			"with the cached one: %s",
			s->domain, why));
}

static void
remember_failure(const struct search *s, const struct error *why)
{
	struct error err = { 0 };

	/* If our own time is up nothing is known of the host. */
	if (s->cache == NULL || why->kind == ERROR_CONFIG
	    || clock_has_passed(s->deadline))
		return;
	sts_cache_note_failure(s->cache, s->domain, s->id, s->now, &err);
	note_error(s->params, &err);
}

/* Fetches a policy that can be read, and keeps it. */
static bool
fetch(struct search *s, struct error *err)
{
	const struct sts_params *params = s->params;
	int64_t deadline =
	    clock_earlier(s->deadline, clock_after_seconds(STS_FETCH_SECONDS));
	struct sts_entry fetched = { 0 };
	struct str text = { 0 };
	struct error unwritten = { 0 };
	bool ok = params->fetch(params->ctx, s->domain, deadline, &text, err)
	    && sts_entry_make(&fetched, s->id, str_text(&text), text.len, err);

	str_free(&text);
	if (!ok)
		return false;
	if (s->cache != NULL)
		sts_cache_write(s->cache, s->domain, &fetched, &unwritten);
	note_error(params, &unwritten);
	sts_entry_free(&s->entry);
	s->entry = fetched;
	return true;
}

/* As fetch(), but does not ask in vain all the time. */
static bool
fetch_if_due(struct search *s, struct error *err)
{
	bool ok;

	if (clock_has_passed(s->deadline))
		return error_set(err, ERROR_TIMEOUT,
		    "no time left: the other policies took too long");
	if (s->cache != NULL
	    && sts_cache_has_failed(s->cache, s->domain, s->id, s->now))
		return error_set(err, ERROR_NETWORK,
		    "the last attempt failed less than %d minutes ago",
		    STS_RETRY_SECONDS / 60);
	ok = fetch(s, err);
	if (!ok && err->kind != ERROR_INTERRUPTED)
		remember_failure(s, err);
	return ok;
}

static bool
renew(struct search *s, struct error *err)
{
	struct error why = { 0 };
	char *message;
	bool known;

	if (fetch_if_due(s, &why))
		return true;
	if (why.kind == ERROR_INTERRUPTED) {
		error_move(err, &why);
		return false;
	}
	known = sts_entry_is_fresh(&s->entry, s->now);
	message = error_describe(&why);
	note_failure(s, known, message);
	free(message);
	error_free(&why);
	if (!known)
		sts_entry_free(&s->entry);
	return true;
}

/* Afterwards there is an entry if there is a policy that counts. */
static bool
search(struct search *s, struct error *err)
{
	struct error damage = { 0 };

	if (s->cache != NULL)
		sts_cache_read(s->cache, s->domain, &s->entry, &damage);
	note_error(s->params, &damage);
	switch (sts_next_step(&s->entry, s->id, s->now)) {
	case STS_FETCH:
		return renew(s, err);
	case STS_GO_WITHOUT:
		sts_entry_free(&s->entry);
		return true;
	case STS_USE:
		return true;
	}
	return true;
}

/* -bs can search several times for one domain: the log gets one note. */
static void
note_testing(const struct sts_params *params, const char *domain)
{
	char *note = alloc_printf("the MTA-STS policy of %s is in testing mode "
				  "and is not enforced",
	    domain);

	if (strv_has_nocase(params->notes, note))
		free(note);
	else
		strv_take(params->notes, note);
}

/* Whether a policy could change anything. */
static bool
is_open(const struct destination *r)
{
	if (r->name == NULL || error_is_set(&r->failure))
		return false;
	for (size_t i = 0; i < r->count; i++)
		if (r->hosts[i].tls_policy.level != TLS_LEVEL_DANE
		    && !error_is_set(&r->hosts[i].lookup_error))
			return true;
	return false;
}

static bool
find_for(const struct sts_params *params, const char *cache,
    struct destination *r, int64_t deadline, struct error *err)
{
	char *id = sts_lookup_id(&r->sts);
	struct search s = { .params = params,
		.cache = cache,
		.domain = r->name,
		.id = id,
		.now = (int64_t)time(NULL),
		.deadline = deadline };
	bool ok = search(&s, err);

	if (ok && s.entry.id != NULL) {
		sts_apply(&s.entry.policy, r);
		if (r->sts_testing)
			note_testing(params, r->name);
	}
	sts_entry_free(&s.entry);
	free(id);
	return ok;
}

bool
sts_lookup(const struct sts_params *params, struct destination *routes,
    size_t count, int64_t deadline, struct error *err)
{
	const char *cache = params->cache;
	struct error disbelief = { 0 };
	int64_t now = clock_now();

	/* The other half is left to the message. */
	deadline = now + (deadline - now) / 2;
	if (cache != NULL && !sts_cache_check(cache, &disbelief)) {
		error_subject(&disbelief, "mta_sts_cache");
		cache = NULL;
	}
	note_error(params, &disbelief);
	for (size_t i = 0; i < count; i++)
		if (is_open(&routes[i])
		    && !find_for(params, cache, &routes[i], deadline, err))
			return false;
	return true;
}
