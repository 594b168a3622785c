/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Patterns of addresses: an addr-spec that may contain the wildcards *, ? and
 * [ ].  Domains are compared without regard to case, local parts octet by
 * octet (RFC 5321 section 2.4).
 */
#ifndef VEREDUS_MAIL_PATTERN_H
#define VEREDUS_MAIL_PATTERN_H

#include <stdbool.h>

/* Whether the address matches the pattern or is equal to it. */
bool pattern_matches(const char *pattern, const char *address);
/* Whether the text is a pattern with wildcards, not an address. */
bool pattern_has_wildcard(const char *text);

#endif
