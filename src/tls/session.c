/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Passes encrypted octets between GnuTLS and the socket, performs the handshake,
 * and then is the transport of the connection.
 */
#include "tls/session.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

/* Write when so much has gathered: more than a block of 64 KiB of text with its
 * line ends and stuffed dots, so that such a block is written at once. */
#define FLIGHT ((size_t)96 * 1024)
#define RECORD ((size_t)16 * 1024)
/* Warning alerts, and requests to renegotiate, in one session. */
#define INTERRUPTIONS_MAX 8
/* The maximum of unsent output. */
#define OUT_MAX ((size_t)256 * 1024)
/* A read of the transport: one record of the maximum length. */
#define IN_SIZE ((size_t)16 * 1024 + 512)
/* The maximum of input for the handshake, and between application data. */
#define OVERHEAD_MAX ((size_t)256 * 1024)

/* The number of octets of `out` that are not sent. */
static size_t
unsent(const struct tls_session *s)
{
	return s->out.len - s->out_start;
}

/* The number of octets of `in` that are not read. */
static size_t
unread(const struct tls_session *s)
{
	return s->in.len - s->in_start;
}

/* Runs before each function of GnuTLS that reads or writes; err gets the errors
 * of the transport. */
static void
begin_call(struct tls_session *s, struct error *err)
{
	s->err = err;
	s->has_error = false;
	s->blocked = false;
	s->pulled = false;
}

static ssize_t
fail_write(struct error *err)
{
	error_set(err, ERROR_NETWORK, "the connection was lost");
	return TRANSPORT_FAILED;
}

/*
 * Removes the sent octets from `out`, which may never become empty if the
 * server is slow, but only if at most as many octets have to be moved.
 */
static void
discard_sent(struct tls_session *s)
{
	if (s->out_start < unsent(s))
		return;
	str_consume(&s->out, s->out_start);
	s->out_start = 0;
}

/*
 * Writes `out` as far as the socket accepts it.  Returns 1 if nothing is left,
 * else the same as write() of a transport.  After a failure output is
 * discarded, but input that arrived before can still be read.
 */
static ssize_t
write_out(struct tls_session *s, struct error *err)
{
	if (s->write_failed)
		return fail_write(err);
	s->write_deferred = false;
	while (unsent(s) > 0) {
		ssize_t n = s->plain.write(&s->plain,
		    s->out.data + s->out_start, unsent(s), err);

		if (n == TRANSPORT_WANT_WRITE) {
			discard_sent(s);
			return n;
		}
		s->write_failed = n < 0;
		if (n < 0)
			break;
		s->out_start += (size_t)n;
	}
	str_truncate(&s->out, 0);
	s->out_start = 0;
	return s->write_failed ? TRANSPORT_FAILED : 1;
}

/* Fills `in` with what has arrived; returns the same as recv(). */
static ssize_t
fill(struct tls_session *s)
{
	ssize_t n;

	str_truncate(&s->in, 0);
	s->in_start = 0;
	n = s->plain.read(&s->plain, str_reserve(&s->in, IN_SIZE), IN_SIZE,
	    s->err);
	if (n >= 0) {
		s->in.len = (size_t)n;
		return n;
	}
	s->blocked = n != TRANSPORT_FAILED;
	s->has_error = n == TRANSPORT_FAILED;
	gnutls_transport_set_errno(s->tls, s->blocked ? EAGAIN : EIO);
	return -1;
}

static ssize_t
pull(gnutls_transport_ptr_t ptr, void *buf, size_t size)
{
	struct tls_session *s = ptr;

	if (s->overhead > OVERHEAD_MAX) {
		error_set(s->err, ERROR_TLS,
		    "the server sends endless TLS messages without data");
		s->has_error = true;
		gnutls_transport_set_errno(s->tls, EIO);
		return -1;
	}
	if (unread(s) == 0) {
		ssize_t n = fill(s);

		if (n <= 0)
			return n;
	}
	if (size > unread(s))
		size = unread(s);
	memcpy(buf, s->in.data + s->in_start, size);
	if (!s->received && size > 0) {
		s->received = true;
		s->first_octet = *(const unsigned char *)buf;
	}
	s->in_start += size;
	s->overhead += size;
	s->pulled = true;
	return (ssize_t)size;
}

/* GnuTLS asks for this function, but never waits: it gets a timeout of 0. */
static int
pull_timeout(gnutls_transport_ptr_t ptr, unsigned milliseconds)
{
	struct tls_session *s = ptr;

	(void)milliseconds;
	return unread(s) > 0 ? 1 : 0;
}

static ssize_t
push(gnutls_transport_ptr_t ptr, const giovec_t *parts, int count)
{
	struct tls_session *s = ptr;
	size_t total = 0;

	if (unsent(s) >= OUT_MAX)
		write_out(s, NULL);
	if (unsent(s) >= OUT_MAX) {
		s->blocked = true;
		gnutls_transport_set_errno(s->tls, EAGAIN);
		return -1;
	}
	for (int i = 0; i < count; i++) {
		if (!s->write_failed)
			str_append(&s->out, parts[i].iov_base,
			    parts[i].iov_len);
		total += parts[i].iov_len;
	}
	return (ssize_t)total;
}

void
tls_session_set_callbacks(struct tls_session *s)
{
	gnutls_transport_set_ptr(s->tls, s);
	gnutls_transport_set_pull_function(s->tls, pull);
	gnutls_transport_set_pull_timeout_function(s->tls, pull_timeout);
	gnutls_transport_set_vec_push_function(s->tls, push);
}

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

/*
 * Whether to repeat a call of GnuTLS at once that returned this status: it was
 * interrupted by something to ignore, or there is more input.
 */
static bool
should_retry(struct tls_session *s, ssize_t status)
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

/* Sets the error from a status of GnuTLS, unless it is set. */
static void
fail_session(struct tls_session *s, ssize_t status)
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
	if (unsent(s) == 0)
		return TRANSPORT_WANT_READ;
	if (!s->write_deferred) {
		s->write_deferred = true;
		return TRANSPORT_WANT_WRITE;
	}
	return write_out(s, NULL) == TRANSPORT_WANT_WRITE ? TRANSPORT_WANT_WRITE
							  : TRANSPORT_WANT_READ;
}

static ssize_t
read_tls(struct transport *t, void *buf, size_t len, struct error *err)
{
	struct tls_session *s = t->ctx;
	ssize_t n;

	if (s->ended)
		return 0;
	begin_call(s, err);
	do
		n = gnutls_record_recv(s->tls, buf, len);
	while (n < 0 && should_retry(s, n));
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
	fail_session(s, n);
	return TRANSPORT_FAILED;
}

static bool
is_full(const struct tls_session *s)
{
	return unsent(s) >= FLIGHT;
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
			fail_session(s, n);
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
		return write_out(s, err);
	if (is_full(s) && write_out(s, err) == TRANSPORT_FAILED)
		return TRANSPORT_FAILED;
	if (is_full(s))
		return TRANSPORT_WANT_WRITE;
	begin_call(s, err);
	done = encrypt(s, buf, len);
	if (is_full(s) && write_out(s, err) == TRANSPORT_FAILED)
		return TRANSPORT_FAILED;
	return done;
}

bool
tls_session_flush(struct tls_session *s, struct error *err)
{
	return write_out(s, err) != TRANSPORT_FAILED;
}

static ssize_t
flush_tls(struct transport *t, struct error *err)
{
	return write_out(t->ctx, err);
}

/*
 * Counts unread input, too, although it may be a part of a record only: the next
 * read consumes it all and finds this out.
 */
static size_t
pending_tls(const struct transport *t)
{
	const struct tls_session *s = t->ctx;

	return gnutls_record_check_pending(s->tls) + unread(s);
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

	begin_call(s, NULL);
	if (!s->failed && !s->write_failed) {
		gnutls_bye(s->tls, GNUTLS_SHUT_WR);
		write_out(s, NULL);
	}
	tls_session_free(s);
	transport_close(&plain);
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

/*
 * Whether the only output is the ChangeCipherSpec that TLS 1.3 sends for
 * middleboxes (RFC 8446 section D.4).  No server waits for it, so it is sent
 * together with our Finished.
 */
static bool
may_defer_write(const struct tls_session *s)
{
	static const char change[] = { 20, 3, 3, 0, 1, 1 };

	return unsent(s) == sizeof(change)
	    && memcmp(s->out.data + s->out_start, change, sizeof(change)) == 0;
}

bool
tls_session_handshake(struct tls_session *s, int64_t deadline,
    struct error *err)
{
	for (;;) {
		short events = POLLIN, ready;
		int status;

		begin_call(s, err);
		do
			status = gnutls_handshake(s->tls);
		while (status < 0 && should_retry(s, status));
		if (status == GNUTLS_E_SUCCESS)
			return true;
		if (status != GNUTLS_E_AGAIN) {
			fail_session(s, status);
			gnutls_alert_send_appropriate(s->tls, status);
			write_out(s, NULL);
			return false;
		}
		if (!may_defer_write(s)) {
			ssize_t put = write_out(s, err);

			if (put == TRANSPORT_FAILED)
				return false;
			if (put == TRANSPORT_WANT_WRITE)
				events |= POLLOUT;
		}
		if (!transport_wait(&s->plain, events, deadline, &ready, err))
			return false;
	}
}
