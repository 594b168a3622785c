/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The TLS versions, ciphers and groups that are offered: the system's default
 * with our order of groups, or tls_priorities.  The minimum version limits
 * both.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_PRIORITY_H
#define VEREDUS_TLS_PRIORITY_H

#include <gnutls/gnutls.h>
#include <stdbool.h>

#include "base/error.h"

/* Functions of GnuTLS, whose results depend on its version; for tests. */
struct tls_priority_library {
	gnutls_group_t (*group)(const char *name);
	int (*init)(gnutls_priority_t *made, const char *text, const char **at,
	    unsigned flags);
	int (*versions)(gnutls_priority_t made, const unsigned **list);
};

/*
 * Builds the priorities, which the caller releases, also after an error, unless
 * *made was not changed.  min_version is 10 to 13;
 * user is tls_priorities, or NULL.  Errors: ERROR_CONFIG.
 */
bool tls_priority_make(const struct tls_priority_library *library,
    const char *user, int min_version, gnutls_priority_t *made,
    struct error *err);

#endif
