/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Passes encrypted octets between GnuTLS and the plain transport of a session,
 * by way of `in` and `out` of struct tls_session.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_IO_H
#define VEREDUS_TLS_IO_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "tls/session.h"

/* Makes GnuTLS use these functions in place of a socket. */
void tls_io_attach(struct tls_session *s);
/* Call this before each function of GnuTLS that reads or writes; err gets the
 * errors of the transport. */
void tls_io_begin(struct tls_session *s, struct error *err);

/* The number of octets of `out` that are not sent, and of `in` not read. */
size_t tls_io_unsent(const struct tls_session *s);
size_t tls_io_unread(const struct tls_session *s);

/*
 * Writes `out` as far as the socket accepts it.  Returns 1 if nothing is left,
 * else the same as write() of a transport.  After a failure output is
 * discarded, but input that arrived before can still be read.
 */
ssize_t tls_io_write(struct tls_session *s, struct error *err);

#endif
