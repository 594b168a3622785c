/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of the CONNECT method of an HTTP/1.1 proxy (RFC 9110 section
 * 9.3.6), with a login by Basic (RFC 7617).  The proxy looks up the host name, so
 * that this host reveals it to nobody else.
 */
#ifndef VEREDUS_NET_HTTP_CONNECT_H
#define VEREDUS_NET_HTTP_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "net/proxy.h"
#include "net/transport.h"

/*
 * Asks the proxy at the other end of the transport to connect to the host (a
 * name or an address, also in brackets) and port.  Afterwards the transport is
 * the connection to that host, and nothing of it has been read.  The user of the
 * login has no colon.
 * Errors: ERROR_CONFIG if the host is invalid, or if the proxy requires a login
 * that is missing or that it rejects (407 or 401); ERROR_CONNECT with another
 * status of the proxy; ERROR_NETWORK if the proxy closes the connection, or if its
 * response is no HTTP or longer than HTTP_CONNECT_MAX; ERROR_TIMEOUT,
 * ERROR_INTERRUPTED.
 */
bool http_connect(struct transport *t, const struct proxy_login *login,
    const char *host, unsigned port, int64_t deadline, struct error *err);

/* Octets of the responses, up to the end of the header section. */
#define HTTP_CONNECT_MAX 16384

#endif
