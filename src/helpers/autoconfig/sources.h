/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the autoconfig document of a domain may be, in the order in which they are
 * asked.  Only the first is told the address, and only the last belongs to a third
 * party, which is told the domain.
 */
#ifndef VEREDUS_HELPERS_AUTOCONFIG_SOURCES_H
#define VEREDUS_HELPERS_AUTOCONFIG_SOURCES_H

enum source { SOURCE_HOST, SOURCE_WELL_KNOWN, SOURCE_DATABASE, SOURCES };

/* The URL for people, and the one of the request with its query; the caller frees
 * them. */
char *source_name(enum source source, const char *domain);
char *source_url(enum source source, const char *domain, const char *address);

#endif
