/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks the sources one after the other, up to the first whose document has a server
 * with TLS, and says what was found.
 *
 * The result has one of these forms, of lines that end with LF; words are separated
 * by one space, and the text at the end of a line may have more of them:
 *
 *   source URL                            the document is from there
 *   title TEXT                            the name of the provider, if it has one
 *   note TEXT                             what the person must do, if it says so
 *   help URL                              a page about that, if it names one
 *   server HOST PORT TLS AUTH [USER]      in the order of the document, up to
 *                                         DOCUMENT_SERVERS_MAX
 *   end
 *
 *   absent TEXT       no source has a usable document, and why
 *   end
 *
 *   unreachable TEXT  the database did not reply, so that another attempt may help
 *   end
 *
 * TLS is tls, starttls or plain.  AUTH is password, oauth2, gssapi, ntlm, external,
 * none or unknown.  USER is missing if only the person knows it.
 */
#ifndef VEREDUS_HELPERS_AUTOCONFIG_SEARCH_H
#define VEREDUS_HELPERS_AUTOCONFIG_SEARCH_H

#include "base/str.h"
#include "helpers/fetch.h"

/* Borrowed. */
struct search_question {
	const char *domain;  /* in ASCII */
	const char *address; /* has a domain, perhaps another one */
	const char *mx;      /* the MX host of the domain, or NULL */
};

/* Appends the result. */
void search_sources(struct fetch *f, const struct search_question *q,
    struct str *out);

#endif
