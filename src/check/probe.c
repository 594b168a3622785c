/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Says what the result of a probe means, step by step. */
#include "check/probe.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "check/remedy.h"
#include "modes/output.h"

/* Each message waits for a lookup that takes longer, in milliseconds. */
#define DNS_SLOW 2000
/* A certificate should have been renewed by then, in days. */
#define DAYS_LEFT_MIN 14

#define SECONDS(ms) (long long)((ms) / 1000), (int)((ms) % 1000)

static enum check_item
item_of_stage(enum smtp_stage stage)
{
	switch (stage) {
	case STAGE_DNS:
		return ITEM_DNS;
	case STAGE_TLS:
		return ITEM_TLS;
	case STAGE_AUTH:
		return ITEM_LOGIN;
	case STAGE_MAIL:
		return ITEM_MAIL;
	case STAGE_RCPT:
		return ITEM_RCPT;
	default:
		return ITEM_SERVER;
	}
}

/* ---- failures ---- */

/* What the server lacks shows in its reply to EHLO. */
static enum check_item
item_of_error(enum smtp_stage stage, const struct error *err)
{
	switch (err->kind) {
	case ERROR_CERTIFICATE:
		return ITEM_CERTIFICATE;
	case ERROR_TLS_MISSING:
		return ITEM_TLS;
	case ERROR_NO_MECHANISM:
		return ITEM_LOGIN;
	default:
		return item_of_stage(stage);
	}
}

static void
add_failure(const struct account *a, const struct probe_host *h,
    enum smtp_stage stage, const struct session_facts *facts,
    const struct error *err, struct findings *f)
{
	const struct failure failure = { .account = a,
		.err = err,
		.stage = stage,
		.host = h != NULL ? h->name : NULL,
		.facts = facts,
		.target = &f->target };
	struct str remedy = { 0 };

	findings_add_error(f, item_of_error(stage, err), err);
	if (err->kind == ERROR_CERTIFICATE && facts != NULL)
		remedy_of_certificate(a, facts, &remedy);
	else
		remedy_of_failure(&failure, &remedy);
	findings_mend(f, "%s", str_text(&remedy));
	str_free(&remedy);
}

/* ---- steps that worked ---- */

/* Returns the name that was looked up to connect to the host, or NULL. */
static const char *
looked_up(const struct account *a, const struct probe_host *h)
{
	return a->server.proxy_host != NULL ? a->server.proxy_host : h->name;
}

static void
add_lookup(const char *name, int64_t spent, struct findings *f)
{
	bool slow = spent >= DNS_SLOW;

	findings_add(f, slow ? FINDING_WARN : FINDING_OK, ITEM_DNS,
	    "%s in %lld.%03d s", name, SECONDS(spent));
	if (slow)
		findings_mend(f,
		    "see the name servers in /etc/resolv.conf, or "
		    "set dns_server");
}

static void
add_certificate(const struct session_facts *facts, struct findings *f)
{
	const struct tls_peer *peer = facts->certificates;
	long days;
	bool soon;

	if (facts->certificate_count == 0)
		return;
	days = output_days_until(peer->expiration, time(NULL));
	soon = days < DAYS_LEFT_MIN;
	findings_add(f, soon ? FINDING_WARN : FINDING_OK, ITEM_CERTIFICATE,
	    "for %s, %ld day%s left, %zu sent", str_text(&peer->names), days,
	    days == 1 ? "" : "s", facts->certificate_count);
	if (soon)
		findings_mend(f, "ask the administrator of %s to renew it",
		    facts->host != NULL ? facts->host : "the server");
}

static void
add_pins(const struct account *a, const struct session_facts *facts,
    struct findings *f)
{
	const struct strv *pins = &a->tls.fingerprints;
	struct str place = { 0 };

	if (facts->certificate_count == 0)
		return;
	account_describe_setting(a, "tls_fingerprint", &place);
	for (size_t i = 0; i < pins->count; i++) {
		bool matches = tls_fingerprint_matches(pins->items[i],
		    &facts->certificates[0].sha256);

		findings_add(f, matches ? FINDING_OK : FINDING_NOTE, ITEM_PIN,
		    "%s: %s %s the certificate", str_text(&place),
		    pins->items[i], matches ? "matches" : "does not match");
		if (!matches)
			findings_mend(f,
			    "remove it from tls_fingerprint, unless it "
			    "is that of the next certificate");
	}
	str_free(&place);
}

static void
add_tls(const struct account *a, const struct session_facts *facts,
    const struct probe_step *step, struct findings *f)
{
	if (!facts->encrypted) {
		findings_add(f, FINDING_WARN, ITEM_TLS, "%s", step->detail);
		findings_mend(f,
		    "set \"tls on\", and port, if the server has TLS at "
		    "another port");
		return;
	}
	findings_add(f, FINDING_OK, ITEM_TLS, "%s", facts->tls);
	add_certificate(facts, f);
	add_pins(a, facts, f);
}

static void
add_command(const struct probe_step *step, struct findings *f)
{
	findings_add(f, FINDING_OK, item_of_stage(step->stage), "%s: %s",
	    step->label, step->detail);
}

static void
add_success(const struct account *a, const struct probe_host *h,
    const struct probe_attempt *attempt, const struct probe_step *step,
    struct findings *f)
{
	const struct session_facts *facts = &attempt->facts;

	switch (step->stage) {
	case STAGE_DNS:
		if (looked_up(a, h) != NULL)
			add_lookup(looked_up(a, h), step->spent, f);
		break;
	case STAGE_CONNECT:
		findings_add(f, FINDING_OK, ITEM_SERVER,
		    "%s connected in %lld.%03d s", step->detail,
		    SECONDS(step->spent));
		break;
	case STAGE_TLS:
		add_tls(a, facts, step, f);
		break;
	case STAGE_AUTH:
		findings_add(f, FINDING_OK, ITEM_LOGIN, "%s as %s",
		    step->detail,
		    a->auth.user != NULL ? a->auth.user : "the certificate");
		break;
	case STAGE_MAIL:
	case STAGE_RCPT:
		add_command(step, f);
		break;
	default:
		break;
	}
}

/* ---- all ---- */

/* The result of several attempts has the kind and the status of the one that
 * decides. */
static bool
is_result(const struct probe_host *h, const struct error *err)
{
	return err->kind == h->result.kind && err->stage == h->result.stage
	    && err->temporary == h->result.temporary
	    && err->status.code == h->result.status.code;
}

/* Judges the steps; returns whether one of them failed. */
static bool
add_attempt(const struct account *a, const struct probe_host *h,
    const struct probe_attempt *attempt, struct findings *f)
{
	bool failed = false;

	for (size_t i = 0; i < attempt->count; i++) {
		const struct probe_step *step = &attempt->steps[i];
		const struct error *err = &step->err;

		if (!error_is_set(err)) {
			if (!step->postponed)
				add_success(a, h, attempt, step, f);
			continue;
		}
		if (h->result.cause_count > 0 && is_result(h, err))
			err = &h->result;
		add_failure(a, h, step->stage, &attempt->facts, err, f);
		failed = true;
	}
	return failed;
}

/* The attempts were at the addresses of the host, or without TLS.  Returns the one
 * that decides the result of a host that has some. */
static const struct probe_attempt *
deciding_attempt(const struct probe_host *h)
{
	for (size_t i = 0; i < h->count && h->result.cause_count > 0; i++) {
		const struct probe_attempt *attempt = &h->attempts[i];

		for (size_t k = 0; k < attempt->count; k++)
			if (is_result(h, &attempt->steps[k].err))
				return attempt;
	}
	return &h->attempts[h->count - 1];
}

static void
add_lost_attempt(const struct account *a, const struct probe_host *h,
    const struct probe_attempt *attempt, const struct probe_step *step,
    struct findings *f)
{
	const char *address = attempt->facts.address;
	char *why = address != NULL && *address != '\0'
	    ? alloc_printf("this was at %s, and the next attempt works",
		address)
	    : alloc_string("the next attempt works");

	add_failure(a, h, step->stage, &attempt->facts, &step->err, f);
	findings_weaken(f, f->count - 1, why);
	free(why);
}

/* What failed before the attempt that works: at another address, or with TLS.
 * After a login that failed, there was another token. */
static void
add_lost_attempts(const struct account *a, const struct probe_host *h,
    struct findings *f)
{
	for (size_t i = 0; i + 1 < h->count; i++) {
		const struct probe_attempt *attempt = &h->attempts[i];

		for (size_t k = 0; k < attempt->count; k++) {
			const struct probe_step *step = &attempt->steps[k];

			if (error_is_set(&step->err)
			    && step->stage != STAGE_AUTH)
				add_lost_attempt(a, h, attempt, step, f);
		}
	}
}

static void
add_host(const struct account *a, const struct probe_host *h,
    struct findings *f)
{
	bool failed = false;

	if (h->count > 0)
		failed = add_attempt(a, h, deciding_attempt(h), f);
	if (!error_is_set(&h->result))
		add_lost_attempts(a, h, f);
	else if (!failed)
		add_failure(a, h, STAGE_NONE, NULL, &h->result, f);
}

/* Whether a message would go to the next host, as in may_try_next_host(). */
static bool
leads_to_next_host(const struct probe_host *h)
{
	const struct error *err = &h->result;
	const struct probe_attempt *last =
	    h->count > 0 ? &h->attempts[h->count - 1] : NULL;

	if (error_is_rejection(err, STAGE_RCPT)
	    || err->kind == ERROR_INTERRUPTED)
		return false;
	return err->temporary || err->kind == ERROR_PROTOCOL
	    || error_is_rejection(err, STAGE_GREETING)
	    || error_is_rejection(err, STAGE_TLS)
	    || (last != NULL && last->count > 0
		&& last->steps[last->count - 1].stage == STAGE_DNS);
}

/* Whether a message gets to a host that works. */
static bool
has_working_host(const struct probe_destination *d)
{
	for (size_t i = 0; i < d->count; i++) {
		if (!error_is_set(&d->hosts[i].result))
			return true;
		if (!leads_to_next_host(&d->hosts[i]))
			return false;
	}
	return false;
}

/* A host that is not needed may fail. */
static void
weaken_failures(struct findings *f, size_t first)
{
	for (size_t i = first; i < f->count; i++)
		if (f->items[i].level == FINDING_FAIL)
			findings_weaken(f, i, "another server works");
}

/* If no host works, a message gets the status of all hosts that it tries. */
static void
join_failures(const struct probe_destination *d, struct findings *f,
    size_t first)
{
	struct error all = { 0 };
	size_t tried = 0;

	while (tried < d->count) {
		error_merge_attempt(&all, &d->hosts[tried].result);
		if (!leads_to_next_host(&d->hosts[tried++]))
			break;
	}
	for (size_t i = first; tried > 1 && i < f->count; i++)
		if (f->items[i].level == FINDING_FAIL)
			f->items[i].exit = error_exit_status(&all);
	error_free(&all);
}

static void
add_destination(const struct account *a, const struct probe_destination *d,
    struct findings *f)
{
	bool works = has_working_host(d);
	size_t before = f->count;

	if (error_is_set(&d->failure))
		add_failure(a, NULL, STAGE_DNS, NULL, &d->failure, f);
	else if (d->domain != NULL)
		add_lookup(d->domain, d->lookup_spent, f);
	for (size_t i = 0; i < d->count; i++) {
		size_t first = f->count;

		add_host(a, &d->hosts[i], f);
		if (works)
			weaken_failures(f, first);
	}
	if (!works)
		join_failures(d, f, before);
}

void
check_add_probe(const struct account *a, const struct probe_result *result,
    const struct error *err, struct findings *f)
{
	if (result->count == 0 && error_is_set(err))
		add_failure(a, NULL, STAGE_DNS, NULL, err, f);
	for (size_t i = 0; i < result->count; i++)
		add_destination(a, &result->destinations[i], f);
}
