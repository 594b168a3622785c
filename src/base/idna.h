/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Internationalized domain names (IDNA 2008, RFC 5890 to 5893).
 * Only idna_libidn2.c calls libidn2.  The build chooses idna_backend_*.c:
 * libidn2 is linked, loaded as a module, or not available.
 */
#ifndef VEREDUS_BASE_IDNA_H
#define VEREDUS_BASE_IDNA_H

#include <stdbool.h>

#include "base/backend.h"
#include "base/error.h"

/* Whether this build can convert names that are not ASCII. */
bool idna_is_available(void);

/*
 * Stores the A-label form of a host name in *ascii, which the caller frees.
 * An ASCII name is copied unchanged if idna_is_host_name() accepts it.
 * Invalid names are rejected, not corrected.
 * Errors: ERROR_ADDRESS; those of backend_table().
 */
bool idna_to_ascii(const char *name, char **ascii, struct error *err);

/*
 * Whether name is a valid ASCII host name: up to 253 octets, with labels of 1
 * to 63 letters, digits, underscores and hyphens (a hyphen is neither first
 * nor last), and optionally a dot at the end.  The last label is not a number,
 * because addresses are not host names.
 */
bool idna_is_host_name(const char *name);

/* The function that idna_libidn2.c provides. */
struct idna_library {
	/* Converts valid UTF-8; the caller checks and frees *ascii. */
	bool (*convert)(const char *name, char **ascii, struct error *err);
};

/* For idna.c only: its table is a struct idna_library. */
extern struct backend idna_backend;

extern const struct idna_library idna_libidn2_library;

#endif
