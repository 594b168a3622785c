/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Patterns of addresses: an addr-spec in which * ? and [ ] stand for others.
 * Domains are compared without regard to case, local parts octet by octet
 * (RFC 5321 section 2.4).
 */
#ifndef VEREDUS_MAIL_PATTERN_H
#define VEREDUS_MAIL_PATTERN_H

#include <stdbool.h>

/* Whether the address fits the pattern, or is what stands there. */
bool pattern_matches(const char *pattern, const char *address);
/* Whether it stands for other addresses, so is none itself. */
bool pattern_has_wildcard(const char *text);

#endif
