/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Applies MTA-STS policies (RFC 8461) to destinations whose TXT records are
 * known: takes them from the cache, and fetches new ones.
 */
#ifndef VEREDUS_ROUTE_STS_LOOKUP_H
#define VEREDUS_ROUTE_STS_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "route/destination.h"

/* The timeout for one policy in seconds (section 3.3). */
#define STS_FETCH_SECONDS 60

/*
 * Fetches the policy of a domain and appends it unchanged; tests use a table.
 * Errors: ERROR_INTERRUPTED ends the lookup; after ERROR_CONFIG, a fault of
 * this machine, the next lookup fetches again; after any other error it waits
 * for STS_RETRY_SECONDS.
 */
typedef bool sts_fetch_fn(const void *ctx, const char *domain, int64_t deadline,
    struct str *policy, struct error *err);

/*
 * The helper program veredus-sts-fetch (src/helpers/sts_fetch.c), which keeps
 * HTTPS out of this program.
 */
struct sts_helper {
	const char *program; /* its path */
	const char *server;  /* HOST:PORT to connect to in place of the policy
	                         * host, which the certificate is still checked
	                         * for; or NULL */
	const char *trust_file; /* PEM; NULL: the system's certificates */
	bool no_sandbox;
};

/* An sts_fetch_fn whose ctx is a struct sts_helper. */
bool sts_helper_fetch(const void *ctx, const char *domain, int64_t deadline,
    struct str *policy, struct error *err);

struct sts_params {
	const char *cache; /* folder of cached policies, or NULL */
	sts_fetch_fn *fetch;
	const void *ctx;
	struct strv *notes; /* lines for the log are added here */
};

/*
 * Calls sts_apply() for each destination with the policy of its domain.
 * Fetches a policy if its id is new, unless DANE decides for all hosts.  If a
 * policy cannot be fetched, a cached one is used until it expires, else none,
 * with a note.  A policy in testing mode is not enforced, with a note.  All
 * fetches together take at most half of the time until the deadline. Errors:
 * ERROR_INTERRUPTED.
 */
bool sts_lookup(const struct sts_params *params,
    struct destination *destinations, size_t count, int64_t deadline,
    struct error *err);

#endif
