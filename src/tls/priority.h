/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which versions of TLS, ciphers and groups are offered: the system's choice
 * with our order of groups, or that of the user; the minimum version holds
 * for both.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_PRIORITY_H
#define VEREDUS_TLS_PRIORITY_H

#include <gnutls/gnutls.h>
#include <stdbool.h>

#include "base/error.h"

/* What is needed of GnuTLS, whose versions differ in what they know. */
struct tls_priority_library {
	gnutls_group_t (*group)(const char *name);
	int (*init)(gnutls_priority_t *made, const char *text, const char **at,
	    unsigned flags);
};

/*
 * min_version is 10 to 13; user is tls_priorities, or NULL.
 * Errors: ERROR_CONFIG.
 */
bool tls_priority_make(const struct tls_priority_library *library,
    const char *user, int min_version, gnutls_priority_t *made,
    struct error *err);

#endif
