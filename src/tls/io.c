/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The input and output of GnuTLS, between a session and its transport. */
#include "tls/io.h"

#include <errno.h>
#include <string.h>

/* The maximum of unsent output. */
#define OUT_MAX ((size_t)256 * 1024)
/* A read of the transport: one record of the maximum length. */
#define IN_SIZE ((size_t)16 * 1024 + 512)
/* The maximum of input for the handshake, and between application data. */
#define OVERHEAD_MAX ((size_t)256 * 1024)

size_t
tls_io_unsent(const struct tls_session *s)
{
	return s->out.len - s->out_start;
}

size_t
tls_io_unread(const struct tls_session *s)
{
	return s->in.len - s->in_start;
}

void
tls_io_begin(struct tls_session *s, struct error *err)
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
	if (s->out_start < tls_io_unsent(s))
		return;
	str_consume(&s->out, s->out_start);
	s->out_start = 0;
}

ssize_t
tls_io_write(struct tls_session *s, struct error *err)
{
	if (s->write_failed)
		return fail_write(err);
	s->write_deferred = false;
	while (tls_io_unsent(s) > 0) {
		ssize_t n = s->plain.write(&s->plain,
		    s->out.data + s->out_start, tls_io_unsent(s), err);

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
	if (tls_io_unread(s) == 0) {
		ssize_t n = fill(s);

		if (n <= 0)
			return n;
	}
	if (size > tls_io_unread(s))
		size = tls_io_unread(s);
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
	return tls_io_unread(s) > 0 ? 1 : 0;
}

static ssize_t
push(gnutls_transport_ptr_t ptr, const giovec_t *parts, int count)
{
	struct tls_session *s = ptr;
	size_t total = 0;

	if (tls_io_unsent(s) >= OUT_MAX)
		tls_io_write(s, NULL);
	if (tls_io_unsent(s) >= OUT_MAX) {
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
tls_io_attach(struct tls_session *s)
{
	gnutls_transport_set_ptr(s->tls, s);
	gnutls_transport_set_pull_function(s->tls, pull);
	gnutls_transport_set_pull_timeout_function(s->tls, pull_timeout);
	gnutls_transport_set_vec_push_function(s->tls, push);
}
