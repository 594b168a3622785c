/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parameters of a login: what an account says about AUTH (RFC 4954).
 */
#ifndef VEREDUS_AUTH_PARAMS_H
#define VEREDUS_AUTH_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"

struct auth_params {
	char *mechanism;        /* "off", "on" or a mechanism in lower case */
	char *user;             /* or NULL */
	struct secret password; /* or access token */
	char *ntlm_domain;      /* or NULL */
	bool cleartext;  /* the account sets `tls off` for a server on this
	                  * machine: a secret may be sent without TLS */
	bool unverified; /* the account sets `tls_certcheck off`: a secret may
	                  * be sent to a server that was not verified */
	bool
	    is_token; /* the password is an access token: "on" chooses among the
	                * mechanisms for tokens */
	/* Of an OAuth2 token, from credentials_get(): */
	int64_t token_obtained; /* seconds since 1970 */
	bool token_is_new;      /* this process has fetched it */
	char *token_warning;    /* or NULL */
	bool has_certificate;   /* the account has a client certificate */
};

/* Whether the account logs in: a mechanism is set, and not "off". */
bool auth_is_used(const struct auth_params *params);
/* Releases a login that owns its user, password and warning, and borrows the
 * rest. */
void auth_params_free(struct auth_params *auth);

#endif
