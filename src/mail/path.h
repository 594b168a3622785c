/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands between the brackets of MAIL and RCPT: an addr-spec, a bare
 * name, or nothing.  Knows the limits of RFC 5321; the syntax is known in
 * address.h, and whether a domain is a host name in base/idna.h.
 */
#ifndef VEREDUS_MAIL_PATH_H
#define VEREDUS_MAIL_PATH_H

#include <stdbool.h>

#include "base/error.h"

/* RFC 5321 section 4.5.3.1, in octets; a path of 256 has its brackets, too. */
#define PATH_LOCAL_MAX 64
#define PATH_DOMAIN_MAX 255
#define PATH_ADDRESS_MAX 254

/*
 * What -f means: "" and "<>" are the null sender, of a list the first address
 * counts.  Stores the addr-spec in *path, which the caller frees; it has
 * passed path_check().  Errors: ERROR_ADDRESS.
 */
bool path_parse(const char *text, char **path, struct error *err);

/*
 * Whether the text is "" or one addr-spec or bare name as address.h makes
 * them, of allowed lengths, in UTF-8, without control characters.
 * Errors: ERROR_ADDRESS.
 */
bool path_check(const char *text, struct error *err);

/* The domain in such a text, or NULL for a bare name. */
const char *path_domain(const char *text);

#endif
