/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opens a session step by step.  TLS that is not required, and that the server
 * rejects or does not offer, is left out.
 */
#include "client/handshake.h"

#include <stdlib.h>
#include <string.h>

#include "auth/mechanism.h"
#include "base/alloc.h"
#include "base/str.h"
#include "client/hints.h"
#include "client/login.h"
#include "net/connect.h"

/* What is loaded while the connection is being made. */
struct loading {
	const struct session *session;
	struct tls_context *context;
	const struct auth_params *auth;
};

static bool
load_libraries(void *ctx, struct error *err)
{
	const struct loading *l = ctx;

	observer_stage(l->session->observers, STAGE_CONNECT);
	if (!tls_load(l->context, err))
		return false;
	if (l->auth != NULL)
		auth_load(l->auth);
	return true;
}

static bool
open_connection(struct session *s, const struct session_target *to,
    const struct auth_params *auth, struct error *err)
{
	struct loading loading = { s, to->context, auth };
	const struct connect_request request = {
		.host = &to->host,
		.addresses = to->addresses,
		.lookup = to->lookup,
		.deadline = s->stream.deadline,
		.hook = { load_libraries, &loading },
	};

	observer_stage(s->observers, STAGE_DNS);
	alloc_replace(&s->host,
	    to->host.host != NULL ? to->host.host : to->host.socket);
	if (!connect_server(&request, &s->stream.transport, &s->connection,
		err))
		return false;
	s->state = SESSION_CONNECTED;
	return true;
}

static bool
start_tls(struct session *s, const struct session_target *to, bool implicit,
    struct error *err)
{
	const struct tls_target target = { .host = s->host,
		.policy = to->policy,
		.implicit = implicit };
	/* With implicit TLS the client waits for the greeting meanwhile. */
	enum smtp_stage stage = implicit ? STAGE_GREETING : STAGE_TLS;
	struct str description = { 0 };

	observer_stage(s->observers, STAGE_TLS);
	if (!tls_start(to->context, &s->stream.transport, &target,
		session_reply_deadline(s, stage), err)) {
		s->state = SESSION_UNUSABLE;
		return session_failed(s, err);
	}
	s->encrypted = true;
	if (to->policy != NULL)
		s->tls_source = to->policy->source;
	if (s->stream.trace != NULL) {
		tls_describe(&s->stream.transport, &description);
		stream_remark(&s->stream, str_text(&description));
		str_free(&description);
	}
	return true;
}

static bool
requires_tls(const struct session_target *to)
{
	return tls_is_required(&to->tls, to->policy);
}

static bool
wants_tls(const struct session *s, const struct session_target *to)
{
	return requires_tls(to) || (to->tls.mode != TLS_OFF && !s->in_clear);
}

/* With "tls off" there is no TLS context, so a policy cannot be met. */
static bool
check_context(struct session *s, const struct session_target *to,
    struct error *err)
{
	if (to->tls.mode != TLS_OFF)
		return true;
	error_set(err, ERROR_TLS_MISSING,
	    "%s requires TLS with this host, and \"tls off\" forbids it",
	    tls_source_name(to->policy));
	return session_failed(s, err);
}

static bool
start_implicit_tls(struct session *s, const struct session_target *to,
    struct error *err)
{
	if (to->tls.starttls || !wants_tls(s, to))
		return true;
	return check_context(s, to, err) && start_tls(s, to, true, err);
}

/*
 * Dovecot 2.3 as a relay aborts when commands for another message arrive before
 * it has replied to the data of the one before: "assertion failed:
 * (conn->state.data_input == NULL)".
 */
static bool
is_serial(const struct reply *greeting)
{
	for (size_t i = 0; i < greeting->lines.count; i++)
		if (strstr(greeting->lines.items[i], "Dovecot") != NULL)
			return true;
	return false;
}

bool
session_greeting(struct session *s, struct error *err)
{
	struct reply reply = { 0 };
	bool ok;

	observer_stage(s->observers, STAGE_GREETING);
	if (!reply_read(&s->stream, &reply,
		session_reply_deadline(s, STAGE_GREETING), err)) {
		s->state = SESSION_UNUSABLE;
		return session_failed(s, err);
	}
	s->has_greeting = true;
	ok = reply.status.code == 220;
	s->is_serial = is_serial(&reply);
	/* After 554 the server waits for QUIT (RFC 5321 section 3.1). */
	if (ok || reply_is(&reply, 5))
		s->state = SESSION_GREETED;
	if (!ok)
		session_rejected(s, &reply, STAGE_GREETING, NULL, err);
	reply_free(&reply);
	return ok;
}

static char *
ehlo_line(struct session *s, const char *verb, struct error *err)
{
	struct str literal = { 0 };
	char *line;

	if (s->params->domain == NULL)
		connect_local_literal(&s->stream.transport, &literal);
	line = session_format(err, "%s %s", verb,
	    s->params->domain != NULL ? s->params->domain : str_text(&literal));
	str_free(&literal);
	return line;
}

/*
 * Sends EHLO, LHLO or HELO.  Fails only if there is no reply; if the server
 * rejects the command, *accepted is false and err is set.
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
	bool lmtp = s->params->protocol == PROTOCOL_LMTP, accepted;

	/* Discard what an attacker may have inserted before TLS (RFC 3207
	 * section 4.2). */
	capabilities_free(&s->capabilities);
	if (!send_ehlo(s, lmtp ? "LHLO" : "EHLO", &s->esmtp, err))
		return false;
	if (s->esmtp)
		return true;
	/* A server that does not know EHLO rejects it permanently. */
	if (lmtp || needs_esmtp || !error_is_rejection(err, STAGE_EHLO)
	    || err->temporary)
		return false;
	error_free(err);
	return send_ehlo(s, "HELO", &accepted, err) && accepted;
}

/*
 * The stage decides, because the reply says nothing about message and
 * recipients: like a server that does not offer STARTTLS, one that rejects it
 * may be another one tomorrow.  Only a hint may say that the settings of the
 * account do not fit; DANE and MTA-STS promise that the domain will accept the
 * message with TLS later (RFC 7672 section 2.2, RFC 8461 section 5).
 */
static bool
starttls_rejected(struct session *s, const struct session_target *to,
    const struct reply *reply, struct error *err)
{
	bool by_policy = tls_source_name(to->policy) != NULL;

	session_rejected(s, reply, STAGE_TLS, "STARTTLS", err);
	if (err == NULL || err->temporary || (err->needs_config && !by_policy))
		return false;
	if (by_policy)
		alloc_replace(&err->text, NULL);
	error_temporary(err, true);
	return error_status(err, "4.7.4");
}

/* Sends STARTTLS; *go is whether the server waits for the handshake. */
static bool
send_starttls(struct session *s, const struct session_target *to, bool *go,
    struct error *err)
{
	struct reply reply = { 0 };
	bool ok = session_command(s, STAGE_TLS, "STARTTLS", NULL, &reply, err);

	*go = ok && reply.status.code == 220;
	if (ok && !*go && requires_tls(to))
		ok = starttls_rejected(s, to, &reply, err);
	reply_free(&reply);
	if (*go && stream_buffered(&s->stream) > 0) {
		s->state = SESSION_UNUSABLE;
		error_set(err, ERROR_TLS,
		    "the server sent plain text after its reply to STARTTLS: "
		    "an attacker may be inserting commands");
		return session_failed(s, err);
	}
	return ok;
}

static bool
starttls_not_offered(struct session *s, const struct session_target *to,
    struct error *err)
{
	const char *by = tls_source_name(to->policy);

	if (!requires_tls(to))
		return true;
	if (by != NULL)
		error_set(err, ERROR_TLS_MISSING,
		    "the server does not offer STARTTLS, and %s requires it",
		    by);
	else
		error_set(err, ERROR_TLS_MISSING,
		    "the server does not offer STARTTLS, and \"tls on\" "
		    "requires it (" HINT_IMPLICIT_TLS ")");
	return session_failed(s, err);
}

/*
 * If the handshake itself failed, and TLS is not required, the same address may
 * be tried again without TLS: an attacker who can make TLS fail could as well
 * have removed STARTTLS from the reply to EHLO.  Always returns false.
 */
static bool
tls_failed(struct session *s, const struct session_target *to,
    const struct error *err)
{
	bool in_handshake = err->kind == ERROR_TLS || err->kind == ERROR_NETWORK
	    || err->kind == ERROR_TIMEOUT;

	if (in_handshake && !requires_tls(to)) {
		s->state = SESSION_TLS_FAILED;
		connection_requeue_address(&s->connection);
	}
	return false;
}

bool
session_starttls(struct session *s, const struct session_target *to,
    struct error *err)
{
	bool go;

	if (!to->tls.starttls || !wants_tls(s, to))
		return true;
	if (!check_context(s, to, err))
		return false;
	if (!capabilities_have(&s->capabilities, CAP_STARTTLS))
		return starttls_not_offered(s, to, err);
	if (!send_starttls(s, to, &go, err))
		return false;
	if (!go)
		return true;
	return (start_tls(s, to, false, err) && session_ehlo(s, true, err))
	    || tls_failed(s, to, err);
}

bool
session_open(struct session *s, const struct session_target *to,
    const struct auth_params *auth, struct error *err)
{
	bool needs_esmtp =
	    requires_tls(to) || (auth != NULL && auth_is_used(auth));

	s->early_timeout = to->early_timeout;
	if (!open_connection(s, to, auth, err)
	    || !start_implicit_tls(s, to, err) /* on port 465 */
	    || !session_greeting(s, err) || !session_ehlo(s, needs_esmtp, err)
	    || !session_starttls(s, to, err)
	    || (auth != NULL && !auth_login(s, auth, err)))
		return false;
	s->state = SESSION_READY;
	return true;
}
