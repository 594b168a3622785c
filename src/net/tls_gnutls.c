/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "net/tls_session.h"

/* What is gathered before one write, and the most that ever waits. */
#define FLIGHT ((size_t)64 * 1024)
#define OUT_MAX (4 * FLIGHT)
#define IN_SIZE ((size_t)16 * 1024 + 512)
#define RECORD ((size_t)16 * 1024)
/* One message of the handshake: certificates come in one. */
#define MESSAGE_MAX ((size_t)64 * 1024)
/* All of a handshake, and all between two pieces of data. */
#define SILENCE_MAX ((size_t)256 * 1024)
/* Warnings and wishes to renegotiate in a session. */
#define INTERRUPTIONS_MAX 16

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

static size_t
left(const struct str *buffer, size_t start)
{
	return buffer->len - start;
}

static void
begin(struct tls_session *s, struct error *err)
{
	s->err = err;
	s->told = false;
	s->blocked = false;
	s->pulled = false;
}

static ssize_t
broken(struct error *err)
{
	error_set(err, ERROR_NETWORK, "the connection was lost");
	return TRANSPORT_FAILED;
}

/*
 * Writes what has gathered, as far as the socket takes it: 1 when that was
 * all.  After a failure nothing gathers any more, but what the server had to
 * say before can still be read.
 */
static ssize_t
write_out(struct tls_session *s, struct error *err)
{
	if (s->write_failed)
		return broken(err);
	s->held = false;
	while (left(&s->out, s->out_start) > 0) {
		ssize_t n =
		    s->plain.write(&s->plain, s->out.data + s->out_start,
			left(&s->out, s->out_start), err);

		if (n == TRANSPORT_WANT_WRITE)
			return n;
		s->write_failed = n < 0;
		if (n < 0)
			break;
		s->out_start += (size_t)n;
	}
	str_truncate(&s->out, 0);
	s->out_start = 0;
	return s->write_failed ? TRANSPORT_FAILED : 1;
}

/* Gets what has arrived: as recv() does, for GnuTLS. */
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
	s->told = n == TRANSPORT_FAILED;
	gnutls_transport_set_errno(s->tls, s->blocked ? EAGAIN : EIO);
	return -1;
}

static ssize_t
pull(gnutls_transport_ptr_t ptr, void *buf, size_t size)
{
	struct tls_session *s = ptr;

	if (s->silence > SILENCE_MAX) {
		error_set(s->err, ERROR_TLS,
		    "the server sends messages of TLS without end");
		s->told = true;
		gnutls_transport_set_errno(s->tls, EIO);
		return -1;
	}
	if (left(&s->in, s->in_start) == 0) {
		ssize_t n = fill(s);

		if (n <= 0)
			return n;
	}
	if (size > left(&s->in, s->in_start))
		size = left(&s->in, s->in_start);
	memcpy(buf, s->in.data + s->in_start, size);
	if (!s->seen && size > 0) {
		s->seen = true;
		s->first = *(const unsigned char *)buf;
	}
	s->in_start += size;
	s->silence += size;
	s->pulled = true;
	return (ssize_t)size;
}

/* We never wait inside GnuTLS; it asks all the same if it can. */
static int
pull_timeout(gnutls_transport_ptr_t ptr, unsigned milliseconds)
{
	struct tls_session *s = ptr;

	(void)milliseconds;
	return left(&s->in, s->in_start) > 0 ? 1 : 0;
}

static ssize_t
push(gnutls_transport_ptr_t ptr, const giovec_t *parts, int count)
{
	struct tls_session *s = ptr;
	size_t total = 0;

	if (left(&s->out, s->out_start) >= OUT_MAX)
		write_out(s, NULL);
	if (left(&s->out, s->out_start) >= OUT_MAX) {
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
		    s->context->starttls
			? "the server agreed to STARTTLS, but then answered with "
			  "something else than TLS"
			: "the server does not speak TLS on this port from the "
			  "start: tls_starttls on may be right, or another port");
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
	if (left(&s->out, s->out_start) == 0)
		return TRANSPORT_WANT_READ;
	if (!s->held) {
		s->held = true;
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

	begin(s, err);
	do
		n = gnutls_record_recv(s->tls, buf, len);
	while (n < 0 && goes_on(s, n));
	if (n > 0) {
		s->silence = 0;
		return n;
	}
	if (is_end(n))
		return 0;
	if (n == GNUTLS_E_AGAIN)
		return wait_for_input(s);
	fail(s, n);
	return TRANSPORT_FAILED;
}

static bool
is_full(const struct tls_session *s)
{
	return left(&s->out, s->out_start) >= FLIGHT;
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
		return broken(err);
	if (is_full(s) && write_out(s, err) == TRANSPORT_FAILED)
		return TRANSPORT_FAILED;
	if (is_full(s))
		return TRANSPORT_WANT_WRITE;
	begin(s, err);
	done = encrypt(s, buf, len);
	if (is_full(s) && write_out(s, err) == TRANSPORT_FAILED)
		return TRANSPORT_FAILED;
	return done;
}

static ssize_t
flush_tls(struct transport *t, struct error *err)
{
	return write_out(t->ctx, err);
}

/* What has been read from the socket need not be a whole record, but then
 * the next read takes it all and finds that out. */
static size_t
pending_tls(const struct transport *t)
{
	const struct tls_session *s = t->ctx;

	return gnutls_record_check_pending(s->tls) + left(&s->in, s->in_start);
}

static void
free_session(struct tls_session *s)
{
	gnutls_deinit(s->tls);
	tls_name_free(&s->name);
	str_wipe(&s->in);
	str_free(&s->out);
	free(s);
}

/* Says goodbye, but does not wait for the answer or for room to write. */
static void
close_tls(struct transport *t)
{
	struct tls_session *s = t->ctx;
	struct transport plain = s->plain;

	begin(s, NULL);
	if (!s->failed && !s->write_failed) {
		gnutls_bye(s->tls, GNUTLS_SHUT_WR);
		write_out(s, NULL);
	}
	free_session(s);
	transport_close(&plain);
}

struct tls_session *
tls_session_of(const struct transport *transport)
{
	return transport->read == read_tls ? transport->ctx : NULL;
}

static bool
shake_hands(struct tls_session *s, int64_t deadline, struct error *err)
{
	for (;;) {
		short events = POLLIN, ready;
		int status;

		begin(s, err);
		do
			status = gnutls_handshake(s->tls);
		while (status < 0 && goes_on(s, status));
		if (status == GNUTLS_E_SUCCESS)
			return true;
		if (status != GNUTLS_E_AGAIN) {
			fail(s, status);
			gnutls_alert_send_appropriate(s->tls, status);
			write_out(s, NULL);
			return false;
		}
		switch (write_out(s, err)) {
		case TRANSPORT_FAILED:
			return false;
		case TRANSPORT_WANT_WRITE:
			events |= POLLOUT;
			break;
		}
		if (!transport_wait(&s->plain, events, deadline, &ready, err))
			return false;
	}
}

static bool
set_up(struct tls_session *s, struct error *err)
{
	const struct tls_context *c = s->context;
	unsigned flags = GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL
	    | GNUTLS_NO_TICKETS | GNUTLS_KEY_SHARE_TOP;

	if (c->has_certificate)
		flags |= GNUTLS_FORCE_CLIENT_CERT;
	if (gnutls_init(&s->tls, flags) < 0
	    || gnutls_priority_set(s->tls, c->priorities) < 0
	    || gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE,
		   c->credentials)
		< 0)
		return error_set(err, ERROR_SYSTEM,
		    "cannot start a TLS session");
	if (s->name.address_len == 0)
		gnutls_server_name_set(s->tls, GNUTLS_NAME_DNS, s->name.text,
		    strlen(s->name.text));
	gnutls_session_set_ptr(s->tls, s);
	gnutls_transport_set_ptr(s->tls, s);
	gnutls_transport_set_pull_function(s->tls, pull);
	gnutls_transport_set_pull_timeout_function(s->tls, pull_timeout);
	gnutls_transport_set_vec_push_function(s->tls, push);
	gnutls_handshake_set_timeout(s->tls, 0);
	gnutls_handshake_set_max_packet_length(s->tls, MESSAGE_MAX);
	return true;
}

/* Where we speak first our Finished goes with what we say. */
static bool
finish(struct tls_session *s, struct error *err)
{
	return s->context->starttls || write_out(s, err) != TRANSPORT_FAILED;
}

bool
tls_start(struct tls_context *context, struct transport *transport,
    const char *host, int64_t deadline, struct error *err)
{
	struct tls_session *s = alloc_zeroed(1, sizeof(*s));
	const char *name = context->override.text;

	s->context = context;
	s->plain = *transport;
	if (!tls_name_set(&s->name, name ? name : host, err) || !set_up(s, err)
	    || !shake_hands(s, deadline, err) || !finish(s, err)) {
		free_session(s);
		return error_prefix(err, "TLS handshake");
	}
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
