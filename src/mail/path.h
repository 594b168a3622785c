/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text between the brackets of a path in MAIL and RCPT (RFC 5321 section
 * 4.1.2): an addr-spec, a bare name, or nothing for the null sender.
 *
 * Knows the limits of length.  The syntax is in address.h; base/idna.h knows
 * whether a domain is a host name.
 */
#ifndef VEREDUS_MAIL_PATH_H
#define VEREDUS_MAIL_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The limit of the DNS (RFC 1035 section 2.3.4), in octets. */
#define PATH_DOMAIN_MAX 255
/*
 * Keeps a command line below 1000 octets.  The limits of RFC 5321 section
 * 4.5.3.1 (64 octets for a local part) are left to the server, which may accept
 * more: addresses of SRS and VERP are often longer.
 */
#define PATH_ADDRESS_MAX 960

/*
 * Parses the argument of -f: "" and "<>" are the null sender; of a list the
 * first address is used.  Stores the addr-spec, which passes path_check(), in
 * *path, which the caller frees.  Errors: ERROR_ADDRESS.
 */
bool path_parse(const char *text, char **path, struct error *err);

/*
 * Checks that the text is "", or one addr-spec or bare name in the form that
 * address_parse() returns, within the limits above, in UTF-8 and without
 * control characters.  Errors: ERROR_ADDRESS.
 */
bool path_check(const char *text, struct error *err);

/* Returns the domain of such a text, or NULL for a bare name. */
const char *path_domain(const char *text);
/* Returns the length of the local part, with its quotes, or of a bare name. */
size_t path_local_length(const char *text);

/*
 * Whether the address matches the pattern or is equal to it.  A pattern is such
 * a text that may contain the wildcards *, ? and [ ].  Case matters only in the
 * local part of one with wildcards, as with msmtp.
 */
bool path_matches(const char *pattern, const char *address);
/* Whether the text is a pattern with wildcards, not an address. */
bool path_has_wildcard(const char *text);

#endif
