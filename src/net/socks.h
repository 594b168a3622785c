/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of SOCKS5 (RFC 1928), without authentication.  The proxy
 * resolves the name: what we connect to is never asked for from here.
 */
#ifndef VEREDUS_NET_SOCKS_H
#define VEREDUS_NET_SOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "net/transport.h"

/*
 * Asks the proxy at the other end of the transport to connect to the host
 * (name, address or either in brackets) and port.  Afterwards the transport
 * is the connection to that host; not one byte of it has been read.
 * Errors: ERROR_CONFIG when the host is none or the proxy wants a login,
 * ERROR_CONNECT with the proxy's reason, ERROR_NETWORK when the proxy hangs
 * up or is no SOCKS5 proxy, ERROR_TIMEOUT, ERROR_INTERRUPTED.
 */
bool socks_connect(struct transport *t, const char *host, unsigned port,
    int64_t deadline, struct error *err);

#endif
