/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Policies of MTA-STS from the network, by the program that knows HTTPS:
 * src/helpers/sts_fetch.c.
 */
#ifndef VEREDUS_ROUTE_STS_HELPER_H
#define VEREDUS_ROUTE_STS_HELPER_H

#include <stdbool.h>

#include "route/sts_lookup.h"

struct sts_helper {
	const char *program;    /* its path */
	const char *server;     /* HOST:PORT in place of the policy host, NULL:
	                         * none; the certificate is that of the latter */
	const char *trust_file; /* PEM; NULL: what the system trusts */
};

/* Whether there is such a program. */
bool sts_helper_exists(const char *program);

/* An sts_fetch_fn whose ctx is a struct sts_helper. */
bool sts_helper_fetch(const void *ctx, const char *domain, int64_t deadline,
    struct str *policy, struct error *err);

#endif
