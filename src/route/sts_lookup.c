/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the MTA-STS policy of each destination, in the cache or by fetching it,
 * and applies it.
 */
#include "route/sts_lookup.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/command.h"
#include "route/sts.h"
#include "route/sts_cache.h"

/* Milliseconds that the helper ends before this program stops waiting for it:
 * the error of the helper is more precise than a timeout. */
#define MARGIN 500

/* The lookup of the policy of one domain. */
struct lookup {
	const struct sts_params *params;
	const char *cache; /* folder, or NULL */
	const char *domain;
	const char *id;         /* in the DNS, or NULL */
	int64_t now;            /* seconds since 1970 */
	int64_t deadline;       /* of the lookup of all policies */
	struct sts_entry entry; /* the cached policy, then the one to use */
};

/* Adds a note for the log, and releases the error. */
static void
note_error(const struct sts_params *params, struct error *err)
{
	if (error_is_set(err))
		strv_take(params->notes, error_describe(err));
	error_free(err);
}

/* Adds a note, unless the cached policy is "none", so that nothing changes. */
static void
note_fetch_failure(const struct lookup *s, bool known, const char *why)
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
record_failure(const struct lookup *s, const struct error *why)
{
	struct error err = { 0 };

	/* A deadline of this program is not a failure of the policy host. */
	if (s->cache == NULL || why->kind == ERROR_CONFIG
	    || clock_has_passed(s->deadline))
		return;
	sts_cache_record_failure(s->cache, s->domain, s->id, s->now, &err);
	note_error(s->params, &err);
}

/* Fetches a valid policy and writes it to the cache. */
static bool
fetch(struct lookup *s, struct error *err)
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

/* Calls fetch() unless a recent attempt failed. */
static bool
fetch_if_due(struct lookup *s, struct error *err)
{
	bool ok;

	if (clock_has_passed(s->deadline))
		return error_set(err, ERROR_TIMEOUT,
		    "no time left after the lookups of other policies");
	if (s->cache != NULL
	    && sts_cache_has_failed(s->cache, s->domain, s->id, s->now))
		return error_set(err, ERROR_NETWORK,
		    "the last attempt failed less than %d minutes ago",
		    STS_RETRY_SECONDS / 60);
	ok = fetch(s, err);
	if (!ok && err->kind != ERROR_INTERRUPTED)
		record_failure(s, err);
	return ok;
}

static bool
renew(struct lookup *s, struct error *err)
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
	note_fetch_failure(s, known, message);
	free(message);
	error_free(&why);
	if (!known)
		sts_entry_free(&s->entry);
	return true;
}

/* Sets the entry to the policy to use, or to none. */
static bool
find_policy(struct lookup *s, struct error *err)
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

/* One note for each domain, although -bs can look up a domain several times. */
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

/* Whether a policy can change the TLS policy of a host. */
static bool
needs_policy(const struct destination *d)
{
	if (d->name == NULL || error_is_set(&d->failure))
		return false;
	for (size_t i = 0; i < d->count; i++)
		if (d->hosts[i].tls_policy.level != TLS_LEVEL_DANE
		    && !error_is_set(&d->hosts[i].lookup_error))
			return true;
	return false;
}

static bool
apply_policy_of(const struct sts_params *params, const char *cache,
    struct destination *d, int64_t deadline, struct error *err)
{
	char *id = sts_record_id(&d->sts);
	struct lookup s = { .params = params,
		.cache = cache,
		.domain = d->name,
		.id = id,
		.now = (int64_t)time(NULL),
		.deadline = deadline };
	bool ok = find_policy(&s, err);

	if (ok && s.entry.id != NULL) {
		sts_apply(&s.entry.policy, d);
		if (d->sts_testing)
			note_testing(params, d->name);
	}
	sts_entry_free(&s.entry);
	free(id);
	return ok;
}

bool
sts_lookup(const struct sts_params *params, struct destination *destinations,
    size_t count, int64_t deadline, struct error *err)
{
	const char *cache = params->cache;
	struct error unsafe = { 0 };
	int64_t now = clock_now();

	/* The other half of the time is for the delivery. */
	deadline = now + (deadline - now) / 2;
	if (cache != NULL && !sts_cache_check(cache, &unsafe)) {
		error_subject(&unsafe, "mta_sts_cache");
		cache = NULL;
	}
	note_error(params, &unsafe);
	for (size_t i = 0; i < count; i++)
		if (needs_policy(&destinations[i])
		    && !apply_policy_of(params, cache, &destinations[i],
			deadline, err))
			return false;
	return true;
}

/* Seconds for the helper, at least one. */
static int
seconds_until(int64_t deadline)
{
	int64_t left = (deadline - clock_now() - MARGIN) / 1000;

	if (left > STS_FETCH_SECONDS)
		return STS_FETCH_SECONDS;
	return left < 1 ? 1 : (int)left;
}

bool
sts_helper_fetch(const void *ctx, const char *domain, int64_t deadline,
    struct str *policy, struct error *err)
{
	const struct sts_helper *helper = ctx;
	struct strv argv = { 0 };
	bool ok;

	strv_add(&argv, helper->program);
	strv_take(&argv, alloc_printf("--timeout=%d", seconds_until(deadline)));
	if (helper->server != NULL)
		strv_take(&argv,
		    alloc_printf("--connect-to=%s", helper->server));
	if (helper->trust_file != NULL)
		strv_take(&argv,
		    alloc_printf("--ca-file=%s", helper->trust_file));
	if (helper->no_sandbox)
		strv_add(&argv, "--no-sandbox");
	strv_add(&argv, domain);
	ok = command_read_output(argv.items, STS_TEXT_MAX, deadline, policy,
	    err);
	strv_free(&argv);
	return ok;
}
