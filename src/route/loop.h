/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * This host, by name and address.  Mail that the DNS directs to this host would
 * come back (RFC 5321 section 5.1), and an MX record must not be able to make
 * the program connect to 127.0.0.1.
 */
#ifndef VEREDUS_ROUTE_LOOP_H
#define VEREDUS_ROUTE_LOOP_H

#include <stdbool.h>

#include "base/strv.h"
#include "net/endpoint.h"

struct local_host {
	struct strv names;
	struct endpoint_list addresses;
};

/* Fills an empty struct with the host name and the interface addresses. */
void local_host_find(struct local_host *local);

bool local_host_has_name(const struct local_host *local, const char *name);
/* True for loopback addresses, too. */
bool local_host_has_address(const struct local_host *local,
    const struct endpoint *a);
/*
 * Whether no other single host can have the address: 0.0.0.0/8, multicast,
 * 240.0.0.0/4, the same mapped into IPv6, and link-local IPv6.
 */
bool local_host_is_unroutable(const struct endpoint *a);

void local_host_free(struct local_host *local);

#endif
