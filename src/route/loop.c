/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Knows the names and addresses of this host, to detect mail loops. */
#include "route/loop.h"

#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>

#include "base/host.h"

/* Skips loopback addresses, which every host has. */
static void
add_address(struct local_host *local, const struct sockaddr *address)
{
	struct endpoint a = { 0 };

	if (address == NULL
	    || (address->sa_family != AF_INET
		&& address->sa_family != AF_INET6))
		return;
	a.any.sa_family = address->sa_family;
	memcpy(&a, address, endpoint_size(&a));
	if (!endpoint_is_loopback(&a))
		endpoint_list_add(&local->addresses, &a);
}

void
local_host_find(struct local_host *local)
{
	struct ifaddrs *list = NULL;

	strv_take(&local->names, host_name());
	if (getifaddrs(&list) != 0)
		return;
	for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next)
		add_address(local, i->ifa_addr);
	freeifaddrs(list);
}

bool
local_host_has_name(const struct local_host *local, const char *name)
{
	return strv_has_nocase(&local->names, name);
}

/* An IPv4 address that is mapped into IPv6 becomes an IPv4 address. */
static struct endpoint
unmapped(const struct endpoint *a)
{
	struct endpoint result = *a;

	if (a->any.sa_family == AF_INET6
	    && IN6_IS_ADDR_V4MAPPED(&a->ipv6.sin6_addr)) {
		result = (struct endpoint){ .ipv4.sin_family = AF_INET };
		memcpy(&result.ipv4.sin_addr, a->ipv6.sin6_addr.s6_addr + 12,
		    sizeof(result.ipv4.sin_addr));
	}
	return result;
}

static bool
are_equal(const struct endpoint *a, const struct endpoint *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET)
		return a->ipv4.sin_addr.s_addr == b->ipv4.sin_addr.s_addr;
	return IN6_ARE_ADDR_EQUAL(&a->ipv6.sin6_addr, &b->ipv6.sin6_addr);
}

bool
local_host_has_address(const struct local_host *local, const struct endpoint *a)
{
	struct endpoint wanted = unmapped(a);

	if (endpoint_is_loopback(&wanted))
		return true;
	for (size_t i = 0; i < local->addresses.count; i++)
		if (are_equal(&local->addresses.items[i], &wanted))
			return true;
	return false;
}

bool
local_host_is_unroutable(const struct endpoint *a)
{
	struct endpoint where = unmapped(a);
	const struct in6_addr *ipv6 = &a->ipv6.sin6_addr;
	unsigned first;

	if (where.any.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(ipv6)
		    || IN6_IS_ADDR_MULTICAST(ipv6)
		    || IN6_IS_ADDR_LINKLOCAL(ipv6);
	first = ntohl(where.ipv4.sin_addr.s_addr) >> 24;
	return first == 0 || first >= 224;
}

void
local_host_free(struct local_host *local)
{
	strv_free(&local->names);
	endpoint_list_free(&local->addresses);
}
