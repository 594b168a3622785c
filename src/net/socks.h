/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of SOCKS5 (RFC 1928), with a login by user and password
 * (RFC 1929) if the proxy asks for it.  The proxy looks up the host name, so that
 * this host reveals it to nobody else.
 */
#ifndef VEREDUS_NET_SOCKS_H
#define VEREDUS_NET_SOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "net/proxy.h"
#include "net/transport.h"

/* The maximum length of a user and of a password (RFC 1929 section 2). */
#define SOCKS_LOGIN_MAX 255

/*
 * Asks the proxy at the other end of the transport to connect to the host (a
 * name or an address, also in brackets) and port.  Afterwards the transport is
 * the connection to that host, and nothing of it has been read.  User and password
 * of the login have 1 to SOCKS_LOGIN_MAX octets.
 * Errors: ERROR_CONFIG if the host is invalid or the proxy requires a login
 * that is missing or that it rejects, ERROR_CONNECT with the proxy's reason,
 * ERROR_NETWORK if the proxy closes the connection or violates SOCKS5,
 * ERROR_TIMEOUT, ERROR_INTERRUPTED.
 */
bool socks_connect(struct transport *t, const struct proxy_login *login,
    const char *host, unsigned port, int64_t deadline, struct error *err);

#endif
