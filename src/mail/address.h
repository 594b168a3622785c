/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Address lists (RFC 5322 section 3.4, with the obsolete forms of 4.4).
 *
 * Knows syntax and nothing of where mail goes.  Addresses are octets: those
 * over 127 stay as they are (RFC 6532).  What an attacker could smuggle in by
 * folding, by quoted strings or by encoded words is refused, never decoded.
 */
#ifndef VEREDUS_MAIL_ADDRESS_H
#define VEREDUS_MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

struct address {
	char *name;   /* the display name without quotes, or NULL; encoded
	               * words (RFC 2047) stay as they are */
	char *text;   /* addr-spec without comments and folding, the local part
	               * quoted only where it must be */
	char *local;  /* the local part without quotes */
	char *domain; /* NULL: a bare name such as root */
	size_t start; /* where the addr-spec stands in the list, comments and */
	size_t end;   /* folding inside it included */
};

struct address_list {
	struct address *items;
	size_t count;
	size_t size; /* room in items */
};

/*
 * Appends the addresses of a list: mailboxes and the members of groups.
 * Taken, too: bare names, empty elements, a group without its ";", a ";"
 * where a comma should be, routes (dropped), a dot at the end of a domain
 * (dropped), dots at odd places of a local part (quoted).  An empty list is
 * no error.
 * Errors: ERROR_ADDRESS, which names the text and the place; the list is as
 * it was then.  So are commands, files, :include: and \user in the manner of
 * sendmail, quoted or not: they are nobody's address.
 */
bool address_parse(struct address_list *list, const char *text, size_t len,
    struct error *err);

/* Appends local as it must stand in an addr-spec: quoted if necessary. */
void address_quote_local(struct str *out, const char *local);

void address_list_free(struct address_list *list);

#endif
