/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * This host: a message that is sent to it because the DNS says so would come
 * back (RFC 5321 section 5.1), and may be what somebody is after who has put
 * 127.0.0.1 into his zone.
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

/* Finds the name and the addresses that this host knows of itself. */
void local_host_find(struct local_host *self);

bool local_host_has_name(const struct local_host *self, const char *name);
/* Loopback, and what local_host_find() has found. */
bool local_host_has_address(const struct local_host *self,
    const struct endpoint *a);
/* Nothing that a single other host could have: 0.0.0.0/8, multicast, class E,
 * the same mapped into IPv6, and link-local IPv6. */
bool local_host_is_unroutable(const struct endpoint *a);

void local_host_free(struct local_host *self);

#endif
