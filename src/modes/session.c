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
#include "modes/session_facts.h"
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
add_tls(struct str *out, const struct session_facts *f)
{
	if (!f->encrypted) {
		str_add(out, "No TLS.\n");
		return;
	}
	output_line(out, OUTPUT_TOP, "TLS", f->tls);
	if (f->certificate_count > 0) {
		str_add(out, "Certificate:\n");
		output_certificate(out, OUTPUT_PART, &f->certificates[0],
		    time(NULL));
	}
}

static void
add_capabilities(struct str *out, const struct session_facts *f)
{
	if (!f->esmtp) {
		str_add(out, "No extensions: the server supports only HELO.\n");
		return;
	}
	str_add(out, "Extensions:\n");
	for (size_t i = 0; i < f->extensions.count; i++) {
		str_printf(out, "%*s", OUTPUT_PART, "");
		output_text(out, f->extensions.items[i]);
		str_add_char(out, '\n');
	}
}

static void
add_server(struct str *out, const struct session_facts *f)
{
	if (f->host != NULL)
		output_format(out, OUTPUT_TOP, "Server", "%s at %s", f->host,
		    f->address);
}

static void
take_facts(struct session *s, void *facts)
{
	session_facts_take(facts, s);
}

/* Takes the facts of a server whose certificate is rejected as well: its
 * fingerprint may be what the user needs, so that an address at which there was
 * no TLS does not replace them. */
static void
take_rejected(struct attempt *a, const struct error *err)
{
	struct session_facts *f = a->ctx;

	if (err->kind == ERROR_CERTIFICATE)
		unchecked_session(a, take_facts, f);
	else if (!error_is_set(err) || a->session->encrypted || !f->encrypted)
		session_facts_take(f, a->session);
}

bool
serverinfo(const struct delivery_params *params, struct str *out,
    struct error *err)
{
	struct session_facts f = { 0 };
	struct lone_session l = { .attempt = { .opened = take_rejected,
				      .ctx = &f } };
	bool ok = lone_session_open(&l, params, err);

	lone_session_close(&l);
	if (f.host != NULL)
		add_server(out, &f);
	if (f.address != NULL
	    && (ok || (err->kind == ERROR_CERTIFICATE && f.encrypted))) {
		add_tls(out, &f);
		add_capabilities(out, &f);
	}
	session_facts_free(&f);
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
