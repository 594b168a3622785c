/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints what a probe found. */
#include "modes/probe_text.h"

#include <stdlib.h>
#include <time.h>

#include "modes/output.h"
#include "report/format.h"

static void
add_pins(const struct strv *pins, const struct tls_peer *peer, struct str *out)
{
	for (size_t i = 0; i < pins->count; i++) {
		const char *pin = pins->items[i];
		bool matches = tls_fingerprint_matches(pin, &peer->sha256);

		output_format(out, OUTPUT_DETAIL, "tls_fingerprint", "%s %s",
		    pin, matches ? "matches" : "does not match");
	}
}

/* Appends the certificates in the order in which the server sent them, and
 * which pins match the first. */
static void
add_certificates(const struct session_facts *facts, const struct strv *pins,
    struct str *out)
{
	for (size_t i = 0; i < facts->certificate_count; i++) {
		const struct tls_peer *peer = &facts->certificates[i];

		str_printf(out, "%*scertificate %zu:\n", OUTPUT_PART, "",
		    i + 1);
		output_certificate(out, OUTPUT_DETAIL, peer, time(NULL));
		if (i == 0)
			add_pins(pins, peer, out);
	}
}

/*
 * Appends "LABEL: ok 0.012 s, DETAIL" or, after an error, "LABEL: failed 0.012
 * s, ERROR".  spent is in milliseconds; detail may be empty.
 */
static void
add_result_of_step(struct str *out, const char *label, int64_t spent,
    const char *detail, const struct error *err)
{
	bool failed = error_is_set(err);
	struct str text = { 0 };

	if (failed)
		report_error(err, NULL, &text);
	else
		str_add(&text, detail);
	output_format(out, OUTPUT_PART, label, "%s %lld.%03d s%s%s",
	    failed ? "failed" : "ok", (long long)(spent / 1000),
	    (int)(spent % 1000), text.len > 0 ? ", " : "", str_text(&text));
	str_free(&text);
}

static void
add_step(struct str *out, const struct probe_step *step)
{
	if (step->postponed)
		output_line(out, OUTPUT_PART, step->label, step->detail);
	else
		add_result_of_step(out, step->label, step->spent, step->detail,
		    &step->err);
}

static void
add_extensions(const struct session_facts *facts, struct str *out)
{
	char *keywords = strv_join(&facts->extensions, ", ");

	output_line(out, OUTPUT_PART, "offers",
	    facts->esmtp ? keywords : "nothing: the server supports only HELO");
	free(keywords);
}

/* Appends how the session was opened, or why it was not. */
static void
add_opening(const struct probe_attempt *a, const struct strv *pins,
    struct str *out)
{
	const struct probe_step *tls = probe_find_step(a, STAGE_TLS);
	bool shown = false;

	for (size_t i = 0; i < a->opening; i++) {
		const struct probe_step *step = &a->steps[i];

		add_step(out, step);
		if (step->stage != STAGE_TLS || error_is_set(&step->err))
			continue;
		if (a->tls_source != NULL)
			output_line(out, OUTPUT_PART, "TLS required by",
			    a->tls_source);
		add_certificates(&a->facts, pins, out);
		shown = true;
	}
	if (a->opened && tls == NULL)
		output_line(out, OUTPUT_PART, "TLS", "not used");
	if (a->opened)
		add_extensions(&a->facts, out);
	if (!shown)
		add_certificates(&a->facts, pins, out);
}

static void
add_result(struct str *out, const struct error *err)
{
	if (error_is_set(err))
		output_format(out, OUTPUT_PART, "result",
		    "failed, exit status %d", error_exit_status(err));
	else
		output_line(out, OUTPUT_PART, "result", "ok");
}

static void
add_host(const struct probe_host *h, const struct strv *pins, struct str *out)
{
	output_host(out, h->socket, h->name, h->port);
	for (size_t i = 0; i < h->count; i++) {
		const struct probe_attempt *a = &h->attempts[i];

		if (i > 0)
			str_printf(out, "%*sretrying\n", OUTPUT_PART, "");
		add_opening(a, pins, out);
		for (size_t k = a->opening; k < a->count; k++)
			add_step(out, &a->steps[k]);
	}
	add_result(out, &h->result);
}

/* Appends the result of the lookup. */
static void
add_domain(const struct probe_destination *d, struct str *out)
{
	output_line(out, OUTPUT_TOP, "Domain", d->domain);
	add_result_of_step(out, "DNS", d->lookup_spent, "", &d->failure);
	if (d->count == 0)
		add_result(out, &d->failure);
	else
		output_format(out, OUTPUT_PART, "hosts", "%zu", d->count);
}

void
probe_text(const struct probe_result *result, const struct strv *pins,
    struct str *out)
{
	for (size_t i = 0; i < result->count; i++) {
		const struct probe_destination *d = &result->destinations[i];

		if (d->domain != NULL)
			add_domain(d, out);
		for (size_t k = 0; k < d->count; k++)
			add_host(&d->hosts[k], pins, out);
	}
}
