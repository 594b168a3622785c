/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Internationalised domain names (IDNA 2008, RFC 5890 to 5893).
 * The only door to libidn2 (idna_libidn2.c); idna_backend_*.c is how the
 * program comes by that: linked, as a module, or not at all.
 */
#ifndef VEREDUS_BASE_IDNA_H
#define VEREDUS_BASE_IDNA_H

#include <stdbool.h>

#include "base/error.h"

/* Whether this build can convert names beyond ASCII. */
bool idna_is_available(void);

/*
 * Stores the A-label form of a host name in *ascii, which the caller frees.
 * ASCII names pass as they are (lower case is kept as written) once their
 * syntax is checked: labels of letters, digits, hyphens (neither first nor
 * last) and underscores, 1 to 63 octets, 253 in all, at most one trailing dot,
 * the last label no number: addresses are not names.  Refuses instead of
 * repairing (ERROR_CONFIG is the caller's business: here it is ERROR_ADDRESS).
 */
bool idna_to_ascii(const char *name, char **ascii, struct error *err);

/* Whether name is a syntactically correct ASCII host name. */
bool idna_is_host_name(const char *name);

/* What idna_to_ascii() leaves to the library. */
struct idna_library {
	/* Valid UTF-8 in, the result not yet checked out. */
	bool (*convert)(const char *name, char **ascii, struct error *err);
};

/* For idna.c alone.  NULL with an error when there is none. */
const struct idna_library *idna_backend(const char *name, struct error *err);

extern const struct idna_library idna_libidn2_library;

#endif
