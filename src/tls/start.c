/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chooses the names that the certificate may have and the parameters of GnuTLS,
 * and performs the handshake.
 */
#include "tls/start.h"

#include <gnutls/gnutls.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "tls/credentials.h"
#include "tls/session.h"

/* The maximum of one handshake message, such as Certificate. */
#define MESSAGE_MAX ((size_t)64 * 1024)

static void
add_hex(struct str *out, const gnutls_datum_t *octets)
{
	str_add_char(out, ' ');
	for (unsigned i = 0; i < octets->size; i++)
		str_printf(out, "%02x", octets->data[i]);
}

/* Appends a line of the NSS key log format: LABEL CLIENT-RANDOM SECRET. */
static int
log_key(gnutls_session_t tls, const char *label, const gnutls_datum_t *secret)
{
	const struct tls_session *s = gnutls_session_get_ptr(tls);
	gnutls_datum_t client, server;
	struct str line = { 0 };

	gnutls_session_get_random(tls, &client, &server);
	str_add(&line, label);
	add_hex(&line, &client);
	add_hex(&line, secret);
	str_add_char(&line, '\n');
	file_write(s->context->keylog_plus_1 - 1, line.data, line.len);
	str_wipe(&line);
	return 0;
}

/*
 * With false start (RFC 7918) the first application data of TLS 1.2 is sent
 * together with our Finished, and the first read completes the handshake.  The
 * certificate is verified before that.
 */
static bool
set_up_session(struct tls_session *s, struct error *err)
{
	const struct tls_credentials *c = s->context->credentials;
	const struct tls_name *name = &s->names.items[0];
	unsigned flags = GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL
	    | GNUTLS_KEY_SHARE_TOP | GNUTLS_ENABLE_FALSE_START
	    | GNUTLS_NO_TICKETS;

	if (s->context->params->key_file != NULL)
		flags |= GNUTLS_FORCE_CLIENT_CERT;
	if (gnutls_init(&s->tls, flags) < 0
	    || gnutls_priority_set(s->tls, c->priorities) < 0
	    || gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE, c->gnutls)
		< 0)
		return error_set(err, ERROR_SYSTEM,
		    "cannot start a TLS session");
	if (name->address_len == 0)
		gnutls_server_name_set(s->tls, GNUTLS_NAME_DNS, name->text,
		    strlen(name->text));
	gnutls_session_set_ptr(s->tls, s);
	tls_session_set_callbacks(s);
	gnutls_handshake_set_timeout(s->tls, 0);
	gnutls_handshake_set_max_packet_length(s->tls, MESSAGE_MAX);
	if (s->context->keylog_plus_1 > 0)
		gnutls_session_set_keylog_function(s->tls, log_key);
	return true;
}

/*
 * With implicit TLS the server speaks first, so the client's Finished is sent
 * now; with STARTTLS it is sent together with EHLO.
 */
static bool
send_finished(struct tls_session *s, struct error *err)
{
	return !s->implicit || tls_session_flush(s, err);
}

/* Names the handshake in errors other than a bad certificate or setting. */
static bool
prefix_error(struct error *err)
{
	if (err
	    && (err->kind == ERROR_CERTIFICATE || err->kind == ERROR_CONFIG))
		return false;
	return error_prefix(err, "TLS handshake");
}

/*
 * Sets the names that the certificate may have: host_override, unless DANE or
 * MTA-STS sets them; those of the policy; or the host.  Invalid names of the
 * policy are ignored, except the first one.
 */
static bool
choose_names(struct tls_session *s, const char *host, struct error *err)
{
	const struct strv *names = &s->policy->names;
	const char *override = s->context->credentials->override.text;

	if (override != NULL && s->policy->level < TLS_LEVEL_VERIFY)
		return tls_names_add(&s->names, override, err);
	if (names->count == 0)
		return tls_names_add(&s->names, host, err);
	if (!tls_names_add(&s->names, names->items[0], err))
		return false;
	for (size_t i = 1; i < names->count; i++)
		tls_names_add(&s->names, names->items[i], NULL);
	return true;
}

/* Finds the system's CAs if only the policy needs them. */
static bool
find_ca_store(const struct tls_session *s, struct tls_context *context,
    struct error *err)
{
	if (s->policy->level != TLS_LEVEL_VERIFY || context->trust_file != NULL)
		return true;
	if (context->system == NULL)
		context->system = ca_store_find(err);
	return context->system != NULL;
}

bool
tls_session_start(struct tls_context *context, struct transport *transport,
    const struct tls_target *target, int64_t deadline, struct error *err)
{
	struct tls_session *s = alloc_zeroed(1, sizeof(*s));
	static const struct tls_policy none;

	s->context = context;
	s->plain = *transport;
	s->policy = target->policy != NULL ? target->policy : &none;
	s->implicit = target->implicit;
	if (!choose_names(s, target->host, err)
	    || !find_ca_store(s, context, err) || !set_up_session(s, err)
	    || !tls_session_handshake(s, deadline, err)
	    || !send_finished(s, err)) {
		tls_session_free(s);
		return prefix_error(err);
	}
	s->policy = NULL;
	s->overhead = 0;
	tls_session_attach(s, transport);
	return true;
}
