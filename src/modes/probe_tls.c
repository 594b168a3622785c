/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the certificates of a server, and compares their fingerprints. */
#include "modes/probe_tls.h"

#include <time.h>

#include "modes/output.h"

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

void
probe_certificates(const struct account *account, const struct session *s,
    struct str *out)
{
	const struct transport *transport = &s->stream.transport;
	struct tls_peer peer;

	for (unsigned i = 0; tls_peer_info(transport, i, &peer); i++) {
		str_printf(out, "%*scertificate %u:\n", OUTPUT_PART, "", i + 1);
		output_certificate(out, OUTPUT_DETAIL, &peer, time(NULL));
		if (i == 0)
			add_pins(&account->tls.fingerprints, &peer, out);
		tls_peer_free(&peer);
	}
}

/* Accepts every certificate, and sends no client certificate. */
static struct tls_params
without_checks(const struct tls_params *params)
{
	struct tls_params look = *params;

	look.mode = TLS_ON;
	look.certcheck = CERTCHECK_OFF;
	look.fingerprints = (struct strv){ 0 };
	look.key_file = NULL;
	look.cert_file = NULL;
	look.crl_file = NULL;
	return look;
}

void
probe_rejected(const struct attempt *rejected, struct str *out)
{
	struct endpoint reached = rejected->session->connection.reached;
	struct endpoint_list same = { &reached, 1 };
	struct session_target unchecked = *rejected->target;
	struct session s = { 0 };
	struct attempt a = { .params = rejected->params,
		.target = &unchecked,
		.session = &s,
		.envelope = rejected->envelope };
	struct error ignored = { 0 };

	if (reached.any.sa_family != AF_UNSPEC)
		unchecked.addresses = &same;
	unchecked.tls = without_checks(&unchecked.tls);
	unchecked.policy = NULL;
	unchecked.context = NULL;
	if (tls_prepare(&unchecked.tls, &unchecked.context, &ignored)
	    && attempt_host(&a, &ignored))
		probe_certificates(rejected->params->account, &s, out);
	session_close(&s);
	session_free(&s);
	tls_context_free(unchecked.context);
	error_free(&ignored);
}
