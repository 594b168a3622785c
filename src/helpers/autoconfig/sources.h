/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the autoconfig document of a domain may be, in the order in which the
 * sources are asked.  Only the first is told the address.  Those of the database of
 * Thunderbird, a third party, are told the domain, and then the domains above its
 * MX host, which say who hosts it.
 */
#ifndef VEREDUS_HELPERS_AUTOCONFIG_SOURCES_H
#define VEREDUS_HELPERS_AUTOCONFIG_SOURCES_H

#include <stddef.h>

#include "base/strv.h"

/* { 0 } is valid for sources_free(). */
struct sources {
	struct strv names; /* the URLs for people */
	struct strv urls;  /* those of the requests, with their queries */
	size_t own;        /* so many are of the domain; the others follow */
};

/* Fills the empty struct; mx is NULL if no MX host is known. */
void sources_fill(struct sources *s, const char *domain, const char *address,
    const char *mx);
void sources_free(struct sources *s);

#endif
