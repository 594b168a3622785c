/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Address lists (RFC 5322 section 3.4, with the obsolete forms of section
 * 4.4).
 *
 * Knows the syntax, not where mail goes.  Octets over 127 are kept (RFC 6532).
 * Folding, quoted strings and encoded words that an attacker could use to hide
 * an address are rejected, never decoded.
 */
#ifndef VEREDUS_MAIL_ADDRESS_H
#define VEREDUS_MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

struct address {
	char *text;    /* addr-spec without comments and folding; its local part
	               * is quoted only if necessary */
	char *local;   /* the local part without quotes */
	char *domain;  /* NULL for a bare name such as root */
	bool has_name; /* a display name precedes it */
	size_t
	    start;  /* range of the addr-spec in the list, with the comments */
	size_t end; /* and folding inside it */
	/* Range of a display name that is not a phrase (RFC 5322 section
	 * 3.2.5) and must be quoted; equal: there is none. */
	size_t name_start;
	size_t name_end;
};

struct address_list {
	struct address *items;
	size_t count;
	size_t size;   /* room in items */
	size_t groups; /* among the elements */
	size_t routes; /* that were dropped */
};

/*
 * Parses an address list and appends its mailboxes and the members of its
 * groups.  An empty list is no error.
 *
 * Also accepts: bare names, empty elements, a group without its ";", a ";"
 * instead of a comma, a route and a dot at the end of a domain (both are
 * dropped), and dots anywhere in a local part (which is then quoted).  Before
 * the "<" of an address, any text without comma, semicolon, "<" and unclosed
 * quote or comment is its name.  "<>" and "Name <>" stand for no address.
 *
 * Errors: ERROR_ADDRESS, which quotes the text and the place; the list is then
 * unchanged.  Commands, files, :include: and \user, which only sendmail's
 * local delivery understands, are such errors, quoted or not.
 */
bool address_parse(struct address_list *list, const char *text, size_t len,
    struct error *err);

/* Appends the local part as an addr-spec needs it: quoted if necessary. */
void address_quote_local(struct str *out, const char *local);

void address_list_free(struct address_list *list);

#endif
