/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses the address of a name server, with an optional port.
 */
#include "dns/params.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define DNS_PORT 53

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
	unsigned long long port = DNS_PORT;
	char *address;
	bool ok;

	if (colon == NULL || colon == text
	    || (colon[-1] != ']'
		&& (text[0] == '[' || strchr(text, ':') != colon)))
		colon = text + strlen(text);
	address = alloc_string_n(text, (size_t)(colon - text));
	ok = endpoint_parse(server, address)
	    && (*colon == '\0' || text_number(colon + 1, 1, UINT16_MAX, &port));
	free(address);
	if (ok)
		endpoint_set_port(server, (unsigned)port);
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
