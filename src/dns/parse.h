/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers of name servers (RFC 1035 section 4), which anybody may have
 * written: octets in, values out.  Asks nobody.
 */
#ifndef VEREDUS_DNS_PARSE_H
#define VEREDUS_DNS_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/dns.h"

/* What the length before a message over TCP can say. */
#define DNS_MESSAGE_MAX 65535

/* How many aliases may lead to a name. */
#define DNS_ALIASES_MAX 8

/*
 * Fills an empty answer from a message.  One that is damaged anywhere, is cut
 * short, or answers another question, is DNS_FAILED as a whole.  The answer is
 * secure when AD is set: whether to believe that is the caller's decision.
 *
 * False when there is more to ask: answer->name is an alias' target that the
 * message says nothing about, the status DNS_NO_DATA until somebody knows
 * better.
 */
bool dns_parse(const unsigned char *message, size_t len, const char *name,
    enum dns_type type, struct dns_answer *answer);

/* The number of a type (RFC 1035 section 3.2.2). */
int dns_type_number(enum dns_type type);
/* What a server means by a code other than success (section 4.1.1). */
const char *dns_code_text(int code);

#endif
