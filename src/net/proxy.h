/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the protocols of proxies share: the login, and octets to and from the proxy.
 */
#ifndef VEREDUS_NET_PROXY_H
#define VEREDUS_NET_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "net/transport.h"

struct proxy_login {
	const char *user; /* NULL: there is no login */
	const struct secret *password;
};

/*
 * Writes len octets (POLLOUT), or reads exactly as many (POLLIN), because what
 * follows the reply of the proxy comes from the server.  Errors: ERROR_NETWORK if
 * the proxy closes the connection, ERROR_TIMEOUT, ERROR_INTERRUPTED.
 */
bool proxy_transfer(struct transport *t, short event, void *data, size_t len,
    int64_t deadline, struct error *err);

/* Sets the error that an IPv6 address has a zone, which is known to this host only,
 * not to the proxy; always returns false. */
bool proxy_fail_zone(const char *host, struct error *err);

#endif
