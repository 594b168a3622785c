/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What TLS has to be like: the parameters of an account, and the policy of a
 * next hop, which DANE (RFC 7672) or MTA-STS (RFC 8461) sets.
 */
#ifndef VEREDUS_TLS_PARAMS_H
#define VEREDUS_TLS_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/strv.h"

enum tls_mode {
	TLS_DEFAULT, /* on, but off for loopback and unix sockets */
	TLS_ON,      /* required and verified */
	TLS_OFF,
	TLS_OPPORTUNISTIC /* used if possible, not verified */
};

enum tls_certcheck { CERTCHECK_DEFAULT, CERTCHECK_ON, CERTCHECK_OFF };

struct tls_params {
	enum tls_mode mode;
	bool starttls;    /* false: implicit TLS (RFC 8314) */
	char *trust_file; /* PEM, or "system" */
	char *crl_file;   /* PEM, or NULL */
	char *key_file;   /* PEM or pkcs11: URI; both are set, or both NULL */
	char *cert_file;
	struct strv fingerprints; /* as tls_fingerprint_matches() expects them;
	                           * one match is enough */
	enum tls_certcheck certcheck;
	char *priorities;    /* a GnuTLS priority string, or NULL */
	char *host_override; /* verify this name, not the host; or NULL */
	int min_version;     /* 10, 11, 12 or 13; 0: 12 */
};

/* The numbers in a TLSA record (RFC 6698 section 2.1, RFC 7218). */
enum tlsa_usage { DANE_TA = 2, DANE_EE = 3 };
enum tlsa_selector { DANE_CERTIFICATE = 0, DANE_KEY = 1 };
enum tlsa_matching { DANE_FULL = 0, DANE_SHA256 = 1, DANE_SHA512 = 2 };

/* A TLSA record; it is usable if each number is in the enums above. */
struct tlsa_record {
	unsigned usage, selector, matching;
	struct str data; /* the certificate association data */
};

/* What the policy requires, from the weakest level to the strongest. */
enum tls_level {
	TLS_LEVEL_CONFIG,  /* nothing more than the parameters */
	TLS_LEVEL_ENCRYPT, /* TLS, with any certificate */
	TLS_LEVEL_VERIFY,  /* a trusted certificate for one of the names */
	TLS_LEVEL_DANE     /* a certificate that matches the TLSA records */
};

/* Where the level came from. */
enum tls_source { TLS_BY_ACCOUNT, TLS_BY_DANE, TLS_BY_MTA_STS };

/*
 * The TLS policy of a next hop.  No parameter can weaken it: an attacker who
 * forges DNS replies or removes STARTTLS must gain nothing.
 */
struct tls_policy {
	enum tls_level level;
	enum tls_source source;
	/* The certificate must be for one of these names, if the level says so;
	 * the first is sent as SNI.  Empty: the name of the host. */
	struct strv names;
	struct tlsa_record *records; /* all usable, for TLS_LEVEL_DANE */
	size_t record_count;
};

/* Whether the parameters or the policy (or NULL) require TLS. */
bool tls_is_required(const struct tls_params *params,
    const struct tls_policy *policy);

/* The source of the policy: "DANE" or "MTA-STS"; NULL for the account, or if
 * the policy is NULL. */
const char *tls_source_name(const struct tls_policy *policy);

void tls_policy_free(struct tls_policy *policy);

/* The SHA-256 fingerprints of a certificate, in lower-case hex. */
struct tls_fingerprints {
	char certificate[65];
	char key[65]; /* of the subjectPublicKeyInfo */
};

/*
 * Whether a certificate has the expected fingerprint: 64 lower-case hex digits,
 * after "spki:" for that of the key.
 */
bool tls_fingerprint_matches(const char *expected,
    const struct tls_fingerprints *actual);

#endif
