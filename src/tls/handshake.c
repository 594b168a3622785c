/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Starts a TLS session: chooses the names that the certificate may have, sets
 * GnuTLS up, and performs the handshake.
 */
#include "tls/handshake.h"

#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "tls/io.h"
#include "tls/session.h"

/* The maximum of one handshake message, such as Certificate. */
#define MESSAGE_MAX ((size_t)64 * 1024)

/*
 * Whether the only output is the ChangeCipherSpec that TLS 1.3 sends for
 * middleboxes (RFC 8446 section D.4).  No server waits for it, so it is sent
 * together with our Finished.
 */
static bool
may_defer_write(const struct tls_session *s)
{
	static const char change[] = { 20, 3, 3, 0, 1, 1 };

	return tls_io_unsent(s) == sizeof(change)
	    && memcmp(s->out.data + s->out_start, change, sizeof(change)) == 0;
}

static bool
do_handshake(struct tls_session *s, int64_t deadline, struct error *err)
{
	for (;;) {
		short events = POLLIN, ready;
		int status;

		tls_io_begin(s, err);
		do
			status = gnutls_handshake(s->tls);
		while (status < 0 && tls_session_should_retry(s, status));
		if (status == GNUTLS_E_SUCCESS)
			return true;
		if (status != GNUTLS_E_AGAIN) {
			tls_session_fail(s, status);
			gnutls_alert_send_appropriate(s->tls, status);
			tls_io_write(s, NULL);
			return false;
		}
		if (!may_defer_write(s)) {
			ssize_t put = tls_io_write(s, err);

			if (put == TRANSPORT_FAILED)
				return false;
			if (put == TRANSPORT_WANT_WRITE)
				events |= POLLOUT;
		}
		if (!transport_wait(&s->plain, events, deadline, &ready, err))
			return false;
	}
}

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
	file_write(s->credentials->keylog_plus_1 - 1, line.data, line.len);
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
	const struct tls_credentials *c = s->credentials;
	const struct tls_name *name = &s->names.items[0];
	unsigned flags = GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL
	    | GNUTLS_KEY_SHARE_TOP | GNUTLS_ENABLE_FALSE_START
	    | GNUTLS_NO_TICKETS;

	if (c->has_certificate)
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
	tls_io_attach(s);
	gnutls_handshake_set_timeout(s->tls, 0);
	gnutls_handshake_set_max_packet_length(s->tls, MESSAGE_MAX);
	if (c->keylog_plus_1 > 0)
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
	return !s->implicit || tls_io_write(s, err) != TRANSPORT_FAILED;
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
	const char *override = s->credentials->override.text;

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
find_ca_store(const struct tls_session *s, struct tls_credentials *credentials,
    struct error *err)
{
	if (s->policy->level != TLS_LEVEL_VERIFY
	    || credentials->trust_file != NULL)
		return true;
	if (credentials->system == NULL)
		credentials->system = ca_store_require(err);
	return credentials->system != NULL;
}

bool
tls_handshake(struct tls_credentials *credentials, struct transport *transport,
    const struct tls_target *target, int64_t deadline, struct error *err)
{
	struct tls_session *s = alloc_zeroed(1, sizeof(*s));
	static const struct tls_policy none;

	s->credentials = credentials;
	s->plain = *transport;
	s->policy = target->policy != NULL ? target->policy : &none;
	s->implicit = target->implicit;
	if (!choose_names(s, target->host, err)
	    || !find_ca_store(s, credentials, err) || !set_up_session(s, err)
	    || !do_handshake(s, deadline, err) || !send_finished(s, err)) {
		tls_session_free(s);
		return prefix_error(err);
	}
	s->policy = NULL;
	s->overhead = 0;
	tls_session_attach(s, transport);
	return true;
}
