/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Says what the result of a probe means, step by step. */
#include "check/judge.h"

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
add_failure(const struct account *a, enum smtp_stage stage,
    const struct session_facts *facts, const struct error *err,
    struct findings *f)
{
	struct str remedy = { 0 };

	findings_add_error(f, item_of_error(stage, err), err);
	if (err->kind == ERROR_CERTIFICATE && facts != NULL)
		remedy_of_certificate(a, facts, &remedy);
	else
		remedy_of_error(a, stage, err, &remedy);
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
	    "for %s, %ld days left, %zu sent", str_text(&peer->names), days,
	    facts->certificate_count);
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
			    "remove it, unless it is that of the "
			    "next certificate");
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
		    "set \"tls on\" if the server has TLS at "
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

/* Judges the steps; returns whether one of them failed. */
static bool
judge_attempt(const struct account *a, const struct probe_host *h,
    const struct probe_attempt *attempt, struct findings *f)
{
	bool failed = false;

	for (size_t i = 0; i < attempt->count; i++) {
		const struct probe_step *step = &attempt->steps[i];

		if (error_is_set(&step->err))
			add_failure(a, step->stage, &attempt->facts, &step->err,
			    f);
		else if (!step->postponed)
			add_success(a, h, attempt, step, f);
		failed = failed || error_is_set(&step->err);
	}
	return failed;
}

/* Earlier attempts were at other addresses of the host, or without TLS. */
static void
judge_host(const struct account *a, const struct probe_host *h,
    struct findings *f)
{
	bool failed = false;

	if (h->count > 0)
		failed = judge_attempt(a, h, &h->attempts[h->count - 1], f);
	if (error_is_set(&h->result) && !failed)
		add_failure(a, STAGE_NONE, NULL, &h->result, f);
}

static void
judge_destination(const struct account *a, const struct probe_destination *d,
    struct findings *f)
{
	if (error_is_set(&d->failure))
		add_failure(a, STAGE_DNS, NULL, &d->failure, f);
	else if (d->domain != NULL)
		add_lookup(d->domain, d->lookup_spent, f);
	for (size_t i = 0; i < d->count; i++)
		judge_host(a, &d->hosts[i], f);
}

void
check_judge(const struct account *a, const struct probe_result *result,
    const struct error *err, struct findings *f)
{
	if (result->count == 0 && error_is_set(err))
		add_failure(a, STAGE_DNS, NULL, err, f);
	for (size_t i = 0; i < result->count; i++)
		judge_destination(a, &result->destinations[i], f);
}
