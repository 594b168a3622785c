/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prints what a server offers (TLS, its certificate, SMTP extensions), or sends
 * ETRN to the first host of the account that accepts or rejects it.
 */
#include "modes/session.h"

#include <time.h>

#include "client/etrn.h"
#include "delivery/deliver.h"
#include "modes/output.h"
#include "modes/unchecked.h"

/* --serverinfo */

static void
add_tls(struct str *out, const struct session *s)
{
	struct str description = { 0 };
	struct tls_peer peer = { 0 };

	if (!s->encrypted) {
		str_add(out, "No TLS.\n");
		return;
	}
	tls_describe(&s->stream.transport, &description);
	output_line(out, OUTPUT_TOP, "TLS", str_text(&description));
	str_free(&description);
	if (tls_peer_info(&s->stream.transport, 0, &peer)) {
		str_add(out, "Certificate:\n");
		output_certificate(out, OUTPUT_PART, &peer, time(NULL));
	}
	tls_peer_free(&peer);
}

static void
add_capabilities(struct str *out, const struct session *s)
{
	const struct strv *keywords = &s->capabilities.keywords;

	if (!s->esmtp) {
		str_add(out, "No extensions: the server supports only HELO.\n");
		return;
	}
	str_add(out, "Extensions:\n");
	for (size_t i = 0; i < keywords->count; i++) {
		str_printf(out, "%*s", OUTPUT_PART, "");
		output_text(out, keywords->items[i]);
		str_add_char(out, '\n');
	}
}

static void
add_server(struct str *out, const struct session *s)
{
	if (s->host != NULL)
		output_format(out, OUTPUT_TOP, "Server", "%s at %s", s->host,
		    str_text(&s->connection.address));
}

static void
show_session(struct session *s, void *ctx)
{
	struct str *out = ctx;

	add_server(out, s);
	add_tls(out, s);
	add_capabilities(out, s);
}

/* Shows a server whose certificate is rejected as well: its fingerprint may be
 * what the user needs. */
static void
show_rejected(struct attempt *a, const struct error *err)
{
	if (err->kind == ERROR_CERTIFICATE)
		unchecked_session(a, show_session, a->ctx);
}

bool
serverinfo(const struct delivery_params *params, struct str *out,
    struct error *err)
{
	struct envelope no_recipients = { 0 };
	struct session s = { 0 };
	struct attempt attempt = { .session = &s,
		.envelope = &no_recipients,
		.opened = show_rejected,
		.ctx = out };
	struct delivery d;
	bool ok = delivery_begin(&d, params, &no_recipients, err)
	    && delivery_attempt(&d, &attempt, err);

	if (ok)
		show_session(&s, out);
	else if (err->kind != ERROR_CERTIFICATE)
		add_server(out, &s);
	session_close(&s);
	delivery_free(&d);
	return ok;
}

/* --login */

bool
session_test_login(const struct delivery_params *params, const char **mechanism,
    struct error *err)
{
	struct envelope no_recipients = { 0 };
	struct session s = { 0 };
	struct attempt attempt = { .session = &s,
		.envelope = &no_recipients,
		.login = true };
	struct delivery d;
	bool ok = delivery_begin(&d, params, &no_recipients, err)
	    && delivery_attempt(&d, &attempt, err);

	*mechanism = s.mechanism;
	session_close(&s);
	delivery_free(&d);
	return ok;
}

/* --rmqs */

static bool
send_etrn(struct attempt *a, struct error *err)
{
	const char *const *line = a->ctx;

	return etrn_send(a->session, *line, err);
}

bool
remote_queue_start(const struct delivery_params *params, const char *line,
    struct error *err)
{
	struct envelope no_recipients = { 0 };
	struct session s = { 0 };
	struct attempt attempt = { .session = &s,
		.envelope = &no_recipients,
		.login = true,
		.action = send_etrn,
		.ctx = &line };
	struct delivery d;
	bool ok;

	if (account_uses_mx(params->account))
		return error_set(err, ERROR_CONFIG,
		    "--rmqs needs an account with a fixed server: host mx has "
		    "no server without a recipient");
	ok = delivery_begin(&d, params, &no_recipients, err)
	    && delivery_attempt(&d, &attempt, err);
	session_close(&s);
	delivery_free(&d);
	return ok;
}
