/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Policies of MTA-STS that were fetched before, one file for each domain, so
 * that nobody who is in our way later can make us forget them (RFC 8461
 * section 5.1).
 */
#ifndef VEREDUS_ROUTE_STS_CACHE_H
#define VEREDUS_ROUTE_STS_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "route/sts.h"

struct sts_entry {
	char *id;        /* of the TXT record; NULL: there is no entry */
	int64_t fetched; /* seconds since 1970 */
	struct str text; /* of the policy, as it came */
	struct sts_policy policy;
};

/*
 * Reads the entry of a domain, whose name has passed idna_to_ascii().  One
 * that is damaged, or that others could have written, is as none at all: err
 * says why, and false is returned.  True without an entry when there is none.
 */
bool sts_cache_read(const char *folder, const char *domain,
    struct sts_entry *entry, struct error *err);

/*
 * Replaces the entry of a domain; makes the folder (0700) if only that is
 * missing.  A reader sees the old entry or the new one, whole.
 * Errors: ERROR_CREATE.
 */
bool sts_cache_write(const char *folder, const char *domain,
    const struct sts_entry *entry, struct error *err);

/* Makes an entry of what was fetched just now.  Errors: of sts_parse(). */
bool sts_entry_make(struct sts_entry *entry, const char *id, const char *text,
    size_t len, struct error *err);

/* Whether it may be used at that time: not beyond max_age. */
bool sts_entry_is_fresh(const struct sts_entry *entry, int64_t now);

enum sts_step {
	STS_GO_WITHOUT, /* there is no policy */
	STS_USE,        /* the entry */
	STS_FETCH /* the policy; if that fails the entry, if it is fresh */
};

/* What to do, with the id that the DNS gives now; NULL: none, or no answer. */
enum sts_step sts_next_step(const struct sts_entry *entry, const char *id,
    int64_t now);

void sts_entry_free(struct sts_entry *entry);

#endif
