/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The SASL mechanisms that need a library.  The only door to libgsasl
 * (sasl_gsasl.c); sasl_backend_*.c is how the program comes by that: linked,
 * as a module, or not at all.
 */
#ifndef VEREDUS_AUTH_SASL_H
#define VEREDUS_AUTH_SASL_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

struct sasl; /* one exchange */

struct sasl_input {
	const char *mechanism; /* "SCRAM-SHA-256-PLUS" */
	const char *user;      /* or NULL for GSSAPI: as the ticket says */
	const char *password;  /* or NULL for GSSAPI */
	const char *host;    /* name of the server, for GSSAPI and DIGEST-MD5 */
	const char *service; /* "smtp", or "lmtp" */
	const char *domain;  /* for NTLM, or NULL */
	const struct str *binding_exporter; /* for -PLUS, empty or NULL */
	const struct str *binding_unique;   /* for -PLUS, empty or NULL */
};

/* Whether this build has any of them; loads nothing. */
bool sasl_is_available(void);
/* The name for --version: "libgsasl 2.2.0", "none", or why it is missing. */
void sasl_describe_library(struct str *out);
/*
 * Whether the library, which is loaded for that, can do it.  True, too, when
 * it cannot be loaded: then sasl_begin() says why, and nobody takes a weaker
 * mechanism because an installation is broken.
 */
bool sasl_has(const char *mechanism);
/* Errors: ERROR_CONFIG. */
bool sasl_begin(const struct sasl_input *input, struct sasl **sasl,
    struct error *err);
/*
 * One step: the decoded challenge in (NULL before the first one, for those
 * mechanisms in which the client begins), the response, not yet encoded, out.
 * *done is set when the mechanism is satisfied (for SCRAM and DIGEST-MD5: the
 * server has proved that it knows the password); no step may follow.
 * Errors: ERROR_REJECTED, or ERROR_CONFIG when user, password or ticket cannot be
 * used, in words for the reader.
 */
bool sasl_step(struct sasl *sasl, const struct str *challenge,
    struct str *response, bool *done, struct error *err);
void sasl_end(struct sasl *sasl);

/* What a library does of all that, under the names above. */
struct sasl_library {
	const char *(*name)(void);
	bool (*has)(const char *mechanism);
	bool (*begin)(const struct sasl_input *input, struct sasl **sasl,
	    struct error *err);
	bool (*step)(struct sasl *sasl, const struct str *challenge,
	    struct str *response, bool *done, struct error *err);
	void (*end)(struct sasl *sasl);
};

/* For sasl.c alone.  NULL with ERROR_CONFIG when there is none. */
const struct sasl_library *sasl_backend(struct error *err);

extern const struct sasl_library sasl_gsasl_library;

#endif
