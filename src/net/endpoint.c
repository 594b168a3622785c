/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Converts Internet addresses between text and the binary form of sockets.
 */
#include "net/endpoint.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

/* An address as text, with its zone, brackets and "IPv6:". */
#define TEXT_SIZE (INET6_ADDRSTRLEN + IF_NAMESIZE + 16)

/* Copies text without brackets and "IPv6:"; false if it is too long. */
static bool
copy_bare(const char *text, char out[TEXT_SIZE])
{
	size_t len = strnlen(text, TEXT_SIZE);

	if (len > 1 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
		if (text_starts_nocase(text, "IPv6:")) {
			text += 5;
			len -= 5;
		}
	}
	if (len >= TEXT_SIZE)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

static bool
parse_zone(struct endpoint *a, const char *zone)
{
	unsigned long long number;

	a->ipv6.sin6_scope_id = if_nametoindex(zone);
	if (a->ipv6.sin6_scope_id != 0)
		return true;
	if (text_number(zone, 1, UINT32_MAX, &number)) {
		a->ipv6.sin6_scope_id = (uint32_t)number;
		return true;
	}
	a->any.sa_family = AF_UNSPEC;
	return false;
}

bool
endpoint_parse(struct endpoint *a, const char *text)
{
	char copy[TEXT_SIZE], *zone;

	*a = (struct endpoint){ 0 };
	if (!copy_bare(text, copy))
		return false;
	if (inet_pton(AF_INET, copy, &a->ipv4.sin_addr) == 1) {
		a->any.sa_family = AF_INET;
		return true;
	}
	zone = strchr(copy, '%');
	if (zone != NULL)
		*zone++ = '\0';
	if (inet_pton(AF_INET6, copy, &a->ipv6.sin6_addr) != 1)
		return false;
	a->any.sa_family = AF_INET6;
	return zone == NULL || parse_zone(a, zone);
}

socklen_t
endpoint_size(const struct endpoint *a)
{
	return a->any.sa_family == AF_INET6 ? sizeof(a->ipv6) : sizeof(a->ipv4);
}

void
endpoint_set_port(struct endpoint *a, unsigned port)
{
	in_port_t number = htons((uint16_t)port);

	if (a->any.sa_family == AF_INET6)
		a->ipv6.sin6_port = number;
	else
		a->ipv4.sin_port = number;
}

unsigned
endpoint_port(const struct endpoint *a)
{
	return ntohs(a->any.sa_family == AF_INET6 ? a->ipv6.sin6_port
						  : a->ipv4.sin_port);
}

bool
endpoint_is_family(const struct endpoint *a, enum address_family family)
{
	static const sa_family_t
	    families[] = { [FAMILY_IPV4] = AF_INET, [FAMILY_IPV6] = AF_INET6 };

	return family == FAMILY_ANY || a->any.sa_family == families[family];
}

bool
endpoint_is_loopback(const struct endpoint *a)
{
	const struct in6_addr *ipv6 = &a->ipv6.sin6_addr;

	if (a->any.sa_family == AF_INET)
		return ntohl(a->ipv4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	if (a->any.sa_family != AF_INET6)
		return false;
	return IN6_IS_ADDR_LOOPBACK(ipv6)
	    || (IN6_IS_ADDR_V4MAPPED(ipv6)
		&& ipv6->s6_addr[12] == IN_LOOPBACKNET);
}

static void
add_zone(uint32_t zone, struct str *out)
{
	char name[IF_NAMESIZE];

	if (zone == 0)
		return;
	if (if_indextoname(zone, name) != NULL)
		str_printf(out, "%%%s", name);
	else
		str_printf(out, "%%%u", (unsigned)zone);
}

void
endpoint_text(const struct endpoint *a, struct str *out)
{
	char text[INET6_ADDRSTRLEN];

	if (a->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &a->ipv4.sin_addr, text, sizeof(text));
		str_add(out, text);
	} else if (a->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &a->ipv6.sin6_addr, text, sizeof(text));
		str_add(out, text);
		add_zone(a->ipv6.sin6_scope_id, out);
	} else {
		str_add(out, "unknown");
	}
}

void
endpoint_text_port(const struct endpoint *a, struct str *out)
{
	bool ipv6 = a->any.sa_family == AF_INET6;

	str_add(out, ipv6 ? "[" : "");
	endpoint_text(a, out);
	str_printf(out, "%s:%u", ipv6 ? "]" : "", endpoint_port(a));
}

const char *
endpoint_family_name(enum address_family family)
{
	static const char *const names[] = { [FAMILY_ANY] = "IPv4 or IPv6",
		[FAMILY_IPV4] = "IPv4",
		[FAMILY_IPV6] = "IPv6" };

	return names[family];
}

void
endpoint_list_add(struct endpoint_list *list, const struct endpoint *a)
{
	list->items =
	    alloc_resize(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = *a;
}

void
endpoint_list_free(struct endpoint_list *list)
{
	free(list->items);
	*list = (struct endpoint_list){ 0 };
}
