/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses responses of name servers (RFC 1035 section 4), which are untrusted
 * input.  Sends nothing.
 */
#ifndef VEREDUS_DNS_PARSE_H
#define VEREDUS_DNS_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/answer.h"

/* The longest message over TCP (RFC 1035 section 4.2.2). */
#define DNS_MESSAGE_MAX 65535

/* The highest number of aliases that are followed for one question. */
#define DNS_ALIASES_MAX 8
/* The records that are used; further ones are ignored. */
#define DNS_RECORDS_MAX 1024
extern const char dns_too_many_aliases[];

/*
 * Fills an empty answer from a response.  A response that is malformed or
 * truncated, or belongs to another question, makes the answer DNS_FAILED.  The
 * answer is secure if the AD flag is set; the caller decides whether to trust
 * that flag.
 *
 * Returns false if another query is needed: answer->name is then the target of
 * an alias about which the message says nothing more.
 */
bool dns_parse(const unsigned char *message, size_t len, const char *name,
    enum dns_type type, struct dns_answer *answer);

/* The number of a type on the wire (RFC 1035 section 3.2.2). */
int dns_type_number(enum dns_type type);
/* Describes a response code other than success (RFC 1035 section 4.1.1). */
const char *dns_code_text(int code);

#endif
