/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The octets between GnuTLS and the plain transport of a session: `in` and
 * `out` of struct tls_session.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_IO_H
#define VEREDUS_TLS_IO_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "tls/session.h"

/* Gives GnuTLS these functions in place of a socket. */
void tls_wire_attach(struct tls_session *s);
/* Before each call of GnuTLS: where errors go to. */
void tls_wire_begin(struct tls_session *s, struct error *err);

/* How much is to be written, and has arrived but was not taken. */
size_t tls_wire_waiting(const struct tls_session *s);
size_t tls_wire_unread(const struct tls_session *s);

/*
 * Writes what has gathered, as far as the socket takes it: 1 when that was
 * all, else as write() of a transport.  After a failure nothing gathers any
 * more, but what the server had to say before can still be read.
 */
ssize_t tls_wire_write(struct tls_session *s, struct error *err);

#endif
