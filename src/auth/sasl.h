/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The SASL mechanisms of libgsasl.  Only sasl_gsasl.c calls libgsasl, and the
 * build chooses sasl_backend_*.c: libgsasl is linked, loaded as a module, or not
 * available.
 */
#ifndef VEREDUS_AUTH_SASL_H
#define VEREDUS_AUTH_SASL_H

#include <stdbool.h>

#include "base/backend.h"
#include "base/error.h"
#include "base/str.h"

struct sasl; /* one exchange */

struct sasl_input {
	const char *mechanism; /* "SCRAM-SHA-256-PLUS" */
	const char *user;      /* or NULL for Kerberos: that of the ticket */
	const char *password;  /* or NULL for Kerberos */
	const char *host; /* name of the server, for Kerberos and DIGEST-MD5 */
	const char *service;                /* "smtp" or "lmtp" */
	const char *domain;                 /* for NTLM, or NULL */
	const struct str *binding_exporter; /* for -PLUS; empty or NULL */
	const struct str *binding_unique;   /* for -PLUS; empty or NULL */
};

/* Whether this build supports such mechanisms; loads nothing. */
bool sasl_is_available(void);

/* Appends what --version prints: "libgsasl 2.2.0", "none", or an error. */
void sasl_describe_library(struct str *out);

/*
 * Whether libgsasl, which is loaded for this, supports the mechanism.  True if
 * libgsasl cannot be loaded: sasl_begin() reports the error then, so that a
 * broken installation does not lead to a weaker mechanism.
 */
bool sasl_has(const char *mechanism);

/* Begins an exchange; the caller ends it with sasl_end().
 * Errors: ERROR_CONFIG; those of backend_table(). */
bool sasl_begin(const struct sasl_input *input, struct sasl **sasl,
    struct error *err);

/*
 * Appends the response to a decoded challenge; the response is not encoded yet.
 * The challenge is NULL for the first response if the client sends first.  Sets
 * *done when the mechanism is complete, after which no step may follow; for
 * SCRAM and DIGEST-MD5 the server has authenticated itself then.
 * Errors: ERROR_REJECTED; ERROR_PROTOCOL for an invalid challenge; ERROR_CONFIG
 * if the mechanism cannot use this user or password.
 */
bool sasl_step(struct sasl *sasl, const struct str *challenge,
    struct str *response, bool *done, struct error *err);

/* Releases the exchange; sasl may be NULL. */
void sasl_end(struct sasl *sasl);

/* The functions that use libgsasl; those with names from above do the same. */
struct sasl_library {
	const char *(*version)(void);
	bool (*has)(const char *mechanism);
	bool (*begin)(const struct sasl_input *input, struct sasl **sasl,
	    struct error *err);
	bool (*step)(struct sasl *sasl, const struct str *challenge,
	    struct str *response, bool *done, struct error *err);
	void (*end)(struct sasl *sasl);
};

/* For sasl.c only: its table is a struct sasl_library. */
extern struct backend sasl_backend;

extern const struct sasl_library sasl_gsasl_library;

#endif
