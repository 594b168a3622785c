/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hosts of a destination as one line of text:
 * "a.example:25 192.0.2.1 [::1]; b.example:25 -".
 */
#ifndef VEREDUS_TESTS_ROUTE_SHOW_H
#define VEREDUS_TESTS_ROUTE_SHOW_H

#include <stdlib.h>
#include <string.h>

#include "route/destination.h"
#include "unit.h"

static inline char *
route_show(const struct destination *r)
{
	struct str out = { 0 };

	for (size_t i = 0; i < r->count; i++) {
		const struct next_hop *host = &r->hosts[i];

		str_printf(&out, "%s%s:%u", i == 0 ? "" : "; ", host->name,
		    host->port);
		for (size_t k = 0; k < host->addresses.count; k++) {
			str_add(&out, " ");
			endpoint_text(&host->addresses.items[k], &out);
		}
		if (error_is_set(&host->lookup_error))
			str_printf(&out, " (%s)", host->lookup_error.text);
	}
	return str_steal(&out);
}

static inline void
expect_route(const struct destination *r, const char *wanted)
{
	char *shown = route_show(r);

	if (strcmp(shown, wanted) != 0)
		fail_msg("%s: %s, not %s", r->domain, shown, wanted);
	free(shown);
}

#endif
