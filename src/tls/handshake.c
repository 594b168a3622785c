/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "tls/io.h"
#include "tls/peer_info.h"
#include "tls/session.h"

/* What is gathered before one write: more than 64 KiB of text with its line
 * ends and dots, so that such a block goes out whole. */
#define FLIGHT ((size_t)96 * 1024)
#define RECORD ((size_t)16 * 1024)
/* One message of the handshake: certificates come in one. */
#define MESSAGE_MAX ((size_t)64 * 1024)
/* Warnings and wishes to renegotiate in a session. */
#define INTERRUPTIONS_MAX 8

/* What a failure of GnuTLS is in words for people; else it has its own. */
static const struct {
	int status;
	enum error_kind kind;
	const char *text;
} failures[] = {
	{ GNUTLS_E_PREMATURE_TERMINATION, ERROR_NETWORK,
	    "the server closed the connection" },
	{ GNUTLS_E_UNSUPPORTED_VERSION_PACKET, ERROR_TLS,
	    "the server offers only versions of TLS that are older than "
	    "tls_min_version or not in tls_priorities" },
	{ GNUTLS_E_HANDSHAKE_TOO_LARGE, ERROR_TLS,
	    "the server sends a message of more than 64 KiB" },
	{ GNUTLS_E_WARNING_ALERT_RECEIVED, ERROR_TLS,
	    "the server sends too many warnings" },
	{ GNUTLS_E_REHANDSHAKE, ERROR_TLS,
	    "the server insists on a renegotiation" },
	{ GNUTLS_E_TOO_MANY_EMPTY_PACKETS, ERROR_TLS,
	    "the server sends too many empty records" },
	{ GNUTLS_E_TOO_MANY_HANDSHAKE_PACKETS, ERROR_TLS,
	    "the server sends too many messages of the handshake" },
};

/*
 * Whether a call of GnuTLS that did not succeed is to be made again at once:
 * it was interrupted by something to ignore, or has more to look at.
 */
static bool
goes_on(struct tls_session *s, ssize_t status)
{
	bool pulled = s->pulled;

	s->pulled = false;
	if (status == GNUTLS_E_INTERRUPTED)
		return true;
	if (status == GNUTLS_E_AGAIN)
		return pulled && !s->blocked;
	if (status != GNUTLS_E_WARNING_ALERT_RECEIVED
	    && status != GNUTLS_E_REHANDSHAKE)
		return false;
	/* A renegotiation may lead anywhere: never. */
	if (status == GNUTLS_E_REHANDSHAKE)
		gnutls_alert_send(s->tls, GNUTLS_AL_WARNING,
		    GNUTLS_A_NO_RENEGOTIATION);
	return ++s->interruptions <= INTERRUPTIONS_MAX;
}

static bool
fail_by_alert(struct tls_session *s)
{
	gnutls_alert_description_t alert = gnutls_alert_get(s->tls);
	const char *name = gnutls_alert_get_name(alert);
	const char *hint = "";

	if (alert == GNUTLS_A_PROTOCOL_VERSION)
		hint = ": see tls_min_version and tls_priorities";
	else if (alert == GNUTLS_A_CERTIFICATE_REQUIRED)
		hint = ": see tls_cert_file and tls_key_file";
	return error_set(s->err, ERROR_TLS,
	    "the server ended TLS with the alert \"%s\" (%d)%s",
	    name ? name : "unknown", (int)alert, hint);
}

/* Fills err with the reason for which GnuTLS failed, unless it has one. */
static bool
fail(struct tls_session *s, ssize_t status)
{
	s->failed = true;
	if (s->told)
		return false;
	s->told = true;
	if (s->seen && (s->first < 20 || s->first > 24))
		return error_set(s->err, ERROR_TLS,
		    s->implicit
			? "the server does not speak TLS on this port from the "
			  "start: tls_starttls on may be right, or another port"
			: "the server agreed to STARTTLS, but then answered with "
			  "something else than TLS");
	if (status == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return fail_by_alert(s);
	for (size_t i = 0; i < COUNT_OF(failures); i++)
		if (failures[i].status == status)
			return error_set(s->err, failures[i].kind, "%s",
			    failures[i].text);
	return error_set(s->err, ERROR_TLS, "%s", gnutls_strerror((int)status));
}

/* The end without a close_notify is an end, too: an SMTP reply is a whole
 * line or none, so cutting the connection can take nothing away unseen. */
static bool
is_end(ssize_t status)
{
	return status == 0 || status == GNUTLS_E_PREMATURE_TERMINATION;
}

/*
 * Nothing to read.  What is still to be written (our Finished, an answer to a
 * message of TLS) is held back once: somebody who only looks goes on to write
 * and takes it along; somebody who waits comes back as soon as he can write.
 */
static ssize_t
wait_for_input(struct tls_session *s)
{
	if (tls_wire_waiting(s) == 0)
		return TRANSPORT_WANT_READ;
	if (!s->held) {
		s->held = true;
		return TRANSPORT_WANT_WRITE;
	}
	return tls_wire_write(s, NULL) == TRANSPORT_WANT_WRITE
	    ? TRANSPORT_WANT_WRITE
	    : TRANSPORT_WANT_READ;
}

static ssize_t
read_tls(struct transport *t, void *buf, size_t len, struct error *err)
{
	struct tls_session *s = t->ctx;
	ssize_t n;

	if (s->ended)
		return 0;
	tls_wire_begin(s, err);
	do
		n = gnutls_record_recv(s->tls, buf, len);
	while (n < 0 && goes_on(s, n));
	if (n > 0) {
		s->silence = 0;
		return n;
	}
	if (is_end(n)) {
		s->ended = true;
		return 0;
	}
	if (n == GNUTLS_E_AGAIN)
		return wait_for_input(s);
	fail(s, n);
	return TRANSPORT_FAILED;
}

static bool
is_full(const struct tls_session *s)
{
	return tls_wire_waiting(s) >= FLIGHT;
}

/* Makes records of the data until a flight is full. */
static ssize_t
encrypt(struct tls_session *s, const char *data, size_t len)
{
	size_t done = 0;

	while (done < len && !is_full(s)) {
		size_t part = len - done < RECORD ? len - done : RECORD;
		ssize_t n = gnutls_record_send(s->tls, data + done, part);

		if (n == GNUTLS_E_INTERRUPTED)
			continue;
		if (n == GNUTLS_E_AGAIN && done == 0)
			return TRANSPORT_WANT_WRITE;
		if (n == GNUTLS_E_AGAIN)
			break;
		if (n < 0) {
			fail(s, n);
			return TRANSPORT_FAILED;
		}
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static ssize_t
write_tls(struct transport *t, const void *buf, size_t len, struct error *err)
{
	struct tls_session *s = t->ctx;
	ssize_t done;

	if (s->write_failed)
		return tls_wire_write(s, err);
	if (is_full(s) && tls_wire_write(s, err) == TRANSPORT_FAILED)
		return TRANSPORT_FAILED;
	if (is_full(s))
		return TRANSPORT_WANT_WRITE;
	tls_wire_begin(s, err);
	done = encrypt(s, buf, len);
	if (is_full(s) && tls_wire_write(s, err) == TRANSPORT_FAILED)
		return TRANSPORT_FAILED;
	return done;
}

static ssize_t
flush_tls(struct transport *t, struct error *err)
{
	return tls_wire_write(t->ctx, err);
}

/* What has been read from the socket need not be a whole record, but then
 * the next read takes it all and finds that out. */
static size_t
pending_tls(const struct transport *t)
{
	const struct tls_session *s = t->ctx;

	return gnutls_record_check_pending(s->tls) + tls_wire_unread(s);
}

static void
free_session(struct tls_session *s)
{
	gnutls_deinit(s->tls);
	tls_names_free(&s->names);
	/* Both hold what is encrypted on the wire: nothing to wipe. */
	str_free(&s->in);
	str_free(&s->out);
	free(s);
}

/* Says goodbye, but does not wait for the answer or for room to write. */
static void
close_tls(struct transport *t)
{
	struct tls_session *s = t->ctx;
	struct transport plain = s->plain;

	tls_wire_begin(s, NULL);
	if (!s->failed && !s->write_failed) {
		gnutls_bye(s->tls, GNUTLS_SHUT_WR);
		tls_wire_write(s, NULL);
	}
	free_session(s);
	transport_close(&plain);
}

struct tls_session *
tls_session_of(const struct transport *transport)
{
	return transport->read == read_tls ? transport->ctx : NULL;
}

/*
 * Whether all there is to write is the ChangeCipherSpec that TLS 1.3 has for
 * middleboxes (RFC 8446 D.4): no server waits for that, so it goes with our
 * Finished.
 */
static bool
can_wait(const struct tls_session *s)
{
	static const char change[] = { 20, 3, 3, 0, 1, 1 };

	return tls_wire_waiting(s) == sizeof(change)
	    && memcmp(s->out.data + s->out_start, change, sizeof(change)) == 0;
}

static bool
do_handshake(struct tls_session *s, int64_t deadline, struct error *err)
{
	for (;;) {
		short events = POLLIN, ready;
		int status;

		tls_wire_begin(s, err);
		do
			status = gnutls_handshake(s->tls);
		while (status < 0 && goes_on(s, status));
		if (status == GNUTLS_E_SUCCESS)
			return true;
		if (status != GNUTLS_E_AGAIN) {
			fail(s, status);
			gnutls_alert_send_appropriate(s->tls, status);
			tls_wire_write(s, NULL);
			return false;
		}
		if (!can_wait(s)) {
			ssize_t put = tls_wire_write(s, err);

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

/* "LABEL client-random secret", a line for each secret. */
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
	file_write(s->setup->keylog_plus_1 - 1, line.data, line.len);
	str_wipe(&line);
	return 0;
}

/*
 * With false start (RFC 7918) what we say in TLS 1.2 goes with our Finished;
 * the first read ends the handshake.  The certificate has been verified then.
 */
static bool
set_up(struct tls_session *s, struct error *err)
{
	const struct tls_credentials *c = s->setup;
	const struct tls_name *name = &s->names.items[0];
	unsigned flags = GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL
	    | GNUTLS_KEY_SHARE_TOP | GNUTLS_ENABLE_FALSE_START
	    | GNUTLS_NO_TICKETS;

	if (c->has_certificate)
		flags |= GNUTLS_FORCE_CLIENT_CERT;
	if (gnutls_init(&s->tls, flags) < 0
	    || gnutls_priority_set(s->tls, c->priorities) < 0
	    || gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE,
		   c->credentials)
		< 0)
		return error_set(err, ERROR_SYSTEM,
		    "cannot start a TLS session");
	if (name->address_len == 0)
		gnutls_server_name_set(s->tls, GNUTLS_NAME_DNS, name->text,
		    strlen(name->text));
	gnutls_session_set_ptr(s->tls, s);
	tls_wire_attach(s);
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
finish(struct tls_session *s, struct error *err)
{
	return !s->implicit || tls_wire_write(s, err) != TRANSPORT_FAILED;
}

/*
 * Says that the handshake failed, unless the certificate or a setting was the
 * reason: then TLS itself works.
 */
static bool
prefix_error(struct error *err)
{
	if (err
	    && (err->kind == ERROR_CERTIFICATE || err->kind == ERROR_CONFIG))
		return false;
	return error_prefix(err, "TLS handshake");
}

/*
 * Whom the certificate must be for.  What DANE and MTA-STS say about that no
 * setting can change.  A name that no certificate can have is left out, but
 * for the first.
 */
static bool
choose_names(struct tls_session *s, const char *host, struct error *err)
{
	const struct strv *demanded = &s->demand->names;
	const char *override = s->setup->override.text;

	if (override != NULL && s->demand->strength < TLS_LEVEL_VERIFY)
		return tls_names_add(&s->names, override, err);
	if (demanded->count == 0)
		return tls_names_add(&s->names, host, err);
	if (!tls_names_add(&s->names, demanded->items[0], err))
		return false;
	for (size_t i = 1; i < demanded->count; i++)
		tls_names_add(&s->names, demanded->items[i], NULL);
	return true;
}

/* A demand may need authorities where the parameters need none. */
static bool
find_trust(struct tls_session *s, struct error *err)
{
	struct tls_credentials *setup = s->setup;

	if (s->demand->strength != TLS_LEVEL_VERIFY
	    || setup->trust_file != NULL)
		return true;
	if (setup->system == NULL)
		setup->system = tls_place_require(err);
	return setup->system != NULL;
}

static bool
start(struct tls_credentials *setup, struct transport *transport,
    const struct tls_target *target, int64_t deadline, struct error *err)
{
	struct tls_session *s = alloc_zeroed(1, sizeof(*s));
	static const struct tls_policy none;

	s->setup = setup;
	s->plain = *transport;
	s->demand = target->demand != NULL ? target->demand : &none;
	s->implicit = target->implicit;
	if (!choose_names(s, target->host, err) || !find_trust(s, err)
	    || !set_up(s, err) || !do_handshake(s, deadline, err)
	    || !finish(s, err)) {
		free_session(s);
		return prefix_error(err);
	}
	s->demand = NULL;
	s->silence = 0;
	*transport = (struct transport){ .fd_plus_1 = s->plain.fd_plus_1,
		.ctx = s,
		.read = read_tls,
		.write = write_tls,
		.flush = flush_tls,
		.pending = pending_tls,
		.close = close_tls };
	return true;
}

ATTR_EXPORT const struct tls_library tls_gnutls_library = {
	.name = "GnuTLS " GNUTLS_VERSION,
	.set_up = tls_set_up,
	.setup_free = tls_setup_free,
	.start = start,
	.describe = tls_info_describe,
	.peer_info = tls_info_peer,
	.channel_binding = tls_info_binding,
	.is_verified = tls_info_is_verified,
	.sent_certificate = tls_info_sent_certificate,
};
