/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/literal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

void
literal_of_local_end(const struct transport *transport, struct str *out)
{
	struct sockaddr_storage address = { 0 };
	socklen_t size = sizeof(address);
	char text[INET6_ADDRSTRLEN] = "127.0.0.1";
	const char *tag = "";

	getsockname(transport->fd_plus_1 - 1, (struct sockaddr *)&address,
	    &size);
	if (address.ss_family == AF_INET) {
		inet_ntop(AF_INET, &((struct sockaddr_in *)&address)->sin_addr,
		    text, sizeof(text));
	} else if (address.ss_family == AF_INET6) {
		tag = "IPv6:";
		inet_ntop(AF_INET6,
		    &((struct sockaddr_in6 *)&address)->sin6_addr, text,
		    sizeof(text));
	}
	str_printf(out, "[%s%s]", tag, text);
}
