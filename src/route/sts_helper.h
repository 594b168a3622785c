/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fetches MTA-STS policies with the helper program veredus-sts-fetch
 * (src/helpers/sts_fetch.c), which keeps HTTPS out of this program.
 */
#ifndef VEREDUS_ROUTE_STS_HELPER_H
#define VEREDUS_ROUTE_STS_HELPER_H

#include <stdbool.h>

#include "route/sts_lookup.h"

struct sts_helper {
	const char *program; /* its path */
	const char *server;  /* HOST:PORT to connect to in place of the policy
	                         * host, which the certificate is still checked
	                         * for; or NULL */
	const char *trust_file; /* PEM; NULL: the system's certificates */
};

/* An sts_fetch_fn whose ctx is a struct sts_helper. */
bool sts_helper_fetch(const void *ctx, const char *domain, int64_t deadline,
    struct str *policy, struct error *err);

#endif
