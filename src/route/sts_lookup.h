/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the TXT records of MTA-STS to what the hosts of a route must offer
 * (RFC 8461): by the policies that were fetched before, and by fetching those
 * that are new.
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

/* No policy takes longer (section 3.3), nor all of them together more than half
 * of the time that there is. */
#define STS_FETCH_SECONDS 60

/*
 * Whoever fetches, the network or a table in a test.  Appends the policy of a
 * domain, as it comes.  Errors: ERROR_INTERRUPTED ends the search; ERROR_CONFIG
 * is a fault of this machine; any other one is not asked again for a while.
 */
typedef bool sts_fetch_fn(const void *ctx, const char *domain, int64_t deadline,
    struct str *policy, struct error *err);

struct sts_params {
	const char *cache; /* folder of policies; NULL: none are kept */
	sts_fetch_fn *fetch;
	const void *ctx;
	struct strv *notes; /* gets what the log should know */
};

/*
 * Applies their policies (sts_apply()) to routes whose TXT answers are there,
 * one after the other.  What cannot be had is as none at all, and a note; a
 * policy that was fetched before counts until it is too old.  Nothing is
 * fetched for a policy that is known by its id, nor where DANE decides alone.
 * A policy in testing mode is not enforced, and a note says so.
 * Errors: ERROR_INTERRUPTED.
 */
bool sts_lookup(const struct sts_params *params, struct destination *routes,
    size_t count, int64_t deadline, struct error *err);

#endif
