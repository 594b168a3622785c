/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the exchange of AUTH: sends responses, reads challenges, and hides
 * secrets. */
#include "client/login.h"

#include <stdlib.h>
#include <string.h>

#include "auth/mechanism.h"
#include "auth/sasl.h"
#include "auth/simple.h"
#include "base/alloc.h"
#include "base/attr.h"
#include "base/base64.h"
#include "base/text.h"
#include "client/session.h"
#include "tls/tls.h"

/* The maximum command line without CRLF (RFC 5321 section 4.5.3.1.4). */
#define COMMAND_MAX 510
/* The maximum response without CRLF (RFC 4954 section 4). */
#define RESPONSE_MAX 12286
/* More challenges than any mechanism needs. */
#define ROUNDS_MAX 20

/* Do not redact shorter parts of an encoded secret: they would match ordinary
 * text. */
#define PIECE_MIN 6

struct login {
	struct session *session;
	const struct auth_params *params;
	const struct mechanism *mechanism;
	/* The TLS channel binding; at most one of the two is set. */
	struct str binding_exporter, binding_unique;
	char *command;                 /* "AUTH PLAIN", for errors */
	struct simple_exchange simple; /* of a mechanism of ours, or */
	struct sasl *sasl;             /* of one of libgsasl */
	bool done;                     /* the mechanism is complete */
	struct str first;              /* the first response, encoded */
	bool has_first;                /* the client sends first */
	bool first_sent;               /* first was sent with AUTH */
};

/*
 * Hides the base64 of a secret that is a part of a longer text: for each of the
 * three alignments, the characters that depend on the secret only.
 */
static void
hide_encodings(struct stream *s, const struct secret_text *secret)
{
	static const size_t shared[] = { 0, 2,
		3 }; /* characters that depend on what is before */

	for (size_t before = 0; before < 3; before++) {
		struct str plain = { 0 }, encoded = { 0 };
		size_t whole = (before + secret->len) * 4 / 3;

		str_reserve(&plain, before + secret->len);
		str_append(&plain, "\0", before);
		str_append(&plain, secret->data, secret->len);
		base64_encode(&encoded, plain.data, plain.len);
		str_truncate(&encoded, whole);
		if (encoded.len >= shared[before] + PIECE_MIN)
			stream_hide(s, encoded.data + shared[before]);
		str_wipe(&plain);
		str_wipe(&encoded);
	}
}

/* Hides the octets of the secret in hexadecimal, as in the log of a server. */
static void
hide_hexadecimal(struct stream *s, const struct secret_text *secret)
{
	static const char *const digits[] = { "0123456789abcdef",
		"0123456789ABCDEF" };

	for (size_t i = 0; i < COUNT_OF(digits); i++) {
		struct str text = { 0 };

		str_reserve(&text, 2 * secret->len);
		for (size_t at = 0; at < secret->len; at++) {
			unsigned char c = (unsigned char)secret->data[at];

			str_add_char(&text, digits[i][c >> 4]);
			str_add_char(&text, digits[i][c & 0xf]);
		}
		if (text.len >= PIECE_MIN)
			stream_hide(s, str_text(&text));
		str_wipe(&text);
	}
}

static void
hide_password(struct stream *s, const struct auth_params *params)
{
	struct secret_text password;

	secret_reveal(&params->password, &password);
	if (password.len > 0) {
		stream_hide(s, password.data);
		hide_encodings(s, &password);
		hide_hexadecimal(s, &password);
	}
	secret_text_free(&password);
}

static bool
check_text(const char *setting, const char *text, struct error *err)
{
	if (text == NULL
	    || (text[0] != '\0' && text_is_wire_safe(text, strlen(text))))
		return true;
	return error_set(err, ERROR_CONFIG,
	    "\"%s\" is empty or contains a control character", setting);
}

/* Rejects what no mechanism can send, before anything is sent. */
static bool
check_params(const struct auth_params *params, struct error *err)
{
	struct secret_text password;
	bool has_nul;

	if (!check_text("user", params->user, err)
	    || !check_text("ntlmdomain", params->ntlm_domain, err))
		return false;
	secret_reveal(&params->password, &password);
	has_nul = password.data != NULL
	    && memchr(password.data, '\0', password.len) != NULL;
	secret_text_free(&password);
	return !has_nul
	    || error_set(err, ERROR_CONFIG,
		"the password contains a NUL octet");
}

/* Returns the name for Kerberos and DIGEST-MD5; a socket has none. */
static const char *
service_host(const struct session *s)
{
	return s->host == NULL || s->host[0] == '/' ? "localhost" : s->host;
}

/* Returns the port of "192.0.2.1:587"; NULL for a unix socket. */
static const char *
port_of(const struct session *s)
{
	const char *address = str_text(&s->connection.address);
	const char *colon = strrchr(address, ':');

	return address[0] == '/' || colon == NULL ? NULL : colon + 1;
}

static bool
begin_library(struct login *l, struct error *err)
{
	struct session *s = l->session;
	struct secret_text password;
	struct sasl_input input = {
		.mechanism = l->mechanism->name,
		.user = l->params->user,
		.host = service_host(s),
		.service =
		    s->params->protocol == PROTOCOL_LMTP ? "lmtp" : "smtp",
		.domain = l->params->ntlm_domain,
	};
	bool ok;

	/* libgsasl 2.2.0 fails without -PLUS if it has a channel binding. */
	if (mechanism_is(l->mechanism, MECHANISM_BINDING)) {
		input.binding_exporter = &l->binding_exporter;
		input.binding_unique = &l->binding_unique;
	}
	secret_reveal(&l->params->password, &password);
	input.password = password.data;
	ok = sasl_begin(&input, &l->sasl, err);
	secret_text_free(&password);
	return ok;
}

/* Appends the response to a challenge, encoded. */
static bool
respond(struct login *l, const struct str *challenge, struct str *encoded,
    struct error *err)
{
	struct str response = { 0 };
	bool ok;

	if (l->mechanism->respond != NULL) {
		ok = l->mechanism->respond(&l->simple, challenge, &response,
		    err);
		l->done = l->simple.done;
	} else if (l->done) {
		ok = error_set(err, ERROR_PROTOCOL,
		    "the server sent an unexpected challenge for %s",
		    l->mechanism->name);
	} else {
		ok = sasl_step(l->sasl, challenge, &response, &l->done, err);
	}
	if (ok)
		base64_encode(encoded, str_text(&response), response.len);
	str_wipe(&response);
	if (ok && encoded->len > RESPONSE_MAX)
		return error_set(err, ERROR_CONFIG,
		    "user and password are too long: the response of %s has %zu "
		    "octets, and SMTP allows %d",
		    l->mechanism->name, encoded->len, RESPONSE_MAX);
	if (ok && encoded->len >= PIECE_MIN)
		stream_hide(&l->session->stream, encoded->data);
	return ok;
}

/*
 * Sends AUTH, with the first response if the client sends first and the line is
 * not too long.
 *
 *   auth-command     = "AUTH" SP sasl-mech [SP initial-response]
 *   initial-response = base64 / "="
 */
static bool
send_auth(struct login *l, struct reply *reply, struct error *err)
{
	struct str line = { 0 }, shown = { 0 };
	bool ok;

	str_reserve(&line, COMMAND_MAX);
	str_printf(&line, "AUTH %s", l->mechanism->name);
	str_add(&shown, str_text(&line));
	if (l->has_first && line.len + 1 + l->first.len <= COMMAND_MAX) {
		str_add_char(&line, ' ');
		str_add(&line, l->first.len == 0 ? "=" : l->first.data);
		str_add(&shown, " [hidden]");
		l->first_sent = true;
	}
	ok = session_command(l->session, STAGE_AUTH, str_text(&line),
	    str_text(&shown), reply, err);
	str_wipe(&line);
	str_free(&shown);
	return ok;
}

static bool
begin(struct login *l, struct reply *reply, struct error *err)
{
	if (l->mechanism->respond == NULL && !begin_library(l, err))
		return false;
	if (!mechanism_is(l->mechanism, MECHANISM_SERVER_FIRST)) {
		if (!respond(l, NULL, &l->first, err))
			return false;
		l->has_first = true;
	}
	return send_auth(l, reply, err);
}

/* Cancels the exchange with "*" (RFC 4954 section 4). */
static void
cancel(struct session *s)
{
	struct reply reply = { 0 };
	bool replied = session_command(s, STAGE_AUTH, "*", NULL, &reply, NULL);

	/* Any other reply: server and client are out of sync. */
	if (!replied || reply.status.code == 421
	    || !(reply_is(&reply, 4) || reply_is(&reply, 5)))
		s->state = SESSION_UNUSABLE;
	reply_free(&reply);
}

static bool
read_challenge(const struct reply *reply, struct str *challenge,
    struct error *err)
{
	const char *text = reply->lines.items[0];

	if (reply->lines.count != 1)
		return error_set(err, ERROR_PROTOCOL,
		    "the server's challenge has more than one line");
	if (base64_decode(challenge, text, strlen(text)))
		return true;
	return error_set(err, ERROR_PROTOCOL,
	    "the server's challenge is not base64");
}

/*
 * Whether this challenge requests the first response: it was not sent with AUTH,
 * or the server ignored it there, as some do.  No mechanism of libgsasl begins
 * with an empty challenge.
 */
static bool
requests_first(struct login *l, const struct str *challenge)
{
	bool requested = l->has_first
	    && (!l->first_sent
		|| (challenge->len == 0 && l->mechanism->respond != NULL));

	l->has_first = false;
	return requested;
}

static bool
make_response(struct login *l, const struct reply *reply, struct str *response,
    struct error *err)
{
	struct str challenge = { 0 };
	bool ok = read_challenge(reply, &challenge, err);

	if (ok && requests_first(l, &challenge))
		str_append(response, str_text(&l->first), l->first.len);
	else if (ok)
		ok = respond(l, &challenge, response, err);
	str_wipe(&challenge);
	return ok;
}

static bool
send_response(struct login *l, struct reply *reply, struct error *err)
{
	struct str response = { 0 };
	bool ok = make_response(l, reply, &response, err);

	if (ok)
		ok = session_command(l->session, STAGE_AUTH,
		    str_text(&response), "[hidden]", reply, err);
	else
		cancel(l->session);
	str_wipe(&response);
	return ok;
}

/* Prefixes the error with the server's reason for rejecting the token. */
static bool
add_token_error(struct login *l, struct error *err)
{
	struct str *reason = &l->simple.token_error;
	char *shown;

	if (reason->len == 0)
		return false;
	stream_redact(&l->session->stream, reason);
	shown = text_printable(str_text(reason));
	error_prefix(err, "token rejected (%s)", shown);
	free(shown);
	return false;
}

/* Checks the final reply to AUTH. */
static bool
check_final_reply(struct login *l, const struct reply *reply, struct error *err)
{
	if (reply->status.code != 235) {
		session_rejected(l->session, reply, STAGE_AUTH, l->command,
		    err);
		return add_token_error(l, err);
	}
	if (l->done)
		return true;
	l->session->state = SESSION_UNUSABLE;
	if (l->mechanism->respond != NULL)
		return error_set(err, ERROR_PROTOCOL,
		    "the server accepted the login before %s was complete",
		    l->mechanism->name);
	return error_reject(err, STAGE_AUTH,
	    "the server accepted the login without proving that it knows the "
	    "password, as %s requires: it may be an impostor",
	    l->mechanism->name);
}

static bool
exchange(struct login *l, struct error *err)
{
	struct reply reply = { 0 };
	bool ok = begin(l, &reply, err);

	for (unsigned round = 1; ok && reply.status.code == 334; round++) {
		if (round <= ROUNDS_MAX) {
			ok = send_response(l, &reply, err);
			continue;
		}
		cancel(l->session);
		ok = error_set(err, ERROR_PROTOCOL,
		    "the server sent too many challenges");
	}
	ok = ok && check_final_reply(l, &reply, err);
	reply_free(&reply);
	return ok;
}

/* Fetches the channel binding if the server offers a mechanism for it. */
static bool
fetch_binding(struct login *l)
{
	const struct session *s = l->session;
	const struct transport *t = &s->stream.transport;

	return s->encrypted && auth_needs_binding(&s->capabilities.mechanisms)
	    && (tls_channel_binding(t, TLS_BINDING_EXPORTER,
		    &l->binding_exporter)
		|| tls_channel_binding(t, TLS_BINDING_UNIQUE,
		    &l->binding_unique));
}

static const struct mechanism *
choose_mechanism(struct login *l, struct error *err)
{
	const struct session *s = l->session;
	const struct auth_offer offer = {
		.has_auth = capabilities_have(&s->capabilities, CAP_AUTH),
		.mechanisms = &s->capabilities.mechanisms,
		.encrypted = s->encrypted,
		.verified =
		    s->encrypted && tls_is_verified(&s->stream.transport),
		.local = s->connection.local,
		.sent_certificate =
		    s->encrypted && tls_sent_certificate(&s->stream.transport),
		.has_binding = fetch_binding(l),
	};

	return mechanism_choose(&offer, l->params, err);
}

/* The path of a unix socket proves nothing about the server, as a name in a
 * certificate does. */
static bool
check_socket(const struct login *l, struct error *err)
{
	const struct session *s = l->session;

	return !secret_is_set(&l->params->password)
	    || (s->encrypted && tls_is_verified(&s->stream.transport))
	    || connection_check_peer(&s->connection, &s->stream.transport, err);
}

static void
free_login(struct login *l)
{
	sasl_end(l->sasl);
	simple_free(&l->simple);
	str_wipe(&l->binding_exporter);
	str_wipe(&l->binding_unique);
	str_wipe(&l->first);
	free(l->command);
}

bool
auth_login(struct session *s, const struct auth_params *params,
    struct error *err)
{
	struct login l = { .session = s,
		.params = params,
		.simple = { .params = params,
		    .host = service_host(s),
		    .port = port_of(s) } };
	bool ok = false;

	if (!auth_is_used(params))
		return true;
	observer_stage(s->observers, STAGE_AUTH);
	if (!check_params(params, err) || !check_socket(&l, err))
		return session_failed(s, err);
	l.mechanism = choose_mechanism(&l, err);
	if (l.mechanism != NULL) {
		hide_password(&s->stream, params);
		l.command = alloc_printf("AUTH %s", l.mechanism->name);
		ok = exchange(&l, err);
	}
	if (ok)
		s->mechanism = l.mechanism->name;
	free_login(&l);
	return ok || session_failed(s, err);
}
