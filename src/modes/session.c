/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prints what a server offers (TLS, its certificate, SMTP extensions), or sends
 * ETRN to the first host of the account that accepts or rejects it.
 */
#include "modes/session.h"

#include <time.h>

#include "client/etrn.h"
#include "modes/output.h"
#include "modes/unchecked.h"

bool
lone_session_open(struct lone_session *l, const struct delivery_params *params,
    struct error *err)
{
	l->attempt.session = &l->session;
	l->attempt.envelope = &l->no_recipients;
	return delivery_begin(&l->delivery, params, &l->no_recipients, err)
	    && delivery_attempt(&l->delivery, &l->attempt, err);
}

void
lone_session_close(struct lone_session *l)
{
	session_close(&l->session);
	delivery_free(&l->delivery);
}

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
	struct lone_session l = { .attempt = { .opened = show_rejected,
				      .ctx = out } };
	bool ok = lone_session_open(&l, params, err);

	if (ok)
		show_session(&l.session, out);
	else if (err->kind != ERROR_CERTIFICATE)
		add_server(out, &l.session);
	lone_session_close(&l);
	return ok;
}

/* --login */

bool
session_test_login(const struct delivery_params *params, const char **mechanism,
    struct error *err)
{
	struct lone_session l = { .attempt = { .login = true } };
	bool ok = lone_session_open(&l, params, err);

	*mechanism = l.session.mechanism;
	lone_session_close(&l);
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
	struct lone_session l = {
		.attempt = { .login = true, .action = send_etrn, .ctx = &line }
	};
	bool ok;

	if (account_uses_mx(params->account))
		return error_set(err, ERROR_CONFIG,
		    "--rmqs needs an account with a fixed server: host mx has "
		    "no server without a recipient");
	ok = lone_session_open(&l, params, err);
	lone_session_close(&l);
	return ok;
}
