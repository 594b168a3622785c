/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cache of MTA-STS policies, one file for each domain.  Because of it an
 * attacker cannot suppress a policy that was fetched before (RFC 8461 section
 * 10.2).
 */
#ifndef VEREDUS_ROUTE_STS_CACHE_H
#define VEREDUS_ROUTE_STS_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "route/sts.h"

/* Seconds after which a failed fetch is tried again; a new id is fetched at
 * once (section 3.3). */
#define STS_RETRY_SECONDS 300

struct sts_entry {
	char *id;        /* of the TXT record; NULL: no entry */
	int64_t fetched; /* seconds since 1970 */
	struct str text; /* of the policy, as it was received */
	struct sts_policy policy;
};

/*
 * Checks that the folder belongs to the user and that nobody else may write to
 * it; it need not exist yet.  Errors: ERROR_CREATE.
 */
bool sts_cache_check(const char *folder, struct error *err);

/*
 * Reads the entry of a domain, whose name is from idna_to_ascii().  Returns
 * true with an empty entry if there is none; false with an error and an empty
 * entry if the file is damaged or could have been written by another user.
 */
bool sts_cache_read(const char *folder, const char *domain,
    struct sts_entry *entry, struct error *err);

/*
 * Replaces the entry of a domain and removes the record of its failure.  Makes
 * the folder and its parents (mode 0700).  A reader sees either the whole old
 * entry or the whole new one.  Errors: ERROR_CREATE.
 */
bool sts_cache_write(const char *folder, const char *domain,
    const struct sts_entry *entry, struct error *err);

/* Records that the policy with this id could not be fetched.
 * Errors: ERROR_CREATE. */
bool sts_cache_record_failure(const char *folder, const char *domain,
    const char *id, int64_t now, struct error *err);
/* Whether that was recorded less than STS_RETRY_SECONDS ago. */
bool sts_cache_has_failed(const char *folder, const char *domain,
    const char *id, int64_t now);

/* Makes an entry of a policy that was fetched now.  Errors: those of
 * sts_parse(). */
bool sts_entry_make(struct sts_entry *entry, const char *id, const char *text,
    size_t len, struct error *err);

/* Whether the entry is not older than its max_age; `now` as in `fetched`. */
bool sts_entry_is_fresh(const struct sts_entry *entry, int64_t now);

enum sts_step {
	STS_GO_WITHOUT, /* there is no policy */
	STS_USE,        /* use the entry */
	STS_FETCH       /* fetch the policy; if this fails, use a fresh entry */
};

/* Returns what to do with the id in the DNS; NULL: no record, or no answer. */
enum sts_step sts_next_step(const struct sts_entry *entry, const char *id,
    int64_t now);

void sts_entry_free(struct sts_entry *entry);

#endif
