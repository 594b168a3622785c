/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Connects to a server without checking its certificate, to show it. */
#include "modes/unchecked.h"

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
unchecked_session(const struct attempt *rejected,
    void (*show)(struct session *s, void *ctx), void *ctx)
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
		/* cppcheck-suppress unreadVariable; the attempt reads it */
		unchecked.addresses = &same;
	unchecked.tls = without_checks(&unchecked.tls);
	unchecked.policy = NULL;
	unchecked.context = NULL;
	if (tls_prepare(&unchecked.tls, &unchecked.context, &ignored)
	    && attempt_host(&a, &ignored))
		show(&s, ctx);
	session_close(&s);
	tls_context_free(unchecked.context);
	error_free(&ignored);
}
