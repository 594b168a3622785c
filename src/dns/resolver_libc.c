/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Queries by the resolver of the C library, if it can be told the servers and
 * the time (res_nsend of glibc).
 */
#include <arpa/nameser.h>
#include <errno.h>
#include <resolv.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "dns/parse.h"
#include "dns/query.h"
#include "dns/resolver.h"

/* Without this option (glibc before 2.31) the AD flag is never requested. */
#ifndef RES_TRUSTAD
#define RES_TRUSTAD 0
#endif

/* The state of glibc has one list of servers for each family. */
static void
set_server(res_state state, int i, const struct endpoint *server)
{
	if (server->any.sa_family == AF_INET) {
		state->nsaddr_list[i] = server->ipv4;
		return;
	}
	state->nsaddr_list[i].sin_family = 0;
	state->_u._ext.nssocks[i] = -1;
	state->_u._ext.nsaddrs[i] = alloc_bytes(sizeof(server->ipv6));
	*state->_u._ext.nsaddrs[i] = server->ipv6;
}

static void
set_servers(res_state state, const struct endpoint_list *servers)
{
	int count = servers->count < MAXNS ? (int)servers->count : MAXNS;

	/* Releases the IPv6 addresses that were read from resolv.conf. */
	res_nclose(state);
	for (int i = 0; i < count; i++)
		set_server(state, i, &servers->items[i]);
	state->nscount = count;
}

static bool
is_local_server(res_state state, int i)
{
	struct endpoint server = { .ipv4 = state->nsaddr_list[i] };

	if (server.any.sa_family == 0 && state->_u._ext.nsaddrs[i] != NULL)
		server.ipv6 = *state->_u._ext.nsaddrs[i];
	return endpoint_is_loopback(&server);
}

static bool
are_servers_local(res_state state)
{
	for (int i = 0; i < state->nscount; i++)
		if (!is_local_server(state, i))
			return false;
	return state->nscount > 0;
}

/* Reads resolv.conf, and applies the settings. */
static bool
open_state(res_state state, const struct dns_params *params, const char **trust)
{
	*state = (struct __res_state){ 0 };
	if (res_ninit(state) != 0)
		return false;
	if (params->servers.count > 0)
		set_servers(state, &params->servers);
	*trust = query_trust(params, (state->options & RES_TRUSTAD) != 0,
	    are_servers_local(state));
	state->options &= ~(unsigned long)RES_TRUSTAD;
	if (*trust != NULL)
		state->options |= RES_TRUSTAD;
	return true;
}

/*
 * glibc waits for one interval for each of n servers in the first round, and
 * for twice the interval divided by n in the second: n + 2 intervals in all.
 */
static void
set_time(res_state state, int64_t deadline)
{
	int interval;

	if (deadline == CLOCK_NEVER)
		return;
	interval = clock_poll_timeout(deadline) / 1000 / (state->nscount + 2);
	if (interval < 1)
		interval = 1;
	if (state->retrans > interval)
		state->retrans = interval;
	if (state->retry > 2)
		state->retry = 2;
}

/*
 * Whether there is a response in the buffer.  If all servers have failed, the
 * library only returns an error, but the response of the last one is there.
 */
static bool
has_response(const unsigned char *query, const unsigned char *message)
{
	return memcmp(query, message, 2) == 0 && (message[2] & 0x80) != 0;
}

/* Queries again without EDNS if the server does not support it (RFC 6891
 * section 7).  If its response lacks the question, the library has waited for
 * another one. */
static ssize_t
send_query(res_state state, unsigned char *query, int len,
    unsigned char *message)
{
	ssize_t got = res_nsend(state, query, query_add_opt(query, len),
	    message, DNS_MESSAGE_MAX);

	if (!has_response(query, message)
	    || query_code(message) != ns_r_formerr)
		return got;
	query_remove_opt(query);
	return res_nsend(state, query, len, message, DNS_MESSAGE_MAX);
}

ssize_t
resolver_query(const struct dns_params *params, const char *name,
    enum dns_type type, int64_t deadline, unsigned char *message,
    struct resolver_outcome *outcome)
{
	unsigned char query[QUERY_MAX];
	const char *trust;
	struct __res_state state;
	ssize_t got = -1;
	int len;

	*outcome = (struct resolver_outcome){ .rcode = -1 };
	if (!open_state(&state, params, &trust)) {
		outcome->number = errno;
		return -1;
	}
	outcome->trusted = trust != NULL;
	set_time(&state, deadline);
	memset(message, 0, NS_HFIXEDSZ);
	len = res_nmkquery(&state, ns_o_query, name, ns_c_in,
	    dns_type_number(type), NULL, 0, NULL, query,
	    sizeof(query) - QUERY_OPT_SIZE);
	if (len > 0)
		got = send_query(&state, query, len, message);
	if (got < 0)
		outcome->number = errno;
	if (got < 0 && has_response(query, message))
		outcome->rcode = query_code(message);
	res_nclose(&state);
	return got;
}

const char *
resolver_trust(const struct dns_params *params)
{
	const char *trust = NULL;
	struct __res_state state;

	if (open_state(&state, params, &trust))
		res_nclose(&state);
	return trust;
}
