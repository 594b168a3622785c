/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Formats the local address of a connection as an address literal.
 */
#include "net/literal.h"

#include <sys/socket.h>

#include "net/endpoint.h"

void
literal_of_local_end(const struct transport *transport, struct str *out)
{
	struct endpoint local = { 0 };
	socklen_t size = sizeof(local);

	getsockname(transport->fd_plus_1 - 1, &local.any, &size);
	if (local.any.sa_family == AF_INET6) {
		/* A zone has no place in a literal. */
		local.ipv6.sin6_scope_id = 0;
		str_add(out, "[IPv6:");
	} else {
		str_add_char(out, '[');
	}
	if (local.any.sa_family == AF_INET || local.any.sa_family == AF_INET6)
		endpoint_text(&local, out);
	else
		str_add(out, "127.0.0.1");
	str_add_char(out, ']');
}
