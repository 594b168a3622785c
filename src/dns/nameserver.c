/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses the address of a name server, with an optional port.
 */
#include "dns/nameserver.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define DNS_PORT 53

static bool
parse_port(const char *text, unsigned *port)
{
	unsigned long long number;

	if (!text_number(text, 1, UINT16_MAX, &number))
		return false;
	*port = (unsigned)number;
	return true;
}

/*
 *   server  = address / IPv4 ":" port / "[" address "]" [":" port]
 *
 * The last colon precedes a port if it follows a bracket, or if it is the only
 * colon.
 */
static bool
parse_server(const char *text, struct endpoint *server)
{
	const char *colon = strrchr(text, ':');
	unsigned port = DNS_PORT;
	char *address;
	bool ok = true;

	if (colon != NULL && colon > text && colon[-1] != ']'
	    && strchr(text, ':') != colon)
		colon = NULL;
	if (colon != NULL && text[0] == '[' && colon[-1] != ']')
		colon = NULL;
	if (colon != NULL)
		ok = parse_port(colon + 1, &port);
	address = alloc_string_n(text,
	    colon != NULL ? (size_t)(colon - text) : strlen(text));
	ok = ok && endpoint_parse(server, address);
	free(address);
	if (ok)
		endpoint_set_port(server, port);
	return ok;
}

bool
dns_nameserver_add(struct endpoint_list *servers, const char *text,
    struct error *err)
{
	struct endpoint server;

	if (servers->count == DNS_SERVERS_MAX)
		return error_set(err, ERROR_CONFIG, "more than %d name servers",
		    DNS_SERVERS_MAX);
	if (!parse_server(text, &server))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is not a name server address: write ADDRESS, "
		    "ADDRESS:PORT or [ADDRESS]:PORT",
		    text);
	endpoint_list_add(servers, &server);
	return true;
}
