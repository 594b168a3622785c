/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Domain names in DNS messages (RFC 1035 sections 3.1 and 4.1.4).  dn_expand() of
 * the C library is not used, because that of musl escapes nothing, so that the
 * label "a.b" would look like two.
 */
#ifndef VEREDUS_DNS_NAME_H
#define VEREDUS_DNS_NAME_H

#include <stddef.h>

/* The room for the longest text, with its NUL. */
#define DNS_NAME_MAX 1025

/*
 * Reads the name at `at` in the message from start to end.  Stores its text, escaped
 * as in zone files (RFC 4343 section 2.1) and without the last dot; the root is "".
 * Returns the octets that the name takes at its place, or 0 if it is malformed: a
 * pointer that does not lead back, an unknown kind of label, or more than 255
 * octets.
 */
size_t dns_name_read(const unsigned char *start, const unsigned char *end,
    const unsigned char *at, char text[DNS_NAME_MAX]);

#endif
