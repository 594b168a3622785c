/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names that a certificate may have (RFC 9525).  GnuTLS compares them, with
 * stricter rules: only subjectAltNames count, never the common name; "*"
 * matches the whole left-most label, and at least two labels follow it; a host
 * name matches only a dNSName, an address only an iPAddress.
 * Private to src/tls.
 */
#ifndef VEREDUS_TLS_NAME_H
#define VEREDUS_TLS_NAME_H

#include <gnutls/x509.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

struct tls_name {
	char *text; /* an A-label without a dot at the end, or an address */
	unsigned char address[16];
	size_t address_len; /* 4 or 16; 0 for a host name */
};

struct tls_names {
	struct tls_name *items;
	size_t count;
};

/* Sets name, which the caller frees.
 * Errors: ERROR_CONFIG if host is neither a host name nor an address. */
bool tls_name_set(struct tls_name *name, const char *host, struct error *err);
void tls_name_free(struct tls_name *name);

/* Whether the certificate is for this name. */
bool tls_name_matches(const struct tls_name *name,
    gnutls_x509_crt_t certificate);

/* Adds a name.  Errors: as tls_name_set(). */
bool tls_names_add(struct tls_names *names, const char *host,
    struct error *err);
void tls_names_free(struct tls_names *names);
/* Returns the first name that the certificate is for, or NULL. */
const struct tls_name *tls_names_find(const struct tls_names *names,
    gnutls_x509_crt_t certificate);
/* Appends "a.example or b.example". */
void tls_names_text(const struct tls_names *names, struct str *out);

/*
 * Appends up to max names of the certificate, separated by commas, and the
 * number of the others.  Returns the number of all names.
 */
size_t tls_name_list(gnutls_x509_crt_t certificate, size_t max,
    struct str *out);

#endif
