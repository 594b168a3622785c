/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * This host: a message that is sent to it because the DNS says so would come
 * back (RFC 5321 section 5.1), and may be what somebody is after who has put
 * 127.0.0.1 into his zone.
 */
#ifndef VEREDUS_ROUTE_SELF_H
#define VEREDUS_ROUTE_SELF_H

#include <stdbool.h>

#include "base/strv.h"
#include "net/endpoint.h"

struct self {
	struct strv names;
	struct endpoint_list addresses;
};

/* Finds the name and the addresses that this host knows of itself. */
void self_find(struct self *self);

bool self_has_name(const struct self *self, const char *name);
/* Loopback, and what self_find() has found. */
bool self_has_address(const struct self *self, const struct endpoint *a);
/* Nothing that a single other host could have: 0.0.0.0/8, multicast, class E,
 * the same mapped into IPv6, and link-local IPv6. */
bool self_is_nowhere(const struct endpoint *a);

void self_free(struct self *self);

#endif
