/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The steps that open a session: connection, TLS, greeting, EHLO, STARTTLS and
 * AUTH.  They are declared in client/session.h.
 */
#include <stdlib.h>
#include <string.h>

#include "auth/mechanism.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "client/login.h"
#include "client/session.h"
#include "net/literal.h"

/* A session whose host has been found. */
struct connecting {
	const struct session *s;
	struct tls_context *tls;
	const struct auth_params *auth;
};

static bool
load_libraries(void *ctx, struct error *err)
{
	const struct connecting *c = ctx;

	session_begin_stage(c->s, STAGE_CONNECT);
	if (!tls_load(c->tls, err))
		return false;
	if (c->auth != NULL)
		auth_load(c->auth);
	return true;
}

bool
session_connect(struct session *s, const struct connect_request *to,
    struct tls_context *tls, const struct auth_params *auth, struct error *err)
{
	struct connecting connecting = { s, tls, auth };
	struct connect_request request = *to;

	request.deadline = s->stream.deadline;
	request.hook = (struct connect_hook){ load_libraries, &connecting };
	session_begin_stage(s, STAGE_DNS);
	alloc_replace(&s->host,
	    to->host->host != NULL ? to->host->host : to->host->socket);
	return connect_server(&request, &s->stream.transport, &s->connection,
	    err);
}

static bool
start_tls(struct session *s, struct tls_context *tls, bool implicit,
    struct error *err)
{
	const struct tls_target target = { .host = s->host,
		.policy = s->demand,
		.implicit = implicit };
	enum smtp_stage stage = s->greeted ? STAGE_TLS : STAGE_GREETING;
	struct str description = { 0 };

	session_begin_stage(s, STAGE_TLS);
	if (!tls_start(tls, &s->stream.transport, &target,
		session_reply_deadline(s, stage), err)) {
		s->broken = true;
		return session_failed(s, err);
	}
	s->encrypted = true;
	if (s->stream.trace != NULL) {
		tls_describe(&s->stream.transport, &description);
		stream_remark(&s->stream, str_text(&description));
		str_free(&description);
	}
	return true;
}

/* What was not prepared because the account does without cannot be had. */
static bool
wants_tls(const struct session *s, const struct tls_params *params)
{
	if (tls_is_required(params, s->demand))
		return true;
	return params->mode != TLS_OFF && !s->without_tls;
}

static bool
check_prepared(struct session *s, const struct tls_params *params,
    struct error *err)
{
	if (params->mode != TLS_OFF)
		return true;
	error_set(err, ERROR_TLS_MISSING,
	    "%s requires TLS with this host, and \"tls off\" forbids it",
	    tls_source_name(s->demand));
	return session_failed(s, err);
}

bool
session_start_implicit_tls(struct session *s, struct tls_context *tls,
    const struct tls_params *params, struct error *err)
{
	if (params->starttls || !wants_tls(s, params))
		return true;
	if (!check_prepared(s, params, err))
		return false;
	return start_tls(s, tls, true, err);
}

bool
session_greeting(struct session *s, struct error *err)
{
	struct reply reply = { 0 };
	bool ok;

	session_begin_stage(s, STAGE_GREETING);
	ok = reply_read(&s->stream, &reply,
	    session_reply_deadline(s, STAGE_GREETING), err);
	if (!ok) {
		s->broken = true;
		session_failed(s, err);
	} else if (reply.status.code != 220) {
		ok = session_rejected(s, &reply, STAGE_GREETING, NULL, err);
	}
	s->greeted = ok || reply_is(&reply, 5);
	reply_free(&reply);
	return ok;
}

static char *
ehlo_line(struct session *s, const char *verb, struct error *err)
{
	struct str literal = { 0 };
	char *line;

	if (s->params->domain == NULL)
		literal_of_local_end(&s->stream.transport, &literal);
	line = session_format(err, "%s %s", verb,
	    s->params->domain != NULL ? s->params->domain : str_text(&literal));
	str_free(&literal);
	return line;
}

/*
 * Says EHLO, LHLO or HELO.  The call fails only when there is no reply; a
 * refusal is told by *accepted, with err set.
 */
static bool
send_ehlo(struct session *s, const char *verb, bool *accepted,
    struct error *err)
{
	char *line = ehlo_line(s, verb, err);
	struct reply reply = { 0 };
	bool ok;

	*accepted = false;
	if (line == NULL)
		return session_failed(s, err);
	ok = session_command(s, STAGE_EHLO, line, NULL, &reply, err);
	if (ok && reply.status.code == 250) {
		capabilities_parse(&s->capabilities, &reply);
		*accepted = true;
	} else if (ok) {
		session_rejected(s, &reply, STAGE_EHLO, line, err);
	}
	reply_free(&reply);
	free(line);
	return ok;
}

bool
session_ehlo(struct session *s, bool needs_esmtp, struct error *err)
{
	bool lmtp = s->params->protocol == PROTOCOL_LMTP;
	bool accepted;

	/* What was said before TLS began is not to be trusted (RFC 3207 4.2). */
	capabilities_free(&s->capabilities);
	if (!send_ehlo(s, lmtp ? "LHLO" : "EHLO", &accepted, err))
		return false;
	s->extended = accepted;
	if (accepted)
		return true;
	/* Only a server that refuses EHLO for good may be older than that. */
	if (lmtp || needs_esmtp || !error_is_rejection(err, STAGE_EHLO)
	    || err->temporary)
		return false;
	error_free(err);
	return send_ehlo(s, "HELO", &accepted, err) && accepted;
}

/* Sends STARTTLS; *go tells whether the server is ready for the handshake. */
static bool
ask_starttls(struct session *s, bool required, bool *go, struct error *err)
{
	struct reply reply = { 0 };
	bool ok = session_command(s, STAGE_TLS, "STARTTLS", NULL, &reply, err);

	*go = ok && reply.status.code == 220;
	if (ok && !*go && required) {
		session_rejected(s, &reply, STAGE_TLS, "STARTTLS", err);
		error_temporary(err, true);
		error_status(err, "4.7.4");
		ok = false;
	}
	reply_free(&reply);
	if (*go && stream_poll_input(&s->stream)) {
		s->broken = true;
		error_set(err, ERROR_TLS,
		    "the server sent plain text behind its reply to STARTTLS; "
		    "somebody may be injecting commands");
		return session_failed(s, err);
	}
	return ok;
}

static bool
starttls_not_offered(struct session *s, bool required, struct error *err)
{
	const char *by = tls_source_name(s->demand);

	if (!required)
		return true;
	error_set(err, ERROR_TLS_MISSING,
	    "the server does not offer STARTTLS, and %s requires it",
	    by != NULL ? by : "\"tls on\"");
	return session_failed(s, err);
}

/* Whether the TLS handshake itself failed, as opposed to an SMTP command inside
 * TLS or the verification of the certificate. */
static bool
is_of_tls(const struct error *err)
{
	return err->kind == ERROR_TLS || err->kind == ERROR_NETWORK
	    || err->kind == ERROR_TIMEOUT;
}

/*
 * After a failure of TLS that is not required, the same address is tried again
 * without TLS: an attacker who can make TLS fail could as well have removed
 * STARTTLS from the server's reply to EHLO.  Always returns false.
 */
static bool
allow_retry_after_tls_failure(struct session *s, bool required,
    const struct error *err)
{
	s->tls_failed = !required && is_of_tls(err);
	if (s->tls_failed)
		connection_requeue_address(&s->connection);
	return false;
}

bool
session_starttls(struct session *s, struct tls_context *tls,
    const struct tls_params *params, struct error *err)
{
	bool required = tls_is_required(params, s->demand);
	bool go;

	if (!params->starttls || !wants_tls(s, params))
		return true;
	if (!check_prepared(s, params, err))
		return false;
	if (!capabilities_have(&s->capabilities, CAP_STARTTLS))
		return starttls_not_offered(s, required, err);
	if (!ask_starttls(s, required, &go, err))
		return false;
	if (!go)
		return true;
	return (start_tls(s, tls, false, err) && session_ehlo(s, true, err))
	    || allow_retry_after_tls_failure(s, required, err);
}

bool
session_login(struct session *s, const struct auth_params *params,
    struct error *err)
{
	if (params->mechanism == NULL || strcmp(params->mechanism, "off") == 0)
		return true;
	session_begin_stage(s, STAGE_AUTH);
	return auth_login(s, params, err) || session_failed(s, err);
}
