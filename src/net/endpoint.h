/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Internet addresses with their ports, as values.  resolve.h looks up names.
 */
#ifndef VEREDUS_NET_ENDPOINT_H
#define VEREDUS_NET_ENDPOINT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/str.h"

enum address_family { FAMILY_ANY, FAMILY_IPV4, FAMILY_IPV6 };

/* The family is in any.sa_family; AF_UNSPEC (0): no address. */
struct endpoint {
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	};
};

/* Addresses in the order in which they should be tried. */
struct endpoint_list {
	struct endpoint *items;
	size_t count;
};

/*
 * Reads "192.0.2.1", "2001:db8::1", "fe80::1%eth0" (RFC 4007), all also as
 * "[...]", and "[IPv6:...]" (RFC 5321 section 4.1.3).  Returns false if the
 * text is no address, and so may be a name, or if this machine does not have
 * the zone.
 */
bool endpoint_parse(struct endpoint *a, const char *text);

/* The length of the address, for connect() and bind(). */
socklen_t endpoint_size(const struct endpoint *a);
void endpoint_set_port(struct endpoint *a, unsigned port);
unsigned endpoint_port(const struct endpoint *a);
/* Whether the address belongs to the family; to FAMILY_ANY it always does. */
bool endpoint_is_family(const struct endpoint *a, enum address_family family);
/* Whether it is in 127.0.0.0/8, ::1, or in 127.0.0.0/8 mapped to IPv6. */
bool endpoint_is_loopback(const struct endpoint *a);

/* Appends "192.0.2.1" or "::1", with the zone if there is one. */
void endpoint_text(const struct endpoint *a, struct str *out);
/* Appends "192.0.2.1:25" or "[::1]:25". */
void endpoint_text_port(const struct endpoint *a, struct str *out);
/* "IPv4", "IPv6", or "IPv4 or IPv6" for FAMILY_ANY. */
const char *endpoint_family_name(enum address_family family);

void endpoint_list_add(struct endpoint_list *list, const struct endpoint *a);
void endpoint_list_free(struct endpoint_list *list);

#endif
