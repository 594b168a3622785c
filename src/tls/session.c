/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The transport of a TLS session: reading, writing, closing, and errors. */
#include "tls/session.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>

#include "base/attr.h"
#include "tls/io.h"

/* Write when so much has gathered: more than a block of 64 KiB of text with its
 * line ends and stuffed dots, so that such a block is written at once. */
#define FLIGHT ((size_t)96 * 1024)
#define RECORD ((size_t)16 * 1024)
/* Warning alerts, and requests to renegotiate, in one session. */
#define INTERRUPTIONS_MAX 8

/* Errors for which GnuTLS has no text that helps the user. */
static const struct {
	int status;
	enum error_kind kind;
	const char *text;
} failures[] = {
	{ GNUTLS_E_PREMATURE_TERMINATION, ERROR_NETWORK,
	    "the server closed the connection" },
	{ GNUTLS_E_UNSUPPORTED_VERSION_PACKET, ERROR_TLS,
	    "the server supports no TLS version that tls_min_version and "
	    "tls_priorities allow" },
	{ GNUTLS_E_HANDSHAKE_TOO_LARGE, ERROR_TLS,
	    "the server sent a handshake message of more than 64 KiB" },
	{ GNUTLS_E_WARNING_ALERT_RECEIVED, ERROR_TLS,
	    "the server sent too many warning alerts" },
	{ GNUTLS_E_REHANDSHAKE, ERROR_TLS,
	    "the server keeps requesting a renegotiation" },
	{ GNUTLS_E_TOO_MANY_EMPTY_PACKETS, ERROR_TLS,
	    "the server sent too many empty records" },
	{ GNUTLS_E_TOO_MANY_HANDSHAKE_PACKETS, ERROR_TLS,
	    "the server sent too many handshake messages" },
};

bool
tls_session_should_retry(struct tls_session *s, ssize_t status)
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
	/* Never renegotiate: the server was verified for this handshake only. */
	if (status == GNUTLS_E_REHANDSHAKE)
		gnutls_alert_send(s->tls, GNUTLS_AL_WARNING,
		    GNUTLS_A_NO_RENEGOTIATION);
	return ++s->interruptions <= INTERRUPTIONS_MAX;
}

static void
set_alert_error(struct tls_session *s)
{
	gnutls_alert_description_t alert = gnutls_alert_get(s->tls);
	const char *name = gnutls_alert_get_name(alert);
	const char *hint = "";

	if (alert == GNUTLS_A_PROTOCOL_VERSION)
		hint = ": see tls_min_version and tls_priorities";
	else if (alert == GNUTLS_A_CERTIFICATE_REQUIRED)
		hint = ": see tls_cert_file and tls_key_file";
	error_set(s->err, ERROR_TLS,
	    "the server ended TLS with the alert \"%s\" (%d)%s",
	    name ? name : "unknown", (int)alert, hint);
}

/* The content types of TLS records are 20 to 24. */
static bool
is_no_tls(const struct tls_session *s)
{
	return s->received && (s->first_octet < 20 || s->first_octet > 24);
}

static void
set_error(struct tls_session *s, ssize_t status)
{
	if (is_no_tls(s)) {
		error_set(s->err, ERROR_TLS,
		    s->implicit
			? "the server does not use implicit TLS on this port: "
			  "try tls_starttls on, or another port"
			: "the server accepted STARTTLS, but did not start TLS");
		return;
	}
	if (status == GNUTLS_E_FATAL_ALERT_RECEIVED) {
		set_alert_error(s);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(failures); i++)
		if (failures[i].status == status) {
			error_set(s->err, failures[i].kind, "%s",
			    failures[i].text);
			return;
		}
	error_set(s->err, ERROR_TLS, "%s", gnutls_strerror((int)status));
}

void
tls_session_fail(struct tls_session *s, ssize_t status)
{
	s->failed = true;
	if (!s->has_error)
		set_error(s, status);
	s->has_error = true;
}

/*
 * Accepts the end of the connection without close_notify.  An attacker who cuts
 * the connection cannot truncate a reply unnoticed, as replies end with CRLF.
 */
static bool
is_end(ssize_t status)
{
	return status == 0 || status == GNUTLS_E_PREMATURE_TERMINATION;
}

/*
 * There is no input.  Output of GnuTLS, such as our Finished, is not written at
 * the first call: a caller who only checks for input writes next, and sends it
 * along.  A caller who waits calls again when the socket is writable.
 */
static ssize_t
wait_for_input(struct tls_session *s)
{
	if (tls_io_unsent(s) == 0)
		return TRANSPORT_WANT_READ;
	if (!s->write_deferred) {
		s->write_deferred = true;
		return TRANSPORT_WANT_WRITE;
	}
	return tls_io_write(s, NULL) == TRANSPORT_WANT_WRITE
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
	tls_io_begin(s, err);
	do
		n = gnutls_record_recv(s->tls, buf, len);
	while (n < 0 && tls_session_should_retry(s, n));
	if (n > 0) {
		s->overhead = 0;
		return n;
	}
	if (is_end(n)) {
		s->ended = true;
		return 0;
	}
	if (n == GNUTLS_E_AGAIN)
		return wait_for_input(s);
	tls_session_fail(s, n);
	return TRANSPORT_FAILED;
}

static bool
is_full(const struct tls_session *s)
{
	return tls_io_unsent(s) >= FLIGHT;
}

/* Encrypts data into records until a flight is full; returns how much. */
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
			tls_session_fail(s, n);
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
		return tls_io_write(s, err);
	if (is_full(s) && tls_io_write(s, err) == TRANSPORT_FAILED)
		return TRANSPORT_FAILED;
	if (is_full(s))
		return TRANSPORT_WANT_WRITE;
	tls_io_begin(s, err);
	done = encrypt(s, buf, len);
	if (is_full(s) && tls_io_write(s, err) == TRANSPORT_FAILED)
		return TRANSPORT_FAILED;
	return done;
}

static ssize_t
flush_tls(struct transport *t, struct error *err)
{
	return tls_io_write(t->ctx, err);
}

/*
 * Counts unread input, too, although it may be a part of a record only: the next
 * read consumes it all and finds this out.
 */
static size_t
pending_tls(const struct transport *t)
{
	const struct tls_session *s = t->ctx;

	return gnutls_record_check_pending(s->tls) + tls_io_unread(s);
}

void
tls_session_free(struct tls_session *s)
{
	gnutls_deinit(s->tls);
	tls_names_free(&s->names);
	/* Both contain encrypted octets only, so do not wipe them. */
	str_free(&s->in);
	str_free(&s->out);
	free(s);
}

/* Sends close_notify, but waits neither for the server's nor for the socket. */
static void
close_tls(struct transport *t)
{
	struct tls_session *s = t->ctx;
	struct transport plain = s->plain;

	tls_io_begin(s, NULL);
	if (!s->failed && !s->write_failed) {
		gnutls_bye(s->tls, GNUTLS_SHUT_WR);
		tls_io_write(s, NULL);
	}
	tls_session_free(s);
	transport_close(&plain);
}

struct tls_session *
tls_session_of(const struct transport *transport)
{
	return transport->read == read_tls ? transport->ctx : NULL;
}

void
tls_session_attach(struct tls_session *s, struct transport *transport)
{
	*transport = (struct transport){ .fd_plus_1 = s->plain.fd_plus_1,
		.ctx = s,
		.read = read_tls,
		.write = write_tls,
		.flush = flush_tls,
		.pending = pending_tls,
		.close = close_tls };
}
