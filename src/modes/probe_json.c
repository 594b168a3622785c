/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats what a probe found as JSON. */
#include "modes/probe_json.h"

#include <stdlib.h>

#include "base/json.h"
#include "report/format_json.h"

/* ---- sessions ---- */

static const char *
text_or_null(const char *text)
{
	return text != NULL && *text != '\0' ? text : NULL;
}

static void
add_certificate(struct json_writer *json, const struct tls_peer *peer)
{
	json_begin_object(json, NULL);
	json_add_string(json, "subject", str_text(&peer->subject));
	json_add_string(json, "issuer", str_text(&peer->issuer));
	json_add_string(json, "names", str_text(&peer->names));
	json_add_number(json, "valid_from", peer->activation);
	json_add_number(json, "valid_until", peer->expiration);
	json_add_string(json, "sha256", peer->sha256.certificate);
	json_add_string(json, "sha256_of_key", peer->sha256.key);
	json_end_object(json);
}

static void
add_certificates(struct json_writer *json, const struct session_facts *facts)
{
	json_begin_array(json, "certificates");
	for (size_t i = 0; i < facts->certificate_count; i++)
		add_certificate(json, &facts->certificates[i]);
	json_end_array(json);
}

/* Which values of tls_fingerprint the server's own certificate has. */
static void
add_pins(struct json_writer *json, const struct session_facts *facts,
    const struct strv *pins)
{
	json_begin_array(json, "pins");
	for (size_t i = 0; facts->certificate_count > 0 && i < pins->count;
	     i++) {
		json_begin_object(json, NULL);
		json_add_string(json, "fingerprint", pins->items[i]);
		json_add_bool(json, "matches",
		    tls_fingerprint_matches(pins->items[i],
			&facts->certificates[0].sha256));
		json_end_object(json);
	}
	json_end_array(json);
}

static void
add_step(struct json_writer *json, const struct probe_step *step)
{
	bool failed = error_is_set(&step->err);

	json_begin_object(json, NULL);
	json_add_string(json, "phase", stage_word(step->stage));
	json_add_string(json, "name", step->label);
	json_add_string(json, "result",
	    failed                ? "failed"
		: step->postponed ? "postponed"
				  : "ok");
	json_add_number(json, "spent_ms", step->spent);
	json_add_string(json, "detail", text_or_null(step->detail));
	report_json_error(json, &step->err);
	json_end_object(json);
}

static void
add_session(struct json_writer *json, const struct probe_attempt *a,
    const struct strv *pins)
{
	const struct session_facts *facts = &a->facts;

	json_begin_object(json, NULL);
	json_add_string(json, "address", text_or_null(facts->address));
	json_add_bool(json, "opened", a->opened);
	report_json_tls(json, &facts->tls_summary, facts->tls_source);
	json_add_string(json, "auth", facts->mechanism);
	json_add_bool(json, "esmtp", facts->esmtp);
	json_begin_array(json, "extensions");
	for (size_t i = 0; i < facts->extensions.count; i++)
		json_add_string(json, NULL, facts->extensions.items[i]);
	json_end_array(json);
	add_certificates(json, facts);
	add_pins(json, facts, pins);
	json_begin_array(json, "steps");
	for (size_t i = 0; i < a->count; i++)
		add_step(json, &a->steps[i]);
	json_end_array(json);
	json_end_object(json);
}

/* ---- hosts ---- */

static void
add_host(struct json_writer *json, const struct probe_host *h,
    const struct strv *pins)
{
	json_begin_object(json, NULL);
	json_add_string(json, "socket", h->socket);
	json_add_string(json, "host", h->name);
	if (h->socket == NULL)
		json_add_number(json, "port", h->port);
	else
		json_add_null(json, "port");
	json_begin_array(json, "sessions");
	for (size_t i = 0; i < h->count; i++)
		add_session(json, &h->attempts[i], pins);
	json_end_array(json);
	report_json_error(json, &h->result);
	json_add_number(json, "exit", error_exit_status(&h->result));
	json_end_object(json);
}

static void
add_destination(struct json_writer *json, const struct probe_destination *d,
    const struct strv *pins)
{
	json_begin_object(json, NULL);
	json_add_string(json, "domain", d->domain);
	json_add_number(json, "lookup_ms", d->lookup_spent);
	report_json_error(json, &d->failure);
	json_begin_array(json, "hosts");
	for (size_t i = 0; i < d->count; i++)
		add_host(json, &d->hosts[i], pins);
	json_end_array(json);
	json_end_object(json);
}

void
probe_json(const struct probe_result *result, const struct account *account,
    const struct error *err, struct str *out)
{
	struct json_writer json = { .out = out };

	report_json_begin(&json, "probe");
	json_add_string(&json, "account", account->name);
	json_begin_array(&json, "destinations");
	for (size_t i = 0; i < result->count; i++)
		add_destination(&json, &result->destinations[i],
		    &account->tls.fingerprints);
	json_end_array(&json);
	report_json_error(&json, err);
	json_add_number(&json, "exit", error_exit_status(err));
	json_end_object(&json);
	str_add_char(out, '\n');
}
