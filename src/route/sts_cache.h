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

/* A policy that could not be fetched is asked for again after this time, or
 * when its id has changed (section 3.3). */
#define STS_RETRY_SECONDS 300

struct sts_entry {
	char *id;        /* of the TXT record; NULL: there is no entry */
	int64_t fetched; /* seconds since 1970 */
	struct str text; /* of the policy, as it came */
	struct sts_policy policy;
};

/*
 * Whether the folder can be believed: it is ours, and nobody else may write to
 * it; or it does not exist yet.  Errors: ERROR_CREATE.
 */
bool sts_cache_check(const char *folder, struct error *err);

/*
 * Reads the entry of a domain, whose name has passed idna_to_ascii().  One
 * that is damaged, or that others could have written, is as none at all: err
 * says why, and false is returned.  True without an entry when there is none.
 */
bool sts_cache_read(const char *folder, const char *domain,
    struct sts_entry *entry, struct error *err);

/*
 * Replaces the entry of a domain, and forgets its failure; makes the folder,
 * and those that it is in (0700).  A reader sees the old entry or the new one,
 * whole.  Errors: ERROR_CREATE.
 */
bool sts_cache_write(const char *folder, const char *domain,
    const struct sts_entry *entry, struct error *err);

/* Remembers that the policy of that id could not be fetched.
 * Errors: ERROR_CREATE. */
bool sts_cache_note_failure(const char *folder, const char *domain,
    const char *id, int64_t now, struct error *err);
/* Whether that was just now. */
bool sts_cache_has_failed(const char *folder, const char *domain,
    const char *id, int64_t now);

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
